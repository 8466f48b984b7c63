//! R64 to R84.
