//! A flood of entries that nobody has vouched for: at the door of one node, and against real processes.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use althing::ingest::{Author, Origin};
use althing_protocol::author::Draft;
use althing_protocol::control;
use althing_protocol::entry::{Body, Verified};
use althing_protocol::hash::Id;
use althing_protocol::limit;
use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::node;
use super::rate;
use super::table::{per_second, row};
use crate::hostile::stranger;
use crate::process::{Node, Program, agree, wait_for};

/// Entries in one call of the door.
const FRAME: usize = 500;

/// Entries of each key: an identity, its device, and posts.
const EACH: usize = 10;

/// So many entries of a tenth as many keys go through one node's door, verified one by one, while its owner posts.
///
/// # Panics
/// When the node stops, or its record holds what it should not.
pub fn door(folder: &Path, entries: usize) {
    let keys = entries / EACH;
    let home = folder.join("door");
    let (ingest, thread) = node::open(&home);
    let founding = control::Committee {
        founders: vec![ingest.home().identity()],
        threshold: 1,
    };
    let committee = ingest
        .write_blocking(move |author: &mut Author<'_>| author.found(founding, None))
        .expect("the node runs")
        .expect("a committee can be founded");
    let file = folder.join("flood");
    sign(&file, committee, keys);
    let record = || ingest.read(|s| s.committee(&committee).map_or(0, |c| c.record().len()));
    let before = record();
    let offered = AtomicUsize::new(0);
    let start = Instant::now();
    let mut waits: Vec<f64> = thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let runtime = Runtime::new().expect("threads can be started");
            let mut input = BufReader::with_capacity(1 << 20, File::open(&file).expect("it was just written"));
            // As three peers would: each waits for its frame before it sends the next.
            let mut under_way = Vec::new();
            loop {
                let frame: Vec<Vec<u8>> = std::iter::from_fn(|| next(&mut input)).take(FRAME).collect();
                if frame.is_empty() {
                    break;
                }
                offered.fetch_add(frame.len(), Ordering::Relaxed);
                let door = ingest.clone();
                let source = u64::try_from(under_way.len()).unwrap_or(0) + 1;
                under_way
                    .push(runtime.spawn(async move { door.submit_last(Origin::Peer(source), frame).await.is_ok() }));
                if under_way.len() >= 3 {
                    for one in under_way.drain(..) {
                        assert!(runtime.block_on(one).is_ok_and(|taken| taken), "the node runs");
                    }
                }
            }
            for one in under_way {
                assert!(runtime.block_on(one).is_ok_and(|taken| taken), "the node runs");
            }
        });
        let mut waits = Vec::new();
        while !flood.is_finished() {
            let draft = Draft {
                doc: Some(committee),
                kind: "post".to_owned(),
                body: Some(Body {
                    salt: [0; limit::SALT],
                    bytes: b"in the middle of it".to_vec(),
                }),
                ..Draft::default()
            };
            let begun = Instant::now();
            let written = ingest.write_blocking(move |author: &mut Author<'_>| author.write(committee, draft));
            assert!(written.is_ok_and(|post| post.is_ok()), "an honest post");
            waits.push(begun.elapsed().as_secs_f64() * 1000.0);
            thread::sleep(Duration::from_millis(20));
        }
        waits
    });
    let time = start.elapsed();
    assert_eq!(
        record() - before,
        waits.len(),
        "the record holds honest posts and nothing else"
    );
    let floor = ingest.read(|s| s.floor().len());
    let offered = offered.into_inner();
    row(
        &format!("flood of {offered} entries, {keys} keys, at the door"),
        &format!("p99 {:.0} ms", percentile(&mut waits, 99)),
        "honest posts p99 ≤ 1 s",
        &format!(
            "p50 {:.0} ms; record untouched; floor {floor}; {} verified and judged; {} MiB resident",
            percentile(&mut waits, 50),
            per_second(rate(offered, time)),
            node::resident()
        ),
    );
    ingest.stop_blocking();
    drop(thread);
    drop(std::fs::remove_file(&file));
}

