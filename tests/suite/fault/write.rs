//! One call that changes the data folder goes wrong: `soak --faults` fails every one, these tests a few of each sort.

#![allow(clippy::unwrap_used, reason = "tests")]

use althing_tests::fault::{Bed, How, Shim, sample};
use althing_tests::process::Program;

/// Calls that are failed in each way.
const EACH: u64 = 8;

fn some_fail(how: How, seed: u64) {
    let dir = tempfile::tempdir().unwrap();
    let Some(shim) = Shim::build(dir.path()) else {
        eprintln!("skipped: no C compiler, or not Linux");
        return;
    };
    let program = Program::at(env!("CARGO_BIN_EXE_althing-under-test"));
    let bed = Bed::new(&program, shim, dir.path());
    let calls = bed.count().unwrap();
    assert!(calls > 50, "{calls}");
    let mut cut_short = 0;
    for at in sample(calls, EACH, seed) {
        let seen = bed.round(how, at).unwrap();
        cut_short += u32::from(!seen.whole);
    }
    assert!(cut_short > 0, "no fault had any effect");
}

#[test]
fn writes_that_fail() {
    some_fail(How::Broken, 1);
}

#[test]
fn writes_without_room() {
    some_fail(How::Full, 2);
}

#[test]
fn writes_that_are_torn() {
    some_fail(How::Torn, 3);
}

#[test]
fn a_death_before_a_write() {
    some_fail(How::Crash, 4);
}

#[test]
fn a_death_in_the_middle_of_a_write() {
    some_fail(How::TornCrash, 5);
}
