//! `make bench`: one table. `ARGS="--entries N"` for another size than a million.

use std::path::PathBuf;
use std::process::ExitCode;

use althing_tests::bench::{limits, net, node, table};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let mut entries = 1_000_000;
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--opened", Some(folder)) => {
                node::opened(&PathBuf::from(folder));
                return ExitCode::SUCCESS;
            }
            ("--entries", Some(n)) if n.parse::<usize>().is_ok_and(|n| n >= 1000) => {
                entries = n.parse().unwrap_or(entries);
            }
            _ => {
                eprintln!("usage: bench [--entries N], N at least 1000");
                return ExitCode::from(2);
            }
        }
    }
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    table::begin();
    let verify = limits::verify_strict();
    limits::decode();
    limits::rocksdb(folder.path());
    let mut written = node::Written::new(folder.path(), entries);
    let home = folder.path().join("node");
    let admit = node::admit(&home, &written, verify);
    node::start(&home, entries);
    net::few(folder.path(), &mut written);
    net::cold(&folder.path().join("cold"), admit);
    ExitCode::SUCCESS
}
