//! What the outcome of a thread is worth (R12): discussion, signal or binding. A topic says so by its label; a nomination
//! is a signal; a decision binds, and so does a motion, unless it only recommends or petitions; all else is discussion.
//! Where a label or a form is in conflict, the weakest of its values holds: nobody is bound by a contradiction.

use althing_protocol::document::Document;
use maud::{Markup, html};

/// The weaker is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Discussion,
    Signal,
    Binding,
}

fn of(document: &Document) -> Worth {
    let weakest = |field: &str, worth: fn(&str) -> Worth| {
        let register = document.content().fields.get(field);
        let values = register.map_or(&[][..], |register| &register.values).iter();
        let worths = values.filter_map(|version| version.value.as_text()).map(worth);
        worths.min().unwrap_or(Worth::Discussion)
    };
    match document.kind_name() {
        "topic" => weakest("label", |label| match label {
            "signal" => Worth::Signal,
            "binding" => Worth::Binding,
            _ => Worth::Discussion,
        }),
        "motion" => weakest("form", |form| match form {
            "recommend" | "petition" => Worth::Signal,
            _ => Worth::Binding,
        }),
        "nomination" => Worth::Signal,
        "decision" => Worth::Binding,
        _ => Worth::Discussion,
    }
}

/// The word for it.
pub(super) fn word(document: &Document) -> Markup {
    let word = match of(document) {
        Worth::Discussion => "discussion",
        Worth::Signal => "signal",
        Worth::Binding => "binding",
    };
    html! { span.worth { (word) } }
}

/// The word, and what follows from it.
pub(super) fn line(document: &Document) -> Markup {
    let (name, follows) = match (of(document), document.kind_name()) {
        (Worth::Binding, "decision") => ("Binding", "it writes down what was decided."),
        (Worth::Binding, "motion") => (
            "Binding",
            "its outcome holds, once a conclusion or a decision says what it is.",
        ),
        (Worth::Binding, _) => ("Binding", "whoever opened it says that its outcome binds."),
        (Worth::Signal, _) => (
            "Signal",
            "it tells others what people think, class by class, and has no effect by itself.",
        ),
        (Worth::Discussion, _) => ("Discussion", "nothing follows from it by itself."),
    };
    html! { p.worth { strong { (name) } ": " (follows) } }
}
