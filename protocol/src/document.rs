//! A document, computed from its entries: content that owners signed, acts and what they count for, and a state.
//!
//! Invariant: everything here is a pure function of the *set* of entries, their bodies and the rulings handed in,
//! whatever order they come in. Content, effects and state cover the record; entries on the floor are shown beside
//! it and change nothing. Cost is near linear in the number of entries, see `order` and `clock`.

mod act;
pub mod automerge;
mod clock;
mod content;
pub mod diff;
mod effect;
mod gist;
pub mod json;
pub mod merge;
mod order;
mod version;

use std::borrow::Cow;
use std::sync::Arc;

use hashbrown::HashMap;

use self::clock::Clocks;
pub use self::content::{Content, Item, List, Register, Version};
pub use self::effect::{Cause, Effect};
use self::order::Graph;
pub use self::version::Edit;
use crate::control::{self, Control, Owner, Shape};
use crate::entry::Header;
use crate::hash::{Id, Key};
use crate::kind::read::{self, Change};
use crate::kind::state::State;
use crate::kind::{self, Kind, Record};
use crate::limit;
pub use crate::ruling::Ruling;

/// An entry of a document, as whoever holds it hands it in.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its id.
    pub id: Id,
    /// Its header, admitted.
    pub header: &'a Header,
    /// The identity for which its key signed.
    pub author: Id,
    /// Its body.
    pub body: Body<'a>,
    /// Whether it is in the record; otherwise it is on the floor.
    pub in_record: bool,
    /// The lowest place at which its key forked, if the record holds two headers of one place.
    pub forked_from: Option<u64>,
    /// What other rules (authority, keys) say about it; none when they have no say.
    pub ruling: Option<Ruling>,
}

/// A body, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// The entry has none.
    None,
    /// Its bytes, without the salt.
    Here(&'a [u8]),
    /// It has one that is not here.
    Absent,
    /// It had one that was erased here.
    Erased,
    /// What it was when the document before was computed, see [`Document::again`].
    Same,
}

/// What became of an entry's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There is none.
    None,
    /// It is here.
    Here,
    /// It is not here yet, or not wanted here.
    Absent,
    /// It was erased here.
    Erased,
}

/// A document at one moment of its history.
#[derive(Debug, Clone)]
pub struct Document {
    kind_name: String,
    kind: Option<&'static Kind>,
    owners: Vec<Owner>,
    graph: Graph,
    nodes: Vec<Node>,
    places: HashMap<Id, usize>,
    clocks: Clocks,
    content: Content,
    outcomes: Vec<Outcome>,
    state: Option<State>,
}

/// What became of one entry of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The entry.
    pub id: Id,
    /// Its author's identity.
    pub by: Id,
    /// Its kind.
    pub kind: Cow<'static, str>,
    /// What it counts for.
    pub effect: Effect,
    /// Why, unless it simply counts.
    pub cause: Option<Cause>,
    /// What became of its body.
    pub body: Status,
    /// Whether it is in the record.
    pub in_record: bool,
    /// For acts, the versions of the content that its author had seen, none before another; none when there are
    /// too many to tell.
    pub saw: Option<Vec<Id>>,
    /// Later texts that its author put beside its own, in canonical order. The last one stands if `amended` says so.
    pub amendments: Vec<Id>,
    /// The amendment whose text stands; none when there is none or when amendments conflict.
    pub amended: Option<Id>,
    /// The entry by which its author took it back.
    pub retracted: Option<Id>,
    said: Arc<Said>,
}

/// One entry, read. Bodies are shared between the moments of a document's history.
#[derive(Debug, Clone)]
struct Node {
    id: Id,
    by: Id,
    key: Key,
    seq: u64,
    kind_name: Cow<'static, str>,
    kind: Option<&'static Kind>,
    status: Status,
    said: Arc<Said>,
    in_record: bool,
    forked_from: Option<u64>,
    ruling: Option<Ruling>,
}

/// What a body says.
#[derive(Debug, PartialEq)]
enum Said {
    /// A change to content.
    Change(Change),
    /// An act's fields.
    Act(Record),
    /// Nothing that can be read, and why.
    Nothing(Effect, Cause),
    /// It is not here.
    Silent,
}

impl Document {
    /// Computes a document from its root and its other entries, in any order. Entries of other documents and
    /// repeated ones are passed over.
    #[must_use]
    pub fn build<'a>(root: &Entry<'a>, entries: &[Entry<'a>]) -> Self {
        Self::from(None, root, entries)
    }

