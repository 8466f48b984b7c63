//! Two nodes that pull from each other hold the same record, whatever they held and however small the frames.

use proptest::collection::vec;
use proptest::prelude::*;

use super::replica::*;
use crate::hash::Id;
use crate::sync::*;

fn budget(entries: u64) -> FloorBudget {
    FloorBudget { read: None, entries }
}

/// A closed part of a history: each entry is (log, names back, body size, held by a, held by b).
#[derive(Debug, Clone)]
struct Step {
    log: u64,
    after: Vec<u8>,
    body: usize,
    a: bool,
    b: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let body = prop_oneof![5 => 1..100_usize, 1 => Just(0_usize), 1 => Just(50_000_usize)];
    let step = (0..6_u64, vec(any::<u8>(), 0..3), body, any::<bool>(), any::<bool>());
    vec(
        step.prop_map(|(log, after, body, a, b)| Step { log, after, body, a, b }),
        0..80,
    )
}

/// Makes the history; and what each node holds of it: with everything that what it holds names.
fn history(world: &mut World, steps: &[Step]) -> [Vec<Id>; 2] {
    let mut ids: Vec<Id> = vec![];
    let mut last = [None; 6];
    let mut held: Vec<[bool; 2]> = vec![];
    let mut names: Vec<Vec<Id>> = vec![];
    for step in steps {
        let log = usize::try_from(step.log).unwrap();
        let after: Vec<Id> = step
            .after
            .iter()
            .filter(|_| !ids.is_empty())
            .map(|n| ids[usize::from(*n) % ids.len()])
            .collect();
        let (seq, prev) = match last[log] {
            Some((seq, id)) => (seq + 1, Some(id)),
            None => (0, None),
        };
        let id = world.make(key(step.log), seq, prev, &after, step.body);
        last[log] = Some((seq, id));
        names.push(after.into_iter().chain(prev).collect());
        ids.push(id);
        held.push([step.a, step.b]);
    }
    for i in (0..ids.len()).rev() {
        for name in &names[i] {
            let at = ids.iter().position(|id| id == name).unwrap();
            held[at] = [held[at][0] || held[i][0], held[at][1] || held[i][1]];
        }
    }
    [0, 1].map(|side: usize| (0..ids.len()).filter(|i| held[*i][side]).map(|i| ids[i]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn two_nodes_converge(
        steps in steps(),
        frame in prop_oneof![Just(1_usize), 100..3000_usize, Just(FRAME)],
        listed in prop_oneof![Just(0_u64), Just(10), Just(512)],
        pool in prop_oneof![Just(0_usize), Just(3), Just(1000)],
        order in any::<u64>(),
    ) {
        let mut world = World::default();
        let [ours, theirs] = history(&mut world, &steps);
        let world = world.into();
        // Logs 0 to 3 are members', 4 and 5 newcomers'.
        let members: Vec<_> = (0..4).map(key).collect();
        let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
        a.put(&ours);
        b.put(&theirs);
        a.pool = pool;
        b.pool = pool;
        let config = || {
            let mut config = config();
            config.limits.listed = listed;
            config.floor = budget(10_000);
            config
        };
        let first = pull(&mut a, &b, config(), frame, order);
        prop_assert!(first.complete, "one session brings all: {first:?}");
        let second = pull(&mut b, &a, config(), frame, order);
        prop_assert!(second.same && second.complete, "{second:?}");
        let third = pull(&mut a, &b, config(), frame, order);
        prop_assert!(third.same);
        prop_assert_eq!(a.tree.root(), b.tree.root());
        prop_assert!(a.wants(1).is_empty() && b.wants(1).is_empty(), "no member's entry waits");
        if pool == 1000 {
            prop_assert_eq!(&a.floor, &b.floor, "with room for it, the floor is the same too");
            prop_assert_eq!(&a.bodies, &b.bodies);
            prop_assert!(a.waiting.is_empty() && b.waiting.is_empty());
        }
        // What is remembered spares asking again.
        let remembered = Config { read: third.read, floor: FloorBudget { read: third.floor, entries: 10_000 }, ..config() };
        prop_assert_eq!(pull(&mut a, &b, remembered, frame, order).requests, 1);
    }

    #[test]
    fn a_session_cut_off_anywhere_loses_nothing(steps in steps(), cut in 1..12_usize, order in any::<u64>()) {
        let mut world = World::default();
        let [_, theirs] = history(&mut world, &steps);
        let world = world.into();
        let members: Vec<_> = (0..6).map(key).collect();
        let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
        b.put(&theirs);
        let mut read = None;
        let mut gained = 0;
        for session in 0..200 {
            let mut asked = 0;
            let ran = run(&mut a, Config { read, ..config() }, order ^ session, |bytes| {
                asked += 1;
                if asked > cut {
                    return Input::Failed;
                }
                Input::Answer(respond(&b, &Request::decode(bytes).unwrap().ask, 1000).encode())
            });
            read = ran.report.read;
            gained += ran.report.gained;
            if ran.report.same {
                break;
            }
        }
        // Comparing, searching or listing, and fetching takes three questions.
        if cut > 2 {
            prop_assert_eq!(a.tree.root(), b.tree.root());
            prop_assert!(gained <= u64::try_from(2 * theirs.len()).unwrap());
        }
    }
}

/// Case `promote_small`: a chain of 30 by a newcomer, answered by a member; room for 3 on the floor and 3 waiting.
#[test]
fn promote_small() {
    let mut world = World::default();
    let mut chain: Vec<Id> = vec![];
    for seq in 0..30 {
        chain.push(world.make(key(5), seq, chain.last().copied(), &[], 50));
    }
    chain.push(world.make(key(0), 0, None, &[chain[29]], 50));
    let world = world.into();
    for frame in [1, 500, FRAME] {
        for listed in [0, 512] {
            let (mut a, mut b) = (Memory::new(&world, &[key(0)]), Memory::new(&world, &[key(0)]));
            b.put(&chain);
            a.floor_budget = 3;
            a.pool = 3;
            let mut config = config();
            config.limits.listed = listed;
            config.floor = budget(2);
            let report = pull(&mut a, &b, config, frame, 0);
            assert!(report.same, "frame {frame}, listed {listed}: {report:?}");
            assert_eq!(a.tree.root(), b.tree.root());
        }
    }
}

/// Case `evict_leaf`, as far as sync goes: a log longer than the floor's budget, answered in its middle.
#[test]
fn evict_leaf() {
    let mut world = World::default();
    let mut log: Vec<Id> = vec![];
    for seq in 0..300 {
        log.push(world.make(key(5), seq, log.last().copied(), &[], 50));
    }
    let answer = world.make(key(0), 0, None, &[log[255]], 50);
    let world = world.into();
    let (mut a, mut b) = (Memory::new(&world, &[key(0)]), Memory::new(&world, &[key(0)]));
    b.floor_budget = 256;
    b.put(&log);
    assert_eq!(b.floor.len(), 256);
    b.put(&[answer]);
    a.floor_budget = 10;
    let mut config = config();
    config.floor = budget(10);
    config.limits.listed = 0;
    let report = pull(&mut a, &b, config, 2000, 0);
    assert!(report.same);
    assert_eq!(a.tree.len(), 257);
}

/// A waiting entry's missing parents come one by one, children first, though the peer's digest is the same.
#[test]
fn wants_are_fetched_from_a_peer_that_has_them_on_its_floor() {
    let mut world = World::default();
    let mut chain: Vec<Id> = vec![];
    for seq in 0..20 {
        chain.push(world.make(key(5), seq, chain.last().copied(), &[], 50));
    }
    let answer = world.make(key(0), 0, None, &[chain[19]], 50);
    let world = world.into();
    let (mut a, mut b) = (Memory::new(&world, &[key(0)]), Memory::new(&world, &[key(0)]));
    b.put(&chain);
    a.floor_budget = 0;
    a.pool = 0;
    a.put(&[answer]);
    assert_eq!((a.tree.root(), a.waiting.len()), (b.tree.root(), 1));
    let report = pull(&mut a, &b, config(), 1, 0);
    assert_eq!(report.gained, 20);
    assert_eq!((a.tree.len(), a.waiting.len()), (21, 0));
}

#[test]
fn the_floor_is_taken_within_its_budget_and_once() {
    let mut world = World::default();
    let mut ids: Vec<Id> = vec![];
    for log in 0..700 {
        let first = world.make(key(10 + log), 0, None, &[], 50);
        ids.extend([first, world.make(key(10 + log), 1, Some(first), &[], 60_000)]);
    }
    let late = world.make(key(5000), 0, None, &[], 50);
    let world = world.into();
    let (mut a, mut b) = (Memory::new(&world, &[]), Memory::new(&world, &[]));
    b.put(&ids);
    let with = |read, entries| Config {
        floor: FloorBudget { read, entries },
        ..config()
    };
    let report = pull(&mut a, &b, with(None, 0), FRAME, 0);
    assert_eq!((report.requests, report.gained), (1, 0));
    let report = pull(&mut a, &b, with(None, 100), 20_000, 0);
    assert!(
        (100..200).contains(&report.gained),
        "a budget stops it at the end of an answer: {report:?}"
    );
    let report = pull(&mut a, &b, with(report.floor, 5000), FRAME, 0);
    assert_eq!(a.floor, b.floor);
    assert_eq!(
        a.bodies.len(),
        1400,
        "bodies too large for a frame of many come one by one"
    );
    let again = pull(&mut a, &b, with(report.floor, 5000), FRAME, 0);
    assert_eq!(again.requests, 1);
    b.put(&[late]);
    let again = pull(&mut a, &b, with(again.floor, 5000), FRAME, 0);
    assert_eq!((again.requests, again.gained), (3, 1));
    // A peer that lost its list starts another one.
    b.generation = 2;
    let again = pull(&mut a, &b, with(again.floor, 5000), FRAME, 0);
    assert_eq!(again.gained, 0);
    assert_eq!(again.floor.unwrap().generation, 2);
}

/// So much differs all over the tree that the sequence is listed instead; nothing waits, however the ids lie.
#[test]
fn scattered_differences_are_listed() {
    let mut world = World::default();
    let mut theirs: Vec<Id> = vec![];
    for log in 0..20 {
        let mut prev = None;
        for seq in 0..1000 {
            let id = world.make(key(log), seq, prev, &[], 10);
            prev = Some(id);
            theirs.push(id);
        }
    }
    let world = world.into();
    let members: Vec<_> = (0..20).map(key).collect();
    for (count, listing) in [(20_000, true), (8000, false)] {
        let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
        a.fill((1..=100_000).map(random_id));
        b.fill((1..=100_000).map(random_id));
        a.pool = 0;
        b.put(&theirs[..count]);
        let mut listed = false;
        let ran = run(&mut a, config(), 0, |bytes| {
            let ask = Request::decode(bytes).unwrap().ask;
            listed |= matches!(ask, Ask::Index { .. });
            Input::Answer(respond(&b, &ask, FRAME).encode())
        });
        assert!(ran.report.same && ran.faults.is_empty(), "{:?}", ran.report);
        assert_eq!(listed, listing);
        assert_eq!(a.most_waiting, 0, "parents come first");
    }
}

/// Most of what is read is here already: reading goes over to ids, and back to entries where all is lacking.
#[test]
fn reading_adapts_to_what_is_here() {
    let mut world = World::default();
    let mut ids: Vec<Id> = vec![];
    for seq in 0..30_000 {
        ids.push(world.make(key(0), seq, ids.last().copied(), &[], 100));
    }
    let size: usize = ids[9000..].iter().map(|id| world.wire(id).len()).sum();
    let world = world.into();
    let (mut a, mut b) = (Memory::new(&world, &[key(0)]), Memory::new(&world, &[key(0)]));
    b.put(&ids);
    a.put(&ids[..9000]);
    let mut kinds = vec![];
    let read = Some(Place {
        generation: 1,
        at: 4000,
    });
    let ran = run(&mut a, Config { read, ..config() }, 3, |bytes| {
        let ask = Request::decode(bytes).unwrap().ask;
        let kind = match ask {
            Ask::Hello { .. } => 'h',
            Ask::Sequence { .. } => 's',
            Ask::Index { .. } => 'i',
            Ask::Entries { .. } => 'e',
            _ => '?',
        };
        if kinds.last() != Some(&kind) {
            kinds.push(kind);
        }
        Input::Answer(respond(&b, &ask, 200_000).encode())
    });
    assert!(ran.report.same);
    assert_eq!(
        kinds.iter().collect::<String>(),
        "hsieis",
        "entries, ids, what a page lacks, a page that lacks all, entries"
    );
    let bytes = usize::try_from(ran.report.sent + ran.report.received).unwrap();
    assert!(bytes * 100 <= size * 120, "{bytes} bytes for {size}");
}

/// Neither side stands still while they talk: nobody is at fault, and it takes another session to catch up.
#[test]
fn both_sides_grow_meanwhile() {
    for listed in [0, 512] {
        let mut world = World::default();
        let mut make =
            |keys: std::ops::Range<u64>| -> Vec<Id> { keys.map(|n| world.make(key(n), 0, None, &[], 100)).collect() };
        let (common, ours, theirs) = (make(0..500), make(500..700), make(700..900));
        let world = world.into();
        let members: Vec<_> = (0..900).map(key).collect();
        let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
        a.put(&common);
        b.put(&common);
        b.put(&theirs[..20]);
        a.arriving = ours.clone();
        let mut config = config();
        config.limits.listed = listed;
        let mut more = theirs[20..].iter();
        let ran = run(&mut a, config.clone(), 0, |bytes| {
            b.put(&more.by_ref().take(7).copied().collect::<Vec<_>>());
            Input::Answer(respond(&b, &Request::decode(bytes).unwrap().ask, 5000).encode())
        });
        assert_eq!(ran.faults, []);
        assert!(ran.report.gained >= 20 && ran.report.end == End::Finished);
        b.put(&theirs);
        a.put(&ours);
        assert!(pull(&mut a, &b, config.clone(), FRAME, 0).complete);
        assert!(pull(&mut b, &a, config, FRAME, 0).same);
        assert_eq!(a.tree.len(), 900);
    }
}

#[test]
fn a_new_generation_begins_anew() {
    let mut world = World::default();
    let mut ids: Vec<Id> = vec![];
    for seq in 0..2000 {
        ids.push(world.make(key(0), seq, ids.last().copied(), &[], 100));
    }
    let world = world.into();
    let (mut a, mut b) = (Memory::new(&world, &[key(0)]), Memory::new(&world, &[key(0)]));
    b.put(&ids);
    let mut asked = 0;
    let ran = run(&mut a, config(), 3, |bytes| {
        asked += 1;
        if asked == 4 {
            b.generation = 2;
        }
        Input::Answer(respond(&b, &Request::decode(bytes).unwrap().ask, 100_000).encode())
    });
    assert!(ran.report.same && ran.faults.is_empty());
    assert_eq!(ran.report.read, Some(b.sequence_end()));
}

#[test]
fn headers_only_and_bodies_by_choice() {
    let mut world = World::default();
    let ids: Vec<Id> = (0..100)
        .map(|n| world.make(key(n), 0, None, &[], if n % 10 == 0 { 200_000 } else { 500 }))
        .collect();
    let world = world.into();
    let members: Vec<_> = (0..100).map(key).collect();
    let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
    b.put(&ids);
    a.wants_bodies = false;
    let report = pull(&mut a, &b, Config { inline: 0, ..config() }, FRAME, 0);
    assert!(
        report.same && a.bodies.is_empty() && report.received < 50_000,
        "{report:?}"
    );
    // Later it wants them: the digest is the same, the bodies come all the same.
    a.wants_bodies = true;
    let report = pull(&mut a, &b, config(), FRAME, 0);
    assert!(report.same && report.gained == 100);
    assert_eq!(a.bodies.len(), 100);
    // What the peer has not is asked for once in a session, and the session ends.
    b.bodies.clear();
    a.bodies.clear();
    let report = pull(&mut a, &b, config(), FRAME, 0);
    assert!(report.same && report.gained == 0 && report.requests <= 3, "{report:?}");
}
