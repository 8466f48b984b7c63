//! THE door: every entry, local, peer or import, comes in here.
