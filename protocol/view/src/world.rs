//! What views are computed from: a committee's documents, parameters, roles and people as of one moment.

use std::collections::BTreeMap;

use crate::calendar::{Calendar, Day};
use crate::parameter;
use althing_protocol::document::{Document, Effect, Outcome};
use althing_protocol::hash::Id;
use althing_protocol::kind::{ItemId, Record, Value};

/// A committee as of one moment. Whoever fills it says which documents it holds: those of the kinds that a view reads,
/// whose roots are in the record, in canonical order: by claimed time, then id.
#[derive(Debug)]
pub struct World<'a> {
    /// The moment, in milliseconds since 1970.
    pub now: u64,
    /// The committee's own document.
    pub committee: Doc<'a>,
    /// Its documents.
    pub documents: Vec<Doc<'a>>,
    /// Its parameters that are set and not contested.
    pub parameters: BTreeMap<String, u64>,
    /// Who held which role, in the order of their grants.
    pub tenures: Vec<Tenure>,
    /// Everybody who wrote something in the record.
    pub people: BTreeMap<Id, Person>,
    /// Where each document stands among them.
    places: BTreeMap<Id, usize>,
}

/// A document of a committee.
#[derive(Debug, Clone)]
pub struct Doc<'a> {
    /// The document.
    pub document: &'a Document,
    /// When its entries were made, by id.
    pub times: &'a BTreeMap<Id, When>,
}

/// When an entry was made. All in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct When {
    /// What its author claims.
    pub claimed: u64,
    /// The block that its author had seen.
    pub not_before: Option<u64>,
    /// The block that holds its anchor.
    pub not_after: Option<u64>,
}

impl When {
    /// The earliest moment at which the entry can have been made: a claim before the block that its author had seen is
    /// not believed.
    #[must_use]
    pub fn earliest(self) -> u64 {
        self.claimed.max(self.not_before.unwrap_or(0))
    }

    /// The latest one, if the claim is not later.
    #[must_use]
    pub fn latest(self) -> u64 {
        self.claimed.min(self.not_after.unwrap_or(u64::MAX))
    }
}

/// A role that somebody held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenure {
    /// The grant.
    pub grant: Id,
    /// The role.
    pub role: String,
    /// Who holds it.
    pub holder: Id,
    /// The document for which they hold it; the committee as a whole without one.
    pub scope: Option<Id>,
    /// When the signature was claimed to be made that gave it, milliseconds since 1970.
    pub from: u64,
    /// The same of the one that took it; none while it stands.
    pub until: Option<u64>,
    /// The revocations that took it.
    pub ended_by: Vec<Id>,
}

/// Somebody who wrote in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// What they call themselves.
    pub name: Option<String>,
    /// Addresses that they linked with a signature, `0x` and 40 small hexadecimal digits, sorted.
    pub addresses: Vec<String>,
    /// When they claim to have written their first entry in this record, milliseconds since 1970.
    pub first: Option<u64>,
    /// By when a block on a chain shows that they had written something here, milliseconds since 1970.
    pub known_by: Option<u64>,
    /// Members who vouched for them here.
    pub vouched_by: Vec<Id>,
    /// Whether they founded the committee.
    pub founder: bool,
}

/// An act that counts.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Its entry.
    pub id: Id,
    /// Its author.
    pub by: Id,
    /// When it was made.
    pub when: When,
    /// What it says, after no amendment.
    pub fields: Option<&'a Record>,
    /// What became of it.
    pub outcome: &'a Outcome,
}

/// An item of a document's list: the first of its values, if several contradict each other.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Its name.
    pub id: ItemId,
    /// Who wrote that value.
    pub by: Id,
    /// The entry that wrote it.
    pub entry: Id,
    /// What it holds.
    pub fields: &'a Record,
}

