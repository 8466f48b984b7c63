//! The keys of an identity as a list for people: which is root, which devices there are, how each stands.
//!
//! Invariant: a pure function of the key acts that are here, on all branches; [`Standing`] says what they amount to.

use super::{Fallen, Identities, KeyAct, Standing};
use crate::graph::{Graph, Num};
use crate::hash::{Hash, Key, key_commitment};

/// The keys of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Devices {
    /// Its root key.
    pub root: Root,
    /// The rotations that led there, the first one first.
    pub rotations: Vec<Num>,
    /// Every enrolment that is here, in the order of their numbers here.
    pub devices: Vec<Device>,
}

/// The root key of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// It has one.
    Living {
        /// The key.
        key: Key,
        /// Commitment to the one that may follow.
        next: Hash,
    },
    /// Two rotations came from one root key: nobody can say which one was meant, the identity is dead.
    Dead {
        /// Those rotations.
        rotations: Vec<Num>,
    },
}

/// An enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The `enroll` entry.
    pub enroll: Num,
    /// The key.
    pub key: Key,
    /// Why what it signs from now on does not count; none while it does.
    pub fallen: Option<Fallen>,
}

impl Device {
    /// The word for how it stands.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self.fallen {
            None => "living",
            Some(Fallen::Retired { .. }) => "retired",
            Some(Fallen::Dropped { .. }) => "dropped",
            // Nobody can say who the identity is.
            Some(Fallen::Dead { .. }) => "unknown",
        }
    }
}

impl Identities {
    /// The keys of an identity, from all its key acts that are here. None if it is no identity, or is not here.
    #[must_use]
    pub fn devices_of(&self, identity: Num, graph: &Graph) -> Option<Devices> {
        let Some(KeyAct::Root { key, next }) = self.act(identity) else {
            return None;
        };
        let controls = self.controls(identity);
        let (mut root, mut rotations) = ((*key, *next), Vec::new());
        let follows = |(_, commitment): (Key, Hash), taken: &[Num]| {
            controls.iter().find_map(|num| match self.act(*num) {
                Some(KeyAct::Rotate { key, next, .. }) if key_commitment(key) == commitment && !taken.contains(num) => {
                    Some((*num, (*key, *next)))
                }
                _ => None,
            })
        };
        // Each turn takes a rotation that was not taken before, so it ends.
        while let Some((num, new)) = follows(root, &rotations) {
            rotations.push(num);
            root = new;
        }
        let standing = Standing::new(identity, |_| true, self, graph);
        let device = |enroll: &Num| {
            let key = self.enrolled(*enroll)?;
            let fallen = standing.device(*enroll, self).err();
            Some(Device {
                enroll: *enroll,
                key,
                fallen,
            })
        };
        let (key, next) = root;
        Some(Devices {
            root: match standing.dead() {
                [] => Root::Living { key, next },
                dead => Root::Dead {
                    rotations: dead.to_vec(),
                },
            },
            rotations,
            devices: controls.iter().filter_map(device).collect(),
        })
    }

    /// What a new key act should build on: the key acts that no other one has in its past, or the root. At most
    /// `most`, those that came last.
    #[must_use]
    pub fn heads(&self, identity: Num, most: usize) -> Vec<Num> {
        let controls = self.controls(identity);
        let in_past = |n: &Num| {
            let of = |other: &Num| other != n && self.past.get(other).is_some_and(|past| past.binary_search(n).is_ok());
            controls.iter().any(of)
        };
        let mut heads: Vec<Num> = controls.iter().copied().filter(|n| !in_past(n)).collect();
        if heads.is_empty() {
            heads.push(identity);
        }
        heads.drain(..heads.len().saturating_sub(most));
        heads
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::author::{self, Draft, Writer};
    use crate::control::{Control, Enroll, Retire, Rotate, Use};
    use crate::hash::Id;
    use crate::state::{LOCAL, Limits, Outcome, State};

    fn key(n: u8) -> SigningKey {
        SigningKey::from_bytes(&[n; 32])
    }

    fn public(n: u8) -> Key {
        Key(key(n).verifying_key().to_bytes())
    }

    /// Root keys are 1, 2, 3 …; devices from 11 on.
    fn born() -> (State, Id) {
        let mut state = State::new(Limits::default());
        let root = author::identity(&key(1), &public(2), None, 0);
        let id = root.id();
        state.offer(root, LOCAL, &mut Vec::new());
        (state, id)
    }

    fn act(state: &State, id: Id, by: u8, kind: &str, control: &Control, after: Vec<Id>) -> crate::entry::Verified {
        let draft = Draft {
            doc: Some(id),
            kind: kind.to_owned(),
            control: control.value(),
            after,
            ..Draft::default()
        };
        let writer = Writer {
            key: &key(by),
            cert: None,
        };
        author::write(state, id, &writer, draft).unwrap()
    }

    fn enter(state: &mut State, entry: crate::entry::Verified) -> Id {
        let id = entry.id();
        let outcome = state.offer(entry, LOCAL, &mut Vec::new());
        assert!(matches!(outcome, Outcome::Admitted(_)), "{outcome:?}");
        id
    }

    fn enroll(state: &mut State, id: Id, by: u8, device: u8) -> Id {
        let control = Control::Enroll(Enroll {
            key: public(device),
            usage: Use::Person,
        });
        let entry = act(state, id, by, "enroll", &control, Vec::new());
        enter(state, entry)
    }

    fn rotation(state: &State, id: Id, by: u8, keep: Vec<Id>) -> crate::entry::Verified {
        let control = Control::Rotate(Rotate {
            next: key_commitment(&public(by + 1)),
            keep,
        });
        let graph = state.graph();
        let heads = state.identities().heads(graph.num(&id).unwrap(), 16);
        let after = heads.into_iter().map(|n| graph.id(n)).collect();
        act(state, id, by, "rotate", &control, after)
    }

    fn devices(state: &State, id: Id) -> Devices {
        let graph = state.graph();
        state.identities().devices_of(graph.num(&id).unwrap(), graph).unwrap()
    }

    fn words(state: &State, id: Id) -> Vec<&'static str> {
        let all = devices(state, id);
        all.devices.iter().map(Device::status).collect()
    }

