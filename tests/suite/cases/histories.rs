//! Properties over random hostile histories.
//!
//! The seed is printed; `ALTHING_SEED` repeats it, `ALTHING_SOAK=20` tries twenty times as many.

use std::collections::BTreeSet;

use althing_protocol::entry::Verified;
use althing_protocol::hash::Id;
use althing_protocol::state::Limits;
use althing_tests::kit::history::{History, Step, history};
use althing_tests::kit::{Dice, Replica, dice};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
    let seed = dice::seed();
    ProptestConfig {
        cases: cases * dice::soak(),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..ProptestConfig::default()
    }
}

fn any_history(steps: usize) -> impl Strategy<Value = History> {
    let steps = proptest::collection::vec(any::<Step>(), 0..steps);
    (1_usize..=3, 1_u64..=3, steps).prop_map(|(founders, threshold, steps)| history("any", founders, threshold, &steps))
}

fn node(history: &History, entries: &[Verified]) -> Replica {
    let mut node = Replica::unchecked(Limits::default(), &[history.town.id]);
    node.offer_all(entries);
    node
}

/// A set with everything that its entries name, as far as it is in `from`.
fn closed(from: &[Verified], whole: &Replica, keep: impl Fn(&Id) -> bool) -> BTreeSet<Id> {
    let graph = whole.state.graph();
    let wanted = from.iter().map(Verified::id).filter(|id| keep(id));
    let mut open: Vec<_> = wanted.filter_map(|id| graph.num(&id)).collect();
    let mut set = BTreeSet::new();
    while let Some(num) = open.pop() {
        if set.insert(graph.id(num)) {
            open.extend_from_slice(graph.names(num));
        }
    }
    set
}

proptest! {
    #![proptest_config(config(1500))]

    /// Any order, any repetition, any split into batches, a restart anywhere.
    #[test]
    fn any_order_gives_the_same(history in any_history(40), seed in any::<u64>()) {
        let town = history.town.id;
        let first = node(&history, &history.entries);
        let mut dice = Dice::new(seed);
        for _ in 0..2 {
            let list = super::shuffled(&history.entries, dice.any());
            let mut other = Replica::unchecked(Limits::default(), &[town]);
            for batch in list.chunks(1 + dice.below(12)) {
                other.offer_all(batch);
                if let Some(committee) = other.state.committee_mut(&town) {
                    committee.record_mut().tree_mut().settle();
                }
            }
            prop_assert_eq!(other.summary(town), first.summary(town));
            prop_assert_eq!(other.admitted(), first.admitted());
            prop_assert_eq!(other.waiting(), first.waiting());
            prop_assert_eq!(other.forks(), first.forks());
            for entry in &history.entries {
                prop_assert_eq!(other.state.is_rejected(&entry.id()), first.state.is_rejected(&entry.id()));
            }
        }
        let mut halted = Replica::unchecked(Limits::default(), &[town]);
        let list = super::shuffled(&history.entries, dice.any());
        let (before, after) = list.split_at(dice.below(list.len()));
        halted.offer_all(before);
        let mut back = halted.restarted();
        prop_assert_eq!(back.summary(town), halted.summary(town));
        back.offer_all(after);
        // What waited was forgotten; it comes again.
        back.offer_all(before);
        prop_assert_eq!(back.summary(town), first.summary(town));
        prop_assert_eq!(back.admitted(), first.admitted());
        prop_assert_eq!(back.waiting(), first.waiting());
    }

    /// The record is a function of itself: what else is held does not change it.
    #[test]
    fn record_is_a_function_of_itself(history in any_history(40), seed in any::<u64>()) {
        let town = history.town.id;
        let whole = node(&history, &history.entries);
        let record = whole.record(town);
        let mut dice = Dice::new(seed);
        let chosen: BTreeSet<Id> =
            whole.admitted().into_iter().filter(|_| dice.chance(15)).collect();
        for floor in [BTreeSet::new(), closed(&history.entries, &whole, |id| chosen.contains(id))] {
            let some: Vec<Verified> = history
                .entries
                .iter()
                .filter(|e| record.contains(&e.id()) || floor.contains(&e.id()))
                .cloned()
                .collect();
            let part = node(&history, &super::shuffled(&some, dice.any()));
            prop_assert_eq!(part.summary(town), whole.summary(town));
        }
    }
}

proptest! {
    #![proptest_config(config(250))]

    /// After every step everything is what its definition gives; and again after a restart.
    #[test]
    fn incremental(history in any_history(40), seed in any::<u64>()) {
        let mut node = Replica::new(Limits::default(), &[history.town.id]);
        node.offer_all(&super::shuffled(&history.entries, seed));
        prop_assert_eq!(node.restarted().admitted(), node.admitted());
    }

    /// The same on a node that keeps next to nothing of what no record holds, and evicts all the time.
    #[test]
    fn incremental_under_pressure(history in any_history(60), seed in any::<u64>(), floor in 0_u32..12, pool in 0_usize..6) {
        let mut limits = super::limits(floor, pool);
        limits.waiting.entitled = 8;
        let mut node = Replica::new(limits, &[history.town.id]);
        let list = super::shuffled(&history.entries, seed);
        node.offer_all(&list);
        let mut node = node.restarted();
        node.offer_all(list.iter().rev());
    }
}

/// The histories are worth something: what the properties speak of happens in them, many times.
#[test]
fn histories_hold_what_matters() {
    let mut seen = Seen::default();
    for seed in 0..400 {
        let mut dice = Dice::new(seed);
        let steps: Vec<Step> = (0..30)
            .map(|_| dice.any().to_le_bytes()[..6].try_into().expect("six"))
            .collect();
        let history = history("any", 1 + dice.below(3), 1 + dice.any() % 3, &steps);
        seen.look(&history, &node(&history, &history.entries));
    }
    let Seen {
        made,
        jointly,
        by_stewards,
        ended,
        forks,
        floor,
        waiting,
        rejected,
        left,
    } = seen;
    let counts = [
        made,
        jointly,
        by_stewards,
        ended,
        forks,
        floor,
        waiting,
        rejected,
        3 * left,
    ];
    assert!(counts.iter().all(|n| *n >= 30), "{seen:?}");
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    made: usize,
    /// With a threshold above 1.
    jointly: usize,
    /// Signed by somebody who is no founder.
    by_stewards: usize,
    ended: usize,
    forks: usize,
    floor: usize,
    waiting: usize,
    rejected: usize,
    /// Was in the record once.
    left: usize,
}

impl Seen {
    fn look(&mut self, history: &History, node: &Replica) {
        let committee = node.state.committee(&history.town.id).expect("followed");
        let (authority, graph) = (committee.authority(), node.state.graph());
        for (num, act) in authority.acts().filter(|(_, act)| act.made) {
            self.made += 1;
            self.jointly += usize::from(authority.threshold() > 1);
            self.by_stewards += act
                .chosen()
                .filter(|(who, _)| !authority.founders().contains(who))
                .count();
            self.ended += usize::from(authority.is_revoked(num));
        }
        let in_record = history.entries.iter().filter_map(|e| graph.num(&e.id()));
        self.forks += in_record.filter(|n| node.state.fork(committee, *n).is_some()).count();
        self.floor += node.state.floor().len();
        self.waiting += node.state.waiting().len();
        self.rejected += history
            .entries
            .iter()
            .filter(|e| node.state.is_rejected(&e.id()))
            .count();
        self.left += committee.record().sequence().len() - committee.record().len();
    }
}
