//! Writing as this node's owner, on the writer's thread.

use althing_protocol::admit::{self, Fault, Verdict};
use althing_protocol::author::{self, Draft, Refused, Writer};
use althing_protocol::entry::{BadSignature, Body, Entry, Malformed, Part, Verified, wire_hash};
use althing_protocol::hash::Id;
use althing_protocol::state::{Outcome, Refusal, State};
use althing_protocol::{control, limit};
use thiserror::Error;

use super::writer::Step;
use super::{Origin, World, facts};
use crate::clock;
use crate::home::{self, Home};
use crate::store::{self, Bodies, Store};

/// Entries that one call of [`super::Ingest::write`] may write: they are one batch.
pub const MOST: usize = 4096;

/// Bytes of their bodies.
pub const MOST_BYTES: usize = 16 << 20;

/// With which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The owner's device.
    Device,
    /// The node's own key.
    Node,
}

/// Why an entry was not written.
#[derive(Debug, Error)]
pub enum Unwritten {
    /// It could not be composed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It breaks a rule of admission.
    #[error(transparent)]
    Rejected(#[from] Fault),
    /// Its bytes break a limit.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Its own signature does not stand: a key file is damaged.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// It names something that is not here.
    #[error("it names {} entries that are not here yet; let the node sync first", .0.len())]
    Waiting(Vec<Id>),
    /// This node does not keep it.
    #[error(transparent)]
    NotKept(#[from] Refusal),
    /// The key is not at hand.
    #[error(transparent)]
    Key(#[from] home::Error),
    /// Own entries were lost with a damaged store.
    #[error(
        "{} of your own entries were lost with the damaged store and are not back yet; a second entry under their \
         numbers would be a fork. Let the node sync with others first", .0
    )]
    Lost(usize),
    /// Nobody knows whether some were.
    #[error(
        "entries of yours may have been lost with the damaged store; a second entry under their numbers would be a fork. \
         Let the node sync until `althing peers` shows the same digests, then stop it, run `althing fsck --unlock` and \
         start it again. If nobody has your entries, enrol a new device instead"
    )]
    Unsure,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// One call writes too much.
    #[error("one step writes at most {MOST} entries with {} MiB of text; write in several steps", MOST_BYTES >> 20)]
    TooMuch,
}

/// Writes entries one after the other; each sees those before it.
pub struct Author<'a> {
    world: &'a mut World,
    step: &'a mut Step,
    home: &'a Home,
    now: u64,
    written: usize,
    bytes: usize,
}

impl<'a> Author<'a> {
    pub(super) fn new(world: &'a mut World, step: &'a mut Step, home: &'a Home) -> Self {
        Self {
            world,
            step,
            home,
            now: clock::now_ms(),
            written: 0,
            bytes: 0,
        }
    }

    /// The state as it is now, with what this call has written so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.world.state
    }

    /// The store, without what this call has written so far.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.step.store
    }

    /// The owner.
    #[must_use]
    pub fn home(&self) -> &Home {
        self.home
    }

    /// Milliseconds since 1970, when this call began.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Writes an entry with the device's key. A fresh salt is drawn, and a draft with time 0 gets the time.
    ///
    /// # Errors
    /// [`Unwritten`]; nothing was written then.
    pub fn write(&mut self, space: Id, draft: Draft) -> Result<Id, Unwritten> {
        self.write_as(Signer::Device, space, draft)
    }

    /// Writes an entry with any of the owner's keys.
    ///
    /// # Errors
    /// [`Unwritten`]; nothing was written then.
    pub fn write_as(&mut self, signer: Signer, space: Id, mut draft: Draft) -> Result<Id, Unwritten> {
        self.free_to_write()?;
        draft.body = self.salted(draft.body)?;
        if draft.time == 0 {
            draft.time = self.now;
        }
        // Whoever knows the chain says so with every entry: it was signed no earlier.
        draft.not_before = draft.not_before.or_else(|| facts::recent(&self.world.facts));
        let state = &self.world.state;
        let entry = match signer {
            Signer::Device => author::write(state, space, &device(self.home)?, draft)?,
            Signer::Node => {
                let writer = Writer {
                    key: self.home.node_key(),
                    cert: Some(self.home.node_cert().ok_or(home::Error::NotEnrolled)?),
                };
                author::write(state, space, &writer, draft)?
            }
        };
        self.enter(&entry)
    }

    /// Founds a committee with the device's key, and follows it with all bodies. The founders must be here.
    ///
    /// # Errors
    /// [`Unwritten`]; nothing was written or followed then.
    pub fn found(&mut self, founding: control::Committee, body: Option<Vec<u8>>) -> Result<Id, Unwritten> {
        let body = self.salted(body.map(|bytes| Body {
            salt: [0; limit::SALT],
            bytes,
        }))?;
        let entry = author::committee(&device(self.home)?, founding, body, self.now);
        let state = &self.world.state;
        let none = hashbrown::HashSet::new();
        match admit::judge(entry.id(), entry.header(), state.graph(), state.identities(), &none) {
            Verdict::Admit(..) => {}
            Verdict::Wait(missing) => return Err(Unwritten::Waiting(missing)),
            Verdict::Reject(fault) => return Err(fault.into()),
        }
        self.step.follow(entry.id(), Bodies::All, self.world);
        self.enter(&entry)
    }

    /// After a repair own entries may be missing, see [`crate::repair`].
    fn free_to_write(&self) -> Result<(), Unwritten> {
        let hold = self.step.store.hold()?;
        let graph = self.world.state.graph();
        match hold.lost.iter().filter(|id| graph.num(id).is_none()).count() {
            _ if hold.unsure => Err(Unwritten::Unsure),
            0 => Ok(()),
            lost => Err(Unwritten::Lost(lost)),
        }
    }

    /// Through the same door as everybody's: as wire bytes.
    fn enter(&mut self, entry: &Verified) -> Result<Id, Unwritten> {
        let wire = entry.wire();
        if self.written >= MOST || self.bytes + wire.len() > MOST_BYTES {
            return Err(Unwritten::TooMuch);
        }
        let entry = Entry::decode(&wire)?.verify()?;
        let accepted = self.step.take(entry, wire_hash(&wire), Origin::Local, self.world);
        match accepted.outcome {
            Outcome::Admitted(_) | Outcome::Known(_) => {
                self.written += 1;
                self.bytes += wire.len();
                Ok(accepted.id)
            }
            Outcome::Waiting(missing) => Err(Unwritten::Waiting(missing)),
            Outcome::Rejected(fault) => Err(fault.into()),
            Outcome::Refused(why) => Err(why.into()),
        }
    }

    /// A body with a salt of its own. An empty one is none.
    fn salted(&self, body: Option<Body>) -> Result<Option<Body>, Unwritten> {
        let body = body.filter(|b| !b.bytes.is_empty());
        match body {
            Some(body) if body.bytes.len() > limit::BODY => Err(Malformed::TooLarge {
                part: Part::Body,
                size: body.bytes.len(),
                limit: limit::BODY,
            }
            .into()),
            Some(body) => Ok(Some(Body {
                salt: clock::random(),
                ..body
            })),
            None => Ok(None),
        }
    }
}

fn device(home: &Home) -> Result<Writer<'_>, home::Error> {
    Ok(Writer {
        key: home.device(),
        cert: Some(home.device_cert().ok_or(home::Error::NotEnrolled)?),
    })
}
