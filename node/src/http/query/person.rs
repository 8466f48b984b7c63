//! Somebody: what they say of themselves, what they are in which committee, what they wrote.
//!
//! Bounds: [`ENTRIES`] entries of one committee are counted by kind, the newest, and [`DOCUMENTS`] documents listed.

use std::collections::BTreeMap;

use althing_protocol::authority::{Does, Why};
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::kind::json::fields;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::question::counting;
use super::{Hex, Named, time, words};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load;

/// Entries of one committee whose kinds are counted.
pub(crate) const ENTRIES: usize = 2000;

/// Documents of one committee that are listed.
pub(crate) const DOCUMENTS: usize = 200;

/// Somebody.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Profile {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) about: Option<String>,
    /// Other places and names, as their profile lists them.
    pub(crate) links: Vec<Json>,
    /// Addresses and handles that they linked, each an act of its own; those with an address proved it.
    pub(crate) proofs: Vec<Fact>,
    /// Interests in their profile.
    pub(crate) interests: Vec<Json>,
    /// Interests that they disclosed in acts of their own.
    pub(crate) disclosures: Vec<Fact>,
    /// Whether it is this node's owner.
    pub(crate) own: bool,
    /// Whether this node refuses their bodies.
    pub(crate) refused: bool,
    pub(crate) committees: Vec<Part>,
}

/// An act in somebody's identity that counts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Fact {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) time: Option<u64>,
    pub(crate) text: Option<String>,
    pub(crate) fields: Json,
}

/// What somebody is and did in one committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Part {
    pub(crate) committee: Named,
    pub(crate) founder: bool,
    pub(crate) member: bool,
    pub(crate) roles: Vec<Held>,
    /// Documents that they opened in the record, the newest first.
    pub(crate) documents: Vec<Named>,
    /// Their entries here, in the record and on the floor.
    pub(crate) entries: usize,
    pub(crate) floor: usize,
    /// How many of them by kind; of more than are counted, the newest.
    pub(crate) kinds: BTreeMap<String, usize>,
    /// Claimed times of the first and the last of those that are counted, in milliseconds since 1970.
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
}

/// A role that was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Held {
    #[schema(value_type = Hex)]
    pub(crate) grant: Id,
    pub(crate) role: String,
    pub(crate) scope: Option<Named>,
    /// `held`, `shaky` or `revoked`.
    pub(crate) state: &'static str,
    /// When it was granted, claimed.
    pub(crate) time: Option<u64>,
    #[schema(value_type = Vec<Hex>)]
    pub(crate) revoked_by: Vec<Id>,
}

/// Everything about somebody whose identity is here.
pub(crate) fn profile(context: &Context, id: Id) -> Result<Profile, Problem> {
    let loaded = context.cache.identity(&context.ingest, id)?;
    let document = &loaded.document;
    let items = |name: &str| {
        let list = document.content().lists.get(name);
        let items = list.map(|list| list.items.as_slice()).unwrap_or_default().iter();
        items
            .filter_map(|item| Some(fields(&item.values.first()?.value)))
            .collect::<Vec<Json>>()
    };
    let acts = |kind: &'static str| {
        let shown = counting(document, kind).map(|act| Fact {
            id: act.id,
            time: time(&loaded, act.id),
            text: words(document, act).map(str::to_owned),
            fields: act.fields().map_or(Json::Null, fields),
        });
        // Identities belong to no record: what counts there counts.
        shown.collect::<Vec<Fact>>()
    };
    let committees: Vec<Id> = context.ingest.read(|state| {
        let (graph, me) = (state.graph(), state.graph().num(&id));
        let knows = |c: &&althing_protocol::committee::Committee| {
            me.is_some_and(|me| c.was_member(me) || !c.written_by(me).is_empty())
        };
        state.committees().filter(knows).map(|c| graph.id(c.root())).collect()
    });
    Ok(Profile {
        id,
        kind: "identity".to_owned(),
        name: loaded.text("name").map(str::to_owned),
        about: loaded.text("about").map(str::to_owned),
        links: items("links"),
        proofs: acts("link"),
        interests: items("disclosures"),
        disclosures: acts("disclose"),
        own: context.ingest.home().identity() == id,
        refused: context.ingest.store().withheld().is_refused(&id),
        committees: committees
            .into_iter()
            .map(|committee| part(context, committee, id))
            .collect::<Result<_, _>>()?,
    })
}

