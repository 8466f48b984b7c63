//! The soak program.

fn main() {}
