//! How fast the door is. Run with
//! `cargo test --release -p althing -- --ignored --nocapture speed`; `ALTHING_ENTRIES` says how many.

use std::time::Instant;

use althing_protocol::codec;
use althing_protocol::control::{Control, Enroll, Use};
use althing_protocol::entry::{Header, Verified, commit_body};
use althing_protocol::hash::Key;
use ed25519_dalek::SigningKey;

use super::*;

/// Somebody who writes posts without a state of their own: only the place in their log is kept.
struct Writer {
    identity: Id,
    cert: Id,
    key: SigningKey,
    seq: u64,
    prev: Option<Id>,
}

/// Founders of one committee, and what they sign.
pub(super) struct Crowd {
    pub(super) committee: Id,
    writers: Vec<Writer>,
    after: Id,
}

impl Crowd {
    /// `founders` identities and their committee: their entries come first.
    pub(super) fn new(founders: u8) -> (Self, Vec<Vec<u8>>) {
        let mut wires = Vec::new();
        let mut writers: Vec<Writer> = (1..=founders)
            .map(|n| {
                let (root, device) = (SigningKey::from_bytes(&[n; 32]), SigningKey::from_bytes(&[n + 100; 32]));
                let next = Key([7; 32]);
                let identity = althing_protocol::author::identity(&root, &next, None, 1);
                let id = identity.id();
                let control = Control::Enroll(Enroll {
                    key: public(&device),
                    usage: Use::Person,
                });
                let header = Header {
                    space: Some(id),
                    doc: Some(id),
                    seq: 1,
                    prev: Some(id),
                    kind: "enroll".to_owned(),
                    control: control.value(),
                    ..identity.header().clone()
                };
                let enroll = Verified::sign(header, None, &root);
                wires.extend([identity.wire(), enroll.wire()]);
                Writer {
                    identity: id,
                    cert: enroll.id(),
                    key: device,
                    seq: 0,
                    prev: None,
                }
            })
            .collect();
        let mut founders: Vec<Id> = writers.iter().map(|w| w.identity).collect();
        founders.sort_unstable();
        let first = writers.first_mut().unwrap();
        let writer = althing_protocol::author::Writer {
            key: &first.key,
            cert: Some(first.cert),
        };
        let founding = control::Committee { founders, threshold: 1 };
        let root = althing_protocol::author::committee(&writer, founding, None, 1);
        (first.seq, first.prev) = (1, Some(root.id()));
        wires.push(root.wire());
        let (committee, after) = (root.id(), root.id());
        let crowd = Self {
            committee,
            writers,
            after,
        };
        (crowd, wires)
    }

    /// The next post, by one after the other, with a body of `len` bytes that does not compress.
    pub(super) fn post(&mut self, n: usize, len: usize) -> Verified {
        let count = self.writers.len();
        let writer = &mut self.writers[n % count];
        let mut bytes = Vec::with_capacity(len + 32);
        while bytes.len() < len {
            bytes.extend(althing_protocol::hash::sha256(&[
                &n.to_le_bytes(),
                &bytes.len().to_le_bytes(),
            ]));
        }
        bytes.truncate(len);
        let body = Body {
            salt: [n.to_le_bytes()[0]; limit::SALT],
            bytes: codec::encode(&codec::Value::Bytes(bytes)),
        };
        let (len, body_hash) = commit_body(Some(&body));
        let header = Header {
            v: limit::VERSION,
            space: Some(self.committee),
            doc: Some(self.committee),
            by: public(&writer.key),
            cert: Some(writer.cert),
            seq: writer.seq,
            prev: writer.prev,
            after: vec![self.after],
            auth: vec![],
            not_before: None,
            time: 1_760_000_000_000,
            kind: "post".to_owned(),
            control: None,
            len,
            body_hash,
        };
        let post = Verified::sign(header, Some(body), &writer.key);
        (writer.seq, writer.prev) = (writer.seq + 1, Some(post.id()));
        self.after = post.id();
        post
    }
}

fn public(key: &SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}

fn rate(count: usize, since: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / since.elapsed().as_secs_f64()
}

