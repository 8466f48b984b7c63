//! What the machine with the root key hands to the new one: the identity's key acts, and where its committees are.
//!
//! Nothing in it is secret, and nothing in it is believed: the entries are verified and admitted one after the other,
//! and the two enrolments must be those of the keys that wait here.

use althing_protocol::entry::{Entry, Verified};
use althing_protocol::hash::{Id, Key};
use althing_protocol::state::{LOCAL, Limits, Outcome, State};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::NAME;

/// Largest file that is read as one, in bytes.
pub(super) const LARGEST: usize = 8 << 20;

/// Entries that one holds at most: an identity has 256 key acts, and its profile grows beside them.
const ENTRIES: usize = 4096;

/// Invitations that one holds at most.
const FOLLOW: usize = 64;

/// Longest invitation, in bytes.
const INVITATION: usize = 4096;

const FORMAT: &str = "enrolment/1";

/// The file that `althing id enroll` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    althing: String,
    /// The identity.
    pub identity: Id,
    /// What it is called.
    pub name: String,
    /// The `enroll` entry of the device.
    pub device: Id,
    /// The `enroll` entry of the node key.
    pub node: Id,
    /// The identity's entries in wire form, hexadecimal, parents first; its root is the first.
    pub entries: Vec<String>,
    /// Invitations to the committees that the other machine follows.
    pub follow: Vec<String>,
}

/// Why a file does not enrol this machine.
#[derive(Debug, Error)]
pub enum BadEnrolment {
    /// Not such a file.
    #[error("this is not the file that `althing id enroll` writes ({0}); bring that one")]
    Form(String),
    /// For other keys.
    #[error("this file enrols another machine; run `althing id enroll` with the request that this machine shows")]
    OtherMachine,
    /// Entries that do not stand.
    #[error("the file's entry number {place} does not stand: {why}; have it written again")]
    Entry {
        /// Counted from 1.
        place: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl Enrolment {
    /// Puts one together.
    #[must_use]
    pub fn new(identity: Id, name: String, [device, node]: [Id; 2], entries: Vec<String>, follow: Vec<String>) -> Self {
        Self {
            althing: FORMAT.to_owned(),
            identity,
            name,
            device,
            node,
            entries,
            follow: bounded(follow),
        }
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`BadEnrolment::Form`].
    pub fn read(text: &[u8]) -> Result<Self, BadEnrolment> {
        let form = |why: &dyn std::fmt::Display| BadEnrolment::Form(why.to_string());
        if text.len() > LARGEST {
            return Err(form(&"it is too large"));
        }
        let read: Self = serde_json::from_slice(text).map_err(|why| form(&why))?;
        let name = read.name.chars().count();
        if read.althing != FORMAT || name > NAME || read.name.chars().any(char::is_control) {
            return Err(form(&"of another form"));
        }
        Ok(read)
    }

    /// Its entries, verified and admitted, parents first: the root, all but the two enrolments of these keys, and
    /// these two.
    pub(super) fn check(
        &self,
        device: &Key,
        node: &Key,
    ) -> Result<(Verified, Vec<Verified>, [Verified; 2]), BadEnrolment> {
        let (state, mut entries) = admitted(&self.entries)?;
        let graph = state.graph();
        let enrols = |id: &Id, key: &Key| {
            let found = graph.num(id).and_then(|num| state.identities().enrolled(num));
            found == Some(*key)
        };
        let root = entries.first().map(Verified::id);
        if root != Some(self.identity) || !enrols(&self.device, device) || !enrols(&self.node, node) {
            return Err(BadEnrolment::OtherMachine);
        }
        let mut take = |id: &Id| {
            let place = entries.iter().position(|entry| entry.id() == *id);
            place
                .map(|place| entries.remove(place))
                .ok_or(BadEnrolment::OtherMachine)
        };
        let root = take(&self.identity)?;
        let own = [take(&self.device)?, take(&self.node)?];
        Ok((root, entries, own))
    }
}

/// Reads entries and has a state of their own admit them.
pub(super) fn admitted(wires: &[String]) -> Result<(State, Vec<Verified>), BadEnrolment> {
    if wires.is_empty() || wires.len() > ENTRIES {
        return Err(BadEnrolment::Form(format!("it holds {} entries", wires.len())));
    }
    let mut state = State::new(Limits::default());
    let mut entries = Vec::new();
    for (n, hex) in wires.iter().enumerate() {
        let bad = |why: String| BadEnrolment::Entry { place: n + 1, why };
        let wire = HEXLOWER.decode(hex.as_bytes()).map_err(|why| bad(why.to_string()))?;
        let entry = Entry::decode(&wire).map_err(|why| bad(why.to_string()))?;
        let entry = entry.verify().map_err(|why| bad(why.to_string()))?;
        match state.offer(entry.clone(), LOCAL, &mut Vec::new()) {
            Outcome::Admitted(_) => entries.push(entry),
            Outcome::Known(_) => {}
            Outcome::Waiting(_) => return Err(bad("it names an entry that is not before it".to_owned())),
            Outcome::Rejected(fault) => return Err(bad(fault.to_string())),
            Outcome::Refused(why) => return Err(bad(why.to_string())),
        }
    }
    Ok((state, entries))
}

/// As many invitations as one file may hold.
pub(super) fn bounded(follow: Vec<String>) -> Vec<String> {
    let fits = |link: &String| link.len() <= INVITATION && !link.chars().any(char::is_control);
    follow.into_iter().filter(fits).take(FOLLOW).collect()
}