/// Three nodes in a row, a hostile one at the middle one that offers so many entries of fresh keys, by gossip and on
/// its floor: how long an honest post takes from one end to the other, and what the middle one needs.
///
/// # Panics
/// When the nodes do not agree afterwards.
pub fn siege(folder: &Path, entries: usize) {
    let keys = entries / EACH;
    let program = Program::this().expect("the system says where this program is");
    let [ada, hub, cleo] = ["ada", "hub", "cleo"].map(|name| Node::begin(&program, folder, name));
    let committee = ada.write(&[
        "committee",
        "create",
        "--name",
        "B",
        "--purpose",
        "b",
        "--threshold",
        "1",
    ]);
    for (node, of) in [(&hub, &ada), (&cleo, &hub)] {
        let invitation = of.cli(&["committee", "invite", &committee]);
        node.write(&["committee", "follow", &crate::process::text(&invitation, "invitation")]);
        agree(&[of, node], &committee, 1);
        let grant = ["grant", "voice", node.identity(), "--committee", &committee];
        wait_for("a new member's identity", || ada.try_cli(&grant).ok());
    }
    let fields = ["form=position", "title=Flood", "text=It rises."].map(|field| ["--set", field]);
    let topic = ada.write(&[&["state", "--committee", &committee], fields.as_flattened()].concat());
    agree(&[&ada, &hub, &cleo], &committee, 4);
    let attack = Attack::begin(&hub, &committee, keys);
    let floor = || {
        let found = hub.get(&format!("/committees/{committee}"));
        found.and_then(|found| found.get("floor")?.as_u64()).unwrap_or(0)
    };
    wait_for("the flood arrives", || (floor() > 100).then_some(()));
    let (mut waits, mut most) = (Vec::new(), 0);
    for n in 0..200 {
        let (_, count) = cleo.digest(&committee).expect("the committee is here");
        let begun = Instant::now();
        ada.write(&["post", &topic, &format!("line {n}")]);
        wait_closely(|| cleo.digest(&committee).is_some_and(|(_, now)| now > count));
        waits.push(begun.elapsed().as_secs_f64() * 1000.0);
        most = floor().max(most);
        thread::sleep(Duration::from_millis(50));
    }
    drop(attack);
    agree(&[&ada, &hub, &cleo], &committee, 204);
    row(
        &format!("flood of {entries} entries, {keys} keys, from a peer"),
        &format!("p99 {:.0} ms", percentile(&mut waits, 99)),
        "honest posts p99 ≤ 1 s",
        &format!(
            "p50 {:.0} ms from command to third node; floor up to {most}",
            percentile(&mut waits, 50)
        ),
    );
    row(
        "memory of the node under that flood, at most",
        &format!("{} MiB", hub.peak()),
        "≤ 512 MiB",
        "resident",
    );
}

struct Attack(Child);

impl Attack {
    fn begin(on: &Node, committee: &str, keys: usize) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let (keys, each) = (keys.to_string(), (EACH - 2).to_string());
        let child = Command::new(program)
            .args(["--hostile", "keys", "--to", on.peer(), "--committee", committee])
            .args(["--keys", &keys, "--each", &each, "--rate", "5000"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("this program starts"))
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn wait_closely(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(300), "an honest post arrives");
        thread::sleep(Duration::from_millis(3));
    }
}

fn sign(file: &Path, committee: Id, keys: usize) {
    let mut out = BufWriter::new(File::create(file).expect("the folder is writable"));
    let all: Vec<usize> = (0..keys).collect();
    for some in all.chunks(2000) {
        let signed: Vec<Vec<Vec<Verified>>> = some
            .par_iter()
            .map(|n| stranger(&format!("flood/{n}"), committee, EACH - 2))
            .collect();
        for entry in signed.into_iter().flatten().flatten() {
            let wire = entry.wire();
            let len = u32::try_from(wire.len()).expect("an entry is far smaller");
            out.write_all(&len.to_le_bytes())
                .and_then(|()| out.write_all(&wire))
                .expect("the disk has room");
        }
    }
    out.flush().expect("the disk has room");
}

fn next(input: &mut impl std::io::Read) -> Option<Vec<u8>> {
    let mut len = [0; 4];
    input.read_exact(&mut len).ok()?;
    let mut wire = vec![0; usize::try_from(u32::from_le_bytes(len)).ok()?];
    input.read_exact(&mut wire).ok()?;
    Some(wire)
}

/// The figure that so many of a hundred do not exceed.
pub(super) fn percentile(figures: &mut [f64], of: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    let at = (figures.len() * of / 100).min(figures.len().saturating_sub(1));
    figures.get(at).copied().unwrap_or(0.0)
}
