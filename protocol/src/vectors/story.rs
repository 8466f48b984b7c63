//! One case of `record.json` or `authority.json`: a set of entries and what a committee makes of it, in any order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::make::{Person, committee};
use super::{Book, hold};
use crate::admit;
use crate::control::Control;
use crate::digest::Tree;
use crate::entry::Verified;
use crate::graph::Num;
use crate::hash::Id;
use crate::kind;
use crate::record::scratch;
use crate::ruling::Rulings;
use crate::state::{Limits, State};

/// The file: entries by name, and cases that cite them.
pub(super) struct File {
    book: Book,
    cases: Vec<Value>,
}

/// What is told of a case: names, in any order. Whatever waits or is refused is neither here nor there.
#[derive(Default)]
pub(super) struct Outcome<'a> {
    pub(super) members: &'a [&'a str],
    pub(super) made: &'a [&'a str],
    /// Admitted, and not in the record.
    pub(super) floor: &'a [&'a str],
    pub(super) waiting: &'a [&'a str],
    /// Entries of the committee's record that do not simply count, with effect and cause; not told if none.
    pub(super) effects: Option<&'a [(&'a str, &'a str, &'a str)]>,
    /// Who holds which role, founders apart; not told if none.
    pub(super) holders: Option<&'a [(&'a str, &'a str)]>,
    /// Parameters and their values; not told if none.
    pub(super) parameters: Option<&'a [(&'a str, Option<u64>)]>,
}

/// Entries with names.
pub(super) struct Story {
    name: &'static str,
    about: &'static str,
    pub(super) root: Id,
    set: Vec<(String, Verified)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Facts {
    record: BTreeSet<Id>,
    made: BTreeSet<Id>,
    members: BTreeSet<Id>,
    waiting: BTreeSet<Id>,
    admitted: BTreeSet<Id>,
    effective: BTreeSet<Id>,
    holders: BTreeSet<(String, Id, Id)>,
    parameters: BTreeMap<String, Option<u64>>,
    effects: BTreeMap<Id, (&'static str, &'static str)>,
}

impl File {
    pub(super) fn new() -> Self {
        Self {
            book: Book::default(),
            cases: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, story: &Story, outcome: &Outcome<'_>) {
        let case = story.name;
        let set: Vec<String> = story
            .set
            .iter()
            .map(|(name, entry)| self.book.add(name, entry))
            .collect();
        let facts = story.facts();
        let names = |ids: &BTreeSet<Id>| -> BTreeSet<String> { ids.iter().map(|id| self.book.name(id)).collect() };
        let told = |names: &[&str]| -> BTreeSet<String> {
            // An entry that an earlier case has too is called by its name there.
            let place = |name: &str| {
                let full = format!("{case}/{name}");
                let at = story.set.iter().position(|(n, _)| n == name || *n == full);
                at.unwrap_or_else(|| panic!("{case}: no {name}"))
            };
            names.iter().map(|name| set[place(name)].clone()).collect()
        };
        let people: BTreeSet<String> = names(&facts.members);
        let roots: BTreeSet<String> = outcome.members.iter().map(|m| format!("{m}/root")).collect();
        assert_eq!(people, roots, "{case}: members");
        assert_eq!(names(&facts.made), told(outcome.made), "{case}: made");
        let floor: BTreeSet<Id> = facts.admitted.difference(&facts.record).copied().collect();
        assert_eq!(names(&floor), told(outcome.floor), "{case}: floor");
        assert_eq!(names(&facts.waiting), told(outcome.waiting), "{case}: waiting");
        let effects: BTreeMap<String, (&str, &str)> = facts
            .effects
            .iter()
            .map(|(id, effect)| (self.book.name(id), *effect))
            .collect();
        if let Some(expected) = outcome.effects {
            let expected = expected.iter().map(|(name, effect, cause)| {
                let name = told(&[name]).pop_first().unwrap();
                (name, (*effect, *cause))
            });
            assert_eq!(effects, expected.collect(), "{case}: effects");
        }
        let holders: BTreeSet<(&str, String, String)> = facts
            .holders
            .iter()
            .map(|(role, to, grant)| (role.as_str(), self.book.name(to), self.book.name(grant)))
            .collect();
        if let Some(expected) = outcome.holders {
            let expected: BTreeSet<(&str, String)> = expected
                .iter()
                .map(|(role, to)| (*role, format!("{to}/root")))
                .collect();
            let found: BTreeSet<(&str, String)> = holders.iter().map(|(role, to, _)| (*role, to.clone())).collect();
            assert_eq!(found, expected, "{case}: holders");
        }
        if let Some(expected) = outcome.parameters {
            let expected = expected.iter().map(|(name, value)| ((*name).to_owned(), *value));
            assert_eq!(facts.parameters, expected.collect(), "{case}: parameters");
        }
        let mut value = json!({
            "name": case,
            "about": story.about,
            "committee": self.book.name(&story.root),
            "set": set,
            "members": people,
            "made": names(&facts.made),
            "record": names(&facts.record),
            "digest": Tree::from_ids(facts.record.iter().copied()).root(),
            "effective": names(&facts.effective),
            "holders": holders,
            "parameters": facts.parameters,
            "effects": effects,
        });
        if !facts.waiting.is_empty() {
            value["waiting"] = json!(names(&facts.waiting));
        }
        self.cases.push(value);
    }

    pub(super) fn hold(self, file: &str, about: &[&str]) {
        hold(
            file,
            &json!({ "about": about, "entries": self.book.json(), "cases": self.cases }),
        );
    }
}

impl Story {
    /// A committee and its founders, the first of whom signs its root.
    pub(super) fn new(name: &'static str, about: &'static str, founders: &mut [&mut Person], threshold: u64) -> Self {
        let root = committee(founders, threshold);
        let mut story = Self {
            name,
            about,
            root: root.id(),
            set: Vec::new(),
        };
        for founder in founders.iter() {
            story.person(founder);
        }
        story.add("committee", root);
        story
    }

