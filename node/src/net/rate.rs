//! Token buckets: so much at once, so much per second.

use std::hash::Hash;
use std::time::Instant;

use hashbrown::HashMap;

use crate::limit::Rate;

/// Holds up to `burst` tokens and gains `rate` per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    rate: Rate,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        let tokens = rate.burst;
        Self { rate, tokens, at: now }
    }

    /// Takes one token, or answers that there is none.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        self.fill(now);
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }

    /// From now on with another rate; what was spent stays spent.
    pub(super) fn set(&mut self, rate: Rate, now: Instant) {
        self.fill(now);
        let spent = self.rate.burst - self.tokens;
        self.tokens = (rate.burst - spent).max(0.0);
        self.rate = rate;
    }

    fn fill(&mut self, now: Instant) {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * self.rate.per_second;
        self.tokens = (self.tokens + gained).min(self.rate.burst);
        self.at = now;
    }

    fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= self.rate.burst
    }
}

/// A bucket for each of many, at most so many. When there are more, those that are full are forgotten, which changes
/// nothing; if that does not help all are, and everybody begins with a full one.
#[derive(Debug)]
pub(super) struct Buckets<K> {
    all: HashMap<K, Bucket>,
    most: usize,
}

impl<K: Hash + Eq> Buckets<K> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            all: HashMap::new(),
            most,
        }
    }

    /// Takes a token out of somebody's bucket; a new one is full.
    pub(super) fn take(&mut self, key: K, rate: Rate, now: Instant) -> bool {
        if self.all.len() >= self.most && !self.all.contains_key(&key) {
            self.all.retain(|_, bucket| !bucket.is_full(now));
            if self.all.len() >= self.most {
                self.all.clear();
            }
        }
        self.all.entry(key).or_insert_with(|| Bucket::new(rate, now)).take(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate {
        per_second: 10.0,
        burst: 3.0,
    };

    #[test]
    fn burst_then_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        assert_eq!((0..5).filter(|_| bucket.take(start)).count(), 3);
        let later = start + Duration::from_millis(100);
        assert_eq!((0..5).filter(|_| bucket.take(later)).count(), 1);
        let much_later = start + Duration::from_secs(60);
        assert_eq!((0..9).filter(|_| bucket.take(much_later)).count(), 3);
        bucket.set(Rate { burst: 8.0, ..RATE }, much_later);
        assert_eq!((0..9).filter(|_| bucket.take(much_later)).count(), 5);
    }

    #[test]
    fn each_has_its_own_and_there_are_not_too_many() {
        let start = Instant::now();
        let mut buckets = Buckets::new(10);
        for key in 0..1000 {
            assert!(buckets.take(key, RATE, start));
            assert!(buckets.all.len() <= 10);
        }
        let mut buckets = Buckets::new(10);
        assert_eq!((0..9).filter(|_| buckets.take(1, RATE, start)).count(), 3);
        assert!(buckets.take(2, RATE, start), "another one's is full");
        let later = start + Duration::from_secs(9);
        for key in 3..100 {
            buckets.take(key, RATE, later);
        }
        assert!(buckets.all.len() <= 10);
    }
}
