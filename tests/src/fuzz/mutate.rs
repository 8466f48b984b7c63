//! Other inputs out of known ones.

use crate::kit::Dice;

use super::{LONGEST, words};

/// Values at which things change: ends of ranges, heads of CBOR items, lengths that lie.
const BYTES: [u8; 20] = [
    0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x40, 0x58, 0x5b, 0x60, 0x7f, 0x80, 0x81, 0x9b, 0xa0, 0xbb, 0xd8, 0xf6,
    0xff,
];

const NUMBERS: [u64; 8] = [
    0,
    1,
    0x7fff_ffff,
    0xffff_ffff,
    (1 << 53) - 1,
    1 << 53,
    1 << 63,
    u64::MAX,
];

/// Draws inputs.
#[derive(Debug)]
pub(super) struct Mutator(Dice);

impl Mutator {
    pub(super) fn new(seed: u64, name: &str) -> Self {
        Self(Dice::new(seed ^ words(name)))
    }

    pub(super) fn next(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.0.pick(corpus).cloned().unwrap_or_default();
        for _ in 0..=self.0.below(6) {
            self.change(&mut input, corpus);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.0.below(input.len());
        let end = (at + 1 + self.0.below(16)).min(input.len());
        match self.0.below(12) {
            0 | 1 => {
                let bit = self.0.below(8);
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            2 | 3 => {
                let value = self.byte();
                if let Some(byte) = input.get_mut(at) {
                    *byte = value;
                }
            }
            4 => {
                let value = self.byte();
                input.insert(at, value);
            }
            5 => {
                input.drain(at.min(end)..end);
            }
            6 => input.truncate(at),
            7 => {
                let part = input.get(at..end).unwrap_or_default().to_vec();
                let to = self.0.below(input.len() + 1);
                input.splice(to..to, part);
            }
            8 => {
                // The head of one and the tail of another.
                let other = self.0.pick(corpus).cloned().unwrap_or_default();
                let from = self.0.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(other.get(from..).unwrap_or_default());
            }
            9 => {
                let number = self.0.pick(&NUMBERS).copied().unwrap_or(0).to_be_bytes();
                let width = [1, 2, 4, 8].get(self.0.below(4)).copied().unwrap_or(8);
                for (to, from) in input.iter_mut().skip(at).zip(number.iter().skip(8 - width)) {
                    *to = *from;
                }
            }
            10 => {
                let value = self.byte();
                let many = 1 << self.0.below(10);
                input.splice(at..at, std::iter::repeat_n(value, many));
            }
            _ => {
                for byte in input.get_mut(at..end).unwrap_or_default() {
                    *byte = u8::try_from(self.0.below(256)).unwrap_or(0);
                }
            }
        }
    }

    fn byte(&mut self) -> u8 {
        match self.0.chance(50) {
            true => self.0.pick(&BYTES).copied().unwrap_or(0),
            false => u8::try_from(self.0.below(256)).unwrap_or(0),
        }
    }
}
