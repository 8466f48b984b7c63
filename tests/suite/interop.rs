//! Other readers of our vectors and exports.
