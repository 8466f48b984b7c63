//! Who may decide what: the four definitions of authority (`docs/spec/authority.md`), as functions of the graph.
//!
//! - *valid(s)*: the signer is a founder, or an unscoped steward grant to them was made, and no revocation of it,
//!   within the past of `s`. Fixed for ever when `s` is admitted.
//! - *made(a)*: valid signatures of `a` by enough distinct identities are here. Once true it stays true. Membership
//!   and the record rest on this.
//! - *counts(s)* and *effective(a)*: which of these still stand once revocations are known ([`holding`]). What
//!   anybody may do rests on this, and nothing that nodes must agree on for ever.
//!
//! Invariant: [`Graph::seen`] of every entry of the committee names exactly the valid signatures in its past.

mod explain;
mod holding;
mod parameter;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use crate::control::Control;
use crate::graph::{Graph, Num, Seen};
use crate::hash::Id;

pub use self::explain::{Explained, Signing, Why};
pub use self::holding::{Holding, Lost, Role};
pub use self::parameter::Parameter;

/// The role whose holders sign acts.
pub const STEWARD: &str = "steward";

/// The roles that this release knows, with what each is for. Any other name may be granted as well: it makes a member.
pub const ROLES: [(&str, &str); 11] = [
    (STEWARD, "signs grants, revocations and parameters"),
    ("voice", "is a member, and nothing else"),
    ("facilitator", "speaks for a domain, which the scope names"),
    ("delegate", "speaks for those who delegated to them"),
    ("holder", "speaks with a weight that a register gives"),
    ("registrar", "keeps registers of holders and classes"),
    ("researcher", "hands in research"),
    ("auditor", "signs audits of what others report"),
    ("moderator", "puts labels on entries"),
    ("anchorer", "anchors checkpoints on a chain"),
    ("witness", "cosigns checkpoints"),
];

/// The acts of one committee and who signed them.
#[derive(Debug)]
pub struct Authority {
    founders: Vec<Num>,
    threshold: usize,
    acts: HashMap<Num, Act>,
    /// Made, unscoped steward grants by holder. Only made ones: anybody may write others by the thousand.
    steward_grants: HashMap<Num, Vec<Num>>,
    /// Made revocations by the grant that they end.
    revocations: HashMap<Num, Vec<Num>>,
    /// Valid signatures.
    signatures: HashMap<Num, Signature>,
    /// Numbers of signatures in [`Seen`] that nobody can have seen any more.
    free: Vec<u32>,
    /// Who holds what, since the last change.
    holding: OnceLock<Holding>,
    revision: u64,
}

/// A valid signature.
#[derive(Debug)]
struct Signature {
    act: Num,
    /// Its number in [`Seen`].
    bit: u32,
    /// The steward grants by which it is valid; none for a founder's.
    grounds: Vec<Num>,
}

/// A grant, a revocation or a parameter.
#[derive(Debug)]
pub struct Act {
    /// What it does.
    pub does: Does,
    /// Whether enough valid signatures are here.
    pub made: bool,
    /// Valid signatures, all of them.
    signed: Vec<Signed>,
    /// The lowest (depth, id) valid signature of each identity: what the record keeps.
    chosen: BTreeMap<Num, (u32, Id, Num)>,
    /// Of a revocation: what the revoked had written in its past. That never changes, and is asked seldom.
    before: OnceLock<HashSet<Num>>,
}

/// A valid signature under an act.
#[derive(Debug, Clone, Copy)]
struct Signed {
    signer: Num,
    entry: Num,
    bit: u32,
}

/// What an act does once it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Makes an identity a member.
    Grant {
        /// Whom.
        to: Num,
        /// The role.
        role: String,
        /// The document that bounds it.
        scope: Option<Num>,
    },
    /// Ends a grant.
    Revoke {
        /// Which.
        grant: Num,
    },
    /// Sets a parameter.
    Set {
        /// Its name.
        name: String,
        /// Its value.
        value: u64,
    },
}

impl Does {
    /// Whether it makes a signer: of the role [`STEWARD`], for the whole committee.
    fn makes_steward(&self) -> Option<Num> {
        match self {
            Self::Grant { to, role, scope: None } if role == STEWARD => Some(*to),
            _ => None,
        }
    }
}

/// What an authority entry changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The act now has enough signatures.
    Made(Num),
    /// This signature is now the one that the record keeps of its signer.
    Chosen(Num),
    /// This signature is no longer the one.
    Unchosen(Num),
}

impl Act {
    /// The signatures that the record keeps, one per identity, with the identity.
    pub fn chosen(&self) -> impl Iterator<Item = (Num, Num)> {
        self.chosen
            .iter()
            .map(|(identity, (_, _, signature))| (*identity, *signature))
    }
}

