//! Acts: what they count for.

use serde_json::json;

use super::desk::{Desk, owner, person};
use crate::document::{Cause, Document, Effect, Ruling, json as shown};
use crate::hash::Id;

fn topic() -> (Desk, Id) {
    Desk::open("topic", 1, &[], &json!({"title": "one"}))
}

fn nomination() -> (Desk, Id) {
    let owners = [owner(1, "case"), owner(2, "platform")];
    Desk::open("nomination", 1, &owners, &json!({"seat": "1", "nominee": person(2)}))
}

fn effect(document: &Document, id: Id) -> Effect {
    document.outcome(id).unwrap().effect
}

fn state(desk: &Desk) -> (&'static str, Vec<Id>) {
    let document = desk.build();
    let state = document.state().unwrap();
    (state.name, state.by.clone())
}

#[test]
fn only_the_nominees_own_acceptance_counts() {
    let (mut desk, root) = nomination();
    assert_eq!(state(&desk), ("open", vec![]));
    let foreign = desk.write("accept", 1, &[root], &json!({}));
    let stranger = desk.sign("accept", 3, &[root], None, None);
    assert_eq!(state(&desk), ("open", vec![]));
    let document = desk.build();
    assert_eq!(
        [foreign, stranger].map(|id| effect(&document, id)),
        [Effect::Unauthorised; 2]
    );
    assert_eq!(
        document.outcome(foreign).unwrap().cause,
        Some(Cause::Author {
            theirs: vec![person(2)]
        })
    );
    let own = desk.sign("accept", 2, &[root], None, None);
    assert_eq!(state(&desk), ("accepted", vec![own]));
    // The nominator cannot take somebody who accepted off the list; the nominee can.
    let withdrawn = desk.sign("withdraw", 1, &[own], None, None);
    assert_eq!(effect(&desk.build(), withdrawn), Effect::Effective);
    assert_eq!(state(&desk), ("accepted", vec![own]));
    let gone = desk.sign("withdraw", 2, &[own], None, None);
    assert_eq!(state(&desk), ("withdrawn", vec![gone]));
    assert_eq!(effect(&desk.build(), own), Effect::Superseded);
    let no = desk.sign("decline", 2, &[gone], None, None);
    assert_eq!(state(&desk), ("declined", vec![no]));
}

#[test]
fn a_nominator_takes_back_what_nobody_accepted() {
    let (mut desk, root) = nomination();
    let back = desk.sign("withdraw", 1, &[root], None, None);
    assert_eq!(state(&desk), ("withdrawn", vec![back]));
    let stranger = desk.sign("withdraw", 7, &[root], None, None);
    assert_eq!(effect(&desk.build(), stranger), Effect::Unauthorised);
    // The nominee may still stand.
    let own = desk.sign("accept", 2, &[back], None, None);
    assert_eq!(state(&desk), ("accepted", vec![own]));
}

#[test]
fn a_name_is_claimed_by_an_edit() {
    let (mut desk, root) = Desk::open("nomination", 1, &[], &json!({"nominee": "Ada", "handle": "@ada"}));
    let early = desk.sign("accept", 1, &[root], None, None);
    assert_eq!(state(&desk).0, "open");
    assert_eq!(
        effect(&desk.build(), early),
        Effect::Unauthorised,
        "the nominator is not the nominee"
    );
    let claim = desk.write("edit", 1, &[root], &json!({"nominee": person(4)}));
    let own = desk.sign("accept", 4, &[claim], None, None);
    assert_eq!(state(&desk), ("accepted", vec![own]));
    assert_eq!(desk.build().title(), None);
}

#[test]
fn the_latest_stance_counts() {
    let (mut desk, root) = topic();
    let stance = |p: &str| json!({"position": p});
    let a = desk.write("stance", 2, &[root], &stance("support"));
    let other = desk.write("stance", 3, &[root], &stance("oppose"));
    // One key's log is in order by itself.
    let b = desk.write("stance", 2, &[root], &stance("oppose"));
    let document = desk.build();
    assert_eq!(
        [a, b, other].map(|id| effect(&document, id)),
        [Effect::Superseded, Effect::Effective, Effect::Effective]
    );
    assert_eq!(document.outcome(a).unwrap().cause, Some(Cause::Later { by: vec![b] }));
    // Another device of the same person, at the same time.
    let c = desk.write("stance", 102, &[a], &stance("support"));
    let document = desk.build();
    assert_eq!(
        [a, b, c].map(|id| effect(&document, id)),
        [Effect::Superseded, Effect::Conflict, Effect::Conflict]
    );
    assert_eq!(
        document.outcome(b).unwrap().cause,
        Some(Cause::Concurrent { with: vec![c] })
    );
    // Naming one of them settles nothing.
    let d = desk.write("stance", 102, &[c], &stance("abstain"));
    assert_eq!(effect(&desk.build(), d), Effect::Conflict);
    let e = desk.write("stance", 102, &[b, d], &stance("abstain"));
    let document = desk.build();
    assert_eq!(effect(&document, e), Effect::Effective);
    assert_eq!([a, b, c, d].map(|id| effect(&document, id)), [Effect::Superseded; 4]);
}

#[test]
fn after_a_fork_latest_wins_acts_are_disputed() {
    let (mut desk, root) = topic();
    let stance = json!({"position": "support"});
    let early = desk.write("stance", 2, &[root], &stance);
    let late = desk.write("stance", 2, &[early], &stance);
    let post = desk.write("post", 2, &[late], &json!({"text": "still me"}));
    for id in [early, late, post] {
        desk.get(id).forked_from = Some(1);
    }
    let document = desk.build();
    assert_eq!(
        [early, late, post].map(|id| effect(&document, id)),
        [Effect::Effective, Effect::Disputed, Effect::Effective]
    );
    assert_eq!(document.outcome(late).unwrap().cause, Some(Cause::Fork { seq: 1 }));
}

