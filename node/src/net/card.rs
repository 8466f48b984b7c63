//! Which identity a node belongs to: a card that its node key signed over its libp2p name.
//!
//! Anybody can show a card; it stands only for whoever holds the libp2p key that it names, which the connection
//! proves, and only as long as the identity's own entries enrol the key that signed it. So a card of somebody else
//! is worth nothing, and cards of peers that one never met can be passed on.

use althing_protocol::hash::{Id, Key};
use althing_protocol::identity::Standing;
use althing_protocol::state::State;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use libp2p::PeerId;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::home::Home;

/// The card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Card {
    /// The identity to which the node belongs.
    pub(super) identity: Id,
    /// The `enroll` entry of the key that signs.
    cert: Id,
    /// That key.
    by: Key,
    /// Its signature under [`signed`].
    signature: ByteArray<64>,
}

/// A request of `/althing/peers/1`: who asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) card: Card,
}

/// Its answer: who answers, if that follows a committee of the asker's; and others who do.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) card: Option<Card>,
    pub(super) peers: Vec<Other>,
}

/// Another peer, and where it may be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Other {
    pub(super) peer: ByteBuf,
    pub(super) addresses: Vec<ByteBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) card: Option<Card>,
}

/// What the node key signs: `"althing/card/1\0"`, the identity, and the peer id as libp2p writes it in bytes.
fn signed(identity: &Id, peer: &PeerId) -> Vec<u8> {
    let name = peer.to_bytes();
    [b"althing/card/1\0".as_slice(), identity.as_bytes(), &name].concat()
}

impl Card {
    /// This node's own; none as long as its node key is not enrolled.
    pub(super) fn of(home: &Home, peer: &PeerId) -> Option<Self> {
        let (identity, key) = (home.identity(), home.node_key());
        Some(Self {
            identity,
            cert: home.node_cert()?,
            by: Key(key.verifying_key().to_bytes()),
            signature: ByteArray::new(key.sign(&signed(&identity, peer)).to_bytes()),
        })
    }

    /// One that claims another identity than that of the key that signs.
    #[cfg(test)]
    pub(super) fn forged(home: &Home, identity: Id, peer: &PeerId) -> Self {
        let signature = ByteArray::new(home.node_key().sign(&signed(&identity, peer)).to_bytes());
        Self {
            identity,
            signature,
            ..Self::of(home, peer).expect("enrolled")
        }
    }

    /// Whether it was made for this peer: says nothing about the identity yet.
    pub(super) fn is_for(&self, peer: &PeerId) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(self.by.as_bytes()) else {
            return false;
        };
        let signature = Signature::from_bytes(&self.signature);
        !key.is_weak() && key.verify_strict(&signed(&self.identity, peer), &signature).is_ok()
    }

    /// Whether the identity has enrolled the key that signed, and neither retired it nor let it go, as far as this
    /// node knows. Of a card that [`Card::is_for`] accepted.
    pub(super) fn stands(&self, state: &State) -> bool {
        let graph = state.graph();
        let (Some(identity), Some(cert)) = (graph.num(&self.identity), graph.num(&self.cert)) else {
            return false;
        };
        let identities = state.identities();
        let keys = Standing::new(identity, |_| true, identities, graph);
        graph.node(cert).space == identity
            && identities.enrolled(cert) == Some(self.by)
            && keys.device(cert, identities).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use althing_protocol::author::{self, Draft, Writer};
    use althing_protocol::control::{Control, Retire};
    use althing_protocol::entry::Entry;
    use althing_protocol::state::{LOCAL, Limits};

    use super::*;

    fn home(name: &str) -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::init(&dir.path().join("data"), name).unwrap();
        (dir, home)
    }

    fn offer(state: &mut State, wires: Vec<Vec<u8>>) {
        for wire in wires {
            let entry = Entry::decode(&wire).unwrap().verify().unwrap();
            state.offer(entry, LOCAL, &mut Vec::new());
        }
    }

    #[test]
    fn it_stands_for_one_peer_of_one_identity_until_its_key_is_retired() {
        let ((_a, ada), (_b, ben)) = (home("Ada"), home("Ben"));
        let (peer, other) = (PeerId::random(), PeerId::random());
        let mut state = State::new(Limits::default());
        let card = Card::of(&ada, &peer).unwrap();
        assert!(card.is_for(&peer) && !card.is_for(&other), "nobody else can show it");
        assert!(!card.stands(&state), "before the identity's entries came");
        offer(&mut state, ada.initial_entries());
        offer(&mut state, ben.initial_entries());
        assert!(card.stands(&state));
        // Ben claims to be Ada's: with his own enrolment, and with hers.
        let mut forged = Card::forged(&ben, ada.identity(), &peer);
        assert!(forged.is_for(&peer) && !forged.stands(&state));
        forged.cert = ada.node_cert().unwrap();
        assert!(!forged.stands(&state));

        let root = ada.roots().unwrap().root;
        let control = Control::Retire(Retire {
            key: card.by,
            last: Vec::new(),
        });
        let draft = Draft {
            doc: Some(ada.identity()),
            kind: "retire".to_owned(),
            control: control.value(),
            ..Draft::default()
        };
        let writer = Writer { key: &root, cert: None };
        let retire = author::write(&state, ada.identity(), &writer, draft).unwrap();
        offer(&mut state, vec![retire.wire()]);
        assert!(!card.stands(&state), "retired");
    }
}
