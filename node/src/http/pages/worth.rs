//! What the outcome of a thread is worth (R12), in words: the rule itself is the view `threads`.

use althing_protocol::document::Document;
use althing_view::threads::{Standing, standing};
use maud::{Markup, html};

fn of(document: &Document) -> Standing {
    standing(document.kind_name(), document.content())
}

/// The word for it.
pub(super) fn word(document: &Document) -> Markup {
    html! { span.worth { (of(document).name()) } }
}

/// The word, and what follows from it.
pub(super) fn line(document: &Document) -> Markup {
    let (name, follows) = match (of(document), document.kind_name()) {
        (Standing::Binding, "decision") => ("Binding", "it writes down what was decided."),
        (Standing::Binding, "motion") => (
            "Binding",
            "its outcome holds, once a conclusion or a decision says what it is.",
        ),
        (Standing::Binding, _) => ("Binding", "whoever opened it says that its outcome binds."),
        (Standing::Signal, _) => (
            "Signal",
            "it tells others what people think, class by class, and has no effect by itself.",
        ),
        (Standing::Discussion, _) => ("Discussion", "nothing follows from it by itself."),
    };
    html! { p.worth { strong { (name) } ": " (follows) } }
}
