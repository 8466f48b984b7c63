//! One session with one peer about one committee: carries frames and entries between the sync machine, the driver
//! and ingest. What to ask and what to believe is the machine's business.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use althing_protocol::hash::{Hash, Id};
use althing_protocol::state::{Outcome, Refusal, State};
use althing_protocol::sync::{self, Answer, Claim, FloorBudget, Input, Limits, Output, Place, Report, Session};
use futures::stream::{FuturesOrdered, StreamExt as _};
use libp2p::PeerId;
use tokio::sync::{mpsc, oneshot};

use super::driver::Event;
use super::penalty::Offence;
use super::replica::Node;
use super::tried::Tried;
use super::{limit, offence};
use crate::ingest::{Accepted, Landed, Origin, Reject};
use crate::store::Bodies;

/// What a session begins with.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) peer: PeerId,
    pub(super) committee: Id,
    pub(super) origin: Origin,
    pub(super) read: Option<Place>,
    pub(super) floor: Option<Place>,
    pub(super) tried: Tried,
    /// Let the peer ask first if it holds less.
    pub(super) patient: bool,
}

/// What is left of it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) report: Report,
    pub(super) tried: Tried,
    /// The digest that the peer stated.
    pub(super) digest: Option<Hash>,
    /// Something on the peer's floor found no room on this node's.
    pub(super) full: bool,
    /// It ended at once because the peer holds less, and may ask first.
    pub(super) yielded: bool,
}

/// A request for the driver to send. No answer if the other end is dropped.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) peer: PeerId,
    pub(super) frame: Vec<u8>,
    pub(super) answer: oneshot::Sender<Vec<u8>>,
}

struct Runner {
    node: Arc<Node>,
    start: Start,
    questions: mpsc::Sender<Question>,
    events: mpsc::Sender<Event>,
    digest: Option<Hash>,
    full: bool,
    yielded: bool,
    staging: Staging,
}

/// What ingest made of a delivery.
struct Stored {
    claim: Claim,
    ids: Vec<Option<Id>>,
    /// What was delivered, where it may have to be delivered again.
    wires: Vec<Vec<u8>>,
    results: Vec<Result<Accepted, Reject>>,
}

/// The session's staging room: entries of the peer's record that found no room on this node's floor, until the entry
/// that takes them up has come. Then they are on its author's account, and come in without being asked for again.
#[derive(Default)]
struct Staging {
    held: VecDeque<(Id, Vec<u8>)>,
    bytes: usize,
}

impl Staging {
    /// Keeps what was refused for room; the oldest goes when it is full. Answers what may come in now, if anything
    /// that waits misses some of it: children first, because each calls for its parents.
    fn sort(&mut self, wires: Vec<Vec<u8>>, results: &[Result<Accepted, Reject>]) -> Vec<Vec<u8>> {
        let mut missing = BTreeSet::new();
        for (wire, result) in wires.into_iter().zip(results) {
            let Ok(Accepted { id, outcome, .. }) = result else {
                continue;
            };
            match outcome {
                Outcome::Refused(Refusal::Floor(_)) => {
                    self.bytes += wire.len();
                    self.held.push_back((*id, wire));
                }
                Outcome::Waiting(names) => missing.extend(names.iter().copied()),
                _ => {}
            }
        }
        let called = self.held.iter().any(|(id, _)| missing.contains(id));
        while self.bytes > limit::STAGING
            && let Some((_, wire)) = self.held.pop_front()
        {
            self.bytes -= wire.len();
        }
        if !called {
            return Vec::new();
        }
        self.bytes = 0;
        std::mem::take(&mut self.held)
            .into_iter()
            .rev()
            .map(|(_, wire)| wire)
            .collect()
    }
}

/// Runs a session to its end. None if the node stops.
pub(super) async fn run(
    node: Arc<Node>,
    start: Start,
    questions: mpsc::Sender<Question>,
    events: mpsc::Sender<Event>,
) -> Option<Ended> {
    let runner = Runner {
        node,
        start,
        questions,
        events,
        digest: None,
        full: false,
        yielded: false,
        staging: Staging::default(),
    };
    runner.run().await
}