#[test]
fn void_and_foreign_acts_replace_nothing() {
    let (mut desk, root) = topic();
    let a = desk.write("stance", 2, &[root], &json!({"position": "support"}));
    let void = desk.sign("stance", 2, &[a], Some(vec![0xa0]), None);
    let floor = desk.write("stance", 2, &[a], &json!({"position": "oppose"}));
    desk.get(floor).in_record = false;
    let document = desk.build();
    assert_eq!(effect(&document, a), Effect::Effective);
    assert_eq!(effect(&document, void), Effect::Void);
    assert_eq!(
        (effect(&document, floor), document.outcome(floor).unwrap().cause.clone()),
        (Effect::Unauthorised, Some(Cause::Floor))
    );
}

#[test]
fn amendments_stand_beside_the_first_text() {
    let (mut desk, root) = topic();
    let post = desk.write("post", 2, &[root], &json!({"text": "teh"}));
    let amend = |entry: Id, text: &str| json!({"entry": entry, "text": text});
    let one = desk.write("amend", 2, &[post], &amend(post, "the"));
    let foreign = desk.write("amend", 3, &[post], &amend(post, "THE"));
    let absent = desk.write("amend", 2, &[post], &amend(Id([7; 32]), "x"));
    let of_root = desk.write("amend", 1, &[post], &amend(root, "x"));
    let document = desk.build();
    let outcome = document.outcome(post).unwrap();
    assert_eq!((outcome.amendments.clone(), outcome.amended), (vec![one], Some(one)));
    assert_eq!(
        outcome.fields().unwrap()["text"].as_text(),
        Some("teh"),
        "the first text stays"
    );
    assert_eq!(effect(&document, foreign), Effect::Unauthorised);
    assert_eq!(effect(&document, absent), Effect::Void);
    assert_eq!(effect(&document, of_root), Effect::Void);
    let two = desk.write("amend", 2, &[one], &amend(post, "The"));
    let document = desk.build();
    assert_eq!(document.outcome(post).unwrap().amended, Some(two));
    assert_eq!(effect(&document, one), Effect::Superseded);
    // Two devices at once: neither text stands until one names both.
    let three = desk.write("amend", 102, &[one], &amend(post, "THE"));
    let document = desk.build();
    assert_eq!(document.outcome(post).unwrap().amended, None);
    assert_eq!([two, three].map(|id| effect(&document, id)), [Effect::Conflict; 2]);
    assert_eq!(
        shown::outcome(document.outcome(post).unwrap())["amendments"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn what_is_taken_back_no_longer_counts_and_stays_readable() {
    let (mut desk, root) = topic();
    let a = desk.write("stance", 2, &[root], &json!({"position": "support"}));
    let b = desk.write("stance", 2, &[a], &json!({"position": "oppose"}));
    let foreign = desk.write("retract", 3, &[b], &json!({"entry": b}));
    assert_eq!(effect(&desk.build(), b), Effect::Effective);
    assert_eq!(effect(&desk.build(), foreign), Effect::Unauthorised);
    let back = desk.write("retract", 2, &[b], &json!({"entry": b}));
    let document = desk.build();
    let outcome = document.outcome(b).unwrap();
    assert_eq!((outcome.effect, outcome.retracted), (Effect::Superseded, Some(back)));
    assert!(outcome.fields().is_some());
    assert_eq!(
        effect(&document, a),
        Effect::Superseded,
        "what it replaced does not come back"
    );
    // A vote for oneself is withdrawn, not retracted.
    let (mut desk, root) = nomination();
    let accept = desk.sign("accept", 2, &[root], None, None);
    let no = desk.write("retract", 2, &[accept], &json!({"entry": accept}));
    assert_eq!(effect(&desk.build(), no), Effect::Void);
    assert_eq!(state(&desk).0, "accepted");
}

#[test]
fn rulings_come_from_outside() {
    let (mut desk, root) = topic();
    let edit = desk.write("edit", 1, &[root], &json!({"title": "two"}));
    let stance = desk.write("stance", 1, &[edit], &json!({"position": "support"}));
    let gone = Cause::KeyRetired { by: vec![root] };
    let ruling = Some(Ruling {
        effect: Effect::Unauthorised,
        cause: Some(gone.clone()),
    });
    desk.get(edit).ruling = ruling.clone();
    desk.get(stance).ruling = ruling;
    let document = desk.build();
    assert_eq!(document.title().as_deref(), Some("one"));
    assert_eq!(
        [edit, stance].map(|id| effect(&document, id)),
        [Effect::Unauthorised; 2]
    );
    assert_eq!(document.outcome(edit).unwrap().cause, Some(gone));
}

#[test]
fn a_body_that_is_not_here_is_said() {
    let (mut desk, root) = topic();
    let a = desk.write("stance", 2, &[root], &json!({"position": "support"}));
    let b = desk.write("stance", 2, &[a], &json!({"position": "oppose"}));
    desk.get(b).here = false;
    let document = desk.build();
    assert!(document.incomplete());
    assert_eq!(
        [a, b].map(|id| effect(&document, id)),
        [Effect::Superseded, Effect::Effective]
    );
    assert_eq!(shown::outcome(document.outcome(b).unwrap())["body"], json!("absent"));
}
