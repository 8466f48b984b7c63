//! Making a bundle out of what a node holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_bytes::{ByteArray, ByteBuf};
use thiserror::Error;

use super::proof::{Anchorage, Proof, Signed};
use super::verify::{Refused, Verified, verify};
use super::zip::{LARGEST, Members};
use crate::admit;
use crate::codec;
use crate::control::{Control, Shape};
use crate::entry::{Body, Verified as Entry};
use crate::hash::{Hash, Id, Key, key_commitment};

/// Entries of one identity that are looked at on the way from an enrolment to its root.
const LOOKED_AT: usize = 4096;

/// What goes into a bundle.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// What is to be proved.
    pub entry: Signed,
    /// Its body, if it is here and may be shown.
    pub body: Option<&'a Body>,
    /// The signed checkpoint with its cosignatures.
    pub note: String,
    /// The `enroll` entries of the log's node and of the cosigners. That of the author is found by the entry's `cert`.
    pub enrolls: Vec<Id>,
    /// The leaf's number.
    pub index: u64,
    /// The inclusion proof of the leaf under the note's checkpoint.
    pub path: Vec<Hash>,
    /// Where the checkpoint is anchored.
    pub anchor: Option<Anchorage>,
    /// The page that checks it.
    pub page: Option<&'a [u8]>,
}

/// Why no bundle came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unmade {
    /// The entry's header does not read.
    #[error("the entry does not read")]
    Entry,
    /// An entry that says whose a key is is not here.
    #[error("entry {0} is not here, and it says whose a key is")]
    Missing(Id),
    /// Nothing leads from there to the identity's root.
    #[error("the key that signed {0} is not shown to be a root key of its identity")]
    Stranger(Id),
    /// Too large.
    #[error("the bundle would be larger than {LARGEST} bytes")]
    Large,
    /// It would not hold.
    #[error("what would be proved does not hold: {0}")]
    Refused(#[from] Refused),
}

/// Makes a bundle; `look` gives entries of identities by id. What comes out has been checked as any reader will.
///
/// # Errors
/// [`Unmade`].
pub fn make(parts: &Parts<'_>, look: impl Fn(&Id) -> Option<Signed>) -> Result<Vec<u8>, Unmade> {
    made(parts, look).map(|(bytes, _)| bytes)
}

fn made(parts: &Parts<'_>, look: impl Fn(&Id) -> Option<Signed>) -> Result<(Vec<u8>, Verified), Unmade> {
    let entry = parts.entry.verify().ok_or(Unmade::Entry)?;
    let (shape, control) = admit::read(entry.header()).map_err(|_| Unmade::Entry)?;
    let mut people = Collected {
        look,
        chosen: BTreeMap::new(),
    };
    match (entry.header().cert, shape) {
        (Some(cert), _) => people.enrolment(cert)?,
        (None, Shape::Identity) => {}
        (None, _) => people.own(&entry, matches!(control, Control::Rotate(_)))?,
    }
    for enroll in &parts.enrolls {
        people.enrolment(*enroll)?;
    }
    let proof = Proof {
        entry: parts.entry.clone(),
        people: people.ordered(),
        note: parts.note.clone(),
        index: parts.index,
        path: parts.path.clone(),
        anchor: parts.anchor.clone(),
    };
    let body = |body: &Body| codec::encode(&(ByteArray::new(body.salt), ByteBuf::from(body.bytes.clone())));
    let members = Members {
        proof: proof.encode(),
        body: parts.body.map(body),
        page: parts.page.map(<[u8]>::to_vec),
    };
    let bytes = members.write();
    if bytes.len() > LARGEST {
        return Err(Unmade::Large);
    }
    let verified = verify(&bytes)?;
    Ok((bytes, verified))
}

/// Entries of identities that were chosen, each with those that must stand before it.
struct Collected<L> {
    look: L,
    chosen: BTreeMap<Id, (Signed, BTreeSet<Id>)>,
}

/// A root or a rotation of one identity: who signed it, and to whom it commits.
struct Root {
    signed: Signed,
    by: Key,
    next: Hash,
}

impl<L: Fn(&Id) -> Option<Signed>> Collected<L> {
    fn read(&self, id: Id) -> Result<(Signed, Entry), Unmade> {
        let signed = (self.look)(&id).ok_or(Unmade::Missing(id))?;
        let entry = signed.verify().filter(|entry| entry.id() == id).ok_or(Unmade::Missing(id))?;
        Ok((signed, entry))
    }

