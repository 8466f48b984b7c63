//! Reads an Automerge file in a process of its own, under limits of time and memory.
//!
//! The limits are set by the shell's `ulimit` before it becomes the reader: that needs no unsafe code, and whatever
//! the reader then does, the system ends it.

use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use althing_protocol::document::automerge::Copy;
use thiserror::Error;

use super::failure::Failure;
use super::{decode, fields};

/// Seconds of processor time.
const CPU: u64 = 20;

/// Kibibytes of address space: about 200 MiB are the program itself.
const MEMORY: u64 = 2 << 20;

/// Seconds on the clock.
const CLOCK: Duration = Duration::from_secs(40);

/// Bytes of what it answers.
const ANSWER: u64 = 64 << 20;

/// Why a file was not read.
#[derive(Debug, Error)]
pub(super) enum Unread {
    #[error("the reader of Automerge files does not start: {0}")]
    Start(std::io::Error),
    #[error("the reader of Automerge files gave up: {0}")]
    Refused(String),
    #[error(
        "the file needs more than {CPU} seconds or {} MiB to be read, or makes Automerge fail; such files are made to \
         do harm or are damaged",
        MEMORY >> 10
    )]
    Harmful,
    #[error("the file holds more than {ANSWER} bytes")]
    Large,
}

/// What an Automerge file holds.
pub(super) fn read(path: &Path) -> Result<Copy, Failure> {
    let bytes = fields::read(path, decode::LARGEST)?;
    let program = std::env::current_exe().map_err(Unread::Start)?;
    let child = limited(MEMORY, CPU, "exec \"$0\" --json decode-automerge", &program)?;
    Ok(watch(child, bytes, CLOCK)?)
}

/// Starts a shell command under limits; `$0` in it is `program`.
fn limited(memory: u64, cpu: u64, command: &str, program: &Path) -> Result<Child, Unread> {
    Command::new("sh")
        .arg("-c")
        .arg(format!(
            "ulimit -v {memory} && ulimit -t {cpu} && ulimit -c 0 && {command}"
        ))
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Unread::Start)
}

/// Feeds the reader, gathers what it says and ends it when it takes too long.
fn watch(mut child: Child, bytes: Vec<u8>, clock: Duration) -> Result<Copy, Unread> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // Each pipe has its own thread: a full one would otherwise stop the others. They end with the child.
    let feeder = thread::spawn(move || {
        // A reader that gave up closes its end.
        drop(input.map(|mut pipe| pipe.write_all(&bytes)));
    });
    let output = thread::spawn(move || output.map(|pipe| gather(pipe, ANSWER + 1)).unwrap_or_default());
    let errors = thread::spawn(move || errors.map(|pipe| gather(pipe, 4096)).unwrap_or_default());
    let end = Instant::now() + clock;
    let status = loop {
        match child.try_wait().map_err(Unread::Start)? {
            Some(status) => break Some(status),
            // Gathering ends before the reader does only when it said too much.
            None if Instant::now() >= end || output.is_finished() => {
                drop(child.kill());
                drop(child.wait());
                break None;
            }
            None => thread::sleep(Duration::from_millis(10)),
        }
    };
    drop(feeder.join());
    let output = output.join().unwrap_or_default();
    let errors = errors.join().unwrap_or_default();
    if u64::try_from(output.len()).is_ok_and(|len| len > ANSWER) {
        return Err(Unread::Large);
    }
    match status.and_then(|status| status.code()) {
        Some(0) => serde_json::from_slice(&output).map_err(|why| Unread::Refused(why.to_string())),
        // It said why in its own words; whatever else ended it was a limit or a panic.
        Some(1) => Err(Unread::Refused(String::from_utf8_lossy(&errors).trim().to_owned())),
        _ => Err(Unread::Harmful),
    }
}

fn gather(pipe: impl Read, most: u64) -> Vec<u8> {
    let mut found = Vec::new();
    drop(pipe.take(most).read_to_end(&mut found));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &str, clock: Duration) -> (Result<Copy, Unread>, Duration) {
        let begun = Instant::now();
        let child = limited(MEMORY, 1, command, Path::new("none")).unwrap();
        let outcome = watch(child, b"{}".to_vec(), clock);
        (outcome, begun.elapsed())
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn what_the_reader_says_is_taken() {
        let json = r#"cat >/dev/null; echo '{"document":"d","kind":"k","after":[],"fields":{},"lists":{}}'"#;
        assert_eq!(run(json, LONG).0.unwrap().kind, "k");
        let (refused, _) = run("echo not mine >&2; exit 1", LONG);
        assert!(matches!(refused, Err(Unread::Refused(why)) if why == "not mine"));
        assert!(matches!(run("echo {", LONG).0, Err(Unread::Refused(_))));
    }

    #[test]
    fn a_reader_that_does_not_end_is_ended() {
        let (outcome, took) = run("while :; do :; done", LONG);
        assert!(
            matches!(outcome, Err(Unread::Harmful)) && took < Duration::from_secs(20),
            "processor time: {took:?}"
        );
        let (outcome, took) = run("exec sleep 60", Duration::from_millis(200));
        assert!(
            matches!(outcome, Err(Unread::Harmful)) && took < Duration::from_secs(10),
            "clock: {took:?}"
        );
        assert!(matches!(run("kill -11 $$", LONG).0, Err(Unread::Harmful)), "a crash");
        assert!(matches!(run("exit 101", LONG).0, Err(Unread::Harmful)), "a panic");
    }

    #[test]
    fn a_reader_that_wants_too_much_memory_is_refused_it() {
        // dd takes one buffer of this size.
        let child = limited(
            64 << 10,
            5,
            "exec dd if=/dev/zero of=/dev/null bs=1G count=1",
            Path::new("none"),
        )
        .unwrap();
        assert!(matches!(watch(child, Vec::new(), LONG), Err(Unread::Refused(why)) if why.contains("memory")));
    }

    #[test]
    fn a_reader_that_never_stops_talking_is_ended() {
        let (outcome, _) = run("exec cat /dev/zero", LONG);
        assert!(matches!(outcome, Err(Unread::Large)));
    }
}
