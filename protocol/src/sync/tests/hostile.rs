//! A hostile peer wastes a bounded amount of time and bytes, and hands in nothing that was not asked for.

use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::replica::*;
use crate::digest::{Prefix, Tree};
use crate::hash::{Hash, Id, Key};
use crate::sync::*;

/// A node with a few entries, and one that has `more` by members beside them.
fn nodes(more: u64) -> (Memory, Memory) {
    let mut world = World::default();
    let common: Vec<Id> = (0..50).map(|n| world.make(key(n), 0, None, &[], 100)).collect();
    let theirs: Vec<Id> = (0..more).map(|n| world.make(key(100 + n), 0, None, &[], 100)).collect();
    let world = Rc::new(world);
    let members: Vec<_> = (0..1000).map(key).collect();
    let (mut a, mut b) = (Memory::new(&world, &members), Memory::new(&world, &members));
    a.put(&common);
    b.put(&common);
    b.put(&theirs);
    (a, b)
}

fn searching() -> Config {
    let mut config = config();
    config.limits.listed = 0;
    config
}

/// Lets an honest peer's answers be changed.
fn twisted(config: Config, more: u64, mut twist: impl FnMut(&Ask, Answer) -> Answer) -> Ran {
    let (mut a, b) = nodes(more);
    run(&mut a, config, 0, |bytes| {
        let ask = Request::decode(bytes).unwrap().ask;
        let answer = respond(&b, &ask, FRAME);
        Input::Answer(twist(&ask, answer).encode())
    })
}

#[test]
fn entries_that_nobody_asked_for() {
    let (_, b) = nodes(5);
    let known = b.world.wire(b.tree.iter().next().unwrap());
    for extra in [known, b"junk".to_vec(), vec![]] {
        let mut delivered = false;
        let ran = twisted(searching(), 5, |_, answer| match answer {
            Answer::Entries { mut wires, rest } => {
                delivered = true;
                wires.push(extra.clone());
                Answer::Entries { wires, rest }
            }
            answer => answer,
        });
        assert!(delivered);
        assert_eq!(ran.faults, [Fault::Unasked]);
        assert_eq!((ran.report.end, ran.report.gained), (End::Penalised, 0));
    }
    let ran = twisted(searching(), 5, |_, answer| match answer {
        Answer::Entries { mut wires, rest } => {
            wires.push(wires[0].clone());
            Answer::Entries { wires, rest }
        }
        answer => answer,
    });
    assert_eq!(ran.faults, [Fault::Unasked], "twice the same");
}

#[test]
fn entries_listed_and_withheld() {
    let ran = twisted(searching(), 20, |_, answer| match answer {
        Answer::Entries { .. } => Answer::Entries {
            wires: vec![],
            rest: false,
        },
        answer => answer,
    });
    assert_eq!(ran.faults, [Fault::Withheld]);
    // Few may have gone in the meantime: no fault, but no success either.
    let ran = twisted(searching(), 5, |_, answer| match answer {
        Answer::Entries { .. } => Answer::Entries {
            wires: vec![],
            rest: false,
        },
        answer => answer,
    });
    assert_eq!(ran.faults, []);
    assert!(!ran.report.same && !ran.report.complete && ran.report.fruitless() && ran.report.requests < 10);
    let ran = twisted(searching(), 5, |_, answer| match answer {
        Answer::Entries { .. } => Answer::Entries {
            wires: vec![],
            rest: true,
        },
        answer => answer,
    });
    assert_eq!(ran.faults, [Fault::Stalled]);
}

#[test]
fn false_summaries() {
    let summary = |change: fn(&mut Summary)| {
        twisted(searching(), 5, |_, answer| match answer {
            Answer::Hello(mut summary) => {
                change(&mut summary);
                Answer::Hello(summary)
            }
            answer => answer,
        })
    };
    let (a, _) = nodes(5);
    let changes: [fn(&mut Summary); 5] = [
        |s| s.count = 0,
        |s| s.digest = Hash::ZERO,
        |s| s.marks.truncate(31),
        |s| s.marks.clear(),
        |s| s.marks.push(Mark::EMPTY),
    ];
    for change in changes {
        let ran = summary(change);
        assert_eq!(ran.faults, [Fault::Summary]);
        assert_eq!(ran.report.requests, 1);
    }
    // Another digest over the tree that this node has itself.
    let ran = twisted(searching(), 0, |_, answer| match answer {
        Answer::Hello(mut summary) => {
            summary.digest = Hash([7; 32]);
            summary.marks = Prefix::ROOT.below(5).map(|p| Mark::of(&a.tree.subtree(&p).0)).collect();
            Answer::Hello(summary)
        }
        answer => answer,
    });
    assert_eq!(ran.faults, [Fault::Summary]);
    // A count without end brings nothing but what can be read.
    let ran = summary(|s| s.count = 1 << 52);
    assert_eq!(ran.faults, []);
    assert!(ran.report.same);
}

