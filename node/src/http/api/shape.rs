//! Shapes of answers that are put together as JSON, for the OpenAPI document alone.
//!
//! Whatever is made of typed values describes itself; these stand in for answers whose fields follow the kinds of
//! entries. A run of schemathesis over the whole API holds every answer to them (`tests/suite/openapi.rs`).

#![expect(dead_code, reason = "they describe what handlers put together as JSON")]

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::query::{Hex, Person};

/// A problem (RFC 9457): `detail` says what, why and what to do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: String,
}

/// An entry that was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct Written {
    /// None when there was nothing to change.
    #[schema(value_type = Option<Hex>)]
    id: String,
    effect: Option<String>,
    cause: Option<Cause>,
    /// What whoever wrote it should know.
    warning: Option<String>,
}

/// Why an entry counts for what it counts for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cause {
    rule: String,
    text: String,
    #[schema(value_type = Vec<Hex>)]
    entries: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    #[schema(value_type = Hex)]
    id: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TakenUp {
    #[schema(value_type = Option<Hex>)]
    id: Option<String>,
    #[schema(value_type = Vec<Hex>)]
    ids: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Committee {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    title: Option<String>,
    name: Option<String>,
    purpose: Option<String>,
    /// The committee that it goes on with.
    continues: Option<Continued>,
    /// Committees here that go on with it.
    forks: Vec<Continued>,
    /// Whether its root came.
    here: bool,
    /// Which bodies are kept; null where it is not followed.
    bodies: Option<Bodies>,
    #[schema(value_type = Option<Hex>)]
    digest: Option<String>,
    entries: u64,
    documents: u64,
    floor: u64,
    waiting: u64,
    founders: Option<Vec<Person>>,
    threshold: Option<u64>,
    #[schema(value_type = Option<Vec<Hex>>)]
    members: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Continued {
    #[schema(value_type = Hex)]
    id: String,
    name: Option<String>,
    reason: Option<String>,
}

/// `all`, `none`, or a list of documents.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Bodies {
    Word(BodiesWord),
    Docs(Vec<String>),
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodiesWord {
    All,
    None,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Digest {
    #[schema(value_type = Hex)]
    id: String,
    #[schema(value_type = Hex)]
    digest: String,
    entries: u64,
    documents: u64,
    floor: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    #[schema(value_type = Hex)]
    id: String,
    invitation: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Roles {
    founders: Vec<Person>,
    threshold: u64,
    items: Vec<Granted>,
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Granted {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    title: String,
    role: String,
    to: Person,
    #[schema(value_type = Option<Hex>)]
    scope: Option<String>,
    /// `held`, `open`, `shaky` or `revoked`.
    state: String,
    signatures: Vec<Signature>,
    #[schema(value_type = Vec<Hex>)]
    revoked_by: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Signature {
    #[schema(value_type = Hex)]
    entry: String,
    by: Person,
    #[schema(value_type = Vec<Hex>)]
    through: Vec<String>,
    counts: bool,
    cause: Option<Cause>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Parameter {
    name: String,
    /// None while it is contested.
    value: Option<u64>,
    contested: bool,
    #[schema(value_type = Vec<Hex>)]
    set_by: Vec<String>,
}

/// An entry in wire form.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exported {
    #[schema(value_type = Hex)]
    id: String,
    /// Hexadecimal.
    wire: String,
}

/// A document as one line of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Item {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    title: String,
    #[schema(value_type = Hex)]
    committee: String,
    state: Option<String>,
    by: Option<Person>,
    time: Option<u64>,
    entries: u64,
    source: Option<String>,
    record: bool,
}

/// A document: content, acts, state.
#[derive(Serialize, ToSchema)]
pub(crate) struct Document {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    title: Option<String>,
    #[schema(value_type = Hex)]
    committee: String,
    record: bool,
    by: Option<Person>,
    time: Option<u64>,
    body: Option<String>,
    owners: Vec<Owner>,
    /// By field: `{ values: [{ value, by, entry }] }`, or `{ items: [{ entry, n, values }] }` for lists. Several values
    /// are a conflict.
    content: Map<String, Value>,
    /// `{ name, by, … }` with the kind's facts, or empty.
    state: Map<String, Value>,
    /// Whether a body that could change it is not here.
    incomplete: bool,
    acts: Vec<Act>,
    /// Of an imported one: whose word it is. The authors of what was imported signed nothing here.
    imported: Option<Attested>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Attested {
    by: Person,
    note: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Owner {
    #[schema(value_type = Hex)]
    identity: String,
    part: Option<String>,
}

/// An act, with the fields of its kind beside these.
#[derive(Serialize, ToSchema)]
pub(crate) struct Act {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    by: Person,
    time: u64,
    not_before: Option<Value>,
    not_after: Option<Value>,
    /// `on_time`, `late` or `unproven`, where a deadline was asked about.
    timely: Option<String>,
    effect: String,
    cause: Option<Cause>,
    body: String,
    record: bool,
    #[schema(value_type = Option<Hex>)]
    reply_to: Option<String>,
    text: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Line {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    by: Person,
    seq: Option<u64>,
    #[schema(value_type = Option<Hex>)]
    prev: Option<String>,
    #[schema(value_type = Option<Vec<Hex>>)]
    after: Option<Vec<String>>,
    time: Option<u64>,
    /// The final block that its author had seen, where this node was told of it.
    #[schema(value_type = Option<Object>)]
    not_before: Option<Value>,
    /// The final block by which it existed.
    #[schema(value_type = Option<Object>)]
    not_after: Option<Value>,
    effect: String,
    cause: Option<Cause>,
    body: String,
    record: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Differences {
    fields: Vec<Difference>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Difference {
    field: String,
    /// Pairs of `=`, `-` or `+` and a text.
    changes: Vec<Vec<String>>,
}

/// A decision of this node's owner to withhold bodies.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notice {
    #[schema(value_type = Hex)]
    id: String,
    act: String,
    #[schema(value_type = Hex)]
    of: String,
    by: Person,
    time: u64,
    reason: String,
    /// The name of a refused identity.
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    #[schema(value_type = Hex)]
    id: String,
    body: String,
    erased: Map<String, Value>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Refused {
    #[schema(value_type = Hex)]
    id: String,
    refused: bool,
    notice: Option<Map<String, Value>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Status {
    api: String,
    peer: String,
    addresses: Vec<String>,
    peers: u64,
    #[schema(value_type = Hex)]
    identity: String,
    name: String,
    /// Whether what this machine signs counts: `living`, `retired`, `dropped`, `unknown`, or `waiting` to be enrolled.
    device: String,
    version: String,
    /// How far the search index is.
    search: crate::search::Progress,
    files: Files,
    entries: u64,
    committees: Vec<Committee>,
}

/// Files that entries name.
#[derive(Serialize, ToSchema)]
pub(crate) struct Files {
    /// How many are here.
    count: u64,
    /// Their bytes, those of files that are being fetched included.
    bytes: u64,
    /// How many they may take.
    budget: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Own {
    #[schema(value_type = Hex)]
    identity: String,
    name: String,
    #[schema(value_type = Hex)]
    device: String,
    peer: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// It works once.
    page: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Peer {
    peer: String,
    address: String,
    since: u64,
    committees: Vec<Shared>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Shared {
    #[schema(value_type = Hex)]
    id: String,
    #[schema(value_type = Option<Hex>)]
    digest: Option<String>,
    same: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Devices {
    #[schema(value_type = Hex)]
    identity: String,
    name: Option<String>,
    #[schema(value_type = Option<Hex>)]
    root: Option<String>,
    #[schema(value_type = Option<Hex>)]
    next: Option<String>,
    rotations: u64,
    #[schema(value_type = Vec<Hex>)]
    dead: Vec<String>,
    enrolled: bool,
    items: Vec<Device>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Device {
    #[schema(value_type = Hex)]
    id: String,
    kind: String,
    title: Option<String>,
    #[schema(value_type = Hex)]
    key: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    /// `living`, `retired`, `dropped` or `unknown`.
    status: String,
    #[schema(value_type = Vec<Hex>)]
    by: Vec<String>,
    time: Option<u64>,
    /// `device` or `node` for the keys of this machine.
    here: String,
    entries: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OwnEntries {
    #[schema(value_type = Hex)]
    identity: String,
    name: String,
    items: Vec<Exported>,
    next: Option<String>,
}

/// What a root key is to sign.
#[derive(Serialize, ToSchema)]
pub(crate) struct Drafted {
    /// Hexadecimal.
    header: String,
    body: Option<DraftedBody>,
    last: Vec<Last>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DraftedBody {
    salt: String,
    bytes: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Last {
    #[schema(value_type = Hex)]
    id: String,
    #[schema(value_type = Option<Hex>)]
    space: Option<String>,
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Adopted {
    #[schema(value_type = Hex)]
    identity: String,
    #[schema(value_type = Hex)]
    device: String,
    #[schema(value_type = Hex)]
    node: String,
}

/// What became of an entry that was handed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outcome {
    #[schema(value_type = Hex)]
    id: String,
    /// `admitted`, `known` or `waiting`.
    outcome: String,
    /// What a waiting one waits for.
    #[schema(value_type = Option<Vec<Hex>>)]
    missing: Option<Vec<String>>,
    /// This node's signed word that the entry is in its log, once it is in the record.
    receipt: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Identity {
    #[schema(value_type = Hex)]
    id: String,
    entries: Vec<Outcome>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Imported {
    results: Vec<ImportedOne>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedOne {
    source: String,
    /// `added`, `changed`, `already` or `skipped`.
    outcome: String,
    #[schema(value_type = Option<Hex>)]
    id: Option<String>,
    why: Option<String>,
    /// Of a topic its posts, of a register its holders: how many are here now.
    items: Option<u64>,
}

/// A document that somebody read elsewhere.
#[derive(Serialize, ToSchema)]
pub(crate) struct Batch {
    #[schema(max_items = 64)]
    documents: Vec<ToImport>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ToImport {
    /// Where it was read: the key of a later import.
    source: String,
    #[schema(value_type = Hex)]
    source_hash: String,
    kind: String,
    content: Map<String, Value>,
    /// That further parts of it follow in later requests, each with items of its lists.
    more: Option<bool>,
}

/// What a root key is asked to do: one of `enroll`, `retire` and `rotate`.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToDraft {
    /// The root key that will sign.
    #[schema(value_type = Hex)]
    by: String,
    enroll: Option<Map<String, Value>>,
    retire: Option<Map<String, Value>>,
    rotate: Option<Map<String, Value>>,
}
