//! The one place that reads the clock and draws randomness.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. A clock before that year reads 0.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes from the operating system's random source, fit for keys.
///
/// # Panics
/// When that source fails: nothing that needs a key or a salt may then go on.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes once it has booted");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_and_time_passes_2025() {
        assert_ne!(random::<32>(), random::<32>());
        assert!(now_ms() > 1_735_689_600_000);
    }
}
