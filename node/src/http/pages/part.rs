//! The parts that pages are made of.

pub(crate) mod chart;
pub(crate) mod content;
pub(crate) mod control;
pub(crate) mod entry;
pub(crate) mod file;
pub(crate) mod markdown;
pub(crate) mod motion;
pub(crate) mod pending;
pub(crate) mod person;
pub(crate) mod plot;
pub(crate) mod questions;
pub(crate) mod refer;
pub(crate) mod sheet;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod value;
pub(crate) mod versions;
pub(crate) mod words;
