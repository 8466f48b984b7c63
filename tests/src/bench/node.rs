//! One node: admitting, what it stores, how it starts, what it holds in memory.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use althing::home::Home;
use althing::ingest::{Ingest, Origin, Thread};
use althing::store::{Bodies, Options, Store};
use althing_protocol::hash::Id;
use althing_protocol::state::{Limits, Outcome};

use super::table::{per_second, row};
use super::{middle, rate, real, timed};
use crate::load::Load;

/// Entries in one call of the door, as a sync frame would bring them.
const FRAME: usize = 1000;

/// A committee of `entries` entries, written to a file so that signing is not measured.
pub struct Written {
    load: Load,
    file: PathBuf,
    /// The committee.
    pub committee: Id,
    /// Bytes of all header, signature and body parts on the wire.
    pub bytes: u64,
    /// How many entries.
    pub entries: usize,
}

impl Written {
    /// Signs the entries.
    ///
    /// # Panics
    /// When the disk is full.
    #[must_use]
    pub fn new(folder: &Path, entries: usize) -> Self {
        let (mut load, founding) = Load::new(11);
        let file = folder.join("entries");
        let mut out = BufWriter::new(File::create(&file).expect("the folder is writable"));
        let (mut count, mut bytes) = (0, 0);
        let mut put = |wire: &[u8]| {
            let len = u32::try_from(wire.len()).expect("an entry is far smaller");
            out.write_all(&len.to_le_bytes())
                .and_then(|()| out.write_all(wire))
                .expect("the disk has room");
            count += 1;
            bytes += u64::from(len);
        };
        founding.iter().for_each(|wire| put(wire));
        let mut left = entries.saturating_sub(founding.len());
        while left > 0 {
            let some = left.min(10_000);
            load.posts(some).iter().for_each(|wire| put(wire));
            left -= some;
        }
        out.flush().expect("the disk has room");
        Self {
            file,
            committee: load.committee(),
            load,
            bytes,
            entries: count,
        }
    }

    /// Posts beyond those in the file.
    pub fn more(&mut self, count: usize) -> Vec<Vec<u8>> {
        self.load.posts(count)
    }

    /// Reads them back in frames, parents first.
    pub fn frames(&self) -> impl Iterator<Item = Vec<Vec<u8>>> {
        let mut input = BufReader::with_capacity(1 << 20, File::open(&self.file).expect("it was just written"));
        let mut next = move || {
            let mut len = [0; 4];
            input.read_exact(&mut len).ok()?;
            let mut wire = vec![0; usize::try_from(u32::from_le_bytes(len)).ok()?];
            input.read_exact(&mut wire).ok()?;
            Some(wire)
        };
        std::iter::from_fn(move || {
            let frame: Vec<Vec<u8>> = std::iter::from_fn(&mut next).take(FRAME).collect();
            (!frame.is_empty()).then_some(frame)
        })
    }
}

/// Opens a node in a folder, making its home if there is none.
///
/// # Panics
/// When the folder cannot be used.
#[must_use]
pub fn open(folder: &Path) -> (Ingest, Thread) {
    let home = Home::open(folder)
        .or_else(|_| Home::init(folder, "bench"))
        .expect("the folder is usable");
    let store = Store::open(&home.store_dir(), Options::default()).expect("the store opens");
    let state = store.load_state(Limits::default()).expect("the store loads");
    Ingest::start(store, state, Arc::new(home)).expect("the door opens")
}

/// The same for a folder that may be broken.
///
/// # Errors
/// Why it does not open, in words.
pub fn try_open(folder: &Path) -> Result<(Ingest, Thread), String> {
    let home = Home::open(folder).map_err(|e| e.to_string())?;
    let store = Store::open(&home.store_dir(), Options::default()).map_err(|e| e.to_string())?;
    let state = store.load_state(Limits::default()).map_err(|e| e.to_string())?;
    Ingest::start(store, state, Arc::new(home)).map_err(|e| e.to_string())
}

