//! Random histories in random orders of arrival.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value as Json, json};

use super::desk::{Desk, owner};
use super::model;
use crate::control::Owner;
use crate::document::{Body, Document, Status, automerge, json as shown};
use crate::hash::Id;

/// One step of a history: who, what, after which earlier entries, and some numbers to choose by.
#[derive(Debug, Clone)]
pub(super) struct Step {
    by: u8,
    what: u8,
    after: Vec<Index>,
    pick: Index,
    value: u8,
}

pub(super) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let after = proptest::collection::vec(any::<Index>(), 0..4);
    let step = (0u8..4, 0u8..16, after, any::<Index>(), 0u8..6);
    let step = step.prop_map(|(by, what, after, pick, value)| Step {
        by,
        what,
        after,
        pick,
        value,
    });
    proptest::collection::vec(step, 0..most)
}

pub(super) fn owners() -> Vec<Owner> {
    let mut owners = vec![owner(0, ""), owner(1, "case"), owner(2, "platform")];
    owners.sort();
    owners
}

/// A nomination, edited and talked about at random.
pub(super) fn play(steps: &[Step]) -> Desk {
    let (mut desk, root) = Desk::open("nomination", 0, &owners(), &json!({"seat": "1", "goals": ["a", "b"]}));
    let mut ids = vec![root];
    let mut items = vec![(root, 0), (root, 1)];
    for step in steps {
        // Mostly on from the latest entries, as people do.
        let recent = ids.len().saturating_sub(6);
        let after: Vec<Id> = step.after.iter().map(|i| *i.get(&ids[recent..])).collect();
        let by = if step.value == 5 { step.by + 100 } else { step.by };
        let item = json!([step.pick.get(&items).0, step.pick.get(&items).1]);
        let text = format!("{} {}", step.value, "word ".repeat(usize::from(step.value)));
        let with = json!([item[0], item[1], { "text": text }]);
        let (kind, input): (&str, Json) = match step.what {
            0 => ("edit", json!({"seat": text})),
            1 => ("edit", json!({"seat": text, "reasons": text})),
            2 => ("edit", json!({"perspective": text})),
            3 => ("edit", json!({"reasons": text})),
            4 => ("edit", json!({"goals": [text, "more"]})),
            5 => ("edit", json!({"replace": {"goals": [with]}})),
            6 => ("edit", json!({"remove": {"goals": [item]}})),
            7 => (
                "edit",
                json!({"set": {"perspective": text}, "add": {"goals": [text]}, "remove": {"goals": [item]}}),
            ),
            8 => ("stance", json!({"position": "support"})),
            9 => ("accept", json!({})),
            10 => ("decline", json!({})),
            11 => ("amend", json!({"entry": step.pick.get(&ids), "text": text})),
            12 => ("retract", json!({"entry": step.pick.get(&ids)})),
            13 => ("edit", json!({"budget": [{"item": "x", "amount": "5 DAI"}]})),
            _ => ("post", json!({"text": text})),
        };
        let id = desk.write(kind, by, &after, &input);
        if step.what == 4 || step.what == 7 {
            items.push((id, 0));
        }
        ids.push(id);
    }
    desk
}

pub(super) fn built(desk: &Desk, order: &[Index]) -> Document {
    let entries = desk.entries();
    let mut rest = entries[1..].to_vec();
    for (i, index) in order.iter().enumerate() {
        if rest.len() > 1 {
            let (a, b) = (i % rest.len(), index.index(rest.len()));
            rest.swap(a, b);
        }
    }
    // Some arrive twice.
    let twice: Vec<_> = rest.iter().step_by(3).cloned().collect();
    rest.extend(twice);
    Document::build(&entries[0], &rest)
}

