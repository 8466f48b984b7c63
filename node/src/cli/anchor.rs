//! `althing anchor …`: putting checkpoints on a chain, and believing final blocks.

mod client;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use alloy::primitives::Address;
use alloy::primitives::utils::{format_ether, parse_ether, parse_units};
use althing_anchor::bot::{Bot, Config, Ports};
use althing_anchor::chain::Chain;
use althing_anchor::fee::Limits;
use althing_anchor::key;
use althing_anchor::notice::Notice;
use althing_anchor::rpc::Rpc;
use althing_anchor::status;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::client::Client;
use super::Global;
use super::call::Node;
use super::failure::Failure;
use super::passphrase::Passphrase;
use super::print::{Answer, short, word};
use crate::clock;

/// Slots that `anchor list` shows of the bot's own work.
const SLOTS: usize = 32;

/// Put checkpoints on a chain, so that everybody can tell when entries existed at the latest.
#[derive(Debug, Subcommand)]
pub(super) enum Anchor {
    /// Put the contract on a chain. One is enough for everybody: it has no owner and keeps nothing.
    Deploy(Deploy),
    /// Anchor the logs of all committees that the node follows, again and again.
    Run(Run),
    /// List what was anchored, and how far the bot of this data folder is.
    List(List),
    /// Tell the node which blocks are final, so that it can date entries. `anchor run` does that by itself.
    Watch(Watch),
}

/// A chain and who pays.
#[derive(Debug, Args)]
pub(super) struct Payer {
    /// A node of the chain, JSON-RPC over HTTP.
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// The key that pays: a file of mode 0600 with 64 hexadecimal digits, or an encrypted JSON keystore.
    #[arg(long, value_name = "FILE", conflicts_with = "dev_key")]
    key: Option<PathBuf>,
    /// The well-known first account of development chains; refused on all others.
    #[arg(long)]
    dev_key: bool,
    #[command(flatten)]
    passphrase: Passphrase,
    /// Most gwei per unit of gas; above that the bot waits.
    #[arg(long, value_name = "GWEI", default_value = "100")]
    max_fee: String,
    /// Most ether for one transaction.
    #[arg(long, value_name = "ETHER", default_value = "0.05")]
    max_cost: String,
    /// Most ether in a day (UTC).
    #[arg(long, value_name = "ETHER", default_value = "0.1")]
    budget: String,
    /// Seconds between two looks at the chain.
    #[arg(long, value_name = "SECONDS", default_value = "12", value_parser = clap::value_parser!(u64).range(1..=600))]
    pause: u64,
}

#[derive(Debug, Args)]
pub(super) struct Deploy {
    #[command(flatten)]
    payer: Payer,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    payer: Payer,
    /// The contract; without it the one that `anchor deploy` made from this data folder.
    #[arg(long, value_name = "ADDRESS")]
    contract: Option<Address>,
    /// Anchor what is due now, wait until it is final, and end.
    #[arg(long, conflicts_with = "dry_run")]
    once: bool,
    /// Tell what would be anchored and what it costs; send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Seconds from one anchoring to the next, counted from the beginning of 1970 (UTC).
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = clap::value_parser!(u64).range(1..=604_800))]
    period: u64,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// The committee; all that are followed without it.
    #[arg(long, value_name = "ID")]
    committee: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Watch {
    /// A node of the chain, JSON-RPC over HTTP.
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// Look once and end.
    #[arg(long)]
    once: bool,
}

impl Anchor {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        match self {
            Self::Deploy(deploy) => deploy.run(global),
            Self::Run(run) => run.run(global),
            Self::List(list) => list.run(global),
            Self::Watch(watch) => watch.run(global),
        }
    }
}

/// Where a bot keeps its state: one folder for each chain.
fn folder(global: &Global, chain: u64) -> Result<PathBuf, Failure> {
    Ok(global.data()?.join("anchor").join(chain.to_string()))
}

fn failed(why: &impl std::fmt::Display) -> Failure {
    Failure::Refused(why.to_string())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|why| failed(&why))
}

