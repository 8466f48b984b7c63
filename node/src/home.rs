//! The data folder: keys, configuration, lock, version.
