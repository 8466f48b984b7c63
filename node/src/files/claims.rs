//! Who names a file: entries of followed committees, read from their bodies.
//!
//! Bounds: [`limit::HINTS`] places are looked up for one file and [`limit::CLAIMS`] bodies read, those of the record
//! first, so that nobody outside it can hide behind a crowd what a member named.

use althing_protocol::file::{self, Named};
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::{Hash, Id};

use super::Files;
use crate::limit::files as limit;
use crate::store::BodyState;

/// An entry that names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The entry.
    pub entry: Id,
    /// Its author.
    pub author: Id,
    /// Its committee.
    pub committee: Id,
    /// Whether it is in the record.
    pub in_record: bool,
    /// What it says of the file.
    pub file: Named,
}

impl Files {
    /// Entries that name a file, those of records first, then in the order in which they came.
    #[must_use]
    pub fn claims(&self, hash: &Hash) -> Vec<Claim> {
        self.claims_where(hash, limit::CLAIMS, |_| true)
    }

    /// Whether some entry here names a file.
    #[must_use]
    pub fn is_named(&self, hash: &Hash) -> bool {
        !self.claims_where(hash, 1, |_| true).is_empty()
    }

    /// The same for entries of one committee.
    #[must_use]
    pub fn is_named_in(&self, hash: &Hash, committee: &Id) -> bool {
        !self
            .claims_where(hash, 1, |place| place.committee == *committee)
            .is_empty()
    }

    /// Whether another entry than this one names a file.
    fn is_named_beside(&self, hash: &Hash, entry: &Id) -> bool {
        !self.claims_where(hash, 1, |place| place.entry != *entry).is_empty()
    }

    /// The files that an entry names, if its text is here.
    #[must_use]
    pub fn named_by(&self, entry: &Id) -> Vec<Named> {
        let num = self.0.ingest.read(|state| state.graph().num(entry));
        num.and_then(|num| self.read(num, entry)).unwrap_or_default()
    }

    /// Drops the files that nothing but this entry names, before its text is erased.
    ///
    /// # Errors
    /// What the disk says.
    pub fn let_go(&self, entry: &Id) -> Result<Vec<Hash>, super::Error> {
        let named: Vec<Hash> = self.named_by(entry).into_iter().map(|file| file.hash).collect();
        for hash in &named {
            if !self.is_named_beside(hash, entry) {
                self.remove(hash)?;
            }
        }
        Ok(named)
    }

    /// Drops those of some files that nothing names any more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn drop_unnamed(&self, hashes: &[Hash]) -> Result<(), super::Error> {
        for hash in hashes {
            if !self.is_named(hash) {
                self.remove(hash)?;
            }
        }
        Ok(())
    }

    /// Files here that nobody but this identity names.
    #[must_use]
    pub fn named_only_by(&self, author: &Id) -> Vec<Hash> {
        let all: Vec<Hash> = {
            let shelf = self.shelf();
            shelf.files.keys().chain(shelf.parts.keys()).copied().collect()
        };
        let only = |hash: &Hash| {
            let by_it = self.claims_where(hash, 1, |place| place.author == *author);
            !by_it.is_empty() && self.claims_where(hash, 1, |place| place.author != *author).is_empty()
        };
        all.into_iter().filter(only).collect()
    }

    fn claims_where(&self, hash: &Hash, most: usize, wanted: impl Fn(&Place) -> bool) -> Vec<Claim> {
        let places = self.places(hash, wanted);
        let claim = |place: Place| {
            let files = self.read(place.num, &place.entry)?;
            Some(Claim {
                file: files.into_iter().find(|file| file.hash == *hash)?,
                entry: place.entry,
                author: place.author,
                committee: place.committee,
                in_record: place.in_record,
            })
        };
        places
            .into_iter()
            .take(limit::CLAIMS)
            .filter_map(claim)
            .take(most)
            .collect()
    }

    /// Where it may be named.
    fn places(&self, hash: &Hash, wanted: impl Fn(&Place) -> bool) -> Vec<Place> {
        let ingest = &self.0.ingest;
        let mut places: Vec<Place> = ingest.read(|state| {
            let hints = ingest.store().naming(hash, limit::HINTS).unwrap_or_else(|error| {
                tracing::error!(%hash, %error, "it cannot be looked up who names a file");
                Vec::new()
            });
            let graph = state.graph();
            let place = |num: Num| {
                let node = graph.contains(num).then(|| graph.node(num))?;
                let committee = (graph.node(node.space).class == Class::Committee).then(|| graph.id(node.space))?;
                Some(Place {
                    num,
                    entry: graph.id(num),
                    author: graph.id(graph.author(num)),
                    committee,
                    in_record: node.records > 0,
                })
            };
            let followed = |place: &Place| state.follows(&place.committee);
            hints
                .into_iter()
                .filter_map(place)
                .filter(followed)
                .filter(&wanted)
                .collect()
        });
        places.sort_by_key(|place| !place.in_record);
        places
    }

    /// What an entry's body names. The state is not held meanwhile: what a number means now, its header shows.
    fn read(&self, num: Num, entry: &Id) -> Option<Vec<Named>> {
        let store = self.0.ingest.store();
        let header = store.header(num, entry).ok()??.header;
        match store.body(num, &header) {
            Ok(BodyState::Here(body)) => Some(file::named(&body.bytes)),
            _ => None,
        }
    }
}

/// An entry that may name a file.
struct Place {
    num: Num,
    entry: Id,
    author: Id,
    committee: Id,
    in_record: bool,
}
