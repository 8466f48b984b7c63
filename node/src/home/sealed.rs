//! The root key and the next root key in a file of their own, encrypted under a passphrase.
//!
//! The file is an age file (age-encryption.org/v1) in its text form with one scrypt recipient: any age program opens it
//! without this one. Inside is JSON that says whose keys they are, holds the identity's key acts as of then, and
//! invitations to where the identity is known, so that an empty machine finds the rest.

use std::fmt;

use age::scrypt;
use age::secrecy::SecretString;
use althing_protocol::hash::{Id, Key};
use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::enrolment::{self, LARGEST};

const FORMAT: &str = "keys/1";

/// Work for each guess at the passphrase: scrypt with N = 2^18, r = 8, which takes about a second and 256 MiB here.
const WORK: u8 = 18;

/// Work that is done at most to open a file; each step above takes twice the memory.
const MOST_WORK: u8 = 20;

/// Shortest passphrase, in characters.
const SHORTEST: usize = 10;

/// An identity's root key and the next one, with what finds the identity again.
pub struct Sealed {
    /// The identity.
    pub identity: Id,
    /// What it is called.
    pub name: String,
    /// The root key.
    pub root: SigningKey,
    /// The root key that may follow.
    pub next: SigningKey,
    /// The identity's entries in wire form, hexadecimal, parents first.
    pub entries: Vec<String>,
    /// Invitations.
    pub follow: Vec<String>,
}

/// Never shows a key.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Why a key file is not made or opened.
#[derive(Debug, Error)]
pub enum Unopened {
    /// Too easily guessed.
    #[error("the passphrase needs {SHORTEST} characters or more; several words that do not belong together do well")]
    Short,
    /// The wrong passphrase, or a damaged file: nobody can tell which.
    #[error("the passphrase does not open this file; check it, and whether the file is whole")]
    Passphrase,
    /// Not an age file with a passphrase.
    #[error("this is no key file that `althing id export-keys` wrote: {0}")]
    Form(String),
    /// It asks for more work than this program does.
    #[error("this file asks for more work than is done here; open it with the age program and encrypt it anew")]
    Work,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    althing: String,
    identity: Id,
    name: String,
    root: String,
    next: String,
    entries: Vec<String>,
    follow: Vec<String>,
}

impl Sealed {
    /// The public root key.
    #[must_use]
    pub fn root_public(&self) -> Key {
        Key(self.root.verifying_key().to_bytes())
    }

    /// The public next root key.
    #[must_use]
    pub fn next_public(&self) -> Key {
        Key(self.next.verifying_key().to_bytes())
    }

    /// The file's text.
    ///
    /// # Errors
    /// [`Unopened::Short`]; what the operating system's random source says.
    pub fn seal(&self, passphrase: &str) -> Result<String, Unopened> {
        if passphrase.chars().count() < SHORTEST {
            return Err(Unopened::Short);
        }
        let seed = |key: &SigningKey| HEXLOWER.encode(&key.to_bytes());
        let plain = Plain {
            althing: FORMAT.to_owned(),
            identity: self.identity,
            name: self.name.clone(),
            root: seed(&self.root),
            next: seed(&self.next),
            entries: self.entries.clone(),
            follow: enrolment::bounded(self.follow.clone()),
        };
        let form = |why: &dyn fmt::Display| Unopened::Form(why.to_string());
        let mut text = serde_json::to_vec_pretty(&plain).map_err(|why| form(&why))?;
        text.push(b'\n');
        let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.to_owned()));
        recipient.set_work_factor(WORK);
        age::encrypt_and_armor(&recipient, &text).map_err(|why| form(&why))
    }

    /// Opens a file.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(file: &[u8], passphrase: &str) -> Result<Self, Unopened> {
        let form = |why: &dyn fmt::Display| Unopened::Form(why.to_string());
        if file.len() > 2 * LARGEST {
            return Err(form(&"it is too large"));
        }
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
        identity.set_max_work_factor(MOST_WORK);
        let text = age::decrypt(&identity, file).map_err(|why| match why {
            age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => Unopened::Passphrase,
            age::DecryptError::ExcessiveWork { .. } => Unopened::Work,
            other => form(&other),
        })?;
        let plain: Plain = serde_json::from_slice(&text).map_err(|why| form(&why))?;
        if plain.althing != FORMAT || plain.name.chars().any(char::is_control) {
            return Err(form(&"it is of another form"));
        }
        let key = |hex: &str| {
            let seed = HEXLOWER.decode(hex.as_bytes()).ok()?;
            Some(SigningKey::from_bytes(&<[u8; 32]>::try_from(seed).ok()?))
        };
        let bad_key = || form(&"a key in it is damaged");
        Ok(Self {
            identity: plain.identity,
            name: plain.name,
            root: key(&plain.root).ok_or_else(bad_key)?,
            next: key(&plain.next).ok_or_else(bad_key)?,
            entries: plain.entries,
            follow: plain.follow,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Sealed {
        Sealed {
            identity: Id([7; 32]),
            name: "Ada".to_owned(),
            root: SigningKey::from_bytes(&[1; 32]),
            next: SigningKey::from_bytes(&[2; 32]),
            entries: vec!["00ff".to_owned()],
            follow: vec!["althing:00".to_owned()],
        }
    }

    #[test]
    fn what_is_sealed_opens_with_its_passphrase_alone() {
        let text = keys().seal("correct horse battery").unwrap();
        assert!(
            text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"),
            "any age program opens it"
        );
        let opened = Sealed::open(text.as_bytes(), "correct horse battery").unwrap();
        assert_eq!(opened.root.to_bytes(), [1; 32]);
        assert_eq!(opened.next.to_bytes(), [2; 32]);
        assert_eq!((opened.identity, opened.name.as_str()), (Id([7; 32]), "Ada"));
        assert_eq!((opened.entries, opened.follow), (keys().entries, keys().follow));
        let wrong = Sealed::open(text.as_bytes(), "correct horse batterie").unwrap_err();
        assert!(matches!(wrong, Unopened::Passphrase), "{wrong}");
        assert!(!text.contains(&HEXLOWER.encode(&[1; 32])) && !format!("{:?}", keys()).contains("0101"));
    }

    #[test]
    fn refuses_short_passphrases_and_other_files() {
        assert!(matches!(keys().seal("too short"), Err(Unopened::Short)));
        for no in [b"".as_slice(), b"{}", b"age-encryption.org/v1\n", &[0xff; 300]] {
            assert!(matches!(Sealed::open(no, "whatever it is"), Err(Unopened::Form(_))));
        }
    }

    /// A file written after the age specification by a Python script with the `cryptography` package, made once and
    /// kept: ours is no dialect.
    #[test]
    fn opens_what_other_age_programs_write() {
        let file = include_str!("tests/keys.age");
        let opened = Sealed::open(file.as_bytes(), "a passphrase for the tests").unwrap();
        assert_eq!(opened.name, "Ada");
        assert_eq!(opened.root.to_bytes(), [1; 32]);
    }
}