    /// Chooses an enrolment and what shows that a root key signed it.
    fn enrolment(&mut self, id: Id) -> Result<(), Unmade> {
        if self.chosen.contains_key(&id) {
            return Ok(());
        }
        let (signed, entry) = self.read(id)?;
        let identity = entry.header().space.ok_or(Unmade::Stranger(id))?;
        let roots = self.roots(&entry, identity)?;
        let last = self.chain(&roots, entry.header().by, id)?;
        self.choose(id, signed, &entry, Some(last));
        Ok(())
    }

    /// Chooses what shows that a root key of its identity signed this entry.
    fn own(&mut self, entry: &Entry, rotates: bool) -> Result<(), Unmade> {
        let identity = entry.header().space.ok_or(Unmade::Stranger(entry.id()))?;
        let mut roots = self.roots(entry, identity)?;
        // A rotation shows for itself, by what committed to its key.
        roots.remove(&entry.id());
        let (id, key) = (entry.id(), entry.header().by);
        if !rotates {
            return self.chain(&roots, key, id).map(drop);
        }
        let before = roots.values().find(|root| root.next == key_commitment(&key)).map(|root| root.by);
        self.chain(&roots, before.ok_or(Unmade::Stranger(id))?, id).map(drop)
    }

    /// The root and the rotations of an identity in the past of one of its entries, and that entry if it is one.
    fn roots(&self, from: &Entry, identity: Id) -> Result<BTreeMap<Id, Root>, Unmade> {
        let mut found = BTreeMap::new();
        let mut seen = BTreeSet::from([from.id()]);
        let mut open = VecDeque::from([(Signed::of(from), from.clone())]);
        while let Some((signed, entry)) = open.pop_front() {
            let header = entry.header();
            let next = match admit::read(header) {
                Ok((_, Control::Identity(root))) => Some(root.next),
                Ok((_, Control::Rotate(rotate))) => Some(rotate.next),
                _ => None,
            };
            let by = header.by;
            if let Some(next) = next {
                found.insert(entry.id(), Root { signed, by, next });
            }
            for name in admit::names(header) {
                if seen.len() < LOOKED_AT && seen.insert(name) {
                    // What is not of this identity does not lead to its root.
                    let Ok((signed, named)) = self.read(name) else { continue };
                    if named.id() == identity || named.header().space == Some(identity) {
                        open.push_back((signed, named));
                    }
                }
            }
        }
        if found.contains_key(&identity) {
            Ok(found)
        } else {
            Err(Unmade::Missing(identity))
        }
    }

    /// Chooses the roots and rotations that make this a root key, for an entry of that id. Answers the last of them.
    fn chain(&mut self, roots: &BTreeMap<Id, Root>, key: Key, of: Id) -> Result<Id, Unmade> {
        let stranger = Unmade::Stranger(of);
        let signed_by = |key: Key| roots.iter().find(|(_, root)| root.by == key);
        let mut chain: Vec<(Id, &Root)> = Vec::new();
        let (id, root) = signed_by(key).ok_or(stranger)?;
        chain.push((*id, root));
        while let Some((_, root)) = chain.last().filter(|(_, root)| !is_first(root)) {
            let opened = key_commitment(&root.by);
            let before = roots.iter().find(|(_, root)| root.next == opened).ok_or(stranger)?;
            if chain.len() > roots.len() {
                return Err(stranger);
            }
            chain.push((*before.0, before.1));
        }
        let mut last = None;
        for (id, root) in chain.into_iter().rev() {
            let entry = root.signed.verify().ok_or(stranger)?;
            self.choose(id, root.signed.clone(), &entry, last);
            last = Some(id);
        }
        last.ok_or(stranger)
    }

    fn choose(&mut self, id: Id, signed: Signed, entry: &Entry, before: Option<Id>) {
        let mut names: BTreeSet<Id> = admit::names(entry.header()).into_iter().collect();
        names.extend(before);
        self.chosen.insert(id, (signed, names));
    }

    /// The chosen entries, parents first; of those that may come next, the one with the least id.
    fn ordered(mut self) -> Vec<Signed> {
        let mut out = Vec::new();
        while !self.chosen.is_empty() {
            let ready = |names: &BTreeSet<Id>| names.iter().all(|name| !self.chosen.contains_key(name));
            let next = self.chosen.iter().find(|(_, (_, names))| ready(names)).map(|(id, _)| *id);
            // Ids are hashes, so names make no circles.
            let Some((signed, _)) = next.and_then(|id| self.chosen.remove(&id)) else {
                break;
            };
            out.push(signed);
        }
        out
    }
}

/// Whether this is an identity's root: it stands in no space.
fn is_first(root: &Root) -> bool {
    root.signed.verify().is_some_and(|entry| entry.header().space.is_none())
}
