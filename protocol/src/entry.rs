//! An entry on its way in: bytes → [`Entry`] (nothing is known) → [`Verified`] (its key signed this header).
//!
//! The types are the pipeline: an [`Entry`] shows only its id, so nobody can act on a payload that nobody signed.
//! What comes after, whether a verified header is in its place, is [`crate::admit`].

mod wire;

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::codec::{self, Value};
use crate::hash::{Hash, Id, Key, sha256};
use crate::limit;

/// What is signed and hashed. Field by field in `docs/spec/entry.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of this layout, [`limit::VERSION`].
    pub v: u64,
    /// Root entry of the committee or identity that this belongs to; absent only in that root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<Id>,
    /// Root entry of the document; absent in document roots and space roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<Id>,
    /// The signing key.
    pub by: Key,
    /// The `enroll` entry that lets `by` sign for an identity; absent when an identity's root key signs in its space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cert: Option<Id>,
    /// Place in this key's log in this space, from 0.
    pub seq: u64,
    /// The entry before it in that log; absent at 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Id>,
    /// Entries of this space that this one builds on, sorted and unique.
    pub after: Vec<Id>,
    /// Heads of the committee's authority entries that the author saw, sorted and unique.
    pub auth: Vec<Id>,
    /// A recent final block: the entry was not written before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Block>,
    /// Claimed milliseconds since 1970. Shown; never orders, never judges.
    pub time: u64,
    /// What sort of entry this is, `[a-z_]{1,32}`.
    pub kind: String,
    /// What the protocol itself must read, see [`crate::control`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Value>,
    /// Length of the body without its salt; 0 means that there is no body.
    pub len: u64,
    /// `SHA-256("althing/body/1\0" || salt || body)`, or zeros when there is no body.
    pub body_hash: Hash,
}

impl Header {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }
}

/// A block of a chain, as an author or an anchor names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// EIP-155 chain id.
    pub chain: u64,
    /// Block number.
    pub height: u64,
    /// Block hash.
    pub hash: Hash,
}

/// A body and the salt that keeps its hash from being guessed.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// Random bytes, drawn by the author.
    pub salt: [u8; limit::SALT],
    /// Canonical CBOR, by the kind's schema.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

impl Body {
    /// The hash that a header commits to.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash(sha256(&[b"althing/body/1\0", &self.salt, &self.bytes]))
    }

    /// Whether this is the body that the header commits to, in length and hash.
    #[must_use]
    pub fn fits(&self, header: &Header) -> bool {
        u64::try_from(self.bytes.len()) == Ok(header.len) && header.len > 0 && self.hash() == header.body_hash
    }
}

/// Why bytes are no entry. The bytes are at fault, not an id: nothing is remembered but their hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Larger than any entry may be.
    #[error("{part} of {size} bytes is larger than the {limit} allowed")]
    TooLarge {
        /// Which part.
        part: Part,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not the canonical encoding of an entry.
    #[error("not a canonical entry: {0}")]
    Encoding(#[from] codec::Refusal),
    /// An integer in the header exceeds 2^53 − 1.
    #[error("the header field {0} exceeds 2^53 - 1")]
    Integer(&'static str),
    /// Of another version: parked, and nobody is penalised for it.
    #[error("an entry of version {0}; this release reads version 1, a newer one may read it")]
    Version(u64),
}

/// What may be too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole wire form.
    Entry,
    /// The header.
    Header,
    /// The body without its salt.
    Body,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "an entry",
            Self::Header => "a header",
            Self::Body => "a body",
        })
    }
}

impl Malformed {
    /// A stable short name, as test vectors and counters use it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooLarge { part: Part::Entry, .. } => "entry_too_large",
            Self::TooLarge { part: Part::Header, .. } => "header_too_large",
            Self::TooLarge { part: Part::Body, .. } => "body_too_large",
            Self::Encoding(refusal) => refusal.name(),
            Self::Integer(_) => "integer",
            Self::Version(_) => "version",
        }
    }
}

/// Why a signature does not stand. The id stays innocent: its genuine bytes may still come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadSignature {
    /// No point on the curve.
    #[error("the signing key is no Ed25519 public key")]
    Key,
    /// A key of small order, under which one signature fits many messages.
    #[error("the signing key is weak")]
    WeakKey,
    /// The signature is not of this key over this header.
    #[error("the signature is not this key's over this header")]
    Signature,
}

impl BadSignature {
    /// A stable short name, as test vectors and counters use it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::WeakKey => "weak_key",
            Self::Signature => "signature",
        }
    }
}

/// Well-formed bytes that nobody vouches for yet.
#[derive(Debug, Clone)]
pub struct Entry(Verified);

