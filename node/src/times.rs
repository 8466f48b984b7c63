//! When entries existed: the anchors of each committee, and what they cover, given the final blocks that are believed.
//!
//! Everything here is computed from entries, bodies and chain facts, and can be thrown away. Bound: [`COMMITTEES`] of them,
//! four bytes for each entry that is covered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use althing_protocol::anchor::time::{Fact, Facts, Span, cover};
use althing_protocol::anchor::{Anchor, Anchored};
use althing_protocol::entry::Block;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Id, Key};
use althing_protocol::kind;
use hashbrown::HashMap;

use crate::ingest::Ingest;
use crate::store::{self, BodyState};

/// Committees whose anchors are kept in memory.
const COMMITTEES: usize = 256;

/// Anchors without a body that are looked at again.
const ABSENT: usize = 64;

/// Entries of a sequence that are gone through in one go.
const SCAN: usize = 50_000;

/// An `anchor` entry that proves something.
#[derive(Debug, Clone)]
pub struct Known {
    /// The entry.
    pub entry: Id,
    /// Its number.
    pub num: Num,
    /// The key that signed it.
    pub by: Key,
    /// The transaction's place in its block.
    pub index: u64,
    /// What it proves.
    pub anchored: Anchored,
    /// The numbers of its heads that are here.
    heads: Vec<Num>,
}

/// The anchors of one committee.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// How far the sequence was read.
    place: usize,
    /// In the order in which they joined.
    pub known: Vec<Arc<Known>>,
    /// Those whose body has not come yet, at most [`ABSENT`].
    absent: Vec<(Num, Id)>,
    dated: Arc<Dated>,
    /// What that was looked up under, see [`mark`].
    mark: (usize, usize, usize),
}

/// What anchors in believed blocks date.
#[derive(Debug, Default)]
struct Dated {
    /// These blocks, earliest first, and the anchors in them.
    blocks: Vec<(Fact, Id)>,
    /// See [`cover`].
    covered: Vec<u32>,
}

/// The anchors of all committees, brought up to date when somebody asks.
#[derive(Debug, Default)]
pub struct Times {
    committees: Mutex<BTreeMap<Id, Arc<Anchors>>>,
}

impl Anchors {
    /// Between which blocks an entry came to be, by its number and the block that it names.
    #[must_use]
    pub fn not_after(&self, num: Num) -> Option<Fact> {
        let at = usize::try_from(num.0).ok()?;
        let by = usize::try_from(*self.dated.covered.get(at)?).ok()?;
        self.dated.blocks.get(by.checked_sub(1)?).map(|(fact, _)| *fact)
    }
}

impl Times {
    /// The anchors of a committee as they are now.
    ///
    /// # Errors
    /// What the store says.
    pub fn of(&self, ingest: &Ingest, committee: Id) -> Result<Arc<Anchors>, store::Error> {
        let held = || self.committees.lock().unwrap_or_else(PoisonError::into_inner);
        let mut anchors = held().get(&committee).map(Arc::clone).unwrap_or_default();
        loop {
            let (mut found, place) = candidates(ingest, &committee, anchors.place);
            found.extend(
                anchors
                    .absent
                    .iter()
                    .filter(|(num, _)| !ingest.store().absent().contains(num.0)),
            );
            let stands = anchors.place == place && anchors.mark == mark(ingest, &committee, &anchors.known);
            if stands && found.is_empty() {
                return Ok(anchors);
            }
            let mut next = Anchors::clone(&anchors);
            let end = next.place == place;
            next.place = place;
            next.absent.retain(|one| !found.contains(one));
            for (num, id) in found {
                match read(ingest, committee, num, id)? {
                    Read::Known(known) => next.known.push(known),
                    Read::Absent if next.absent.len() < ABSENT => next.absent.push((num, id)),
                    Read::Absent | Read::Nothing => {}
                }
            }
            if end {
                next.date(ingest, &committee);
            }
            anchors = Arc::new(next);
            let mut all = held();
            if all.len() >= COMMITTEES && !all.contains_key(&committee) {
                all.pop_first();
            }
            all.insert(committee, Arc::clone(&anchors));
        }
    }

    /// Between which blocks entries came to be, given with the block that each names. Those of which nothing is known are
    /// left out.
    ///
    /// # Errors
    /// What the store says.
    pub fn spans(
        &self,
        ingest: &Ingest,
        committee: Id,
        entries: impl Iterator<Item = (Id, Option<Block>)>,
    ) -> Result<HashMap<Id, Span>, store::Error> {
        let anchors = self.of(ingest, committee)?;
        if ingest.facts(Facts::is_empty) {
            return Ok(HashMap::new());
        }
        let mut spans: HashMap<Id, Span> = HashMap::new();
        ingest.read(|state| {
            for (id, named) in entries {
                let not_after = state.graph().num(&id).and_then(|num| anchors.not_after(num));
                let span = Span {
                    not_before: named.map(|block| Fact { block, time: 0 }),
                    not_after,
                };
                spans.insert(id, span);
            }
        });
        ingest.facts(|facts| {
            for span in spans.values_mut() {
                span.not_before = span.not_before.and_then(|named| {
                    let time = facts.time(&named.block)?;
                    Some(Fact { time, ..named })
                });
            }
        });
        spans.retain(|_, span| *span != Span::default());
        Ok(spans)
    }
}

