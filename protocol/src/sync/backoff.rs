//! How long to leave a peer alone.

/// Milliseconds before the next session with a peer after so many fruitless ones in a row: those that ended without
/// equal digests and without a new entry. Doubles from 1 second to 15 minutes; `jitter` is a random number that
/// spreads it over the upper half.
#[must_use]
pub fn backoff(fruitless: u32, jitter: u64) -> u64 {
    let most = (1000_u64 << fruitless.min(10)).min(15 * 60 * 1000);
    most / 2 + jitter % (most / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_a_bound_whatever_the_jitter() {
        for jitter in [0, 1, 499, 500, u64::MAX] {
            assert!((500..=1000).contains(&backoff(0, jitter)));
            assert!((4000..=8000).contains(&backoff(3, jitter)));
            assert!((450_000..=900_000).contains(&backoff(u32::MAX, jitter)));
        }
        assert_ne!(backoff(5, 1), backoff(5, 2));
    }
}