impl Runner {
    async fn run(mut self) -> Option<Ended> {
        let mut session = Session::new(self.config());
        let mut answer: Option<oneshot::Receiver<Vec<u8>>> = None;
        let mut storing = FuturesOrdered::new();
        let mut input = Input::Start;
        let over = tokio::time::sleep(limit::SESSION_TIME);
        tokio::pin!(over);
        loop {
            let (machine, outputs) = self.handle(session, input).await?;
            session = machine;
            for output in outputs {
                match output {
                    Output::Send(frame) => answer = Some(self.ask(frame).await?),
                    Output::Deliver { wires, claim } => {
                        storing.push_back(store(Arc::clone(&self.node), self.start.origin, wires, claim))
                    }
                    Output::Penalise(fault) => {
                        tracing::debug!(peer = %self.start.peer, %fault, "sync");
                        self.charge(Offence::BadFrame).await;
                    }
                    Output::Done(report) => {
                        return Some(Ended {
                            report,
                            tried: self.start.tried,
                            digest: self.digest,
                            full: self.full,
                            yielded: self.yielded,
                        });
                    }
                }
            }
            input = tokio::select! {
                Some(stored) = storing.next() => self.stored(stored?).await,
                frame = receive(&mut answer) => match frame {
                    Some(frame) => self.answered(frame),
                    None => Input::Failed,
                },
                () = &mut over => Input::Failed,
            };
        }
    }

    fn config(&self) -> sync::Config {
        let committee = self.start.committee;
        // Where only some bodies are wanted they are fetched one by one afterwards.
        let all = self.node.ingest.bodies_of(&committee) == Some(Bodies::All);
        sync::Config {
            committee,
            inline: if all { sync::INLINE } else { 0 },
            read: self.start.read,
            floor: FloorBudget {
                read: self.start.floor,
                entries: limit::FLOOR_ENTRIES,
            },
            limits: Limits {
                idle: limit::SESSION_IDLE,
                ..Limits::default()
            },
        }
    }

    /// The machine's step, where the state can be looked at.
    async fn handle(&mut self, mut session: Session, input: Input) -> Option<(Session, Vec<Output>)> {
        let now = self.node.now();
        let step = move |view: &super::replica::View<'_>| {
            let outputs = session.handle(view, now, input);
            (session, outputs, view.met_full_floor())
        };
        let tried = Some(self.start.tried.clone());
        let (session, outputs, full) = self.node.look(self.start.committee, tried, step).await?;
        self.full |= full;
        Some((session, outputs))
    }

    async fn ask(&self, frame: Vec<u8>) -> Option<oneshot::Receiver<Vec<u8>>> {
        let (answer, receiver) = oneshot::channel();
        let question = Question {
            peer: self.start.peer,
            frame,
            answer,
        };
        self.questions.send(question).await.ok()?;
        Some(receiver)
    }

    fn answered(&mut self, frame: Vec<u8>) -> Input {
        // Small, unlike other answers: read here too, to know how the peer stands.
        if frame.len() < 1024
            && let Ok(Answer::Hello(summary)) = Answer::decode(&frame)
        {
            self.digest = Some(summary.digest);
            // Two nodes that search each other for the same difference move everything twice.
            if std::mem::take(&mut self.start.patient) && self.held() > summary.count {
                self.yielded = true;
                return Input::Failed;
            }
        }
        Input::Answer(frame)
    }

    /// Entries in this node's record.
    fn held(&self) -> u64 {
        let held = |state: &State| state.committee(&self.start.committee).map_or(0, |c| c.record().len());
        let held = tokio::task::block_in_place(|| self.node.ingest.read(held));
        u64::try_from(held).unwrap_or(u64::MAX)
    }

    async fn stored(&mut self, stored: Stored) -> Input {
        let Stored {
            claim,
            ids,
            wires,
            results,
        } = stored;
        let gains = |results: &[Result<Accepted, Reject>]| {
            results
                .iter()
                .filter(|result| result.as_ref().is_ok_and(is_gain))
                .count()
        };
        let mut gained = gains(&results);
        self.full |= results.iter().flatten().any(is_refused);
        let called = self.staging.sort(wires, &results);
        if !called.is_empty()
            && let Ok(results) = self.node.ingest.submit_last(self.start.origin, called).await
        {
            gained += gains(&results);
        }
        // A ban takes few offences; the rest of a bad frame need not be counted.
        for offence in results.iter().filter_map(offence).take(16) {
            self.charge(offence).await;
        }
        if claim == Claim::Body {
            let had = |result: &Result<Accepted, Reject>| {
                result
                    .as_ref()
                    .is_ok_and(|a| matches!(a.body, Landed::Stored | Landed::Known))
            };
            let (got, missed): (Vec<_>, Vec<_>) = ids.iter().zip(&results).partition(|(_, result)| had(result));
            let list = |pairs: Vec<(&Option<Id>, _)>| pairs.iter().filter_map(|(id, _)| **id).collect::<Vec<Id>>();
            self.start
                .tried
                .note(&list(missed), &list(got), std::time::Instant::now());
        }
        Input::Stored {
            gained: u64::try_from(gained).unwrap_or(u64::MAX),
        }
    }

    async fn charge(&self, offence: Offence) {
        let peer = self.start.peer;
        // The driver is gone only when the node stops.
        drop(self.events.send(Event::Offence { peer, offence }).await);
    }
}

