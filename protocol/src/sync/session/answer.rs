//! Answers: each is checked against its question before anything in it is believed.

use super::*;
use crate::hash::Hash;

impl Session {
    pub(super) fn answer(&mut self, replica: &impl Replica, bytes: &[u8], out: &mut Vec<Output>) -> Result<(), Fault> {
        let pending = self.pending.take().ok_or(Fault::Unexpected)?;
        match (pending, Answer::decode(bytes)?) {
            (_, Answer::Unknown) => {
                self.end(replica, End::Unknown, out);
                Ok(())
            }
            (Pending::Hello(asked), Answer::Hello(summary)) => self.hello_answer(replica, &asked, summary),
            (Pending::Tree(places), Answer::Tree { parts }) => self.tree_answer(replica, &places, parts),
            (Pending::Sequence(from), Answer::Sequence { end, next, wires }) => {
                self.sequence_answer(from, end, next, wires, out)
            }
            (Pending::Index(from), Answer::Index { end, next, ids }) => {
                self.index_answer(replica, from, end, next, &ids)
            }
            (Pending::Entries(claim, asked), Answer::Entries { wires, rest }) => {
                self.entries_answer(claim, asked, wires, rest, out)
            }
            (Pending::Floor(from), Answer::Floor { end, next, heads }) => {
                if self.floor.page(from, end, next, heads) {
                    Ok(())
                } else {
                    Err(Fault::Stalled)
                }
            }
            (Pending::Chains(asked), Answer::Entries { wires, rest }) => self.chains_answer(asked, wires, rest, out),
            _ => Err(Fault::Unexpected),
        }
    }

    fn hello_answer(&mut self, replica: &impl Replica, asked: &Hash, summary: Summary) -> Result<(), Fault> {
        self.floor.stands(summary.floor);
        let first = self.peer.is_none() && self.reading.is_none();
        let tree = replica.tree();
        let same = tree.root() == summary.digest;
        let held = u64::try_from(tree.len()).unwrap_or(0);
        // No marks come if the peer's digest is the one that this node named; its own may be another by now.
        let marks = if summary.digest == *asked {
            0
        } else {
            1 << frame::LEVELS
        };
        if (summary.count == 0) != (summary.digest == Hash::ZERO)
            || summary.marks.len() != marks
            || (same && summary.count != held)
        {
            return Err(Fault::Summary);
        }
        if !same {
            let reading = first
                .then(|| Reading::worthwhile(&summary, self.config.read, held, self.config.limits.listed))
                .flatten();
            if let Some(reading) = reading {
                self.reading = Some(reading);
            } else if !summary.marks.is_empty() && !self.descent.start(replica, &summary.marks) {
                return Err(Fault::Summary);
            }
        }
        self.peer = Some(summary);
        Ok(())
    }

    fn tree_answer(&mut self, replica: &impl Replica, places: &[Prefix], parts: Vec<frame::Part>) -> Result<(), Fault> {
        let found = self.descent.answer(replica, places, parts)?;
        self.lacking.extend(found);
        if !self.descent.is_broad() {
            return Ok(());
        }
        match &self.peer {
            // A reading goes on where this one ended, so that it comes to an end.
            Some(peer) if self.reading.is_none() => {
                self.reading = Some(Reading::listing(peer, self.config.read));
                self.descent.clear();
                self.lacking.clear();
            }
            _ => {
                self.descent.cut();
                while self.lacking.len() > LACKING {
                    self.lacking.pop_last();
                }
            }
        }
        Ok(())
    }

    fn sequence_answer(
        &mut self,
        from: u64,
        end: Place,
        next: u64,
        wires: Vec<Vec<u8>>,
        out: &mut Vec<Output>,
    ) -> Result<(), Fault> {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.same(end)) else {
            self.anew();
            return Ok(());
        };
        if next <= from || !reading.advance(end, next, wires.len()) {
            return Err(Fault::Stalled);
        }
        if wires.iter().any(|wire| claimed_id(wire).is_none()) {
            return Err(Fault::Unasked);
        }
        self.deliver(wires, Claim::Record, Some(next), out);
        Ok(())
    }

    fn index_answer(
        &mut self,
        replica: &impl Replica,
        from: u64,
        end: Place,
        next: u64,
        ids: &[Id],
    ) -> Result<(), Fault> {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.same(end)) else {
            self.anew();
            return Ok(());
        };
        if !reading.advance(end, next, ids.len()) {
            return Err(Fault::Stalled);
        }
        let lacking: Vec<(u64, Id)> = (0..)
            .zip(ids.iter().copied())
            .filter(|(_, id)| !replica.has(id))
            .collect();
        if !reading.listed(from, ids.len(), lacking.len()) {
            self.lacking.extend(lacking);
        }
        Ok(())
    }

    /// The peer has begun a new sequence: what is known of the old one is of no use.
    fn anew(&mut self) {
        self.peer = None;
        self.reading = None;
        self.config.read = None;
    }

    fn entries_answer(
        &mut self,
        claim: Claim,
        mut asked: BTreeMap<Id, u64>,
        wires: Vec<Vec<u8>>,
        rest: bool,
        out: &mut Vec<Output>,
    ) -> Result<(), Fault> {
        for wire in &wires {
            let id = claimed_id(wire).ok_or(Fault::Unasked)?;
            asked.remove(&id).ok_or(Fault::Unasked)?;
        }
        if rest {
            if wires.is_empty() {
                return Err(Fault::Stalled);
            }
            match claim {
                Claim::Want => self.asked_wants.retain(|id| !asked.contains_key(id)),
                Claim::Body => self.asked_bodies.retain(|id| !asked.contains_key(id)),
                Claim::Record | Claim::Floor => {
                    self.batch = wires.len().saturating_mul(2).clamp(8, frame::IDS);
                    self.lacking.extend(asked.into_iter().map(|(id, order)| (order, id)));
                }
            }
        } else if claim == Claim::Record && wires.is_empty() && asked.len() >= WITHHELD {
            return Err(Fault::Withheld);
        }
        if !wires.is_empty() {
            self.deliver(wires, claim, None, out);
        }
        Ok(())
    }

    fn chains_answer(
        &mut self,
        asked: Vec<(Head, u64)>,
        wires: Vec<Vec<u8>>,
        rest: bool,
        out: &mut Vec<Output>,
    ) -> Result<(), Fault> {
        if rest && wires.is_empty() {
            return Err(Fault::Stalled);
        }
        if !self.floor.entries(asked, wires.len(), rest) || wires.iter().any(|wire| claimed_id(wire).is_none()) {
            return Err(Fault::Unasked);
        }
        if !wires.is_empty() {
            self.deliver(wires, Claim::Floor, None, out);
        }
        Ok(())
    }
}
