//! A list of holders.

use std::path::PathBuf;

use althing_protocol::hash::Hash;
use clap::Args;

use super::send::Sender;
use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::fields;
use crate::cli::print::Answer;
use crate::import::register::{self, LARGEST, Options};

#[derive(Debug, Args)]
pub(in crate::cli) struct Register {
    /// The list: columns or fields `holder` (or `address`), `class`, and `weight` (or `balance`, `amount`).
    file: PathBuf,
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// What it lists.
    #[arg(long)]
    title: String,
    /// The chain, by EIP-155.
    #[arg(long, value_name = "N")]
    chain: u64,
    /// The height of the block as of which it was taken.
    #[arg(long, value_name = "HEIGHT")]
    block: u64,
    /// That block's hash, 64 hexadecimal digits, with or without 0x.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    block_hash: Option<Hash>,
    /// The day of that block, such as 2026-11-21.
    #[arg(long)]
    day: Option<String>,
    /// Where the list was taken from.
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// The class of all holders for whom the file names none.
    #[arg(long)]
    class: Option<String>,
    /// Digits of a weight after the decimal point that are kept; weights with more of them are refused.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=15))]
    decimals: u8,
    /// The unit of the weights, such as MKR.
    #[arg(long)]
    unit: Option<String>,
}

impl Register {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        node.get(&["committees", &self.committee], &[])?;
        let bytes = fields::read(&self.file, LARGEST)?;
        let is_json = self
            .file
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("json"));
        let options = Options {
            title: self.title,
            chain: self.chain,
            block: self.block,
            block_hash: self.block_hash,
            day: self.day,
            source: self.source,
            class: self.class,
            decimals: self.decimals,
            unit: self.unit,
        };
        let parts = register::read(&bytes, is_json, &options).map_err(|why| Failure::BadFile {
            path: self.file,
            what: format!("is no list of holders: {why}"),
        })?;
        let mut sender = Sender::new(node, &self.committee);
        sender.add(parts)?;
        sender.finish()?;
        Ok(sender.report.answer())
    }
}

fn hash(text: &str) -> Result<Hash, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text).to_ascii_lowercase();
    digits
        .parse()
        .map_err(|_| "a block's hash has 64 hexadecimal digits".to_owned())
}
