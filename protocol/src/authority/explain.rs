//! Why an act of authority stands as it does: which signatures it has, which of them count, what took it.

use super::{Authority, Does, Lost};
use crate::graph::{Graph, Num};

/// An act and everything that gave or took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The act.
    pub act: Num,
    /// How it stands.
    pub why: Why,
    /// The valid signatures under it, one of each signer, the lowest that counts if one does; by rank.
    pub signatures: Vec<Signing>,
    /// For a grant, the made revocations that end it, by rank.
    pub revoked_by: Vec<Num>,
}

/// How an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// Too few have signed it.
    Open,
    /// Enough have signed, but too few of the signatures still count. Only grants.
    Shaky,
    /// It was effective and is ended by a revocation. Only grants.
    Revoked,
    /// A later act of the same parameter took its place.
    Overtaken,
    /// Another act of the same parameter, neither before nor after it, says so too.
    Contested,
    /// It is in force.
    Standing,
}

/// One valid signature under an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The signing entry: the act itself or a cosignature.
    pub entry: Num,
    /// The identity.
    pub signer: Num,
    /// The steward grants by which it is valid; none for founders.
    pub grounds: Vec<Num>,
    /// Why it does not count, if it does not. Only under grants.
    pub lost: Option<Lost>,
}

impl Authority {
    /// Explains an act, if this is one.
    #[must_use]
    pub fn explain(&self, num: Num, graph: &Graph) -> Option<Explained> {
        let act = self.acts.get(&num)?;
        let is_grant = matches!(act.does, Does::Grant { .. });
        let mut all: Vec<Num> = act.signed.iter().map(|s| s.entry).collect();
        all.sort_unstable_by_key(|n| graph.rank(*n));
        let mut signatures: Vec<Signing> = Vec::new();
        for entry in all {
            let signer = graph.author(entry);
            let lost = if is_grant {
                self.counts(entry, graph).err()
            } else {
                None
            };
            let grounds = self.signatures.get(&entry).map(|s| s.grounds.clone());
            let signing = Signing {
                entry,
                signer,
                grounds: grounds.unwrap_or_default(),
                lost,
            };
            match signatures.iter_mut().find(|s| s.signer == signer) {
                None => signatures.push(signing),
                Some(known) if known.lost.is_some() && signing.lost.is_none() => *known = signing,
                Some(_) => {}
            }
        }
        let mut revoked_by = self.revocations(num).to_vec();
        revoked_by.sort_unstable_by_key(|n| graph.rank(*n));
        Some(Explained {
            act: num,
            why: self.why(num, graph)?,
            signatures,
            revoked_by,
        })
    }

    /// How an act stands, if this is one.
    #[must_use]
    pub fn why(&self, num: Num, graph: &Graph) -> Option<Why> {
        let act = self.acts.get(&num)?;
        Some(match &act.does {
            _ if !act.made => Why::Open,
            Does::Grant { .. } if !self.is_effective(num, graph) => Why::Shaky,
            Does::Grant { .. } if self.is_revoked(num) => Why::Revoked,
            Does::Set { .. } => self.holding(graph).setting(num),
            _ => Why::Standing,
        })
    }
}
