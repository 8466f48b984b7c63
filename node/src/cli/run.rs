//! `althing run`

use std::io::{self, Write as _};
use std::net::SocketAddr;

use clap::Args;
use libp2p::Multiaddr;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::Global;
use super::failure::Failure;
use super::print::Answer;
use crate::files::Limits;
use crate::invitation::Invitation;
use crate::runtime::{self, Ready, RunOptions};

#[derive(Debug, Args)]
pub(super) struct Run {
    /// Where to listen for peers; port 0 picks one. By default one TCP and one QUIC port on loopback.
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<Multiaddr>,
    /// Where to serve the API; port 0 picks one. Another address than loopback opens reads to that network.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8420")]
    api: String,
    /// A peer to call first.
    #[arg(long, value_name = "MULTIADDR")]
    bootstrap: Vec<Multiaddr>,
    /// Connections from one IP address; by default 8, and any number from this machine.
    #[arg(long, value_name = "N")]
    per_address: Option<u32>,
    /// Room for files that entries name, such as 4GiB; what no entry names any more goes first when it is full.
    #[arg(long, value_name = "SIZE", default_value = "4GiB", value_parser = size)]
    files: u64,
    /// The largest such file that is kept, such as 64MiB.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = file_size)]
    file_size: u64,
    /// A committee to follow: its id or an invitation.
    #[arg(long, value_name = "ID")]
    follow: Vec<Invitation>,
}

impl Run {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        log(global.verbose);
        let listen = if self.listen.is_empty() {
            default_listen()
        } else {
            self.listen
        };
        let api = address(&self.api)?;
        let options = RunOptions {
            data: global.data()?,
            listen,
            api,
            bootstrap: self.bootstrap,
            per_address: self.per_address,
            files: Limits {
                budget: self.files,
                file: self.file_size,
            },
            follow: self.follow,
        };
        let json = global.json;
        runtime::run(options, |ready| say(ready, json))?;
        Ok(Answer::said())
    }
}

/// Tells that the node serves. Whoever started it waits for this line, so it leaves at once.
fn say(ready: &Ready, as_json: bool) {
    let line = match as_json {
        true => json!({ "ready": true, "api": ready.api, "peer": ready.peer, "page": ready.link }).to_string(),
        false => format!(
            "ready api={} peer={}\nOpen {} in a browser on this machine: the link works once and lets that browser act in your \
             name. Ctrl-C stops the node.",
            ready.api, ready.peer, ready.link
        ),
    };
    let mut out = io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// An address, or the URL that other commands would use for it.
fn address(text: &str) -> Result<SocketAddr, Failure> {
    let bare = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    let bare = bare.replacen("localhost:", "127.0.0.1:", 1);
    bare.parse().map_err(|_| {
        Failure::Input(format!(
            "{text:?} is no address to serve at; give one such as 127.0.0.1:8420"
        ))
    })
}

/// Bytes, or KiB, MiB, GiB, TiB of them.
fn size(text: &str) -> Result<u64, String> {
    let units = [("KiB", 10_u32), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let unit = units
        .iter()
        .find_map(|(name, shift)| Some((text.strip_suffix(name)?, *shift)));
    let (number, shift) = unit.unwrap_or((text, 0));
    let number: Option<u64> = number.trim().parse().ok();
    let bytes = number.and_then(|number| number.checked_mul(1_u64.checked_shl(shift)?));
    bytes.ok_or_else(|| "give a number of bytes, or one with KiB, MiB, GiB or TiB behind it".to_owned())
}

/// The largest file that a node can prove chunk by chunk.
const FILE_MOST: u64 = 4 << 30;

fn file_size(text: &str) -> Result<u64, String> {
    match size(text)? {
        bytes if bytes <= FILE_MOST => Ok(bytes),
        _ => Err("a file has at most 4GiB".to_owned()),
    }
}

fn default_listen() -> Vec<Multiaddr> {
    let all = ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"];
    all.iter().filter_map(|address| address.parse().ok()).collect()
}

/// What the node tells on standard error; RUST_LOG overrides.
fn log(verbose: u8) {
    let level = match verbose {
        // Of these two a peer could have any number of lines written.
        0 => "warn,libp2p_request_response=error,libp2p_gossipsub=error,althing=info",
        1 => "warn,libp2p_request_response=error,libp2p_gossipsub=error,althing=debug",
        _ => "info,althing=trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    // Set once; a second one changes nothing.
    drop(
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .try_init(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_urls() {
        for yes in [
            "127.0.0.1:1",
            "http://127.0.0.1:1",
            "http://127.0.0.1:1/",
            "localhost:1",
        ] {
            assert_eq!(address(yes).unwrap(), "127.0.0.1:1".parse().unwrap(), "{yes}");
        }
        assert!(address("8420").is_err() && address("https://127.0.0.1:1").is_err());
        assert_eq!(default_listen().len(), 2);
    }

    #[test]
    fn sizes() {
        assert_eq!(size("0"), Ok(0));
        assert_eq!(size("65536"), Ok(65_536));
        assert_eq!(size("4GiB"), Ok(Limits::default().budget));
        assert_eq!(file_size("64 MiB"), Ok(Limits::default().file));
        for no in ["", "x", "4GB", "-1", "99999999TiB", "1.5GiB"] {
            assert!(size(no).is_err(), "{no}");
        }
        assert!(file_size("5GiB").is_err());
    }
}
