//! Who somebody is to this node, and what that is worth.
//!
//! What strangers do is bounded for all of them together, because anybody can be as many strangers as they like. What
//! everybody else does is bounded for each, because each was listened to by a member once, which nobody can mint.
//! None of this decides what is kept or counted: it decides who waits.

use althing_protocol::entry::Header;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::state::State;

use crate::limit::{self, Rate};

/// Who an identity is to this node: the best that it is in any committee that is followed. In order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Nobody has listened to it yet.
    Stranger,
    /// Something that it wrote is in a record.
    Known,
    /// A member.
    Member,
    /// The holder of an effective role.
    Role,
    /// A founder.
    Founder,
    /// The owner of this node.
    Own,
}

impl Tier {
    /// What each identity of this tier may gossip. All strangers together have [`limit::STRANGERS`].
    pub(super) fn gossip(self) -> Rate {
        match self {
            Self::Stranger => limit::GOSSIP_STRANGER,
            Self::Known => limit::GOSSIP_KNOWN,
            Self::Member | Self::Role | Self::Founder | Self::Own => limit::GOSSIP_MEMBER,
        }
    }

    /// What a peer may ask, by the identity to which it proved to belong.
    pub(super) fn asks(self) -> Rate {
        match self {
            Self::Stranger => limit::ASKS_STRANGER,
            _ => limit::ASKS,
        }
    }

    /// Chunks of files that a peer is given.
    pub(super) fn chunks(self) -> Rate {
        match self {
            Self::Stranger => limit::files::CHUNKS_STRANGER,
            _ => limit::files::CHUNKS,
        }
    }

    /// Answers under way to one peer.
    pub(super) fn serving(self) -> usize {
        match self {
            Self::Stranger => limit::SERVING_PER_STRANGER,
            _ => limit::SERVING_PER_PEER,
        }
    }
}

/// Who an identity is.
pub(super) fn of(identity: &Id, own: &Id, state: &State) -> Tier {
    if identity == own {
        return Tier::Own;
    }
    match state.graph().num(identity) {
        Some(num) => of_num(num, state),
        None => Tier::Stranger,
    }
}

fn of_num(identity: Num, state: &State) -> Tier {
    let mut best = Tier::Stranger;
    for committee in state.committees() {
        let authority = committee.authority();
        let heard = || {
            let mut written = committee.written_by(identity).iter().take(LOOKED_AT);
            written.any(|num| committee.record().contains(*num, state.graph()))
        };
        let here = match () {
            () if authority.founders().contains(&identity) => Tier::Founder,
            () if authority.holds(identity, None, state.graph()) => Tier::Role,
            () if committee.is_member(identity) => Tier::Member,
            () if committee.was_member(identity) || heard() => Tier::Known,
            () => Tier::Stranger,
        };
        best = best.max(here);
    }
    best
}

/// First entries of an identity that are looked at for one that is in a record.
const LOOKED_AT: usize = 16;

/// Who a header says wrote it: true only if its signature stands. None if that is not here.
pub(super) fn claimed(header: &Header, state: &State) -> Option<Id> {
    let graph = state.graph();
    let identity = match header.cert {
        Some(cert) => {
            let cert = graph.num(&cert)?;
            (state.identities().enrolled(cert) == Some(header.by)).then(|| graph.node(cert).space)?
        }
        None => {
            let space = graph.num(&header.space?)?;
            state.identities().has_root(space, &header.by).then_some(space)?
        }
    };
    (graph.node(identity).class == Class::Identity).then(|| graph.id(identity))
}
