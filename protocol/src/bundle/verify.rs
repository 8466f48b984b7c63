//! The checks of a bundle, in their order.

use std::collections::BTreeSet;

use serde_bytes::{ByteArray, ByteBuf};
use thiserror::Error;

use super::people::People;
use super::proof::{Anchorage, Proof};
use super::zip::{LARGEST, Members};
use crate::admit;
use crate::anchor::{Anchoring, batch};
use crate::codec;
use crate::control::{Control, Shape};
use crate::entry::{Body, Header, Verified as Entry};
use crate::hash::{Id, Key};
use crate::limit;
use crate::link::Address;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{Line, Note, Use, Verifier};
use crate::log::{Leaf, verify_inclusion, witness};

/// One of the checks, by its name in `docs/spec/proof.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The file's length.
    Size,
    /// Its form.
    Zip,
    /// The proof's form.
    Encoding,
    /// The entry's form and signature.
    Entry,
    /// The same of the identities' entries.
    People,
    /// Whose key signed the entry.
    Author,
    /// The body's length and hash.
    Body,
    /// The checkpoint's form and committee.
    Note,
    /// The log's signature and whose key it is.
    LogKey,
    /// The cosignatures and whose keys they are.
    Cosigners,
    /// The leaf's place in the log.
    Log,
    /// That nothing is there which proves nothing.
    Unused,
    /// The block, and the checkpoint's place in the batch.
    Anchor,
}

impl Check {
    /// All of them, in their order.
    pub const ALL: [Self; 13] = [
        Self::Size,
        Self::Zip,
        Self::Encoding,
        Self::Entry,
        Self::People,
        Self::Author,
        Self::Body,
        Self::Note,
        Self::LogKey,
        Self::Cosigners,
        Self::Log,
        Self::Unused,
        Self::Anchor,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Zip => "zip",
            Self::Encoding => "encoding",
            Self::Entry => "entry",
            Self::People => "people",
            Self::Author => "author",
            Self::Body => "body",
            Self::Note => "note",
            Self::LogKey => "log_key",
            Self::Cosigners => "cosigners",
            Self::Log => "log",
            Self::Unused => "unused",
            Self::Anchor => "anchor",
        }
    }

    /// What went wrong when it fails, for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Size => "the file is larger than any proof may be",
            Self::Zip => "the file is no bundle, or was changed",
            Self::Encoding => "proof.cbor does not have the form of a proof",
            Self::Entry => "the entry has not the form of one, or its signature does not hold",
            Self::People => "one of the entries that say whose keys these are is unsound",
            Self::Author => "nothing shows whose key signed the entry",
            Self::Body => "the body is not the one that the entry was signed with",
            Self::Note => "the checkpoint is none, or of another committee's log",
            Self::LogKey => "the checkpoint is not signed by the log's key, or nothing shows whose node that is",
            Self::Cosigners => "one of the cosignatures does not hold, or nothing shows whose it is",
            Self::Log => "the entry is not in the log where the proof says",
            Self::Unused => "it holds entries that prove nothing here",
            Self::Anchor => "the checkpoint is not shown to be anchored in that block",
        }
    }
}

/// The first check that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}: {}", .0.name(), .0.text())]
pub struct Refused(pub Check);

/// What a bundle proves. Its `Display` says it to people.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The entry.
    pub id: Id,
    /// Its header.
    pub header: Header,
    /// The identity for which its key signed.
    pub identity: Id,
    /// What it says.
    pub body: Content,
    /// The checkpoint of the log that holds it.
    pub checkpoint: Checkpoint,
    /// The identity whose node keeps that log.
    pub keeper: Id,
    /// The leaf's number.
    pub index: u64,
    /// Who cosigned the checkpoint, in the order of the note.
    pub cosigners: Vec<Cosigner>,
    /// The block in which it is anchored; none if the proof does not say when.
    pub anchor: Option<(Anchoring, Address)>,
}

/// What became of the entry's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The entry has none.
    Bodiless,
    /// It did not come along.
    Absent,
    /// These bytes are it.
    Here(Body),
}

/// A node that cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigner {
    /// Its key.
    pub key: Key,
    /// Whose node it is.
    pub identity: Id,
    /// When it says that it did, in seconds since 1970.
    pub time: u64,
}

