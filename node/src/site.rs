//! A committee as pages in a folder, for whoever has no node: read off a running one, page by page, with links that lead
//! within the folder (`docs/spec/archive.md`).
//!
//! ```text
//! address: what a path of the node is called in the folder ─▶ page: links rewritten, words taken out ─▶ find: words to pages
//! ```
//!
//! Bounds: [`PAGES`] pages, one in memory at a time; of each page for search a line and its words.

mod address;
mod feed;
mod find;
mod page;

use std::collections::{HashSet, VecDeque};

use althing_protocol::hash::Id;

use self::address::Addresses;
pub(crate) use self::address::Place;
use self::find::Index;

/// Pages and files of one site.
const PAGES: usize = 4 << 20;

/// The page of what the node does not have, or has no more.
const ABSENT: &str = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not here</title><main><h1>Not here</h1><p>The node \
                      from which this copy was made did not have this.</p><p><a href=\"/\">Go to the first page</a></p></main></html>";

/// What the node answers, and where it is put.
pub(crate) trait Ends {
    /// Why it does not go on.
    type Failure;

    /// What the node has at this path; none if it has nothing there.
    fn get(&mut self, path: &str) -> Result<Option<Vec<u8>>, Self::Failure>;

    /// Puts a file into the folder.
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Self::Failure>;

    /// There are too many.
    fn too_many(&self, most: usize) -> Self::Failure;

    /// One page more of so many that are known.
    fn step(&mut self, done: usize, known: usize);
}

/// What a site is made of.
pub(crate) struct Site {
    /// The committee.
    pub(crate) committee: Id,
    /// The node's URL as it writes it into feeds.
    pub(crate) node: String,
    /// Where the folder will be served, if that is known; feeds and calendars need it.
    pub(crate) url: Option<String>,
    /// Entries that have a page.
    pub(crate) entries: HashSet<Id>,
    /// Documents, whether or not any page leads to them.
    pub(crate) documents: Vec<Id>,
}

impl Site {
    /// Writes it, and answers how many files it has.
    ///
    /// # Errors
    /// What keeps a page from being read or written.
    pub(crate) fn write<E: Ends>(&self, ends: &mut E) -> Result<usize, E::Failure> {
        let addresses = Addresses::new(self.committee, &self.entries);
        let mut known: HashSet<String> = HashSet::new();
        let mut open: VecDeque<Place> = VecDeque::new();
        let documents = self.documents.iter().map(|doc| format!("/d/{doc}"));
        let first = ["/", "/search"].into_iter().map(str::to_owned).chain(documents);
        let mut meet = |place: Place, open: &mut VecDeque<Place>| {
            if known.insert(place.file.clone()) {
                open.push_back(place);
            }
            known.len()
        };
        for link in first {
            if let Some(place) = addresses.place(&link) {
                meet(place, &mut open);
            }
        }
        let mut index = Index::default();
        let (mut done, mut met) = (0, open.len());
        while let Some(place) = open.pop_front() {
            if met > PAGES {
                return Err(ends.too_many(PAGES));
            }
            let read = match place.sort {
                address::Sort::Given => None,
                _ => ends.get(&place.path)?,
            };
            // A page of our own says so where something is not here, and so does its copy.
            let read = read.or_else(|| (place.sort == address::Sort::Page).then(|| ABSENT.as_bytes().to_vec()));
            if let Some(bytes) = read {
                match place.sort {
                    address::Sort::Page => {
                        let read = page::rewrite(&bytes, &place.file, &addresses);
                        for link in read.links {
                            met = meet(link, &mut open);
                        }
                        index.take(&place, &read.said);
                        ends.put(&place.file, read.html.as_bytes())?;
                    }
                    address::Sort::Feed => {
                        let text = feed::relocate(&bytes, &self.node, self.url.as_deref(), &place.file, &addresses);
                        ends.put(&place.file, text.as_bytes())?;
                    }
                    address::Sort::File | address::Sort::Given => ends.put(&place.file, &bytes)?,
                }
            }
            done += 1;
            ends.step(done, met);
        }
        for (file, text) in index.files() {
            ends.put(&file, text.as_bytes())?;
            done += 1;
        }
        Ok(done)
    }
}
