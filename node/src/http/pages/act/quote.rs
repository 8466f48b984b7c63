//! The words of an entry, and where in them a passage stands that somebody pasted.

use althing_protocol::document::Outcome;
use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Value};

use crate::http::context::Context;
use crate::http::load::Loaded;

/// Letters of a passage that is looked for.
const PASSAGE: usize = 2000;

/// The main text that an entry says itself.
pub(super) fn text_of(loaded: &Loaded, outcome: &Outcome) -> Option<String> {
    let name = if outcome.id == loaded.document.id() {
        loaded.document.kind()?.text?
    } else {
        kind::find(&outcome.kind)?.text?
    };
    let act = outcome
        .fields()
        .and_then(|fields| fields.get(name))
        .and_then(Value::as_text);
    let root = || {
        outcome
            .change()
            .and_then(|change| change.set.get(name))
            .and_then(|value| value.as_text())
    };
    act.or_else(root).map(str::to_owned)
}

pub(super) fn said(context: &Context, id: Id) -> Option<String> {
    let (loaded, outcome) = crate::http::pages::write::outcome_of(context, id)?;
    text_of(&loaded, &outcome)
}

/// Where a passage stands in a text, in code points. Spaces and the signs of markdown may differ: what is copied from
/// a page has none.
pub(super) fn find(text: &str, passage: &str) -> Option<(usize, usize)> {
    let letters =
        |text: &str| -> Vec<(usize, char)> { text.chars().enumerate().filter(|(_, c)| c.is_alphanumeric()).collect() };
    let (text, passage) = (letters(text), letters(passage));
    let wanted: Vec<char> = passage.into_iter().map(|(_, c)| c).collect();
    if wanted.is_empty() || wanted.len() > PASSAGE {
        return None;
    }
    let found = text
        .windows(wanted.len())
        .find(|window| window.iter().map(|(_, c)| c).eq(wanted.iter()))?;
    Some((found.first()?.0, found.last()?.0 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_found_as_it_was_copied_from_the_page() {
        let text = "Ä *bold* claim,\nand more.";
        assert_eq!(find(text, "bold claim, and"), Some((3, 19)));
        assert_eq!(text.chars().skip(3).take(16).collect::<String>(), "bold* claim,\nand");
        assert_eq!(find(text, "nothing like it"), None);
        assert_eq!(find(text, " … "), None);
    }
}
