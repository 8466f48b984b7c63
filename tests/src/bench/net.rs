//! Two nodes on loopback: a cold sync, and finding a few entries among many.
//!
//! Bytes are what the loopback interface counted (Linux, `/proc/net/dev`), in both directions, TCP and Noise
//! included. Both nodes run in this process and share its cores.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use althing::ingest::{Ingest, Origin, Thread};
use althing::net::{self, Config, Net};
use althing::store::Bodies;
use althing_protocol::hash::{Hash, Id};
use tokio::runtime::Runtime;

use super::node::{self, Written};
use super::table::{per_second, row};
use super::{rate, real};

/// How many entries a cold sync fetches.
const COLD: usize = 100_000;

/// A node with its network part.
pub(super) struct Peer {
    pub(super) ingest: Ingest,
    thread: Thread,
    net: Net,
}

impl Peer {
    pub(super) fn start(runtime: &Runtime, folder: &Path) -> Self {
        let (ingest, thread) = node::open(folder);
        let config = Config {
            listen: vec!["/ip4/127.0.0.1/tcp/0".parse().expect("a fixed address")],
            ..Config::default()
        };
        let (net, _) = runtime
            .block_on(net::start(ingest.clone(), config))
            .expect("loopback can be listened on");
        Self { ingest, thread, net }
    }

    fn digest(&self, committee: &Id) -> (usize, Hash) {
        self.ingest.read(|s| {
            let record = s.committee(committee).map(|c| c.record());
            record.map_or((0, Hash::ZERO), |r| (r.len(), r.tree().root()))
        })
    }

    pub(super) fn count(&self, committee: &Id) -> usize {
        self.ingest
            .read(|s| s.committee(committee).map_or(0, |c| c.record().len()))
    }

    pub(super) fn meet(&self, other: &Self) {
        let address = other.net.listen_addrs().into_iter().next().expect("it listens");
        assert!(self.net.dial(address), "a single address is taken");
    }

    pub(super) fn stop(self, runtime: &Runtime) {
        self.net.stop();
        runtime.block_on(self.ingest.stop());
        self.thread.join().expect("the writer ends").expect("nothing failed");
    }
}

/// Fetches a committee of 100,000 entries from scratch, everything verified and stored.
///
/// # Panics
/// When the two do not agree within five minutes.
pub fn cold(folder: &Path, admit: f64) {
    let runtime = Runtime::new().expect("threads can be started");
    fs::create_dir_all(folder).expect("the temporary folder is writable");
    let written = Written::new(folder, COLD);
    let full = Peer::start(&runtime, &folder.join("full"));
    runtime
        .block_on(full.ingest.follow(written.committee, Bodies::All))
        .expect("the node runs");
    for frame in written.frames() {
        runtime
            .block_on(full.ingest.submit(Origin::Local, frame))
            .expect("the node runs");
    }
    let empty = Peer::start(&runtime, &folder.join("empty"));
    runtime
        .block_on(empty.ingest.follow(written.committee, Bodies::All))
        .expect("the node runs");
    let before = loopback();
    let start = Instant::now();
    empty.meet(&full);
    until(|| empty.count(&written.committee) == written.entries);
    let time = start.elapsed();
    let bytes = loopback() - before;
    assert_eq!(
        full.digest(&written.committee),
        empty.digest(&written.committee),
        "equal digests"
    );
    let figure = rate(COLD, time);
    row(
        &format!("cold sync of {COLD} entries on loopback"),
        &per_second(figure),
        "≥ 0.75 × admit; ≤ 1.15 × size",
        &format!(
            "{:.2} × admit; {:.2} × the entries' bytes",
            figure / admit,
            kib(bytes) / kib(written.bytes)
        ),
    );
    empty.stop(&runtime);
    full.stop(&runtime);
}

/// Two nodes hold the same record; one writes ten more entries while they are apart, then they meet. Five times.
///
/// # Panics
/// When the two do not agree within five minutes.
pub fn few(folder: &Path, written: &mut Written) {
    let runtime = Runtime::new().expect("threads can be started");
    let (left, right) = (folder.join("node"), folder.join("twin"));
    drop(althing::home::Home::init(&right, "twin").expect("the folder is fresh"));
    copy(&left.join("store"), &right.join("store"));
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let one = Peer::start(&runtime, &left);
        let two = Peer::start(&runtime, &right);
        let posts = written.more(10);
        runtime
            .block_on(one.ingest.submit(Origin::Local, posts))
            .expect("the node runs");
        // Digests are brought up to date before the clock starts, as in a node that has been running.
        let wanted = one.digest(&written.committee);
        two.digest(&written.committee);
        let before = loopback();
        let start = Instant::now();
        two.meet(&one);
        until(|| two.count(&written.committee) == wanted.0);
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        sizes.push(kib(loopback() - before));
        assert_eq!(two.digest(&written.committee), wanted, "equal digests");
        two.stop(&runtime);
        one.stop(&runtime);
    }
    row(
        &format!("find and fetch 10 missing of {}", written.entries),
        &format!(
            "{:.0} ms, {:.0} KiB",
            super::middle(&mut times),
            super::middle(&mut sizes)
        ),
        "≤ 250 ms, ≤ 60 KiB",
        "from dialling on; connection, identify and gossip included",
    );
}

fn until(done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(
            start.elapsed() < Duration::from_secs(300),
            "the nodes did not agree within five minutes"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Bytes that the loopback interface received so far.
pub(super) fn loopback() -> u64 {
    let text = fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let line = text.lines().find_map(|l| l.trim().strip_prefix("lo:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn kib(bytes: u64) -> f64 {
    real(usize::try_from(bytes).unwrap_or(usize::MAX)) / 1024.0
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is writable");
    for entry in fs::read_dir(from).expect("it was just written").flatten() {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("the disk has room");
        }
    }
}
