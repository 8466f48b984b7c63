//! Searching the tree for places that differ, several levels at a time, down to the ids that are lacking here.

use std::collections::{BTreeSet, VecDeque};

use super::{Fault, LACKING, PLACES, Replica, frame, respond};
use crate::digest::Prefix;
use crate::hash::Id;
use crate::sync::frame::{Mark, Part};

/// What is known of the differences between two trees.
#[derive(Debug, Default)]
pub(super) struct Descent {
    /// Places that differ and are not looked into yet, in the order found. At most [`PLACES`].
    places: VecDeque<Prefix>,
    /// Ids that were lacking when found, with their depths. At most [`LACKING`].
    found: Vec<(u64, Id)>,
    started: bool,
    /// Something was left out for lack of room.
    cut: bool,
}

impl Descent {
    /// Begins anew with the peer's top marks. False if none differs from this node's.
    pub(super) fn start(&mut self, replica: &impl Replica, marks: &[Mark]) -> bool {
        *self = Self {
            started: true,
            ..Self::default()
        };
        self.compare(replica, &Prefix::ROOT, marks)
    }

    /// Gives up: the rest is found by other means.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether so much differs that the peer's sequence is the shorter way.
    pub(super) fn is_broad(&self) -> bool {
        self.places.len() > PLACES || self.found.len() > LACKING
    }

    /// Keeps what there is room for.
    pub(super) fn cut(&mut self) {
        if self.is_broad() {
            self.cut = true;
            self.places.truncate(PLACES);
            self.found.truncate(LACKING);
        }
    }

    /// Takes places for one request, sorted.
    pub(super) fn take(&mut self) -> Vec<Prefix> {
        let most = self.places.len().min(frame::PREFIXES);
        let mut places: Vec<Prefix> = self.places.drain(..most).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// What is below the places that were asked for: the answer may stop early, not before the first. Returns the ids
    /// that are lacking here, with their depths.
    pub(super) fn answer(
        &mut self,
        replica: &impl Replica,
        places: &[Prefix],
        parts: Vec<Part>,
    ) -> Result<Vec<(u64, Id)>, Fault> {
        if parts.len() > places.len() || parts.is_empty() {
            return Err(Fault::Tree);
        }
        let (answered, left) = places.split_at(parts.len());
        for place in left.iter().rev() {
            self.places.push_front(*place);
        }
        let from = self.found.len();
        for (place, part) in answered.iter().zip(parts) {
            match part {
                Part::Marks(marks) if marks.len() == place.below(frame::LEVELS).count() && marks.len() > 1 => {
                    self.compare(replica, place, &marks);
                }
                Part::Ids(ids) if ids.iter().all(|(id, _)| place.holds(id)) => {
                    let lacking = ids
                        .into_iter()
                        .filter(|(id, _)| !replica.tree().contains(id) && !replica.has(id));
                    self.found.extend(lacking.map(|(id, depth)| (u64::from(depth), id)));
                }
                _ => return Err(Fault::Tree),
            }
        }
        Ok(self.found.get(from..).unwrap_or_default().to_vec())
    }

    /// What was found lacking and still is.
    pub(super) fn left(&self, replica: &impl Replica) -> BTreeSet<(u64, Id)> {
        self.found.iter().filter(|(_, id)| !replica.has(id)).copied().collect()
    }

    /// Whether all was looked into, and all that was lacking has come.
    pub(super) fn complete(&self, replica: &impl Replica) -> bool {
        self.started && !self.cut && self.places.is_empty() && self.left(replica).is_empty()
    }

    /// Notes the places below that differ, those excepted where the peer has nothing. False if none differs at all.
    fn compare(&mut self, replica: &impl Replica, above: &Prefix, theirs: &[Mark]) -> bool {
        let ours = respond::marks(replica, above);
        let mut differs = false;
        for ((place, ours), theirs) in above.below(frame::LEVELS).zip(ours).zip(theirs) {
            differs |= ours != *theirs;
            if ours != *theirs && *theirs != Mark::EMPTY {
                self.places.push_back(place);
            }
        }
        differs
    }
}
