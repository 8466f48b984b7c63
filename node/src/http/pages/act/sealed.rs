//! Committing to a text and revealing it later (R59): the node draws the salt, and keeps salt and text as a draft of the
//! reveal, in its data folder alone.
//!
//! Invariant: the draft is kept before the commitment is signed. Should the node stop between the two, a draft is left
//! over that reveals nothing; the other way round a commitment would be left that nobody can ever reveal.

use althing_protocol::hash::{Id, sha256};
use althing_protocol::kind::{Field, Kind};
use data_encoding::HEXLOWER;
use maud::{Markup, html};
use serde_json::{Map, Value as Json, json};

use crate::clock;
use crate::drafts::Draft;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::pages::form::{Fault, Turn, Values};

/// The field of the text that is committed to; it is not sent on.
const TEXT: &str = "_sealed";

/// Longest text: what a `reveal` takes.
const MOST: usize = althing_protocol::kind::LONG;

/// A text that is committed to, until its commitment is signed.
pub(super) struct Sealed {
    salt: String,
    text: String,
}

/// What a form for `commit` holds beside its fields; none where somebody gives a commitment that they made themselves.
pub(super) fn read(values: &Values, body: &mut Map<String, Json>, faults: &mut Vec<Fault>) -> Option<Sealed> {
    let text = values.get(TEXT);
    let own = !values.get("commitment").trim().is_empty();
    match (text.trim().is_empty(), own) {
        (true, true) => return None,
        (true, false) => {
            // Its own fault says only that the hash is missing, which is not what most people should do about it.
            faults.retain(|fault| fault.at != "commitment");
            faults.push(Fault::new(
                TEXT,
                "Write the text here, or give the SHA-256 of salt and text below.",
            ));
            return None;
        }
        (false, true) => {
            faults.push(Fault::new(
                "commitment",
                "Leave this empty: it is computed from the text above.",
            ));
            return None;
        }
        (false, false) => {}
    }
    faults.retain(|fault| fault.at != "commitment");
    if text.len() > MOST {
        faults.push(Fault::new(
            TEXT,
            format!("This has {} bytes, a reveal takes {MOST}.", text.len()),
        ));
        return None;
    }
    let salt = clock::random::<32>();
    let commitment = sha256(&[&salt, text.as_bytes()]);
    body.insert("commitment".to_owned(), json!(HEXLOWER.encode(&commitment)));
    Some(Sealed {
        salt: HEXLOWER.encode(&salt),
        text: text.to_owned(),
    })
}

impl Sealed {
    /// Keeps it as a draft of the reveal; of which commitment, once that is known.
    pub(super) fn keep(&self, context: &Context, doc: Id, commitment: Option<&str>) -> Result<(), Problem> {
        let form = path(doc, commitment);
        let fields = [("salt", &self.salt), ("text", &self.text)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.clone())).to_vec();
        let time = clock::now_ms();
        context.drafts.keep(&Draft { form, time, fields })?;
        if commitment.is_some() {
            context.drafts.drop(&path(doc, None))?;
        }
        Ok(())
    }
}

fn path(doc: Id, commitment: Option<&str>) -> String {
    let to = commitment.map(|id| format!("?to={id}")).unwrap_or_default();
    format!("/d/{doc}/act/reveal{to}")
}

/// Whether a field of the kind is shown by [`fields`].
pub(super) fn is_own(kind: &Kind, field: &Field) -> bool {
    kind.name == "commit" && field.name == "commitment"
}

/// The text, above the other fields, and the commitment for those who made it elsewhere: a browser asks for neither.
pub(super) fn fields(turn: &Turn, kind: &'static Kind) -> Markup {
    let own = kind.field("commitment").map(|field| Field {
        required: false,
        ..*field
    });
    let fault = turn.faults.iter().find(|fault| fault.at == TEXT);
    html! {
        div.field {
            label for="f--sealed" { "The text to commit to" }
            p.hint #f--sealed-hint {
                "Nobody sees it now: only its SHA-256 with a salt is signed. Text and salt stay on this node as a draft, \
                 from which you reveal it. Whoever has only the commitment learns nothing from it; lose the draft, and \
                 nobody can ever reveal it."
            }
            @if let Some(fault) = fault { p.fault { "⚠ " (fault.say) } }
            textarea #f--sealed name=(TEXT) rows="8" aria-describedby="f--sealed-hint" { "\n" (turn.values.get(TEXT)) }
        }
        @if let Some(own) = own {
            details.imported open[!turn.values.get(own.name).is_empty()] {
                summary { "I made the commitment myself" }
                (turn.show().field(&own))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_or_a_commitment_but_not_both() {
        let read = |pairs: &[(&str, &str)]| {
            let values = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let (mut body, mut faults) = (Map::new(), vec![Fault::new("commitment", "This is needed.")]);
            let sealed = super::read(&values, &mut body, &mut faults);
            (sealed, body, faults)
        };
        let (sealed, body, faults) = read(&[(TEXT, "the hole is in the pier")]);
        let sealed = sealed.unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        let salt = HEXLOWER.decode(sealed.salt.as_bytes()).unwrap();
        let expected = HEXLOWER.encode(&sha256(&[&salt, sealed.text.as_bytes()]));
        assert_eq!(body["commitment"], json!(expected));
        assert_eq!(read(&[]).2[0].at, TEXT);
        let hash = "a".repeat(64);
        let (none, _, faults) = read(&[(TEXT, "x"), ("commitment", &hash)]);
        assert!(none.is_none() && faults.iter().any(|fault| fault.at == "commitment"));
        assert!(read(&[("commitment", &hash)]).0.is_none());
    }
}
