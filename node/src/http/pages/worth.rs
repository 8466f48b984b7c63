//! What the outcome of a thread is worth (R12): discussion, signal or binding. A topic says so itself; of every other
//! kind it follows from what the kind is for.

use althing_protocol::document::Document;
use althing_protocol::kind::Value;
use maud::{Markup, html};

/// The word for it.
pub(super) fn of(document: &Document) -> &'static str {
    let said = |field: &str| document.content().fields.get(field)?.values.first()?.value.as_text();
    match (document.kind_name(), said("label")) {
        ("topic", Some("signal")) => "signal",
        ("topic", Some("binding")) => "binding",
        ("decision", _) => "binding",
        ("nomination" | "motion" | "proposal", _) => "signal",
        _ => "discussion",
    }
}

pub(super) fn word(document: &Document) -> Markup {
    html! { span.worth { (of(document)) } }
}

/// The word, and what follows from it.
pub(super) fn line(document: &Document) -> Markup {
    let form = document
        .content()
        .fields
        .get("form")
        .and_then(|register| register.values.first());
    let recommends = form.is_some_and(|version| *version.value == Value::Text("recommend".to_owned()));
    let (name, follows) = match of(document) {
        "binding" if document.kind_name() == "decision" => ("Binding", "it writes down what was decided."),
        "binding" => ("Binding", "whoever opened it says that its outcome binds."),
        "signal" if recommends => ("Signal", "a recommendation has no effect by itself."),
        "signal" => (
            "Signal",
            "stances here are counted class by class and decide nothing by themselves.",
        ),
        _ => ("Discussion", "nothing follows from it by itself."),
    };
    html! { p.worth { strong { (name) } ": " (follows) } }
}
