//! A committee to try views on: documents of the real kinds, out of really signed entries on given days.
//!
//! ```text
//! let mut town = Town::new();
//! let ana = town.person("Ana");
//! let domain = town.open("domain", town.founder, "2026-01-05", json!({"name": "Risk"}));
//! town.grant("facilitator", ana, Some(domain), "2026-02-01");
//! let sheet = town.at("2026-03-01").view("seats", None);
//! ```
//!
//! Each entry stands after all earlier ones of its document, unless it was written [`Town::blindly`]. What a kind needs
//! is held against the roles granted here; keys, cosigning and admission are other tests' matter.

#![allow(dead_code, reason = "a fixture that several files of tests share")]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use serde_json::{Value as Json, json};

use crate::calendar::Day;
use crate::{Doc, Person, Sheet, Tenure, When, World};
use althing_protocol::control::Control;
use althing_protocol::document::{Body, Cause, Document, Effect, Entry, Ruling};
use althing_protocol::entry::{self, Header, Verified, commit_body};
use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::kind::{self, Kind, Needs, json as bodies, read};

pub(super) struct Town {
    /// The committee's own document, opened on 2026-01-01.
    pub(super) committee: Id,
    /// Who founded it.
    pub(super) founder: Id,
    written: Vec<Written>,
    logs: BTreeMap<Id, (u64, Option<Id>)>,
    tenures: Vec<Tenure>,
    parameters: BTreeMap<String, u64>,
    people: BTreeMap<Id, Person>,
}

struct Written {
    entry: Verified,
    author: Id,
    body: Option<Vec<u8>>,
    here: bool,
    in_record: bool,
    when: When,
}

/// The town as of a day.
pub(super) struct Moment {
    now: u64,
    committee: Id,
    documents: Vec<(Document, BTreeMap<Id, When>)>,
    tenures: Vec<Tenure>,
    parameters: BTreeMap<String, u64>,
    people: BTreeMap<Id, Person>,
}

/// Noon of a day, in milliseconds since 1970.
pub(super) fn noon(day: &str) -> u64 {
    Day::read(day).unwrap().begins() + 12 * 3600 * 1000
}

impl Town {
    pub(super) fn new() -> Self {
        let mut town = Self {
            committee: Id::ZERO,
            founder: Id::ZERO,
            written: Vec::new(),
            logs: BTreeMap::new(),
            tenures: Vec::new(),
            parameters: BTreeMap::new(),
            people: BTreeMap::new(),
        };
        town.founder = town.person("Founder");
        town.people.get_mut(&town.founder).unwrap().founder = true;
        let fields = json!({"name": "Town"});
        town.committee = town.open("committee", town.founder, "2026-01-01", fields);
        town
    }

    /// Somebody by this name. Those who come later have greater ids.
    pub(super) fn person(&mut self, name: &str) -> Id {
        let id = Id([u8::try_from(self.people.len() + 1).unwrap(); 32]);
        let person = Person {
            name: Some(name.to_owned()),
            ..Person::default()
        };
        self.people.insert(id, person);
        id
    }

    /// Opens a document; identities named in fields that hand over a part own that part, as on a node.
    pub(super) fn open(&mut self, kind: &str, by: Id, day: &str, fields: Json) -> Id {
        let kind = kind::find(kind).unwrap();
        let body = bodies::body(kind, &fields).unwrap();
        let root = read::root(kind, Some(&body)).unwrap();
        let control = kind::owners(kind, by, &root).map(|owners| Control::Document(owners).value().unwrap());
        self.sign(kind.name, by, day, (None, Vec::new()), Some(body), control)
    }

    /// Opens a document under this control, whatever a node would have written.
    pub(super) fn open_as(
        &mut self,
        kind: &str,
        by: Id,
        day: &str,
        fields: Json,
        control: althing_protocol::codec::Value,
    ) -> Id {
        let kind = kind::find(kind).unwrap();
        let body = bodies::body(kind, &fields).unwrap();
        self.sign(kind.name, by, day, (None, Vec::new()), Some(body), Some(control))
    }

    /// Edits a document: flat fields, where a list's array adds items, or `{set, add, replace, remove}`.
    pub(super) fn edit(&mut self, doc: Id, by: Id, day: &str, fields: Json) -> Id {
        let after = self.entries(doc);
        self.write("edit", doc, by, day, after, &fields)
    }

    /// An act in a document.
    pub(super) fn act(&mut self, kind: &str, doc: Id, by: Id, day: &str, fields: Json) -> Id {
        let after = self.entries(doc);
        self.write(kind, doc, by, day, after, &fields)
    }

    /// An act or an edit by somebody who had seen nothing of the document but its root.
    pub(super) fn blindly(&mut self, kind: &str, doc: Id, by: Id, day: &str, fields: Json) -> Id {
        self.write(kind, doc, by, day, vec![doc], &fields)
    }

