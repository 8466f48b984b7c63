//! A hostile node: `hostile MODE --to MULTIADDR --committee ID [--name N] [--keys N] [--each N] [--rate N]`.
//!
//! For tests, on loopback. See [`althing_tests::hostile`].

use std::process::ExitCode;

use althing_tests::hostile::{MODES, Options, run};

fn main() -> ExitCode {
    match options() {
        Ok(options) => {
            run(options);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!(
                "{why}\nusage: hostile MODE --to MULTIADDR --committee ID [--name N] [--keys N] [--each N] [--rate N]"
            );
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options, String> {
    let mut args = std::env::args().skip(1);
    let mode = args
        .next()
        .ok_or_else(|| format!("no mode; there are {MODES:?}"))?
        .parse()?;
    let (mut to, mut committee, mut name) = (None, None, mode_name(mode));
    let (mut keys, mut each, mut rate) = (2000, 5, 1000);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
        let number = || value.parse::<usize>().map_err(|why| format!("{arg}: {why}"));
        match arg.as_str() {
            "--to" => to = Some(value.parse().map_err(|why| format!("{value}: {why}"))?),
            "--committee" => committee = Some(value.parse().map_err(|_| format!("{value} is no id"))?),
            "--name" => name.clone_from(&value),
            "--keys" => keys = number()?,
            "--each" => each = number()?,
            "--rate" => rate = number()?,
            other => return Err(format!("{other} is no option")),
        }
    }
    Ok(Options {
        mode,
        to: to.ok_or("--to is missing")?,
        committee: committee.ok_or("--committee is missing")?,
        name,
        keys,
        each,
        rate,
    })
}

fn mode_name(mode: althing_tests::hostile::Mode) -> String {
    mode.to_string()
}
