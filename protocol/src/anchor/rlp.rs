//! Reading RLP, Ethereum's encoding (Yellow Paper, appendix B), without trust: heads are minimal, lengths fit, and nothing
//! is copied or reserved.

use alloy_rlp::Header;

/// One item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    /// Whether it is a list.
    pub(crate) list: bool,
    /// Its bytes without its head: of a list, its items on end.
    pub(crate) payload: &'a [u8],
    /// All its bytes.
    pub(crate) whole: &'a [u8],
}

impl<'a> Item<'a> {
    /// The bytes of a string.
    pub(crate) fn string(&self) -> Option<&'a [u8]> {
        (!self.list).then_some(self.payload)
    }

    /// A string of exactly so many bytes.
    pub(crate) fn fixed<const N: usize>(&self) -> Option<[u8; N]> {
        self.string()?.try_into().ok()
    }

    /// The items of a list, on end.
    pub(crate) fn items(&self) -> Option<&'a [u8]> {
        self.list.then_some(self.payload)
    }

    /// A number: big-endian, without leading zeros, of at most eight bytes.
    pub(crate) fn number(&self) -> Option<u64> {
        let bytes = self.string()?;
        if bytes.len() > 8 || bytes.first() == Some(&0) {
            return None;
        }
        Some(bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }
}

/// Takes the next item off.
pub(crate) fn next<'a>(rest: &mut &'a [u8]) -> Option<Item<'a>> {
    let start = *rest;
    let head = Header::decode(rest).ok()?;
    let (payload, after) = rest.split_at_checked(head.payload_length)?;
    *rest = after;
    Some(Item {
        list: head.list,
        payload,
        whole: start.get(..start.len().checked_sub(after.len())?)?,
    })
}

/// The items on end of bytes that are one list and nothing else.
pub(crate) fn list(mut bytes: &[u8]) -> Option<&[u8]> {
    let item = next(&mut bytes)?;
    if bytes.is_empty() { item.items() } else { None }
}

/// Exactly `N` items on end.
pub(crate) fn exactly<const N: usize>(mut items: &[u8]) -> Option<[Item<'_>; N]> {
    let empty = Item {
        list: false,
        payload: &[],
        whole: &[],
    };
    let mut out = [empty; N];
    for item in &mut out {
        *item = next(&mut items)?;
    }
    items.is_empty().then_some(out)
}

/// The item number `n`, if all of them are sound to the end.
pub(crate) fn nth(mut items: &[u8], n: u64) -> Option<Item<'_>> {
    let (mut at, mut found) = (0, None);
    while !items.is_empty() {
        let item = next(&mut items)?;
        if at == n {
            found = Some(item);
        }
        at += 1;
    }
    found
}

/// The encoding of a number.
pub(crate) fn encode_number(n: u64) -> Vec<u8> {
    let bytes = n.to_be_bytes();
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let bytes = bytes.get(start..).unwrap_or_default();
    match bytes {
        [one] if *one < 0x80 => vec![*one],
        _ => {
            let head = u8::try_from(bytes.len()).unwrap_or(0) | 0x80;
            [&[head], bytes].concat()
        }
    }
}