    /// Somebody's identity and device.
    pub(super) fn person(&mut self, person: &Person) {
        for (what, entry) in ["root", "device"].iter().zip(&person.entries) {
            self.set.push((format!("{}/{what}", person.name), entry.clone()));
        }
    }

    pub(super) fn add(&mut self, name: &str, entry: Verified) -> Id {
        let id = entry.id();
        self.set.push((format!("{}/{name}", self.name), entry));
        id
    }

    /// What comes of the set: the same in every order, by steps and from scratch.
    fn facts(&self) -> Facts {
        let mut entries: Vec<&Verified> = self.set.iter().map(|(_, entry)| entry).collect();
        let facts = self.take_in(&entries);
        entries.reverse();
        assert_eq!(facts, self.take_in(&entries), "{}: backwards", self.name);
        for seed in 1..8u32 {
            entries.sort_by_key(|entry| crate::hash::sha256(&[&seed.to_le_bytes(), &entry.id().0]));
            assert_eq!(facts, self.take_in(&entries), "{}: shuffled", self.name);
        }
        facts
    }

    fn take_in(&self, entries: &[&Verified]) -> Facts {
        let mut state = State::new(Limits::default());
        state.follow(self.root);
        for entry in entries {
            state.offer((*entry).clone(), 1, &mut Vec::new());
        }
        let graph = state.graph();
        let committee = state.committee(&self.root).unwrap();
        let ids = |nums: &mut dyn Iterator<Item = crate::graph::Num>| nums.map(|n| graph.id(n)).collect();
        let control = |num| {
            let id = graph.id(num);
            let found = self.set.iter().find(|(_, entry)| entry.id() == id);
            found.map_or(Control::Unread, |(_, entry)| admit::read(entry.header()).unwrap().1)
        };
        let plain = scratch::compute(committee.root(), graph, &control);
        let authority = committee.authority();
        let rulings = Rulings::new(&state);
        let judged = |num: Num| {
            let (_, entry) = self.set.iter().find(|(_, entry)| entry.id() == graph.id(num)).unwrap();
            let ruling = rulings.of(num, kind::find(&entry.header().kind));
            let cause = ruling.cause?;
            Some((graph.id(num), (ruling.effect.name(), cause.name())))
        };
        let in_committee = |n: &Num| graph.node(*n).space == committee.root() && committee.record().contains(*n, graph);
        let facts = Facts {
            effective: ids(&mut plain.effective.iter().copied()),
            holders: authority
                .roles(graph)
                .into_iter()
                .map(|r| (r.role, graph.id(r.to), graph.id(r.grant)))
                .collect(),
            parameters: authority
                .parameters(graph)
                .map(|(name, parameter)| (name.to_owned(), parameter.value))
                .collect(),
            effects: graph.iter().filter(in_committee).filter_map(judged).collect(),
            record: ids(&mut graph.iter().filter(|n| committee.record().contains(*n, graph))),
            made: ids(&mut committee
                .authority()
                .acts()
                .filter(|(_, act)| act.made)
                .map(|(num, _)| num)),
            members: ids(&mut committee.members()),
            waiting: state.waiting().ids().into_iter().collect(),
            admitted: ids(&mut graph.iter()),
        };
        let from_scratch = |set: &BTreeSet<crate::graph::Num>| -> BTreeSet<Id> { ids(&mut set.iter().copied()) };
        assert_eq!(
            facts.record,
            from_scratch(&plain.record),
            "{}: record from scratch",
            self.name
        );
        assert_eq!(
            facts.made,
            from_scratch(&plain.made),
            "{}: made from scratch",
            self.name
        );
        assert_eq!(
            facts.members,
            from_scratch(&plain.members),
            "{}: members from scratch",
            self.name
        );
        let effective = authority
            .acts()
            .map(|(num, _)| num)
            .filter(|n| authority.is_effective(*n, graph));
        assert_eq!(
            facts.effective,
            ids(&mut { effective }),
            "{}: effective from scratch",
            self.name
        );
        facts
    }
}
