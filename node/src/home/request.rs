//! What a new machine shows to the one that has the root key: its two public keys, proof that it has both, its name.
//!
//! ```text
//! althing-device:BASE64URL(1, use, device key (32), node key (32), device's signature (64), node's signature (64), name)
//! both sign "althing/join/1\0", use, device key, node key, name
//! ```
//!
//! Without the proofs somebody could have another person's public key enrolled as a device of their own.

use std::fmt;
use std::str::FromStr;

use althing_protocol::control::Use;
use althing_protocol::hash::{Key, sha256};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;

/// Longest name of a machine, in bytes.
pub const LABEL: usize = 60;

const PREFIX: &str = "althing-device:";
const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"althing/join/1\0";

/// A machine that asks to be enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The key with which its owner writes there.
    pub device: Key,
    /// The key of the node there.
    pub node: Key,
    /// What the device is for.
    pub usage: Use,
    /// What the machine is called; public once it is enrolled.
    pub label: String,
    proofs: [[u8; 64]; 2],
}

/// Why a text is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// Something else, or a part of one.
    #[error("this is no request of a machine; copy the whole line that begins with {PREFIX}")]
    Form,
    /// Of another release.
    #[error("this request was made by another release of althing; use the same one on both machines")]
    Version,
    /// It was changed on the way.
    #[error("the machine's signature under this request does not stand: it was changed on the way; copy it again")]
    Proof,
    /// A name that is no line of text, or too long.
    #[error("a machine's name has 1 to {LABEL} bytes on one line")]
    Label,
}

impl Request {
    /// The request of a machine with these keys.
    ///
    /// # Errors
    /// [`BadRequest::Label`].
    pub fn sign(device: &SigningKey, node: &SigningKey, usage: Use, label: &str) -> Result<Self, BadRequest> {
        if !is_label(label) {
            return Err(BadRequest::Label);
        }
        let mut request = Self {
            device: Key(device.verifying_key().to_bytes()),
            node: Key(node.verifying_key().to_bytes()),
            usage,
            label: label.to_owned(),
            proofs: [[0; 64]; 2],
        };
        let signed = request.signed();
        request.proofs = [device, node].map(|key| key.sign(&signed).to_bytes());
        Ok(request)
    }

    /// Sixteen digits that are the same on both machines if nobody changed the request on the way.
    #[must_use]
    pub fn check(&self) -> String {
        let hash = HEXLOWER.encode(&sha256(&[&self.signed()]));
        let digits: Vec<char> = hash.chars().take(16).collect();
        digits
            .chunks(4)
            .map(|four| four.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("-")
    }

    fn signed(&self) -> Vec<u8> {
        [
            DOMAIN,
            &[use_byte(self.usage)],
            &self.device.0,
            &self.node.0,
            self.label.as_bytes(),
        ]
        .concat()
    }

    fn read(bytes: &[u8]) -> Result<Self, BadRequest> {
        let (version, rest) = bytes.split_first().ok_or(BadRequest::Form)?;
        if *version != VERSION {
            return Err(BadRequest::Version);
        }
        let (usage, rest) = rest.split_first().ok_or(BadRequest::Form)?;
        let usage = match usage {
            b'p' => Use::Person,
            b'b' => Use::Bot,
            _ => return Err(BadRequest::Form),
        };
        let (device, rest) = rest.split_first_chunk::<32>().ok_or(BadRequest::Form)?;
        let (node, rest) = rest.split_first_chunk::<32>().ok_or(BadRequest::Form)?;
        let (first, rest) = rest.split_first_chunk::<64>().ok_or(BadRequest::Form)?;
        let (second, label) = rest.split_first_chunk::<64>().ok_or(BadRequest::Form)?;
        let label = std::str::from_utf8(label).map_err(|_| BadRequest::Form)?;
        if !is_label(label) {
            return Err(BadRequest::Label);
        }
        let request = Self {
            device: Key(*device),
            node: Key(*node),
            usage,
            label: label.to_owned(),
            proofs: [*first, *second],
        };
        let signed = request.signed();
        let stands = |key: &Key, proof: &[u8; 64]| {
            let key = VerifyingKey::from_bytes(&key.0).ok().filter(|key| !key.is_weak());
            key.is_some_and(|key| key.verify_strict(&signed, &Signature::from_bytes(proof)).is_ok())
        };
        if device == node || !stands(&request.device, first) || !stands(&request.node, second) {
            return Err(BadRequest::Proof);
        }
        Ok(request)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.proofs;
        let bytes = [
            &[VERSION, use_byte(self.usage)],
            self.device.0.as_slice(),
            &self.node.0,
            first,
            second,
            self.label.as_bytes(),
        ]
        .concat();
        write!(f, "{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for Request {
    type Err = BadRequest;

    fn from_str(text: &str) -> Result<Self, BadRequest> {
        // Mail programs break long lines.
        let whole: String = text.split_whitespace().collect();
        let encoded = whole.strip_prefix(PREFIX).ok_or(BadRequest::Form)?;
        let bytes = BASE64URL_NOPAD
            .decode(encoded.as_bytes())
            .map_err(|_| BadRequest::Form)?;
        Self::read(&bytes)
    }
}

pub(super) fn is_label(text: &str) -> bool {
    (1..=LABEL).contains(&text.len()) && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

const fn use_byte(usage: Use) -> u8 {
    match usage {
        Use::Bot => b'b',
        Use::Person | Use::Node => b'p',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> SigningKey {
        SigningKey::from_bytes(&[n; 32])
    }

    #[test]
    fn requests_read_back_even_when_a_mail_program_broke_them() {
        let request = Request::sign(&key(1), &key(2), Use::Person, "Ada's laptop").unwrap();
        let text = request.to_string();
        assert_eq!(text.parse(), Ok(request.clone()));
        let (one, two) = text.split_at(100);
        assert_eq!(format!(" {one}\r\n  {two}\n").parse(), Ok(request.clone()));
        assert_eq!(request.check().len(), 19);
        let other = Request::sign(&key(1), &key(3), Use::Person, "Ada's laptop").unwrap();
        assert_ne!(request.check(), other.check());
    }

    #[test]
    fn whatever_was_changed_is_noticed() {
        let text = Request::sign(&key(1), &key(2), Use::Bot, "bot").unwrap().to_string();
        let bytes = BASE64URL_NOPAD
            .decode(text.strip_prefix(PREFIX).unwrap().as_bytes())
            .unwrap();
        for n in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[n] ^= 1;
            assert!(Request::read(&changed).is_err(), "byte {n}");
            assert!(Request::read(&bytes[..n]).is_err(), "cut at {n}");
        }
        for no in ["", "althing-device:", "althing-device:AAAA", "AQ"] {
            assert!(no.parse::<Request>().is_err(), "{no}");
        }
        let same = Request::sign(&key(1), &key(1), Use::Person, "x").unwrap().to_string();
        assert_eq!(same.parse::<Request>(), Err(BadRequest::Proof), "two keys, never one");
    }

    #[test]
    fn names_are_short_lines() {
        for bad in ["", "  ", "two\nlines", &"x".repeat(61)] {
            let made = Request::sign(&key(1), &key(2), Use::Person, bad);
            assert_eq!(made, Err(BadRequest::Label));
        }
    }
}
