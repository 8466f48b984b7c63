//! The canonical encoding: a subset of DAG-CBOR (RFC 8949 §4.2 as restricted by the IPLD DAG-CBOR specification).
//!
//! Text keys sorted by length, then bytewise; integers 0 … 2^53 − 1; bytes, text, arrays, booleans. No null, no
//! floats, no tags, no negative integers. Bytes that decode are accepted only if encoding the result gives the
//! same bytes again, so a value has one encoding and an id has one meaning.

use std::collections::BTreeMap;

use ipld_core::ipld::Ipld;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::limit;

/// A decoded value of the subset, whatever its shape.
pub type Value = Ipld;

/// A decoded map of the subset.
pub type Map = BTreeMap<String, Value>;

/// Why bytes are no canonical value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Not DAG-CBOR at all, or not of the expected shape.
    #[error("the bytes are no canonical CBOR of the expected shape: {0}")]
    Decode(String),
    /// Decodes, but is not what an encoder would have written.
    #[error("the bytes are not the canonical encoding of what they hold")]
    NotCanonical,
    /// Holds something outside the subset.
    #[error("{0} is not allowed")]
    Outside(&'static str),
}

impl Refusal {
    /// The decoder's words, cut short: they quote what a peer sent, up to a whole body.
    pub(crate) fn decode(error: &impl std::fmt::Display) -> Self {
        Self::Decode(error.to_string().chars().take(WORDS).collect())
    }

    /// A stable short name, as test vectors and counters use it. Whether a decoder stumbles over bytes or only the
    /// second encoding shows that they are not canonical is the decoder's affair: both are `encoding`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Decode(_) | Self::NotCanonical => "encoding",
            Self::Outside(_) => "outside_subset",
        }
    }
}

/// Characters that are kept of a decoder's error.
const WORDS: usize = 160;

/// Encodes a value of the subset.
///
/// # Panics
/// Never for types of this crate: they hold nothing that DAG-CBOR cannot express, and memory does not fail to be written.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_ipld_dagcbor::to_vec(value).expect("values of this crate have a DAG-CBOR form")
}

/// Decodes and refuses every byte string that [`encode`] would not have produced.
///
/// # Errors
/// Says which rule the bytes break. Integers inside typed fields are bounded by their types; see [`check`] for values.
pub fn decode<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, Refusal> {
    let value: T = read(bytes)?;
    if encode(&value) != bytes {
        return Err(Refusal::NotCanonical);
    }
    Ok(value)
}

/// Decodes whatever the decoder takes, canonical or not, in room that grows with the bytes alone.
///
/// A decoder reserves room for as many items as a list claims, a mebibyte of it at least in each of 128 lists in one
/// another: 400 bytes asked for 128 MiB. So a first pass finds out whether the items can be there at all.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if item(bytes).is_none() {
        return Err(Refusal::Decode("it ends before what it claims to hold".to_owned()));
    }
    serde_ipld_dagcbor::from_slice(bytes).map_err(|e| Refusal::decode(&e))
}

/// The length of the first CBOR item (RFC 8949 §3), if it is there whole. Each round consumes a byte, so it ends; nothing
/// recurses, and no more items are ever awaited than there are bytes left for them.
pub(crate) fn item(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    let mut open = 1_u64;
    while open > 0 {
        open -= 1;
        let head = *bytes.get(at)?;
        at += 1;
        let extra = match head & 0x1f {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            28.. => return None,
            _ => 0,
        };
        let argument = bytes.get(at..at + extra)?;
        at += extra;
        let argument = match extra {
            0 => u64::from(head & 0x1f),
            _ => argument.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)),
        };
        match head >> 5 {
            2 | 3 => at = at.checked_add(usize::try_from(argument).ok()?)?,
            4 => open = open.checked_add(argument)?,
            5 => open = open.checked_add(argument.checked_mul(2)?)?,
            6 => open = open.checked_add(1)?,
            _ => {}
        }
        if open > u64::try_from(bytes.len().saturating_sub(at)).unwrap_or(u64::MAX) {
            return None;
        }
    }
    (at <= bytes.len()).then_some(at)
}

/// Decodes a value of any shape within the subset.
///
/// # Errors
/// As [`decode`], and [`Refusal::Outside`] for null, floats, tags, negative or too large integers.
pub fn decode_value(bytes: &[u8]) -> Result<Value, Refusal> {
    let value: Value = decode(bytes)?;
    check(&value)?;
    Ok(value)
}

