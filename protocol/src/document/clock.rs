//! Which versions an entry has seen: for each entry, the edits before it, as places on few chains.
//!
//! Edits are laid on chains, each after the one before it; an entry's clock holds the last place that it has seen
//! on each chain. Entries between which nothing was edited share one clock, so a document costs one place for each
//! edit and each merge of concurrent edits. Only owners can make chains; clocks that would grow beyond [`PLACES`]
//! are given up, and who asks is told so.

#![expect(
    clippy::indexing_slicing,
    reason = "numbers come from the graph and from the arrays made beside it"
)]

use super::order::Graph;

/// Places in all clocks of a document together: 16 MiB.
const PLACES: usize = 1 << 20;

/// Concurrent versions up to which anyone is told which ones an entry saw.
const FRONTIER: usize = 64;

/// Places of the edits, and what each entry has seen of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Clocks {
    /// The place of each edit; none for other entries.
    places: Vec<Option<Place>>,
    /// The edits on each chain.
    chains: Vec<Vec<usize>>,
    /// For each entry, its clock, itself included; none once they were given up.
    of: Vec<Option<usize>>,
    /// Sorted by chain.
    clocks: Vec<Vec<Place>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    chain: usize,
    at: usize,
}

impl Clocks {
    /// Lays the entries for which `edit` holds on chains.
    pub(super) fn new(graph: &Graph, edit: impl Fn(usize) -> bool) -> Self {
        let mut out = Self {
            places: vec![None; graph.len()],
            of: vec![None; graph.len()],
            ..Self::default()
        };
        let mut used = 0;
        for node in 0..graph.len() {
            let Some((seen, fresh)) = out.merged(graph.parents(node)) else {
                break;
            };
            let clock = if edit(node) {
                out.extended(node, seen)
            } else if let Some(same) = fresh {
                out.of[node] = Some(same);
                continue;
            } else {
                seen
            };
            used += clock.len() + 1;
            if used > PLACES {
                break;
            }
            out.of[node] = Some(out.clocks.len());
            out.clocks.push(clock);
        }
        out
    }

    /// Whether `edit` is `node` or before it; none when clocks were given up or it is no edit.
    pub(super) fn saw(&self, node: usize, edit: usize) -> Option<bool> {
        let place = self.places[edit]?;
        let clock = &self.clocks[self.of[node]?];
        Some(reaches(clock, place))
    }

    /// The last edits that `node` has seen, none of them before another; none when they are too many to tell.
    pub(super) fn frontier(&self, node: usize) -> Option<Vec<usize>> {
        self.last(&self.clocks[self.of[node]?])
    }

    /// The last edits before `node`, likewise.
    pub(super) fn before(&self, graph: &Graph, node: usize) -> Option<Vec<usize>> {
        let (clock, _) = self.merged(graph.parents(node))?;
        self.last(&clock)
    }

    fn last(&self, clock: &[Place]) -> Option<Vec<usize>> {
        if clock.len() > FRONTIER {
            return None;
        }
        let edits: Vec<usize> = clock.iter().map(|place| self.chains[place.chain][place.at]).collect();
        let last = edits.iter().filter(|edit| {
            let others = edits.iter().filter(|other| other != edit);
            !others
                .map(|other| self.saw(*other, **edit))
                .any(|saw| saw == Some(true))
        });
        Some(last.copied().collect())
    }

    /// The clock above these parents, and its number if it is one that exists.
    fn merged(&self, parents: &[usize]) -> Option<(Vec<Place>, Option<usize>)> {
        if let [one] = parents {
            let number = self.of[*one]?;
            return Some((self.clocks[number].clone(), Some(number)));
        }
        let mut numbers = parents.iter().map(|p| self.of[*p]).collect::<Option<Vec<usize>>>()?;
        numbers.sort_unstable();
        numbers.dedup();
        let mut out: Vec<Place> = Vec::new();
        for number in &numbers {
            out = join(&out, &self.clocks[*number]);
        }
        let same = numbers.into_iter().find(|number| self.clocks[*number] == out);
        Some((out, same))
    }

    fn extended(&mut self, node: usize, mut seen: Vec<Place>) -> Vec<Place> {
        let open = seen
            .iter_mut()
            .find(|place| place.at + 1 == self.chains[place.chain].len());
        let place = if let Some(place) = open {
            place.at += 1;
            *place
        } else {
            let place = Place {
                chain: self.chains.len(),
                at: 0,
            };
            self.chains.push(Vec::new());
            // New chains have the highest number, so the clock stays sorted.
            seen.push(place);
            place
        };
        self.chains[place.chain].push(node);
        self.places[node] = Some(place);
        seen
    }
}

fn reaches(clock: &[Place], place: Place) -> bool {
    let found = clock.binary_search_by_key(&place.chain, |p| p.chain);
    found.is_ok_and(|i| clock[i].at >= place.at)
}

/// The later place on each chain of two sorted clocks.
fn join(a: &[Place], b: &[Place]) -> Vec<Place> {
    let mut out = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x.chain == y.chain => {
                let both = Place {
                    chain: x.chain,
                    at: x.at.max(y.at),
                };
                a.next();
                b.next();
                both
            }
            (Some(x), Some(y)) if x.chain > y.chain => {
                let y = *y;
                b.next();
                y
            }
            (Some(x), _) => {
                let x = *x;
                a.next();
                x
            }
            (None, Some(y)) => {
                let y = *y;
                b.next();
                y
            }
            (None, None) => return out,
        };
        out.push(next);
    }
}
