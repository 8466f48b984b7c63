//! The id that wire bytes claim, without decoding them: the hash of their first item.
//!
//! A session checks this way that it gets what it asked for, before it hands entries on. Whether they are entries
//! at all is decided where they are decoded.

use crate::codec::item;
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
