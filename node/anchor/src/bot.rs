//! The bot: one pass ([`Bot::tick`]) does what can be done now, and [`Bot::run`] and [`Bot::once`] repeat it.
//!
//! Invariant: every digest is anchored by at most one transaction. A slot has one nonce, below which everything is final;
//! every transaction for it is on disk before it is sent; and the slot begins anew only when another transaction took that
//! nonce in a final block, so that none of its own can ever follow.

mod deploy;
mod dry;
mod error;
mod finish;
mod flight;
mod port;
mod start;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;
use tokio::time::sleep;

pub use self::dry::Dry;
pub use self::error::Error;
pub use self::port::{Effect, Moment, Ports};
use crate::chain::{At, Block, Chain};
use crate::contract;
use crate::fee::Limits;
use crate::node::Node;
use crate::notice::{Notice, Waiting};
use crate::plan::Plan;
use crate::rpc::Rpc;
use crate::state::{Folder, Purpose, State, StateError};

/// Failures in a row after which [`Bot::once`] gives up.
pub const FAILURES: u32 = 8;

/// Longest pause after failures, and longest sleep: the clock may be set in the meantime.
const PAUSE: Duration = Duration::from_secs(60);

/// How a bot works.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it keeps its state.
    pub folder: PathBuf,
    /// Seconds from one slot to the next, counted from 1970 (UTC).
    pub period: u64,
    /// The contract. Without one it is the one that this bot deployed.
    pub contract: Option<Address>,
    /// What may be spent.
    pub limits: Limits,
    /// A transaction is outbid when it waited for so many blocks …
    pub blocks: u64,
    /// … and so many seconds. At once when the base fee rises above its offer.
    pub seconds: u64,
    /// For how many blocks another program's waiting transaction of this account is let go first.
    pub patience: u64,
    /// Pause between two looks at the chain.
    pub pause: Duration,
}

impl Config {
    /// Once an hour, with these limits.
    #[must_use]
    pub fn new(folder: PathBuf, limits: Limits) -> Self {
        Self {
            folder,
            period: 3600,
            contract: None,
            limits,
            blocks: 3,
            seconds: 60,
            patience: 128,
            pause: Duration::from_secs(12),
        }
    }
}

/// What one pass came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is due before this moment, in seconds since 1970.
    Idle {
        /// The next slot's beginning.
        until: u64,
    },
    /// Something outside has to happen first.
    Waiting(Waiting),
    /// A step was made; the next may be possible at once.
    Moved,
}

/// A bot at work. It holds its folder.
#[derive(Debug)]
pub struct Bot<N> {
    node: N,
    chain: Chain,
    key: PrivateKeySigner,
    config: Config,
    ports: Ports,
    folder: Folder,
    state: State,
    /// What this slot is to anchor, asked once: none if nothing changed.
    planned: Option<(u64, Option<Plan>)>,
    /// A block, and how many of the account's transactions it and those before it hold.
    unsettled: Option<(Block, u64)>,
    /// A block at which the flight's nonce was used and none of its transactions was there.
    overtaken: Option<Block>,
    /// The height at which another's transaction was first seen to wait.
    crowded: Option<u64>,
    /// The RPC node wants more for the last transaction.
    outbid: bool,
    told: String,
    waited: String,
}

impl<N: Node> Bot<N> {
    /// Takes up the work that the folder tells of.
    ///
    /// # Errors
    /// [`Error::Rpc`], [`Error::State`], [`Error::WrongChain`].
    pub async fn open(node: N, rpc: Rpc, key: PrivateKeySigner, config: Config, ports: Ports) -> Result<Self, Error> {
        let folder = Folder::open(&config.folder)?;
        let chain = Chain::new(rpc);
        let (id, account) = (chain.id().await?, key.address());
        let state = State::read(folder.path())?.unwrap_or_else(|| State::new(id, account));
        if state.account != account {
            let path = folder.path().to_owned();
            return Err(StateError::Another {
                path,
                account: state.account,
                chain: state.chain,
            }
            .into());
        }
        if state.chain != id {
            return Err(Error::WrongChain {
                expected: state.chain,
                found: id,
            });
        }
        Ok(Self {
            node,
            chain,
            key,
            config,
            ports,
            folder,
            state,
            planned: None,
            unsettled: None,
            overtaken: None,
            crowded: None,
            outbid: false,
            told: String::new(),
            waited: String::new(),
        })
    }

    /// Where it keeps its state.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What it remembers.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Does what can be done now.
    ///
    /// # Errors
    /// [`Error`]; where it is not [fatal](Error::fatal), the next pass tries again.
    pub async fn tick(&mut self) -> Result<Progress, Error> {
        let progress = self.go_on().await?;
        if let Progress::Waiting(waiting) = progress {
            self.tell(&Notice::Waiting(waiting));
        }
        Ok(progress)
    }

    /// Works until something fails that trying again does not mend. Dropping the future stops it at any point without harm.
    pub async fn run(&mut self) -> Error {
        let mut failures = 0;
        loop {
            match self.pass(&mut failures, u32::MAX).await {
                Err(error) => return error,
                Ok(Progress::Idle { until }) => {
                    let rest = Duration::from_secs(until.saturating_sub(self.now()));
                    sleep(rest.clamp(Duration::from_secs(1), PAUSE)).await;
                }
                Ok(_) => {}
            }
        }
    }

