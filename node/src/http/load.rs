//! Documents out of state and store, computed once for each set of entries.
//!
//! Invariant: what is answered is what the entries, bodies and rulings of this moment give. A computed document is
//! kept under a stamp of everything that it was computed from, and computed anew when the stamp differs.
//!
//! Bound: a document is as large as its entries are; at most [`crate::limit::http::READERS`] are computed at a time. What is
//! kept has bounds of its own, in `cache`.

mod cache;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use althing_protocol::document::{self, Body, Document, Ruling, Status};
use althing_protocol::entry::Header;
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::kind;
use althing_protocol::limit;
use althing_protocol::ruling::Rulings;
use althing_protocol::state::State;

pub(crate) use self::cache::Cache;
use super::error::Problem;
use crate::ingest::Ingest;
use crate::store::withheld::{Act, Withheld};
use crate::store::{self, BodyState, Stored};

/// A document and what else is known of its entries.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) document: Document,
    /// Its committee or identity; itself for their roots.
    pub(crate) space: Id,
    /// Whether its root is in the record; identities are always.
    pub(crate) in_record: bool,
    headers: Arc<HashMap<Id, Arc<Header>>>,
    /// Why bodies of these entries are not kept here.
    pub(crate) withheld: Arc<HashMap<Id, Arc<Withheld>>>,
}

impl Loaded {
    /// Whose document it is.
    pub(crate) fn author(&self) -> Option<Id> {
        self.document.outcomes().first().map(|root| root.by)
    }

    /// The header of one of its entries.
    pub(crate) fn header(&self, entry: &Id) -> Option<&Header> {
        self.headers.get(entry).map(|header| &**header)
    }

    /// The header of an entry whose body is here or does not exist, so that nothing of it needs reading again.
    fn read(&self, entry: &Id) -> Option<Arc<Header>> {
        let outcome = self.document.outcome(*entry)?;
        matches!(outcome.body, Status::Here | Status::None)
            .then(|| self.headers.get(entry).cloned())
            .flatten()
    }

    /// The headers of its entries, in no particular order.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &Header> {
        self.headers.values().map(|header| &**header)
    }

    /// As it was at one of its entries: that one and everything before it.
    pub(crate) fn at(&self, entry: Id) -> Result<Self, Problem> {
        let doc = self.document.id();
        let document = self.document.at(entry).ok_or(Problem::NotInDocument { entry, doc })?;
        Ok(Self {
            document,
            space: self.space,
            in_record: self.in_record,
            headers: Arc::clone(&self.headers),
            withheld: Arc::clone(&self.withheld),
        })
    }

    /// As it was at a moment, by what its entries claim, in milliseconds since 1970.
    pub(crate) fn as_of(&self, moment: u64) -> Self {
        let claimed = |entry: &Id| self.header(entry).map_or(0, |header| header.time);
        Self {
            document: self.document.as_of(|outcome| claimed(&outcome.id) <= moment),
            space: self.space,
            in_record: self.in_record,
            headers: Arc::clone(&self.headers),
            withheld: Arc::clone(&self.withheld),
        }
    }

    /// The same without the words that only its own page shows.
    fn gist(&self) -> Self {
        Self {
            document: self.document.gist(),
            space: self.space,
            in_record: self.in_record,
            headers: Arc::clone(&self.headers),
            withheld: Arc::clone(&self.withheld),
        }
    }

    /// The first value of a text field.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.value(field)?.as_text()
    }

    /// The first value of a field that names an entry.
    pub(crate) fn named(&self, field: &str) -> Option<Id> {
        self.value(field)?.as_id()
    }

    /// Whether it was brought from elsewhere and nobody has said anything on it here: a proposal of years ago is no news, and
    /// the days that it counts from its opening are not those of then. What is about somebody with an identity never
    /// rests: that was not brought, whatever it says of its source.
    pub(crate) fn rests(&self) -> bool {
        let brought = self.text("source").is_some_and(|source| !source.trim().is_empty());
        let about = ["subject", "about", "nominee"]
            .iter()
            .any(|field| self.named(field).is_some());
        brought && !about && !self.document.acts().any(|act| act.in_record)
    }

    /// Who imported it, if it was: whoever signed where it came from. They attest what they read; those who wrote it
    /// elsewhere signed nothing here.
    pub(crate) fn importer(&self) -> Option<Id> {
        let source = self.document.content().fields.get("source")?;
        source.values.first().map(|version| version.by)
    }

    fn value(&self, field: &str) -> Option<&kind::Value> {
        self.document
            .content()
            .fields
            .get(field)?
            .values
            .first()
            .map(|version| &*version.value)
    }
}

