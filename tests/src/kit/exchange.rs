//! Moves what one node lacks from another with the shipped sync machine, without a network between them.

use std::collections::VecDeque;

use althing_protocol::digest::Tree;
use althing_protocol::graph::Graph;
use althing_protocol::hash::Id;
use althing_protocol::state::Outcome;
use althing_protocol::sync::{
    self, Config, End, FloorBudget, Head, Input, Limits, Output, Place, Report, Request, Session, respond,
};

use super::Replica;

/// The source number under which exchanged entries come.
const PEER: u64 = 7;

/// Pulls from `from` until the digests are equal or a session brings nothing new. An answer aims at `frame` bytes of
/// entries, so 1 gives one entry at a time. Nothing is taken from the floor.
///
/// # Panics
/// If one of the two honest nodes blames the other, or a session does not end.
pub fn exchange(to: &mut Replica, from: &Replica, committee: Id, frame: usize) {
    for _ in 0..50 {
        let report = session(to, from, committee, frame);
        assert_eq!(report.end, End::Finished, "{report:?}");
        if report.same || report.gained == 0 {
            return;
        }
    }
}

/// Pulls both ways until the digests are equal or nothing moves.
pub fn meet(a: &mut Replica, b: &mut Replica, committee: Id, frame: usize) {
    for _ in 0..8 {
        exchange(a, b, committee, frame);
        exchange(b, a, committee, frame);
        if a.digest(committee) == b.digest(committee) {
            return;
        }
    }
}

/// One session.
///
/// # Panics
/// As [`exchange`].
pub fn session(to: &mut Replica, from: &Replica, committee: Id, frame: usize) -> Report {
    let mut session = Session::new(Config {
        committee,
        inline: sync::INLINE,
        read: None,
        floor: FloorBudget::default(),
        limits: Limits::default(),
    });
    let mut inputs = VecDeque::from([Input::Start]);
    while let Some(input) = inputs.pop_front() {
        let outputs = session.handle(&View::of(to, committee), 0, input);
        for output in outputs {
            match output {
                Output::Send(bytes) => {
                    let request = Request::decode(&bytes).expect("a session asks well-formed questions");
                    let answer = respond(&View::of(from, committee), &request.ask, frame);
                    inputs.push_back(Input::Answer(answer.encode()));
                }
                Output::Deliver { wires, .. } => {
                    let gained = wires.iter().map(|w| u64::from(take(to, w))).sum();
                    inputs.push_back(Input::Stored { gained });
                }
                Output::Penalise(fault) => panic!("an honest peer was penalised: {fault}"),
                Output::Done(report) => return report,
            }
        }
    }
    panic!("the session neither asks nor ends");
}

/// Whether an entry or its body is new here.
fn take(to: &mut Replica, wire: &[u8]) -> bool {
    let bodies = to.bodies.len();
    let outcome = to.offer_wire(wire, PEER);
    matches!(outcome, Some(Outcome::Admitted(_) | Outcome::Waiting(_))) || to.bodies.len() > bodies
}

/// What sync reads of a node.
pub(crate) struct View<'a> {
    node: &'a Replica,
    committee: Id,
    empty: Tree,
}

impl<'a> View<'a> {
    pub(crate) fn of(node: &'a Replica, committee: Id) -> Self {
        let empty = Tree::new();
        Self { node, committee, empty }
    }

    fn graph(&self) -> &Graph {
        self.node.state.graph()
    }
}

impl sync::Replica for View<'_> {
    fn tree(&self) -> &Tree {
        self.node
            .state
            .committee(&self.committee)
            .map_or(&self.empty, |c| c.record().tree())
    }

    fn sequence_end(&self) -> Place {
        let committee = self.node.state.committee(&self.committee);
        Place {
            generation: 1,
            at: committee.map_or(0, |c| c.record().sequence().len() as u64),
        }
    }

    fn sequence_at(&self, position: u64) -> Option<Id> {
        let committee = self.node.state.committee(&self.committee)?;
        let num = committee.record().sequence().get(usize::try_from(position).ok()?)?;
        Some(self.graph().id(*num))
    }

    fn depth(&self, id: &Id) -> Option<u32> {
        self.graph().num(id).map(|n| self.graph().node(n).depth)
    }

    fn has(&self, id: &Id) -> bool {
        let state = &self.node.state;
        state.graph().num(id).is_some() || state.waiting().contains(id) || state.is_rejected(id)
    }

    fn wire(&self, id: &Id, inline: u64) -> Option<Vec<u8>> {
        let len = self.node.entry(id)?.header().len;
        if len > inline {
            self.node.bare(id)
        } else {
            self.node.wire(id)
        }
    }

    fn wants(&self, max: usize) -> Vec<Id> {
        self.node.state.waiting().wants(max)
    }

    fn bodies(&self, max: usize) -> Vec<Id> {
        self.node.absent().take(max).collect()
    }

    fn floor_end(&self) -> Place {
        Place { generation: 1, at: 0 }
    }

    fn floor(&self, from: u64, _: usize) -> (Vec<Head>, u64) {
        (Vec::new(), from)
    }

    fn lacks(&self, _: &Head) -> Option<u64> {
        None
    }

    fn chain(&self, _: &Id, _: u64, _: usize) -> Vec<Id> {
        Vec::new()
    }
}
