//! Erasing bodies and refusing identities: this node's owner answers for what it hosts.
//!
//! ```text
//! erase ─▶ one batch: notice, body gone, mark ─▶ scrub the files ─▶ one batch: mark gone ─▶ answer
//! ```
//!
//! Invariant: headers, record and digest stay as they are; a withheld body comes back from nobody, the owner included.

use std::sync::Arc;

use althing_protocol::entry::Entry;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Id, Key};
use althing_protocol::limit;
use thiserror::Error;

use super::verifier::Ready;
use super::writer::{Step, Writer};
use super::{Ingest, Notice, Shared, Stopped, World, job};
use crate::clock;
use crate::home::Home;
use crate::store::withheld::{self, Act, Withheld};
use crate::store::{self, Unscrubbed};

/// Bodies that are dropped in one batch, so that others get their turn between.
const DROPPED: usize = 2048;

/// Why nothing was erased or refused, or not all of it.
#[derive(Debug, Error)]
pub enum Unerased {
    /// No such entry.
    #[error("the entry {0} is not here; check the id")]
    NotHere(Id),
    /// Nothing to erase.
    #[error("the entry {0} has no body; its header is part of the record and stays")]
    NoBody(Id),
    /// What `init` signed.
    #[error(
        "the entry {0} is your own identity's, and its text is also in the data folder's own files; to be rid of it make a new identity in a new folder"
    )]
    Birth(Id),
    /// The owner's own identity.
    #[error("{0} is your own identity: its bodies are what you write. Erase single entries instead")]
    Own(Id),
    /// It is something else.
    #[error("{0} is no identity; `refuse` takes the id of one, `erase` that of an entry")]
    NoIdentity(Id),
    /// Too long, or none.
    #[error("a reason has 1 to {most} bytes, this one has {found}", most = withheld::REASON)]
    Reason {
        /// How long it is.
        found: usize,
    },
    /// Nothing to take back.
    #[error("the identity {0} is not refused here; `althing refuse --list` shows who is")]
    NotRefused(Id),
    /// No room for another decision.
    #[error("this node remembers {} erasures and refusals, and has as many", withheld::MOST)]
    Many,
    /// The door.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// It is not shown any more, but may be in a file.
    #[error(
        "the text is gone from what this node shows and gives, but may still be in a file: {0}. Run the same command again, or start the node anew"
    )]
    Unscrubbed(#[from] Unscrubbed),
    /// A bug.
    #[error("erasing ended in the middle; run the same command again, and please report it")]
    Panicked,
}

impl Ingest {
    /// Erases the body of an entry on this node, and keeps it out from now on. When this answers, neither text nor salt
    /// is in any file of the store. Erasing what was erased goes over the files once more.
    ///
    /// # Errors
    /// [`Unerased`].
    pub async fn erase(&self, id: Id, reason: String) -> Result<Withheld, Unerased> {
        let reason = checked(reason)?;
        let (job, answer) = job::change(move |step, world, shared| step.erase(id, reason, world, shared));
        self.send(job).await?;
        let notice = answer.await.map_err(|_| self.stopped())??;
        self.scrub().await?;
        Ok(notice)
    }

    /// Drops the bodies of an identity's entries on this node, and keeps later ones out.
    ///
    /// # Errors
    /// [`Unerased`].
    pub async fn refuse(&self, identity: Id, reason: String) -> Result<Withheld, Unerased> {
        let reason = checked(reason)?;
        let (job, answer) = job::change(move |step, world, shared| step.refuse(identity, reason, world, shared));
        self.send(job).await?;
        let notice = answer.await.map_err(|_| self.stopped())??;
        let mut from = Some(Num(0));
        while let Some(at) = from {
            let (job, answer) = job::change(move |step, world, _| step.drop_bodies(identity, at, world));
            self.send(job).await?;
            from = answer.await.map_err(|_| self.stopped())??;
        }
        self.scrub().await?;
        Ok(notice)
    }

    /// Takes bodies of a refused identity again; peers are asked for them. Single erased ones stay erased.
    ///
    /// # Errors
    /// [`Unerased::NotRefused`], or the door is closed.
    pub async fn accept(&self, identity: Id) -> Result<(), Unerased> {
        let (job, answer) = job::change(move |step, world, _| step.accept(identity, world));
        self.send(job).await?;
        answer.await.map_err(|_| self.stopped())?
    }

    /// Clears the files of what was dropped, then removes the marks.
    async fn scrub(&self) -> Result<(), Unerased> {
        let store = self.store().clone();
        let scrubbed = tokio::task::spawn_blocking(move || store.scrub()).await;
        let scrubbed = scrubbed.map_err(|_| Unerased::Panicked)??;
        let (job, answer) = job::change(move |step, _, _| scrubbed.iter().for_each(|p| step.batch.scrubbed(p)));
        self.send(job).await?;
        Ok(answer.await.map_err(|_| self.stopped())?)
    }
}

fn checked(reason: String) -> Result<String, Unerased> {
    let reason = reason.trim();
    match reason.len() {
        1..=withheld::REASON => Ok(reason.to_owned()),
        found => Err(Unerased::Reason { found }),
    }
}

