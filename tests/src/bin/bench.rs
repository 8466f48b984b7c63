//! `make bench`: one table. `ARGS="--entries N"` for another size than a million, `ARGS="--flood N"` for another flood
//! than 100,000 entries (a tenth as many keys), `ARGS="--only NAME"` for one part: node, net, flood,
//! gossip, api or import.

use std::path::PathBuf;
use std::process::ExitCode;

use althing_tests::bench::{api, flood, gossip, import, limits, net, node, proof, table};
use althing_tests::hostile;
use althing_tests::process::Program;

fn main() -> ExitCode {
    if let Some(status) = Program::be_node() {
        return status;
    }
    let mut args = std::env::args().skip(1);
    let (mut entries, mut flooded, mut only) = (1_000_000, 100_000, None);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--opened", Some(folder)) => {
                node::opened(&PathBuf::from(folder));
                return ExitCode::SUCCESS;
            }
            ("--hostile", Some(mode)) => {
                return match hostile::Options::parse(std::iter::once(mode).chain(args)) {
                    Ok(options) => {
                        hostile::run(options);
                        ExitCode::SUCCESS
                    }
                    Err(why) => {
                        eprintln!("{why}");
                        ExitCode::from(2)
                    }
                };
            }
            ("--flood", Some(n)) if n.parse::<usize>().is_ok_and(|n| n >= 1000) => {
                flooded = n.parse().unwrap_or(flooded);
            }
            ("--only", Some(name)) => only = Some(name),
            ("--entries", Some(n)) if n.parse::<usize>().is_ok_and(|n| n >= 1000) => {
                entries = n.parse().unwrap_or(entries);
            }
            _ => {
                eprintln!(
                    "usage: bench [--entries N] [--flood N] [--only node|net|flood|gossip|api|import], N at least 1000"
                );
                return ExitCode::from(2);
            }
        }
    }
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    table::begin();
    if wanted("node") || wanted("net") {
        let verify = limits::verify_strict();
        limits::decode();
        limits::rocksdb(folder.path());
        let mut written = node::Written::new(folder.path(), entries);
        let home = folder.path().join("node");
        let admit = node::admit(&home, &written, verify);
        node::start(&home, entries);
        proof::rows(&home, written.committee, entries);
        if wanted("net") {
            net::few(folder.path(), &mut written);
            net::cold(&folder.path().join("cold"), admit);
        }
    }
    if wanted("flood") {
        flood::door(folder.path(), flooded);
        flood::siege(folder.path(), flooded);
    }
    if wanted("gossip") {
        gossip::crowd(folder.path(), 50);
    }
    if wanted("api") {
        api::rows(folder.path());
    }
    if wanted("import") {
        import::rows(&folder.path().join("import"));
    }
    ExitCode::SUCCESS
}