/// Refuses whatever DAG-CBOR has and the subset has not, and what nests deeper than [`limit::DEPTH`]: how deep a decoder
/// goes is its own affair, what exists is not.
///
/// # Errors
/// Names the first thing that lies outside.
pub fn check(value: &Value) -> Result<(), Refusal> {
    check_below(value, limit::DEPTH)
}

fn check_below(value: &Value, depth: usize) -> Result<(), Refusal> {
    let inner = || depth.checked_sub(1).ok_or(Refusal::Outside("nesting deeper than 16"));
    match value {
        Ipld::Bool(_) | Ipld::String(_) | Ipld::Bytes(_) => Ok(()),
        Ipld::Integer(n) if (0..=i128::from(limit::INT)).contains(n) => Ok(()),
        Ipld::Integer(_) => Err(Refusal::Outside("an integer below 0 or above 2^53 - 1")),
        Ipld::List(items) => {
            let depth = inner()?;
            items.iter().try_for_each(|item| check_below(item, depth))
        }
        Ipld::Map(map) => {
            let depth = inner()?;
            map.values().try_for_each(|item| check_below(item, depth))
        }
        Ipld::Null => Err(Refusal::Outside("null")),
        Ipld::Float(_) => Err(Refusal::Outside("a floating-point number")),
        Ipld::Link(_) => Err(Refusal::Outside("a tag")),
    }
}

/// Reads a typed value out of a decoded one, refusing unknown fields where the type does.
///
/// # Errors
/// [`Refusal::Decode`] with the reader's words.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    ipld_core::serde::from_ipld(value).map_err(|e| Refusal::decode(&e))
}

/// The decoded form of a typed value.
///
/// # Panics
/// Never for types of this crate, see [`encode`].
#[must_use]
pub fn to_value<T: Serialize>(value: &T) -> Value {
    ipld_core::serde::to_ipld(value).expect("values of this crate have an IPLD form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_there_is_refused_before_room_is_made_for_it() {
        let nested = |lists: usize| [[0x99, 0x99, 0x99].repeat(lists), vec![0; 60_000]].concat();
        assert_eq!(item(&nested(1)), Some(3 + 0x9999));
        assert_eq!(
            item(&nested(2)),
            None,
            "two lists of 39,321 items do not fit into 60,000 bytes"
        );
        let why = decode::<Value>(&nested(100)).unwrap_err();
        assert!(matches!(&why, Refusal::Decode(why) if why.contains("claims")), "{why}");
        for whole in [
            &b"\x00"[..],
            b"\x80",
            b"\x82\x01\x02",
            b"\xa1\x61a\x41\xff",
            b"\x18\x18",
            b"\xf6",
        ] {
            assert_eq!(item(whole), Some(whole.len()), "{whole:02x?}");
            for end in 0..whole.len() {
                assert_eq!(item(&whole[..end]), None, "{whole:02x?}, {end} bytes of it");
            }
        }
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        let long_int = [0x18, 0x01];
        let indefinite = [0x9f, 0x01, 0xff];
        let unsorted = [0xa2, 0x61, b'b', 0x01, 0x61, b'a', 0x01];
        let duplicate = [0xa2, 0x61, b'a', 0x01, 0x61, b'a', 0x01];
        let trailing = [0x01, 0x01];
        for bytes in [&long_int[..], &indefinite, &unsorted, &duplicate, &trailing] {
            assert!(decode_value(bytes).is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn refuses_what_is_outside_the_subset() {
        let null = [0xf6];
        let negative = [0x20];
        let float = [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0];
        let too_large = [0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0];
        for bytes in [&null[..], &negative, &float, &too_large] {
            assert!(matches!(decode_value(bytes), Err(Refusal::Outside(_))), "{bytes:02x?}");
        }
        assert_eq!(
            decode_value(&[0x1b, 0, 0x1f, 255, 255, 255, 255, 255, 255]),
            Ok(Ipld::Integer(i128::from(limit::INT)))
        );
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| [vec![0x81; depth], vec![0x01]].concat();
        assert!(decode_value(&nested(limit::DEPTH)).is_ok());
        // The decoder would go deeper; the limit is ours, so that a newer decoder admits the same.
        assert!(matches!(
            decode_value(&nested(limit::DEPTH + 1)),
            Err(Refusal::Outside(_))
        ));
        assert!(matches!(decode_value(&nested(200_000)), Err(Refusal::Decode(_))));
    }

    #[test]
    fn errors_quote_little_of_what_was_sent() {
        let bytes = encode(&"x".repeat(100_000));
        let Err(Refusal::Decode(words)) = decode::<u64>(&bytes) else {
            panic!("a text is no integer");
        };
        assert!(words.len() <= 4 * WORDS);
    }
}
