//! What this node's owner believes of chains: final blocks, by which entries are dated.
//!
//! Bound: [`MOST`] blocks; beyond that the oldest in which nothing is anchored are forgotten.

use althing_protocol::anchor::time::{Contradiction, Fact, Facts};
use althing_protocol::entry::Block;
use thiserror::Error;

use super::{Ingest, Stopped, job};
use crate::store;

/// Blocks that are remembered: a year of those that Ethereum makes final, one in six minutes.
pub(super) const MOST: usize = 100_000;

/// Why blocks are not believed.
#[derive(Debug, Error)]
pub enum Unbelieved {
    /// They contradict what is known.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// As many as are remembered, and all are needed.
    #[error("this node remembers {MOST} final blocks, and things are anchored in all of them")]
    Many,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The door.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl Ingest {
    /// Looks at the final blocks that are believed.
    pub fn facts<R>(&self, look: impl FnOnce(&Facts) -> R) -> R {
        look(&self.shared.read().facts)
    }

    /// Believes final blocks: all of these or none. Answers how many are new. Where they become too many, the oldest that are
    /// not `needed` are forgotten.
    ///
    /// # Errors
    /// [`Unbelieved`].
    pub async fn believe(
        &self,
        blocks: Vec<Fact>,
        needed: impl Fn(&Block) -> bool + Send + 'static,
    ) -> Result<usize, Unbelieved> {
        let (job, done) = job::change(move |step, world, _| -> Result<usize, Unbelieved> {
            let mut facts = world.facts.clone();
            let mut new = Vec::new();
            for fact in blocks {
                if facts.believe(fact)? {
                    new.push(fact);
                }
            }
            let gone = facts.thin(MOST, needed);
            if facts.len() > MOST {
                return Err(Unbelieved::Many);
            }
            for fact in &new {
                step.batch.fact(fact);
            }
            for fact in &gone {
                step.batch.forget(fact);
            }
            world.facts = facts;
            Ok(new.len())
        });
        self.send(job).await?;
        done.await.map_err(|_| self.stopped())?
    }
}

/// The block that an entry names which is signed now: the one made last.
pub(super) fn recent(facts: &Facts) -> Option<Block> {
    facts.latest().map(|fact| fact.block)
}
