//! The frames of `/althing/files/1`, in canonical CBOR.

use serde::{Deserialize, Serialize};

use super::{Chunk, Wrong};
use crate::hash::{Hash, Id};

/// Asks for a chunk of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// A committee that both follow, of which an entry names the file.
    pub committee: Id,
    /// The file.
    pub hash: Hash,
    /// Its length, as that entry says.
    pub length: u64,
    /// Which chunk, from 0.
    pub chunk: u64,
}

/// What whoever is asked says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The chunk, and the state of SHA-256 before it.
    Chunk {
        /// The state.
        before: Hash,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// It has no such file of that length, or no entry of that committee here names it.
    Absent {},
    /// It has it, and was asked for too much at once.
    Busy {
        /// Milliseconds after which to ask again.
        wait: u64,
    },
}

impl Request {
    /// Checks the bytes of an answer to this request, which must lead to `after`.
    ///
    /// # Errors
    /// [`Wrong`]: whoever gave it is at fault.
    pub fn check(&self, after: &Hash, before: Hash, bytes: Vec<u8>) -> Result<Chunk, Wrong> {
        Chunk::check(after, before, bytes, self.length, self.chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::super::CHUNK;
    use super::*;
    use crate::codec;

    #[test]
    fn frames_read_back_and_are_small() {
        let request = Request {
            committee: Id([1; 32]),
            hash: Hash([2; 32]),
            length: u64::MAX >> 11,
            chunk: 1 << 40,
        };
        let bytes = codec::encode(&request);
        assert!(bytes.len() < 200, "{}", bytes.len());
        assert_eq!(codec::decode::<Request>(&bytes).unwrap(), request);
        for answer in [
            Answer::Chunk {
                before: Hash([3; 32]),
                bytes: vec![7; CHUNK],
            },
            Answer::Absent {},
            Answer::Busy { wait: 250 },
        ] {
            let bytes = codec::encode(&answer);
            assert!(bytes.len() < CHUNK + 200);
            assert_eq!(codec::decode::<Answer>(&bytes).unwrap(), answer);
        }
        for junk in [&b""[..], b"\xff", b"\xa1\x65other\xa0", b"\x65chunk"] {
            assert!(codec::decode::<Answer>(junk).is_err());
        }
    }
}