impl Entry {
    /// Reads the wire form `[header, signature, body]`. A body that does not match is dropped, the entry stays.
    ///
    /// # Errors
    /// Size, encoding and version, in this order.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        wire::decode(bytes).map(Self)
    }

    /// The id that these bytes claim. Junk under a genuine header claims the same id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.id
    }

    /// What it says before anybody checked the signature: good for deciding what to look at first, for nothing else.
    #[must_use]
    pub fn claims(&self) -> &Header {
        &self.0.header
    }

    /// What came with it. It is the body that the header commits to, whoever signed that.
    #[must_use]
    pub fn body(&self) -> &Carried {
        &self.0.body
    }

    /// Whether the body beside it is not the one that the header commits to. Nothing else is known of it yet.
    #[must_use]
    pub fn has_wrong_body(&self) -> bool {
        matches!(self.0.body, Carried::Mismatch)
    }

    /// Checks the signature with RFC 8032 strict verification (`verify_strict`) and refuses weak keys. Batch
    /// verification would accept signatures that this refuses, and so split honest nodes.
    ///
    /// # Errors
    /// Says whether key or signature is at fault.
    pub fn verify(self) -> Result<Verified, BadSignature> {
        let key = VerifyingKey::from_bytes(self.0.header.by.as_bytes()).map_err(|_| BadSignature::Key)?;
        if key.is_weak() {
            return Err(BadSignature::WeakKey);
        }
        let signature = Signature::from_bytes(&self.0.signature);
        key.verify_strict(&signing_bytes(&self.0.header_bytes), &signature)
            .map_err(|_| BadSignature::Signature)?;
        Ok(self.0)
    }
}

/// What became of the body on the way in. Never a reason to refuse the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// The entry has none.
    Bodiless,
    /// The entry has one, and these bytes are it.
    Here(Body),
    /// The entry has one, which did not come along.
    Absent,
    /// Something came along that is not the body; it was discarded and the sender may be penalised.
    Mismatch,
}

/// An entry whose key signed its header.
#[derive(Debug, Clone)]
pub struct Verified {
    id: Id,
    header: Header,
    header_bytes: Vec<u8>,
    signature: [u8; 64],
    body: Carried,
}

impl Verified {
    /// Signs a header. `body` must be the one that the header commits to; see [`commit_body`].
    #[must_use]
    pub fn sign(header: Header, body: Option<Body>, key: &SigningKey) -> Self {
        debug_assert_eq!(header.by.as_bytes(), key.verifying_key().as_bytes());
        let header_bytes = header.encode();
        let signature = key.sign(&signing_bytes(&header_bytes)).to_bytes();
        let body = wire::carried(&header, body);
        Self {
            id: entry_id(&header_bytes),
            header,
            header_bytes,
            signature,
            body,
        }
    }

    /// The entry's name.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// The signed header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header as signed and stored.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// The signature over the header.
    #[must_use]
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// What came with it.
    #[must_use]
    pub fn body(&self) -> &Carried {
        &self.body
    }

    /// Takes the body out, leaving it absent.
    pub fn take_body(&mut self) -> Option<Body> {
        match std::mem::replace(&mut self.body, Carried::Absent) {
            Carried::Here(body) => Some(body),
            other => {
                self.body = other;
                None
            }
        }
    }

    /// The wire form, with the body if it is here.
    #[must_use]
    pub fn wire(&self) -> Vec<u8> {
        let body = match &self.body {
            Carried::Here(body) => Some(body),
            _ => None,
        };
        wire(&self.header_bytes, &self.signature, body)
    }

    /// Bytes that this holds in memory, roughly: what pools count.
    #[must_use]
    pub fn weight(&self) -> usize {
        let body = match &self.body {
            Carried::Here(body) => body.bytes.len(),
            _ => 0,
        };
        // A decoded header costs about as much again as its bytes.
        2 * self.header_bytes.len() + body + 256
    }
}

/// Puts an entry's stored parts back into its wire form.
#[must_use]
pub fn wire(header_bytes: &[u8], signature: &[u8; 64], body: Option<&Body>) -> Vec<u8> {
    wire::encode(header_bytes, signature, body)
}

/// The id of a header: `SHA-256("althing/entry/1\0" || header)`.
#[must_use]
pub fn entry_id(header_bytes: &[u8]) -> Id {
    Id(sha256(&[b"althing/entry/1\0", header_bytes]))
}

/// The hash by which bytes on the wire are remembered, good or bad.
#[must_use]
pub fn wire_hash(bytes: &[u8]) -> Hash {
    Hash(sha256(&[bytes]))
}

/// `len` and `body_hash` of a header for a body, or for none.
#[must_use]
pub fn commit_body(body: Option<&Body>) -> (u64, Hash) {
    match body {
        Some(body) => (u64::try_from(body.bytes.len()).unwrap_or(u64::MAX), body.hash()),
        None => (0, Hash::ZERO),
    }
}

fn signing_bytes(header_bytes: &[u8]) -> Vec<u8> {
    [b"althing/sign/1\0", header_bytes].concat()
}
