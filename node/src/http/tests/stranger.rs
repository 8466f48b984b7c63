//! Somebody who is not the node's owner, with keys of their own.

use althing_protocol::author::{self, Draft, Writer};
use althing_protocol::control::Control;
use althing_protocol::entry::Entry;
use althing_protocol::state::State;

use super::*;

/// Somebody with an identity of their own, who knows the committee and signs entries by hand.
pub(super) struct Stranger {
    pub(super) home: Home,
    pub(super) state: State,
    _dir: TempDir,
}

impl Stranger {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::init(&dir.path().join("data"), "Eve").unwrap();
        let mut state = State::new(Limits::default());
        let mut events = Vec::new();
        for wire in home.initial_entries() {
            state.offer(Entry::decode(&wire).unwrap().verify().unwrap(), 0, &mut events);
        }
        Self { home, state, _dir: dir }
    }

    pub(super) fn identity(&self) -> Id {
        self.home.identity()
    }

    pub(super) fn wires(&self) -> Vec<String> {
        self.home
            .initial_entries()
            .iter()
            .map(|wire| data_encoding::HEXLOWER.encode(wire))
            .collect()
    }

    /// Takes in what a node exports of a committee.
    pub(super) fn learn(&mut self, node: &Node, committee: &str) {
        self.state.follow(committee.parse().unwrap());
        for item in node.ok(&format!("/committees/{committee}/entries"))["items"]
            .as_array()
            .unwrap()
        {
            let wire = data_encoding::HEXLOWER
                .decode(item["wire"].as_str().unwrap().as_bytes())
                .unwrap();
            self.state
                .offer(Entry::decode(&wire).unwrap().verify().unwrap(), 0, &mut Vec::new());
        }
    }

    /// Opens a document, or writes an act of authority, and hands it in.
    pub(super) fn write(
        &mut self,
        node: &Node,
        committee: &str,
        kind: &str,
        control: Option<Control>,
        body: Value,
    ) -> Id {
        let act = control.as_ref().is_some_and(|c| !matches!(c, Control::Document(_)));
        self.hand_in(node, committee, act.then_some(committee), kind, control, body)
    }

    /// Acts in a document, and hands it in.
    pub(super) fn act(&mut self, node: &Node, committee: &str, doc: &str, kind: &str, body: Value) -> Id {
        self.hand_in(node, committee, Some(doc), kind, None, body)
    }

    /// Edits a document of one's own as of its root.
    pub(super) fn edit(&mut self, node: &Node, committee: &str, doc: Id, bytes: Vec<u8>) {
        let draft = Draft {
            doc: Some(doc),
            kind: "edit".to_owned(),
            after: vec![doc],
            body: Some(althing_protocol::entry::Body { salt: [7; 16], bytes }),
            time: 1,
            ..Draft::default()
        };
        self.sign(node, committee, draft);
    }

    pub(super) fn sign(&mut self, node: &Node, committee: &str, draft: Draft) -> Id {
        let writer = Writer {
            key: self.home.device(),
            cert: self.home.device_cert(),
        };
        let entry = author::write(&self.state, committee.parse().unwrap(), &writer, draft).unwrap();
        let (id, wire) = (entry.id(), entry.wire());
        self.state.offer(entry, 0, &mut Vec::new());
        assert_eq!(node.raw(wire).0, 200);
        id
    }

    pub(super) fn hand_in(
        &mut self,
        node: &Node,
        committee: &str,
        doc: Option<&str>,
        name: &str,
        control: Option<Control>,
        body: Value,
    ) -> Id {
        let kind = althing_protocol::kind::find(name).unwrap();
        let bytes = althing_protocol::kind::json::body(kind, &body).unwrap();
        let doc: Option<Id> = doc.map(|doc| doc.parse().unwrap());
        let draft = Draft {
            doc,
            kind: name.to_owned(),
            control: control.and_then(|c| c.value()),
            after: doc.into_iter().collect(),
            body: Some(althing_protocol::entry::Body { salt: [7; 16], bytes }).filter(|b| b.bytes != [0xa0]),
            time: 1,
            ..Draft::default()
        };
        self.sign(node, committee, draft)
    }

    pub(super) fn post(&mut self, committee: &str, doc: &str, text: &str) -> (Id, Vec<u8>) {
        let kind = althing_protocol::kind::find("post").unwrap();
        let bytes = althing_protocol::kind::json::body(kind, &json!({ "text": text })).unwrap();
        let doc: Id = doc.parse().unwrap();
        let draft = Draft {
            doc: Some(doc),
            kind: "post".to_owned(),
            after: vec![doc],
            body: Some(althing_protocol::entry::Body { salt: [7; 16], bytes }),
            time: 1,
            ..Draft::default()
        };
        let writer = Writer {
            key: self.home.device(),
            cert: self.home.device_cert(),
        };
        let entry = author::write(&self.state, committee.parse().unwrap(), &writer, draft).unwrap();
        let wire = entry.wire();
        let id = entry.id();
        self.state.offer(entry, 0, &mut Vec::new());
        (id, wire)
    }
}
