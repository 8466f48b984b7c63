//! Ids, keys and the one hash function, SHA-256 (FIPS 180-4), always with a domain in front.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// SHA-256 over the concatenation of `parts`. Callers put a domain or a prefix byte first.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Why a text is no [`Id`] or [`Key`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseHex {
    /// The text has another length than 64 characters.
    #[error("{found} characters where 64 hexadecimal digits are needed")]
    Length {
        /// How many bytes the text has.
        found: usize,
    },
    /// The text holds something else than `0-9a-f`.
    #[error("only the digits 0-9 and a-f may appear")]
    Digit,
}

macro_rules! bytes32 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// All bits zero.
            pub const ZERO: Self = Self([0; 32]);

            /// The 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The first eight hexadecimal digits, for people.
            #[must_use]
            pub fn short(&self) -> String {
                let mut text = self.to_string();
                text.truncate(8);
                text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.short())
            }
        }

        impl FromStr for $name {
            type Err = ParseHex;

            fn from_str(text: &str) -> Result<Self, ParseHex> {
                if text.len() != 64 {
                    return Err(ParseHex::Length { found: text.len() });
                }
                let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| ParseHex::Digit)?;
                Ok(Self(bytes.try_into().map_err(|_| ParseHex::Digit)?))
            }
        }

        /// Hexadecimal text in human-readable formats (JSON), 32 bytes in others (CBOR).
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Read;
                impl Visitor<'_> for Read {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("32 bytes")
                    }

                    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<$name, E> {
                        let found = bytes.len();
                        bytes.try_into().map($name).map_err(|_| E::invalid_length(found, &self))
                    }
                }
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    text.parse().map_err(D::Error::custom)
                } else {
                    deserializer.deserialize_bytes(Read)
                }
            }
        }
    };
}

bytes32! {
    /// Names an entry: the hash of its header. Documents, committees and identities are named by their root entry.
    Id
}
bytes32! {
    /// An Ed25519 public key (RFC 8032), as bytes that may still turn out to be weak.
    Key
}
bytes32! {
    /// Any other SHA-256 value: of a body, of a tree, of a key that is to come.
    Hash
}

/// The commitment to a key that is not shown yet: what an identity's `next` holds.
#[must_use]
pub fn key_commitment(key: &Key) -> Hash {
    Hash(sha256(&[b"althing/key/1\0", &key.0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trip_and_refusals() {
        let id = Id(sha256(&[b"a", b"b"]));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("ab".parse::<Id>(), Err(ParseHex::Length { found: 2 }));
        assert_eq!("G".repeat(64).parse::<Id>(), Err(ParseHex::Digit));
        assert_eq!(sha256(&[b"a", b"b"]), sha256(&[b"ab"]));
    }
}
