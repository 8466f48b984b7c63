//! How fast the door is: `cargo test --release -p althing -- --ignored --nocapture --exact ingest::tests::speed::admit`.
//! `ALTHING_ENTRIES` says how many, `ALTHING_KEEP` where the folder stays for `restart`.

use std::time::Instant;

use super::crowd::Crowd;
use super::*;

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
fn admit() {
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
    let ingest = node.ingest.clone();
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let reader = std::thread::spawn(move || {
        let mut waits = Vec::new();
        while ended.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            let since = Instant::now();
            ingest.read(|state| state.graph().len());
            waits.push(since.elapsed());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        waits.sort();
        waits
    });
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
    drop(done);
    let waits = reader.join().unwrap();
    let at = |percent: usize| waits[(waits.len() - 1) * percent / 100];
    println!(
        "a reader waited p50 {:?}, p99 {:?}, at most {:?}",
        at(50),
        at(99),
        at(100)
    );
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
fn restart() {
    let keep = std::env::var("ALTHING_KEEP").expect("ALTHING_KEEP says where the folder is");
    let data = std::fs::read_dir(keep).unwrap().next().unwrap().unwrap().path();
    println!("before: {} MiB", resident());
    let node = start(&data);
    std::thread::sleep(std::time::Duration::from_secs(1));
    println!("idle: {} MiB", resident());
    let folder = node.home.store_dir();
    node.stop();
    let since = Instant::now();
    let report = fsck(&folder, |_, _| {}).unwrap();
    println!("fsck: {:?}, {} MiB", since.elapsed(), resident());
    assert!(report.is_clean(), "{report}");
}

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
