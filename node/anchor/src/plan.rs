//! What one transaction anchors: checkpoints of the committees that changed, chosen from what the node offers.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::B256;
use althing_protocol::anchor::batch::{self, Batch};
use althing_protocol::hash::Id;
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use serde::{Deserialize, Serialize};

use crate::node::{Offer, Placed};

/// Most checkpoints of one committee that an anchor entry may hold.
pub const OF_ONE: usize = 64;

/// What one transaction anchors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The batch's texts, in its order.
    pub texts: Vec<String>,
    /// Its root.
    pub digest: B256,
    /// Its committees.
    pub parts: Vec<Part>,
}

/// One committee's part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The committee.
    pub committee: Id,
    /// Places of its checkpoints in the batch, the node's own first.
    pub places: Vec<usize>,
    /// Whether the node has written it down, or said that it never will.
    pub settled: bool,
}

/// What a plan was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// None if nothing changed.
    pub plan: Option<Plan>,
    /// Committees whose own checkpoint is none of theirs.
    pub unfit: Vec<Id>,
    /// Committees that did not fit and come next time.
    pub left: usize,
    /// Committees in which nothing changed.
    pub unchanged: usize,
}

impl Plan {
    /// Chooses from these offers. Where they are too many, those go first that were not anchored for longest: `last` says
    /// in which slot each was.
    #[must_use]
    pub fn choose(offers: Vec<Offer>, last: &BTreeMap<Id, u64>) -> Planned {
        let mut planned = Planned {
            plan: None,
            unfit: Vec::new(),
            left: 0,
            unchanged: 0,
        };
        let mut seen = BTreeSet::new();
        let mut chosen: Vec<(Id, Vec<String>)> = Vec::new();
        for offer in offers {
            if !seen.insert(offer.committee) {
                continue;
            }
            if !offer.changed {
                planned.unchanged += 1;
                continue;
            }
            match texts(&offer) {
                Some(texts) => chosen.push((offer.committee, texts)),
                None => planned.unfit.push(offer.committee),
            }
        }
        chosen.sort_by_key(|(committee, _)| (last.get(committee).copied(), *committee));
        planned.left = chosen.len().saturating_sub(batch::MOST);
        chosen.truncate(batch::MOST);
        // The node's own go before what it adds for others.
        let mut room = batch::MOST.saturating_sub(chosen.len());
        for (_, texts) in &mut chosen {
            let others = texts.len().saturating_sub(1).min(room);
            texts.truncate(1 + others);
            room -= others;
        }
        let Ok(batch) = Batch::new(chosen.iter().flat_map(|(_, texts)| texts.clone())) else {
            return planned;
        };
        let places = |texts: Vec<String>| {
            texts
                .iter()
                .filter_map(|text| batch.texts().binary_search(text).ok())
                .collect()
        };
        let part = |(committee, texts)| Part {
            committee,
            places: places(texts),
            settled: false,
        };
        let parts = chosen.into_iter().map(part).collect();
        let digest = B256::from(batch.root().0);
        planned.plan = Some(Self {
            texts: batch.texts().to_vec(),
            digest,
            parts,
        });
        planned
    }

    /// The checkpoints of one part with their proofs.
    #[must_use]
    pub fn placed(&self, part: &Part) -> Vec<Placed> {
        let Ok(batch) = Batch::new(self.texts.iter().cloned()) else {
            return Vec::new();
        };
        let placed = |place: &usize| {
            let text = batch.texts().get(*place)?.clone();
            Some(Placed::new(text, u64::try_from(*place).ok()?, &batch.path(*place)?))
        };
        part.places.iter().filter_map(placed).collect()
    }
}

