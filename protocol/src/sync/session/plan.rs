//! What to ask next. The order is the plan: compare, then what waiting entries lack, then places that differ, then
//! entries that are lacking, then the peer's sequence, then bodies, then compare again, then the floor.

use super::*;

/// What a session does next.
pub(super) enum Step {
    Ask(Ask, Pending),
    /// For entries to go through ingest.
    Wait,
    Done,
}

impl Session {
    pub(super) fn plan(&mut self, replica: &impl Replica) -> Step {
        if self.peer.is_none() {
            return self.hello(replica);
        }
        // The peer reads its next frame while this node stores the last one.
        if self.storing.len() < 2
            && self.lacking.is_empty()
            && let Some(from) = self.reading.as_ref().and_then(Reading::next_frame)
        {
            let inline = self.config.inline;
            return Step::Ask(Ask::Sequence { from, inline }, Pending::Sequence(from));
        }
        if !self.storing.is_empty() {
            return Step::Wait;
        }
        let step = self
            .wants(replica)
            .or_else(|| self.places())
            .or_else(|| self.fetch(replica))
            .or_else(|| self.index())
            .or_else(|| self.bodies(replica))
            .or_else(|| self.again(replica))
            .or_else(|| self.floor.ask(replica, self.config.inline, self.report.gained));
        step.unwrap_or(Step::Done)
    }

    fn hello(&self, replica: &impl Replica) -> Step {
        let digest = replica.tree().root();
        let count = u64::try_from(replica.tree().len()).unwrap_or(0);
        Step::Ask(Ask::Hello { digest, count }, Pending::Hello(digest))
    }

    /// What waiting entries lack, children first; each id once.
    fn wants(&mut self, replica: &impl Replica) -> Option<Step> {
        let room = ASKED.saturating_sub(self.asked_wants.len()).min(frame::IDS);
        let mut wants = replica.wants(room.saturating_add(self.asked_wants.len()));
        wants.retain(|id| !self.asked_wants.contains(id));
        wants.truncate(room);
        self.asked_wants.extend(&wants);
        self.entries(
            wants.into_iter().map(|id| (id, 0)).collect(),
            Claim::Want,
            self.config.inline,
        )
    }

    /// Places that differ. All of them before any entry is fetched: only then is it known which come first.
    fn places(&mut self) -> Option<Step> {
        let places = self.descent.take();
        if places.is_empty() {
            return None;
        }
        let prefixes = places.clone();
        Some(Step::Ask(Ask::Tree { prefixes }, Pending::Tree(places)))
    }

    /// Entries that are lacking, parents first.
    fn fetch(&mut self, replica: &impl Replica) -> Option<Step> {
        let mut ids = BTreeMap::new();
        while ids.len() < self.batch
            && let Some((order, id)) = self.lacking.pop_first()
        {
            if !replica.has(&id) {
                ids.insert(id, order);
            }
        }
        self.entries(ids, Claim::Record, self.config.inline)
    }

    /// The peer's sequence, ids only.
    fn index(&mut self) -> Option<Step> {
        let from = self.reading.as_mut()?.next_page()?;
        Some(Step::Ask(Ask::Index { from }, Pending::Index(from)))
    }

    /// Bodies that are wanted and absent, of any size; each once.
    fn bodies(&mut self, replica: &impl Replica) -> Option<Step> {
        // A frame holds few bodies that were too large to come along.
        let room = ASKED.saturating_sub(self.asked_bodies.len()).min(64);
        let mut bodies = replica.bodies(room.saturating_add(self.asked_bodies.len()));
        bodies.retain(|id| !self.asked_bodies.contains(id));
        bodies.truncate(room);
        self.asked_bodies.extend(&bodies);
        let ids = bodies.into_iter().map(|id| (id, 0)).collect();
        self.entries(ids, Claim::Body, u64::try_from(crate::limit::BODY).unwrap_or(u64::MAX))
    }

    fn entries(&self, ids: BTreeMap<Id, u64>, claim: Claim, inline: u64) -> Option<Step> {
        if ids.is_empty() {
            return None;
        }
        let sorted = ids.keys().copied().collect();
        Some(Step::Ask(
            Ask::Entries { ids: sorted, inline },
            Pending::Entries(claim, ids),
        ))
    }

    /// Whether another round may help, while it helps: what was found lacking and did not stay, or a new comparison.
    fn again(&mut self, replica: &impl Replica) -> Option<Step> {
        let peer = self.peer.as_ref()?;
        if replica.tree().root() == peer.digest || self.rounds >= ROUNDS {
            return None;
        }
        self.rounds += 1;
        let helped = self.report.gained > self.gained_before;
        self.gained_before = self.report.gained;
        if self.reading.as_mut().is_some_and(Reading::close) {
            // A sequence says nothing of what was read before and lost since.
            return Some(self.hello(replica));
        }
        if !helped {
            return None;
        }
        self.lacking = self.descent.left(replica);
        self.fetch(replica)
    }
}
