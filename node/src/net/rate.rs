//! A token bucket: so much at once, so much per second.

use std::time::Instant;

/// Holds up to `burst` tokens and gains `rate` per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(rate: f64, burst: f64, now: Instant) -> Self {
        Self {
            rate,
            burst,
            tokens: burst,
            at: now,
        }
    }

    /// Takes one token, or answers that there is none.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.at = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn burst_then_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10.0, 3.0, start);
        assert_eq!((0..5).filter(|_| bucket.take(start)).count(), 3);
        let later = start + Duration::from_millis(100);
        assert_eq!((0..5).filter(|_| bucket.take(later)).count(), 1);
        let much_later = start + Duration::from_secs(60);
        assert_eq!((0..9).filter(|_| bucket.take(much_later)).count(), 3);
    }
}