async fn store(node: Arc<Node>, origin: Origin, wires: Vec<Vec<u8>>, claim: Claim) -> Option<Stored> {
    let ids = match claim {
        Claim::Body => wires.iter().map(|wire| sync::claimed_id(wire)).collect(),
        _ => Vec::new(),
    };
    let kept = match claim {
        Claim::Record => wires.clone(),
        _ => Vec::new(),
    };
    let results = node.ingest.submit_last(origin, wires).await.ok()?;
    Some(Stored {
        claim,
        ids,
        wires: kept,
        results,
    })
}

/// The answer under way; for ever if none is. None when there will be none.
async fn receive(answer: &mut Option<oneshot::Receiver<Vec<u8>>>) -> Option<Vec<u8>> {
    match answer {
        Some(receiver) => {
            let frame = receiver.await.ok();
            *answer = None;
            frame
        }
        None => std::future::pending().await,
    }
}

/// Whether a session gained by it. What waits is no gain: a peer could send such things for ever.
fn is_gain(accepted: &Accepted) -> bool {
    matches!(accepted.outcome, Outcome::Admitted(_)) || accepted.body == Landed::Stored
}

fn is_refused(accepted: &Accepted) -> bool {
    matches!(accepted.outcome, Outcome::Refused(Refusal::Floor(_)))
}

#[cfg(test)]
mod tests {
    use althing_protocol::floor::Full;

    use super::*;

    fn result(n: u8, outcome: Outcome) -> Result<Accepted, Reject> {
        let (id, body) = (Id([n; 32]), Landed::Nothing);
        Ok(Accepted { id, outcome, body })
    }

    #[test]
    fn what_found_no_room_comes_in_once_something_calls_for_it() {
        let refused = || Outcome::Refused(Refusal::Floor(Full::Total { limit: 1 }));
        let mut staging = Staging::default();
        let wires = |n: usize| vec![vec![0; 1000]; n];
        let first = [result(1, refused()), result(2, refused()), result(3, refused())];
        assert!(staging.sort(vec![vec![1], vec![2], vec![3]], &first).is_empty());
        let other = [result(9, Outcome::Waiting(vec![Id([8; 32])]))];
        assert!(staging.sort(wires(1), &other).is_empty(), "of no use");
        let member = [result(4, Outcome::Waiting(vec![Id([3; 32])]))];
        assert_eq!(staging.sort(wires(1), &member), [[3], [2], [1]], "children first");
        assert!(staging.held.is_empty() && staging.bytes == 0);

        let many: Vec<_> = (0..=255).map(|n| result(n, refused())).collect();
        for _ in 0..30 {
            staging.sort(wires(256), &many);
            assert!(staging.bytes <= limit::STAGING);
        }
        assert_eq!(
            staging.held.iter().map(|(_, wire)| wire.len()).sum::<usize>(),
            staging.bytes
        );
    }
}
