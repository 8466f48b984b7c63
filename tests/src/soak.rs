//! Kill rounds: a process that admits entries is killed with SIGKILL at a random moment, again and again on the same
//! folder. Whatever it had acknowledged must be there afterwards, and the store must be whole.
//!
//! Everything stored is verified after each round, so a round costs what the folder holds: a new one is begun after
//! [`PER_FOLDER`] rounds, which also shows the first moments of a store more often.
//!
//! The writer is this program itself as a child process; it prints how many entries were acknowledged, after each
//! acknowledgement. Its parent knows nothing else of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use althing::ingest::Origin;
use althing::store::{Bodies, Options, Store, fsck};
use althing_protocol::state::Limits;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::bench::node;
use crate::load::Load;

/// The argument that makes a program of this package the writer.
pub const WRITER: &str = "--write-into";

/// Rounds on one folder.
const PER_FOLDER: usize = 50;

/// Entries in one call of the door: small, so that many acknowledgements lie between two kills.
const FRAME: usize = 20;

/// What one round saw.
#[derive(Debug)]
pub struct Round {
    /// Entries that were acknowledged before the kill, in all rounds so far on all folders.
    pub acknowledged: usize,
    /// Entries that were there afterwards, likewise.
    pub found: usize,
}

/// Runs `rounds` rounds on folders below this one. `program` is a binary that calls [`write()`] when its first argument is
/// [`WRITER`]. `told` hears of every round.
///
/// # Errors
/// The first round after which something acknowledged was missing or the store was damaged, in words.
///
/// # Panics
/// When the program cannot be started.
pub fn rounds(
    program: &Path,
    folder: &Path,
    rounds: usize,
    seed: u64,
    mut told: impl FnMut(usize, &Round),
) -> Result<(), String> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // What the folders before this one had acknowledged and held.
    let mut before = Round {
        acknowledged: 0,
        found: 0,
    };
    for first in (0..rounds).step_by(PER_FOLDER) {
        let folder = folder.join(first.to_string());
        std::fs::create_dir(&folder).map_err(|e| e.to_string())?;
        let (mut acknowledged, mut found) = (0, 0);
        for round in first..rounds.min(first + PER_FOLDER) {
            acknowledged = write_until_killed(program, &folder, &mut rng)?.max(acknowledged);
            found = look(&folder)?;
            if found < acknowledged {
                return Err(format!(
                    "round {round} of seed {seed}: {acknowledged} entries were acknowledged and {found} are there"
                ));
            }
            let seen = Round {
                acknowledged: before.acknowledged + acknowledged,
                found: before.found + found,
            };
            told(round, &seen);
        }
        before.acknowledged += acknowledged;
        before.found += found;
    }
    Ok(())
}

/// Starts the writer and kills it: after a random number of acknowledgements, a random moment later.
fn write_until_killed(program: &Path, folder: &Path, rng: &mut ChaCha8Rng) -> Result<usize, String> {
    let mut child = Command::new(program)
        .arg(WRITER)
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let stdout = child.stdout.take().expect("it is piped");
    let (sender, lines) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let counts = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .filter_map(|l| l.parse::<usize>().ok());
        for count in counts {
            if sender.send(count).is_err() {
                break;
            }
        }
    });
    let mut acknowledged = 0;
    for _ in 0..=rng.next_u32() % 30 {
        match lines.recv_timeout(Duration::from_secs(60)) {
            Ok(count) => acknowledged = count,
            Err(_) => break,
        }
    }
    std::thread::sleep(Duration::from_micros(u64::from(rng.next_u32() % 4000)));
    let killed = child.kill();
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    killed.map_err(|e| e.to_string())?;
    reader
        .join()
        .map_err(|_| "the reader of the child's output stopped".to_owned())?;
    // What it printed before it died was acknowledged too.
    acknowledged = lines.try_iter().last().unwrap_or(acknowledged);
    if acknowledged == 0 {
        return Err(format!(
            "the writer acknowledged nothing: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(acknowledged)
}

/// Opens the folder like the next start would, counts, and checks everything that is stored.
fn look(folder: &Path) -> Result<usize, String> {
    let store = folder.join("store");
    let found = {
        let store = Store::open(&store, Options::default()).map_err(|e| e.to_string())?;
        let state = store.load_state(Limits::default()).map_err(|e| e.to_string())?;
        state.committees().map(|c| c.record().len()).sum()
    };
    let report = fsck::fsck(&store, |_, _| {}).map_err(|e| e.to_string())?;
    if report.is_clean() {
        Ok(found)
    } else {
        let first = report.damage.first();
        Err(format!(
            "fsck found {} places damaged, the first: {first:?}",
            report.damaged
        ))
    }
}

/// The writer: admits entries from where the folder ends, and prints how many of them are acknowledged.
///
/// # Panics
/// When the folder cannot be used; its parent sees that nothing was acknowledged.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
pub fn write(folder: &Path) {
    let (ingest, _thread) = node::open(folder);
    let (mut load, founding) = Load::new(5);
    let committee = load.committee();
    ingest.follow_blocking(committee, Bodies::All).expect("the node runs");
    let held = ingest.read(|s| s.committee(&committee).map_or(0, |c| c.record().len()));
    let mut frame = founding;
    let mut count = 0;
    loop {
        count += frame.len();
        // The same entries come in every round: those that are held are passed over, the first frame excepted.
        if count > held || count == frame.len() {
            let answers = ingest.submit_blocking(Origin::Peer(1), frame).expect("the node runs");
            assert!(answers.iter().all(Result::is_ok), "an entry was refused");
            println!("{count}");
            std::io::stdout().flush().expect("the parent reads");
        }
        frame = load.posts(FRAME);
    }
}
