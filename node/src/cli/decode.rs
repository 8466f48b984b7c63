//! `althing decode-automerge`: hidden; reads an Automerge document on standard input and writes what it holds.
//!
//! It runs as a process of its own under limits of time and memory, because 85 hostile bytes cost Automerge 16 seconds
//! and 89 a gigabyte. See [`super::automerge`].

use std::path::Path;

use althing_protocol::document::automerge;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::fields;
use super::print::Answer;

/// Largest file, in bytes.
pub(super) const LARGEST: u64 = 16 << 20;

#[derive(Debug, Args)]
pub(super) struct Decode {}

impl Decode {
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let bytes = fields::read(Path::new("-"), LARGEST)?;
        let copy = automerge::read(&bytes).map_err(|why| Failure::Input(why.to_string()))?;
        let json = json!(copy);
        let text = json.to_string();
        Ok(Answer::new(json, text))
    }
}
