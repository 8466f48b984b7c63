//! One entry: everything that its header says, and what became of it.
//!
//! Bound: as large as one entry.

use althing_protocol::document::json as values;
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::kind::json::{change, fields};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use super::{Hex, Named, Person};
use crate::http::api::show::{Names, control};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load;

/// An entry in detail.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Facts {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) kind: String,
    /// The committee or identity in whose space it stands.
    pub(crate) space: Named,
    /// Its document; itself for a root.
    pub(crate) doc: Named,
    pub(crate) by: Person,
    /// The key that signed it.
    #[schema(value_type = Hex)]
    pub(crate) key: althing_protocol::hash::Key,
    /// The `enroll` under which the key signs for its identity.
    #[schema(value_type = Option<Hex>)]
    pub(crate) cert: Option<Id>,
    /// Its place in the log of that key.
    pub(crate) seq: u64,
    #[schema(value_type = Option<Hex>)]
    pub(crate) prev: Option<Id>,
    #[schema(value_type = Vec<Hex>)]
    pub(crate) after: Vec<Id>,
    #[schema(value_type = Vec<Hex>)]
    pub(crate) auth: Vec<Id>,
    /// Claimed milliseconds since 1970.
    pub(crate) time: u64,
    /// A block of a chain that was final when it was written.
    pub(crate) not_before: Json,
    /// The earliest final block that shows that it existed; null where this node knows of none.
    pub(crate) not_after: Json,
    pub(crate) control: Option<Json>,
    /// `none`, `here`, `absent` or `erased`.
    pub(crate) body: &'static str,
    /// Bytes of the body.
    pub(crate) len: u64,
    #[schema(value_type = Hex)]
    pub(crate) body_hash: althing_protocol::hash::Hash,
    /// What the body says, as its kind's fields; null where it is not here or breaks its schema.
    pub(crate) fields: Json,
    pub(crate) effect: Option<&'static str>,
    #[schema(value_type = Option<crate::http::api::shape::Cause>)]
    pub(crate) cause: Option<Json>,
    /// Whether it is in the record. Entries of identities are in those of the committees that need them.
    pub(crate) record: bool,
    /// Entries here that name it.
    pub(crate) namers: u32,
    /// The versions of the document that its author had seen.
    #[schema(value_type = Vec<Hex>)]
    pub(crate) saw: Vec<Id>,
    #[schema(value_type = Vec<Hex>)]
    pub(crate) amendments: Vec<Id>,
    #[schema(value_type = Option<Hex>)]
    pub(crate) retracted: Option<Id>,
    /// Why this node does not keep its body.
    pub(crate) erased: Option<Json>,
    /// The signature over its header, hexadecimal.
    pub(crate) signature: String,
    /// Other entries that its key signed in the same place: it forked.
    #[schema(value_type = Vec<Hex>)]
    pub(crate) forks: Vec<Id>,
}

/// Everything about an entry that is here.
pub(crate) fn facts(context: &Context, id: Id) -> Result<Facts, Problem> {
    let (stored, doc, space, by, namers, in_record, forks) = context.ingest.read(|state| {
        let graph = state.graph();
        let num = graph.num(&id).ok_or(Problem::NotHere { what: "entry", id })?;
        let node = graph.node(num);
        let stored = load::header(&context.ingest, num, &id)?;
        let of = |num: Num| graph.id(num);
        let beside = graph.log_of(num).forks().find(|(seq, _)| *seq == node.seq);
        let forks = beside.into_iter().flat_map(|(_, all)| all.to_vec());
        let forks: Vec<Id> = forks.filter(|n| *n != num).map(of).collect();
        Ok::<_, Problem>((
            stored,
            of(node.doc),
            of(node.space),
            of(graph.author(num)),
            node.namers,
            node.records > 0,
            forks,
        ))
    })?;
    let header = stored.header;
    let loaded = context.cache.load(&context.ingest, doc).ok();
    let outcome = loaded.as_ref().and_then(|loaded| loaded.document.outcome(id));
    let said = outcome.map_or(Json::Null, |outcome| match (outcome.fields(), outcome.change()) {
        (Some(record), _) => fields(record),
        (_, Some(changed)) => change(changed),
        _ => Json::Null,
    });
    let notice = loaded.as_ref().and_then(|loaded| loaded.withheld.get(&id));
    Ok(Facts {
        id,
        kind: header.kind,
        space: Named::find(context, space),
        doc: loaded
            .as_ref()
            .map_or_else(|| Named::find(context, doc), |loaded| Named::of(loaded)),
        by: Person::new(context, by),
        key: header.by,
        cert: header.cert,
        seq: header.seq,
        prev: header.prev,
        after: header.after,
        auth: header.auth,
        time: header.time,
        not_before: json!(header.not_before),
        not_after: dated(context, id),
        control: header.control.as_ref().and_then(control),
        body: outcome.map_or("absent", |outcome| values::status(outcome.body)),
        len: header.len,
        body_hash: header.body_hash,
        fields: said,
        effect: outcome.map(|outcome| outcome.effect.name()),
        cause: outcome.and_then(|outcome| Some(outcome.cause.as_ref()?.to_json())),
        record: in_record,
        namers,
        saw: outcome.and_then(|outcome| outcome.saw.clone()).unwrap_or_default(),
        amendments: outcome.map(|outcome| outcome.amendments.clone()).unwrap_or_default(),
        retracted: outcome.and_then(|outcome| outcome.retracted),
        erased: notice.map(|notice| Names(context).notice(notice)),
        signature: HEXLOWER.encode(&stored.signature),
        forks,
    })
}

/// The earliest final block, by the anchors of any committee here, that shows that an entry existed.
fn dated(context: &Context, id: Id) -> Json {
    let committees: Vec<Id> = context.ingest.read(|state| {
        let graph = state.graph();
        let Some(num) = graph.num(&id) else { return Vec::new() };
        let holds = state.committees().filter(|c| c.record().contains(num, graph));
        holds.map(|c| graph.id(c.root())).collect()
    });
    let of = |committee| {
        let spans = context
            .times
            .spans(&context.ingest, committee, std::iter::once((id, None)));
        spans.ok()?.get(&id)?.not_after
    };
    let earliest = committees.into_iter().filter_map(of).min_by_key(|fact| fact.time);
    earliest.map_or(Json::Null, |fact| super::super::api::show::moment(&fact))
}