    /// The same, for whoever has computed the document before: a body that is [`Body::Same`] is taken over as it was
    /// read then, and absent where the document before did not hold it. Rulings and places are all given anew.
    #[must_use]
    pub fn again<'a>(&self, root: &Entry<'a>, entries: &[Entry<'a>]) -> Self {
        Self::from(Some(self), root, entries)
    }

    fn from<'a>(before: Option<&Self>, root: &Entry<'a>, entries: &[Entry<'a>]) -> Self {
        let mut seen = HashMap::new();
        let mut given: Vec<&Entry<'a>> = vec![root];
        seen.insert(root.id, ());
        for entry in entries {
            if entry.header.doc == Some(root.id) && seen.insert(entry.id, ()).is_none() {
                given.push(entry);
            }
        }
        let named: Vec<(Id, &[Id])> = given.iter().map(|e| (e.id, e.header.after.as_slice())).collect();
        let (graph, order) = Graph::new(&named);
        let kind = kind::find(&root.header.kind).filter(|kind| kind.is_document());
        let nodes = order.iter().filter_map(|place| given.get(*place));
        let nodes = nodes.map(|entry| {
            let before = before.and_then(|document| document.node(document.number(entry.id)?));
            match before.filter(|_| entry.body == Body::Same) {
                Some(before) => Node::of(entry, before.kind, before.status, Arc::clone(&before.said)),
                None => Node::read(entry, kind, &root.header.kind, entry.id == root.id),
            }
        });
        let nodes = nodes.collect();
        Self::compute(root.header.kind.clone(), kind, owners(root), graph, nodes)
    }

    fn compute(
        kind_name: String,
        kind: Option<&'static Kind>,
        owners: Vec<Owner>,
        graph: Graph,
        nodes: Vec<Node>,
    ) -> Self {
        let (content, verdicts, clocks) = content::compute(kind, &owners, &graph, &nodes);
        let places = nodes.iter().enumerate().map(|(n, node)| (node.id, n)).collect();
        let mut document = Self {
            kind_name,
            kind,
            owners,
            graph,
            nodes,
            places,
            clocks,
            content,
            outcomes: Vec::new(),
            state: None,
        };
        document.outcomes = document.reduce(verdicts);
        document.state = document.reduced_state();
        document
    }

    /// The document's id: that of its root.
    #[must_use]
    pub fn id(&self) -> Id {
        self.nodes.first().map_or(Id::ZERO, |root| root.id)
    }

    /// The name of its kind.
    #[must_use]
    pub fn kind_name(&self) -> &str {
        &self.kind_name
    }

    /// Its kind, if this release knows it as a document's.
    #[must_use]
    pub fn kind(&self) -> Option<&'static Kind> {
        self.kind
    }

    /// Who may edit which part.
    #[must_use]
    pub fn owners(&self) -> &[Owner] {
        &self.owners
    }

    /// Its content.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What became of each entry, in canonical order, the root first.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What became of one entry.
    #[must_use]
    pub fn outcome(&self, id: Id) -> Option<&Outcome> {
        self.outcomes.get(*self.places.get(&id)?)
    }

    /// Everything but the root and edits, in canonical order.
    pub fn acts(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().skip(1).filter(|outcome| outcome.kind != "edit")
    }

    /// Its state, for kinds that have one.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// Whether a body that could change content, effects or state is not here.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        self.nodes
            .iter()
            .any(|node| node.in_record && *node.said == Said::Silent)
    }

    /// Its title: the first of the kind's title fields that has a value. With several, the first by id.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        let fields = self.kind?.title.iter();
        let mut titles = fields.filter_map(|field| self.content.fields.get(field)?.values.first());
        titles.find_map(|version| {
            version
                .value
                .as_text()
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        })
    }

    /// What a new entry should name in `after`: all heads of the document in the record, and `also`. When there
    /// are more than [`limit::AFTER`], the last versions of the content come first, then the latest heads.
    #[must_use]
    pub fn after(&self, also: &[Id]) -> Vec<Id> {
        let heads = self
            .graph
            .heads(|n| self.nodes.get(n).is_some_and(|node| node.in_record));
        let name = |n: &usize| self.nodes.get(*n).map(|node| node.id);
        let mut out: Vec<Id> = also.to_vec();
        if heads.len() + out.len() > limit::AFTER {
            out.extend(self.last_versions());
        }
        out.extend(heads.iter().rev().filter_map(name));
        let mut seen = HashMap::new();
        out.retain(|id| seen.insert(*id, ()).is_none());
        out.truncate(limit::AFTER);
        out.sort_unstable();
        out
    }

    fn number(&self, id: Id) -> Option<usize> {
        self.places.get(&id).copied()
    }

    fn node(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }
}

