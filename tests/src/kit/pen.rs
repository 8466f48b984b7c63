//! Signs entries by hand: at any place, under any certificate, naming anything.

use std::collections::BTreeMap;

use althing_protocol::codec;
use althing_protocol::control::{self, Control};
use althing_protocol::digest::Prefix;
use althing_protocol::entry::{Body, Header, Verified, commit_body, entry_id};
use althing_protocol::hash::{Hash, Id, sha256};
use althing_protocol::limit;
use ed25519_dalek::SigningKey;

use super::person::public;

/// One key's place in one space. Cloning it is how one forks.
#[derive(Debug, Clone)]
pub struct Pen {
    key: SigningKey,
    cert: Option<Id>,
    space: Id,
    head: Option<(u64, Id)>,
}

/// An entry before it is signed. Whatever the pen filled in can be overwritten.
#[derive(Debug)]
pub struct Sheet<'a> {
    pen: &'a mut Pen,
    header: Header,
    body: Option<Body>,
}

impl Pen {
    /// At the start of a log.
    #[must_use]
    pub fn new(key: &SigningKey, cert: Option<Id>, space: Id) -> Self {
        Self {
            key: key.clone(),
            cert,
            space,
            head: None,
        }
    }

    /// After an entry of the log.
    #[must_use]
    pub fn after(key: &SigningKey, cert: Option<Id>, space: Id, seq: u64, head: Id) -> Self {
        Self {
            head: Some((seq, head)),
            ..Self::new(key, cert, space)
        }
    }

    /// The last entry that this pen wrote.
    #[must_use]
    pub fn head(&self) -> Option<Id> {
        self.head.map(|(_, id)| id)
    }

    /// The space that it writes in.
    #[must_use]
    pub fn space(&self) -> Id {
        self.space
    }

    /// An entry of the space's own document, at the end of the log.
    pub fn entry(&mut self, kind: &str) -> Sheet<'_> {
        let header = Header {
            v: limit::VERSION,
            space: Some(self.space),
            doc: Some(self.space),
            by: public(&self.key),
            cert: self.cert,
            seq: self.head.map_or(0, |(seq, _)| seq + 1),
            prev: self.head(),
            after: Vec::new(),
            auth: Vec::new(),
            not_before: None,
            time: 0,
            kind: kind.to_owned(),
            control: None,
            len: 0,
            body_hash: Hash::ZERO,
        };
        Sheet {
            pen: self,
            header,
            body: None,
        }
    }

    /// A post with a text that names these entries.
    pub fn post(&mut self, text: &str, after: &[Id]) -> Verified {
        self.entry("post").text(text).after(after).sign()
    }

    /// A grant of a role to an identity, in the sight of these entries.
    pub fn grant(&mut self, role: &str, to: Id, saw: &[Id]) -> Verified {
        let control = Control::Grant(control::Grant {
            role: role.to_owned(),
            to,
            scope: None,
        });
        self.entry("grant").control(&control).after(saw).sign()
    }

    /// A revocation of a grant, in the sight of these entries.
    pub fn revoke(&mut self, grant: Id, saw: &[Id]) -> Verified {
        let control = Control::Revoke(control::Revoke { grant });
        self.entry("revoke").control(&control).after(saw).sign()
    }

    /// Sets a parameter, in the sight of these entries.
    pub fn parameter(&mut self, name: &str, value: u64, saw: &[Id]) -> Verified {
        let control = Control::SetParameter(control::SetParameter {
            name: name.to_owned(),
            value,
        });
        self.entry("set_parameter").control(&control).after(saw).sign()
    }

    /// A moderator's label, without its body, in the sight of these entries.
    pub fn label(&mut self, saw: &[Id]) -> Verified {
        self.entry("label").after(saw).sign()
    }

    /// A signature under an act, in the sight of these entries.
    pub fn cosign(&mut self, entry: Id, saw: &[Id]) -> Verified {
        let control = Control::Cosign(control::Cosign { entry });
        self.entry("cosign").control(&control).after(saw).sign()
    }

    /// The root of a topic.
    pub fn topic(&mut self, title: &str) -> Verified {
        self.entry("topic").doc(None).fields(&[("title", title)], true).sign()
    }

    /// New whole values of a document's fields.
    pub fn edit(&mut self, doc: Id, title: &str, after: &[Id]) -> Verified {
        self.entry("edit")
            .doc(Some(doc))
            .fields(&[("title", title)], true)
            .after(after)
            .sign()
    }

    /// A stance on what these entries made of a document.
    pub fn stance(&mut self, doc: Id, position: &str, after: &[Id]) -> Verified {
        let sheet = self
            .entry("stance")
            .doc(Some(doc))
            .fields(&[("position", position)], false);
        sheet.after(after).sign()
    }

    /// A standing order for a newcomer.
    pub fn vouch(&mut self, identity: Id) -> Verified {
        let control = Control::Vouch(control::Vouch { identity, quota: 10 });
        self.entry("vouch").control(&control).sign()
    }
}

impl Sheet<'_> {
    /// Builds on these, sorted, without repetitions, at most as many as are allowed.
    #[must_use]
    pub fn after(mut self, ids: &[Id]) -> Self {
        self.header.after = ids.to_vec();
        self.header.after.sort_unstable();
        self.header.after.dedup();
        self.header.after.truncate(limit::AFTER);
        self
    }

    /// Cites these as authority.
    #[must_use]
    pub fn auth(mut self, ids: &[Id]) -> Self {
        self.header.auth = ids.to_vec();
        self.header.auth.sort_unstable();
        self.header.auth.dedup();
        self.header.auth.truncate(limit::AUTH);
        self
    }

    /// In a document; none opens one.
    #[must_use]
    pub fn doc(mut self, doc: Option<Id>) -> Self {
        self.header.doc = doc;
        self
    }

    /// With a control.
    #[must_use]
    pub fn control(mut self, control: &Control) -> Self {
        self.header.control = control.value();
        self
    }

    /// With a text as body: `{text}`, what a post holds.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.fields(&[("text", text)], false)
    }

    /// With a body of these fields; of an edit of them, if `set`.
    #[must_use]
    pub fn fields(self, fields: &[(&str, &str)], set: bool) -> Self {
        let fields: BTreeMap<&str, &str> = fields.iter().copied().collect();
        if set {
            self.body(&codec::encode(&BTreeMap::from([("set", fields)])))
        } else {
            self.body(&codec::encode(&fields))
        }
    }

    /// With these bytes as body, and a salt that follows from them.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        let mut salt = [0; limit::SALT];
        let hash = sha256(&[b"kit salt\0", bytes]);
        salt.copy_from_slice(&hash[..limit::SALT]);
        self.body = Some(Body {
            salt,
            bytes: bytes.to_vec(),
        });
        (self.header.len, self.header.body_hash) = commit_body(self.body.as_ref());
        self
    }

    /// Changes anything.
    #[must_use]
    pub fn set(mut self, change: impl FnOnce(&mut Header)) -> Self {
        change(&mut self.header);
        self
    }

    /// Changes the claimed time until the id begins with the same `bits` as another.
    #[must_use]
    pub fn mine(mut self, like: &Id, bits: usize) -> Self {
        let place = Prefix::of(like, bits);
        while !place.holds(&entry_id(&self.header.encode())) {
            self.header.time += 1;
        }
        self
    }

    /// Signs; the pen stands after this entry.
    pub fn sign(self) -> Verified {
        let seq = self.header.seq;
        let entry = Verified::sign(self.header, self.body, &self.pen.key);
        self.pen.head = Some((seq, entry.id()));
        entry
    }
}
