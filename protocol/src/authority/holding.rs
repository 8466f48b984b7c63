//! Which grants are *effective*, and what follows for whoever acts under one (`docs/spec/authority.md`).
//!
//! - *counts(s)*, of a signature on a grant: the signer is a founder, or a steward grant by which `s` is valid is
//!   effective, and `s` lies in the past of every made revocation of that grant.
//! - *effective(a)*: signatures by enough distinct identities count. The least fixed point: grants that only prop each
//!   other up are not effective.
//!
//! Computed anew when asked for after a change of authority, in time linear in the signatures on made grants: posts
//! never change it.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use super::{Act, Authority, Does, Parameter, STEWARD, Signed, Why};
use crate::graph::{Graph, Num};

/// Who holds what.
#[derive(Debug, Default)]
pub struct Holding {
    effective: HashSet<Num>,
    /// Made grants by holder, whether or not they are effective or revoked.
    granted: HashMap<Num, Vec<Num>>,
    pub(super) parameters: BTreeMap<String, Parameter>,
    /// How each made `set_parameter` stands.
    settings: HashMap<Num, Why>,
}

/// A role that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The grant.
    pub grant: Num,
    /// The role's name.
    pub role: String,
    /// The holder.
    pub to: Num,
    /// The document that bounds it.
    pub scope: Option<Num>,
}

/// Why somebody's entry does not count under a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// No grant of it to them had been made in the entry's past.
    Never,
    /// It had been taken by then, or whoever took it had not seen the entry.
    Revoked {
        /// The revocations.
        by: Vec<Num>,
    },
    /// Those who granted it had lost their own role.
    Shaky {
        /// The grants.
        grants: Vec<Num>,
    },
}

impl Authority {
    /// Who holds what, as of all entries that are here.
    pub fn holding(&self, graph: &Graph) -> &Holding {
        self.holding.get_or_init(|| self.compute(graph))
    }

    /// Whether enough signatures on a grant count.
    #[must_use]
    pub fn is_effective(&self, grant: Num, graph: &Graph) -> bool {
        self.holding(graph).effective.contains(&grant)
    }

    /// All roles that somebody holds by an effective grant that no made revocation names, by the grant's rank.
    /// Founders are stewards without one.
    #[must_use]
    pub fn roles(&self, graph: &Graph) -> Vec<Role> {
        let standing = self.holding(graph).effective.iter().filter(|g| !self.is_revoked(**g));
        let mut roles: Vec<Role> = standing.filter_map(|grant| self.role(*grant)).collect();
        roles.sort_unstable_by_key(|role| graph.rank(role.grant));
        roles
    }

    /// Whether an identity holds a role now: any role if none is named. Scopes are not looked at.
    #[must_use]
    pub fn holds(&self, identity: Num, role: Option<&str>, graph: &Graph) -> bool {
        if self.founders.contains(&identity) && role.is_none_or(|role| role == STEWARD) {
            return true;
        }
        let holding = self.holding(graph);
        let grants = holding.granted.get(&identity).into_iter().flatten();
        let mut standing = grants.filter(|g| holding.effective.contains(*g) && !self.is_revoked(**g));
        standing.any(|g| role.is_none_or(|role| self.role(*g).is_some_and(|r| r.role == role)))
    }

    /// Whether a valid signature counts, and if not, why.
    ///
    /// # Errors
    /// The way in which its signer lost the role.
    pub fn counts(&self, signature: Num, graph: &Graph) -> Result<(), Lost> {
        let Some(known) = self.signatures.get(&signature) else {
            return Err(Lost::Never);
        };
        if known.grounds.is_empty() {
            return Ok(());
        }
        let before = |r: Num| graph.seen(r).contains(known.bit);
        self.stand(&known.grounds, before, graph)
    }

    /// Whether what `author` wrote as `entry` counts under a role: of this name, or any if none is named, granted for
    /// the whole committee or for one of these documents. `written` are all entries of the author in this space.
    ///
    /// # Errors
    /// The way in which they lost the role, or that they never had it.
    pub fn may(
        &self,
        (entry, author): (Num, Num),
        (role, documents): (Option<&str>, &[Num]),
        written: &[Num],
        graph: &Graph,
    ) -> Result<(), Lost> {
        if self.founders.contains(&author) && role.is_none_or(|role| role == STEWARD) {
            return Ok(());
        }
        let fits = |grant: &Num| {
            let Some(granted) = self.role(*grant) else { return false };
            role.is_none_or(|role| granted.role == role) && granted.scope.is_none_or(|scope| documents.contains(&scope))
        };
        let granted = self.holding(graph).granted.get(&author).into_iter().flatten();
        let past = graph.seen(entry);
        let made = granted.copied().filter(fits).filter(|g| self.made_within(*g, past));
        let (grounds, ended): (Vec<Num>, Vec<Num>) = made.partition(|g| self.stood(*g, past));
        if grounds.is_empty() {
            let by: Vec<Num> = ended.iter().flat_map(|g| self.revocations(*g)).copied().collect();
            return Err(if by.is_empty() {
                Lost::Never
            } else {
                Lost::Revoked { by }
            });
        }
        let before = |revocation: Num| {
            let act = self.acts.get(&revocation);
            act.is_some_and(|act| before(act, revocation, written, graph).contains(&entry))
        };
        self.stand(&grounds, before, graph)
    }

