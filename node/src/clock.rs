//! The one place that reads the clock and draws randomness.
