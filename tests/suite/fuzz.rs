//! Every target of the fuzzer, for a moment: `make soak` takes longer, `tests/fuzz` gives them to libFuzzer.

#![allow(clippy::unwrap_used, clippy::as_conversions, clippy::panic, reason = "tests")]

use std::path::Path;

use althing_tests::fuzz::{self, TARGETS};
use althing_tests::process::Program;

/// Of inputs that cost 1.
const INPUTS: u64 = 60_000;

fn some(name: &str) {
    let target = fuzz::target(name).expect("a target of this name");
    let more = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let inputs = (INPUTS / target.cost).max((target.seeds)().len() as u64 + 20);
    let seen = match fuzz::run(target, inputs, 1, Some(&more)) {
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

targets! { entry value header body form request answer session path rows invitation mips history http }

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
    let first = fuzz::run(&TRAP, 100_000, 7, None).expect_err("it is there");
    assert_eq!(first.input.first(), Some(&0xff));
    let again = fuzz::run(&TRAP, 100_000, 7, None).expect_err("again");
    assert_eq!(again.input, first.input, "the same seed finds the same");
}

#[test]
fn files_that_no_automerge_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let program = Program::at(env!("CARGO_BIN_EXE_althing-under-test"));
    fuzz::automerge(&program, dir.path(), 20, 1).unwrap();
}
