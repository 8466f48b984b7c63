//! The record computed from its definition alone, without any of the incremental state.
//!
//! Slow and plain on purpose: quadratic walks, sets, a fixed point. It is what the incremental record is held
//! equal to after every step of the property tests, and what `fsck` compares a stored record with.

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::STEWARD;
use crate::control::Control;
use crate::graph::{Class, Graph, Num};

/// Everything that the definition speaks of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scratch {
    /// The record.
    pub record: BTreeSet<Num>,
    /// Made acts.
    pub made: BTreeSet<Num>,
    /// Founders and holders of made, unrevoked grants.
    pub members: BTreeSet<Num>,
    /// Effective grants, revoked ones included.
    pub effective: BTreeSet<Num>,
}

/// Computes the record of the committee with this root from all entries that are here. `control` reads an entry's
/// control, since the graph does not keep it.
#[must_use]
pub fn compute(root: Num, graph: &Graph, control: &dyn Fn(Num) -> Control) -> Scratch {
    let mut rules = Rules::read(root, graph, control);
    rules.judge();
    let made: BTreeSet<Num> = rules.acts.keys().copied().filter(|a| rules.made(*a, None)).collect();
    let members = rules.members(&made);
    let mut reasons: Vec<Num> = vec![root];
    for num in graph.iter() {
        let node = graph.node(num);
        let own = node.space == root && members.contains(&graph.author(num));
        let key_act = node.class.is_identity_control() && members.contains(&node.space);
        if own || key_act {
            reasons.push(num);
        }
    }
    for act in &made {
        reasons.push(*act);
        let mut lowest: BTreeMap<Num, (u32, crate::hash::Id, Num)> = BTreeMap::new();
        for signature in rules
            .signatures
            .get(act)
            .into_iter()
            .flatten()
            .filter(|s| rules.valid.contains(*s))
        {
            let (depth, id) = graph.rank(*signature);
            let rank = (depth, id, *signature);
            let entry = lowest.entry(graph.author(*signature)).or_insert(rank);
            *entry = (*entry).min(rank);
        }
        reasons.extend(lowest.values().map(|(_, _, s)| *s));
    }
    Scratch {
        record: closure(&reasons, graph),
        effective: rules.effective(&made),
        made,
        members,
    }
}

struct Rules<'a> {
    graph: &'a Graph,
    founders: BTreeSet<Num>,
    threshold: usize,
    acts: BTreeMap<Num, Control>,
    signatures: BTreeMap<Num, Vec<Num>>,
    pasts: BTreeMap<Num, BTreeSet<Num>>,
    valid: BTreeSet<Num>,
}

impl<'a> Rules<'a> {
    fn read(root: Num, graph: &'a Graph, control: &dyn Fn(Num) -> Control) -> Self {
        let (founders, threshold) = match control(root) {
            Control::Committee(c) => (c.founders.iter().filter_map(|f| graph.num(f)).collect(), c.threshold),
            _ => (BTreeSet::new(), u64::MAX),
        };
        let mut rules = Self {
            graph,
            founders,
            threshold: usize::try_from(threshold).unwrap_or(usize::MAX),
            acts: BTreeMap::new(),
            signatures: BTreeMap::new(),
            pasts: BTreeMap::new(),
            valid: BTreeSet::new(),
        };
        for num in graph
            .iter()
            .filter(|n| graph.node(*n).space == root && graph.node(*n).class.is_authority())
        {
            let read = control(num);
            let act = match &read {
                Control::Cosign(c) => graph.num(&c.entry).filter(|n| graph.node(*n).class.is_act()),
                _ => Some(num),
            };
            if let Some(act) = act {
                rules.signatures.entry(act).or_default().push(num);
                let mut past = closure(&[num], graph);
                past.remove(&num);
                rules.pasts.insert(num, past);
            }
            if graph.node(num).class != Class::Cosign {
                rules.acts.insert(num, read);
            }
        }
        rules
    }

