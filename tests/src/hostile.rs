//! A node that does its worst: real libp2p against a real node, one way of misbehaving at a time.
//!
//! Everything that it signs follows from a name, so a test knows its identity beforehand. It goes on until it is
//! killed, connects again whenever it is thrown out, and prints how it fares: see [`Told`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for tests that meets the unexpected has to stop"
)]

mod answers;
mod enemy;
mod forge;
mod raw;
mod swarm;

use std::fmt;
use std::str::FromStr;

use althing_protocol::hash::Id;
use libp2p::Multiaddr;

pub use self::forge::{identity, stranger};
pub use self::raw::{handshake, knock};

/// How it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Fresh identities without end, each with valid posts, gossiped and offered on its floor.
    Keys,
    /// Frames that claim to be longer than any may be.
    Frames,
    /// Streams that are opened and never come to an end.
    Streams,
    /// Asks for as much as it can and takes no answer.
    Slow,
    /// Gossips bytes that are no entries.
    Junk,
    /// Gossips genuine entries of others with bodies that are not theirs.
    Bodies,
    /// One key with hundreds of entries in the first place of its log.
    Forks,
    /// Claims another digest each time, over a tree that has no end.
    Trees,
    /// Entries whose ids begin alike, so that the digest's tree grows deep.
    Mined,
    /// Entries that name entries that name entries, the last of which does not exist.
    Wants,
    /// The same request again and again, and what somebody else once sent.
    Replay,
    /// Asks for chunks of files that nobody has, and answers with bytes that are no part of what was asked for.
    Files,
    /// Connections, as many as the system grants, some of which never say anything.
    Connections,
}

/// All modes, in the order in which they are tested.
pub const MODES: [Mode; 13] = [
    Mode::Keys,
    Mode::Frames,
    Mode::Streams,
    Mode::Slow,
    Mode::Junk,
    Mode::Bodies,
    Mode::Forks,
    Mode::Trees,
    Mode::Mined,
    Mode::Wants,
    Mode::Replay,
    Mode::Files,
    Mode::Connections,
];

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = MODES.into_iter().find(|mode| mode.to_string() == text);
        found.ok_or_else(|| format!("no mode {text:?}; there are {MODES:?}"))
    }
}

/// What it is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// How.
    pub mode: Mode,
    /// To whom.
    pub to: Multiaddr,
    /// Where.
    pub committee: Id,
    /// From what name its keys follow.
    pub name: String,
    /// Fresh keys, for [`Mode::Keys`].
    pub keys: usize,
    /// Entries of each.
    pub each: usize,
    /// Entries gossiped per second.
    pub rate: usize,
}

impl Options {
    /// Reads `MODE --to MULTIADDR --committee ID [--name N] [--keys N] [--each N] [--rate N]`.
    ///
    /// # Errors
    /// In words.
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mode: Mode = args
            .next()
            .ok_or_else(|| format!("no mode; there are {MODES:?}"))?
            .parse()?;
        let (mut to, mut committee, mut name) = (None, None, mode.to_string());
        let (mut keys, mut each, mut rate) = (2000, 5, 1000);
        while let Some(arg) = args.next() {
            let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
            let number = || value.parse::<usize>().map_err(|why| format!("{arg}: {why}"));
            match arg.as_str() {
                "--to" => to = Some(value.parse().map_err(|why| format!("{value}: {why}"))?),
                "--committee" => committee = Some(value.parse().map_err(|_| format!("{value} is no id"))?),
                "--name" => name.clone_from(&value),
                "--keys" => keys = number()?,
                "--each" => each = number()?,
                "--rate" => rate = number()?,
                other => return Err(format!("{other} is no option")),
            }
        }
        Ok(Self {
            mode,
            to: to.ok_or("--to is missing")?,
            committee: committee.ok_or("--committee is missing")?,
            name,
            keys,
            each,
            rate,
        })
    }
}

/// How it fares, printed as a line whenever it changed: `told connected=1 closed=0 refused=0 sent=10 asked=2`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Connections that stand.
    pub connected: u64,
    /// Connections that the node closed, or that broke.
    pub closed: u64,
    /// Connections that did not come about.
    pub refused: u64,
    /// Things sent: messages, requests, answers, whatever the mode is about.
    pub sent: u64,
    /// Questions of the node.
    pub asked: u64,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connected,
            closed,
            refused,
            sent,
            asked,
        } = self;
        write!(
            f,
            "told connected={connected} closed={closed} refused={refused} sent={sent} asked={asked}"
        )
    }
}

impl FromStr for Told {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let word = |key: &str| {
            let found = line
                .split(' ')
                .find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
            found
                .and_then(|n| n.parse().ok())
                .ok_or_else(|| format!("no {key} in {line:?}"))
        };
        Ok(Self {
            connected: word("connected")?,
            closed: word("closed")?,
            refused: word("refused")?,
            sent: word("sent")?,
            asked: word("asked")?,
        })
    }
}

/// Does its worst until the process is killed.
pub fn run(options: Options) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    match options.mode {
        Mode::Connections => raw::flood(&runtime, &options),
        _ => runtime.block_on(enemy::run(options)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_and_lines_read_back() {
        for mode in MODES {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        let told = Told {
            connected: 1,
            closed: 2,
            refused: 3,
            sent: 4,
            asked: 5,
        };
        assert_eq!(told.to_string().parse(), Ok(told));
        assert!("told".parse::<Told>().is_err());
    }
}
