//! Writing entries: a header that stands in its place, from what this node holds.

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::admit;
use crate::control::{self, Control};
use crate::entry::{Block, Body, Header, Verified, commit_body};
use crate::graph::{Graph, Num};
use crate::hash::{Hash, Id, Key, key_commitment};
use crate::limit;
use crate::state::State;

/// Floor entries that one entry takes into the record without its owner's consent.
pub const TAKE_UP: usize = 1024;

/// What to write. Names may hold anything that is here; the writer sorts, bounds and completes them.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The document; none opens one.
    pub doc: Option<Id>,
    /// The kind.
    pub kind: String,
    /// Its control, see [`Control::value`].
    pub control: Option<crate::codec::Value>,
    /// Entries to build on.
    pub after: Vec<Id>,
    /// Body and salt.
    pub body: Option<Body>,
    /// Claimed milliseconds since 1970.
    pub time: u64,
    /// A recent final block.
    pub not_before: Option<Block>,
    /// Whether the owner agreed to take more than [`TAKE_UP`] entries into the record.
    pub consent: bool,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// The committee or identity is not here.
    #[error("{what} {id} is not here yet; follow it and let it sync first")]
    Absent {
        /// What.
        what: &'static str,
        /// Its id.
        id: Id,
    },
    /// More names than an entry may have.
    #[error("an entry builds on at most {} others, this one would on {found}", limit::AFTER)]
    After {
        /// How many.
        found: usize,
    },
    /// It would take much of the floor into the record.
    #[error(
        "this would make {count} entries of newcomers part of the record for ever; say so explicitly if you mean it"
    )]
    TakesUp {
        /// How many.
        count: usize,
    },
}

/// Who writes: a device and the certificate under which it does.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The device's key, or an identity's root key.
    pub key: &'a SigningKey,
    /// Its `enroll`; none for a root key.
    pub cert: Option<Id>,
}

impl Writer<'_> {
    /// The public key.
    #[must_use]
    pub fn public(&self) -> Key {
        Key(self.key.verifying_key().to_bytes())
    }
}

/// The root of a new identity. `next` is the root key that may follow; only its hash is written.
#[must_use]
pub fn identity(root: &SigningKey, next: &Key, body: Option<Body>, time: u64) -> Verified {
    let control = Control::Identity(control::Identity {
        next: key_commitment(next),
    });
    let writer = Writer { key: root, cert: None };
    let header = bare(
        (writer.public(), None),
        None,
        "identity",
        control.value(),
        body.as_ref(),
        time,
    );
    Verified::sign(header, body, root)
}

/// The root of a new committee.
#[must_use]
pub fn committee(writer: &Writer<'_>, founding: control::Committee, body: Option<Body>, time: u64) -> Verified {
    let header = bare(
        (writer.public(), writer.cert),
        None,
        "committee",
        Control::Committee(founding).value(),
        body.as_ref(),
        time,
    );
    Verified::sign(header, body, writer.key)
}

/// Writes an entry into a space that is here, at the end of the writer's log there.
///
/// # Errors
/// [`Refused`]; nothing is written then. The entry still goes through [`State::offer`] like any other.
pub fn write(state: &State, space: Id, writer: &Writer<'_>, mut draft: Draft) -> Result<Verified, Refused> {
    let body = draft.body.take();
    let header = compose(state, space, writer.public(), writer.cert, draft, body.as_ref())?;
    Ok(Verified::sign(header, body, writer.key))
}

/// The header of such an entry, for whoever holds the key `by` to sign: root keys are kept away from nodes. The body
/// comes apart from the draft because it is needed again beside the signature.
///
/// # Errors
/// As [`write()`].
pub fn compose(
    state: &State,
    space: Id,
    by: Key,
    cert: Option<Id>,
    draft: Draft,
    body: Option<&Body>,
) -> Result<Header, Refused> {
    let graph = state.graph();
    let root = graph.num(&space).ok_or(Refused::Absent {
        what: "committee or identity",
        id: space,
    })?;
    for id in draft.after.iter().chain(&draft.doc) {
        graph.num(id).ok_or(Refused::Absent { what: "entry", id: *id })?;
    }
    let prev = graph.log(&by, root).and_then(crate::graph::Log::head);
    let committee = state.committee(&space);
    let auth = committee.map_or_else(Vec::new, |c| heads(c, cert, graph));
    let mut after = draft.after;
    after.sort_unstable();
    after.dedup();
    if after.len() > limit::AFTER {
        return Err(Refused::After { found: after.len() });
    }
    let mut header = bare((by, cert), Some(space), &draft.kind, draft.control, body, draft.time);
    header.doc = draft.doc;
    header.seq = prev.map_or(0, |p| u64::from(graph.node(p).seq) + 1);
    header.prev = prev.map(|p| graph.id(p));
    header.after = after;
    header.auth = auth;
    header.not_before = draft.not_before;
    // What a stranger names stays floor.
    let author = cert.and_then(|c| graph.num(&c)).map(|c| graph.node(c).space);
    let taking = committee.filter(|c| !draft.consent && author.is_some_and(|a| c.is_member(a)));
    if let Some(committee) = taking {
        let names: Vec<Num> = admit::names(&header).iter().filter_map(|id| graph.num(id)).collect();
        let count = state.would_take_up(committee, &names);
        if count > TAKE_UP {
            return Err(Refused::TakesUp { count });
        }
    }
    Ok(header)
}

/// What an entry cites as authority, sorted by id: first what makes its writer a steward, since a signature counts by
/// its past alone, then what gives it other roles, for what is done by a role counts likewise, then the deepest.
fn heads(committee: &crate::committee::Committee, cert: Option<Id>, graph: &Graph) -> Vec<Id> {
    let cert = cert.and_then(|cert| graph.num(&cert));
    let author = cert.map(|cert| graph.node(cert).space);
    let authority = committee.authority();
    let mut heads = authority.heads(graph);
    if heads.len() > limit::AUTH {
        let steward: Vec<Num> = author.into_iter().flat_map(|a| authority.stewardship(a)).collect();
        let own: Vec<Num> = author.into_iter().flat_map(|a| authority.role_signatures(a)).collect();
        heads.sort_unstable_by_key(|n| std::cmp::Reverse((steward.contains(n), own.contains(n), graph.rank(*n))));
        heads.truncate(limit::AUTH);
    }
    let mut ids: Vec<Id> = heads.into_iter().map(|n| graph.id(n)).collect();
    ids.sort_unstable();
    ids
}

fn bare(
    (by, cert): (Key, Option<Id>),
    space: Option<Id>,
    kind: &str,
    control: Option<crate::codec::Value>,
    body: Option<&Body>,
    time: u64,
) -> Header {
    let (len, body_hash): (u64, Hash) = commit_body(body);
    Header {
        v: limit::VERSION,
        space,
        doc: None,
        by,
        cert,
        seq: 0,
        prev: None,
        after: Vec::new(),
        auth: Vec::new(),
        not_before: None,
        time,
        kind: kind.to_owned(),
        control,
        len,
        body_hash,
    }
}
