//! Forms: made from what a kind declares, sent by a browser, turned into the JSON that the API takes.
//!
//! ```text
//! declaration ─▶ show (fields, hints, faults) ─▶ browser ─▶ Posted ─▶ Values ─▶ read (JSON, or faults by field)
//! ```
//!
//! Invariant: nothing is written that the owner's own browser did not send from a page of this node ([`Posted`]), and
//! what somebody typed is never lost to a mistake: the form comes back with it and says beside the field what is wrong.
//!
//! Bounds: a form has at most [`FIELDS`] fields and [`BYTES`] bytes; a list as many rows as its kind allows.

mod frame;
mod items;
mod people;
mod post;
mod read;
mod show;
mod turn;
mod values;

pub(crate) use self::frame::{Sheet, at_once, button, press};
pub(crate) use self::items::Items;
pub(crate) use self::people::People;
#[cfg(doc)]
use self::post::BYTES;
pub(crate) use self::post::{Do, FIELDS, FILE, Posted, UNFILED};
pub(crate) use self::read::{changes, content};
pub(crate) use self::show::{Show, name_of};
pub(crate) use self::turn::{CONSENT, Turn, keep};
pub(crate) use self::values::{Values, is_share};

/// What is wrong with one field, or with the form as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The field's name in the form; empty for the whole.
    pub(crate) at: String,
    /// What, why and what to do.
    pub(crate) say: String,
}

impl Fault {
    pub(crate) fn new(at: impl Into<String>, say: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            say: say.into(),
        }
    }

    /// A file that was chosen and not taken.
    pub(crate) fn unfiled(values: &Values) -> Option<Self> {
        let why = values.get(UNFILED);
        (!why.is_empty()).then(|| Self::new("", why))
    }

    /// Of the form as a whole.
    pub(crate) fn whole(problem: &crate::http::error::Problem) -> Self {
        Self::new("", super::capital(&problem.say()) + ".")
    }
}

/// The id of a field in the page.
pub(crate) fn anchor(name: &str) -> String {
    format!("f-{}", name.replace(['.', '_'], "-"))
}
