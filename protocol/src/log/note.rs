//! Signed notes (C2SP signed-note): a text and lines of signatures under it, readable by people.
//!
//! ```text
//! text, each line ended by a line feed
//! (an empty line)
//! — name base64(4 bytes of key id || signature)
//! ```
//!
//! A key is named by [`Verifier::name`] and the first four bytes of SHA-256(name || 0x0A || type || public key). Type 1 is a
//! plain Ed25519 signature over the text; type 4 is a witness's cosignature (C2SP tlog-cosignature v1), which says when.
//!
//! Invariant: signatures of keys that the reader does not know are passed over, those of known keys that fail are errors.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::hash::{Key, sha256};

/// Longest note in bytes, signatures included.
pub const LONGEST: usize = 16 << 10;

/// Most signatures under a note.
pub const SIGNATURES: usize = 64;

const DASH: &str = "\u{2014} ";

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The text: whoever wrote it.
    Note,
    /// The text and a time: a witness who saw that the log only grew.
    Cosignature,
}

impl Use {
    const fn byte(self) -> u8 {
        match self {
            Self::Note => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A public key under a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verifier {
    name: String,
    usage: Use,
    key: Key,
}

/// A text and what is said to sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, ended by a line feed.
    pub text: String,
    /// The signatures, unchecked, in their order.
    pub signatures: Vec<Line>,
}

/// A line under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The key's name.
    pub name: String,
    /// Which key of that name.
    pub key: [u8; 4],
    /// Its signature: 64 bytes, behind 8 of a time in cosignatures.
    pub signature: Vec<u8>,
}

/// Why bytes are no note, or its signature is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadNote {
    /// Too long.
    #[error("a note has at most {LONGEST} bytes and {SIGNATURES} signatures")]
    Long,
    /// No text, an empty line, signatures, in this order.
    #[error("a note is a text, an empty line and lines of signatures; this is not")]
    Form,
    /// A name that no key may have.
    #[error("a key's name has no spaces and no plus sign")]
    Name,
    /// The key is no Ed25519 key, or a weak one.
    #[error("the key is no sound Ed25519 key")]
    Key,
    /// A signature of a known key that does not stand.
    #[error("the signature of a known key does not stand")]
    Signature,
}