impl<'a> World<'a> {
    /// A committee with these documents, as of a moment; without parameters, roles and people so far.
    #[must_use]
    pub fn new(now: u64, committee: Doc<'a>, documents: Vec<Doc<'a>>) -> Self {
        let places = documents.iter().enumerate().map(|(n, doc)| (doc.id(), n)).collect();
        Self {
            now,
            committee,
            documents,
            places,
            parameters: BTreeMap::new(),
            tenures: Vec::new(),
            people: BTreeMap::new(),
        }
    }

    /// The committee's own document, then all others in their order, each once.
    pub fn everything<'w>(&'w self) -> impl Iterator<Item = &'w Doc<'a>> + use<'w, 'a> {
        let own = self.committee.id();
        let others = self.documents.iter().filter(move |doc| doc.id() != own);
        std::iter::once(&self.committee).chain(others)
    }

    /// The documents of a kind.
    pub fn of<'w>(&'w self, kind: &'w str) -> impl Iterator<Item = &'w Doc<'a>> {
        self.documents.iter().filter(move |doc| doc.kind() == kind)
    }

    /// A document by id.
    #[must_use]
    pub fn doc(&self, id: Id) -> Option<&Doc<'a>> {
        self.documents.get(*self.places.get(&id)?)
    }

    /// The day of now.
    #[must_use]
    pub fn today(&self) -> Day {
        Day::of(self.now)
    }

    /// A parameter, or what holds until the committee sets its own.
    #[must_use]
    pub fn parameter(&self, name: &str) -> u64 {
        self.parameters
            .get(name)
            .copied()
            .unwrap_or_else(|| parameter::default(name))
    }

    /// A parameter for one word, such as `options_max_offboard`; without one, that for all.
    #[must_use]
    pub fn parameter_for(&self, name: &str, word: &str) -> u64 {
        let own = self.parameters.get(&format!("{name}_{word}")).copied();
        own.unwrap_or_else(|| self.parameter(name))
    }

    /// The committee's working days.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::of(&self.committee)
    }

    /// Who holds a role now: for a document, those who hold it for that one or for the committee as a whole.
    pub fn holders<'w>(&'w self, role: &'w str, scope: Option<Id>) -> impl Iterator<Item = &'w Tenure> {
        let standing = self.tenures.iter().filter(move |t| t.role == role && t.until.is_none());
        standing.filter(move |t| t.scope == scope || t.scope.is_none())
    }

    /// Whether somebody was a founder, or held any role, at a moment.
    #[must_use]
    pub fn was_member(&self, who: Id, at: u64) -> bool {
        let held = |t: &Tenure| t.holder == who && t.from <= at && t.until.is_none_or(|until| at < until);
        self.people.get(&who).is_some_and(|person| person.founder) || self.tenures.iter().any(held)
    }

    /// Somebody's name, or the first digits of their id.
    #[must_use]
    pub fn called(&self, identity: Id) -> String {
        let name = self.people.get(&identity).and_then(|person| person.name.clone());
        name.unwrap_or_else(|| identity.short())
    }

    /// The name of what a field names: an identity's, a document's title, or the name itself.
    #[must_use]
    pub fn named(&self, value: &Value) -> String {
        match value {
            Value::Id(id) => self.doc(*id).map_or_else(|| self.called(*id), Doc::title),
            Value::Text(text) => text.clone(),
            _ => String::new(),
        }
    }
}

