//! Listens to ingest and tells the driver what peers should hear of: what the owner wrote, committees that changed,
//! messages whose parents came. Keeps the floor lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use althing_protocol::hash::Id;
use althing_protocol::state::State;
use hashbrown::HashMap;
use libp2p::PeerId;
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc};

use super::driver::Event;
use super::floor::Floors;
use super::replica::Node;
use super::{is_peer, limit};
use crate::ingest::{Notice, Origin};

/// A gossiped message that waits for its entry's parents.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: Id,
    pub(super) peer: PeerId,
    pub(super) name: MessageId,
}

/// When the first change was noticed that peers were not told of, and the last.
#[derive(Debug, Clone, Copy)]
struct Changes {
    first: Instant,
    last: Instant,
}

impl Changes {
    const fn at(now: Instant) -> Self {
        Self { first: now, last: now }
    }

    /// Whether it is time to compare: nothing more came for a while, or too much.
    fn are_due(&self, now: Instant) -> bool {
        now >= self.last + limit::SETTLE || now >= self.first + limit::SETTLE_MOST
    }
}

pub(super) struct Herald {
    node: Arc<Node>,
    events: mpsc::Sender<Event>,
    held: HashMap<Id, Vec<(Held, Instant)>>,
    held_count: usize,
    /// Committees that changed.
    changed: BTreeMap<Id, Changes>,
    /// Notices were lost: the floor lists have to be made anew.
    lost: bool,
    rebuilt: Instant,
}

/// Notices that are dealt with under one look at the state.
const AT_ONCE: usize = 512;

impl Herald {
    pub(super) fn new(node: Arc<Node>, events: mpsc::Sender<Event>) -> Self {
        Self {
            node,
            events,
            held: HashMap::new(),
            held_count: 0,
            changed: BTreeMap::new(),
            lost: false,
            rebuilt: Instant::now(),
        }
    }

    /// Until the node stops.
    pub(super) async fn run(mut self, mut notices: broadcast::Receiver<Arc<Notice>>, mut holds: mpsc::Receiver<Held>) {
        let mut tick = tokio::time::interval(limit::TICK);
        loop {
            let out = tokio::select! {
                notice = notices.recv() => match notice {
                    Ok(notice) => self.heard(notice, &mut notices),
                    Err(RecvError::Lagged(_)) => self.lagged(),
                    Err(RecvError::Closed) => return,
                },
                held = holds.recv() => match held {
                    Some(held) => self.hold(held),
                    None => return,
                },
                _ = tick.tick() => self.pass(Instant::now()),
            };
            for event in out {
                if self.events.send(event).await.is_err() {
                    return;
                }
            }
        }
    }

    /// A notice came: takes what else is there and looks at the state once for all.
    fn heard(&mut self, first: Arc<Notice>, notices: &mut broadcast::Receiver<Arc<Notice>>) -> Vec<Event> {
        let mut all = vec![first];
        while all.len() < AT_ONCE {
            match notices.try_recv() {
                Ok(notice) => all.push(notice),
                Err(TryRecvError::Lagged(_)) => drop(self.lagged()),
                Err(_) => break,
            }
        }
        let mut out = Vec::new();
        let node = Arc::clone(&self.node);
        tokio::task::block_in_place(|| {
            node.change_floors(|floors, state| {
                for notice in &all {
                    self.notice(notice, floors, state, &mut out);
                }
                // Of what was written in bulk only the newest is gossiped: the rest is not even read.
                let written = all
                    .iter()
                    .rev()
                    .filter_map(|notice| ours(notice))
                    .take(limit::PUBLISH_BULK);
                for (committee, id) in written.collect::<Vec<_>>().into_iter().rev() {
                    self.publish(committee, id, state, &mut out);
                }
            });
        });
        out
    }

    fn notice(&mut self, notice: &Notice, floors: &mut Floors, state: &State, out: &mut Vec<Event>) {
        let now = Instant::now();
        match notice {
            Notice::Admitted { committee, id, .. } => {
                floors.touch(id, state);
                self.settle(id, MessageAcceptance::Accept, out);
                self.changed(committee.as_ref(), state, now);
            }
            Notice::Joined { committee, .. } => self.changed(Some(committee), state, now),
            Notice::Left { committee, id } => {
                floors.touch(id, state);
                self.changed(Some(committee), state, now);
            }
            Notice::Rejected { id, .. } => self.settle(id, MessageAcceptance::Reject, out),
            Notice::Followed { committee, .. } => {
                floors.follow(*committee, state);
                out.push(Event::Follow { committee: *committee });
            }
            // Peers that want it, too, ask once they hear from us.
            Notice::Body { id } => {
                let graph = state.graph();
                let space = graph.num(id).map(|num| graph.id(graph.node(num).space));
                let committee = space.filter(|space| state.follows(space));
                self.changed(committee.as_ref(), state, now);
            }
            Notice::Made { .. } | Notice::Forked { .. } | Notice::Waiting { .. } | Notice::Evicted { .. } => {}
        }
    }

