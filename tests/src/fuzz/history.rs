//! Sequences of operations: people who do anything, entries in any order, restarts in between.

use althing_protocol::state::Limits;

use super::{mix, words};
use crate::kit::history::history;
use crate::kit::{Dice, Replica, check};

/// Bytes of one step.
const STEP: usize = 6;

/// More steps take too long to check.
const STEPS: usize = 24;

/// The first three bytes say who founds and in what order entries come, each six after that are a step of a history.
pub(super) fn record(bytes: &[u8]) -> u64 {
    let Some(([founders, threshold, order], steps)) = bytes.split_first_chunk::<3>() else {
        return 0;
    };
    let (steps, _) = steps.as_chunks::<STEP>();
    let written = history(
        "fuzz",
        usize::from(founders % 3) + 1,
        u64::from(threshold % 3) + 1,
        steps.get(..STEPS).unwrap_or(steps),
    );
    let committee = written.town.id;
    let mut straight = Replica::unchecked(Limits::default(), &[committee]);
    straight.offer_all(&written.entries);
    let mut entries = written.entries;
    Dice::new(u64::from(*order)).shuffle(&mut entries);
    let mut other = Replica::unchecked(Limits::default(), &[committee]);
    let half = entries.len() / 2;
    other.offer_all(entries.iter().take(half));
    let mut other = other.restarted();
    // What waited was lost with the restart, and comes again.
    other.offer_all(&entries);
    check::all(&straight);
    check::all(&other);
    assert_eq!(
        straight.summary(committee),
        other.summary(committee),
        "same entries, same answer"
    );
    let outcome = straight.summary(committee);
    mix([words(&format!("{outcome:?}")), straight.record(committee).len() as u64])
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let steps = |n: u8| (0u8..20).flat_map(move |s| [s.wrapping_mul(n), s, n, s / 2, s % 7, n]);
    (1u8..8)
        .map(|n| [n, n / 2, n].into_iter().chain(steps(n)).collect())
        .collect()
}
