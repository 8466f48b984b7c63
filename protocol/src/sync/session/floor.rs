//! The floor: what the peer heard from people in whom no member has shown interest yet, within a budget.

use super::{FloorBudget, Head, Pending, Place, Replica, VecDeque, frame, plan::Step};
use crate::sync::frame::{Ask, Chain};

/// Heads that are kept for another try while further pages are read.
const STUCK: usize = 2048;

/// How far the peer's floor is read.
#[derive(Debug)]
pub(super) struct Floor {
    budget: FloorBudget,
    /// The list of heads that is being read, and where it ended at last.
    end: Option<Place>,
    at: u64,
    /// Where the page at hand began.
    page: u64,
    /// One page of heads, and from which `seq` each was asked for last. Own people's first, as the peer lists them.
    heads: VecDeque<(Head, Option<u64>)>,
    /// Heads that did not get on: what they lack may come with other heads. At most [`STUCK`] and a page.
    stuck: Vec<Head>,
    /// What the session had gained when the stuck ones were tried last.
    gained: u64,
}

impl Floor {
    pub(super) fn new(budget: FloorBudget) -> Self {
        Self {
            budget,
            end: None,
            at: 0,
            page: 0,
            heads: VecDeque::new(),
            stuck: Vec::new(),
            gained: 0,
        }
    }

    /// Notes where the peer's list ends.
    pub(super) fn stands(&mut self, end: Place) {
        let same = |place: &Place| place.generation == end.generation && place.at <= end.at;
        if self.end.is_none_or(|held| !same(&held)) {
            self.at = self.budget.read.filter(same).map_or(0, |read| read.at);
            self.heads.clear();
            self.stuck.clear();
        }
        self.end = Some(end);
    }

    /// The next question, if there is one. `gained` is what the session has gained so far.
    pub(super) fn ask(&mut self, replica: &impl Replica, inline: u64, gained: u64) -> Option<Step> {
        let end = self.end?;
        if self.budget.entries == 0 {
            return None;
        }
        let mut asked = self.due(replica);
        if asked.is_empty() && gained > self.gained {
            self.heads = self.stuck.drain(..).map(|head| (head, None)).collect();
            self.gained = gained;
            asked = self.due(replica);
        }
        if asked.is_empty() {
            let from = self.at;
            return (from < end.at).then_some(Step::Ask(Ask::Floor { from }, Pending::Floor(from)));
        }
        let chains = asked
            .iter()
            .map(|(head, from)| Chain {
                head: head.id,
                from: *from,
            })
            .collect();
        Some(Step::Ask(Ask::Chains { chains, inline }, Pending::Chains(asked)))
    }

    /// Heads that lack something here, and from which `seq` on. Those that did not get on are put aside.
    fn due(&mut self, replica: &impl Replica) -> Vec<(Head, u64)> {
        let mut due = Vec::new();
        while due.len() < frame::CHAINS
            && let Some((head, last)) = self.heads.pop_front()
        {
            match replica.lacks(&head) {
                // Asking again for the same would not end.
                Some(from) if last.is_some_and(|last| from <= last) => self.stuck.push(head),
                Some(from) if from <= head.seq => due.push((head, from)),
                _ => {}
            }
        }
        due
    }

    /// A page of heads; false if the list does not go on.
    pub(super) fn page(&mut self, from: u64, end: Place, next: u64, heads: Vec<Head>) -> bool {
        let progress = next > from && next <= end.at;
        self.stands(end);
        if self.at == from {
            self.page = from;
            self.at = next;
            self.heads = heads.into_iter().map(|head| (head, None)).collect();
            self.stuck.truncate(STUCK);
        }
        progress
    }

    /// An answer to chains held so many entries; with `rest` the frame was full and there are more. False if they are
    /// more than the chains can be long.
    pub(super) fn entries(&mut self, asked: Vec<(Head, u64)>, entries: usize, rest: bool) -> bool {
        let most = asked.iter().fold(0_u64, |sum, (head, from)| {
            sum.saturating_add(head.seq - from).saturating_add(1)
        });
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.budget.entries = self.budget.entries.saturating_sub(entries);
        // Chains are answered in the order asked: those that nothing is left for were not reached.
        let mut left = entries;
        let mut again = Vec::new();
        for (head, from) in asked {
            let reached = left > 0;
            left = left.saturating_sub((head.seq - from).saturating_add(1));
            if rest {
                again.push((head, reached.then_some(from)));
            } else {
                self.stuck.push(head);
            }
        }
        for head in again.into_iter().rev() {
            self.heads.push_front(head);
        }
        entries <= most
    }

    /// Where to go on another time: behind the last page that was dealt with.
    pub(super) fn read(&self) -> Option<Place> {
        let end = self.end?;
        let at = if self.heads.is_empty() { self.at } else { self.page };
        let generation = end.generation;
        Some(Place { generation, at })
    }
}