impl Authority {
    pub(crate) fn new(founders: Vec<Num>, threshold: u64) -> Self {
        Self {
            founders,
            threshold: usize::try_from(threshold).unwrap_or(usize::MAX),
            acts: HashMap::new(),
            steward_grants: HashMap::new(),
            revocations: HashMap::new(),
            signatures: HashMap::new(),
            free: Vec::new(),
            holding: OnceLock::new(),
            revision: 0,
        }
    }

    /// The identities that founded the committee.
    #[must_use]
    pub fn founders(&self) -> &[Num] {
        &self.founders
    }

    /// How many distinct identities make an act.
    #[must_use]
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// An act by its number.
    #[must_use]
    pub fn act(&self, num: Num) -> Option<&Act> {
        self.acts.get(&num)
    }

    /// All acts, in no particular order.
    pub fn acts(&self) -> impl Iterator<Item = (Num, &Act)> {
        self.acts.iter().map(|(num, act)| (*num, act))
    }

    /// The made revocations of a grant, in no particular order.
    #[must_use]
    pub fn revocations(&self, grant: Num) -> &[Num] {
        self.revocations.get(&grant).map_or(&[], Vec::as_slice)
    }

    /// Whether a made revocation names this grant.
    #[must_use]
    pub fn is_revoked(&self, grant: Num) -> bool {
        self.revocations.contains_key(&grant)
    }

    /// Whether an act has enough signatures.
    #[must_use]
    pub fn is_made(&self, act: Num) -> bool {
        self.acts.get(&act).is_some_and(|a| a.made)
    }

    /// Grows with every change of who may do what.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What a new entry cites in `auth`: made acts and the signatures that make them, except those that another of
    /// them names. Nobody but valid signers can add to these or hide one behind another.
    #[must_use]
    pub fn heads(&self, graph: &Graph) -> Vec<Num> {
        let made = self.acts.iter().filter(|(_, act)| act.made);
        let all: HashSet<Num> = made
            .flat_map(|(num, act)| std::iter::once(*num).chain(act.chosen().map(|(_, signature)| signature)))
            .collect();
        let named: HashSet<Num> = all.iter().flat_map(|num| graph.names(*num)).copied().collect();
        all.difference(&named).copied().collect()
    }

    /// The signatures under the grants that make an identity a steward: what must lie in the past of what it signs.
    pub fn stewardship(&self, identity: Num) -> impl Iterator<Item = Num> {
        let grants = self.steward_grants.get(&identity).into_iter().flatten();
        grants
            .filter(|grant| !self.is_revoked(**grant))
            .filter_map(|grant| self.acts.get(grant))
            .flat_map(|act| act.chosen().map(|(_, signature)| signature))
    }

    /// The signatures under all grants of any role to an identity: what must lie in the past of what it does by a role.
    pub fn role_signatures(&self, identity: Num) -> impl Iterator<Item = Num> {
        let theirs = move |act: &Act| act.made && matches!(&act.does, Does::Grant { to, .. } if *to == identity);
        let standing = self
            .acts
            .iter()
            .filter(move |(grant, act)| theirs(act) && !self.is_revoked(**grant));
        standing.flat_map(|(_, act)| act.chosen().map(|(_, signature)| signature))
    }

    /// Which act an authority entry signs: itself or the one that it cosigns.
    #[must_use]
    pub fn signs(num: Num, control: &Control, graph: &Graph) -> Option<Num> {
        match control {
            Control::Grant(_) | Control::Revoke(_) | Control::SetParameter(_) => Some(num),
            Control::Cosign(c) => graph.num(&c.entry).filter(|n| graph.node(*n).class.is_act()),
            _ => None,
        }
    }

    /// The valid signatures in the past of an entry with these names.
    #[must_use]
    pub fn look(&self, names: &[Num], graph: &Graph) -> Seen {
        let mut seen = Seen::default();
        for name in names {
            seen.join(graph.seen(*name));
            if let Some(signature) = self.signatures.get(name) {
                seen.insert(signature.bit);
            }
        }
        seen
    }

    /// By which steward grants a signature by `signer` with this past is valid: none for a founder, who needs none.
    /// No answer: it is not valid.
    #[must_use]
    pub fn grounds(&self, signer: Num, past: &Seen) -> Option<Vec<Num>> {
        if self.founders.contains(&signer) {
            return Some(Vec::new());
        }
        // Made within a past implies made: no other grants matter.
        let grants = self.steward_grants.get(&signer)?;
        let grounds: Vec<Num> = grants.iter().copied().filter(|g| self.stood(*g, past)).collect();
        (!grounds.is_empty()).then_some(grounds)
    }

    /// Whether a grant was made in this past, and no revocation of it.
    fn stood(&self, grant: Num, past: &Seen) -> bool {
        self.made_within(grant, past) && !self.revocations(grant).iter().any(|r| self.made_within(*r, past))
    }

    /// The act that a valid signature is of.
    #[must_use]
    pub fn signed(&self, signature: Num) -> Option<Num> {
        Some(self.signatures.get(&signature)?.act)
    }

