//! Parameters of a committee: durations, caps, thresholds as data.
//!
//! A made `set_parameter` is *overtaken* once made ones of its name had seen, all together, enough signatures of it.
//! The last one, which is not, gives the value. When several are last, nobody can say which was meant: the value is
//! that of the last one whose signatures all of them had seen, until an act that saw them all settles it.
//!
//! The deepest act is never overtaken: its signatures are no higher than itself. So there is always a last one.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use super::{Act, Authority, Does};
use crate::graph::{Graph, Num, Seen};

/// How a parameter stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its value; none when acts conflict that had seen no common one.
    pub value: Option<u64>,
    /// The made acts that no others overtook, by rank: one, or those that conflict.
    pub last: Vec<Num>,
    /// Earlier ones, by rank.
    pub earlier: Vec<Num>,
}

impl Authority {
    /// All parameters that were ever set, by name.
    pub fn parameters(&self, graph: &Graph) -> impl Iterator<Item = (&str, &Parameter)> {
        let all = self.holding(graph).parameters.iter();
        all.map(|(name, parameter)| (name.as_str(), parameter))
    }

    /// A parameter, if it was ever set.
    #[must_use]
    pub fn parameter(&self, name: &str, graph: &Graph) -> Option<&Parameter> {
        self.holding(graph).parameters.get(name)
    }

    /// All parameters as they would be if only those signatures were here for which `counts` holds: those up to a moment,
    /// for whoever asks what held then.
    #[must_use]
    pub fn parameters_by(&self, graph: &Graph, counts: impl Fn(Num) -> bool) -> BTreeMap<String, Parameter> {
        self.parameters_from(graph, |act| {
            let counted = act.signed.iter().filter(|signed| counts(signed.entry));
            let signers: HashSet<Num> = counted.map(|signed| signed.signer).collect();
            signers.len() >= self.threshold
        })
    }

    /// All parameters from all made acts.
    pub(super) fn compute_parameters(&self, graph: &Graph) -> BTreeMap<String, Parameter> {
        self.parameters_from(graph, |act| act.made)
    }

    fn parameters_from(&self, graph: &Graph, made: impl Fn(&Act) -> bool) -> BTreeMap<String, Parameter> {
        let mut names: BTreeMap<String, Vec<(Num, u64)>> = BTreeMap::new();
        for (num, act) in self.acts.iter().filter(|(_, act)| made(act)) {
            if let Does::Set { name, value } = &act.does {
                names.entry(name.clone()).or_default().push((*num, *value));
            }
        }
        let computed = names.into_iter().map(|(name, mut acts)| {
            acts.sort_unstable_by_key(|(num, _)| graph.rank(*num));
            (name, self.compute_parameter(&acts, graph))
        });
        computed.collect()
    }

    fn compute_parameter(&self, acts: &[(Num, u64)], graph: &Graph) -> Parameter {
        let last = self.last(acts, graph);
        let value = match last.as_slice() {
            [] => None,
            [(_, value)] => Some(*value),
            [(first, _), rest @ ..] => {
                let mut common = graph.seen(*first).clone();
                rest.iter().for_each(|(num, _)| common.meet(graph.seen(*num)));
                let agreed = acts.iter().copied().filter(|(num, _)| self.made_within(*num, &common));
                match self.last(&agreed.collect::<Vec<_>>(), graph).as_slice() {
                    [(_, value)] => Some(*value),
                    _ => None,
                }
            }
        };
        let last: Vec<Num> = last.into_iter().map(|(num, _)| num).collect();
        let standing: HashSet<Num> = last.iter().copied().collect();
        let earlier = acts.iter().map(|(num, _)| *num).filter(|num| !standing.contains(num));
        Parameter {
            value,
            earlier: earlier.collect(),
            last,
        }
    }

    /// Those that the others had not seen made.
    fn last(&self, acts: &[(Num, u64)], graph: &Graph) -> Vec<(Num, u64)> {
        let mut seen = Seen::default();
        acts.iter().for_each(|(num, _)| seen.join(graph.seen(*num)));
        acts.iter()
            .copied()
            .filter(|(num, _)| !self.made_within(*num, &seen))
            .collect()
    }
}
