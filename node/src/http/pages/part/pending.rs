//! An act of authority that waits for signatures: what it changes, who signed it, who can.

use althing_protocol::hash::Id;
use maud::{Markup, html};

use super::text::visible;
use super::{person, text};
use crate::http::pages::View;
use crate::http::pages::form::button;
use crate::http::query::Person;
use crate::http::query::pending::Pending;

/// Names that are told of those who could sign.
const TOLD: usize = 12;

/// Everything about it, with a button for whoever can sign it.
pub(crate) fn article(view: &View<'_>, act: &Pending) -> Markup {
    let own = view.context.ingest.home().identity();
    html! {
        article.waiting #{ "e-" (act.id.short()) } {
            p.change { strong { (change(act)) } }
            @if let Some(note) = &act.note { blockquote { (visible(note)) } }
            p { (missing(act)) }
            ul.signatures {
                @for signed in &act.signed { (counts(view, signed.by.identity, signed.entry)) }
                @for lost in &act.lost { (lapsed(view, lost.signature.by.identity, lost.signature.entry, &lost.why)) }
            }
            p.facts { a href={ "/e/" (act.id) } title=(act.id) { "Entry " (text::id(act.id)) } }
            @if view.reader.owner && act.can_sign {
                (button(view, &format!("/e/{}/cosign", act.id), &[], "Cosign"))
            } @else if view.reader.owner && act.signed.iter().any(|s| s.by.identity == own) {
                p.hint { "You have signed it." }
            }
        }
    }
}

/// What it changes once it is made.
pub(crate) fn change(act: &Pending) -> String {
    format!("{}.", visible(&act.change.say()))
}

/// How many have signed, who could, and what one more would do.
pub(crate) fn missing(act: &Pending) -> String {
    let who: Vec<String> = act.open_to.iter().take(TOLD).map(Person::called).collect();
    let rest = match (act.missing, who.is_empty()) {
        (_, true) => "nobody who could sign it is left".to_owned(),
        (0 | 1, false) => format!("{} can complete it", either(&who, "or")),
        (n, false) => format!("it takes {n} more of {}", either(&who, "and")),
    };
    visible(&format!("{} of {} signatures: {rest}.", act.signed.len(), act.need)).into_owned()
}

/// A signature that counts.
pub(crate) fn counts(view: &View<'_>, by: Id, entry: Id) -> Markup {
    html! {
        li { span.good { "✓ counts" } ": " (person::link(view, by)) " " (at(entry)) }
    }
}

/// One that does not, and why.
pub(crate) fn lapsed(view: &View<'_>, by: Id, entry: Id, why: &str) -> Markup {
    html! {
        li { span.bad { "✗ does not count" } ": " (person::link(view, by)) ", because " (why) " " (at(entry)) }
    }
}

fn at(entry: Id) -> Markup {
    html! { a href={ "/e/" (entry) } title=(entry) { (entry.short()) } }
}

/// `Ada, Bob or Carol`.
fn either(names: &[String], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} {word} {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_sentence() {
        let names: Vec<String> = ["Ada", "Bob", "Carol"].map(str::to_owned).to_vec();
        assert_eq!(either(&names, "or"), "Ada, Bob or Carol");
        assert_eq!(either(&names[..1], "or"), "Ada");
        assert_eq!(either(&[], "or"), "");
    }
}
