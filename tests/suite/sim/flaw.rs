//! Rules broken on purpose: a simulator that does not notice them proves nothing.

use std::collections::BTreeSet;

use althing_protocol::control::{Control, Shape};
use althing_protocol::entry::{Entry, Verified};
use althing_protocol::hash::Id;
use althing_protocol::state::State;

/// What the nodes of a simulation get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Flaw {
    /// Nothing.
    #[default]
    None,
    /// Of a fork only the branch that came first is taken.
    FirstBranch,
    /// What a revoked member wrote is not taken any more once the revocation is here.
    RevokedAtDoor,
    /// Only members' entries are taken; not what these name.
    MembersOnly,
    /// Junk under a genuine header bars the genuine entry.
    Grudge,
    /// Authority entries count only in the order in which they were written.
    LateAuthority,
}

/// All of them.
pub(super) const FLAWS: [Flaw; 5] = [
    Flaw::FirstBranch,
    Flaw::RevokedAtDoor,
    Flaw::MembersOnly,
    Flaw::Grudge,
    Flaw::LateAuthority,
];

impl Flaw {
    /// Bytes came that nobody signed.
    pub(super) fn resent(self, grudges: &mut BTreeSet<Id>, bytes: &[u8]) {
        if self == Self::Grudge
            && let Ok(entry) = Entry::decode(bytes)
        {
            grudges.insert(entry.id());
        }
    }

    /// Whether a node that is wrong in this way does not take an entry.
    pub(super) fn drops(self, state: &State, committee: Id, entry: &Verified, grudges: &BTreeSet<Id>) -> bool {
        let graph = state.graph();
        let header = entry.header();
        if graph.num(&entry.id()).is_some() {
            return false;
        }
        let author = header.cert.and_then(|c| graph.num(&c)).map(|c| graph.node(c).space);
        match self {
            Self::None => false,
            Self::FirstBranch => {
                let space = header.space.and_then(|s| graph.num(&s));
                let log = space.and_then(|s| graph.log(&header.by, s));
                log.is_some_and(|log| u32::try_from(header.seq).is_ok_and(|seq| !log.at(seq).is_empty()))
            }
            Self::RevokedAtDoor => state
                .committee(&committee)
                .is_some_and(|c| author.is_some_and(|a| c.was_member(a) && !c.is_member(a))),
            Self::MembersOnly => {
                let here = header.space == Some(committee);
                here && !state
                    .committee(&committee)
                    .is_some_and(|c| author.is_some_and(|a| c.is_member(a)))
            }
            Self::Grudge => grudges.contains(&entry.id()),
            Self::LateAuthority => {
                let act = althing_protocol::control::read(header, Shape::Entry);
                let revoked = |grant: &Id| {
                    let acts = state
                        .committee(&committee)
                        .map(althing_protocol::committee::Committee::authority);
                    graph.num(grant).is_some_and(|g| acts.is_some_and(|a| a.is_revoked(g)))
                };
                match act {
                    // Signatures under what was revoked meanwhile look superfluous.
                    Ok(Control::Cosign(c)) => revoked(&c.entry),
                    Ok(Control::Revoke(r)) => revoked(&r.grant),
                    _ => false,
                }
            }
        }
    }
}