/// Checks a bundle. Pure: neither network nor clock, and the block is believed.
///
/// # Errors
/// [`Refused`], the first check that fails.
pub fn verify(bytes: &[u8]) -> Result<Verified, Refused> {
    let or = |check: Check| move || Refused(check);
    if bytes.len() > LARGEST {
        return Err(Refused(Check::Size));
    }
    let members = Members::read(bytes).ok_or_else(or(Check::Zip))?;
    let proof = Proof::decode(&members.proof).ok_or_else(or(Check::Encoding))?;
    let entry = proof.entry.verify().ok_or_else(or(Check::Entry))?;
    let (shape, control) = admit::read(entry.header()).map_err(|_| Refused(Check::Entry))?;
    let mut people = People::read(&proof.people).ok_or_else(or(Check::People))?;
    let identity = author(&entry, shape, &control, &mut people).ok_or_else(or(Check::Author))?;
    let body = body(entry.header(), members.body.as_deref()).ok_or_else(or(Check::Body))?;
    let note = Note::read(&proof.note).map_err(|_| Refused(Check::Note))?;
    let checkpoint = checkpoint(&note, &entry, shape, &people).ok_or_else(or(Check::Note))?;
    let keeper = log_key(&note, &checkpoint, &mut people).ok_or_else(or(Check::LogKey))?;
    let cosigners = cosigners(&note, &checkpoint, &mut people).ok_or_else(or(Check::Cosigners))?;
    let leaf = Leaf::Entry(entry.id()).hash();
    verify_inclusion(&leaf, proof.index, checkpoint.size, &checkpoint.root, &proof.path)
        .map_err(|_| Refused(Check::Log))?;
    if !people.all_used() {
        return Err(Refused(Check::Unused));
    }
    let anchor = match &proof.anchor {
        Some(anchor) => Some(anchored(anchor, &note.text).ok_or_else(or(Check::Anchor))?),
        None => None,
    };
    Ok(Verified {
        id: entry.id(),
        header: entry.header().clone(),
        identity,
        body,
        checkpoint,
        keeper,
        index: proof.index,
        cosigners,
        anchor,
    })
}

fn author(entry: &Entry, shape: Shape, control: &Control, people: &mut People) -> Option<Id> {
    match (entry.header().cert, shape) {
        (Some(cert), _) => people.enrolled(cert, entry.header().by),
        (None, Shape::Identity) => Some(entry.id()),
        (None, _) => people.own(entry, control),
    }
}

fn body(header: &Header, member: Option<&[u8]>) -> Option<Content> {
    let Some(bytes) = member else {
        return Some(if header.len == 0 {
            Content::Bodiless
        } else {
            Content::Absent
        });
    };
    let (salt, bytes): (ByteArray<{ limit::SALT }>, ByteBuf) = codec::decode(bytes).ok()?;
    let body = Body {
        salt: salt.into_array(),
        bytes: bytes.into_vec(),
    };
    body.fits(header).then_some(Content::Here(body))
}

fn checkpoint(note: &Note, entry: &Entry, shape: Shape, people: &People) -> Option<Checkpoint> {
    let checkpoint: Checkpoint = note.text.parse().ok()?;
    let space = entry.header().space.unwrap_or_else(|| entry.id());
    let anywhere = shape == Shape::Identity || people.is_identity(space);
    (anywhere || checkpoint.origin.committee == space).then_some(checkpoint)
}

fn log_key(note: &Note, checkpoint: &Checkpoint, people: &mut People) -> Option<Id> {
    let verifier = checkpoint.origin.verifier().ok()?;
    let own = note.signatures.iter().filter(|line| is_own(line, &verifier));
    if own.count() != 1 || note.signed_by(&verifier).ok()?.is_none() {
        return None;
    }
    people.node(checkpoint.origin.node)
}

fn is_own(line: &Line, verifier: &Verifier) -> bool {
    line.name == verifier.name() && line.key == verifier.id()
}

fn cosigners(note: &Note, checkpoint: &Checkpoint, people: &mut People) -> Option<Vec<Cosigner>> {
    let origin = checkpoint.origin.verifier().ok()?;
    let mut seen = BTreeSet::new();
    let mut cosigners = Vec::new();
    for line in note.signatures.iter().filter(|line| !is_own(line, &origin)) {
        let key = witness::node(&line.name)?;
        let verifier = Verifier::new(&line.name, Use::Cosignature, key).ok()?;
        // With two lines of one name only the first would be looked at.
        if key == checkpoint.origin.node || !seen.insert(key) {
            return None;
        }
        cosigners.push(Cosigner {
            key,
            time: note.signed_by(&verifier).ok()??,
            identity: people.node(key)?,
        });
    }
    Some(cosigners)
}

fn anchored(anchor: &Anchorage, text: &str) -> Option<(Anchoring, Address)> {
    let anchoring = anchor.evidence.verify().ok()?;
    batch::verify(text, anchor.place, anchor.size, &anchoring.digest, &anchor.path).ok()?;
    Some((anchoring, anchor.evidence.contract))
}