/// Admits everything through the one door. Answers entries per second.
///
/// # Panics
/// When an entry is not admitted: the figure would mean nothing.
pub fn admit(folder: &Path, written: &Written, verify: f64) -> f64 {
    let (ingest, thread) = open(folder);
    ingest
        .follow_blocking(written.committee, Bodies::All)
        .expect("the node runs");
    let mut parts = Vec::new();
    let start = Instant::now();
    let (mut part, mut since) = (Instant::now(), 0);
    // Two frames under way, as two peers would have, so that checking and storing overlap.
    let (sender, frames) = std::sync::mpsc::sync_channel::<Vec<Vec<u8>>>(2);
    let frames = std::sync::Mutex::new(frames);
    std::thread::scope(|scope| {
        let (done, counts) = std::sync::mpsc::channel();
        for source in 1..=3 {
            let (frames, done, ingest) = (&frames, done.clone(), &ingest);
            scope.spawn(move || {
                while let Some(frame) = frames.lock().ok().and_then(|f| f.recv().ok()) {
                    let answers = ingest
                        .submit_blocking(Origin::Peer(source), frame)
                        .expect("the node runs");
                    let kept =
                        |a: &althing::ingest::Accepted| matches!(a.outcome, Outcome::Admitted(_) | Outcome::Waiting(_));
                    assert!(
                        answers.iter().all(|a| a.as_ref().is_ok_and(kept)),
                        "an entry was refused"
                    );
                    if done.send(answers.len()).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        scope.spawn(move || written.frames().try_for_each(|frame| sender.send(frame)));
        for count in counts {
            since += count;
            if since >= written.entries / 5 {
                parts.push(rate(since, part.elapsed()));
                (part, since) = (Instant::now(), 0);
            }
        }
    });
    let sustained = rate(written.entries, start.elapsed());
    let counted = ingest.read(|s| s.committee(&written.committee).map_or(0, |c| c.record().len()));
    assert_eq!(counted, written.entries, "everything is in the record");
    let least = parts.iter().copied().fold(f64::MAX, f64::min);
    row(
        &format!("admit {} posts of 600 bytes, sustained", written.entries),
        &per_second(sustained),
        "≥ 25k/s, 0.6 × verify",
        &format!(
            "{:.2} × verify; median fifth {}, least {}",
            sustained / verify,
            per_second(middle(&mut parts)),
            per_second(least)
        ),
    );
    ingest.store().compact();
    let (size, bytes) = (ingest.store().size(), written.bytes);
    row(
        "storage after compaction, bytes per entry",
        &format!("{:.0}", ratio(size, u64::try_from(written.entries).unwrap_or(1))),
        "≤ 1.5 × the entries",
        &format!(
            "{:.2} × {:.0}",
            ratio(size, bytes),
            ratio(bytes, u64::try_from(written.entries).unwrap_or(1))
        ),
    );
    ingest.stop_blocking();
    thread.join().expect("the writer ends").expect("nothing failed");
    sustained
}

/// Starts the node five times in processes of their own; prints the median time to serve and the memory it holds.
///
/// # Panics
/// When this program cannot start itself.
pub fn start(folder: &Path, entries: usize) {
    let program = std::env::current_exe().expect("this program has a path");
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let output = Command::new(&program)
            .arg("--opened")
            .arg(folder)
            .output()
            .expect("this program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut figures = text.split_whitespace().filter_map(|f| f.parse::<f64>().ok());
        times.extend(figures.next());
        sizes.extend(figures.next());
    }
    row(
        &format!("start with {entries} entries"),
        &format!("{:.2} s", middle(&mut times)),
        "≤ 2 s",
        "store, graph, record, digest",
    );
    row(
        &format!("resident memory with {entries} entries, idle"),
        &format!("{:.0} MiB", middle(&mut sizes)),
        "≤ 256 MiB",
        "without the network",
    );
}

/// The other side of [`start`]: opens, brings the digests up to date, prints seconds and MiB.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
pub fn opened(folder: &Path) {
    let (time, (ingest, thread)) = timed(|| {
        let (ingest, thread) = open(folder);
        let roots: Vec<_> = ingest.read(|s| s.committees().map(|c| c.record().tree().root()).collect());
        assert!(!roots.is_empty(), "the store holds a committee");
        (ingest, thread)
    });
    std::thread::sleep(Duration::from_millis(500));
    println!("{} {}", time.as_secs_f64(), resident());
    ingest.stop_blocking();
    drop(thread);
}

/// Resident memory of this process in MiB (Linux; 0 elsewhere).
#[must_use]
pub fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

fn ratio(a: u64, b: u64) -> f64 {
    real(usize::try_from(a / 1024).unwrap_or(0)) * 1024.0 / real(usize::try_from(b).unwrap_or(1)).max(1.0)
}
