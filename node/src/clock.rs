//! The one place that reads the clock, waits for it, and draws randomness.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};

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

/// A moment in the calendar, in UTC; none beyond the year 9999, which nobody means.
#[must_use]
pub fn moment(ms: u64) -> Option<DateTime<Utc>> {
    let moment = DateTime::from_timestamp_millis(i64::try_from(ms).ok()?)?;
    (moment.year() <= 9999).then_some(moment)
}

/// When a day `YYYY-MM-DD` begins in UTC, in milliseconds since 1970; none if it is no day, or before that year.
#[must_use]
pub fn day(text: &str) -> Option<u64> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let begins = day.and_time(NaiveTime::MIN).and_utc();
    (begins.year() <= 9999).then(|| u64::try_from(begins.timestamp_millis()).ok())?
}

/// The last second of a calendar day `YYYY-MM-DD` in UTC, in seconds since 1970; none if it is no day.
#[must_use]
pub fn end_of_day(text: &str) -> Option<u64> {
    let begins = day(text)?;
    begins.checked_div(1000)?.checked_add(24 * 3600 - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_and_time_passes_2025() {
        assert_ne!(random::<32>(), random::<32>());
        assert!(now_ms() > 1_735_689_600_000);
    }

    #[test]
    fn days_begin_and_moments_have_days() {
        assert_eq!(day("1970-01-01"), Some(0));
        assert_eq!(day("2000-03-01"), Some(951_868_800_000));
        assert_eq!(day("2026-11-21"), Some(1_795_219_200_000));
        for no in [
            "1969-12-31",
            "2026-13-01",
            "2026-02-30",
            "x",
            "2026-01",
            "+99999-01-01",
            "-2026-01-01",
        ] {
            assert_eq!(day(no), None, "{no}");
        }
        let text = |ms| moment(ms).map(|moment| moment.format("%Y-%m-%d %H:%M").to_string());
        assert_eq!(text(1_795_253_400_000).as_deref(), Some("2026-11-21 09:30"));
        assert_eq!(text(253_402_300_800_000), None);
        assert_eq!(text(u64::MAX), None);
    }
}