/// A hash over everything that the document is computed from. Entries in any order.
fn stamp(ingest: &Ingest, state: &State, root: Num, hasher: &RandomState) -> u64 {
    let graph = state.graph();
    let absent = ingest.store().absent();
    let withheld = ingest.store().withheld();
    let space = graph.node(root).space;
    let committee = state.committee(&graph.id(space));
    let authority = committee.map_or(0, |c| c.authority().revision());
    let mut keys: HashMap<Num, u64> = HashMap::new();
    let entries = std::iter::once(root).chain(graph.document(root).iter().copied());
    entries.fold(authority, |all, num| {
        let author = graph.author(num);
        let keys = *keys.entry(author).or_insert_with(|| {
            let acts = state.identities().controls(author).iter();
            let known = |act: &Num| committee.is_none_or(|c| c.record().contains(*act, graph));
            acts.fold(0, |all, act| {
                all.wrapping_add(hasher.hash_one((graph.id(*act).as_bytes(), known(act))))
            })
        });
        let in_record = committee.is_none_or(|c| c.record().contains(num, graph));
        let fork = committee.and_then(|c| state.fork(c, num));
        let one = hasher.hash_one((
            graph.id(num).as_bytes(),
            in_record,
            absent.contains(num.0),
            withheld.holds(&graph.id(num), &graph.id(author)),
            fork,
            keys,
        ));
        all.wrapping_add(one)
    })
}

/// What was read of a document.
struct Parts {
    entries: Vec<Part>,
    space: Id,
}

struct Part {
    id: Id,
    header: Arc<Header>,
    author: Id,
    /// None where it is as the document before has it.
    body: Option<BodyState>,
    withheld: Option<Arc<Withheld>>,
    in_record: bool,
    forked_from: Option<u64>,
    ruling: Option<Ruling>,
}

impl Part {
    fn body_len(&self) -> usize {
        match self.body {
            Some(BodyState::Absent) => 0,
            _ => usize::try_from(self.header.len).unwrap_or(usize::MAX),
        }
    }

    fn entry(&self) -> document::Entry<'_> {
        document::Entry {
            id: self.id,
            header: &self.header,
            author: self.author,
            body: match &self.body {
                None => Body::Same,
                Some(BodyState::None) => Body::None,
                Some(BodyState::Here(body)) => Body::Here(&body.bytes),
                Some(BodyState::Absent) if self.withheld.is_some() => Body::Erased,
                Some(BodyState::Absent) => Body::Absent,
            },
            in_record: self.in_record,
            forked_from: self.forked_from,
            ruling: self.ruling.clone(),
        }
    }
}

