//! Bodies that a peer was asked for and had not: it is asked again later and later, not in every session.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use althing_protocol::hash::Id;

/// Bodies that are remembered per peer and committee. Beyond, some are asked for once too often.
const MOST: usize = 8192;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(600);

/// What one peer had not. Cheap to clone: sessions look at a copy.
#[derive(Debug, Clone, Default)]
pub(super) struct Tried(Arc<BTreeMap<Id, (u32, Instant)>>);

impl Tried {
    /// Whether it is too early to ask again.
    pub(super) fn holds(&self, id: &Id) -> bool {
        self.0.get(id).is_some_and(|(_, until)| Instant::now() < *until)
    }

    /// Notes that the peer had none of these, and forgets what it gave.
    pub(super) fn note(&mut self, missed: &[Id], got: &[Id], now: Instant) {
        if missed.is_empty() && got.is_empty() {
            return;
        }
        let all = Arc::make_mut(&mut self.0);
        for id in got {
            all.remove(id);
        }
        for id in missed {
            if all.len() >= MOST && !all.contains_key(id) {
                all.pop_first();
            }
            let (times, until) = all.entry(*id).or_insert((0, now));
            *until = now
                + FIRST
                    .saturating_mul(2_u32.saturating_pow((*times).min(16)))
                    .min(LONGEST);
            *times = times.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_and_later_and_bounded() {
        let mut tried = Tried::default();
        let (id, now) = (Id([1; 32]), Instant::now());
        let mut last = Duration::ZERO;
        for _ in 0..20 {
            tried.note(&[id], &[], now);
            let wait = tried.0.get(&id).unwrap().1 - now;
            assert!(wait > last || wait == LONGEST);
            last = wait;
        }
        assert!(tried.holds(&id));
        tried.note(&[], &[id], now);
        assert!(!tried.holds(&id));
        let many: Vec<Id> = (0..=MOST)
            .map(|n| Id(althing_protocol::hash::sha256(&[&n.to_be_bytes()])))
            .collect();
        tried.note(&many, &[], now);
        assert_eq!(tried.0.len(), MOST);
    }
}