    /// Peers compare soon. An identity's entries may concern every committee.
    fn changed(&mut self, committee: Option<&Id>, state: &State, now: Instant) {
        let mut note = |committee| self.changed.entry(committee).or_insert(Changes::at(now)).last = now;
        match committee {
            Some(committee) => note(*committee),
            None => state.followed().for_each(note),
        }
    }

    /// What was written here goes out at once, without a large body.
    fn publish(&self, committee: Option<&Id>, id: &Id, state: &State, out: &mut Vec<Event>) {
        let Some(num) = state.graph().num(id) else { return };
        let wire = match self.node.ingest.store().wire(num, id, limit::INLINE) {
            Ok(Some(wire)) => wire,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%id, %error, "a stored entry cannot be gossiped");
                return;
            }
        };
        let to: BTreeSet<Id> = match committee {
            Some(committee) => BTreeSet::from([*committee]),
            None => state.followed().take(limit::OWN_TOPICS).collect(),
        };
        out.extend(to.into_iter().map(|committee| Event::Publish {
            committee,
            wire: wire.clone(),
        }));
    }

    fn hold(&mut self, held: Held) -> Vec<Event> {
        let here = tokio::task::block_in_place(|| self.node.ingest.read(|s| s.graph().num(&held.id).is_some()));
        let acceptance = match here {
            true => MessageAcceptance::Accept,
            false if self.held_count >= limit::JUDGING => MessageAcceptance::Ignore,
            false => {
                self.held_count += 1;
                self.held
                    .entry(held.id)
                    .or_default()
                    .push((held, Instant::now() + limit::JUDGING_TIME));
                return Vec::new();
            }
        };
        vec![verdict(held, acceptance)]
    }

    /// What became of an entry that messages wait for: the first is forwarded, others are the same entry again.
    fn settle(&mut self, id: &Id, acceptance: MessageAcceptance, out: &mut Vec<Event>) {
        if self.held.is_empty() {
            return;
        }
        let mut acceptance = Some(acceptance);
        for (held, _) in self.held.remove(id).unwrap_or_default() {
            self.held_count -= 1;
            out.push(verdict(held, acceptance.take().unwrap_or(MessageAcceptance::Ignore)));
        }
    }

    fn lagged(&mut self) -> Vec<Event> {
        self.lost = true;
        Vec::new()
    }

    /// Time passed.
    fn pass(&mut self, now: Instant) -> Vec<Event> {
        let mut out = Vec::new();
        if self.lost && now >= self.rebuilt + limit::REBUILD {
            (self.lost, self.rebuilt) = (false, now);
            let node = Arc::clone(&self.node);
            tokio::task::block_in_place(|| {
                node.change_floors(|floors, state| {
                    *floors = Floors::of(state);
                    self.changed
                        .extend(state.followed().map(|committee| (committee, Changes::at(now))));
                    out.extend(state.followed().map(|committee| Event::Follow { committee }));
                });
            });
        }
        let due: Vec<Id> = self
            .changed
            .extract_if(.., |_, changes| changes.are_due(now))
            .map(|(id, _)| id)
            .collect();
        out.extend(due.into_iter().map(|committee| Event::Changed { committee }));
        self.held.retain(|_, all| {
            all.retain(|(held, until)| {
                let keep = now < *until;
                if !keep {
                    self.held_count -= 1;
                    out.push(Event::Verdict {
                        peer: held.peer,
                        name: held.name.clone(),
                        acceptance: MessageAcceptance::Ignore,
                    });
                }
                keep
            });
            !all.is_empty()
        });
        out
    }
}

/// An entry to be gossiped: what peers gave, gossip forwarded already or sync found; an archive is too much for it.
fn ours(notice: &Notice) -> Option<(Option<&Id>, &Id)> {
    let Notice::Admitted {
        committee, id, origin, ..
    } = notice
    else {
        return None;
    };
    let ours = match origin {
        Origin::Local => true,
        Origin::Peer(source) => !is_peer(*source),
        Origin::Import => false,
    };
    ours.then_some((committee.as_ref(), id))
}

fn verdict(held: Held, acceptance: MessageAcceptance) -> Event {
    Event::Verdict {
        peer: held.peer,
        name: held.name,
        acceptance,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn changes_are_told_when_they_pause_and_at_the_latest_after_a_second() {
        let begun = Instant::now();
        let mut changes = Changes::at(begun);
        assert!(!changes.are_due(begun + limit::SETTLE / 2) && changes.are_due(begun + limit::SETTLE));
        let step = limit::SETTLE / 2;
        let mut now = begun;
        while now + step < begun + limit::SETTLE_MOST {
            now += step;
            assert!(!changes.are_due(now), "more comes all the time: {:?}", now - begun);
            changes.last = now;
        }
        assert!(changes.are_due(begun + limit::SETTLE_MOST + Duration::from_millis(1)));
    }
}
