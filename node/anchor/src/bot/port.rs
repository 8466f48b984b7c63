//! What the bot reaches for outside, and where it can be stopped.

use std::fmt;
use std::ops::ControlFlow;
use std::time::SystemTime;

use crate::notice::Notice;

/// What the bot reaches for outside: given, so that tests set the clock and stop it anywhere.
pub struct Ports {
    /// Seconds since 1970.
    pub clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Who is told.
    pub tell: Box<dyn FnMut(&Notice) + Send + Sync>,
    /// Asked before and after each effect whether to go on. After a break the bot does nothing more, as if it was killed.
    pub step: Box<dyn FnMut(Effect, Moment) -> ControlFlow<()> + Send + Sync>,
}

impl Ports {
    /// The system's clock, and nobody who stops it.
    pub fn new(tell: impl FnMut(&Notice) + Send + Sync + 'static) -> Self {
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            clock: Box::new(move || now().map_or(0, |since| since.as_secs())),
            tell: Box::new(tell),
            step: Box::new(|_, _| ControlFlow::Continue(())),
        }
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// What a bot does to the world, or asks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Asks the node for a batch.
    Ask,
    /// Writes the new state beside the old one.
    Write,
    /// Puts it in force.
    Replace,
    /// Hands a transaction in.
    Send,
    /// Asks what became of one.
    Poll,
    /// Fetches what proves it.
    Prove,
    /// Has the node write it down.
    Record,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ask,
        Self::Write,
        Self::Replace,
        Self::Send,
        Self::Poll,
        Self::Prove,
        Self::Record,
    ];
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// It is about to be done.
    Before,
    /// It was done.
    After,
}
