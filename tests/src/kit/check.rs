//! Everything that must hold after every step, computed without the incremental state.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::admit;
use althing_protocol::committee::Committee;
use althing_protocol::control::Control;
use althing_protocol::digest::Tree;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::record::scratch;

use super::Replica;

/// Checks a node.
///
/// # Panics
/// If anything that it computed step by step is not what its definition gives.
pub fn all(replica: &Replica) {
    graph(replica);
    waiting(replica);
    for committee in replica.state.committees() {
        record(replica, committee);
    }
}

/// The graph holds what events told, names are here and counted, numbers lead back to ids.
fn graph(replica: &Replica) {
    let graph = replica.state.graph();
    let ids: BTreeSet<Id> = replica.admitted();
    assert_eq!(ids.len(), graph.len());
    assert!(
        ids.iter().eq(replica.entries.keys()),
        "events and graph agree on what is here"
    );
    let mut namers: BTreeMap<Num, u32> = BTreeMap::new();
    for num in graph.iter() {
        assert_eq!(graph.num(&graph.id(num)), Some(num));
        let header = replica.entries[&graph.id(num)].header();
        assert_eq!(graph.key(num), header.by);
        assert_eq!(graph.id(graph.node(num).space), header.space.unwrap_or(graph.id(num)));
        let log = graph.log_of(num);
        assert!(
            log.at(graph.node(num).seq).contains(&num),
            "an entry stands at its place"
        );
        for name in graph.names(num) {
            assert!(graph.contains(*name), "whatever is named is here");
            assert!(
                graph.node(*name).depth < graph.node(num).depth,
                "depth grows along names"
            );
            *namers.entry(*name).or_default() += 1;
        }
    }
    let mut roots: BTreeMap<Num, BTreeSet<Num>> = BTreeMap::new();
    for num in graph.iter().filter(|num| graph.node(*num).class == Class::Document) {
        roots.entry(graph.node(num).space).or_default().insert(num);
    }
    let spaces: BTreeSet<Num> = graph.iter().map(|num| graph.node(num).space).collect();
    for space in spaces {
        assert_eq!(
            graph.roots(space),
            roots.entry(space).or_default(),
            "documents by space"
        );
    }
    let mut on_floor = 0;
    for num in graph.iter() {
        let node = graph.node(num);
        assert_eq!(node.namers, namers.get(&num).copied().unwrap_or(0));
        let records = replica
            .state
            .committees()
            .filter(|c| c.record().contains(num, graph))
            .count();
        assert_eq!(node.records as usize, records, "records are counted");
        on_floor += usize::from(records == 0);
    }
    assert_eq!(
        replica.state.floor().len(),
        on_floor,
        "the floor counts what no record holds"
    );
}

/// What waits lacks something, and is not here.
fn waiting(replica: &Replica) {
    let state = &replica.state;
    for id in state.waiting().ids() {
        let header = state.waiting().entry(&id).expect("listed").header();
        let (_, control) = admit::read(header).expect("what waits is well formed");
        assert!(state.graph().num(&id).is_none());
        let single = header
            .prev
            .iter()
            .chain(&header.cert)
            .chain(&header.doc)
            .chain(&header.space);
        let names: Vec<Id> = single.chain(&header.after).chain(&header.auth).copied().collect();
        let lacks = names
            .iter()
            .chain(&control.names())
            .any(|n| state.graph().num(n).is_none());
        assert!(lacks, "{id} waits for nothing");
    }
}

/// The record is what its definition gives; digest, members, made acts and sequence go with it.
fn record(replica: &Replica, committee: &Committee) {
    let graph = replica.state.graph();
    let control = |num: Num| -> Control {
        let header = replica.entries[&graph.id(num)].header();
        admit::read(header).expect("an admitted header").1
    };
    let scratch = scratch::compute(committee.root(), graph, &control);
    let name = graph.id(committee.root());
    let here: BTreeSet<Num> = graph
        .iter()
        .filter(|n| committee.record().contains(*n, graph))
        .collect();
    assert_eq!(
        ids(replica, &here),
        ids(replica, &scratch.record),
        "the record is its definition's"
    );
    assert_eq!(committee.record().len(), here.len());
    let members: BTreeSet<Num> = committee.members().collect();
    assert_eq!(members, scratch.members, "members");
    let made: BTreeSet<Num> = committee
        .authority()
        .acts()
        .filter(|(_, a)| a.made)
        .map(|(n, _)| n)
        .collect();
    assert_eq!(made, scratch.made, "made acts");
    let authority = committee.authority();
    let effective: BTreeSet<Num> = made
        .iter()
        .copied()
        .filter(|n| authority.is_effective(*n, graph))
        .collect();
    assert_eq!(effective, scratch.effective, "effective grants");
    seen(replica, committee);
    let in_record = ids(replica, &here);
    let tree = Tree::from_ids(in_record.iter().copied());
    assert_eq!(
        committee.record().tree().root(),
        tree.root(),
        "the digest is the record's"
    );
    let documents = here
        .iter()
        .filter(|n| graph.node(**n).doc == **n && graph.node(**n).space == committee.root());
    assert_eq!(committee.record().documents(), documents.count());
    let mirror = replica.mirror.get(&name).cloned().unwrap_or_default();
    assert_eq!(mirror.record, in_record, "events told the record");
    assert!(
        replica.made.is_superset(&ids(replica, &made)),
        "events told what was made"
    );
    sequence(replica, committee, &mirror.sequence, &in_record);
}

/// What entries have seen of valid signatures is what lies in their past.
fn seen(replica: &Replica, committee: &Committee) {
    let graph = replica.state.graph();
    let signed = |n: &Num| committee.authority().signed(*n).is_some();
    for num in graph.iter().filter(|n| graph.node(*n).space == committee.root()) {
        let mut past = BTreeSet::new();
        let mut open = graph.names(num).to_vec();
        while let Some(name) = open.pop() {
            if past.insert(name) {
                open.extend_from_slice(graph.names(name));
            }
        }
        let expected = past.iter().copied().filter(signed).count();
        let all = committee.authority().signatures();
        let found: Vec<Num> = all.filter(|s| committee.authority().saw(num, *s, graph)).collect();
        assert_eq!(found.len(), expected, "signatures in the past of an entry");
        assert!(found.iter().all(|s| past.contains(s)), "the same signatures");
    }
}

/// The sequence holds every record entry once, parents first, and is what events told.
fn sequence(replica: &Replica, committee: &Committee, told: &[Id], record: &BTreeSet<Id>) {
    let graph = replica.state.graph();
    let sequence: Vec<Id> = committee.record().sequence().iter().map(|n| graph.id(*n)).collect();
    assert_eq!(sequence, told, "events told the sequence");
    let mut seen = BTreeSet::new();
    for num in committee.record().sequence() {
        assert!(graph.contains(*num), "what the sequence lists stays");
        for name in graph.names(*num) {
            assert!(seen.contains(name), "parents come first in the sequence");
        }
        assert!(seen.insert(*num), "once each");
    }
    let listed: BTreeSet<Id> = sequence.into_iter().collect();
    assert!(listed.is_superset(record), "the sequence holds the record");
}

fn ids(replica: &Replica, nums: &BTreeSet<Num>) -> BTreeSet<Id> {
    nums.iter().map(|n| replica.state.graph().id(*n)).collect()
}
