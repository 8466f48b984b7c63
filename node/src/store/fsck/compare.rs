//! Does what the store says agree with what its entries say?

use std::collections::BTreeSet;

use althing_protocol::admit;
use althing_protocol::committee::Committee;
use althing_protocol::control::Control;
use althing_protocol::digest::Tree;
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::Id;
use althing_protocol::log::{Frontier, Leaf};
use althing_protocol::record::scratch;
use althing_protocol::state::{Limits, State};

use super::report::{self, Place, Report};
use crate::store::log::Logged;
use crate::store::{Error, Store};

/// Up to so many entries the record is computed from its definition too, which is quadratic.
const SCRATCH: usize = 5000;

pub(super) fn states(store: &Store, fresh: &State, report: &mut Report) {
    for id in fresh.waiting().ids() {
        report.find_in(Place::Header, Some(id), "names entries that are not stored");
    }
    for committee in fresh.committees() {
        report.committees.push(report::Committee {
            id: fresh.graph().id(committee.root()),
            entries: committee.record().len(),
            digest: committee.record().tree().root(),
        });
    }
    let stored = match store.load_state(Limits::default()) {
        Ok(stored) => stored,
        Err(Error::Damaged { what, .. }) => {
            return report.find_in(Place::Store, None, format!("gives no state: {what}"));
        }
        Err(error) => return report.find_in(Place::Store, None, format!("gives no state: {error}")),
    };
    rows(stored.graph(), fresh.graph(), report);
    for committee in stored.committees() {
        self::committee(committee, &stored, fresh, store, report);
        if fresh.graph().len() <= SCRATCH {
            definition(committee, &stored, store, report);
        }
    }
}

fn rows(stored: &Graph, fresh: &Graph, report: &mut Report) {
    for num in stored.iter() {
        let id = stored.id(num);
        match fresh.num(&id) {
            None => report.find(Place::Row, num, Some(id), "belongs to an entry that cannot be admitted"),
            Some(other) if told(stored, num) != told(fresh, other) => {
                report.find(Place::Row, num, Some(id), "does not say what its header says");
            }
            Some(_) => {}
        }
    }
    for num in fresh.iter() {
        let id = fresh.id(num);
        if stored.num(&id).is_none() {
            report.find_in(Place::Row, Some(id), "is missing");
        }
    }
}

/// All that a row tells, in terms that do not depend on numbers.
fn told(graph: &Graph, num: Num) -> impl PartialEq {
    let node = graph.node(num);
    let names: Vec<Id> = graph.names(num).iter().map(|n| graph.id(*n)).collect();
    let links = [Some(node.space), Some(node.doc), node.cert()].map(|n| n.map(|n| graph.id(n)));
    (links, names, graph.key(num), node.seq, node.depth, node.class)
}

fn committee(stored: &Committee, state: &State, fresh: &State, store: &Store, report: &mut Report) {
    let id = state.graph().id(stored.root());
    let Some(fresh_committee) = fresh.committee(&id) else {
        return report.find_in(
            Place::Record,
            Some(id),
            "cannot be computed: the committee's root is damaged",
        );
    };
    let (record, fresh_record) = (stored.record(), fresh_committee.record());
    if record.tree().root() != fresh_record.tree().root() || record.documents() != fresh_record.documents() {
        report.find_in(Place::Record, Some(id), "differs from what its entries say");
    }
    if let Err(error) = log(stored, state, store, report) {
        report.find_in(Place::Log, Some(id), error.to_string());
    }
    let mut seen = BTreeSet::new();
    for num in record.sequence() {
        // Names in other spaces stand in the sequence too: a record holds whatever its entries name.
        if state.graph().names(*num).iter().any(|name| !seen.contains(name)) {
            let what = format!("lists {} before something that it names", state.graph().id(*num));
            report.find_in(Place::Sequence, Some(id), what);
        }
        seen.insert(*num);
    }
}

/// Reads a log from its first leaf: whoever replays it must come to the record, to the digest at each cut, and to the kept
/// hashes; and what was signed must be a part of it.
fn log(committee: &Committee, state: &State, store: &Store, report: &mut Report) -> Result<(), Error> {
    let (graph, root) = (state.graph(), committee.root());
    let id = graph.id(root);
    let signed = store.signed(&id)?.and_then(|signed| signed.frontier());
    let mut find = |what: String| report.find_in(Place::Log, Some(id), what);
    let (mut frontier, mut replayed) = (Frontier::default(), Tree::default());
    store.leaves(root, |index, logged| {
        let (leaf, told) = match logged {
            Logged::Joined(num) | Logged::Again(num) => {
                if store.place(root, num)?.is_none_or(|place| place < index) {
                    find(format!("does not say where leaf {index} is"));
                }
                (Leaf::Entry(graph.id(num)), replayed.insert(graph.id(num)))
            }
            Logged::Left(num) => (Leaf::Left(graph.id(num)), replayed.remove(&graph.id(num))),
            Logged::Cut(digest) => {
                replayed.settle();
                (Leaf::Cut(digest), replayed.root() == digest)
            }
        };
        if !told {
            find(format!("leaf {index} contradicts those before it"));
        }
        let mut kept = Ok(());
        frontier.push(leaf.hash(), |full| match store.subtree(root, full.level, full.index) {
            Ok(Some(hash)) if hash == full.hash => {}
            Ok(_) => find(format!(
                "has a wrong hash of subtree {} of level {}",
                full.index, full.level
            )),
            Err(error) => kept = Err(error),
        });
        if signed
            .as_ref()
            .is_some_and(|s| s.size() == frontier.size() && *s != frontier)
        {
            find("is not the one that was signed".to_owned());
        }
        kept
    })?;
    if signed.is_some_and(|signed| signed.size() > frontier.size()) {
        find("is shorter than what was signed".to_owned());
    }
    replayed.settle();
    if replayed.root() != committee.record().tree().root() {
        find("does not come to the record".to_owned());
    }
    Ok(())
}

/// Holds the record equal to its definition.
fn definition(committee: &Committee, state: &State, store: &Store, report: &mut Report) {
    let graph = state.graph();
    let control = |num: Num| {
        let stored = store.header(num, &graph.id(num)).ok().flatten();
        let read = stored.and_then(|s| admit::read(&s.header).ok());
        read.map_or(Control::Unread, |(_, control)| control)
    };
    let defined = scratch::compute(committee.root(), graph, &control);
    let held: BTreeSet<Num> = graph
        .iter()
        .filter(|n| committee.record().contains(*n, graph))
        .collect();
    if defined.record != held {
        let id = graph.id(committee.root());
        report.find_in(Place::Record, Some(id), "differs from its definition");
    }
}