impl Writer {
    /// Finishes what a crash cut short, before anybody is served.
    pub(super) fn finish_withholding(&mut self, shared: &Arc<Shared>) -> Result<(), store::Error> {
        for identity in shared.store.unfinished()? {
            let mut from = Some(Num(0));
            while let Some(at) = from {
                let (job, mut answer) = job::change(move |step, world, _| step.drop_bodies(identity, at, world));
                self.write(change(job))?;
                from = answer.try_recv().map_or(Ok(None), |next| next)?;
            }
        }
        match shared.store.scrub() {
            Ok(scrubbed) if scrubbed.is_empty() => Ok(()),
            Ok(scrubbed) => {
                let (job, _answer) =
                    job::change(move |step, _, _| scrubbed.iter().for_each(|p| step.batch.scrubbed(p)));
                self.write(change(job))
            }
            Err(Unscrubbed::Store(error)) => Err(error),
            Err(left) => {
                tracing::error!(%left, "an erasure is not finished; erase the entry again, or start the node anew");
                Ok(())
            }
        }
    }
}

fn change(job: job::Job) -> Vec<Ready> {
    match job {
        job::Job::Change(change) => vec![Ready::Change(change)],
        _ => Vec::new(),
    }
}

impl Step {
    pub(super) fn erase(
        &mut self,
        id: Id,
        reason: String,
        world: &mut World,
        shared: &Shared,
    ) -> Result<Withheld, Unerased> {
        let World {
            state, choice, ration, ..
        } = world;
        let num = state.graph().num(&id).ok_or(Unerased::NotHere(id))?;
        let home = &shared.home;
        let born = home.initial_entries();
        if born
            .iter()
            .any(|wire| Entry::decode(wire).is_ok_and(|entry| entry.id() == id))
        {
            return Err(Unerased::Birth(id));
        }
        if !self.store.commits_to_body(num)? {
            return Err(Unerased::NoBody(id));
        }
        let notice = match self.store.notice(Act::Erase, &id)? {
            Some(before) => before,
            None => self.withhold(Act::Erase, id, reason, home)?,
        };
        self.batch.drop_body(num, state.graph());
        self.batch.pending(num, num);
        choice.want(num, false);
        ration.release(num);
        Ok(notice)
    }

    fn refuse(
        &mut self,
        identity: Id,
        reason: String,
        world: &mut World,
        shared: &Shared,
    ) -> Result<Withheld, Unerased> {
        if identity == shared.home.identity() {
            return Err(Unerased::Own(identity));
        }
        let graph = world.state.graph();
        if graph
            .num(&identity)
            .is_some_and(|num| graph.node(num).class != Class::Identity)
        {
            return Err(Unerased::NoIdentity(identity));
        }
        let notice = match self.store.notice(Act::Refuse, &identity)? {
            Some(before) => before,
            None => self.withhold(Act::Refuse, identity, reason, &shared.home)?,
        };
        world.choice.renew(&world.state, &world.ration);
        Ok(notice)
    }

    fn accept(&mut self, identity: Id, world: &mut World) -> Result<(), Unerased> {
        if !self.store.withheld().is_refused(&identity) {
            return Err(Unerased::NotRefused(identity));
        }
        self.batch.accept(&identity);
        world.choice.renew(&world.state, &world.ration);
        // Peers are asked at once for what is wanted again.
        for committee in world.state.followed() {
            let bodies = world.choice.of(&committee).cloned().unwrap_or_default();
            self.notices.push(Notice::Followed { committee, bodies });
        }
        Ok(())
    }

    /// Signs a decision and notes it.
    fn withhold(&mut self, act: Act, of: Id, reason: String, home: &Home) -> Result<Withheld, Unerased> {
        if self.store.withheld().len() >= withheld::MOST {
            return Err(Unerased::Many);
        }
        let notice = Withheld {
            act,
            of,
            by: home.identity(),
            key: Key(home.device().verifying_key().to_bytes()),
            cert: home.device_cert(),
            time: clock::now_ms().min(limit::INT),
            reason,
        };
        self.batch.withhold(&notice, &notice.sign(home.device()));
        Ok(notice)
    }

    /// Drops bodies of an identity's entries from this number on, some of them. Answers where to go on.
    fn drop_bodies(&mut self, identity: Id, from: Num, world: &mut World) -> Result<Option<Num>, store::Error> {
        let World {
            state, choice, ration, ..
        } = world;
        let graph = state.graph();
        // Taken back meanwhile.
        if !self.store.withheld().is_refused(&identity) {
            return Ok(None);
        }
        let author = graph.num(&identity);
        let (mut last, mut dropped) = (None, 0);
        for num in graph
            .iter()
            .filter(|num| *num >= from && Some(graph.author(*num)) == author)
        {
            if dropped >= DROPPED {
                self.batch.pending(from, num);
                return Ok(Some(num));
            }
            if self.store.has_body(num)? == Some(true) {
                self.batch.drop_body(num, graph);
                choice.want(num, false);
                ration.release(num);
                dropped += 1;
            }
            last = Some(num);
        }
        if let Some(last) = last {
            self.batch.pending(from, last);
        }
        self.batch.finished(&identity);
        Ok(None)
    }
}
