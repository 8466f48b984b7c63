//! What a committee's authority says about its own acts.
//!
//! An act counts once it is made, and a grant until a made revocation names it; a signature counts when it is valid.
//! Roles and their scopes do not narrow this yet.

use althing_protocol::authority::Does;
use althing_protocol::committee::Committee;
use althing_protocol::document::{Cause, Effect, Ruling};
use althing_protocol::graph::{Class, Graph, Num};
use althing_protocol::hash::Id;

/// How an act of authority stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// Enough have signed it.
    Made,
    /// Not enough have.
    Open(usize),
    /// A grant that was revoked.
    Revoked,
    /// A signature that counts.
    Valid,
    /// A signature by somebody who may not sign.
    Invalid,
}

/// How an entry stands, if authority has a say in it.
pub(super) fn mark(committee: &Committee, num: Num, graph: &Graph) -> Option<Mark> {
    let authority = committee.authority();
    match graph.node(num).class {
        Class::Grant | Class::Revoke | Class::SetParameter => Some(match authority.act(num) {
            Some(act) if act.made && authority.is_revoked(num) => Mark::Revoked,
            Some(act) if act.made => Mark::Made,
            Some(act) => Mark::Open(act.chosen().count()),
            None => Mark::Invalid,
        }),
        Class::Cosign if authority.is_valid(graph.author(num), graph.names(num), graph) => Some(Mark::Valid),
        Class::Cosign => Some(Mark::Invalid),
        _ => None,
    }
}

/// The same as a ruling, with its reason.
pub(super) fn ruling(committee: &Committee, num: Num, graph: &Graph) -> Option<Ruling> {
    let authority = committee.authority();
    let because = |effect, text, entries: Vec<Id>| Ruling {
        effect,
        cause: Some(Cause::Rule { text, entries }),
    };
    Some(match mark(committee, num, graph)? {
        Mark::Made | Mark::Valid => Ruling {
            effect: Effect::Effective,
            cause: None,
        },
        Mark::Open(_) => {
            let signatures = authority.act(num).into_iter().flat_map(|act| act.chosen());
            let signatures = signatures.map(|(_, signature)| graph.id(signature)).collect();
            because(
                Effect::Unauthorised,
                "too few founders and stewards have signed it so far",
                signatures,
            )
        }
        Mark::Revoked => {
            let ends = |does: &Does| *does == Does::Revoke { grant: num };
            let revocations = authority.acts().filter(|(_, act)| act.made && ends(&act.does));
            let mut revocations: Vec<Id> = revocations.map(|(num, _)| graph.id(num)).collect();
            revocations.sort_unstable();
            because(Effect::Superseded, "it was revoked", revocations)
        }
        Mark::Invalid => because(Effect::Unauthorised, "its author was no founder or steward", Vec::new()),
    })
}
