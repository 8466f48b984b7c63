//! `make soak`: 200 kill rounds, or `ARGS="--rounds N --seed S"`.

use std::path::PathBuf;
use std::process::ExitCode;

use althing_tests::soak;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]
fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (mut rounds, mut seed) = (200, 1);
    while let Some(arg) = args.next() {
        let value = args.next().unwrap_or_default();
        match (arg.as_str(), value.parse::<u64>()) {
            (soak::WRITER, _) => {
                soak::write(&PathBuf::from(value));
                return ExitCode::SUCCESS;
            }
            ("--rounds", Ok(n)) => rounds = usize::try_from(n).unwrap_or(rounds),
            ("--seed", Ok(n)) => seed = n,
            _ => {
                eprintln!("usage: soak [--rounds N] [--seed S]");
                return ExitCode::from(2);
            }
        }
    }
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let program = std::env::current_exe().expect("this program has a path");
    let told = |round: usize, seen: &soak::Round| {
        if (round + 1).is_multiple_of(10) {
            println!(
                "{} rounds: {} acknowledged, {} found, fsck clean",
                round + 1,
                seen.acknowledged,
                seen.found
            );
        }
    };
    match soak::rounds(&program, folder.path(), rounds, seed, told) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