/// What happens goes to standard error: standard output is for the answer.
fn tell(notice: &Notice) {
    say(&notice.to_string());
}

fn say(what: &str) {
    use std::io::Write as _;
    // Nobody may be reading.
    drop(writeln!(std::io::stderr(), "{what}"));
}

fn wei(text: &str, gwei: bool) -> Result<u128, Failure> {
    let parsed = match gwei {
        true => parse_units(text, "gwei").map(Into::into),
        false => parse_ether(text),
    };
    let bad = || Failure::Input(format!("{text:?} is no amount; give a number such as 0.05"));
    parsed
        .ok()
        .and_then(|amount| u128::try_from(amount).ok())
        .ok_or_else(bad)
}

impl Payer {
    async fn bot(&self, global: &Global, contract: Option<Address>, period: u64) -> Result<Bot<Client>, Failure> {
        let rpc = Rpc::new(&self.rpc).map_err(|why| failed(&why))?;
        let chain = Chain::new(rpc.clone()).id().await.map_err(|why| failed(&why))?;
        let signer = match (&self.key, self.dev_key) {
            (Some(path), _) => key::read(path, || self.passphrase.known().map_err(std::io::Error::other)),
            (None, true) => key::development(chain),
            (None, false) => {
                let text = "name the key that pays with --key FILE; on a development chain --dev-key will do";
                return Err(Failure::Input(text.to_owned()));
            }
        };
        let limits = Limits {
            fee: wei(&self.max_fee, true)?,
            transaction: wei(&self.max_cost, false)?,
            day: wei(&self.budget, false)?,
        };
        let config = Config {
            period,
            contract,
            pause: Duration::from_secs(self.pause),
            ..Config::new(folder(global, chain)?, limits)
        };
        let client = Client::new(global.node());
        let signer = signer.map_err(|why| failed(&why))?;
        let bot = Bot::open(client, rpc, signer, config, Ports::new(tell)).await;
        bot.map_err(|why| failed(&why))
    }
}

impl Deploy {
    fn run(self, global: &Global) -> Result<Answer, Failure> {
        let address = runtime()?.block_on(async {
            let mut bot = self.payer.bot(global, None, 3600).await?;
            bot.deploy().await.map_err(|why| failed(&why))
        })?;
        let text = format!("{address}\nTell `althing anchor run` with --contract; others may use it too.");
        Ok(Answer::new(json!({ "contract": address.to_string() }), text))
    }
}

impl Run {
    fn run(self, global: &Global) -> Result<Answer, Failure> {
        let runtime = runtime()?;
        runtime.block_on(async {
            let mut bot = self.payer.bot(global, self.contract, self.period).await?;
            if self.dry_run {
                let dry = bot.dry().await.map_err(|why| failed(&why))?;
                let ether = |wei: u128| format_ether(alloy::primitives::U256::from(wei));
                let what = match dry.digest {
                    Some(digest) => format!(
                        "would anchor {digest}: {} checkpoints of {} committees",
                        dry.texts.len(),
                        dry.committees
                    ),
                    None => "nothing changed since the last anchoring".to_owned(),
                };
                let hindrance = dry.hindrance.as_ref().map(|why| format!("\nIt would wait: {why}."));
                let text = format!(
                    "{what}\nOne anchoring takes {} gas and costs {} ether now, a month of them {} ether; the account holds \
                     {} ether.{}",
                    dry.gas,
                    ether(dry.cost),
                    ether(dry.month),
                    format_ether(dry.balance),
                    hindrance.unwrap_or_default()
                );
                return Ok(Answer::new(json!(dry), text));
            }
            let rpc = Rpc::new(&self.payer.rpc).map_err(|why| failed(&why))?;
            let watch = tokio::spawn(watch::forever(Client::new(global.node()), Chain::new(rpc)));
            let done = match self.once {
                true => bot.once().await.map_err(|why| failed(&why)),
                false => {
                    say(&format!("anchoring every {} s what changed; Ctrl-C stops it without harm", self.period));
                    tokio::select! {
                        why = bot.run() => Err(failed(&why)),
                        _ = tokio::signal::ctrl_c() => Ok(()),
                    }
                }
            };
            watch.abort();
            done?;
            let rpc = Rpc::new(&self.payer.rpc).map_err(|why| failed(&why))?;
            // What the bot just brought back is final: the node may date by it at once.
            watch::once(&Client::new(global.node()), &Chain::new(rpc)).await?;
            let status = status::status(bot.folder(), SLOTS).map_err(|why| failed(&why))?;
            Ok(Answer::new(json!(status), if self.once { "What was due is final." } else { "" }))
        })
    }
}