#[test]
fn false_trees() {
    let tree = |change: fn(Vec<Part>) -> Vec<Part>| {
        twisted(searching(), 5, |_, answer| match answer {
            Answer::Tree { parts } => Answer::Tree { parts: change(parts) },
            answer => answer,
        })
        .faults
    };
    assert_eq!(tree(|_| vec![]), [Fault::Tree]);
    assert_eq!(tree(|parts| [parts.clone(), parts].concat()), [Fault::Tree]);
    assert_eq!(
        tree(|parts| parts.iter().map(|_| Part::Marks(vec![Mark([1; 16]); 31])).collect()),
        [Fault::Tree]
    );
    assert_eq!(
        tree(|parts| parts.iter().map(|_| Part::Marks(vec![])).collect()),
        [Fault::Tree]
    );
    assert_eq!(
        tree(|parts| parts
            .iter()
            .map(|_| Part::Ids(vec![(Id([0; 32]), 1), (Id([255; 32]), 1)]))
            .collect()),
        [Fault::Tree]
    );
}

#[test]
fn answers_to_other_questions() {
    let ran = twisted(searching(), 5, |_, _| Answer::Entries {
        wires: vec![],
        rest: false,
    });
    assert_eq!(ran.faults, [Fault::Unexpected]);
    let ran = twisted(searching(), 5, |_, _| Answer::Unknown);
    assert_eq!((ran.faults, ran.report.end), (vec![], End::Unknown));
    let (mut a, _) = nodes(0);
    let ran = run(&mut a, config(), 0, |_| Input::Answer(vec![0; Answer::MAX + 1]));
    assert!(matches!(ran.faults[..], [Fault::Malformed(Malformed::TooLarge { .. })]));
    let mut session = Session::new(config());
    let out = session.handle(&a, 0, Input::Answer(Answer::Unknown.encode()));
    assert!(
        matches!(out[..], [Output::Penalise(Fault::Unexpected), Output::Done(_)]),
        "an answer without question"
    );
}

#[test]
fn sequences_that_stand_still_or_run_back() {
    for (step, fault) in [(0, Fault::Stalled), (1 << 60, Fault::Stalled)] {
        let ran = twisted(config(), 100, |ask, answer| match (ask, answer) {
            (Ask::Sequence { from, .. }, Answer::Sequence { end, wires, .. }) => Answer::Sequence {
                end,
                next: (from + step) & ((1 << 53) - 1),
                wires,
            },
            (Ask::Index { from }, Answer::Index { end, ids, .. }) => Answer::Index {
                end,
                next: (from + step) & ((1 << 53) - 1),
                ids,
            },
            (_, answer) => answer,
        });
        assert_eq!(ran.faults, [fault]);
    }
}

