//! `make soak`: the longer runs. `ARGS="--only kill|faults|hosts|fuzz --rounds N --fuzz N --each N --seed S"`.
//!
//! kill: 200 rounds of kill -9 while writing. faults: every write of a session failed once in each way. hosts: four nodes
//! on hosts of their own, with cuts from a second to a minute. fuzz: 1,000,000 inputs, shared among the targets by what
//! they cost, or so many for each decoder. One line for each, beside its goal.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use althing_tests::bench::table::row;
use althing_tests::fault::{Bed, How, Shim};
use althing_tests::fuzz::{self, TARGETS};
use althing_tests::hosts::World;
use althing_tests::process::Program;
use althing_tests::soak;
use indicatif::ProgressBar;
use peak_alloc::PeakAlloc;

/// Counts what an input takes.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What one input may allocate at a time, and how long it may take.
const MOST: u64 = 64 << 20;
const LONGEST: Duration = Duration::from_millis(100);

/// Targets that cost more are no decoders but sequences of operations: of each a ten thousandth as many.
const DECODER: u64 = 8;

/// One of the runs. An error is a goal that was missed, in words.
type Part = fn(&Options, &Path) -> Result<(), String>;

struct Options {
    only: Option<String>,
    rounds: usize,
    fuzz: u64,
    each: Option<u64>,
    seed: u64,
}

