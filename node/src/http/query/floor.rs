//! The floor of a committee: entries that nobody has taken up yet.
//!
//! Bound: whoever asks says how many; only those are computed.

use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use serde::Serialize;
use utoipa::ToSchema;

use super::duty::excerpt;
use super::{Hex, Named, Person, words};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load;

/// An entry on the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Newcomer {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) kind: String,
    pub(crate) doc: Named,
    pub(crate) by: Person,
    /// Claimed milliseconds since 1970.
    pub(crate) time: u64,
    /// The beginning of what it says.
    pub(crate) text: Option<String>,
    /// Whether its author was a member before: then somebody removed them.
    pub(crate) was_member: bool,
    /// Entries that come into the record with it, itself included.
    pub(crate) takes_up: usize,
}

/// Some entries of a committee's floor, what others build on first, and how many there are in all.
pub(crate) fn floor(
    context: &Context,
    committee: Id,
    skip: usize,
    most: usize,
) -> Result<(Vec<Newcomer>, usize), Problem> {
    type Raw = (Id, Id, Id, String, u64, bool, usize);
    let (raw, total) = context.ingest.read(|state| {
        let what = "committee";
        let found = state
            .committee(&committee)
            .ok_or(Problem::NotHere { what, id: committee })?;
        let graph = state.graph();
        let mut all = state.floor_of(found);
        all.sort_unstable_by_key(|n| graph.rank(*n));
        let raw = |n: &Num| {
            let id = graph.id(*n);
            let header = load::header(&context.ingest, *n, &id)?.header;
            let author = graph.author(*n);
            let with = state.would_take_up(found, &[*n]);
            let (doc, by) = (graph.id(graph.node(*n).doc), graph.id(author));
            Ok((id, doc, by, header.kind, header.time, found.was_member(author), with))
        };
        let some = all
            .iter()
            .skip(skip)
            .take(most)
            .map(raw)
            .collect::<Result<Vec<Raw>, Problem>>()?;
        Ok::<_, Problem>((some, all.len()))
    })?;
    let shown = raw.into_iter().map(|(id, doc, by, kind, time, was_member, takes_up)| {
        let loaded = context.cache.load(&context.ingest, doc).ok();
        let said = loaded
            .as_ref()
            .and_then(|l| words(&l.document, l.document.outcome(id)?));
        Newcomer {
            id,
            kind,
            text: said.map(excerpt),
            doc: loaded
                .as_ref()
                .map_or_else(|| Named::find(context, doc), |l| Named::of(l)),
            by: Person::new(context, by),
            time,
            was_member,
            takes_up,
        }
    });
    Ok((shown.collect(), total))
}
