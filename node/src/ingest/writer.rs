//! The second stage: one thread that changes the state and writes it down.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use althing_protocol::entry::{Body, Carried, Verified};
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::state::{Event, Outcome, State};

use super::author::Author;
use super::choice::Choice;
use super::job::{self, Results, Tell};
use super::ration::is_rationed;
use super::verifier::{Checked, Ready};
use super::{Accepted, Landed, Notice, Origin, Reject, Shared, World};
use crate::store::{self, Batch, Bodies, Store};

/// Changes of records after which digests are brought up to date at once.
const MANY: usize = 4096;

/// So few are brought up to date at once too: it costs next to nothing.
const FEW: usize = 64;

/// Otherwise when nothing came for so long.
const IDLE: Duration = Duration::from_millis(20);

pub(super) struct Writer {
    shared: Arc<Shared>,
    /// Changes of records since digests were brought up to date.
    stale: usize,
    /// Whoever waits for the group under way. Here, so that they outlive a failed write until the failure can be read:
    /// the end of their wait is what sends them to read it.
    tell: Vec<Tell>,
}

/// Headers on either side of a damaged one that are looked at: far more than a block holds.
const BLOCK: usize = 4096;

/// One group on its way to the disk.
pub(super) struct Step {
    pub(super) store: Store,
    pub(super) batch: Batch,
    pub(super) notices: Vec<Notice>,
    tell: Vec<Tell>,
    events: Vec<Event>,
    moves: usize,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            stale: 0,
            tell: Vec::new(),
        }
    }

    /// Until no group can come any more, or a write fails.
    pub(super) fn run(mut self, groups: &mpsc::Receiver<Vec<Ready>>) -> Result<(), Arc<store::Error>> {
        loop {
            let group = match self.stale {
                0 => groups.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
                _ => groups.recv_timeout(IDLE),
            };
            match group {
                Ok(group) => self.write(group).map_err(|e| self.fail(e))?,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    settle(&mut self.shared.write().state);
                    self.stale = 0;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Applies a group, writes it as one batch, then answers.
    pub(super) fn write(&mut self, group: Vec<Ready>) -> Result<(), store::Error> {
        let shared = Arc::clone(&self.shared);
        // Held until the batch is on disk: nobody may see, or pass on, what a crash could still undo.
        let mut world = shared.write();
        let mut step = Step::new(&shared.store);
        for ready in group {
            step.apply(ready, &mut world, &shared);
        }
        let Step {
            batch,
            notices,
            tell,
            moves,
            ..
        } = step;
        self.tell = tell;
        if !batch.is_empty() {
            shared.store.write(batch)?;
        }
        self.stale += moves;
        if moves > 0 && (self.stale <= FEW || self.stale >= MANY) {
            settle(&mut world.state);
            self.stale = 0;
        }
        drop(world);
        for notice in notices {
            // Nobody may be listening.
            drop(shared.notices.send(Arc::new(notice)));
        }
        for tell in std::mem::take(&mut self.tell) {
            tell();
        }
        Ok(())
    }

    fn fail(&self, error: store::Error) -> Arc<store::Error> {
        tracing::error!(%error, "cannot write; the node stops");
        Arc::clone(self.shared.failure.get_or_init(|| Arc::new(error)))
    }
}

/// Brings the digests up to date.
fn settle(state: &mut State) {
    let all: Vec<Id> = state.committees().map(|c| state.graph().id(c.root())).collect();
    for id in all {
        if let Some(committee) = state.committee_mut(&id) {
            committee.record_mut().tree_mut().settle();
        }
    }
}

/// A damaged block of a table holds many headers: finds those beside one.
fn broken_beside(store: &Store, num: Num, state: &State, choice: &mut Choice) {
    let graph = state.graph();
    let mut look = |beside: &mut dyn Iterator<Item = u32>| {
        for num in beside.take(BLOCK).map(Num).filter(|n| graph.contains(*n)) {
            match store.header(num, &graph.id(num)) {
                Err(store::Error::Corrupt { .. }) => choice.broke(num),
                _ => break,
            }
        }
    };
    look(&mut (0..num.0).rev());
    look(&mut (num.0.saturating_add(1)..u32::MAX));
}

impl Step {
    fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            batch: store.batch(),
            notices: Vec::new(),
            tell: Vec::new(),
            events: Vec::new(),
            moves: 0,
        }
    }

    fn apply(&mut self, ready: Ready, world: &mut World, shared: &Shared) {
        match ready {
            Ready::Entries {
                origin,
                entries,
                answer,
            } => {
                let results = self.entries(origin, entries, world);
                self.tell.push(job::tell(answer, results));
            }
            Ready::Write(compose) => {
                let mut author = Author::new(world, self, &shared.home);
                let tell = compose(&mut author);
                self.tell.push(tell);
            }
            Ready::Follow {
                committee,
                bodies,
                answer,
            } => {
                self.follow(committee, bodies, world);
                self.tell.push(job::tell(answer, ()));
            }
            Ready::Body { id, body, answer } => {
                let landed = self.late_body(id, &body, world);
                self.tell.push(job::tell(answer, landed));
            }
            Ready::Heal { id, answer } => {
                let healed = self.heal(id, world);
                self.tell.push(job::tell(answer, healed));
            }
            Ready::Change(change) => {
                let tell = change(self, world, shared);
                self.tell.push(tell);
            }
        }
    }

    fn entries(&mut self, origin: Origin, entries: Vec<Checked>, world: &mut World) -> Results {
        let mut results: Results = Vec::with_capacity(entries.len());
        for checked in entries {
            let result = match checked {
                Checked::Good(entry, wire) => Ok(self.take(*entry, wire, origin, world)),
                Checked::Known(entry, wire) => match world.state.graph().num(&entry.id()) {
                    // Whoever relays a body looks at it first, whether or not anybody lacks it.
                    Some(num) => Ok(Accepted {
                        id: entry.id(),
                        outcome: Outcome::Known(num),
                        body: match entry.has_wrong_body() {
                            true => Landed::Mismatch,
                            false => Landed::Nothing,
                        },
                    }),
                    // Evicted meanwhile.
                    None => entry
                        .verify()
                        .map(|e| self.take(e, wire, origin, world))
                        .map_err(Reject::from),
                },
                Checked::Bad(reject) => Err(reject),
            };
            results.push(result);
        }
        results
    }

    /// THE door, for one entry: whatever its origin, it becomes part of the state here and nowhere else.
    pub(super) fn take(&mut self, mut entry: Verified, wire: Hash, origin: Origin, world: &mut World) -> Accepted {
        let id = entry.id();
        let mismatch = matches!(entry.body(), Carried::Mismatch);
        if let Some(num) = world.state.graph().num(&id) {
            let mended = world.choice.is_broken(num);
            if mended {
                self.batch.header(num, &entry);
                world.choice.mended(num, &world.state);
            }
            let body = entry.take_body().map(|body| self.put_body(num, &body, world));
            let body = body.unwrap_or(if mismatch { Landed::Mismatch } else { Landed::Nothing });
            return Accepted {
                id,
                outcome: Outcome::Known(num),
                body: if mended { Landed::Stored } else { body },
            };
        }
        let outcome = world.state.offer(entry, origin.source(), &mut self.events);
        let mut body = self.note(id, wire, origin, world);
        if mismatch {
            body = Landed::Mismatch;
        }
        match &outcome {
            Outcome::Waiting(missing) => {
                self.notices.push(Notice::Waiting {
                    id,
                    missing: missing.clone(),
                    origin,
                });
            }
            Outcome::Rejected(fault) => {
                self.notices.push(Notice::Rejected {
                    id,
                    source: origin,
                    fault: fault.clone(),
                });
            }
            _ => {}
        }
        Accepted { id, outcome, body }
    }

    /// Follows a committee, or otherwise than before.
    pub(super) fn follow(&mut self, committee: Id, bodies: Bodies, world: &mut World) {
        world.state.follow(committee);
        self.batch.follow(&committee, &bodies);
        let World {
            state, choice, ration, ..
        } = world;
        choice.follow(committee, bodies.clone(), state, ration);
        self.notices.push(Notice::Followed { committee, bodies });
    }

    /// Writes down what offering one entry changed. Answers what became of that entry's own body.
    fn note(&mut self, offered: Id, wire: Hash, origin: Origin, world: &mut World) -> Landed {
        let mut landed = Landed::Nothing;
        for event in std::mem::take(&mut self.events) {
            let World {
                state,
                choice,
                ration,
                logs,
            } = &mut *world;
            let id = |num: Num| state.graph().id(num);
            match event {
                Event::Admitted(num, mut entry) => {
                    let direct = entry.id() == offered;
                    let wire = if direct {
                        wire
                    } else {
                        althing_protocol::entry::wire_hash(&entry.wire())
                    };
                    let body = entry.take_body();
                    let mut keeps = choice.keeps(num, state);
                    if keeps && entry.header().len > 0 && is_rationed(num, choice.own(), state) {
                        let key = state.graph().key(num);
                        keeps = ration.grants(num, key, entry.header().len, body.is_some());
                    }
                    let stored = body.as_ref().filter(|_| keeps);
                    self.batch.admit(num, &entry, stored, state.graph());
                    choice.want(num, keeps && stored.is_none() && entry.header().len > 0);
                    if direct {
                        landed = match (&body, stored) {
                            (_, Some(_)) => Landed::Stored,
                            (Some(_), None) => Landed::Unwanted,
                            (None, None) => Landed::Nothing,
                        };
                    }
                    let space = state.graph().node(num).space;
                    let committee = (state.graph().node(space).class == Class::Committee).then(|| id(space));
                    self.notices.push(Notice::Admitted {
                        committee,
                        id: entry.id(),
                        num,
                        wire,
                        origin,
                    });
                }
                Event::Joined {
                    committee,
                    num,
                    position,
                } => {
                    let leaf = logs.joined(committee, num, position.is_some(), state.graph(), &mut self.batch);
                    self.moves += 1;
                    if ration.release(num) {
                        choice.want(num, choice.keeps(num, state));
                    }
                    self.notices.push(Notice::Joined {
                        committee: id(committee),
                        id: id(num),
                        num,
                        position,
                        leaf,
                    });
                }
                Event::Left { committee, num } => {
                    logs.left(committee, num, state.graph(), &mut self.batch);
                    self.moves += 1;
                    self.notices.push(Notice::Left {
                        committee: id(committee),
                        id: id(num),
                    });
                }
                Event::Made { committee, act } => {
                    self.notices.push(Notice::Made {
                        committee: id(committee),
                        act: id(act),
                    });
                }
                Event::Forked { first, second } => {
                    self.notices.push(Notice::Forked {
                        first: id(first),
                        second: id(second),
                    });
                }
                Event::Evicted(num, id) => {
                    self.batch.evict(num);
                    choice.forget(num);
                    ration.release(num);
                    self.notices.push(Notice::Evicted { id });
                }
                Event::Rejected { id, source, fault } => {
                    self.notices.push(Notice::Rejected {
                        id,
                        source: Origin::from_source(source),
                        fault,
                    });
                }
                Event::Refused { .. } => {}
            }
        }
        landed
    }

    fn late_body(&mut self, id: Id, body: &Body, world: &mut World) -> Landed {
        let Some(num) = world.state.graph().num(&id) else {
            return Landed::NoEntry;
        };
        match self.store.header(num, &id) {
            Ok(Some(stored)) if body.fits(&stored.header) => self.put_body(num, body, world),
            Ok(Some(_)) => Landed::Mismatch,
            Ok(None) => Landed::NoEntry,
            Err(error) => {
                tracing::error!(%error, "a stored header cannot be read");
                Landed::NoEntry
            }
        }
    }

    /// Sees to it that peers are asked again for what of an entry is damaged.
    fn heal(&mut self, id: Id, world: &mut World) -> bool {
        let World { state, choice, .. } = world;
        let Some(num) = state.graph().num(&id) else {
            return false;
        };
        match self.store.header(num, &id) {
            Ok(Some(stored)) => match self.store.body(num, &stored.header) {
                Ok(_) => return false,
                Err(_) => {
                    self.batch.drop_body(num, state.graph());
                    choice.want(num, choice.keeps(num, state));
                }
            },
            Err(store::Error::Corrupt { .. }) if !choice.is_broken(num) => {
                choice.broke(num);
                broken_beside(&self.store, num, state, choice);
            }
            _ => return false,
        }
        tracing::warn!(%id, "a stored entry is damaged and is fetched again");
        // Peers are asked at once.
        for committee in state.followed() {
            let bodies = choice.of(&committee).cloned().unwrap_or_default();
            self.notices.push(Notice::Followed { committee, bodies });
        }
        true
    }

    /// Stores a body that was checked against its header, if it is wanted.
    fn put_body(&mut self, num: Num, body: &Body, world: &mut World) -> Landed {
        let World {
            state, choice, ration, ..
        } = world;
        let len = u64::try_from(body.bytes.len()).unwrap_or(u64::MAX);
        if choice.is_wanted(num)
            && is_rationed(num, choice.own(), state)
            && !ration.grants(num, state.graph().key(num), len, true)
        {
            choice.want(num, false);
            Landed::Unwanted
        } else if choice.is_wanted(num) {
            self.batch.body(num, body, state.graph());
            choice.want(num, false);
            self.notices.push(Notice::Body {
                id: state.graph().id(num),
            });
            Landed::Stored
        } else if choice.keeps(num, state) && !ration.refuses(num) {
            Landed::Known
        } else {
            Landed::Unwanted
        }
    }
}