    /// All valid signatures, in no particular order.
    pub fn signatures(&self) -> impl Iterator<Item = Num> {
        self.signatures.keys().copied()
    }

    /// Whether a valid signature lies in the past of an entry of this committee.
    #[must_use]
    pub fn saw(&self, entry: Num, signature: Num, graph: &Graph) -> bool {
        self.signatures
            .get(&signature)
            .is_some_and(|s| graph.seen(entry).contains(s.bit))
    }

    /// Whether a valid signature by `signer` at this (depth, id) would be the one that a record keeps of `signer`.
    #[must_use]
    pub fn would_choose(&self, act: Num, signer: Num, rank: (u32, Id)) -> bool {
        let chosen = self.acts.get(&act).and_then(|a| a.chosen.get(&signer));
        chosen.is_none_or(|(depth, id, _)| rank < (*depth, *id))
    }

    /// Whether an entry is the signature that a record keeps of its signer once its act is made.
    #[must_use]
    pub fn is_chosen(&self, signature: Num) -> bool {
        let act = self.signed(signature).and_then(|act| self.acts.get(&act));
        act.is_some_and(|act| act.chosen.values().any(|(_, _, s)| *s == signature))
    }

    /// Notes an authority entry that was just inserted into the graph and knows its past ([`Graph::seen`]).
    pub(crate) fn insert(&mut self, num: Num, signer: Num, control: &Control, graph: &Graph) -> Vec<Change> {
        self.note_act(num, control, graph);
        let Some(signed) = Self::signs(num, control, graph) else {
            return Vec::new();
        };
        let Some(grounds) = self.grounds(signer, graph.seen(num)) else {
            return Vec::new();
        };
        let Some(act) = self.acts.get_mut(&signed) else {
            return Vec::new();
        };
        let unused = u32::try_from(self.signatures.len()).expect("fewer signatures than entries");
        let bit = self.free.pop().unwrap_or(unused);
        act.signed.push(Signed {
            signer,
            entry: num,
            bit,
        });
        self.signatures.insert(
            num,
            Signature {
                act: signed,
                bit,
                grounds,
            },
        );
        self.revision += 1;
        self.holding.take();
        let (depth, id) = graph.rank(num);
        let mut changes = Vec::new();
        let better = act.chosen.get(&signer).is_none_or(|(d, i, _)| (depth, id) < (*d, *i));
        if better {
            let old = act.chosen.insert(signer, (depth, id, num));
            if act.made {
                changes.push(Change::Chosen(num));
                changes.extend(old.map(|(_, _, old)| Change::Unchosen(old)));
            }
        }
        if !act.made && act.chosen.len() >= self.threshold {
            act.made = true;
            if let Some(to) = act.does.makes_steward() {
                self.steward_grants.entry(to).or_default().push(signed);
            } else if let Does::Revoke { grant } = act.does {
                self.revocations.entry(grant).or_default().push(signed);
            }
            changes.push(Change::Made(signed));
        }
        changes
    }

    /// Forgets an entry that is about to leave the graph. It is on the floor, so no made act rests on it, and nothing
    /// that stays has it in its past.
    pub(crate) fn remove(&mut self, num: Num, graph: &Graph) {
        self.acts.remove(&num);
        let Some(signature) = self.signatures.remove(&num) else {
            return;
        };
        self.free.push(signature.bit);
        self.revision += 1;
        self.holding.take();
        let Some(act) = self.acts.get_mut(&signature.act) else {
            return;
        };
        act.signed.retain(|s| s.entry != num);
        act.chosen.clear();
        for signed in &act.signed {
            let (depth, id) = graph.rank(signed.entry);
            let rank = (depth, id, signed.entry);
            let lowest = act.chosen.entry(signed.signer).or_insert(rank);
            *lowest = (*lowest).min(rank);
        }
    }

    fn note_act(&mut self, num: Num, control: &Control, graph: &Graph) {
        let does = match control {
            Control::Grant(g) => {
                let Some(to) = graph.num(&g.to) else { return };
                Does::Grant {
                    to,
                    role: g.role.clone(),
                    scope: g.scope.and_then(|scope| graph.num(&scope)),
                }
            }
            Control::Revoke(r) => {
                let Some(grant) = graph.num(&r.grant) else { return };
                Does::Revoke { grant }
            }
            Control::SetParameter(p) => Does::Set {
                name: p.name.clone(),
                value: p.value,
            },
            _ => return,
        };
        self.acts.insert(
            num,
            Act {
                does,
                made: false,
                signed: Vec::new(),
                chosen: BTreeMap::new(),
                before: OnceLock::new(),
            },
        );
    }

    fn made_within(&self, act: Num, past: &Seen) -> bool {
        let Some(act) = self.acts.get(&act) else { return false };
        let seen = act.signed.iter().filter(|s| past.contains(s.bit));
        let signers: HashSet<Num> = seen.map(|s| s.signer).collect();
        signers.len() >= self.threshold
    }
}
