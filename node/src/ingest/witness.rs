//! Cosigning the checkpoints of other members' nodes, as long as their logs only grow (`docs/spec/log.md`).
//!
//! Invariant: what was cosigned is on disk before the cosignature leaves this node, compared and written in one step on the
//! writer's thread: a crash or two requests at once never make it sign two histories.

use althing_protocol::fraud::Fraud;
use althing_protocol::hash::Id;
use althing_protocol::log::checkpoint::Origin;
use althing_protocol::log::keeper;
use althing_protocol::log::note::{BadNote, Note};
use althing_protocol::log::witness::{self, Cosign, Known, Refusal, Request, Whose};
use thiserror::Error;

use super::{Ingest, Stopped, job};
use crate::clock;
use crate::store;
use crate::store::log::Cosigned;

/// Logs of others that are cosigned for one committee: those met first.
pub const LOGS: usize = 1024;

/// Of these, generations of one node: a disk is not lost more often.
pub const GENERATIONS: usize = 8;

/// What became of a request.
#[derive(Debug)]
pub enum Witnessed {
    /// The line of the cosignature.
    Cosigned(String),
    /// Refused by a rule; with the checkpoint that was cosigned before, signed by the log alone, if there is one.
    Refused(Refusal, Option<String>),
    /// It contradicts what was cosigned before: both notes together prove it.
    Fork(Box<Fraud>, Refusal, String),
}

/// Why a request is not answered.
#[derive(Debug, Error)]
pub enum Unwitnessed {
    /// Its own key is nobody's yet.
    #[error("this node is not enrolled yet and cosigns nothing")]
    NotEnrolled,
    /// It cosigns as many as it can.
    #[error(
        "this node cosigns {LOGS} logs of a committee, {GENERATIONS} generations of one node among them, and takes no more"
    )]
    Many,
    /// The key.
    #[error("the cosignature cannot be made: {0}")]
    Note(#[from] BadNote),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The door.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Ingest {
    /// Judges a request for a cosignature, and cosigns.
    ///
    /// # Errors
    /// [`Unwitnessed`]; a request that breaks a rule is an answer.
    pub async fn witness(&self, request: Request) -> Result<Witnessed, Unwitnessed> {
        if self.home().node_cert().is_none() {
            return Err(Unwitnessed::NotEnrolled);
        }
        let origin = request.checkpoint.origin;
        if origin.node == self.origin(origin.committee).node {
            return Ok(Witnessed::Refused(Refusal::Nobodys, None));
        }
        // Before the writer is asked: anybody may send requests, and only members' nodes can sign one.
        let whose = self.read(|state| match state.committee(&origin.committee) {
            None => Whose::Unfollowed,
            Some(committee) => match keeper::of(committee, &origin.node, state) {
                Some(_) => Whose::Members,
                None => Whose::Nobodys,
            },
        });
        if let Err(refusal @ (Refusal::Unfollowed | Refusal::Nobodys | Refusal::Unsigned)) =
            witness::judge(&request, None, whose)
        {
            return Ok(Witnessed::Refused(refusal, None));
        }
        let (job, judged) = job::change(move |step, _, shared| -> Result<_, Unwitnessed> {
            let name = origin.to_string();
            let before = shared.store.cosigned(&name)?;
            let known = before.as_ref().map(|last| Known {
                size: last.size,
                root: last.root,
            });
            match witness::judge(&request, known, whose) {
                Ok(leave) => {
                    let full = |beginning: &str, most| -> Result<bool, store::Error> {
                        Ok(shared.store.cosigned_of(beginning, most)?.len() >= most)
                    };
                    let of_node = format!("{}{}/", beginning(origin.committee), origin.node);
                    if before.is_none() && (full(&of_node, GENERATIONS)? || full(&beginning(origin.committee), LOGS)?) {
                        return Err(Unwitnessed::Many);
                    }
                    step.batch.cosigned(
                        &name,
                        &Cosigned {
                            note: request.note.write(),
                            size: leave.checkpoint.size,
                            root: leave.checkpoint.root,
                            time: clock::now_ms(),
                        },
                    );
                    Ok(Ok(leave))
                }
                Err(refusal) => {
                    // An honest log asks from a wrong size too, after a restart: only what cannot both be true is kept.
                    let same =
                        known.is_some_and(|k| k.size == request.checkpoint.size && k.root != request.checkpoint.root);
                    // And only of a log that is cosigned: their number is bounded.
                    if before.is_some() && (same || matches!(refusal, Refusal::Proof(_))) {
                        step.batch.doubted(
                            &name,
                            &Cosigned {
                                note: request.note.write(),
                                size: request.checkpoint.size,
                                root: request.checkpoint.root,
                                time: clock::now_ms(),
                            },
                        );
                    }
                    Ok(Err((refusal, before, request.note)))
                }
            }
        });
        self.send(job).await?;
        match judged.await.map_err(|_| self.stopped())?? {
            Ok(leave) => Ok(Witnessed::Cosigned(self.cosign(&leave)?)),
            Err((refusal, Some(before), note)) => {
                let before = alone(Note::read(&before.note)?, origin);
                Ok(match fork(&before, note, origin) {
                    Some(fraud) => Witnessed::Fork(Box::new(fraud), refusal, before),
                    None => Witnessed::Refused(refusal, Some(before)),
                })
            }
            Err((refusal, None, _)) => Ok(Witnessed::Refused(refusal, None)),
        }
    }

    fn cosign(&self, leave: &Cosign) -> Result<String, Unwitnessed> {
        let line = leave.sign(clock::now_ms() / 1000, self.home().node_key())?;
        Ok(line.write())
    }

    /// Notes that the fraud of a log is published.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn note_accused(&self, origin: Origin) -> Result<(), Stopped> {
        let (job, done) = job::change(move |step, _, _| step.batch.accused(&origin.to_string()));
        self.send(job).await?;
        done.await.map_err(|_| self.stopped())
    }

    /// The latest checkpoints of others' logs of a committee that this node cosigned, by origin.
    ///
    /// # Errors
    /// What the store says.
    pub fn others_logs(&self, committee: Id) -> Result<Vec<(String, Cosigned)>, store::Error> {
        self.store().cosigned_of(&beginning(committee), LOGS)
    }

    /// Checkpoints of others' logs of a committee that contradict those, or do not go on from them, by origin.
    ///
    /// # Errors
    /// What the store says.
    pub fn doubted_logs(&self, committee: Id) -> Result<Vec<(String, Cosigned)>, store::Error> {
        self.store().doubted_of(&beginning(committee), LOGS)
    }
}

fn beginning(committee: Id) -> String {
    format!("althing/1/{committee}/")
}

/// A note with the log's signature alone: what others cosigned is not at issue.
fn alone(mut note: Note, origin: Origin) -> String {
    note.signatures.retain(|line| line.name == origin.to_string());
    note.write()
}

/// A fraud, if the two are one.
fn fork(before: &str, note: Note, origin: Origin) -> Option<Fraud> {
    let fraud = Fraud::Fork {
        a: before.to_owned(),
        b: alone(note, origin),
    };
    fraud.verify(origin.committee).ok()?;
    Some(fraud)
}
