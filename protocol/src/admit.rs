//! Admission: is this header well formed and in its place?
//!
//! Invariant: the verdict is a function of the header and its causal past, for ever. Never of a body, a clock, an
//! order of arrival, a role, or of which kinds this release knows. One rule, one file, one error.

mod cert;
mod names;
mod place;
mod shape;

use hashbrown::HashSet;
use thiserror::Error;

use crate::control::{self, Control, Shape};
use crate::entry::Header;
use crate::graph::{Class, Graph, Placed};
use crate::hash::Id;
use crate::identity::{self, Identities};

/// Why a validly signed header can never be admitted. Whoever relays it is at fault: everybody can see this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The fields do not fit together.
    #[error(transparent)]
    Shape(#[from] shape::Fault),
    /// The control does not fit.
    #[error(transparent)]
    Control(#[from] control::Fault),
    /// A name leads where it may not.
    #[error(transparent)]
    Names(#[from] names::Fault),
    /// Not at its place in its key's log.
    #[error(transparent)]
    Place(#[from] place::Fault),
    /// Signed by a key that may not sign this.
    #[error(transparent)]
    Cert(#[from] cert::Fault),
    /// Breaks the rules of an identity's keys.
    #[error(transparent)]
    Identity(#[from] identity::Fault),
}

impl Fault {
    /// A stable short name, as test vectors and counters use it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Shape(f) => f.name(),
            Self::Control(control::Fault::TooLarge { .. }) => "control_too_large",
            Self::Control(control::Fault::Shape { .. }) => "control_shape",
            Self::Control(control::Fault::List { .. }) => "control_list",
            Self::Control(control::Fault::Bounds(_)) => "control_bounds",
            Self::Names(f) => f.name(),
            Self::Place(f) => f.name(),
            Self::Cert(f) => f.name(),
            Self::Identity(f) => f.name(),
        }
    }
}

/// What becomes of a header.
#[derive(Debug)]
pub enum Verdict {
    /// In its place, with its control read.
    Admit(Placed, Control),
    /// Names entries that are not here yet.
    Wait(Vec<Id>),
    /// Never admissible.
    Reject(Fault),
}

/// Judges a header whose signature stands.
///
/// `rejected` remembers ids that were refused before: what names one of them is refused too. Forgetting one is
/// harmless, its descendants then wait instead, and neither is ever admitted.
#[must_use]
pub fn judge(id: Id, header: &Header, graph: &Graph, identities: &Identities, rejected: &HashSet<Id>) -> Verdict {
    let (shape, control) = match read(header) {
        Ok(read) => read,
        Err(fault) => return Verdict::Reject(fault),
    };
    let named = names::all(header, &control);
    if let Some(bad) = named.iter().find(|n| rejected.contains(*n)) {
        return Verdict::Reject(names::Fault::Rejected(*bad).into());
    }
    let missing: Vec<Id> = named.iter().filter(|n| graph.num(n).is_none()).copied().collect();
    if !missing.is_empty() {
        return Verdict::Wait(missing);
    }
    match in_place(id, header, shape, &control, graph, identities) {
        Ok(mut placed) => {
            placed.after = header.after.len();
            placed.names = named.iter().filter_map(|n| graph.num(n)).collect();
            Verdict::Admit(placed, control)
        }
        Err(fault) => Verdict::Reject(fault),
    }
}

/// The rules that need nothing but the header.
///
/// # Errors
/// The first rule that it breaks.
pub fn read(header: &Header) -> Result<(Shape, Control), Fault> {
    let shape = shape::of(header)?;
    Ok((shape, control::read(header, shape)?))
}

/// Every entry that a header names, each once. A control that is refused names nothing.
#[must_use]
pub fn names(header: &Header) -> Vec<Id> {
    let control = read(header).map_or(Control::Unread, |(_, control)| control);
    names::all(header, &control)
}

/// What the protocol makes of a header, by shape and kind.
#[must_use]
pub fn class(shape: Shape, control: &Control) -> Class {
    match (shape, control) {
        (Shape::Committee, _) => Class::Committee,
        (Shape::Identity, _) => Class::Identity,
        (Shape::Document, _) => Class::Document,
        (Shape::Entry, Control::Enroll(_)) => Class::Enroll,
        (Shape::Entry, Control::Retire(_)) => Class::Retire,
        (Shape::Entry, Control::Rotate(_)) => Class::Rotate,
        (Shape::Entry, Control::Grant(_)) => Class::Grant,
        (Shape::Entry, Control::Revoke(_)) => Class::Revoke,
        (Shape::Entry, Control::Cosign(_)) => Class::Cosign,
        (Shape::Entry, Control::SetParameter(_)) => Class::SetParameter,
        (Shape::Entry, Control::Vouch(_)) => Class::Vouch,
        (Shape::Entry, _) => Class::Other,
    }
}

/// The rules that look at what the header names, all of which is here.
fn in_place(
    id: Id,
    header: &Header,
    shape: Shape,
    control: &Control,
    graph: &Graph,
    identities: &Identities,
) -> Result<Placed, Fault> {
    let num = |id: Option<Id>| id.and_then(|id| graph.num(&id));
    let space = num(header.space);
    names::check(header, shape, control, graph)?;
    place::check(header, graph)?;
    cert::check(header, control, graph, identities)?;
    if let Some(space) = space.filter(|s| graph.node(*s).class == Class::Identity) {
        identity::check(header, control, space, graph, identities)?;
    }
    Ok(Placed {
        id,
        key: header.by,
        space,
        doc: num(header.doc),
        cert: num(header.cert),
        seq: u32::try_from(header.seq).map_err(|_| place::Fault::Prev)?,
        prev: num(header.prev),
        class: class(shape, control),
        after: 0,
        names: Vec::new(),
    })
}
