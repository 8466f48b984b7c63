//! Documents without the words that only their own page shows.

use serde_json::{Value as Json, json};

use super::desk::Desk;
use crate::document::{Document, json as shown};
use crate::kind::Value;

/// What its entries count for, and its state.
pub(super) fn counting(document: &Document) -> Json {
    let outcomes = document.outcomes().iter().map(|outcome| {
        json!([
            outcome.id,
            format!("{:?} {:?} {:?}", outcome.effect, outcome.cause, outcome.body),
            outcome.saw,
            outcome.amendments,
            outcome.amended,
            outcome.retracted,
            document.changed_since(outcome.id),
        ])
    });
    json!({
        "outcomes": outcomes.collect::<Vec<_>>(),
        "state": document.state().map(shown::state),
        "title": document.title(),
        "after": document.after(&[]),
    })
}

#[test]
fn an_imported_thread_keeps_its_people_and_loses_its_words() {
    let posts: Vec<Json> = (1..=300)
        .map(|n| json!({ "number": n, "author": format!("user{}", n % 3), "text": "word ".repeat(100) }))
        .collect();
    let (mut desk, root) = Desk::open(
        "topic",
        1,
        &[],
        &json!({"title": "Tides", "text": "long ".repeat(1000), "posts": posts}),
    );
    let edited = desk.write("edit", 1, &[root], &json!({"text": "longer"}));
    let refused = desk.write("edit", 2, &[root], &json!({"text": "not mine"}));
    let post = desk.write("post", 2, &[edited], &json!({"text": "a reply", "reply_to": edited}));
    let endorsed = desk.write("endorse", 3, &[edited], &json!({"entry": root}));
    let whole = desk.build();
    let gist = whole.gist();
    assert_eq!(counting(&whole), counting(&gist));
    assert_ne!(
        whole.outcome(refused).unwrap().cause,
        None,
        "the edit of a stranger is refused in both"
    );

    let items = &gist.content().lists["posts"].items;
    assert_eq!(items.len(), 300);
    let (first, fourth) = (&items[0].values[0].value, &items[3].values[0].value);
    assert_eq!(**first, [("author", Value::Text("user1".into()))].into());
    assert!(
        std::sync::Arc::ptr_eq(first, fourth),
        "posts of one person are one record"
    );
    assert_eq!(
        gist.content().fields["text"].single(),
        Some(&Value::Text(String::new()))
    );
    let reply = gist.outcome(post).unwrap().fields().unwrap();
    assert_eq!((reply.get("text"), reply["reply_to"].as_id()), (None, Some(edited)));
    let kept = |document: &Document| document.outcome(endorsed).unwrap().fields().cloned();
    assert_eq!(kept(&whole), kept(&gist));

    assert!(whole.weight() > 300 * 500 + 5000, "{}", whole.weight());
    assert!(gist.weight() < whole.weight() / 2, "{}", gist.weight());
    assert_eq!(gist.gist().weight(), gist.weight());
}
