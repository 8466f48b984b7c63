//! A restored state is the state that was stored, whatever the order in which its entries came.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;

use super::*;
use crate::author::{self, Draft, Writer};
use crate::control::{self, Enroll, Grant, Revoke, Use};
use crate::entry::Verified;
use crate::hash::Key;
use crate::state::{Event, LOCAL, Outcome};

struct Person {
    identity: Id,
    cert: Id,
    key: SigningKey,
}

/// Writes a history into a state that sees all of it.
#[derive(Default)]
struct History {
    state: State,
    entries: Vec<Verified>,
    committee: Id,
}

impl History {
    fn take(&mut self, entry: Verified) -> Id {
        let id = entry.id();
        let outcome = self.state.offer(entry.clone(), LOCAL, &mut Vec::new());
        assert!(matches!(outcome, Outcome::Admitted(_)), "{outcome:?}");
        self.entries.push(entry);
        id
    }

    fn person(&mut self, seed: u8) -> Person {
        let (root, key) = (
            SigningKey::from_bytes(&[seed; 32]),
            SigningKey::from_bytes(&[seed + 100; 32]),
        );
        let identity = self.take(author::identity(&root, &Key([1; 32]), None, 1));
        let enroll = Enroll {
            key: Key(key.verifying_key().to_bytes()),
            usage: Use::Person,
        };
        let draft = draft(identity, "enroll", Control::Enroll(enroll));
        let entry = author::write(&self.state, identity, &Writer { key: &root, cert: None }, draft).unwrap();
        let cert = self.take(entry);
        Person { identity, cert, key }
    }

    fn found(&mut self, by: &Person) {
        let founding = control::Committee {
            founders: vec![by.identity],
            threshold: 1,
        };
        let root = author::committee(&by.writer(), founding, None, 1);
        self.committee = root.id();
        self.state.follow(root.id());
        self.take(root);
    }

    fn write(&mut self, by: &Person, kind: &str, control: Control) -> Id {
        let draft = draft(self.committee, kind, control);
        let entry = author::write(&self.state, self.committee, &by.writer(), draft).unwrap();
        self.take(entry)
    }
}

impl Person {
    fn writer(&self) -> Writer<'_> {
        Writer {
            key: &self.key,
            cert: Some(self.cert),
        }
    }

    fn grant(&self, role: &str) -> Control {
        Control::Grant(Grant {
            role: role.to_owned(),
            to: self.identity,
            scope: None,
        })
    }
}

fn draft(doc: Id, kind: &str, control: Control) -> Draft {
    Draft {
        doc: Some(doc),
        kind: kind.to_owned(),
        control: control.value(),
        ..Draft::default()
    }
}

/// What a store would hold of a state.
#[derive(Default)]
struct Stored {
    headers: BTreeMap<Num, Header>,
    sequences: BTreeMap<Num, BTreeMap<u64, Num>>,
}

impl Stored {
    fn note(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Admitted(num, entry) => drop(self.headers.insert(num, entry.header().clone())),
                Event::Joined {
                    committee,
                    num,
                    position: Some(position),
                } => {
                    self.sequences.entry(committee).or_default().insert(position, num);
                }
                _ => {}
            }
        }
    }

    fn restore(&self, state: &State) -> Result<State, BadStore> {
        self.restore_with(state, Limits::default())
    }

    fn restore_with(&self, state: &State, limits: Limits) -> Result<State, BadStore> {
        let mut graph = Graph::default();
        for num in state.graph().iter() {
            graph.restore(num, state.graph().row(num).as_bytes())?;
        }
        let sequence = |root| Some(self.sequences.get(&root)?.values().copied().collect());
        State::restore(
            limits,
            state.followed(),
            graph,
            |n| self.headers.get(&n).cloned(),
            sequence,
        )
    }
}

fn assert_same(a: &State, b: &State, committee: &Id) {
    assert_eq!(a.floor().len(), b.floor().len());
    for state in [a, b] {
        let graph = state.graph();
        let Some(space) = graph.num(committee) else { continue };
        let is_root = |n: &Num| graph.node(*n).class == Class::Document && graph.node(*n).space == space;
        assert_eq!(graph.roots(space), &graph.iter().filter(is_root).collect());
    }
    assert_eq!(a.committees().count(), b.committees().count());
    if a.committee(committee).is_none() {
        return;
    }
    let records = [a, b].map(|s| s.committee(committee).unwrap().record());
    assert_eq!(records[0].tree().root(), records[1].tree().root());
    assert_eq!(records[0].sequence(), records[1].sequence());
    assert_eq!(records[0].len(), records[1].len());
    assert_eq!(records[0].documents(), records[1].documents());
    for num in a.graph().iter() {
        assert_eq!(records[0].keeps(num), records[1].keeps(num));
        assert_eq!(a.graph().node(num).records, b.graph().node(num).records);
        assert_eq!(a.graph().node(num).namers, b.graph().node(num).namers);
    }
}