/// A peer whose every answer is a lie of the most expensive kind.
fn liar(asker: &mut Memory, config: Config, index: bool) -> Ran {
    let mut n = 0_u64;
    run(asker, config, 0, |bytes| {
        n += 1;
        let mark = |i: u64| Mark(random_id(n << 20 | i).0[..16].try_into().unwrap());
        let end = Place {
            generation: 1,
            at: (1 << 53) - 1,
        };
        let answer = match Request::decode(bytes).unwrap().ask {
            Ask::Hello { .. } => Answer::Hello(Summary {
                digest: Hash(random_id(n).0),
                count: if index { 60 } else { (1 << 53) - 1 },
                sequence: end,
                floor: end,
                marks: (0..32).map(mark).collect(),
            }),
            Ask::Tree { prefixes } => Answer::Tree {
                parts: prefixes
                    .iter()
                    .zip(0..)
                    .map(|(p, i)| Part::Marks((0..1 << 5.min(256 - p.len())).map(|j| mark(i << 8 | j)).collect()))
                    .collect(),
            },
            Ask::Sequence { from, .. } => Answer::Sequence {
                end,
                next: from + 1,
                wires: vec![],
            },
            Ask::Index { from } => Answer::Index {
                end,
                next: from + 8192,
                ids: (0..8192).map(|i| random_id(n << 20 | i)).collect(),
            },
            Ask::Entries { ids, .. } => {
                assert!(!ids.is_empty());
                Answer::Entries {
                    wires: vec![],
                    rest: false,
                }
            }
            Ask::Floor { from } => Answer::Floor {
                end,
                next: from + 1,
                heads: (0..512)
                    .map(|i| Head {
                        by: Key(random_id(n << 20 | i).0),
                        space: SPACE,
                        seq: 1 << 40,
                        id: random_id(n << 20 | i),
                    })
                    .collect(),
            },
            Ask::Chains { .. } => Answer::Entries {
                wires: vec![],
                rest: false,
            },
        };
        Input::Answer(answer.encode())
    })
}

#[test]
fn endless_lies_end() {
    for index in [false, true] {
        let (mut a, _) = nodes(0);
        let mut config = searching();
        config.floor = FloorBudget {
            read: None,
            entries: 1000,
        };
        let ran = liar(&mut a, config, index);
        let spent = ran.report.sent + ran.report.received;
        assert!(spent <= 10 << 20, "{spent} bytes in {} questions", ran.report.requests);
        assert!(ran.report.requests <= 600);
        assert!(ran.report.fruitless() && !ran.report.complete);
        assert!(matches!(ran.report.end, End::Limit | End::Penalised));
    }
}

#[test]
fn a_peer_that_drips_is_left() {
    let (mut a, b) = nodes(200);
    let mut session = Session::new(config());
    let mut now = 0;
    let mut out = session.handle(&a, now, Input::Start);
    let mut questions = 0;
    let report = loop {
        now += 30_000;
        let input = match out.pop().unwrap() {
            Output::Send(bytes) => {
                questions += 1;
                Input::Answer(respond(&b, &Request::decode(&bytes).unwrap().ask, 1).encode())
            }
            // It delivers, but nothing that is new here.
            Output::Deliver { wires, .. } => {
                assert!(wires.len() <= 1);
                Input::Stored { gained: 0 }
            }
            Output::Done(report) => break report,
            Output::Penalise(fault) => panic!("{fault}"),
        };
        // Two outputs at once: the store is acknowledged first.
        if let Some(Output::Deliver { .. }) = out.last() {
            session.handle(&a, now, Input::Stored { gained: 0 });
        }
        out = session.handle(&a, now, input);
        a.tree.settle();
    };
    assert_eq!(report.end, End::Limit);
    assert!(questions <= 5, "120 seconds without a new entry are enough");
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let id = (0..60_u64).prop_map(random_id);
    let place = (0..3_u64, 0..300_u64).prop_map(|(generation, at)| Place { generation, at });
    let marks = vec((0..3_u8).prop_map(|n| Mark([n; 16])), 0..34);
    let wire = prop_oneof![
        (0..40_u64).prop_map(|n| {
            let mut world = World::default();
            let id = world.make(key(n), 0, None, &[], 10);
            world.wire(&id)
        }),
        vec(any::<u8>(), 0..20),
    ];
    let wires = || vec(wire.clone(), 0..5).boxed();
    let ids = vec((id.clone(), 0..5_u32), 0..5).prop_map(|mut ids| {
        ids.sort_unstable();
        ids.dedup_by_key(|(id, _)| *id);
        ids
    });
    let part = prop_oneof![marks.clone().prop_map(Part::Marks), ids.prop_map(Part::Ids)];
    let head = (id.clone(), 0..9_u64, id.clone()).prop_map(|(by, seq, id)| Head {
        by: Key(by.0),
        space: SPACE,
        seq,
        id,
    });
    prop_oneof![
        1 => Just(Answer::Unknown),
        8 => (id.clone(), 0..100_u64, place.clone(), place.clone(), marks).prop_map(|(id, count, sequence, floor, mut marks)| {
            if count % 4 != 0 { marks.resize(32, Mark([9; 16])); }
            Answer::Hello(Summary { digest: Hash(id.0), count, sequence, floor, marks })
        }),
        4 => vec(part, 0..6).prop_map(|parts| Answer::Tree { parts }),
        4 => (place.clone(), 0..300_u64, wires()).prop_map(|(end, next, wires)| Answer::Sequence { end, next, wires }),
        4 => (place.clone(), 0..300_u64, vec(id, 0..5)).prop_map(|(end, next, ids)| Answer::Index { end, next, ids }),
        4 => (wires(), any::<bool>()).prop_map(|(wires, rest)| Answer::Entries { wires, rest }),
        4 => (place, 0..300_u64, vec(head, 0..5)).prop_map(|(end, next, heads)| Answer::Floor { end, next, heads }),
    ]
}