impl Note {
    /// Reads one.
    ///
    /// # Errors
    /// [`BadNote::Long`], [`BadNote::Form`].
    pub fn read(text: &str) -> Result<Self, BadNote> {
        if text.len() > LONGEST {
            return Err(BadNote::Long);
        }
        let at = text.rfind("\n\n").ok_or(BadNote::Form)?;
        let (body, rest) = text.split_at_checked(at + 1).ok_or(BadNote::Form)?;
        let control = |c: char| c.is_control() && c != '\n';
        let lines = rest.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        if body == "\n" || text.contains(control) {
            return Err(BadNote::Form);
        }
        let lines: Vec<&str> = lines.ok_or(BadNote::Form)?.split('\n').collect();
        if lines.len() > SIGNATURES {
            return Err(BadNote::Long);
        }
        let signatures = lines.into_iter().map(Line::read).collect::<Result<_, _>>()?;
        Ok(Self {
            text: body.to_owned(),
            signatures,
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn write(&self) -> String {
        let mut all = format!("{}\n", self.text);
        for line in &self.signatures {
            all.push_str(&line.write());
        }
        all
    }

    /// Whether this key signed it, once, and nobody else did.
    ///
    /// # Errors
    /// As [`Note::signed_by`].
    pub fn signed_only_by(&self, verifier: &Verifier) -> Result<bool, BadNote> {
        Ok(self.signatures.len() == 1 && self.signed_by(verifier)?.is_some())
    }

    /// The time of the first signature of this key, or 0 where its signatures have none; none if it did not sign.
    ///
    /// # Errors
    /// [`BadNote::Signature`], [`BadNote::Key`].
    pub fn signed_by(&self, verifier: &Verifier) -> Result<Option<u64>, BadNote> {
        let id = verifier.id();
        let own = self
            .signatures
            .iter()
            .find(|line| line.name == verifier.name && line.key == id);
        own.map(|line| verifier.check(&self.text, &line.signature)).transpose()
    }
}

impl Line {
    fn read(line: &str) -> Result<Self, BadNote> {
        let (name, rest) = line
            .strip_prefix(DASH)
            .and_then(|l| l.split_once(' '))
            .ok_or(BadNote::Form)?;
        let bytes = BASE64.decode(rest.as_bytes()).map_err(|_| BadNote::Form)?;
        let (key, signature) = bytes.split_first_chunk::<4>().ok_or(BadNote::Form)?;
        if signature.is_empty() || !is_name(name) {
            return Err(BadNote::Form);
        }
        Ok(Self {
            name: name.to_owned(),
            key: *key,
            signature: signature.to_vec(),
        })
    }

    /// The line as it stands under a note, with its line feed.
    #[must_use]
    pub fn write(&self) -> String {
        let bytes = [&self.key[..], &self.signature].concat();
        format!("{DASH}{} {}\n", self.name, BASE64.encode(&bytes))
    }
}

impl Verifier {
    /// A key under a name.
    ///
    /// # Errors
    /// [`BadNote::Name`], [`BadNote::Key`].
    pub fn new(name: &str, usage: Use, key: Key) -> Result<Self, BadNote> {
        if !is_name(name) {
            return Err(BadNote::Name);
        }
        sound(&key)?;
        Ok(Self {
            name: name.to_owned(),
            usage,
            key,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The four bytes by which lines name it.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &[self.usage.byte()], self.key.as_bytes()]);
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }

    /// As others are told: `name+id+base64(type || key)`.
    #[must_use]
    pub fn tell(&self) -> String {
        let key = [&[self.usage.byte()][..], self.key.as_bytes()].concat();
        let id = data_encoding::HEXLOWER.encode(&self.id());
        format!("{}+{id}+{}", self.name, BASE64.encode(&key))
    }

    /// Checks a signature over a text; answers its time, 0 where it has none.
    fn check(&self, text: &str, signature: &[u8]) -> Result<u64, BadNote> {
        let (time, signature) = match self.usage {
            Use::Note => (0, signature),
            Use::Cosignature => {
                let (time, rest) = signature.split_first_chunk::<8>().ok_or(BadNote::Signature)?;
                (u64::from_be_bytes(*time), rest)
            }
        };
        let signature = Signature::from_slice(signature).map_err(|_| BadNote::Signature)?;
        let message = message(self.usage, time, text);
        let key = sound(&self.key)?;
        key.verify_strict(message.as_bytes(), &signature)
            .map_err(|_| BadNote::Signature)?;
        Ok(time)
    }
}

/// The line that signs a text: at `time`, in seconds since 1970, for cosignatures.
///
/// # Errors
/// [`BadNote::Name`].
pub fn sign(text: &str, name: &str, usage: Use, time: u64, key: &SigningKey) -> Result<Line, BadNote> {
    let verifier = Verifier::new(name, usage, Key(key.verifying_key().to_bytes()))?;
    let signature = key.sign(message(usage, time, text).as_bytes()).to_bytes();
    let signature = match usage {
        Use::Note => signature.to_vec(),
        Use::Cosignature => [&time.to_be_bytes()[..], &signature].concat(),
    };
    Ok(Line {
        name: verifier.name.clone(),
        key: verifier.id(),
        signature,
    })
}

/// What a key of this use signs.
fn message(usage: Use, time: u64, text: &str) -> String {
    match usage {
        Use::Note => text.to_owned(),
        Use::Cosignature => format!("cosignature/v1\ntime {time}\n{text}"),
    }
}

fn sound(key: &Key) -> Result<VerifyingKey, BadNote> {
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| BadNote::Key)?;
    if key.is_weak() { Err(BadNote::Key) } else { Ok(key) }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}