    #[test]
    fn devices_live_until_they_are_retired_or_left_out() {
        let (mut state, id) = born();
        let phone = enroll(&mut state, id, 1, 11);
        enroll(&mut state, id, 1, 12);
        assert_eq!(words(&state, id), ["living", "living"]);
        let retire = Control::Retire(Retire {
            key: public(12),
            last: Vec::new(),
        });
        let retire = act(&state, id, 1, "retire", &retire, Vec::new());
        enter(&mut state, retire);
        assert_eq!(words(&state, id), ["living", "retired"]);

        enroll(&mut state, id, 1, 13);
        let rotate = rotation(&state, id, 2, vec![phone]);
        enter(&mut state, rotate);
        assert_eq!(words(&state, id), ["living", "dropped", "dropped"]);
        enroll(&mut state, id, 2, 14);
        assert_eq!(words(&state, id), ["living", "dropped", "dropped", "living"]);
        assert!(matches!(devices(&state, id).root, Root::Living { key, .. } if key == public(2)));
        assert_eq!(devices(&state, id).rotations.len(), 1);
    }

    #[test]
    fn a_stolen_root_key_enrols_nothing_past_the_rotation() {
        let (mut state, id) = born();
        let phone = enroll(&mut state, id, 1, 11);
        let stolen = act(
            &state,
            id,
            1,
            "enroll",
            &Control::Enroll(Enroll {
                key: public(66),
                usage: Use::Person,
            }),
            Vec::new(),
        );
        let rotate = rotation(&state, id, 2, vec![phone]);
        enter(&mut state, rotate);
        // Signed by the old root key without having seen the rotation, and shown after it.
        enter(&mut state, stolen);
        assert_eq!(words(&state, id), ["living", "dropped"]);
    }

    #[test]
    fn two_rotations_from_one_key_end_the_identity() {
        let (mut state, id) = born();
        let phone = enroll(&mut state, id, 1, 11);
        let one = rotation(&state, id, 2, vec![phone]);
        let two = rotation(&state, id, 2, Vec::new());
        enter(&mut state, one.clone());
        assert!(matches!(devices(&state, id).root, Root::Living { key, .. } if key == public(2)));
        enter(&mut state, two.clone());
        assert!(matches!(devices(&state, id).root, Root::Dead { rotations } if rotations.len() == 2));
        assert_eq!(words(&state, id), ["unknown"]);

        let (mut other, _) = born();
        enroll(&mut other, id, 1, 11);
        enter(&mut other, two);
        enter(&mut other, one);
        assert_eq!(words(&other, id), ["unknown"], "in any order");
    }

    #[test]
    fn a_key_act_builds_on_all_that_came_before() {
        let (mut state, id) = born();
        let graph = state.graph();
        assert_eq!(
            state.identities().heads(graph.num(&id).unwrap(), 16),
            [graph.num(&id).unwrap()]
        );
        enroll(&mut state, id, 1, 11);
        let last = enroll(&mut state, id, 1, 12);
        let graph = state.graph();
        assert_eq!(
            state.identities().heads(graph.num(&id).unwrap(), 16),
            [graph.num(&last).unwrap()]
        );
        assert_eq!(state.identities().devices_of(graph.num(&last).unwrap(), graph), None);
    }
}
