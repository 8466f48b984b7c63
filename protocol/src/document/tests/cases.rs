//! Cases that an implementation gets wrong, by their names, and content in detail.

use serde_json::json;

use super::desk::{Desk, owner, person};
use crate::document::{Cause, Effect, Status, diff, json as shown};
use crate::hash::Id;
use crate::kind::ItemId;

fn topic() -> (Desk, Id) {
    Desk::open("topic", 1, &[], &json!({"title": "one", "text": "first"}))
}

fn titles(desk: &Desk) -> Vec<String> {
    let document = desk.build();
    let register = &document.content().fields["title"];
    register
        .values
        .iter()
        .map(|v| v.value.as_text().unwrap().to_owned())
        .collect()
}

#[test]
fn late_part() {
    let owners = [owner(1, "case"), owner(2, "platform")];
    let (mut desk, root) = Desk::open("nomination", 1, &owners, &json!({"seat": "1"}));
    let own = desk.write("edit", 2, &[root], &json!({"perspective": "mine"}));
    let foreign = desk.write("edit", 2, &[root], &json!({"reasons": "vote for me"}));
    let other = desk.write(
        "edit",
        1,
        &[own],
        &json!({"reasons": "able", "perspective": "not yours"}),
    );
    let stranger = desk.write("edit", 3, &[own], &json!({"seat": "2"}));
    let document = desk.build();
    let content = document.content();
    assert_eq!(content.fields["perspective"].values[0].entry, own);
    assert_eq!(content.fields["perspective"].values.len(), 1);
    assert_eq!(content.fields["reasons"].values[0].entry, other);
    assert_eq!(content.fields["seat"].values[0].entry, root);
    let effect = |id| {
        (
            document.outcome(id).unwrap().effect,
            document.outcome(id).unwrap().cause.clone(),
        )
    };
    assert_eq!(effect(own), (Effect::Effective, None));
    assert_eq!(
        effect(foreign),
        (
            Effect::Unauthorised,
            Some(Cause::Parts {
                fields: vec!["reasons"]
            })
        )
    );
    assert_eq!(
        effect(other),
        (
            Effect::Effective,
            Some(Cause::Parts {
                fields: vec!["perspective"]
            })
        )
    );
    assert_eq!(effect(stranger).0, Effect::Unauthorised);
    assert_eq!(
        document.versions().iter().map(|v| v.entry).collect::<Vec<_>>(),
        [root, own, other]
    );
}

#[test]
fn a_part_is_not_the_nominators_even_in_the_root() {
    let owners = [owner(1, "case"), owner(2, "platform")];
    let (desk, _) = Desk::open(
        "nomination",
        1,
        &owners,
        &json!({"seat": "1", "perspective": "put into a mouth"}),
    );
    let document = desk.build();
    assert!(!document.content().fields.contains_key("perspective"));
    assert!(document.content().fields.contains_key("seat"));
}

#[test]
fn conflict_edit() {
    let (mut desk, root) = topic();
    let a = desk.write("edit", 1, &[root], &json!({"title": "a"}));
    let b = desk.write("edit", 1, &[root], &json!({"title": "b"}));
    let mut both = titles(&desk);
    both.sort();
    assert_eq!(both, ["a", "b"]);
    let document = desk.build();
    let text = &document.content().fields["text"].values;
    assert_eq!(text.len(), 1, "other fields are untouched");
    desk.write("edit", 1, &[a, b], &json!({"title": "c"}));
    assert_eq!(titles(&desk), ["c"]);
}

#[test]
fn an_edit_that_names_one_of_two_leaves_the_conflict_with_the_other() {
    let (mut desk, root) = topic();
    let a = desk.write("edit", 1, &[root], &json!({"title": "a"}));
    desk.write("edit", 1, &[root], &json!({"title": "b"}));
    desk.write("edit", 1, &[a], &json!({"title": "c"}));
    let mut both = titles(&desk);
    both.sort();
    assert_eq!(both, ["b", "c"]);
}

#[test]
fn order_runs_through_acts_and_ignores_other_documents() {
    let (mut desk, root) = topic();
    let a = desk.write("edit", 1, &[root, Id([77; 32])], &json!({"title": "a"}));
    let post = desk.write("post", 5, &[a], &json!({"text": "I saw that"}));
    desk.write("edit", 1, &[post], &json!({"title": "b"}));
    assert_eq!(titles(&desk), ["b"]);
    // Naming nothing in this document, an edit stands directly after the root, prev notwithstanding.
    desk.write("edit", 1, &[Id([78; 32])], &json!({"title": "c"}));
    let mut both = titles(&desk);
    both.sort();
    assert_eq!(both, ["b", "c"]);
}

