//! The numbers of sync that were promised: counts and bytes, which no machine changes.

use super::replica::*;
use crate::sync::*;

fn both(report: &Report) -> u64 {
    report.sent + report.received
}

/// A million ids on both sides, and ten entries of about 1,050 bytes more on one.
fn million() -> (Memory, Memory) {
    let mut world = World::default();
    let mut theirs = vec![];
    let mut ours = vec![];
    for n in 0..10 {
        theirs.push(world.make(key(n), 0, None, &[], 600));
        ours.push(world.make(key(100 + n), 0, None, &[], 600));
    }
    let world = world.into();
    let members: Vec<_> = (0..200).map(key).collect();
    let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
    a.fill((1..=1_000_000).map(random_id));
    b.fill((1..=1_000_000).map(random_id));
    b.put(&theirs);
    (a, b)
}

#[test]
fn equal_records_cost_one_round_trip_and_a_kibibyte() {
    let ((mut a, _), (b, _)) = (million(), million());
    let report = pull(&mut a, &b, config(), FRAME, 0);
    println!("equal: {} round trips, {} bytes", report.requests, both(&report));
    assert!(report.same && report.complete && report.end == End::Finished);
    assert_eq!(report.requests, 1);
    assert!(both(&report) <= 1024);
}

#[test]
fn ten_missing_of_a_million() {
    let (mut a, b) = million();
    let report = pull(&mut a, &b, config(), FRAME, 0);
    println!(
        "10 of 1,000,000: {} round trips, {} bytes",
        report.requests,
        both(&report)
    );
    assert!(report.same && report.gained == 10);
    assert!(report.requests <= 6);
    assert!(both(&report) <= 60 * 1024);

    // With a position that this node remembers it is cheaper still.
    let (mut a, b) = million();
    let read = Some(Place {
        generation: 1,
        at: 1_000_000,
    });
    let report = pull(&mut a, &b, Config { read, ..config() }, FRAME, 0);
    println!(
        "10 of 1,000,000, position known: {} round trips, {} bytes",
        report.requests,
        both(&report)
    );
    assert!(report.same && report.gained == 10 && report.requests == 2);
    assert!(both(&report) <= 15 * 1024);
}

#[test]
fn ten_missing_on_either_side() {
    let (mut a, mut b) = million();
    let mine: Vec<_> = a.world.entries.keys().filter(|id| !b.has(id)).copied().collect();
    a.put(&mine);
    let (first, second) = (
        pull(&mut a, &b, config(), FRAME, 0),
        pull(&mut b, &a, config(), FRAME, 0),
    );
    println!(
        "10 and 10 of 1,000,000: {} + {} round trips, {} + {} bytes",
        first.requests,
        second.requests,
        both(&first),
        both(&second)
    );
    assert!(second.same && first.gained == 10 && second.gained == 10 && first.complete);
    assert!(first.requests <= 6 && second.requests <= 6);
    assert!(both(&first) <= 60 * 1024 && both(&second) <= 60 * 1024);
}

#[test]
fn cold_sync_of_100_000_entries() {
    let mut world = World::default();
    let mut ids = vec![];
    for log in 0..100 {
        let mut prev = None;
        for seq in 0..1000 {
            let id = world.make(key(log), seq, prev, &[], 600);
            ids.push(id);
            prev = Some(id);
        }
    }
    let size: usize = ids.iter().map(|id| world.wire(id).len()).sum();
    let world = world.into();
    let members: Vec<_> = (0..100).map(key).collect();
    let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
    b.put(&ids);
    let report = pull(&mut a, &b, config(), FRAME, 1);
    let per_mille = both(&report) * 1000 / u64::try_from(size).unwrap();
    println!(
        "cold: 100,000 entries of {size} bytes, {} round trips, {per_mille} ‰ of them",
        report.requests
    );
    assert!(report.same && report.gained == 100_000 && report.end == End::Finished);
    assert!(both(&report) * 100 <= u64::try_from(size).unwrap() * 115);
    assert!(usize::try_from(report.requests).unwrap() <= size / FRAME + 5);
    assert_eq!(a.most_waiting, 0, "parents come first");
    assert_eq!(a.sequence, b.sequence);
    assert_eq!(report.read, Some(b.sequence_end()));
}