    /// An act with a body of any bytes.
    pub(super) fn raw(&mut self, kind: &str, doc: Id, by: Id, day: &str, body: Vec<u8>) -> Id {
        let after = self.entries(doc);
        self.sign(kind, by, day, (Some(doc), after), Some(body), None)
    }

    /// Gives a role, for one document or for the committee as a whole.
    pub(super) fn grant(&mut self, role: &str, to: Id, scope: Option<Id>, day: &str) -> Id {
        let mut grant = [0xa0; 32];
        grant[1] = u8::try_from(self.tenures.len()).unwrap();
        self.tenures.push(Tenure {
            grant: Id(grant),
            role: role.to_owned(),
            holder: to,
            scope,
            from: noon(day),
            until: None,
            ended_by: Vec::new(),
        });
        Id(grant)
    }

    /// Takes the role of a grant.
    pub(super) fn end(&mut self, grant: Id, day: &str) -> Id {
        let mut by = grant.0;
        by[0] = 0xb0;
        let tenure = self.tenures.iter_mut().find(|tenure| tenure.grant == grant).unwrap();
        tenure.until = Some(noon(day));
        tenure.ended_by = vec![Id(by)];
        Id(by)
    }

    pub(super) fn parameter(&mut self, name: &str, value: u64) {
        self.parameters.insert(name.to_owned(), value);
    }

    /// An address that somebody proved to be theirs.
    pub(super) fn link(&mut self, person: Id, address: &str) {
        let addresses = &mut self.people.get_mut(&person).unwrap().addresses;
        addresses.push(address.to_owned());
        addresses.sort();
    }

    /// Somebody, to be changed as a test needs it.
    pub(super) fn who(&mut self, person: Id) -> &mut Person {
        self.people.get_mut(&person).unwrap()
    }

    /// Leaves an entry on the floor: nobody took it up.
    pub(super) fn floor(&mut self, entry: Id) {
        self.get(entry).in_record = false;
    }

    /// Loses an entry's body.
    pub(super) fn lose(&mut self, entry: Id) {
        self.get(entry).here = false;
    }

    /// Blocks that an entry was made after and before: their times, milliseconds since 1970.
    pub(super) fn anchored(&mut self, entry: Id, not_before: Option<u64>, not_after: Option<u64>) {
        let when = &mut self.get(entry).when;
        (when.not_before, when.not_after) = (not_before, not_after);
    }

    /// The town at the end of a day. All that was ever written is there, later claims too, as on a node.
    pub(super) fn at(&self, day: &str) -> Moment {
        let roots = self
            .written
            .iter()
            .filter(|w| w.entry.header().doc.is_none() && w.in_record);
        let mut documents: Vec<_> = roots.map(|root| self.build(root)).collect();
        documents.sort_by_key(|(document, times)| (times[&document.id()].claimed, document.id()));
        let mut people = self.people.clone();
        for written in self.written.iter().filter(|written| written.in_record) {
            let first = &mut people.get_mut(&written.author).unwrap().first;
            *first = Some(first.map_or(written.when.claimed, |first| first.min(written.when.claimed)));
        }
        Moment {
            now: Day::read(day).unwrap().ends() - 1,
            committee: self.committee,
            documents,
            tenures: self.tenures.clone(),
            parameters: self.parameters.clone(),
            people,
        }
    }

    fn build(&self, root: &Written) -> (Document, BTreeMap<Id, When>) {
        let id = root.entry.id();
        let of_it: Vec<&Written> = self
            .written
            .iter()
            .filter(|w| w.entry.header().doc == Some(id))
            .collect();
        let entries: Vec<Entry<'_>> = of_it.iter().map(|written| self.read(written)).collect();
        let times = of_it.iter().map(|w| (w.entry.id(), w.when)).chain([(id, root.when)]);
        (Document::build(&self.read(root), &entries), times.collect())
    }

