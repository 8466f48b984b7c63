//! Sync from both sides: questions of anybody to an honest node, and an honest node that asks anybody.

use std::collections::VecDeque;
use std::sync::LazyLock;

use althing_protocol::hash::Id;
use althing_protocol::state::Limits;
use althing_protocol::sync::{self, Answer, Config, FloorBudget, Input, Output, Request, Session, respond};

use super::decode::some_history;
use super::{LONGEST, mix, words};
use crate::kit::Replica;
use crate::kit::exchange::View;

struct Nodes {
    committee: Id,
    full: Replica,
}

static NODES: LazyLock<Nodes> = LazyLock::new(|| {
    let root = some_history().iter().find(|e| e.header().kind == "committee");
    let committee = root.expect("a history has a committee").id();
    let mut full = Replica::unchecked(Limits::default(), &[committee]);
    full.offer_all(some_history());
    Nodes { committee, full }
});

/// A node that lacks the second half.
fn half() -> Replica {
    let mut half = Replica::unchecked(Limits::default(), &[NODES.committee]);
    half.offer_all(some_history().iter().take(some_history().len() / 2));
    half
}

/// Questions.
pub(super) fn request(bytes: &[u8]) -> u64 {
    match Request::decode(bytes) {
        Err(why) => words(&why.to_string()),
        Ok(request) => {
            assert_eq!(request.encode(), bytes, "one question, one encoding");
            let nodes = &*NODES;
            let answer = respond(&View::of(&nodes.full, nodes.committee), &request.ask, sync::FRAME).encode();
            assert!(answer.len() < 2 * sync::FRAME, "an answer is bounded: {}", answer.len());
            Answer::decode(&answer).expect("an honest answer reads back");
            mix([
                words(&format!("{:?}", request.ask).chars().take(6).collect::<String>()),
                answer.len() as u64 / 64,
            ])
        }
    }
}

/// Answers.
pub(super) fn answer(bytes: &[u8]) -> u64 {
    match Answer::decode(bytes) {
        Err(why) => words(&why.to_string()),
        Ok(answer) => {
            assert_eq!(answer.encode(), bytes, "one answer, one encoding");
            words(&format!("{answer:?}").chars().take(8).collect::<String>())
        }
    }
}

/// A session with a peer whose answers are honest ones, changed as these bytes say: six for each answer, what, where
/// and how. A change that goes beyond the bytes gives a whole answer out of them instead.
pub(super) fn session(bytes: &[u8]) -> u64 {
    let nodes = &*NODES;
    let mut node = half();
    let mut config = Config {
        committee: nodes.committee,
        inline: sync::INLINE,
        read: None,
        floor: FloorBudget {
            read: None,
            entries: 64,
        },
        limits: sync::Limits::default(),
    };
    let mut rest = bytes;
    if let Some((first, tail)) = bytes.split_first() {
        // Searching, or reading the peer's sequence.
        config.limits.listed = u64::from(*first);
        rest = tail;
    }
    let limits = config.limits;
    let mut session = Session::new(config);
    let mut inputs = VecDeque::from([Input::Start]);
    let (mut asked, mut seen) = (0u32, 0);
    while let Some(input) = inputs.pop_front() {
        for output in session.handle(&View::of(&node, nodes.committee), u64::from(asked), input) {
            match output {
                Output::Send(question) => {
                    asked += 1;
                    assert!(asked <= limits.requests, "a session ends");
                    let request = Request::decode(&question).expect("a session asks well-formed questions");
                    let honest = respond(&View::of(&nodes.full, nodes.committee), &request.ask, 4096).encode();
                    inputs.push_back(Input::Answer(twisted(honest, &mut rest)));
                }
                Output::Deliver { wires, .. } => {
                    let mut took = |wire: &Vec<u8>| node.offer_wire(wire, 7).is_some();
                    let gained = wires.iter().filter(|wire| took(wire)).count();
                    inputs.push_back(Input::Stored { gained: gained as u64 });
                }
                Output::Penalise(fault) => seen = words(&fault.to_string()),
                Output::Done(report) => {
                    return mix([
                        seen,
                        words(&format!("{:?}", report.end)),
                        u64::from(report.same),
                        u64::from(asked),
                    ]);
                }
            }
        }
    }
    panic!("the session neither asks nor ends");
}

fn twisted(mut answer: Vec<u8>, rest: &mut &[u8]) -> Vec<u8> {
    let Some(([what, a, b, c, d, e], tail)) = rest.split_first_chunk::<6>() else {
        return answer;
    };
    *rest = tail;
    let at = usize::from(u16::from_be_bytes([*a, *b])) % answer.len().max(1);
    match what % 8 {
        0..=2 => {}
        3 => {
            if let Some(byte) = answer.get_mut(at) {
                *byte ^= c | 1;
            }
        }
        4 => answer.truncate(at),
        5 => {
            for (to, from) in answer.iter_mut().skip(at).zip([c, d, e]) {
                *to = *from;
            }
        }
        6 => answer.insert(at, *c),
        _ => {
            let len = usize::from(u16::from_be_bytes([*c, *d])).min(tail.len()).min(LONGEST);
            answer = tail.get(..len).unwrap_or_default().to_vec();
            *rest = tail.get(len..).unwrap_or_default();
        }
    }
    answer
}

/// All questions of an honest session, and their answers.
fn talk() -> Vec<(Vec<u8>, Vec<u8>)> {
    let nodes = &*NODES;
    let mut all = Vec::new();
    for listed in [0, 512] {
        let mut node = half();
        let limits = sync::Limits {
            listed,
            ..sync::Limits::default()
        };
        let floor = FloorBudget {
            read: None,
            entries: 64,
        };
        let config = Config {
            committee: nodes.committee,
            inline: sync::INLINE,
            read: None,
            floor,
            limits,
        };
        let mut session = Session::new(config);
        let mut inputs = VecDeque::from([Input::Start]);
        while let Some(input) = inputs.pop_front() {
            for output in session.handle(&View::of(&node, nodes.committee), 0, input) {
                match output {
                    Output::Send(question) => {
                        let request = Request::decode(&question).expect("a session asks well-formed questions");
                        let answer = respond(&View::of(&nodes.full, nodes.committee), &request.ask, 4096).encode();
                        all.push((question, answer.clone()));
                        inputs.push_back(Input::Answer(answer));
                    }
                    Output::Deliver { wires, .. } => {
                        let gained = wires.iter().filter(|wire| node.offer_wire(wire, 7).is_some()).count();
                        inputs.push_back(Input::Stored { gained: gained as u64 });
                    }
                    Output::Penalise(_) | Output::Done(_) => {}
                }
            }
        }
    }
    all
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    talk().into_iter().map(|(question, _)| question).collect()
}

pub(super) fn answers() -> Vec<Vec<u8>> {
    talk().into_iter().map(|(_, answer)| answer).collect()
}

pub(super) fn sessions() -> Vec<Vec<u8>> {
    let mut all = vec![vec![0], vec![255]];
    for what in 0..8u8 {
        all.push(
            (0..80u8)
                .map(|n| if n % 6 == 1 { what } else { n.wrapping_mul(31) })
                .collect(),
        );
    }
    all.extend(
        answers()
            .into_iter()
            .map(|a| [&[0, 7, 0, 0, 255, 255, 0], a.as_slice()].concat()),
    );
    all
}
