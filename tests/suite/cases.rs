//! The named cases of the design: what an implementation gets wrong.
//!
//! Each test bears the name of its case. The nodes in them compute everything anew after every step and compare
//! (`kit::check`), so a case that leads the incremental state astray fails even where nothing is asserted about it.

#![allow(clippy::indexing_slicing, reason = "a test that meets the unexpected has to stop")]

mod authority;
mod budget;
mod bytes;
mod fork;
mod histories;
mod identity;
mod revoke;
mod stranger;

use althing_protocol::entry::Verified;
use althing_protocol::floor;
use althing_protocol::hash::Id;
use althing_protocol::state::{Limits, Outcome};
use althing_protocol::waiting;
use althing_tests::kit::{Dice, Person, Replica, Town};

/// A node that took these in, in this order; and the certainty that any other order, with repetitions, gives the same.
fn agree(town: &Town, entries: &[Verified]) -> Replica {
    let mut first = Replica::new(Limits::default(), &[town.id]);
    first.offer_all(entries);
    for seed in 0..6 {
        let mut other = Replica::new(Limits::default(), &[town.id]);
        other.offer_all(&shuffled(entries, seed));
        assert_eq!(other.summary(town.id), first.summary(town.id), "order {seed}");
        assert_eq!(other.admitted(), first.admitted(), "order {seed}");
        assert_eq!(other.waiting(), first.waiting(), "order {seed}");
        assert_eq!(other.forks(), first.forks(), "order {seed}");
        assert_eq!(
            other.restarted().summary(town.id),
            first.summary(town.id),
            "restart after order {seed}"
        );
    }
    assert_eq!(
        first.restarted().summary(town.id),
        first.summary(town.id),
        "after a restart"
    );
    first
}

/// In another order, a third of them twice.
fn shuffled(entries: &[Verified], seed: u64) -> Vec<Verified> {
    let mut dice = Dice::new(seed);
    let mut list = entries.to_vec();
    list.extend(entries.iter().filter(|_| dice.chance(33)).cloned());
    dice.shuffle(&mut list);
    list
}

/// Entries in one list.
fn all(lists: &[&[Verified]]) -> Vec<Verified> {
    lists.concat()
}

/// A node that keeps at most so much of what no record holds.
fn limits(floor: u32, pool: usize) -> Limits {
    Limits {
        floor: floor::Limits {
            per_key: floor,
            total: floor,
            ..floor::Limits::default()
        },
        waiting: waiting::Limits {
            per_source: pool,
            total: pool,
            ..waiting::Limits::default()
        },
        own: None,
    }
}

fn is_admitted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Admitted(_))
}

fn ids(entries: &[Verified]) -> Vec<Id> {
    entries.iter().map(Verified::id).collect()
}

fn person(name: &str) -> Person {
    Person::new(name)
}
