//! A process that is killed while it writes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;
use crate::clock;
use crate::ingest::tests::draft;
use crate::ingest::{Author, Unwritten};

const DIR: &str = "ALTHING_TEST_KILL_DIR";
const ROUNDS: usize = 8;

/// Not a test: the process that is killed. Prints an id once it is acknowledged.
#[test]
#[ignore = "run by the test below"]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let node = Node::try_start(Path::new(&dir), Limits::default()).unwrap();
    let committee = node.found();
    let mut out = std::io::stdout().lock();
    for n in 0usize.. {
        // Several entries to a batch, some large: a kill shall meet the middle of a write.
        let write = move |author: &mut Author<'_>| {
            let texts = (0..4).map(|i| "x".repeat(1 + (n * 7 + i * 31) % 60 * 1000));
            texts
                .map(|text| author.write(committee, draft(committee, &text)))
                .collect::<Result<Vec<Id>, Unwritten>>()
        };
        for id in node.ingest.write_blocking(write).unwrap().unwrap() {
            writeln!(out, "written {id}").unwrap();
        }
        out.flush().unwrap();
    }
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let dir = TempDir::new().unwrap();
    let mut written: Vec<Id> = Vec::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::kill::child", "--ignored", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let id = |line: String| line.strip_prefix("written ").and_then(|id| id.parse().ok());
        written.push(
            lines
                .by_ref()
                .find_map(id)
                .expect("the child writes until it is killed"),
        );
        std::thread::sleep(Duration::from_micros(u64::from(u16::from_le_bytes(clock::random()))));
        child.kill().unwrap();
        child.wait().unwrap();
        written.extend(lines.filter_map(id));
        let node = Node::start(&dir);
        node.ingest.read(|state| {
            for id in &written {
                assert!(state.graph().num(id).is_some(), "round {round}: {id} is lost");
            }
        });
        node.stop_and_check();
    }
    assert!(written.len() > ROUNDS * 4, "{}", written.len());
}
