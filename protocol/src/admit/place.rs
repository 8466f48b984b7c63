//! The place in the log: `prev` is this key's entry at `seq` − 1 in this space, under the same certificate.

use thiserror::Error;

use crate::entry::Header;
use crate::graph::Graph;

/// How an entry misses its place in its key's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// `prev` is of another key or space, or not the place before.
    #[error("its predecessor is not the entry before it in this key's log in this space")]
    Prev,
    /// The certificate changed within a log.
    #[error("its certificate is not that of the log that it continues")]
    CertChanged,
}

impl Fault {
    /// The stable short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prev => "prev",
            Self::CertChanged => "cert_changed",
        }
    }
}

pub(super) fn check(header: &Header, graph: &Graph) -> Result<(), Fault> {
    let Some(prev) = header.prev else { return Ok(()) };
    let prev = graph.num(&prev).ok_or(Fault::Prev)?;
    let node = graph.node(prev);
    let same_space = header.space.and_then(|s| graph.num(&s)) == Some(node.space);
    let before = u64::from(node.seq) + 1 == header.seq;
    if !same_space || !before || graph.key(prev) != header.by {
        return Err(Fault::Prev);
    }
    if node.cert() != header.cert.and_then(|c| graph.num(&c)) {
        return Err(Fault::CertChanged);
    }
    Ok(())
}