proptest! {

    /// Same entries, same document: in any order of arrival, with any repetition.
    #[test]
    fn order(steps in steps(40), order in proptest::collection::vec(any::<Index>(), 0..80)) {
        let desk = play(&steps);
        prop_assert_eq!(shown::document(&desk.build()), shown::document(&built(&desk, &order)));
    }

    /// Leaving local words out changes nothing else, now or as of earlier.
    #[test]
    fn a_gist_counts_as_the_whole_does(steps in steps(40), cut in any::<Index>()) {
        let document = play(&steps).build();
        let at = document.outcomes()[cut.index(document.outcomes().len())].id;
        for (whole, gist) in [
            (document.clone(), document.gist()),
            (document.at(at).unwrap(), document.gist().at(at).unwrap()),
        ] {
            prop_assert_eq!(super::gist::counting(&whole), super::gist::counting(&gist));
            // A nomination holds nothing local but what is said in posts.
            prop_assert_eq!(whole.content(), gist.content());
        }
    }

    /// The fast way and the plain way agree, with bodies missing and entries on the floor.
    #[test]
    fn registers_are_what_the_rules_say(steps in steps(40), missing in any::<u64>(), floor in any::<Index>()) {
        let mut desk = play(&steps);
        for (i, w) in desk.written.iter_mut().enumerate() {
            w.here = i % 5 != 3 || missing >> (i % 64) & 1 == 0;
        }
        // What is on the floor, nothing in the record names: a leaf.
        let last = desk.written.len() - 1;
        if last > 0 && floor.index(2) == 0 {
            desk.written[last].in_record = false;
        }
        prop_assert_eq!(model::shown(&desk.build()), model::content(&desk, &owners()));
    }

    /// What was read once need not be read again, whatever came since: bodies, entries, places in the record.
    #[test]
    fn again_from_what_was_read_before(steps in steps(40), missing in any::<u64>(), cut in any::<Index>()) {
        let whole = play(&steps);
        let mut old = whole.clone();
        old.written.truncate(1 + cut.index(whole.written.len()));
        for (i, w) in old.written.iter_mut().enumerate() {
            w.here = i % 5 != 3 || missing >> (i % 64) & 1 == 0;
        }
        let last = old.written.len() - 1;
        old.written[last].in_record &= last == 0;
        let before = old.build();
        let mut entries = whole.entries();
        for entry in &mut entries {
            let read = before.outcome(entry.id).map(|outcome| outcome.body);
            if matches!(read, Some(Status::Here | Status::None)) {
                entry.body = Body::Same;
            }
        }
        let again = before.again(&entries[0], &entries[1..]);
        prop_assert_eq!(shown::document(&again), shown::document(&whole.build()));
        // Whoever never saw a body does not have it.
        let blank = Document::build(&entries[0], &entries[1..]);
        prop_assert!(blank.incomplete());
    }

    /// The state at an entry is the document of that entry's past.
    #[test]
    fn at_an_entry(steps in steps(30), which in any::<Index>()) {
        let desk = play(&steps);
        let whole = desk.build();
        let id = which.get(&desk.written).entry.id();
        let then = whole.at(id).unwrap();
        let kept: Vec<Id> = then.outcomes().iter().map(|o| o.id).collect();
        let mut part = desk.clone();
        part.written.retain(|w| kept.contains(&w.entry.id()));
        prop_assert_eq!(shown::document(&then), shown::document(&part.build()));
    }

    /// What an author saw is the content at that entry.
    #[test]
    fn versions_seen(steps in steps(30)) {
        let desk = play(&steps);
        let document = desk.build();
        for act in document.acts() {
            let at = document.at(act.id).unwrap();
            let mut last = at.last_versions();
            last.sort_unstable();
            prop_assert_eq!(act.saw.clone(), Some(last));
            let changed = document.changed_since(act.id).unwrap();
            for (field, register) in &document.content().fields {
                let same = at.content().fields.get(field) == Some(register);
                prop_assert!(same || changed.contains(field));
            }
        }
    }

    /// Automerge shows the same values and the same conflicts.
    #[test]
    fn automerge_shows_the_same(steps in steps(40), order in proptest::collection::vec(any::<Index>(), 0..80)) {
        let desk = play(&steps);
        let document = built(&desk, &order);
        let copy = automerge::read(&automerge::save(&document).unwrap()).unwrap();
        prop_assert_eq!(super::copies::plain(&copy), model::plain(&model::shown(&document)));
        prop_assert_eq!(automerge::change(&document, &copy).unwrap(), None, "an untouched copy changes nothing");
    }

    /// Everybody makes the same changes: equal heads, whatever order entries came in.
    #[test]
    fn automerge_heads_are_equal(steps in steps(25), order in proptest::collection::vec(any::<Index>(), 0..80)) {
        let desk = play(&steps);
        let one = automerge::show(&desk.build()).unwrap().get_heads();
        let other = automerge::show(&built(&desk, &order)).unwrap().get_heads();
        prop_assert_eq!(one, other);
    }
}
