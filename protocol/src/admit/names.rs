//! What a header names, and where each name may lead.

use thiserror::Error;

use crate::control::{Control, Shape};
use crate::entry::Header;
use crate::graph::{Class, Graph, Num};
use crate::hash::Id;

/// A name that leads where it may not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Names an entry that was rejected itself.
    #[error("it names {0:?}, which is no valid entry")]
    Rejected(Id),
    /// The space is no root of a committee or an identity.
    #[error("its space is not the root of a committee or an identity")]
    Space,
    /// The document is none of this space.
    #[error("its document is not one of its space")]
    Doc,
    /// Something in `after` belongs to another space.
    #[error("it builds on an entry of another space")]
    After,
    /// Something in `auth` is no authority entry of this committee.
    #[error("it cites as authority what is no grant, revocation, parameter or cosignature of this committee")]
    Auth,
    /// A name in control leads to something else than the control speaks of.
    #[error("its control names something of another space or sort")]
    Control,
    /// The kind belongs into the other sort of space, or to the committee's root document.
    #[error("an entry of this kind does not belong there")]
    Kind,
}

impl Fault {
    /// The stable short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "rejected_name",
            Self::Space => "space",
            Self::Doc => "doc",
            Self::After => "after",
            Self::Auth => "auth",
            Self::Control => "control_name",
            Self::Kind => "kind_place",
        }
    }
}

/// Every entry that a header names, each once: first `after` as it stands, then prev, auth, cert, doc, space and the
/// names in control.
pub(super) fn all(header: &Header, control: &Control) -> Vec<Id> {
    let mut names: Vec<Id> = header.after.clone();
    let listed = header.prev.iter().chain(&header.auth);
    let single = header.cert.iter().chain(&header.doc).chain(&header.space);
    for id in listed.chain(single).copied().chain(control.names()) {
        if !names.contains(&id) {
            names.push(id);
        }
    }
    names
}

/// All names are here: does each lead to an entry of the right space and sort?
pub(super) fn check(header: &Header, shape: Shape, control: &Control, graph: &Graph) -> Result<(), Fault> {
    let Some(space) = header.space else {
        return control_names(control, None, graph);
    };
    let space = graph.num(&space).ok_or(Fault::Space)?;
    let sort = graph.node(space).class;
    if !matches!(sort, Class::Committee | Class::Identity) {
        return Err(Fault::Space);
    }
    let committee = sort == Class::Committee;
    document(header, shape, space, committee, graph)?;
    if !all_are(&header.after, graph, |n| graph.node(n).space == space) {
        return Err(Fault::After);
    }
    let authority = |n: Num| graph.node(n).space == space && graph.node(n).class.is_authority();
    if !all_are(&header.auth, graph, authority) {
        return Err(Fault::Auth);
    }
    let at_root = header.doc == header.space;
    let fits = match control {
        Control::Enroll(_) | Control::Retire(_) | Control::Rotate(_) => !committee,
        Control::Grant(_) | Control::Revoke(_) | Control::Cosign(_) | Control::Vouch(_) | Control::SetParameter(_) => {
            committee && at_root
        }
        _ => true,
    };
    if !fits {
        return Err(Fault::Kind);
    }
    control_names(control, Some(space), graph)
}

fn document(header: &Header, shape: Shape, space: Num, committee: bool, graph: &Graph) -> Result<(), Fault> {
    match (shape, header.doc.and_then(|doc| graph.num(&doc))) {
        // Identities have no documents of their own: the space is the one document.
        (Shape::Document, _) => committee.then_some(()).ok_or(Fault::Doc),
        (_, Some(doc)) if doc == space => Ok(()),
        (_, Some(doc)) if committee && is(doc, space, Class::Document, graph) => Ok(()),
        _ => Err(Fault::Doc),
    }
}

fn control_names(control: &Control, space: Option<Num>, graph: &Graph) -> Result<(), Fault> {
    let identity = |n: Num| graph.node(n).class == Class::Identity;
    let here = |n: Num| Some(graph.node(n).space) == space;
    let class = |n: Num, class: Class| here(n) && graph.node(n).class == class;
    let fits = match control {
        Control::Committee(c) => all_are(&c.founders, graph, identity),
        Control::Document(d) => d.owners.iter().all(|o| graph.num(&o.identity).is_some_and(identity)),
        Control::Rotate(r) => all_are(&r.keep, graph, |n| class(n, Class::Enroll)),
        Control::Grant(g) => {
            let scope_fits = g
                .scope
                .is_none_or(|s| graph.num(&s).is_some_and(|n| class(n, Class::Document)));
            scope_fits && graph.num(&g.to).is_some_and(identity)
        }
        Control::Revoke(r) => graph.num(&r.grant).is_some_and(|n| class(n, Class::Grant)),
        Control::Cosign(c) => graph.num(&c.entry).is_some_and(here),
        Control::Vouch(v) => graph.num(&v.identity).is_some_and(identity),
        Control::Unread | Control::Identity(_) | Control::Enroll(_) | Control::Retire(_) | Control::SetParameter(_) => {
            true
        }
    };
    if fits { Ok(()) } else { Err(Fault::Control) }
}

fn all_are(ids: &[Id], graph: &Graph, fits: impl Fn(Num) -> bool) -> bool {
    ids.iter().all(|id| graph.num(id).is_some_and(&fits))
}

fn is(num: Num, space: Num, class: Class, graph: &Graph) -> bool {
    graph.node(num).space == space && graph.node(num).class == class
}
