//! The first bits of an id: a place in the tree.

use std::fmt;

use super::Child;
use crate::hash::Id;

/// The first `len` bits of ids, most significant first; the others are zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    bits: Id,
    len: u16,
}

impl Prefix {
    /// Greatest length in bits.
    pub const MAX: usize = 256;

    /// The prefix of every id.
    pub const ROOT: Self = Self { bits: Id::ZERO, len: 0 };

    /// The first `len` bits of an id; all of it when `len` exceeds [`Self::MAX`].
    #[must_use]
    pub fn of(id: &Id, len: usize) -> Self {
        let len = len.min(Self::MAX);
        let mut bits = *id;
        for (i, byte) in bits.0.iter_mut().enumerate() {
            let keep = len.saturating_sub(8 * i).min(8);
            *byte &= u8::try_from((0xff00_u32 >> keep) & 0xff).unwrap_or(0);
        }
        let len = u16::try_from(len).unwrap_or(0);
        Self { bits, len }
    }

    /// Its length in bits.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether it is [`Self::ROOT`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lowest id that begins with it.
    #[must_use]
    pub fn bits(&self) -> &Id {
        &self.bits
    }

    /// Whether an id begins with it.
    #[must_use]
    pub fn holds(&self, id: &Id) -> bool {
        Self::of(id, self.len()) == *self
    }

    /// The prefixes that are `levels` longer, in ascending order: 2^levels of them, fewer at the end of an id.
    /// At most 8 levels at once.
    pub fn below(&self, levels: usize) -> impl Iterator<Item = Self> + use<> {
        let (bits, from) = (self.bits, self.len());
        let levels = levels.min(8).min(Self::MAX - from);
        (0_u16..1 << levels).map(move |n| {
            let mut bits = bits;
            for level in (0..levels).filter(|level| (n >> (levels - 1 - level)) & 1 == 1) {
                set(&mut bits, from + level);
            }
            Self::of(&bits, from + levels)
        })
    }

    /// The part of sorted ids that begins with it.
    pub(super) fn slice<'a>(&self, ids: &'a [Id]) -> &'a [Id] {
        let from = ids.partition_point(|id| id < &self.bits);
        let (_, ids) = ids.split_at(from);
        let (ids, _) = ids.split_at(ids.partition_point(|id| self.holds(id)));
        ids
    }
}

/// The bits as `0` and `1`, as far as a person reads them.
impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for i in 0..self.len().min(64) {
            f.write_str(if bit(&self.bits, i) { "1" } else { "0" })?;
        }
        write!(f, "/{}", self.len)
    }
}

/// Bit `depth` of an id, counted from the most significant; false past the end.
pub(super) fn bit(id: &Id, depth: usize) -> bool {
    id.0.get(depth / 8)
        .is_some_and(|byte| (byte >> (7 - depth % 8)) & 1 == 1)
}

fn set(id: &mut Id, depth: usize) {
    if let Some(byte) = id.0.get_mut(depth / 8) {
        *byte |= 0x80 >> (depth % 8);
    }
}

/// The child on the side of a bit.
pub(super) fn side([left, right]: &[Child; 2], bit: bool) -> Child {
    if bit { *right } else { *left }
}

/// The place of the child on the side of a bit.
pub(super) fn side_mut([left, right]: &mut [Child; 2], bit: bool) -> &mut Child {
    if bit { right } else { left }
}