/// Grant, role, scope, in which state, and the grants through which its signers sign.
type RawRole = (Id, String, Option<Id>, &'static str, Vec<Id>);

struct Raw {
    founder: bool,
    member: bool,
    roles: Vec<RawRole>,
    documents: Vec<Id>,
    entries: usize,
    floor: usize,
    kinds: BTreeMap<String, usize>,
    times: Vec<u64>,
}

fn part(context: &Context, committee: Id, person: Id) -> Result<Part, Problem> {
    let raw = context.ingest.read(|state| {
        let what = "committee";
        let found = state
            .committee(&committee)
            .ok_or(Problem::NotHere { what, id: committee })?;
        let graph = state.graph();
        let me = graph.num(&person).ok_or(Problem::NotHere {
            what: "identity",
            id: person,
        })?;
        let authority = found.authority();
        let granted = authority.holding(graph).granted();
        let grants = granted.get(&me).copied().unwrap_or_default().iter();
        let roles = grants.filter_map(|grant| {
            let Does::Grant { role, scope, .. } = &authority.act(*grant)?.does else {
                return None;
            };
            let state = match authority.why(*grant, graph)? {
                Why::Standing => "held",
                Why::Revoked => "revoked",
                _ => "shaky",
            };
            let by = authority.revocations(*grant).iter().map(|n| graph.id(*n)).collect();
            Some((graph.id(*grant), role.clone(), scope.map(|n| graph.id(n)), state, by))
        });
        let mut written = found.written_by(me).to_vec();
        written.sort_unstable_by_key(|n| std::cmp::Reverse(graph.rank(*n)));
        let in_record = |n: &&Num| found.record().contains(**n, graph);
        let documents = written
            .iter()
            .filter(in_record)
            .filter(|n| graph.node(**n).class == Class::Document);
        let mut kinds = BTreeMap::new();
        let mut times = Vec::new();
        for num in written.iter().take(ENTRIES) {
            // What cannot be read is counted as what it is: one entry more.
            if let Ok(stored) = load::header(&context.ingest, *num, &graph.id(*num)) {
                *kinds.entry(stored.header.kind).or_insert(0) += 1;
                times.push(stored.header.time);
            }
        }
        Ok::<_, Problem>(Raw {
            founder: authority.founders().contains(&me),
            member: found.is_member(me),
            roles: roles.collect(),
            documents: documents.take(DOCUMENTS).map(|n| graph.id(*n)).collect(),
            entries: written.len(),
            floor: written.len() - written.iter().filter(in_record).count(),
            kinds,
            times,
        })
    })?;
    let home = context.cache.load(&context.ingest, committee)?;
    let held = |(grant, role, scope, state, revoked_by): (Id, String, Option<Id>, &'static str, Vec<Id>)| Held {
        grant,
        role,
        scope: scope.map(|id| Named::find(context, id)),
        state,
        time: time(&home, grant),
        revoked_by,
    };
    Ok(Part {
        committee: Named::of(&home),
        founder: raw.founder,
        member: raw.member,
        roles: raw.roles.into_iter().map(held).collect(),
        documents: raw.documents.into_iter().map(|id| Named::find(context, id)).collect(),
        entries: raw.entries,
        floor: raw.floor,
        kinds: raw.kinds,
        first: raw.times.iter().min().copied(),
        last: raw.times.iter().max().copied(),
    })
}
