//! Committees that continue others: a fork that its founders signed.
//!
//! Bound: [`LOOKED_AT`] committees are looked at.

use althing_protocol::hash::Id;

use crate::http::context::Context;

/// Committees that are looked at for what they continue.
const LOOKED_AT: usize = 1000;

/// The committees here that continue this one.
pub(crate) fn forks(context: &Context, id: Id) -> Vec<Id> {
    let others: Vec<Id> = context.ingest.read(|state| {
        let all = state.committees().map(|committee| state.graph().id(committee.root()));
        all.filter(|other| *other != id).take(LOOKED_AT).collect()
    });
    let continues = |other: &Id| {
        let loaded = context.cache.load(&context.ingest, *other);
        loaded.is_ok_and(|loaded| loaded.named("continues") == Some(id))
    };
    others.into_iter().filter(continues).collect()
}
