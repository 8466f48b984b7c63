//! The parts that pages are made of.

pub(crate) mod markdown;
pub(crate) mod person;
pub(crate) mod sync;
pub(crate) mod text;
pub(crate) mod time;