impl Anchors {
    /// Looks up which anchors are in believed blocks, and computes what they cover if these are others than before.
    fn date(&mut self, ingest: &Ingest, committee: &Id) {
        self.mark = mark(ingest, committee, &self.known);
        let mut dated: Vec<(Fact, &Known)> = ingest.facts(|facts| {
            let fact = |known: &Known| {
                let block = known.anchored.anchoring.block;
                let time = facts.time(&block)?;
                (time == known.anchored.anchoring.time).then_some(Fact { block, time })
            };
            let dated = self.known.iter().filter_map(|known| Some((fact(known)?, &**known)));
            dated.collect()
        });
        dated.sort_by_key(|(fact, known)| (fact.time, fact.block.chain, fact.block.height, known.entry));
        let now = ingest.read(|state| {
            let graph = state.graph();
            let record = state.committee(committee)?.record();
            dated.retain(|(_, known)| record.contains(known.num, graph));
            let blocks: Vec<(Fact, Id)> = dated.iter().map(|(fact, known)| (*fact, known.entry)).collect();
            if blocks == self.dated.blocks {
                return None;
            }
            let heads: Vec<Vec<Num>> = dated.iter().map(|(_, known)| known.heads.clone()).collect();
            let covered = cover(&heads, graph);
            Some(Dated { blocks, covered })
        });
        if let Some(now) = now {
            self.dated = Arc::new(now);
        }
    }
}

/// Changes whenever an anchor may have come to be in a believed block of the record, or may no longer be: facts, anchors, and
/// entries that left the record.
fn mark(ingest: &Ingest, committee: &Id, known: &[Arc<Known>]) -> (usize, usize, usize) {
    let left = ingest.read(|state| {
        let record = state.committee(committee).map(|c| c.record());
        record.map_or(0, |record| record.sequence().len().saturating_sub(record.len()))
    });
    (ingest.facts(Facts::len), known.len(), left)
}

/// Acts on the committee that may be anchors, from a place in its sequence on, and the place after the last one that was
/// looked at.
fn candidates(ingest: &Ingest, committee: &Id, from: usize) -> (Vec<(Num, Id)>, usize) {
    ingest.read(|state| {
        let graph = state.graph();
        let Some(of) = state.committee(committee) else {
            return (Vec::new(), from);
        };
        let some = of.record().sequence().get(from..).unwrap_or_default();
        let some = some.get(..SCAN.min(some.len())).unwrap_or_default();
        let acts = some.iter().copied().filter(|num| {
            let node = graph.node(*num);
            node.doc == of.root() && node.class == Class::Other
        });
        (acts.map(|num| (num, graph.id(num))).collect(), from + some.len())
    })
}

enum Read {
    Known(Arc<Known>),
    Absent,
    Nothing,
}

/// An anchor, if it is one that proves something.
fn read(ingest: &Ingest, committee: Id, num: Num, id: Id) -> Result<Read, store::Error> {
    let stored = ingest.read(|_| ingest.store().header(num, &id))?;
    let Some(stored) = stored.filter(|stored| stored.header.kind == "anchor") else {
        return Ok(Read::Nothing);
    };
    let body = match ingest.read(|_| ingest.store().body(num, &stored.header))? {
        BodyState::Here(body) => body.bytes,
        BodyState::Absent => return Ok(Read::Absent),
        BodyState::None => return Ok(Read::Nothing),
    };
    let Some(anchor) = anchor(&body) else {
        return Ok(Read::Nothing);
    };
    let Ok(anchored) = anchor.verify(committee) else {
        return Ok(Read::Nothing);
    };
    let heads = ingest.read(|state| anchored.heads.iter().filter_map(|id| state.graph().num(id)).collect());
    Ok(Read::Known(Arc::new(Known {
        entry: id,
        num,
        by: stored.header.by,
        index: anchor.evidence.index,
        anchored,
        heads,
    })))
}

/// An anchor whole, with its proofs; none if its body is gone.
///
/// # Errors
/// What the store says.
pub fn load(ingest: &Ingest, known: &Known) -> Result<Option<Anchor>, store::Error> {
    let body = ingest.read(|_| -> Result<_, store::Error> {
        let Some(stored) = ingest.store().header(known.num, &known.entry)? else {
            return Ok(None);
        };
        match ingest.store().body(known.num, &stored.header)? {
            BodyState::Here(body) => Ok(Some(body.bytes)),
            BodyState::None | BodyState::Absent => Ok(None),
        }
    });
    Ok(body?.as_deref().and_then(anchor))
}

/// The anchor that a body holds.
#[must_use]
pub fn anchor(body: &[u8]) -> Option<Anchor> {
    let record = kind::read::act(kind::find("anchor")?, Some(body)).ok()?;
    Anchor::read(&record).ok()
}
