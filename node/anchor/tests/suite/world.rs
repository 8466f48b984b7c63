//! A chain, a node and a bot's folder, which outlive the bots that work with them.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy::primitives::{Address, B256};
use alloy::signers::local::PrivateKeySigner;
use althing_anchor::bot::{Bot, Config, Effect, Error, Moment, Ports, Progress};
use althing_anchor::fee::Limits;
use althing_anchor::notice::Waiting;
use althing_anchor::rpc::Rpc;
use althing_anchor::{contract, key};
use tempfile::TempDir;

use crate::anvil::Anvil;
use crate::logs::Logs;

pub(crate) const PERIOD: u64 = 3600;

/// Passes after which a test gives up.
const PASSES: usize = 400;

pub(crate) type Step = Box<dyn FnMut(Effect, Moment) -> ControlFlow<()> + Send + Sync>;

pub(crate) struct World {
    pub(crate) anvil: Anvil,
    pub(crate) logs: Logs,
    pub(crate) key: PrivateKeySigner,
    pub(crate) contract: Address,
    pub(crate) folder: TempDir,
    pub(crate) limits: Limits,
    now: Arc<AtomicU64>,
    told: Arc<Mutex<Vec<String>>>,
}

impl World {
    /// The contract is there already; so many committees.
    pub(crate) fn new(committees: u8) -> Self {
        Self::with(committees, &[])
    }

    /// The same on a chain that is started with these arguments too.
    pub(crate) fn with(committees: u8, arguments: &[&str]) -> Self {
        let anvil = Anvil::start(arguments);
        let contract = Address::repeat_byte(0xc0);
        anvil.set_code(contract, &contract::runtime());
        anvil.mine(3);
        Self {
            anvil,
            logs: Logs::new(committees),
            key: key::development(31337).unwrap(),
            contract,
            folder: tempfile::tempdir().unwrap(),
            limits: Limits {
                fee: 1 << 60,
                transaction: 1 << 80,
                day: 1 << 90,
            },
            now: Arc::new(AtomicU64::new(1_800_000_000)),
            told: Arc::default(),
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            contract: Some(self.contract),
            pause: Duration::from_millis(1),
            ..Config::new(self.folder.path().join("bot"), self.limits)
        }
    }

    pub(crate) async fn open(&self, config: Config, step: Step) -> Result<Bot<&Logs>, Error> {
        self.open_with(self.key.clone(), config, step).await
    }

    pub(crate) async fn open_with(
        &self,
        key: PrivateKeySigner,
        config: Config,
        step: Step,
    ) -> Result<Bot<&Logs>, Error> {
        let (now, told) = (Arc::clone(&self.now), Arc::clone(&self.told));
        let ports = Ports {
            clock: Box::new(move || now.load(Ordering::Relaxed)),
            tell: Box::new(move |notice| told.lock().unwrap().push(notice.to_string())),
            step,
        };
        let rpc = Rpc::new(&self.anvil.url).unwrap();
        Bot::open(&self.logs, rpc, key, config, ports).await
    }

    pub(crate) async fn bot(&self) -> Bot<&Logs> {
        self.open(self.config(), Box::new(|_, _| ControlFlow::Continue(())))
            .await
            .unwrap()
    }

    pub(crate) fn pass_time(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// What the bot told, one line each, and forgets it.
    pub(crate) fn told(&self) -> String {
        self.told.lock().unwrap().drain(..).collect::<Vec<_>>().join("\n")
    }

    /// Mines whenever the bot waits, until nothing is due.
    pub(crate) async fn settle(&self, bot: &mut Bot<&Logs>) -> Result<(), Error> {
        for _ in 0..PASSES {
            match bot.tick().await? {
                Progress::Idle { .. } => return Ok(()),
                Progress::Moved => {}
                Progress::Waiting(_) => self.anvil.mine(1),
            }
        }
        panic!("the bot does not come to an end: {}", self.told());
    }

    /// Passes without mining until the bot waits; what for.
    pub(crate) async fn wait(&self, bot: &mut Bot<&Logs>) -> Waiting {
        for _ in 0..PASSES {
            match bot.tick().await.unwrap() {
                Progress::Idle { .. } => panic!("nothing is due: {}", self.told()),
                Progress::Moved => {}
                Progress::Waiting(waiting) => return waiting,
            }
        }
        panic!("the bot does not come to a halt: {}", self.told());
    }

    /// The transactions that the bot signed for what is on its way.
    pub(crate) fn attempts(bot: &Bot<&Logs>) -> Vec<B256> {
        let flight = bot.state().flight.as_ref().unwrap();
        flight.attempts.iter().map(|attempt| attempt.hash).collect()
    }
}