    fn read<'a>(&self, written: &'a Written) -> Entry<'a> {
        Entry {
            id: written.entry.id(),
            header: written.entry.header(),
            author: written.author,
            body: match &written.body {
                None => Body::None,
                Some(_) if !written.here => Body::Absent,
                Some(bytes) => Body::Here(bytes),
            },
            in_record: written.in_record,
            forked_from: None,
            ruling: Some(self.ruling(written)),
        }
    }

    fn ruling(&self, written: &Written) -> Ruling {
        let header = written.entry.header();
        let role = match kind::find(&header.kind).and_then(|kind: &Kind| kind.needs) {
            None => return counts(),
            Some(Needs::Member) if written.author == self.founder => return counts(),
            Some(Needs::Member) => None,
            Some(Needs::Role(role)) => Some(role),
        };
        let at = written.when.claimed;
        let held = self.tenures.iter().any(|t| {
            t.holder == written.author
                && role.is_none_or(|role| t.role == role)
                && (t.scope.is_none() || t.scope == header.doc || role.is_none())
                && t.from <= at
                && t.until.is_none_or(|until| at < until)
        });
        if held {
            return counts();
        }
        Ruling {
            effect: Effect::Unauthorised,
            cause: Some(Cause::NoRole { role }),
        }
    }

    fn entries(&self, doc: Id) -> Vec<Id> {
        let of_it = self.written.iter().map(|written| &written.entry);
        let mut ids: Vec<Id> = of_it
            .filter(|entry| entry.id() == doc || entry.header().doc == Some(doc))
            .map(Verified::id)
            .collect();
        ids.sort_unstable();
        ids
    }

    fn get(&mut self, entry: Id) -> &mut Written {
        self.written.iter_mut().find(|w| w.entry.id() == entry).unwrap()
    }

    fn write(&mut self, kind: &str, doc: Id, by: Id, day: &str, after: Vec<Id>, fields: &Json) -> Id {
        let body = if kind == "edit" {
            let document = kind::find(&self.get(doc).entry.header().kind).unwrap();
            bodies::edit(document, fields).unwrap()
        } else {
            bodies::body(kind::find(kind).unwrap(), fields).unwrap()
        };
        self.sign(kind, by, day, (Some(doc), after), Some(body), None)
    }

    fn sign(
        &mut self,
        kind: &str,
        by: Id,
        day: &str,
        (doc, after): (Option<Id>, Vec<Id>),
        body: Option<Vec<u8>>,
        control: Option<althing_protocol::codec::Value>,
    ) -> Id {
        let n = by.0[0];
        let key = SigningKey::from_bytes(&[n; 32]);
        let (seq, prev) = self.logs.get(&by).copied().unwrap_or_default();
        let salted = body.clone().map(|bytes| entry::Body { salt: [n; 16], bytes });
        let (len, body_hash) = commit_body(salted.as_ref());
        // Noon, and a millisecond more for each entry, so that no two claim the same.
        let claimed = noon(day) + u64::try_from(self.written.len()).unwrap();
        let header = Header {
            v: 1,
            space: (self.committee != Id::ZERO).then_some(self.committee),
            doc,
            by: Key(key.verifying_key().to_bytes()),
            cert: Some(by),
            seq,
            prev,
            after,
            auth: Vec::new(),
            not_before: None,
            time: claimed,
            kind: kind.to_owned(),
            control,
            len,
            body_hash: if len == 0 { Hash::ZERO } else { body_hash },
        };
        let entry = Verified::sign(header, salted, &key);
        let id = entry.id();
        self.logs.insert(by, (seq + 1, Some(id)));
        self.written.push(Written {
            entry,
            author: by,
            body,
            here: true,
            in_record: true,
            when: When {
                claimed,
                ..When::default()
            },
        });
        id
    }
}

impl Moment {
    pub(super) fn world(&self) -> World<'_> {
        self.world_of(&self.documents)
    }

    fn world_of<'a>(&self, documents: &'a [(Document, BTreeMap<Id, When>)]) -> World<'a> {
        let all = documents.iter().map(|(document, times)| Doc { document, times });
        let (committee, documents): (Vec<_>, Vec<_>) = all.partition(|doc| doc.id() == self.committee);
        let mut world = World::new(self.now, committee[0].clone(), documents);
        world.parameters.clone_from(&self.parameters);
        world.tenures.clone_from(&self.tenures);
        world.people.clone_from(&self.people);
        world
    }

    /// What a view says, for the committee or for one document.
    pub(super) fn sheet(&self, name: &str, doc: Option<Id>) -> Sheet {
        let world = self.world();
        let view = crate::find(name).unwrap();
        let doc = doc.map(|id| world.doc(id).unwrap());
        assert!(
            doc.is_none_or(|doc| view.fits(doc.kind())),
            "{name} is not about this kind"
        );
        let sheet = (view.compute)(&world, doc);
        // Nodes compute views from gists, so no view may read what is not in them.
        let gists = self
            .documents
            .iter()
            .map(|(document, times)| (document.gist(), times.clone()));
        let gists: Vec<_> = gists.collect();
        let short = self.world_of(&gists);
        let doc = doc.map(|doc| short.doc(doc.id()).unwrap());
        assert_eq!(
            (view.compute)(&short, doc).to_json(),
            sheet.to_json(),
            "{name} reads a local field"
        );
        sheet
    }

    /// The same as programs see it: `{ title, says, tables }`.
    pub(super) fn view(&self, name: &str, doc: Option<Id>) -> Json {
        self.sheet(name, doc).to_json()
    }

    /// The rows of one of its tables.
    pub(super) fn rows(&self, name: &str, doc: Option<Id>, table: &str) -> Vec<Json> {
        let sheet = self.view(name, doc);
        let rows = sheet["tables"][table].as_array();
        rows.unwrap_or_else(|| panic!("{name} has no table {table}")).clone()
    }
}

fn counts() -> Ruling {
    Ruling {
        effect: Effect::Effective,
        cause: None,
    }
}