impl Watch {
    fn run(self, global: &Global) -> Result<Answer, Failure> {
        let rpc = Rpc::new(&self.rpc).map_err(|why| failed(&why))?;
        let (client, chain) = (Client::new(global.node()), Chain::new(rpc));
        let added = runtime()?.block_on(async {
            if self.once {
                return watch::once(&client, &chain).await;
            }
            say("telling the node once a minute which blocks are final; Ctrl-C stops it");
            tokio::select! {
                () = watch::forever(client, chain) => Ok(0),
                _ = tokio::signal::ctrl_c() => Ok(0),
            }
        })?;
        let text = match self.once {
            true => format!("final blocks that the node did not know: {added}"),
            false => String::new(),
        };
        Ok(Answer::new(json!({ "added": added }), text))
    }
}

impl List {
    fn run(self, global: &Global) -> Result<Answer, Failure> {
        let node = global.node();
        let committees = match &self.committee {
            Some(id) => vec![id.clone()],
            None => followed(&node)?,
        };
        let mut items = Vec::new();
        for committee in committees {
            let found = node.list(&["committees", &committee, "anchors"], &[], None)?;
            let found = found
                .get("items")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            items.extend(found.into_iter().map(|mut item| {
                if let Some(item) = item.as_object_mut() {
                    item.insert("committee".to_owned(), committee.clone().into());
                }
                item
            }));
        }
        let mut bots = Vec::new();
        let folders = global.data().ok().and_then(|data| data.join("anchor").read_dir().ok());
        for folder in folders.into_iter().flatten().flatten().take(SLOTS) {
            bots.extend(status::status(&folder.path(), SLOTS).map_err(|why| failed(&why))?);
        }
        let line = |item: &Value| {
            let is_final = item.get("final") == Some(&Value::Bool(true));
            let state = if is_final {
                "final"
            } else {
                "not known to be final here"
            };
            let seconds = item.get("time").and_then(Value::as_u64).unwrap_or(0);
            let made = clock::moment(seconds.saturating_mul(1000));
            format!(
                "{} block {} of chain {}, {state}; committee {}, entry {}",
                made.map_or_else(String::new, |made| made.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
                word(item, "height"),
                word(item, "chain"),
                short(item, "committee"),
                short(item, "entry")
            )
        };
        let mut lines: Vec<String> = items.iter().map(line).collect();
        for bot in &bots {
            let spent = bot
                .spent
                .parse::<alloy::primitives::U256>()
                .map(format_ether)
                .unwrap_or_else(|_| bot.spent.clone());
            lines.push(format!("bot on chain {}: spent {spent} ether", bot.chain));
            let slot =
                |slot: &status::Line| format!("  slot {}: {:?}, {} committees", slot.slot, slot.stage, slot.committees);
            lines.extend(bot.slots.iter().map(slot));
        }
        if lines.is_empty() {
            lines.push("nothing is anchored yet".to_owned());
        }
        Ok(Answer::new(json!({ "items": items, "bots": bots }), lines.join("\n")))
    }
}

/// The committees that the node follows.
fn followed(node: &Node) -> Result<Vec<String>, Failure> {
    let status = node.get(&["status"], &[])?;
    let committees = status.get("committees").and_then(Value::as_array);
    Ok(committees.into_iter().flatten().map(|c| word(c, "id")).collect())
}
