//! The one place that reads the clock, waits for it, and draws randomness.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. A clock before that year reads 0.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How often, and how far apart, a lock is tried: a process that was killed a moment ago, or a child that this one is
/// about to start, can hold it a little longer.
const LOCK_TRIES: (u32, Duration) = (10, Duration::from_millis(20));

/// Takes an exclusive lock on a file, asking for a fifth of a second.
///
/// # Errors
/// As [`File::try_lock`].
pub fn lock(file: &File) -> Result<(), TryLockError> {
    let (tries, pause) = LOCK_TRIES;
    for _ in 1..tries {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            other => return other,
        }
    }
    file.try_lock()
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

/// Year, month and day of a day counted from 1970-01-01, by Howard Hinnant's `civil_from_days`.
#[must_use]
pub fn date(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
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
