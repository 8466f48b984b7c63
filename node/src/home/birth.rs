//! The first three entries of an identity: its root, its device, its node.

use althing_protocol::author::{self, Draft, Writer};
use althing_protocol::codec::{self, Map, Value};
use althing_protocol::control::{Control, Enroll, Use};
use althing_protocol::entry::{Body, Verified};
use althing_protocol::hash::Key;
use althing_protocol::state::{LOCAL, Limits, State};
use ed25519_dalek::SigningKey;

use crate::clock;

/// Where they are kept, parents first.
pub(super) const FILES: [&str; 3] = ["root.entry", "device.entry", "node.entry"];

/// Signs the three entries. Their place in the root key's log is found by a state of their own.
pub(super) fn entries([root, next, device, node]: [&[u8; 32]; 4], name: &str, label: &str) -> [Verified; 3] {
    let root = SigningKey::from_bytes(root);
    let time = clock::now_ms();
    let mut state = State::new(Limits::default());
    let identity = author::identity(&root, &public(next), Some(profile(name)), time);
    let space = identity.id();
    state.offer(identity.clone(), LOCAL, &mut Vec::new());
    let mut enroll = |key: &[u8; 32], usage| {
        let draft = Draft {
            doc: Some(space),
            kind: "enroll".to_owned(),
            control: Control::Enroll(Enroll {
                key: public(key),
                usage,
            })
            .value(),
            body: Some(body("note", label)),
            time,
            ..Draft::default()
        };
        let writer = Writer { key: &root, cert: None };
        let entry = author::write(&state, space, &writer, draft).expect("the identity's root was just offered");
        state.offer(entry.clone(), LOCAL, &mut Vec::new());
        entry
    };
    let device = enroll(device, Use::Person);
    let node = enroll(node, Use::Node);
    [identity, device, node]
}

/// The profile as its kind has it: the fields that are set.
fn profile(name: &str) -> Body {
    let fields = Map::from([("name".to_owned(), Value::String(name.to_owned()))]);
    salted(Map::from([("set".to_owned(), Value::Map(fields))]))
}

/// An act's body with one text.
fn body(field: &str, text: &str) -> Body {
    salted(Map::from([(field.to_owned(), Value::String(text.to_owned()))]))
}

fn salted(body: Map) -> Body {
    Body {
        salt: clock::random(),
        bytes: codec::encode(&Value::Map(body)),
    }
}

fn public(seed: &[u8; 32]) -> Key {
    Key(SigningKey::from_bytes(seed).verifying_key().to_bytes())
}
