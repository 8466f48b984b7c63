//! Lists of fixed-size things as one byte string, for `#[serde(with = …)]`: two bytes less each than an array.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};
use serde_bytes::ByteBuf;

/// Ids, 32 bytes each.
pub(super) mod ids {
    use super::*;
    use crate::hash::Id;

    pub(in crate::sync) fn serialize<S: Serializer>(ids: &[Id], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&ids.iter().flat_map(|id| id.0).collect::<Vec<u8>>())
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Id>, D::Error> {
        Ok(chunks::<32, D>(from)?.into_iter().map(Id).collect())
    }
}

/// Marks, 16 bytes each.
pub(super) mod marks {
    use super::*;
    use crate::sync::Mark;

    pub(in crate::sync) fn serialize<S: Serializer>(marks: &[Mark], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&marks.iter().flat_map(|mark| mark.0).collect::<Vec<u8>>())
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Mark>, D::Error> {
        Ok(chunks::<16, D>(from)?.into_iter().map(Mark).collect())
    }
}

/// Ids with their depths: 32 bytes and 4, the most significant first.
pub(super) mod deep {
    use super::*;
    use crate::hash::Id;

    pub(in crate::sync) fn serialize<S: Serializer>(ids: &[(Id, u32)], to: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(36 * ids.len());
        for (id, depth) in ids {
            bytes.extend_from_slice(&id.0);
            bytes.extend_from_slice(&depth.to_be_bytes());
        }
        to.serialize_bytes(&bytes)
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Id, u32)>, D::Error> {
        let read = |chunk: [u8; 36]| {
            let (id, depth) = chunk.split_first_chunk()?;
            Some((Id(*id), u32::from_be_bytes(depth.try_into().ok()?)))
        };
        Ok(chunks::<36, D>(from)?.into_iter().filter_map(read).collect())
    }
}

/// Prefixes: the length in bits as one byte, then as many bytes as hold them. The bits left over are zero.
pub(super) mod prefixes {
    use super::*;
    use crate::digest::Prefix;
    use crate::hash::Id;

    pub(in crate::sync) fn serialize<S: Serializer>(prefixes: &[Prefix], to: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        for prefix in prefixes {
            bytes.push(u8::try_from(prefix.len()).unwrap_or(u8::MAX));
            bytes.extend(prefix.bits().0.iter().take(prefix.len().div_ceil(8)));
        }
        to.serialize_bytes(&bytes)
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Prefix>, D::Error> {
        let bytes = ByteBuf::deserialize(from)?;
        let mut rest = bytes.as_slice();
        let mut prefixes = Vec::new();
        while let Some((len, more)) = rest.split_first() {
            let len = usize::from(*len);
            let (bits, more) = more
                .split_at_checked(len.div_ceil(8))
                .ok_or_else(|| D::Error::custom("a prefix is cut short"))?;
            let mut id = Id::ZERO;
            id.0.iter_mut().zip(bits).for_each(|(to, from)| *to = *from);
            // Set bits that are left over are dropped here; the check for canonical bytes then refuses the frame.
            prefixes.push(Prefix::of(&id, len));
            rest = more;
        }
        Ok(prefixes)
    }
}

/// Wire forms: an array of byte strings.
pub(super) mod wires {
    use serde_bytes::Bytes;

    use super::*;

    pub(in crate::sync) fn serialize<S: Serializer>(wires: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(wires.iter().map(|wire| Bytes::new(wire)))
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
        Ok(Vec::<ByteBuf>::deserialize(from)?
            .into_iter()
            .map(ByteBuf::into_vec)
            .collect())
    }
}

fn chunks<'de, const N: usize, D: Deserializer<'de>>(from: D) -> Result<Vec<[u8; N]>, D::Error> {
    let bytes = ByteBuf::deserialize(from)?;
    match bytes.as_chunks() {
        (chunks, []) => Ok(chunks.to_vec()),
        _ => Err(D::Error::custom(format_args!(
            "{} bytes are no multiple of {N}",
            bytes.len()
        ))),
    }
}
