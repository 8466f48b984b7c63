//! A set of numbers as bits: an eighth of a byte per entry, whatever is in it.

/// The set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// How many numbers are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether this number is.
    #[must_use]
    pub fn contains(&self, n: u32) -> bool {
        let (at, bit) = place(n);
        self.words.get(at).is_some_and(|w| w & bit != 0)
    }

    /// Puts a number in or takes it out.
    pub fn set(&mut self, n: u32, to: bool) {
        if self.contains(n) == to {
            return;
        }
        let (at, bit) = place(n);
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        if let Some(word) = self.words.get_mut(at) {
            *word ^= bit;
        }
        self.len = if to { self.len + 1 } else { self.len - 1 };
    }

    /// The numbers in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.words
            .iter()
            .zip((0u32..).step_by(64))
            .filter(|(word, _)| **word != 0)
            .flat_map(|(word, base)| {
                let word = *word;
                (0..64).filter(move |i| word >> i & 1 == 1).map(move |i| base + i)
            })
    }
}

fn place(n: u32) -> (usize, u64) {
    (usize::try_from(n / 64).unwrap_or(usize::MAX), 1 << (n % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_set() {
        let mut bits = Bits::default();
        let numbers = [0, 1, 63, 64, 1000, 100_000];
        for n in numbers.into_iter().chain(numbers) {
            bits.set(n, true);
        }
        assert_eq!(bits.iter().collect::<Vec<_>>(), numbers);
        assert_eq!(bits.len(), numbers.len());
        bits.set(64, false);
        bits.set(65, false);
        assert!(!bits.contains(64) && bits.contains(63) && !bits.contains(u32::MAX));
        assert_eq!(bits.len(), numbers.len() - 1);
    }
}
