//! Fuzzing: whatever bytes come, no panic, no hang, no ballooning.
//!
//! A [`Target`] is a plain function of bytes. [`run`] mutates a corpus with seeded dice, so that a run can be repeated,
//! and keeps inputs that made the target answer something new. What was found once stays in `tests/fuzz/seeds/TARGET/`.

#![expect(
    clippy::as_conversions,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a harness: a panic is a finding, and lengths fit into 64 bits"
)]

mod boundary;
mod decode;
mod history;
mod import;
mod mutate;
mod sync;

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use self::boundary::{automerge, http};
use self::mutate::Mutator;

/// Longest input.
pub const LONGEST: usize = 64 << 10;

/// Inputs that are kept because they led somewhere new.
const CORPUS: usize = 2048;

/// What takes bytes. Its answer tells where they led: inputs with another answer are worth keeping.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// The function. A panic is a finding.
    pub run: fn(&[u8]) -> u64,
    /// What it is about, as it would come from an honest peer.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// One input costs about as much as so many of the cheapest.
    pub cost: u64,
}

/// All of them.
pub const TARGETS: [Target; 16] = [
    Target {
        name: "entry",
        run: decode::entry,
        seeds: decode::entries,
        cost: 8,
    },
    Target {
        name: "value",
        run: decode::value,
        seeds: decode::values,
        cost: 1,
    },
    Target {
        name: "header",
        run: decode::header,
        seeds: decode::headers,
        cost: 1,
    },
    Target {
        name: "body",
        run: decode::body,
        seeds: decode::bodies,
        cost: 2,
    },
    Target {
        name: "form",
        run: decode::form,
        seeds: decode::forms,
        cost: 2,
    },
    Target {
        name: "request",
        run: sync::request,
        seeds: sync::requests,
        cost: 4,
    },
    Target {
        name: "answer",
        run: sync::answer,
        seeds: sync::answers,
        cost: 1,
    },
    Target {
        name: "session",
        run: sync::session,
        seeds: sync::sessions,
        cost: 200,
    },
    Target {
        name: "path",
        run: decode::path,
        seeds: decode::paths,
        cost: 1,
    },
    Target {
        name: "rows",
        run: decode::rows,
        seeds: decode::some_rows,
        cost: 2,
    },
    Target {
        name: "invitation",
        run: decode::invitation,
        seeds: decode::invitations,
        cost: 1,
    },
    Target {
        name: "mips",
        run: import::mips,
        seeds: import::proposals,
        cost: 4,
    },
    Target {
        name: "discourse",
        run: import::topics,
        seeds: import::some_topics,
        cost: 20,
    },
    Target {
        name: "register",
        run: import::holders,
        seeds: import::some_holders,
        cost: 4,
    },
    Target {
        name: "history",
        run: history::record,
        seeds: history::seeds,
        cost: 600,
    },
    Target {
        name: "http",
        run: boundary::http_raw,
        seeds: boundary::requests,
        cost: 100,
    },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// What a run saw of one target.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Inputs.
    pub inputs: u64,
    /// Different answers.
    pub answers: usize,
    /// The longest that one input took: the shortest of [`AGAIN`] times, because a busy machine makes anything slow now
    /// and then.
    pub slowest: Duration,
    /// That input.
    pub slow: Vec<u8>,
    /// The most that was allocated at a time for one input, in bytes; 0 if nobody counts.
    pub heap: u64,
    /// That input.
    pub large: Vec<u8>,
    /// By how much memory grew at most over a portion of inputs, in bytes; 0 where the system does not tell.
    pub growth: u64,
}

/// An allocator that counts, if the program has one.
#[derive(Debug, Clone, Copy)]
pub struct Heap {
    /// Begins anew with what is allocated now, and tells how much that is.
    pub reset: fn() -> usize,
    /// The most that was allocated since.
    pub peak: fn() -> usize,
}

/// An input under which a target panicked.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The target.
    pub target: &'static str,
    /// The input.
    pub input: Vec<u8>,
}

/// Inputs between two looks at memory.
const PORTION: u64 = 1000;

/// So often an input is measured before it counts as slow.
pub const AGAIN: usize = 8;

/// Runs so many inputs. `more` is a folder with a folder of further seeds for each target, if there is one.
///
/// # Errors
/// The first input under which the target panicked.
pub fn run(
    target: &'static Target,
    inputs: u64,
    seed: u64,
    more: Option<&Path>,
    heap: Option<Heap>,
) -> Result<Seen, Finding> {
    let mut corpus = (target.seeds)();
    corpus.extend(more.into_iter().flat_map(|folder| kept(&folder.join(target.name))));
    corpus.push(Vec::new());
    let mut seen = Seen::default();
    let mut answers = HashSet::new();
    let mut mutator = Mutator::new(seed, target.name);
    let mut memory = Memory::start();
    for n in 0..inputs {
        let first = usize::try_from(n).ok().and_then(|n| corpus.get(n)).filter(|_| n < 4096);
        let input = first.cloned().unwrap_or_else(|| mutator.next(&corpus));
        let before = heap.map(|heap| (heap.reset)());
        let (answer, mut took) = timed(target, &input)?;
        let held = heap
            .zip(before)
            .map_or(0, |(heap, before)| (heap.peak)().saturating_sub(before));
        if held as u64 > seen.heap {
            (seen.heap, seen.large) = (held as u64, input.clone());
        }
        for _ in 1..AGAIN {
            if took <= seen.slowest {
                break;
            }
            took = took.min(timed(target, &input)?.1);
        }
        if took > seen.slowest {
            (seen.slowest, seen.slow) = (took, input.clone());
        }
        if answers.insert(answer) && corpus.len() < CORPUS && first_half(n, inputs) {
            corpus.push(input);
        }
        seen.inputs += 1;
        if n % PORTION == PORTION - 1 || n + 1 == inputs {
            seen.growth = seen.growth.max(memory.grown());
            memory = Memory::start();
        }
    }
    seen.answers = answers.len();
    Ok(seen)
}

/// Later finds would not be built upon any more.
const fn first_half(n: u64, inputs: u64) -> bool {
    n <= inputs / 2 + 1000
}

fn timed(target: &'static Target, input: &[u8]) -> Result<(u64, Duration), Finding> {
    let begun = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let took = begun.elapsed();
    let finding = |_| Finding {
        target: target.name,
        input: input.to_vec(),
    };
    Ok((answer.map_err(finding)?, took))
}

/// Inputs in a folder, in the order of their names.
#[must_use]
pub fn kept(folder: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder).into_iter().flatten().map_while(Result::ok);
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files.into_iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// The highest that resident memory goes, as the system counts it (Linux).
#[derive(Debug)]
struct Memory {
    before: Option<u64>,
}

impl Memory {
    fn start() -> Self {
        // Resets the high-water mark; see proc_pid_clear_refs(5).
        let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
        Self {
            before: status("VmRSS:").filter(|_| reset),
        }
    }

    fn grown(&self) -> u64 {
        let high = status("VmHWM:").unwrap_or(0);
        self.before.map_or(0, |before| high.saturating_sub(before))
    }
}

fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Mixes what a target saw into one answer.
fn mix(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(0xcbf2_9ce4_8422_2325, |all, part| {
        (all ^ part).wrapping_mul(0x0100_0000_01b3)
    })
}

/// An answer out of a text, such as the words of an error, without the figures in it.
fn words(text: &str) -> u64 {
    mix(text.bytes().filter(|b| !b.is_ascii_digit()).map(u64::from))
}
