//! Which acts of a committee are *made*: signed, validly, by as many distinct identities as its threshold asks.
//!
//! Two of the four definitions of authority (`docs/spec/record.md`) live here, because membership and the record
//! rest on them. Both are functions of the graph alone:
//!
//! - *valid(s)*: the signer is a founder, or an unscoped steward grant to them was made, and no revocation of it,
//!   within the past of `s`. Fixed for ever when `s` is admitted.
//! - *made(a)*: valid signatures of `a` by enough distinct identities are here. Once true it stays true.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use crate::control::Control;
use crate::graph::{Class, Graph, Num};
use crate::hash::Id;

/// The role whose holders sign acts.
pub const STEWARD: &str = "steward";

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
    /// The act that a valid signature is of.
    signed: HashMap<Num, Num>,
}

/// A grant, a revocation or a parameter.
#[derive(Debug)]
pub struct Act {
    /// What it does.
    pub does: Does,
    /// Whether enough valid signatures are here.
    pub made: bool,
    /// Valid signatures, all of them: (signing identity, entry).
    signatures: Vec<(Num, Num)>,
    /// The lowest (depth, id) valid signature of each identity: what the record keeps.
    chosen: BTreeMap<Num, (u32, Id, Num)>,
}

/// What an act does once it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Makes an identity a member.
    Grant {
        /// Whom.
        to: Num,
        /// Whether it makes a signer: of the role [`STEWARD`], for the whole committee.
        steward: bool,
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
            signed: HashMap::new(),
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

    /// Which act an authority entry signs: itself or the one that it cosigns.
    #[must_use]
    pub fn signs(num: Num, control: &Control, graph: &Graph) -> Option<Num> {
        match control {
            Control::Grant(_) | Control::Revoke(_) | Control::SetParameter(_) => Some(num),
            Control::Cosign(c) => graph.num(&c.entry).filter(|n| graph.node(*n).class.is_act()),
            _ => None,
        }
    }

    /// Whether a signature by `signer` with these names is valid. Walks its past at most once, and only for those
    /// who are or were stewards by grant; the walk stops below the shallowest signature that matters.
    #[must_use]
    pub fn is_valid(&self, signer: Num, names: &[Num], graph: &Graph) -> bool {
        if self.founders.contains(&signer) {
            return true;
        }
        // Made within a past implies made: no other acts matter.
        let Some(grants) = self.steward_grants.get(&signer) else {
            return false;
        };
        let ends = |grant: &Num| self.revocations.get(grant).into_iter().flatten().copied();
        let targets: HashSet<Num> = grants
            .iter()
            .flat_map(|grant| std::iter::once(*grant).chain(ends(grant)))
            .filter_map(|act| self.acts.get(&act))
            .flat_map(|act| &act.signatures)
            .map(|(_, signature)| *signature)
            .collect();
        let past = seen(names, &targets, graph);
        grants
            .iter()
            .any(|grant| self.made_within(*grant, &past) && !ends(grant).any(|r| self.made_within(r, &past)))
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
        let act = self.signed.get(&signature).and_then(|act| self.acts.get(act));
        act.is_some_and(|act| act.chosen.values().any(|(_, _, s)| *s == signature))
    }

    /// Notes an authority entry that was just inserted into the graph.
    pub(crate) fn insert(&mut self, num: Num, signer: Num, control: &Control, graph: &Graph) -> Vec<Change> {
        self.note_act(num, control, graph);
        let Some(signed) = Self::signs(num, control, graph) else {
            return Vec::new();
        };
        if !self.is_valid(signer, graph.names(num), graph) {
            return Vec::new();
        }
        let Some(act) = self.acts.get_mut(&signed) else {
            return Vec::new();
        };
        act.signatures.push((signer, num));
        self.signed.insert(num, signed);
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
            match act.does {
                Does::Grant { to, steward: true } => self.steward_grants.entry(to).or_default().push(signed),
                Does::Revoke { grant } => self.revocations.entry(grant).or_default().push(signed),
                Does::Grant { .. } | Does::Set { .. } => {}
            }
            changes.push(Change::Made(signed));
        }
        changes
    }

    /// Forgets an entry that is about to leave the graph. It is on the floor, so no made act rests on it.
    pub(crate) fn remove(&mut self, num: Num, graph: &Graph) {
        self.acts.remove(&num);
        let Some(act) = self.signed.remove(&num).and_then(|act| self.acts.get_mut(&act)) else {
            return;
        };
        act.signatures.retain(|(_, s)| *s != num);
        act.chosen.clear();
        for (signer, signature) in &act.signatures {
            let (depth, id) = graph.rank(*signature);
            let lowest = act.chosen.entry(*signer).or_insert((depth, id, *signature));
            *lowest = (*lowest).min((depth, id, *signature));
        }
    }

    fn note_act(&mut self, num: Num, control: &Control, graph: &Graph) {
        let does = match control {
            Control::Grant(g) => {
                let Some(to) = graph.num(&g.to) else { return };
                let steward = g.role == STEWARD && g.scope.is_none();
                Does::Grant { to, steward }
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
                signatures: Vec::new(),
                chosen: BTreeMap::new(),
            },
        );
    }

    fn made_within(&self, act: Num, past: &HashSet<Num>) -> bool {
        let Some(act) = self.acts.get(&act) else { return false };
        let signers: HashSet<Num> = act
            .signatures
            .iter()
            .filter(|(_, s)| past.contains(s))
            .map(|(i, _)| *i)
            .collect();
        signers.len() >= self.threshold
    }
}

/// Which of `targets` lie in the past of an entry with these names. Never leaves the committee's space: names lead
/// from there to identities but not back.
fn seen(names: &[Num], targets: &HashSet<Num>, graph: &Graph) -> HashSet<Num> {
    let floor = targets.iter().map(|t| graph.node(*t).depth).min().unwrap_or(u32::MAX);
    let mut found = HashSet::new();
    let mut visited = HashSet::new();
    let mut open: Vec<Num> = names.to_vec();
    while let Some(num) = open.pop() {
        let node = graph.node(num);
        let inside = graph.node(node.space).class == Class::Committee;
        if !inside || node.depth < floor || !visited.insert(num) {
            continue;
        }
        if targets.contains(&num) {
            found.insert(num);
            if found.len() == targets.len() {
                break;
            }
        }
        open.extend_from_slice(graph.names(num));
    }
    found
}
