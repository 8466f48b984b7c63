//! Every target of the fuzzer, for a moment: `make soak` takes longer.

#![allow(clippy::unwrap_used, clippy::as_conversions, clippy::panic, reason = "tests")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use althing_tests::fuzz::{self, TARGETS};
use althing_tests::process::Program;

/// Of inputs that cost 1.
const INPUTS: u64 = 60_000;

fn some(name: &str) {
    let target = fuzz::target(name).expect("a target of this name");
    let more = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let inputs = (INPUTS / target.cost).max((target.seeds)().len() as u64 + 20);
    let seen = match fuzz::run(target, inputs, 1, Some(&more), None) {
        Ok(seen) => seen,
        Err(found) => {
            let input = data_encoding::HEXLOWER.encode(&found.input);
            panic!("{name} panicked; keep this in tests/fuzz/seeds/{name}: {input}");
        }
    };
    eprintln!(
        "{name}: {} inputs, {} answers, slowest {:?}, memory +{} KiB",
        seen.inputs,
        seen.answers,
        seen.slowest,
        seen.growth >> 10
    );
    assert!(seen.answers > 2, "the inputs lead nowhere");
    assert!(seen.growth < 64 << 20, "{} bytes", seen.growth);
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                some(stringify!($name));
            }
        )*

        #[test]
        fn none_is_left_out() {
            let tested = [$(stringify!($name)),*];
            let all: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(tested.to_vec(), all);
        }
    };
}

targets! { entry value header body form request answer session path rows invitation mips discourse register history http }

/// A run can be repeated, and a target that fails is found out.
#[test]
fn the_runner_finds_what_is_wrong() {
    fn trap(bytes: &[u8]) -> u64 {
        assert!(bytes.first() != Some(&0xff), "found");
        bytes.len() as u64
    }
    static TRAP: fuzz::Target = fuzz::Target {
        name: "trap",
        run: trap,
        seeds: || vec![vec![1, 2, 3]],
        cost: 1,
    };
    let first = fuzz::run(&TRAP, 100_000, 7, None, None).expect_err("it is there");
    assert_eq!(first.input.first(), Some(&0xff));
    let again = fuzz::run(&TRAP, 100_000, 7, None, None).expect_err("again");
    assert_eq!(again.input, first.input, "the same seed finds the same");
}

/// One bad moment of the machine is none of an input's; an input that is slow each time is found.
#[test]
fn the_runner_measures_an_input_and_not_the_machine() {
    const NAP: Duration = Duration::from_millis(50);
    fn once(bytes: &[u8]) -> u64 {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        if CALLS.fetch_add(1, Relaxed) == 50 {
            std::thread::sleep(NAP);
        }
        bytes.len() as u64
    }
    fn always(bytes: &[u8]) -> u64 {
        if bytes.first() == Some(&0xfe) {
            std::thread::sleep(NAP);
        }
        bytes.first().copied().unwrap_or(0).into()
    }
    const fn target(run: fn(&[u8]) -> u64) -> fuzz::Target {
        fuzz::Target {
            name: "nap",
            run,
            seeds: || vec![vec![1, 2, 3]],
            cost: 1,
        }
    }
    static ONCE: fuzz::Target = target(once);
    static ALWAYS: fuzz::Target = target(always);
    let seen = fuzz::run(&ONCE, 100, 7, None, None).unwrap();
    assert!(seen.slowest < NAP, "{:?}", seen.slowest);
    let mut seeds = 7..;
    let seen = seeds.find_map(|seed| {
        let seen = fuzz::run(&ALWAYS, 200, seed, None, None).unwrap();
        (seen.slow.first() == Some(&0xfe)).then_some(seen)
    });
    assert!(seen.is_some_and(|seen| seen.slowest >= NAP));
}

/// What an input takes is seen even if it is given back at once.
#[test]
fn the_runner_sees_what_an_input_holds() {
    static HELD: AtomicUsize = AtomicUsize::new(0);
    static GREEDY: fuzz::Target = fuzz::Target {
        name: "greedy",
        run: |bytes| {
            HELD.fetch_max(1000 + bytes.len(), Relaxed);
            0
        },
        seeds: || vec![vec![1, 2, 3], vec![0; 500]],
        cost: 1,
    };
    let heap = fuzz::Heap {
        reset: || {
            HELD.store(1000, Relaxed);
            1000
        },
        peak: || HELD.load(Relaxed),
    };
    let seen = fuzz::run(&GREEDY, 100, 7, None, Some(heap)).unwrap();
    assert!(
        seen.heap >= 500 && seen.large.len() as u64 == seen.heap,
        "{}",
        seen.heap
    );
}

#[test]
fn files_that_no_automerge_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::at(env!("CARGO_BIN_EXE_althing-under-test"));
    fuzz::automerge(&program, dir.path(), 20, 1).unwrap();
}
