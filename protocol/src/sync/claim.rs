//! The id that wire bytes claim, without decoding them: the hash of their first item.
//!
//! A session checks this way that it gets what it asked for, before it hands entries on. Whether they are entries
//! at all is decided where they are decoded.

use crate::entry::entry_id;
use crate::hash::Id;
use crate::limit;

/// The id of the entry that `wire` holds, if it holds one. None if these bytes are certainly no entry.
#[must_use]
pub fn claimed_id(wire: &[u8]) -> Option<Id> {
    if wire.len() > limit::WIRE {
        return None;
    }
    let rest = wire.strip_prefix(&[0x83])?;
    let is_map = rest.first()? >> 5 == 5;
    let header = rest.get(..item(rest)?)?;
    (is_map && header.len() <= limit::HEADER).then(|| entry_id(header))
}

/// The length of the first CBOR item (RFC 8949 §3). Each round consumes a byte, so it ends; nothing recurses.
fn item(bytes: &[u8]) -> Option<usize> {
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
    }
    (at <= bytes.len()).then_some(at)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_measured_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(len) = item(&bytes) {
                prop_assert!(0 < len && len <= bytes.len());
                prop_assert!(len == 1 || item(&bytes[..len - 1]).is_none());
            }
            prop_assert!(claimed_id(&bytes).is_none_or(|id| id != Id::ZERO));
        }
    }

    #[test]
    fn hostile_lengths_are_refused() {
        for bytes in [
            &[0x83, 0xbb, 255, 255, 255, 255, 255, 255, 255, 255][..],
            &[0x83, 0x5b, 255],
            &[0x83],
            &[],
        ] {
            assert_eq!(claimed_id(bytes), None);
        }
        let deep = [&[0x83][..], &[0xa1, 0x00].repeat(100_000)].concat();
        assert_eq!(claimed_id(&deep), None);
    }
}