    /// Finishes what is on its way, anchors what is due now, and ends when that is final. It waits as long as the limits
    /// or the chain make it; who wants an end sets a time of their own.
    ///
    /// # Errors
    /// [`Error`], after [`FAILURES`] failures in a row.
    pub async fn once(&mut self) -> Result<(), Error> {
        let mut failures = 0;
        while !matches!(self.pass(&mut failures, FAILURES).await?, Progress::Idle { .. }) {}
        Ok(())
    }

    /// A pass and the pause after it.
    async fn pass(&mut self, failures: &mut u32, most: u32) -> Result<Progress, Error> {
        let passed = self.go_on().await;
        self.rest(passed, failures, most).await
    }

    /// Tells what a pass came to, and pauses as that asks for.
    async fn rest(
        &mut self,
        passed: Result<Progress, Error>,
        failures: &mut u32,
        most: u32,
    ) -> Result<Progress, Error> {
        let error = match passed {
            Ok(progress) => {
                *failures = 0;
                if let Progress::Waiting(waiting) = progress {
                    self.tell(&Notice::Waiting(waiting));
                    sleep(self.config.pause).await;
                }
                return Ok(progress);
            }
            Err(error) => error,
        };
        *failures = failures.saturating_add(1);
        if error.fatal() || *failures >= most {
            return Err(error);
        }
        let doubled = 2_u32.saturating_pow((*failures).min(16));
        let pause = Duration::from_millis(500).saturating_mul(doubled).min(PAUSE);
        self.tell(&Notice::Trouble {
            error,
            seconds: pause.as_secs(),
        });
        sleep(pause).await;
        Ok(Progress::Moved)
    }

    async fn go_on(&mut self) -> Result<Progress, Error> {
        match &self.state.flight {
            Some(_) => self.advance().await,
            None => self.start().await,
        }
    }

    /// Goes on with the transaction that is on its way.
    async fn advance(&mut self) -> Result<Progress, Error> {
        match self.fly().await? {
            flight::Flown::Waiting(waiting) => Ok(Progress::Waiting(waiting)),
            flight::Flown::Overtaken => Ok(Progress::Moved),
            flight::Flown::Final(receipt) => {
                let anchors = |purpose: &Purpose| matches!(purpose, Purpose::Anchor { .. });
                if self
                    .state
                    .flight
                    .as_ref()
                    .is_some_and(|flight| anchors(&flight.purpose))
                {
                    self.anchored(&receipt).await?;
                } else {
                    self.deployed(&receipt).await?;
                }
                Ok(Progress::Moved)
            }
        }
    }

    /// The contract, once it is sure that it is one.
    async fn contract(&self) -> Result<Address, Error> {
        let address = self.config.contract.or(self.state.deployed).ok_or(Error::NoContract)?;
        self.is_ours(address).await?;
        Ok(address)
    }

    async fn is_ours(&self, address: Address) -> Result<(), Error> {
        let code = self.chain.code(address).await?;
        if code == contract::runtime() {
            Ok(())
        } else {
            Err(Error::Code {
                address,
                chain: self.state.chain,
                length: code.len(),
            })
        }
    }

    async fn is_our_chain(&self) -> Result<(), Error> {
        let (expected, found) = (self.state.chain, self.chain.id().await?);
        if expected == found {
            Ok(())
        } else {
            Err(Error::WrongChain { expected, found })
        }
    }

    async fn head(&self) -> Result<Block, Error> {
        let head = self.chain.block(At::Latest).await?;
        head.ok_or(Error::NeverFinal(self.state.chain))
    }

    async fn finalized(&self) -> Result<Block, Error> {
        let block = self.chain.block(At::Finalized).await?;
        block.ok_or(Error::NeverFinal(self.state.chain))
    }

    async fn is_canonical(&self, number: u64, hash: alloy::primitives::B256) -> Result<bool, Error> {
        Ok(self
            .chain
            .block(At::Number(number))
            .await?
            .is_some_and(|block| block.hash == hash))
    }

    fn now(&self) -> u64 {
        (self.ports.clock)()
    }

    /// Tells it, unless it was the last of its sort to be told: a wait that goes on, and what is done again in it, is no news.
    fn tell(&mut self, notice: &Notice) {
        let text = notice.to_string();
        let waits = matches!(notice, Notice::Waiting(_));
        let last = if waits { &mut self.waited } else { &mut self.told };
        if text == *last {
            return;
        }
        *last = text;
        if !waits {
            self.waited.clear();
        }
        (self.ports.tell)(notice);
    }

    fn step(&mut self, effect: Effect, moment: Moment) -> Result<(), Error> {
        match (self.ports.step)(effect, moment) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        }
    }

    /// Changes the state, on disk first: what could not be written did not happen. A write takes a moment of this thread;
    /// a bot writes a few times in an hour.
    fn commit(&mut self, change: impl FnOnce(&mut State)) -> Result<(), Error> {
        let mut next = self.state.clone();
        change(&mut next);
        self.step(Effect::Write, Moment::Before)?;
        self.folder.write(&next)?;
        self.step(Effect::Write, Moment::After)?;
        self.step(Effect::Replace, Moment::Before)?;
        self.folder.replace()?;
        self.state = next;
        self.step(Effect::Replace, Moment::After)
    }
}