#[expect(clippy::print_stderr, reason = "a program for people")]
fn main() -> ExitCode {
    // Nodes of the faults are this program too.
    if let Some(code) = Program::be_node() {
        return code;
    }
    let mut args = std::env::args().skip(1);
    let mut options = Options {
        only: None,
        rounds: 200,
        fuzz: 1_000_000,
        each: None,
        seed: 1,
    };
    while let Some(arg) = args.next() {
        let value = args.next().unwrap_or_default();
        match (arg.as_str(), value.parse::<u64>()) {
            (soak::WRITER, _) => {
                soak::write(&PathBuf::from(value));
                return ExitCode::SUCCESS;
            }
            ("--rounds", Ok(n)) => options.rounds = usize::try_from(n).unwrap_or(options.rounds),
            ("--fuzz", Ok(n)) => options.fuzz = n,
            ("--each", Ok(n)) => options.each = Some(n),
            ("--seed", Ok(n)) => options.seed = n,
            ("--only", _) if ["kill", "faults", "hosts", "fuzz"].contains(&value.as_str()) => {
                options.only = Some(value)
            }
            _ => {
                eprintln!(
                    "usage: soak [--only kill|faults|hosts|fuzz] [--rounds N] [--fuzz INPUTS] [--each INPUTS] [--seed S]"
                );
                return ExitCode::from(2);
            }
        }
    }
    let parts: [(&str, Part); 4] = [("kill", kills), ("faults", faults), ("hosts", hosts), ("fuzz", fuzzing)];
    for (name, part) in parts {
        if options.only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        if let Err(why) = part(&options, folder.path()) {
            eprintln!("{name}: {why}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn kills(options: &Options, folder: &Path) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut acknowledged = 0;
    let bar = ProgressBar::new(u64::try_from(options.rounds).unwrap_or(u64::MAX));
    soak::rounds(&program, folder, options.rounds, options.seed, |_, seen| {
        acknowledged = seen.acknowledged;
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    row(
        "kill -9 while writing, rounds",
        &options.rounds.to_string(),
        "nothing lost, fsck clean",
        &format!("{acknowledged} entries acknowledged, all there"),
    );
    Ok(())
}

fn faults(_: &Options, folder: &Path) -> Result<(), String> {
    let Some(shim) = Shim::build(folder) else {
        row(
            "every write failed once",
            "-",
            "nothing lost, fsck clean",
            "skipped: no C compiler, or not Linux",
        );
        return Ok(());
    };
    let program = Program::this().map_err(|e| e.to_string())?;
    let bed = Bed::new(&program, shim, folder);
    let calls = bed.count()?;
    for how in How::ALL {
        let (mut posts, mut cut) = (0, 0);
        for at in 1..=calls {
            let seen = bed.round(how, at)?;
            posts += seen.posts;
            cut += u64::from(!seen.whole);
        }
        row(
            &format!("every write failed once ({how:?}), rounds"),
            &calls.to_string(),
            "nothing lost, fsck clean",
            &format!("{cut} sessions cut short, {posts} posts acknowledged, all there"),
        );
    }
    Ok(())
}

fn hosts(_: &Options, folder: &Path) -> Result<(), String> {
    const COUNT: usize = 4;
    let program = Program::this().map_err(|e| e.to_string())?;
    let goal = "same digests within 10 s";
    let world = match World::new(&program, folder, COUNT) {
        Ok(world) => world,
        Err(why) => {
            row(
                "hosts cut apart and together again",
                "-",
                goal,
                &format!("skipped: {why}"),
            );
            return Ok(());
        }
    };
    let mut entries = COUNT;
    for seconds in [1, 2, 5, 10, 20, 40, 60] {
        world.hosts.set_between(false)?;
        world.talk();
        entries += COUNT;
        std::thread::sleep(Duration::from_secs(seconds));
        if world.opinions() < 2 {
            return Err("the halves agree although they are cut apart".to_owned());
        }
        world.hosts.set_between(true)?;
        let took = world.agree(entries);
        row(
            &format!("hosts cut apart for {seconds} s, together again"),
            &format!("{:.1} s", took.as_secs_f64()),
            goal,
            "until all digests are the same; two and two nodes",
        );
    }
    Ok(())
}

fn fuzzing(options: &Options, folder: &Path) -> Result<(), String> {
    let more = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    // What costs more gets fewer; each gets some.
    let mut missed = Vec::new();
    let shares: u64 = TARGETS.iter().map(|t| 10_000 / t.cost).sum();
    for target in &TARGETS {
        let shared = options.fuzz.saturating_mul(10_000 / target.cost) / shares;
        let inputs = match options.each {
            Some(each) if target.cost <= DECODER => each,
            Some(each) => each / 10_000,
            None => shared,
        };
        let inputs = inputs.max(100);
        let begun = Instant::now();
        let heap = fuzz::Heap {
            reset: || {
                HEAP.reset_peak_usage();
                HEAP.current_usage()
            },
            peak: || HEAP.peak_usage(),
        };
        let seen = fuzz::run(target, inputs, options.seed, Some(&more), Some(heap));
        let seen = seen.map_err(|found| format!("{} panicked under {}", found.target, hex(&found.input)))?;
        let mut bad = String::new();
        if seen.slowest > LONGEST {
            bad.push_str(&format!("; TOO SLOW under {}", hex(&seen.slow)));
        }
        if seen.heap > MOST {
            bad.push_str(&format!("; TOO LARGE under {}", hex(&seen.large)));
        }
        if !bad.is_empty() {
            missed.push(target.name);
        }
        row(
            &format!("fuzz {}, inputs", target.name),
            &seen.inputs.to_string(),
            "no panic, ≤ 100 ms, ≤ 64 MiB",
            &format!(
                "{:.1} s; {} answers; slowest {:.1} ms, largest {:.2} MiB, resident +{} MiB{bad}",
                begun.elapsed().as_secs_f64(),
                seen.answers,
                seen.slowest.as_secs_f64() * 1000.0,
                mib(seen.heap),
                seen.growth >> 20
            ),
        );
    }
    let program = Program::this().map_err(|e| e.to_string())?;
    let inputs = (options.fuzz / 5000).clamp(20, 2000);
    let slowest = fuzz::automerge(&program, folder, inputs, options.seed);
    let slowest = slowest.map_err(|(input, why)| format!("automerge: {why} under {}", hex(&input)))?;
    row(
        "fuzz automerge files, inputs",
        &inputs.to_string(),
        "the reader is ended in time",
        &format!("slowest {:.1} s, the process's start included", slowest.as_secs_f64()),
    );
    match missed.as_slice() {
        [] => Ok(()),
        _ => Err(format!("goals missed by {}", missed.join(", "))),
    }
}

fn mib(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1024.0
}

/// An input, for a file in `tests/fuzz/seeds`: `xxd -r -p` makes bytes of it.
fn hex(input: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(input)
}
