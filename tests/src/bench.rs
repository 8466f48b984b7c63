//! The measurements behind `make bench`: each row beside its goal and beside what limits it on the same machine.
//!
//! Nothing here fails a build. A figure that falls short is printed as it is.

pub mod api;
pub mod flood;
pub mod gossip;
pub mod import;
pub mod limits;
pub mod net;
pub mod node;
pub mod proof;
pub mod table;

use std::time::{Duration, Instant};

/// The median of what `measure` answers over `runs` runs.
pub fn median(runs: usize, mut measure: impl FnMut() -> f64) -> f64 {
    let mut figures: Vec<f64> = (0..runs).map(|_| measure()).collect();
    middle(&mut figures)
}

/// The middle of some figures; 0 without any.
#[must_use]
pub fn middle(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// How long something takes, and what it answers.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let answer = work();
    (start.elapsed(), answer)
}

/// Things per second.
#[must_use]
pub fn rate(count: usize, time: Duration) -> f64 {
    real(count) / time.as_secs_f64().max(1e-9)
}

/// A count as a real number, for ratios.
#[must_use]
pub fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