#[test]
fn list_items_by_name() {
    let owners = [owner(1, "")];
    let (mut desk, root) = Desk::open("nomination", 1, &owners, &json!({"goals": ["one", "two"]}));
    let item = |entry, n| json!([entry, n]);
    let more = desk.write("edit", 1, &[root], &json!({"add": {"goals": ["three"]}}));
    let changed = desk.write(
        "edit",
        1,
        &[more],
        &json!({"replace": {"goals": [[root, 0, "uno"]]}, "remove": {"goals": [item(root, 1)]}}),
    );
    let texts = |desk: &Desk| -> Vec<Vec<String>> {
        let document = desk.build();
        let items = document
            .content()
            .lists
            .get("goals")
            .map(|l| l.items.clone())
            .unwrap_or_default();
        let text = |v: &crate::document::Version<crate::kind::Record>| v.value["text"].as_text().unwrap().to_owned();
        items.iter().map(|i| i.values.iter().map(text).collect()).collect()
    };
    assert_eq!(texts(&desk), [["uno"], ["three"]]);
    // A replacement concurrent with a removal: both show.
    let removed = desk.write("edit", 1, &[changed], &json!({"remove": {"goals": [item(root, 0)]}}));
    let replaced = desk.write(
        "edit",
        1,
        &[changed],
        &json!({"replace": {"goals": [[root, 0, "eins"]]}}),
    );
    let document = desk.build();
    let first = &document.content().lists["goals"].items[0];
    assert_eq!(
        (first.id, first.values.len(), first.removed.len()),
        (ItemId { entry: root, n: 0 }, 1, 1)
    );
    assert!(first.conflict());
    assert_eq!((first.values[0].entry, first.removed[0].entry), (replaced, removed));
    desk.write(
        "edit",
        1,
        &[removed, replaced],
        &json!({"remove": {"goals": [item(root, 0)]}}),
    );
    assert_eq!(texts(&desk), [["three"]]);
    // Items that are not there, or not yet seen, stay untouched.
    desk.write(
        "edit",
        1,
        &[root],
        &json!({"remove": {"goals": [item(more, 0), item(more, 7), item(changed, 0)]}}),
    );
    assert_eq!(texts(&desk), [["three"]]);
}

#[test]
fn body_lottery() {
    let (mut desk, root) = topic();
    let a = desk.write("edit", 1, &[root], &json!({"title": "a"}));
    let b = desk.write("edit", 1, &[a], &json!({"text": "b"}));
    let full = desk.build();
    assert!(!full.incomplete());
    let mut without = desk.clone();
    without.get(a).here = false;
    let document = without.build();
    let fields = &document.content().fields;
    assert!(document.incomplete());
    assert!(fields["title"].incomplete && fields["title"].values[0].entry == root);
    assert!(!fields["text"].incomplete, "set after the missing one");
    assert!(
        fields["label"].incomplete && fields["label"].values.is_empty(),
        "it may have been set"
    );
    assert_eq!(document.outcome(a).unwrap().body, Status::Absent);
    // Another one's missing body says nothing about content.
    let mut foreign = desk.clone();
    let c = foreign.write("edit", 9, &[b], &json!({"title": "mine"}));
    foreign.get(c).here = false;
    let document = foreign.build();
    assert!(!document.content().fields["title"].incomplete);
    assert_eq!(document.outcome(c).unwrap().effect, Effect::Unauthorised);
    // Nobody's body here at all: the same entries, in the same order, with nothing to show.
    let mut none = desk.clone();
    none.written.iter_mut().for_each(|w| w.here = false);
    let document = none.build();
    let ids = |d: &crate::document::Document| d.outcomes().iter().map(|o| o.id).collect::<Vec<_>>();
    assert_eq!(ids(&document), ids(&full));
    assert!(
        document
            .content()
            .fields
            .values()
            .all(|r| r.values.is_empty() && r.incomplete)
    );
}

#[test]
fn a_missing_list_edit_leaves_the_list_incomplete() {
    let (mut desk, root) = Desk::open("nomination", 1, &[], &json!({"goals": ["one"]}));
    let a = desk.write("edit", 1, &[root], &json!({"goals": ["two"]}));
    desk.write("edit", 1, &[a], &json!({"goals": ["three"]}));
    assert!(!desk.build().content().lists["goals"].incomplete);
    desk.get(a).here = false;
    let document = desk.build();
    assert!(document.content().lists["goals"].incomplete);
    assert_eq!(document.content().lists["goals"].items.len(), 2);
}

#[test]
fn unknown_kind() {
    let (mut desk, root) = topic();
    let strange = desk.sign("applaud", 3, &[root], Some(vec![0xa0]), None);
    let document = desk.build();
    let outcome = document.outcome(strange).unwrap();
    assert_eq!(
        (outcome.effect, outcome.cause.clone()),
        (Effect::Unknown, Some(Cause::Kind))
    );
    // A document of an unknown kind: nobody can say what its edits mean; what everybody may say counts.
    let (mut desk, root) = Desk::open_raw("saga", 1, &[], Some(vec![0xa0]));
    let edit = desk.sign("edit", 1, &[root], Some(vec![0xa0]), None);
    let accept = desk.sign("accept", 1, &[root], None, None);
    let post = desk.write("post", 2, &[root], &json!({"text": "hello"}));
    let document = desk.build();
    let effect = |id| document.outcome(id).unwrap().effect;
    assert_eq!([root, edit, accept].map(effect), [Effect::Unknown; 3]);
    assert_eq!(effect(post), Effect::Effective);
    assert_eq!(document.title(), None);
    assert_eq!(shown::content(&document), json!({}));
}

