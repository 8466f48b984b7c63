//! What listeners are told, after it is on disk.

use althing_protocol::admit::Fault;
use althing_protocol::graph::Num;
use althing_protocol::hash::{Hash, Id};

use super::Origin;
use crate::store::Bodies;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An entry is here now.
    Admitted {
        /// Its committee; none in an identity's space.
        committee: Option<Id>,
        /// Its id.
        id: Id,
        /// Its number.
        num: Num,
        /// The hash of its wire form as it came.
        wire: Hash,
        /// From where it came. An entry that had waited has the origin of the one that it had waited for.
        origin: Origin,
    },
    /// Joined the record of a committee.
    Joined {
        /// The committee.
        committee: Id,
        /// The entry.
        id: Id,
        /// Its number.
        num: Num,
        /// Its new place in the sequence, unless it has one from before.
        position: Option<u64>,
        /// Its leaf in this node's log.
        leaf: u64,
    },
    /// Left the record of a committee.
    Left {
        /// The committee.
        committee: Id,
        /// The entry.
        id: Id,
    },
    /// An act has enough signatures now.
    Made {
        /// The committee.
        committee: Id,
        /// The act.
        act: Id,
    },
    /// Two entries stand at one place of a log.
    Forked {
        /// The one that was here.
        first: Id,
        /// The one that came.
        second: Id,
    },
    /// Names entries that are not here yet.
    Waiting {
        /// Its id.
        id: Id,
        /// What is missing.
        missing: Vec<Id>,
        /// From where it came.
        origin: Origin,
    },
    /// Can never be admitted. Whoever sent it is at fault.
    Rejected {
        /// Its id.
        id: Id,
        /// From where it came.
        source: Origin,
        /// Why.
        fault: Fault,
    },
    /// Left this node to make room.
    Evicted {
        /// Its id.
        id: Id,
    },
    /// A body came for an entry that was here.
    Body {
        /// The entry.
        id: Id,
    },
    /// A committee is followed, or followed otherwise.
    Followed {
        /// The committee.
        committee: Id,
        /// Which bodies are kept.
        bodies: Bodies,
    },
}
