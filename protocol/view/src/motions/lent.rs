//! Who lends their voice to whom as of a day: delegations, the cycles among them, and what each chain carries (R39).
//!
//! Bounded: a chain is followed over at most [`HOPS`] delegations; what it still carries stays with whom it has reached.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::motions::shared::{made, plain};
use crate::{Act, Doc, World};
use althing_protocol::document::Effect;
use althing_protocol::hash::Id;

/// Delegations that one chain is followed over.
pub(crate) const HOPS: usize = 32;

/// The whole, in parts per million.
const WHOLE: u64 = 1_000_000;

/// A delegation and what has become of it.
pub(crate) struct Delegation<'a> {
    pub(crate) doc: Id,
    pub(crate) act: Act<'a>,
    pub(crate) from: Day,
    pub(crate) until: Option<Day>,
    pub(crate) standing: &'static str,
}

/// The standing delegations of one document and one scope.
#[derive(Default)]
pub(crate) struct Circle {
    /// Who lends to whom, and which share.
    pub(crate) lends: BTreeMap<Id, (Id, u64)>,
    /// Rings of people who lend to each other; each begins with its lowest id. Nothing passes along them.
    pub(crate) rings: Vec<Vec<Id>>,
}

/// What one person lends to another, over whom.
pub(crate) struct Lent {
    pub(crate) of: Id,
    pub(crate) to: Id,
    pub(crate) via: Vec<Id>,
    pub(crate) share: u64,
}

/// All delegations, in the order of their documents, then as they were made.
pub(crate) fn delegations<'a>(world: &World<'a>, only: Option<&Doc<'_>>) -> Vec<Delegation<'a>> {
    let mut out = Vec::new();
    for doc in world
        .everything()
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        let acts: Vec<Act<'a>> = said(doc).filter(|act| made(world, act.when)).collect();
        let last: BTreeMap<Id, Id> = acts.iter().map(|act| (act.by, act.id)).collect();
        let contradicted: BTreeSet<Id> = acts
            .iter()
            .filter(|act| last.get(&act.by) == Some(&act.id) && act.outcome.effect == Effect::Conflict)
            .map(|act| act.by)
            .collect();
        out.extend(acts.into_iter().map(|act| {
            let from = act.day("from").unwrap_or_else(|| Day::of(act.when.claimed));
            let until = act.day("until");
            let today = world.today();
            let standing = match () {
                () if act.outcome.effect == Effect::Conflict && contradicted.contains(&act.by) => "contradicted",
                () if last.get(&act.by) != Some(&act.id) => "replaced",
                () if act.fields.is_none() => "unknown",
                () if act.named("to").is_none() => "taken back",
                () if today < from => "not yet",
                () if until.is_some_and(|until| today > until) => "over",
                () => "standing",
            };
            Delegation {
                doc: doc.id(),
                act,
                from,
                until,
                standing,
            }
        }));
    }
    out
}

/// What people said of delegating, in canonical order, with what they or their other device said otherwise.
fn said<'d, 'a>(doc: &'d Doc<'a>) -> impl Iterator<Item = Act<'a>> + 'd {
    let document = doc.document;
    let counted = [Effect::Effective, Effect::Superseded, Effect::Conflict];
    let acts = document.acts().filter(|act| act.in_record && act.kind == "delegate");
    acts.filter(move |act| counted.contains(&act.effect))
        .map(|outcome| Act {
            id: outcome.id,
            by: outcome.by,
            when: doc.when(outcome.id),
            fields: outcome.fields(),
            outcome,
        })
}

/// What stands, by document in their order and by scope.
pub(crate) fn circles(delegations: &[Delegation<'_>]) -> Vec<(Id, Option<String>, Circle)> {
    let mut out: Vec<(Id, Option<String>, Circle)> = Vec::new();
    let mut places: BTreeMap<(Id, Option<String>), usize> = BTreeMap::new();
    for delegation in delegations
        .iter()
        .filter(|delegation| delegation.standing == "standing")
    {
        let Some(to) = delegation.act.named("to") else { continue };
        let scope = delegation.act.text("scope").map(plain);
        let place = *places.entry((delegation.doc, scope.clone())).or_insert(out.len());
        if place == out.len() {
            out.push((delegation.doc, scope, Circle::default()));
        }
        let share = delegation.act.int("share").unwrap_or(WHOLE);
        if let Some((.., circle)) = out.get_mut(place) {
            circle.lends.insert(delegation.act.by, (to, share));
        }
    }
    for (.., circle) in &mut out {
        circle.rings = circle.find_rings();
    }
    out
}

impl Circle {
    /// Each person lends to one at most, so whoever is met again on a walk is on a ring.
    fn find_rings(&self) -> Vec<Vec<Id>> {
        let mut walked: BTreeSet<Id> = BTreeSet::new();
        let mut rings = Vec::new();
        for start in self.lends.keys() {
            let mut path: Vec<Id> = Vec::new();
            let mut here = *start;
            let mut on_path: BTreeSet<Id> = BTreeSet::new();
            while let Some((next, _)) = self.lends.get(&here).filter(|_| walked.insert(here)) {
                path.push(here);
                on_path.insert(here);
                here = *next;
            }
            if on_path.contains(&here) {
                let mut ring: Vec<Id> = path.into_iter().skip_while(|id| *id != here).collect();
                let lowest = ring.iter().enumerate().min_by_key(|(_, id)| **id).map_or(0, |(n, _)| n);
                ring.rotate_left(lowest);
                rings.push(ring);
            }
        }
        rings.sort();
        rings
    }

    /// What somebody lends, step by step: each passes on their share of what reaches them, rounded down, and keeps the
    /// rest. A ring passes nothing on.
    pub(crate) fn lent(&self, of: Id, ringed: &BTreeSet<Id>) -> Vec<Lent> {
        let mut out = Vec::new();
        let (mut here, mut carried, mut via) = (of, WHOLE, Vec::new());
        for hop in 1..=HOPS {
            let next = self.lends.get(&here).filter(|_| !ringed.contains(&here));
            let Some((to, share)) = next else { break };
            let passed = u64::try_from(u128::from(carried) * u128::from(*share) / u128::from(WHOLE)).unwrap_or(0);
            if here != of {
                out.push(Lent {
                    of,
                    to: here,
                    via: via.clone(),
                    share: carried - passed,
                });
                via.push(here);
            }
            (here, carried) = (*to, passed);
            if hop == HOPS {
                break;
            }
        }
        if here != of {
            out.push(Lent {
                of,
                to: here,
                via,
                share: carried,
            });
        }
        out.retain(|lent| lent.share > 0);
        out
    }

    /// Everybody on a ring.
    pub(crate) fn ringed(&self) -> BTreeSet<Id> {
        self.rings.iter().flatten().copied().collect()
    }
}
