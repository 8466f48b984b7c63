//! A hostile node: `hostile MODE --to MULTIADDR --committee ID [--name N] [--keys N] [--each N] [--rate N]`.
//!
//! For tests, on loopback. See [`althing_tests::hostile`].

use std::process::ExitCode;

use althing_tests::hostile::{Options, run};

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        Ok(options) => {
            run(options);
            ExitCode::SUCCESS
        }
        Err(why) => {
            let usage = "hostile MODE --to MULTIADDR --committee ID [--name N] [--keys N] [--each N] [--rate N]";
            eprintln!("{why}\nusage: {usage}");
            ExitCode::from(2)
        }
    }
}