/// Answers the question with the next fitting one of the list, whatever is in it.
fn fits(ask: &Ask, answer: &Answer) -> bool {
    matches!(
        (ask, answer),
        (Ask::Hello { .. }, Answer::Hello(_))
            | (Ask::Tree { .. }, Answer::Tree { .. })
            | (Ask::Sequence { .. }, Answer::Sequence { .. })
            | (Ask::Index { .. }, Answer::Index { .. })
            | (Ask::Entries { .. } | Ask::Chains { .. }, Answer::Entries { .. })
            | (Ask::Floor { .. }, Answer::Floor { .. })
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_answers_end_without_harm(answers in vec(any_answer(), 1..20), order in any::<u64>()) {
        let (mut a, _) = nodes(0);
        let before = a.tree.root();
        let mut config = config();
        config.floor = FloorBudget { read: None, entries: 50 };
        config.limits.listed = if order % 2 == 0 { 0 } else { 512 };
        let mut at = 0;
        let ran = run(&mut a, config, order, |bytes| {
            let ask = Request::decode(bytes).unwrap().ask;
            at += 1;
            let fitting = (0..answers.len()).map(|i| &answers[(at + i) % answers.len()]).find(|answer| fits(&ask, answer));
            Input::Answer(fitting.unwrap_or(&answers[0]).encode())
        });
        prop_assert!(ran.report.requests <= 600);
        prop_assert_eq!(ran.faults.len(), usize::from(ran.report.end == End::Penalised));
        prop_assert_eq!(a.tree.root(), before, "nothing that is no entry is taken");
    }

    #[test]
    fn any_question_is_answered_within_its_bounds(
        from in prop_oneof![0..200_u64, Just((1 << 53) - 1)],
        lens in vec(0..256_usize, 0..20),
        frame in prop_oneof![Just(0_usize), Just(1), Just(5000), Just(usize::MAX)],
    ) {
        let (_, b) = nodes(100);
        let ids: Vec<Id> = b.tree.iter().copied().chain([Id([1; 32])]).collect();
        let mut prefixes: Vec<Prefix> = lens.iter().map(|len| Prefix::of(&ids[len % ids.len()], *len)).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        let asked = prefixes.len();
        for ask in [
            Ask::Hello { digest: Hash::ZERO, count: from },
            Ask::Tree { prefixes },
            Ask::Sequence { from, inline: from },
            Ask::Index { from },
            Ask::Entries { ids: ids.clone().into_iter().collect::<Tree>().iter().copied().collect(), inline: from },
            Ask::Floor { from },
            Ask::Chains { chains: ids.iter().take(64).map(|id| Chain { head: *id, from }).collect::<std::collections::BTreeSet<_>>().into_iter().collect(), inline: from },
        ] {
            let asked_bytes = Request { committee: SPACE, ask: ask.clone() }.encode();
            prop_assert_eq!(&Request::decode(&asked_bytes).unwrap().ask, &ask);
            let answer = respond(&b, &ask, frame);
            let bytes = answer.encode();
            prop_assert!(bytes.len() <= frame.saturating_add(6000));
            prop_assert_eq!(&Answer::decode(&bytes).unwrap(), &answer);
            match answer {
                Answer::Tree { parts } => prop_assert!(parts.len() <= asked && (asked == 0 || !parts.is_empty())),
                Answer::Sequence { next, .. } | Answer::Index { next, .. } => prop_assert!(next > from || from >= 150),
                _ => {}
            }
        }
    }
}
