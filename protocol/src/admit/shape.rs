//! Which fields go together: a space root, a document root, or an entry in a document.

use thiserror::Error;

use crate::control::{Shape, ascending, is_name};
use crate::entry::Header;
use crate::hash::Hash;
use crate::limit;

/// How the fields of a header fail to fit together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The kind's name is not `[a-z_]{1,32}`.
    #[error("a kind is named by 1 to {} of the letters a-z and _", limit::KIND)]
    Kind,
    /// A root of a space that is neither committee nor identity, or has a document, a predecessor or past.
    #[error("an entry without a space is the root of a committee or an identity, and the first of its log")]
    SpaceRoot,
    /// A committee or identity root inside a space.
    #[error("the root of a committee or an identity stands in no space")]
    RootInSpace,
    /// `seq` 0 with a `prev`, or a later one without.
    #[error("an entry has a predecessor in its log exactly if it is not the first")]
    Prev,
    /// A list of names is unsorted, has duplicates or is too long.
    #[error("{what} holds at most {max} ids, sorted and unique")]
    List {
        /// Which field.
        what: &'static str,
        /// Its greatest length.
        max: usize,
    },
    /// `len` and `body_hash` disagree, or the body is too long.
    #[error("a body has 1 to {} bytes and a hash; without a body the hash is zeros", limit::BODY)]
    Body,
}

impl Fault {
    /// The stable short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::SpaceRoot => "space_root",
            Self::RootInSpace => "root_in_space",
            Self::Prev => "shape_prev",
            Self::List { .. } => "list",
            Self::Body => "body",
        }
    }
}

/// The shape of a header.
pub(super) fn of(header: &Header) -> Result<Shape, Fault> {
    if !is_name(&header.kind, limit::KIND) {
        return Err(Fault::Kind);
    }
    list(&header.after, "after", limit::AFTER)?;
    list(&header.auth, "auth", limit::AUTH)?;
    body(header)?;
    if (header.seq == 0) != header.prev.is_none() {
        return Err(Fault::Prev);
    }
    let root_kind = match header.kind.as_str() {
        "committee" => Some(Shape::Committee),
        "identity" => Some(Shape::Identity),
        _ => None,
    };
    match (header.space, header.doc, root_kind) {
        (None, None, Some(shape)) => space_root(header, shape),
        (None, ..) => Err(Fault::SpaceRoot),
        (Some(_), _, Some(_)) => Err(Fault::RootInSpace),
        (Some(_), None, None) => Ok(Shape::Document),
        (Some(_), Some(_), None) => Ok(Shape::Entry),
    }
}

fn space_root(header: &Header, shape: Shape) -> Result<Shape, Fault> {
    // An identity begins with its root key; a committee is founded by somebody's device.
    let signed_rightly = (shape == Shape::Committee) == header.cert.is_some();
    let first = header.seq == 0 && header.after.is_empty() && header.auth.is_empty();
    if signed_rightly && first {
        Ok(shape)
    } else {
        Err(Fault::SpaceRoot)
    }
}

fn list<T: Ord>(list: &[T], what: &'static str, max: usize) -> Result<(), Fault> {
    if list.len() <= max && ascending(list) {
        Ok(())
    } else {
        Err(Fault::List { what, max })
    }
}

fn body(header: &Header) -> Result<(), Fault> {
    let fits = usize::try_from(header.len).is_ok_and(|len| len <= limit::BODY);
    if fits && (header.len == 0) == (header.body_hash == Hash::ZERO) {
        Ok(())
    } else {
        Err(Fault::Body)
    }
}