impl<'a> Doc<'a> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.document.id()
    }

    /// The name of its kind.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.document.kind_name()
    }

    /// Its title; without one, its kind and the first digits of its id.
    #[must_use]
    pub fn title(&self) -> String {
        let unnamed = || format!("{} {}", self.kind(), self.id().short());
        self.document.title().unwrap_or_else(unnamed)
    }

    /// Who opened it.
    #[must_use]
    pub fn by(&self) -> Id {
        self.document.outcomes().first().map_or(Id::ZERO, |root| root.by)
    }

    /// When it was opened.
    #[must_use]
    pub fn opened(&self) -> When {
        self.when(self.id())
    }

    /// When one of its entries was made.
    #[must_use]
    pub fn when(&self, entry: Id) -> When {
        self.times.get(&entry).copied().unwrap_or_default()
    }

    /// The value of a field: the first by entry, if several contradict each other.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&'a Value> {
        let document = self.document;
        document
            .content()
            .fields
            .get(field)?
            .values
            .first()
            .map(|version| &*version.value)
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn flag(&self, field: &str) -> Option<bool> {
        match self.value(field)? {
            Value::Flag(yes) => Some(*yes),
            _ => None,
        }
    }

    /// The items of a list that were not removed, in their order.
    #[must_use]
    pub fn items(&self, field: &str) -> Vec<Item<'a>> {
        let document = self.document;
        let list = document.content().lists.get(field);
        let items = list.map_or(&[][..], |list| &list.items).iter();
        let first = items.filter_map(|item| {
            let value = item.values.first()?;
            Some(Item {
                id: item.id,
                by: value.by,
                entry: value.entry,
                fields: &value.value,
            })
        });
        first.collect()
    }

    /// The acts of a kind that count, in canonical order.
    pub fn acts<'d>(&'d self, kind: &'d str) -> impl Iterator<Item = Act<'a>> + 'd {
        self.all_acts().filter(move |act| act.outcome.kind == kind)
    }

    /// All acts that count, in canonical order.
    pub fn all_acts(&self) -> impl Iterator<Item = Act<'a>> + '_ {
        let document = self.document;
        let counting = document
            .acts()
            .filter(|act| act.effect == Effect::Effective && act.in_record);
        counting.map(|outcome| Act {
            id: outcome.id,
            by: outcome.by,
            when: self.when(outcome.id),
            fields: outcome.fields(),
            outcome,
        })
    }

    /// The word for its state, for kinds that have one.
    #[must_use]
    pub fn state(&self) -> Option<&'static str> {
        self.document.state().map(|state| state.name)
    }

    /// What else its kind tells about its state.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&'a Value> {
        let document = self.document;
        document.state()?.facts.get(name)
    }

    /// An act's words after its amendments: the standing amendment's text, else the kind's main text.
    #[must_use]
    pub fn words(&self, act: &Act<'a>) -> Option<&'a str> {
        let document = self.document;
        let text = |outcome: &'a Outcome| {
            let field = althing_protocol::kind::find(&outcome.kind)?.text?;
            outcome.fields()?.get(field)?.as_text()
        };
        let amended = act.outcome.amended.and_then(|id| text(document.outcome(id)?));
        amended.or_else(|| text(act.outcome))
    }
}

/// Fields are read by the same words from whatever has a `value`.
macro_rules! reads {
    ($($name:ident)*) => {$(
        impl<'a> $name<'a> {
            /// A text that says something.
            #[must_use]
            pub fn text(&self, field: &str) -> Option<&'a str> {
                self.value(field)?.as_text().filter(|text| !text.trim().is_empty())
            }

            /// A number.
            #[must_use]
            pub fn int(&self, field: &str) -> Option<u64> {
                self.value(field)?.as_int()
            }

            /// An id.
            #[must_use]
            pub fn named(&self, field: &str) -> Option<Id> {
                self.value(field)?.as_id()
            }

            /// A day.
            #[must_use]
            pub fn day(&self, field: &str) -> Option<Day> {
                Day::read(self.text(field)?)
            }
        }
    )*};
}

reads! { Doc Act Item }

impl<'a> Act<'a> {
    /// A field.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&'a Value> {
        self.fields?.get(field)
    }

    /// The records of a list.
    #[must_use]
    pub fn list(&self, field: &str) -> &'a [Record] {
        self.value(field).map_or(&[], Value::as_list)
    }
}

impl<'a> Item<'a> {
    /// A field.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field)
    }
}