    /// Whether one of these grants still carries what was done under it. `before` tells whether that lies in the past
    /// of a revocation.
    fn stand(&self, grounds: &[Num], before: impl Fn(Num) -> bool, graph: &Graph) -> Result<(), Lost> {
        let taken = |grant: &Num| self.revocations(*grant).iter().copied().filter(|r| !before(*r));
        let (kept, gone): (Vec<Num>, Vec<Num>) = grounds.iter().partition(|g| taken(g).next().is_none());
        if kept.iter().any(|g| self.is_effective(*g, graph)) {
            Ok(())
        } else if kept.is_empty() {
            let mut by: Vec<Num> = gone.iter().flat_map(taken).collect();
            by.sort_unstable_by_key(|r| graph.rank(*r));
            by.dedup();
            Err(Lost::Revoked { by })
        } else {
            Err(Lost::Shaky { grants: kept })
        }
    }

    pub(super) fn role(&self, grant: Num) -> Option<Role> {
        match &self.acts.get(&grant)?.does {
            Does::Grant { to, role, scope } => Some(Role {
                grant,
                role: role.clone(),
                to: *to,
                scope: *scope,
            }),
            _ => None,
        }
    }

    fn compute(&self, graph: &Graph) -> Holding {
        let mut holding = Holding::default();
        // Signatures that count as soon as the grant by which they are valid does.
        let mut hinge: HashMap<Num, Vec<(Num, Num)>> = HashMap::new();
        let mut counted: HashMap<Num, HashSet<Num>> = HashMap::new();
        let mut open = Vec::new();
        for (num, act) in self.acts.iter().filter(|(_, act)| act.made) {
            let Does::Grant { to, .. } = act.does else { continue };
            holding.granted.entry(to).or_default().push(*num);
            for Signed { signer, entry, bit } in &act.signed {
                let grounds = self.signatures.get(entry).map_or(&[][..], |s| &s.grounds);
                if grounds.is_empty() {
                    open.push((*num, *signer));
                }
                for ground in grounds {
                    if self.revocations(*ground).iter().all(|r| graph.seen(*r).contains(*bit)) {
                        hinge.entry(*ground).or_default().push((*num, *signer));
                    }
                }
            }
        }
        while let Some((grant, signer)) = open.pop() {
            let signers = counted.entry(grant).or_default();
            signers.insert(signer);
            if signers.len() >= self.threshold && holding.effective.insert(grant) {
                open.extend(hinge.remove(&grant).into_iter().flatten());
            }
        }
        for grants in holding.granted.values_mut() {
            grants.sort_unstable_by_key(|g| graph.rank(*g));
        }
        holding.parameters = self.compute_parameters(graph);
        for parameter in holding.parameters.values() {
            let why = match parameter.last.as_slice() {
                [_] => Why::Standing,
                _ => Why::Contested,
            };
            holding.settings.extend(parameter.last.iter().map(|num| (*num, why)));
            holding
                .settings
                .extend(parameter.earlier.iter().map(|num| (*num, Why::Overtaken)));
        }
        holding
    }
}

impl Holding {
    pub(super) fn setting(&self, act: Num) -> Why {
        self.settings.get(&act).copied().unwrap_or(Why::Open)
    }

    /// The parameter that a made `set_parameter` sets.
    pub(crate) fn parameter_of(&self, act: Num, authority: &Authority) -> Option<&Parameter> {
        match &authority.act(act)?.does {
            Does::Set { name, .. } => self.parameters.get(name),
            _ => None,
        }
    }

    /// The identities with a made grant of anything, effective or not, with their grants by rank.
    pub fn granted(&self) -> BTreeMap<Num, &[Num]> {
        self.granted
            .iter()
            .map(|(to, grants)| (*to, grants.as_slice()))
            .collect()
    }
}

/// What the revoked had written before a revocation. The walk goes as deep as they wrote, once.
fn before<'a>(act: &'a Act, revocation: Num, written: &[Num], graph: &Graph) -> &'a HashSet<Num> {
    act.before.get_or_init(|| {
        let targets: HashSet<Num> = written.iter().copied().collect();
        let floor = written.iter().map(|n| graph.node(*n).depth).min().unwrap_or(u32::MAX);
        let space = graph.node(revocation).space;
        let mut found = HashSet::new();
        let mut visited = HashSet::new();
        let mut open: Vec<Num> = graph.names(revocation).to_vec();
        while let Some(num) = open.pop() {
            let node = graph.node(num);
            if node.space != space || node.depth < floor || !visited.insert(num) {
                continue;
            }
            if targets.contains(&num) {
                found.insert(num);
            }
            open.extend_from_slice(graph.names(num));
        }
        found
    })
}