/// A member is granted, writes, and is revoked by somebody who has not seen what it wrote. Restoring reads the grant
/// before the revocation, but a node may have seen the revocation first: then what the member wrote never was in
/// its record.
fn history() -> History {
    let mut history = History::default();
    let founder = history.person(1);
    let member = history.person(2);
    let stranger = history.person(3);
    history.found(&founder);
    let topic = Draft {
        kind: "topic".to_owned(),
        ..Draft::default()
    };
    let topic = author::write(&history.state, history.committee, &founder.writer(), topic);
    history.take(topic.unwrap());
    let grant = history.write(&founder, "grant", member.grant("voice"));
    let mut elsewhere = History {
        committee: history.committee,
        ..History::default()
    };
    elsewhere.state.follow(history.committee);
    for entry in history.entries.clone() {
        elsewhere.take(entry);
    }
    let seen = elsewhere.entries.len();
    // Signed by nobody who may: it would be in the record only because a member wrote it.
    elsewhere.write(&member, "grant", stranger.grant("voice"));
    elsewhere.write(&member, "post", Control::Unread);
    history.write(&founder, "revoke", Control::Revoke(Revoke { grant }));
    history.write(&founder, "post", Control::Unread);
    history.write(&stranger, "post", Control::Unread);
    history.entries.extend_from_slice(&elsewhere.entries[seen..]);
    history
}

/// Offers entries in this order to a new node, which is stored and restored after every step.
fn arrive(history: &History, order: &[usize]) -> State {
    let mut state = State::default();
    state.follow(history.committee);
    let mut stored = Stored::default();
    for i in order {
        let mut events = Vec::new();
        state.offer(history.entries[*i].clone(), 1, &mut events);
        stored.note(events);
        let restored = stored.restore(&state).unwrap();
        assert_same(&state, &restored, &history.committee);
    }
    state
}

#[test]
fn every_order_of_arrival_is_restored() {
    let history = history();
    let count = history.entries.len();
    let mut digests = BTreeSet::new();
    let mut removed = BTreeSet::new();
    let backwards: Vec<usize> = (0..count).rev().collect();
    let orders = (0..count * count).map(|n| {
        let mut order: Vec<usize> = (0..count).collect();
        let moved = order.remove(n % count);
        order.insert(n / count, moved);
        order
    });
    for order in orders.chain([backwards]) {
        let state = arrive(&history, &order);
        assert_eq!(state.graph().len(), count);
        let record = state.committee(&history.committee).unwrap().record();
        digests.insert(record.tree().root());
        removed.insert(record.sequence().len() - record.len());
    }
    assert_eq!(digests.len(), 1);
    // From nothing to all that the member wrote: the restored states above were equal in each case.
    assert!(removed.len() > 2 && removed.contains(&0), "{removed:?}");
}

#[test]
fn own_words_are_kept_outside_the_budgets_after_a_restart_too() {
    let history = history();
    let by = |entry: &Verified, state: &State| {
        let num = state.graph().num(&entry.id())?;
        Some((num, state.graph().id(state.graph().author(num))))
    };
    // Whoever wrote the last entry, which no record holds.
    let mut seen = State::default();
    seen.follow(history.committee);
    history
        .entries
        .iter()
        .for_each(|e| drop(seen.offer(e.clone(), 1, &mut Vec::new())));
    let (last, own) = by(history.entries.last().unwrap(), &seen).unwrap();
    assert!(seen.graph().node(last).records == 0 && !seen.floor().on_account(last));

    let limits = Limits {
        own: Some(own),
        ..Limits::default()
    };
    let mut state = State::new(limits);
    state.follow(history.committee);
    let mut stored = Stored::default();
    for entry in &history.entries {
        let mut events = Vec::new();
        state.offer(entry.clone(), 1, &mut events);
        stored.note(events);
    }
    for state in [&state, &stored.restore_with(&state, limits).unwrap()] {
        let mine = history.entries.iter().filter_map(|entry| by(entry, state));
        let mut mine = mine.filter(|(num, author)| *author == own && state.graph().node(*num).records == 0);
        assert!(mine.all(|(num, _)| state.floor().on_account(num)));
        assert!(state.floor().on_account(last));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let history = history();
    let order: Vec<usize> = (0..history.entries.len()).collect();
    let mut state = State::default();
    state.follow(history.committee);
    let mut stored = Stored::default();
    for i in &order {
        let mut events = Vec::new();
        state.offer(history.entries[*i].clone(), 1, &mut events);
        stored.note(events);
    }
    let root = state.graph().num(&history.committee).unwrap();
    assert!(stored.restore(&state).is_ok());
    let last = stored.sequences.get_mut(&root).unwrap().pop_last().unwrap();
    assert_eq!(
        stored.restore(&state).err(),
        Some(BadStore::Sequence(history.committee))
    );
    let first = stored.sequences[&root][&0];
    stored.sequences.get_mut(&root).unwrap().insert(last.0, first);
    assert_eq!(
        stored.restore(&state).err(),
        Some(BadStore::Sequence(history.committee))
    );
    stored.sequences.get_mut(&root).unwrap().insert(last.0, last.1);
    assert!(stored.restore(&state).is_ok());
    let other = stored.headers[&last.1].clone();
    let own = stored.headers.insert(root, other).unwrap();
    assert_eq!(stored.restore(&state).err(), Some(BadStore::Header(history.committee)));
    stored.headers.insert(root, own);
    assert!(stored.restore(&state).is_ok());
}