impl Outcome {
    /// The fields of an act whose body is here and keeps its schema.
    #[must_use]
    pub fn fields(&self) -> Option<&Record> {
        match &*self.said {
            Said::Act(record) => Some(record),
            _ => None,
        }
    }

    /// The change of a root or an edit whose body is here and keeps its schema.
    #[must_use]
    pub fn change(&self) -> Option<&Change> {
        match &*self.said {
            Said::Change(change) => Some(change),
            _ => None,
        }
    }
}

impl Node {
    fn read(entry: &Entry<'_>, document: Option<&'static Kind>, document_name: &str, root: bool) -> Self {
        let name = &entry.header.kind;
        let kind = kind::find(name);
        let (status, body) = match entry.body {
            Body::None => (Status::None, Some(None)),
            Body::Here(bytes) => (Status::Here, Some(Some(bytes))),
            Body::Absent | Body::Same => (Status::Absent, None),
            Body::Erased => (Status::Erased, None),
        };
        let space = entry.header.space.unwrap_or(entry.id);
        let void = |cause| Said::Nothing(Effect::Void, cause);
        let unknown = |cause| Said::Nothing(Effect::Unknown, cause);
        let broken = |breach| void(Cause::Body(breach));
        let said = match (kind, document, body) {
            (None, _, _) => unknown(Cause::Kind),
            (Some(_), None, _) if root => unknown(Cause::Kind),
            (Some(kind), Some(_), _) if !root && (kind.is_document() || !kind.fits(document_name)) => {
                void(Cause::Misfit {
                    document: document_name.to_owned(),
                })
            }
            (Some(kind), None, _) if kind.shape == kind::Shape::Edit || !kind.fits(document_name) => {
                unknown(Cause::Document {
                    kind: document_name.to_owned(),
                })
            }
            (Some(_), _, None) => Said::Silent,
            (Some(_), Some(document), Some(body)) if root => {
                read::root(document, body).map_or_else(broken, Said::Change)
            }
            (Some(kind), Some(document), Some(body)) if kind.shape == kind::Shape::Edit => {
                read::edit(document, body).map_or_else(broken, Said::Change)
            }
            (Some(kind), _, Some(body)) => match read::act(kind, body) {
                Ok(record) => match kind.proof.map_or(Ok(()), |proof| proof(&record, space)) {
                    Ok(()) => Said::Act(record),
                    Err(text) => void(Cause::Proof { text }),
                },
                Err(breach) => broken(breach),
            },
        };
        Self::of(entry, kind, status, Arc::new(said))
    }

    fn of(entry: &Entry<'_>, kind: Option<&'static Kind>, status: Status, said: Arc<Said>) -> Self {
        let name = || Cow::Owned(entry.header.kind.clone());
        Self {
            id: entry.id,
            by: entry.author,
            key: entry.header.by,
            seq: entry.header.seq,
            kind_name: kind.map_or_else(name, |kind| Cow::Borrowed(kind.name)),
            kind,
            status,
            said,
            in_record: entry.in_record,
            forked_from: entry.forked_from,
            ruling: entry.ruling.clone(),
        }
    }

    /// Whether the record and the rulings let it count.
    fn may_count(&self) -> bool {
        self.in_record
            && self
                .ruling
                .as_ref()
                .is_none_or(|ruling| ruling.effect == Effect::Effective)
    }
}

/// Who owns a document: whom its root names, else its author. Founders own a committee's content.
fn owners(root: &Entry<'_>) -> Vec<Owner> {
    let whole = |identity| Owner { identity, part: None };
    let shape = match (root.header.space, root.header.kind.as_str()) {
        (None, "identity") => Shape::Identity,
        (None, _) => Shape::Committee,
        (Some(_), _) => Shape::Document,
    };
    match control::read(root.header, shape) {
        Ok(Control::Document(document)) => document.owners,
        Ok(Control::Committee(committee)) => committee.founders.into_iter().map(whole).collect(),
        _ => vec![whole(root.author)],
    }
}

/// Whether an identity owns a part; none means a document without parts, which only its owners as a whole own.
fn owns(owners: &[Owner], identity: Id, part: Option<&str>) -> bool {
    let mine = owners.iter().filter(|owner| owner.identity == identity);
    mine.map(|owner| owner.part.as_deref())
        .any(|owned| owned.is_none() || (part.is_some() && owned == part))
}

#[cfg(test)]
mod tests;