#[test]
fn what_breaks_the_schema_or_does_not_fit_is_void() {
    let (mut desk, root) = topic();
    let post = desk.sign("post", 2, &[root], Some(vec![0xa0]), None);
    let edit = desk.sign("edit", 1, &[root], Some(b"\xa1\x63set\xa1\x65title\x01".to_vec()), None);
    let accept = desk.sign("accept", 1, &[root], None, None);
    let nested = desk.sign("topic", 1, &[root], Some(vec![0xa0]), None);
    let grant = desk.sign("grant", 1, &[root], None, None);
    let document = desk.build();
    for id in [post, edit, accept, nested, grant] {
        assert_eq!(document.outcome(id).unwrap().effect, Effect::Void);
    }
    assert!(matches!(document.outcome(edit).unwrap().cause, Some(Cause::Body(_))));
    assert!(matches!(
        document.outcome(accept).unwrap().cause,
        Some(Cause::Misfit { .. })
    ));
    assert_eq!(titles(&desk), ["one"]);
    let (void, root) = Desk::open_raw("topic", 1, &[], Some(vec![0xa0]));
    assert_eq!(void.build().outcome(root).unwrap().effect, Effect::Void);
}

#[test]
fn earlier_states_and_differences() {
    let (mut desk, root) = topic();
    let a = desk.write("edit", 1, &[root], &json!({"text": "first and second"}));
    let stance = desk.write("stance", 2, &[a], &json!({"position": "support"}));
    let post = desk.write("post", 3, &[stance], &json!({"text": "well"}));
    let b = desk.write("edit", 1, &[post], &json!({"text": "only second", "label": "signal"}));
    let now = desk.build();
    let then = now.at(post).unwrap();
    assert_eq!(then.content().fields["text"].values[0].entry, a);
    assert_eq!(then.outcomes().len(), 4);
    assert!(now.at(Id([9; 32])).is_none());
    assert_eq!(now.at(b).unwrap().content(), now.content());
    assert_eq!(
        diff::to_json(&diff::documents(&then, &now)),
        json!({"fields": [
            {"field": "label", "changes": [["+", "signal\n"]]},
            {"field": "text", "changes": [["-", "first and"], ["+", "only"], ["=", " second"]]},
        ]})
    );
    // A stance on version 2 does not carry over to version 3.
    assert_eq!(now.outcome(stance).unwrap().saw, Some(vec![a]));
    let changed: Vec<_> = now.changed_since(stance).unwrap().into_iter().collect();
    assert_eq!(changed, ["label", "text"]);
    assert_eq!(then.changed_since(stance).unwrap().len(), 0);
    assert_eq!(now.versions().len(), 3);
}

#[test]
fn what_a_new_entry_names() {
    let (mut desk, root) = topic();
    assert_eq!(desk.build().after(&[]), [root]);
    let edits: Vec<Id> = (0..3)
        .map(|_| desk.write("edit", 1, &[root], &json!({"title": "x"})))
        .collect();
    let posts: Vec<Id> = (0..30)
        .map(|_| desk.write("post", 2, &[root], &json!({"text": "x"})))
        .collect();
    let floor = desk.write("post", 3, &[root], &json!({"text": "new here"}));
    desk.get(floor).in_record = false;
    let named = desk.build().after(&[]);
    assert_eq!(named.len(), crate::limit::AFTER);
    assert!(edits.iter().all(|e| named.contains(e)), "versions come first");
    assert!(
        named.is_sorted() && !named.contains(&floor),
        "nobody is taken up by accident"
    );
    assert!(desk.build().after(&[floor]).contains(&floor));
    assert_eq!(named.iter().filter(|id| posts.contains(id)).count(), 13);
    assert_eq!(person(101), person(1));
}

#[test]
fn founders_own_a_committees_content() {
    let mut desk = Desk::default();
    let control = crate::control::Committee {
        founders: vec![person(1), person(2)],
        threshold: 1,
    };
    let body = crate::kind::json::body(crate::kind::find("committee").unwrap(), &json!({"name": "Us"})).unwrap();
    let control = crate::control::Control::Committee(control).value();
    let root = desk.sign("committee", 1, &[], Some(body), control);
    // A space's root names no space.
    let mut header = desk.written[0].entry.header().clone();
    header.space = None;
    let entry = crate::document::Entry {
        header: &header,
        ..desk.written[0].entry()
    };
    let edit = desk.clone().write("edit", 2, &[root], &json!({"purpose": "talk"}));
    let mut with = desk.clone();
    with.write("edit", 2, &[root], &json!({"purpose": "talk"}));
    let document = crate::document::Document::build(&entry, &with.entries()[1..]);
    assert_eq!(document.content().fields["purpose"].values[0].entry, edit);
    assert_eq!(document.title().as_deref(), Some("Us"));
}