impl Parts {
    /// Reads from the store what the document before did not hold: headers never change, and a body that is here is the
    /// one that its header commits to.
    fn read(ingest: &Ingest, state: &State, root: Num, before: Option<&Loaded>) -> Result<Self, Problem> {
        let graph = state.graph();
        let node = graph.node(root);
        let id = graph.id(root);
        if !matches!(node.class, Class::Document | Class::Committee | Class::Identity) {
            return Err(Problem::NotHere { what: "document", id });
        }
        let space = graph.id(node.space);
        let committee = state.committee(&space);
        let nums = std::iter::once(root).chain(graph.document(root).iter().copied());
        let rulings = Rulings::new(state);
        let mut entries = Vec::new();
        let mut notices = HashMap::new();
        for num in nums {
            let id = graph.id(num);
            let author = graph.id(graph.author(num));
            let is_absent = ingest.store().absent().contains(num.0);
            let (header, body) = match before.filter(|_| !is_absent).and_then(|before| before.read(&id)) {
                Some(header) => (header, None),
                None => {
                    let Stored { header, .. } = header(ingest, num, &id)?;
                    let body = body(ingest, num, id, &header)?;
                    (Arc::new(header), Some(body))
                }
            };
            let withheld = match body {
                Some(BodyState::Absent) => notice(ingest, &mut notices, id, author)?,
                _ => None,
            };
            entries.push(Part {
                id,
                author,
                body,
                withheld,
                in_record: committee.is_none_or(|c| c.record().contains(num, graph)),
                forked_from: committee.and_then(|c| state.fork(c, num)).map(u64::from),
                ruling: Some(rulings.of(num, kind::find(&header.kind))),
                header,
            });
        }
        Ok(Self { entries, space })
    }

    fn build(self, before: Option<&Loaded>) -> Loaded {
        let views: Vec<document::Entry<'_>> = self.entries.iter().map(Part::entry).collect();
        let (root, others) = views.split_first().expect("the root was read first");
        let document = match before {
            Some(before) => before.document.again(root, others),
            None => Document::build(root, others),
        };
        let in_record = root.in_record;
        drop(views);
        let notices = self.entries.iter();
        let withheld = notices.filter_map(|part| Some((part.id, Arc::clone(part.withheld.as_ref()?))));
        let withheld = Arc::new(withheld.collect());
        let headers = self.entries.into_iter().map(|part| (part.id, part.header));
        let headers = Arc::new(headers.collect());
        Loaded {
            document,
            space: self.space,
            in_record,
            headers,
            withheld,
        }
    }
}

/// Why a body that is not here is withheld, if it is. Each notice is read once.
fn notice(
    ingest: &Ingest,
    read: &mut HashMap<Id, Arc<Withheld>>,
    entry: Id,
    author: Id,
) -> Result<Option<Arc<Withheld>>, Problem> {
    let found = {
        let withheld = ingest.store().withheld();
        match (withheld.is_erased(&entry), withheld.is_refused(&author)) {
            (true, _) => (Act::Erase, entry),
            (false, true) => (Act::Refuse, author),
            (false, false) => return Ok(None),
        }
    };
    if let Some(notice) = read.get(&found.1) {
        return Ok(Some(Arc::clone(notice)));
    }
    let notice = ingest.store().notice(found.0, &found.1)?.map(Arc::new);
    read.extend(notice.iter().map(|notice| (found.1, Arc::clone(notice))));
    Ok(notice)
}

/// The header of an entry that is here. A damaged one is an error, and peers are asked for it.
pub(crate) fn header(ingest: &Ingest, num: Num, id: &Id) -> Result<Stored, Problem> {
    let corrupt = || store::Error::Corrupt {
        id: *id,
        part: "header",
    };
    let found = ingest.store().header(num, id);
    if matches!(found, Err(store::Error::Corrupt { .. })) {
        ingest.heal_later(*id);
    }
    Ok(found?.ok_or_else(corrupt)?)
}

/// The body of an entry that is here. A damaged one is as good as none: it is given up, and peers are asked for it.
fn body(ingest: &Ingest, num: Num, id: Id, header: &Header) -> Result<BodyState, Problem> {
    match ingest.store().body(num, header) {
        Err(store::Error::Corrupt { .. }) => {
            ingest.heal_later(id);
            Ok(BodyState::Absent)
        }
        other => Ok(other?),
    }
}

/// The wire form of an entry that is here, with its body if that is here.
pub(crate) fn wire(ingest: &Ingest, num: Num, id: Id) -> Result<Vec<u8>, Problem> {
    let wire = ingest.wire(num, &id, limit::BODY)?;
    wire.ok_or(Problem::NotHere { what: "entry", id })
}
