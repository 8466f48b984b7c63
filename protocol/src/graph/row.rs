//! A node as bytes, so that a store can keep the graph and give it back without reading a million headers.

use hashbrown::HashTable;
use thiserror::Error;

use super::{Class, Graph, KeySlot, Log, NO_PREV, Node, Num};
use crate::hash::{Id, Key};

/// One entry of the graph, ready to be stored or put back. Little-endian, fixed part first, then the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<u8>);

/// Why a stored row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadRow {
    /// Shorter or longer than its own fields say.
    #[error("a stored row has {0} bytes, which is not what its fields say")]
    Length(usize),
    /// A class that this release does not know.
    #[error("a stored row has the unknown class {0}")]
    Class(u8),
    /// A name, space, document or certificate that is not here, or a number taken twice.
    #[error("the stored rows do not fit together")]
    Broken,
}

/// Set in the first byte of rows at the start of a log: they carry the key, later ones only its number.
const WITH_KEY: u8 = 0x80;

impl Row {
    /// The id in a stored row, whatever the rest of it says.
    #[must_use]
    pub fn id(row: &[u8]) -> Option<Id> {
        row.get(4..36)?.try_into().ok().map(Id)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Numbers that no row has, at most, beside as many again as there are rows: a damaged one costs no more room than this.
const HOLES: usize = 1 << 16;

impl Graph {
    /// The row of an entry.
    #[must_use]
    pub fn row(&self, num: Num) -> Row {
        let node = self.node(num);
        let names = self.names(num);
        let mut out = Vec::with_capacity(96 + 4 * names.len());
        let with_key = if node.seq == 0 { WITH_KEY } else { 0 };
        out.extend_from_slice(&[
            class_byte(node.class) | with_key,
            node.names_len,
            node.after_len,
            node.prev_at,
        ]);
        out.extend_from_slice(&self.id(num).0);
        if node.seq == 0 {
            out.extend_from_slice(&self.key(num).0);
        }
        for field in [node.space.0, node.doc.0, node.cert, node.key, node.seq, node.depth] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        for name in names {
            out.extend_from_slice(&name.0.to_le_bytes());
        }
        Row(out)
    }

    /// An empty graph with room for so many entries.
    #[must_use]
    pub fn with_room(entries: usize) -> Self {
        Self {
            ids: Vec::with_capacity(entries),
            nodes: Vec::with_capacity(entries),
            index: HashTable::with_capacity(entries),
            ..Self::default()
        }
    }

    /// Puts stored rows back, in the order of their numbers. Call [`Graph::restored`] after the last.
    ///
    /// # Errors
    /// A row that cannot be read; the graph is then of no use.
    pub fn restore(&mut self, num: Num, row: &[u8]) -> Result<(), BadRow> {
        let length = BadRow::Length(row.len());
        let ([class, names_len, after_len, prev_at], rest) = row.split_first_chunk::<4>().ok_or(length)?;
        let (id, rest) = rest.split_first_chunk::<32>().ok_or(length)?;
        let (key, rest) = match class & WITH_KEY {
            0 => (None, rest),
            _ => rest
                .split_first_chunk::<32>()
                .map(|(key, rest)| (Some(Key(*key)), rest))
                .ok_or(length)?,
        };
        let class = class_from(class & !WITH_KEY).ok_or(BadRow::Class(*class))?;
        let (numbers, odd) = rest.as_chunks::<4>();
        let mut numbers = numbers.iter().map(|b| u32::from_le_bytes(*b));
        let mut field = || numbers.next().ok_or(length);
        let (space, doc, cert, key_number, seq, depth) = (field()?, field()?, field()?, field()?, field()?, field()?);
        if numbers.len() != usize::from(*names_len) || after_len > names_len || !odd.is_empty() {
            return Err(length);
        }
        let taken = self.nodes.get(num.at()).is_some_and(|n| n.class != Class::Vacant);
        // Numbers of evicted entries are given out again, so few are unused. Rows come in the order of their numbers.
        if num.at() > 2 * self.index.len() + HOLES {
            return Err(BadRow::Broken);
        }
        let prev_fits = (seq == 0) == (*prev_at == NO_PREV) && (seq == 0 || prev_at < names_len);
        if taken || !prev_fits || (seq == 0) != key.is_some() || seq > 1 << 31 {
            return Err(BadRow::Broken);
        }
        self.restore_key(key_number, key)?;
        let node = Node {
            space: Num(space),
            doc: Num(doc),
            cert,
            key: key_number,
            seq,
            depth,
            local: 0,
            names_at: Num::index(self.names.len()).0,
            names_len: *names_len,
            after_len: *after_len,
            prev_at: *prev_at,
            class,
            namers: 0,
            records: 0,
        };
        self.names.extend(numbers.map(Num));
        self.put(num, Id(*id), node);
        Ok(())
    }

    /// Finishes what [`Graph::restore`] began: counts namers, gives places, checks that the rows fit together.
    ///
    /// # Errors
    /// [`BadRow::Broken`] when something named is not here.
    pub fn restored(&mut self) -> Result<(), BadRow> {
        self.free = (0..self.nodes.len())
            .rev()
            .map(Num::index)
            .filter(|n| self.node(*n).class == Class::Vacant)
            .collect();
        self.free_keys = (0..self.keys.len())
            .filter(|i| self.keys.get(*i).is_some_and(|k| k.spaces.is_empty()))
            .map(|i| Num::index(i).0)
            .collect();
        let mut namers = vec![0u32; self.nodes.len()];
        let names = std::mem::take(&mut self.names);
        for i in 0..self.nodes.len() {
            let num = Num::index(i);
            let node = *self.node(num);
            if node.class == Class::Vacant {
                continue;
            }
            let here = |n: Num| self.nodes.get(n.at()).filter(|n| n.class != Class::Vacant);
            let own = names
                .get(Num(node.names_at).at()..)
                .and_then(|n| n.get(..usize::from(node.names_len)));
            let fits = here(node.space).is_some()
                && here(node.doc).is_some()
                && node.cert().is_none_or(|c| here(c).is_some())
                && self.keys.get(Num(node.key).at()).is_some_and(|k| !k.spaces.is_empty());
            if !fits {
                return Err(BadRow::Broken);
            }
            for name in own.unwrap_or_default() {
                if here(*name).is_none_or(|n| n.depth >= node.depth) {
                    return Err(BadRow::Broken);
                }
                if let Some(count) = namers.get_mut(name.at()) {
                    *count += 1;
                }
            }
            let local = self.local(node.space);
            self.node_mut(num).local = local;
        }
        self.names = names;
        if !self.logs.values_mut().all(Log::settle) {
            return Err(BadRow::Broken);
        }
        for (node, count) in self.nodes.iter_mut().zip(namers) {
            node.namers = count;
        }
        Ok(())
    }

    fn restore_key(&mut self, number: u32, key: Option<Key>) -> Result<(), BadRow> {
        let at = Num(number).at();
        // Key numbers are given out one by one, so none lies far beyond the number of entries that were announced.
        if at > self.nodes.len().max(self.ids.capacity()) + HOLES {
            return Err(BadRow::Broken);
        }
        if at >= self.keys.len() {
            self.keys.resize(at + 1, KeySlot::default());
        }
        if let (Some(slot), Some(key)) = (self.keys.get_mut(at), key) {
            slot.key = key;
            self.key_index.insert(key, number);
        }
        Ok(())
    }
}

const CLASSES: [Class; 12] = [
    Class::Committee,
    Class::Identity,
    Class::Document,
    Class::Enroll,
    Class::Retire,
    Class::Rotate,
    Class::Grant,
    Class::Revoke,
    Class::Cosign,
    Class::SetParameter,
    Class::Vouch,
    Class::Other,
];

fn class_byte(class: Class) -> u8 {
    CLASSES
        .iter()
        .position(|c| *c == class)
        .and_then(|i| u8::try_from(i + 1).ok())
        .unwrap_or(0)
}

fn class_from(byte: u8) -> Option<Class> {
    CLASSES.get(usize::from(byte).checked_sub(1)?).copied()
}
