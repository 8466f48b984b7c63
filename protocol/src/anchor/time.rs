//! When an entry existed: between two blocks, as far as chain facts tell (`docs/spec/anchor.md`, Time).
//!
//! Chain facts are an argument: without them every span is open and an entry's `time` is a claim.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::entry::Block;
use crate::graph::{Graph, Num};
use crate::hash::Hash;

/// A final block: one that its chain will never give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The block.
    pub block: Block,
    /// When it was made, in seconds since 1970.
    pub time: u64,
}

/// Final blocks that somebody vouches for.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    blocks: BTreeMap<(u64, u64), (Hash, u64)>,
    latest: Option<Fact>,
}

/// Two final blocks of one height: whoever says so is wrong about one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "block {height} of chain {chain} was final with the hash {held} and is said to be {said} now; one of the two sources is \
     wrong, and nothing was believed"
)]
pub struct Contradiction {
    /// The chain.
    pub chain: u64,
    /// The height.
    pub height: u64,
    /// What was believed.
    pub held: Hash,
    /// What was said.
    pub said: Hash,
}

impl Facts {
    /// Believes one more. True if it is new.
    ///
    /// # Errors
    /// [`Contradiction`].
    pub fn believe(&mut self, fact: Fact) -> Result<bool, Contradiction> {
        let Fact { block, time } = fact;
        let Block { chain, height, hash } = block;
        match self.blocks.get(&(chain, height)) {
            Some(known) if *known == (hash, time) => Ok(false),
            Some((held, _)) => Err(Contradiction {
                chain,
                height,
                held: *held,
                said: hash,
            }),
            None => {
                self.blocks.insert((chain, height), (hash, time));
                if self.latest.is_none_or(|latest| latest.time <= time) {
                    self.latest = Some(fact);
                }
                Ok(true)
            }
        }
    }

    /// When a block was made, if it is one of these.
    #[must_use]
    pub fn time(&self, block: &Block) -> Option<u64> {
        let (hash, time) = self.blocks.get(&(block.chain, block.height))?;
        (*hash == block.hash).then_some(*time)
    }

    /// The one made last, of any chain.
    #[must_use]
    pub fn latest(&self) -> Option<Fact> {
        self.latest
    }

    /// Forgets the oldest ones that nobody needs until at most `most` are left. Answers which.
    pub fn thin(&mut self, most: usize, needed: impl Fn(&Block) -> bool) -> Vec<Fact> {
        let Some(over) = self.len().checked_sub(most).filter(|over| *over > 0) else {
            return Vec::new();
        };
        let mut spare: Vec<Fact> = self.iter().filter(|fact| !needed(&fact.block)).collect();
        spare.sort_by_key(|fact| fact.time);
        spare.truncate(over);
        for fact in &spare {
            self.blocks.remove(&(fact.block.chain, fact.block.height));
        }
        spare
    }

    /// All, by chain and height.
    pub fn iter(&self) -> impl Iterator<Item = Fact> {
        self.blocks.iter().map(|((chain, height), (hash, time))| Fact {
            block: Block {
                chain: *chain,
                height: *height,
                hash: *hash,
            },
            time: *time,
        })
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

/// Between which blocks an entry came to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// It names this one, so it was signed no earlier.
    pub not_before: Option<Fact>,
    /// This one commits to it, so it existed no later.
    pub not_after: Option<Fact>,
}

/// Whether something came by a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timely {
    /// It existed by then.
    OnTime,
    /// It was signed after it.
    Late,
    /// Neither is proved.
    Unproven,
}

impl Span {
    /// Whether the entry came by a deadline, in seconds since 1970. Both at once, where somebody names a block before it is
    /// made, is a lie of the facts, and unproven.
    #[must_use]
    pub fn by(&self, deadline: u64) -> Timely {
        let time = |block: Option<Fact>| block.map(|block| block.time);
        Timely::between(time(self.not_before), time(self.not_after), deadline)
    }
}

impl Timely {
    /// What two blocks' times say about a deadline, all three in the same unit; see [`Span::by`].
    #[must_use]
    pub fn between(not_before: Option<u64>, not_after: Option<u64>, deadline: u64) -> Self {
        let on_time = not_after.is_some_and(|time| time <= deadline);
        let late = not_before.is_some_and(|time| time > deadline);
        match (on_time, late) {
            (true, false) => Self::OnTime,
            (false, true) => Self::Late,
            _ => Self::Unproven,
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OnTime => "on time",
            Self::Late => "late",
            Self::Unproven => "unproven",
        }
    }
}

/// Which anchor covers which entry first: for each entry's number 1 + the place in `anchors` of the first one that has it
/// among its heads or in the past of one, 0 for those that none covers. Goes through what it covers once.
#[must_use]
pub fn cover(anchors: &[Vec<Num>], graph: &Graph) -> Vec<u32> {
    let mut covered: Vec<u32> = Vec::new();
    let mut open = Vec::new();
    for (place, heads) in (1..).zip(anchors) {
        open.extend(heads.iter().copied());
        while let Some(num) = open.pop() {
            let Ok(at) = usize::try_from(num.0) else { continue };
            if at >= covered.len() {
                covered.resize(at + 1, 0);
            }
            if let Some(by) = covered.get_mut(at).filter(|by| **by == 0) {
                *by = place;
                open.extend_from_slice(graph.names(num));
            }
        }
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(height: u64, hash: u8, time: u64) -> Fact {
        Fact {
            block: Block {
                chain: 1,
                height,
                hash: Hash([hash; 32]),
            },
            time,
        }
    }

    #[test]
    fn facts_never_change() {
        let mut facts = Facts::default();
        assert_eq!(facts.believe(fact(5, 1, 100)), Ok(true));
        assert_eq!(facts.believe(fact(5, 1, 100)), Ok(false));
        assert!(facts.believe(fact(5, 2, 100)).is_err());
        assert!(facts.believe(fact(5, 1, 101)).is_err());
        assert_eq!(facts.time(&fact(5, 1, 0).block), Some(100));
        assert_eq!(facts.time(&fact(5, 2, 0).block), None);
        facts.believe(fact(4, 3, 90)).unwrap();
        assert_eq!(facts.latest(), Some(fact(5, 1, 100)));
        assert_eq!(facts.len(), 2);
    }

    #[test]
    fn the_oldest_that_nobody_needs_are_forgotten_first() {
        let mut facts = Facts::default();
        for height in 0..10 {
            facts.believe(fact(height, 1, height)).unwrap();
        }
        assert_eq!(facts.thin(10, |_| false), []);
        let gone = facts.thin(7, |block| block.height == 1);
        assert_eq!(gone.iter().map(|fact| fact.block.height).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!((facts.len(), facts.latest().unwrap().block.height), (7, 9));
        assert_eq!(facts.thin(0, |_| true), [], "what is needed stays");
    }

    #[test]
    fn on_time_late_and_unproven_from_both_sides() {
        let span = |before: Option<u64>, after: Option<u64>| Span {
            not_before: before.map(|time| fact(1, 1, time)),
            not_after: after.map(|time| fact(2, 2, time)),
        };
        for (before, after, expected) in [
            (None, None, Timely::Unproven),
            (Some(50), Some(100), Timely::OnTime),
            (None, Some(100), Timely::OnTime),
            (None, Some(101), Timely::Unproven),
            (Some(100), Some(200), Timely::Unproven),
            (Some(101), Some(200), Timely::Late),
            (Some(101), None, Timely::Late),
            (Some(101), Some(90), Timely::Unproven),
        ] {
            assert_eq!(span(before, after).by(100), expected, "{before:?} {after:?}");
        }
    }
}