    /// Parents first: whether a signature is valid depends on valid signatures in its past only.
    fn judge(&mut self) {
        let mut all: Vec<Num> = self.pasts.keys().copied().collect();
        all.sort_by_key(|n| self.graph.rank(*n));
        for signature in all {
            if self.is_valid(signature) {
                self.valid.insert(signature);
            }
        }
    }

    fn is_valid(&self, signature: Num) -> bool {
        self.founders.contains(&self.graph.author(signature)) || !self.grounds(signature).is_empty()
    }

    /// The unscoped steward grants to its signer that were made in its past, and not revoked there.
    fn grounds(&self, signature: Num) -> Vec<Num> {
        let signer = self.graph.author(signature);
        let past = self.pasts.get(&signature);
        let holds = |(grant, control): &(&Num, &Control)| match control {
            Control::Grant(g) => {
                let steward = g.role == STEWARD && g.scope.is_none();
                let to_signer = self.graph.num(&g.to) == Some(signer);
                let ended = self.revocations(**grant).any(|r| self.made(r, past));
                steward && to_signer && self.made(**grant, past) && !ended
            }
            _ => false,
        };
        self.acts.iter().filter(holds).map(|(grant, _)| *grant).collect()
    }

    /// The least fixed point of: signatures by enough distinct identities count.
    fn effective(&self, made: &BTreeSet<Num>) -> BTreeSet<Num> {
        let mut effective = BTreeSet::new();
        loop {
            let counts = |signature: &Num| {
                let in_force = |grant: &Num| {
                    let made_revocations = || self.revocations(*grant).filter(|r| made.contains(r));
                    let before = |r: Num| self.pasts.get(&r).is_some_and(|past| past.contains(signature));
                    effective.contains(grant) && made_revocations().all(before)
                };
                self.founders.contains(&self.graph.author(*signature)) || self.grounds(*signature).iter().any(in_force)
            };
            let stands = |grant: &Num| {
                let signatures = self.signatures.get(grant).into_iter().flatten();
                let counted = signatures.filter(|s| self.valid.contains(*s) && counts(s));
                let signers: BTreeSet<Num> = counted.map(|s| self.graph.author(*s)).collect();
                signers.len() >= self.threshold
            };
            let grants = self.acts.iter().filter(|(_, c)| matches!(c, Control::Grant(_)));
            let next: BTreeSet<Num> = grants.map(|(n, _)| *n).filter(stands).collect();
            if next == effective {
                return effective;
            }
            effective = next;
        }
    }

    fn revocations(&self, grant: Num) -> impl Iterator<Item = Num> + '_ {
        let id = self.graph.id(grant);
        self.acts
            .iter()
            .filter(move |(_, c)| matches!(c, Control::Revoke(r) if r.grant == id))
            .map(|(n, _)| *n)
    }

    fn made(&self, act: Num, within: Option<&BTreeSet<Num>>) -> bool {
        let signatures = self.signatures.get(&act).into_iter().flatten();
        let counted = signatures.filter(|s| self.valid.contains(*s) && within.is_none_or(|w| w.contains(*s)));
        let signers: BTreeSet<Num> = counted.map(|s| self.graph.author(*s)).collect();
        signers.len() >= self.threshold
    }

    fn members(&self, made: &BTreeSet<Num>) -> BTreeSet<Num> {
        let mut members = self.founders.clone();
        for (act, control) in self.acts.iter().filter(|(a, _)| made.contains(*a)) {
            if let Control::Grant(g) = control
                && !self.revocations(*act).any(|r| made.contains(&r))
            {
                members.extend(self.graph.num(&g.to));
            }
        }
        members
    }
}

fn closure(from: &[Num], graph: &Graph) -> BTreeSet<Num> {
    let mut seen = BTreeSet::new();
    let mut open = from.to_vec();
    while let Some(num) = open.pop() {
        if seen.insert(num) {
            open.extend_from_slice(graph.names(num));
        }
    }
    seen
}
