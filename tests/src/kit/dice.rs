//! Seeded choices: the same seed chooses the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A seeded source of choices.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

/// The seed of this run: `ALTHING_SEED`, or another one each time. Printed, so that a failure can be repeated.
///
/// # Panics
/// If the variable holds no number.
#[must_use]
pub fn seed() -> u64 {
    let seed = match std::env::var("ALTHING_SEED") {
        Ok(text) => text.parse().expect("ALTHING_SEED is a number"),
        Err(_) => std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |t| t.as_nanos() as u64 % 1_000_000_007),
    };
    eprintln!("ALTHING_SEED={seed}");
    seed
}

/// How many times as much is tried as in CI: `ALTHING_SOAK`, or once.
///
/// # Panics
/// If the variable holds no number.
#[must_use]
pub fn soak() -> u32 {
    std::env::var("ALTHING_SOAK").map_or(1, |text| text.parse().expect("ALTHING_SOAK is a number"))
}

impl Dice {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        // The bias of the remainder is far below what a test could notice.
        usize::try_from(self.any() % (n.max(1) as u64)).expect("below a usize")
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these; none if there are none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() {
            return None;
        }
        from.get(self.below(from.len()))
    }

    /// Another order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}