/// Resident memory of this process in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
#[ignore = "a measurement of minutes"]
#[expect(clippy::print_stdout, reason = "a measurement is for reading")]
fn speed() {
    let total: usize = std::env::var("ALTHING_ENTRIES").map_or(100_000, |n| n.parse().unwrap());
    let mut dir = TempDir::new().unwrap();
    if let Ok(keep) = std::env::var("ALTHING_KEEP") {
        // For `start` below.
        dir = tempfile::Builder::new().disable_cleanup(true).tempdir_in(keep).unwrap();
    }
    let (mut crowd, first) = Crowd::new(16);
    let mut node = Node::start(&dir);
    node.ingest.follow_blocking(crowd.committee, Bodies::All).unwrap();
    node.ingest.submit_blocking(Origin::Peer(1), first).unwrap();
    let (mut spent, mut bytes, mut verify) = (0.0, 0, 0.0);
    let mut n = 0;
    while n < total {
        let chunk: Vec<Vec<u8>> = (0..50_000.min(total - n))
            .map(|i| crowd.post(n + i, 600).wire())
            .collect();
        let (count, size) = (chunk.len(), chunk.iter().map(Vec::len).sum::<usize>());
        let since = Instant::now();
        let sample = 2000.min(count);
        for wire in &chunk[..sample] {
            Entry::decode(wire).unwrap().verify().unwrap();
        }
        verify += rate(sample, since);
        let since = Instant::now();
        let answers = node.ingest.submit_blocking(Origin::Peer(1), chunk).unwrap();
        spent += since.elapsed().as_secs_f64();
        println!("{n}: {:.0}/s, {} MiB", rate(count, since), resident());
        assert!(
            answers
                .iter()
                .all(|a| matches!(a, Ok(a) if matches!(a.outcome, Outcome::Admitted(_))))
        );
        n += count;
        bytes += size;
    }
    let chunks = f64::from(u32::try_from(total.div_ceil(50_000)).unwrap());
    println!("decode and verify alone, one core: {:.0}/s", verify / chunks);
    println!(
        "admitted {total} of {} bytes: {:.0}/s",
        bytes / total,
        f64::from(u32::try_from(total).unwrap()) / spent
    );
    let digest = node.digest(crowd.committee);
    println!("store before compaction {} MiB", node.ingest.store().size() >> 20);
    node.ingest.store().compact();
    let size = node.ingest.store().size();
    println!("after {} MiB, {:.3} of the wire bytes", size >> 20, ratio(size, bytes));
    node.stop();
    println!("stopped: {} MiB", resident());
    node = start(dir.path());
    assert_eq!(node.digest(crowd.committee), digest);
    node.stop();
}

/// In a process of its own, on the folder that `speed` left below `ALTHING_KEEP`.
#[test]
#[ignore = "needs a folder that was kept"]
#[expect(clippy::print_stdout, reason = "a measurement is for reading")]
fn restart() {
    let keep = std::env::var("ALTHING_KEEP").expect("ALTHING_KEEP says where the folder is");
    let data = std::fs::read_dir(keep).unwrap().next().unwrap().unwrap().path();
    println!("before: {} MiB", resident());
    let node = start(&data);
    std::thread::sleep(std::time::Duration::from_secs(1));
    println!("idle: {} MiB", resident());
    node.stop();
}

#[expect(clippy::print_stdout, reason = "a measurement is for reading")]
fn start(dir: &std::path::Path) -> Node {
    let since = Instant::now();
    let home = Arc::new(Home::open(&dir.join("data")).unwrap());
    let store = Store::open(&home.store_dir(), store::Options::default()).unwrap();
    println!("store open: {:?}", since.elapsed());
    let state = store.load_state(Limits::default()).unwrap();
    println!("state loaded: {:?}, {} MiB", since.elapsed(), resident());
    let (ingest, thread) = Ingest::start(store, state, Arc::clone(&home)).unwrap();
    println!("started: {:?}, {} MiB", since.elapsed(), resident());
    Node { ingest, thread, home }
}

fn ratio(a: u64, b: usize) -> f64 {
    f64::from(u32::try_from(a >> 10).unwrap()) / f64::from(u32::try_from(b >> 10).unwrap())
}