/// The texts of an offer: own first, none of another committee, no origin and size twice.
fn texts(offer: &Offer) -> Option<Vec<String>> {
    let mut known = BTreeSet::new();
    let mut read = |note: &String| {
        let text = Note::read(note).ok()?.text;
        let checkpoint: Checkpoint = text.parse().ok()?;
        let fits = checkpoint.origin.committee == offer.committee && known.insert((checkpoint.origin, checkpoint.size));
        fits.then_some(text)
    };
    let own = read(&offer.checkpoint)?;
    let others = offer.others.iter().filter_map(&mut read).take(OF_ONE - 1);
    Some(std::iter::once(own).chain(others.collect::<Vec<_>>()).collect())
}

#[cfg(test)]
mod tests {
    use althing_protocol::hash::{Hash, Key};
    use althing_protocol::log::checkpoint::Origin;

    use super::*;

    fn note(committee: Id, node: u8, size: u64) -> String {
        let origin = Origin {
            committee,
            node: Key([node; 32]),
            generation: 0,
        };
        let checkpoint = Checkpoint {
            origin,
            size,
            root: Hash([node; 32]),
        };
        format!("{checkpoint}\n\u{2014} a AAAAAAAA\n")
    }

    fn id(n: u64) -> Id {
        let mut id = Id::ZERO;
        id.0[..8].copy_from_slice(&n.to_be_bytes());
        id
    }

    fn offer(n: u64, others: u16) -> Offer {
        let other = |o| note(id(n), 2 + u8::try_from(o % 200).unwrap(), 1 + u64::from(o / 200));
        Offer {
            committee: id(n),
            checkpoint: note(id(n), 1, 7),
            others: (0..others).map(other).collect(),
            changed: true,
        }
    }

    #[test]
    fn what_did_not_change_or_does_not_fit_is_left_out() {
        let same = Offer {
            changed: false,
            ..offer(1, 3)
        };
        let strange = Offer {
            checkpoint: note(id(9), 1, 1),
            ..offer(2, 0)
        };
        let mut doubled = offer(3, 2);
        doubled.others.push(note(id(3), 1, 7));
        doubled.others.push(note(id(4), 5, 7));
        doubled.others.push("no note".to_owned());
        let planned = Plan::choose(vec![same.clone(), strange, doubled.clone(), doubled], &BTreeMap::new());
        assert_eq!((planned.unfit, planned.left, planned.unchanged), (vec![id(2)], 0, 1));
        let plan = planned.plan.unwrap();
        assert_eq!((plan.texts.len(), plan.parts.len()), (3, 1));
        let placed = plan.placed(&plan.parts[0]);
        assert!(
            placed[0].text.contains(&Key([1; 32]).to_string()),
            "the node's own comes first"
        );
        let root = Hash(plan.digest.0);
        for placed in placed {
            let path: Vec<Hash> = placed
                .path
                .chunks(32)
                .map(|hash| Hash(hash.try_into().unwrap()))
                .collect();
            assert_eq!(batch::verify(&placed.text, placed.index, 3, &root, &path), Ok(()));
        }
        assert_eq!(Plan::choose(vec![same], &BTreeMap::new()).plan, None);
    }

    #[test]
    fn too_many_committees_take_turns_and_keep_their_own_checkpoints() {
        let offers: Vec<Offer> = (0..1100).map(|n| offer(n, 80)).collect();
        let planned = Plan::choose(offers.clone(), &BTreeMap::new());
        let plan = planned.plan.unwrap();
        assert_eq!((planned.left, plan.texts.len(), plan.parts.len()), (76, 1024, 1024));
        let last = plan.parts.iter().map(|part| (part.committee, 5)).collect();
        let next = Plan::choose(offers, &last).plan.unwrap();
        let first: Vec<Id> = next.parts.iter().take(76).map(|part| part.committee).collect();
        assert_eq!(first, (1024..1100).map(id).collect::<Vec<_>>());

        let few = Plan::choose((0..3).map(|n| offer(n, 80)).collect(), &BTreeMap::new());
        assert_eq!(few.plan.unwrap().texts.len(), 3 * OF_ONE);
    }
}
