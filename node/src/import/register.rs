//! Lists of holders as of a block, as CSV or JSON: who holds how much, in which class.
//!
//! Weights are scaled by the decimals that the caller names, exactly or not at all. A line that cannot be read, or one
//! that says again what another one said, ends the import with its number: half a register is none.
//!
//! Bounds: [`LARGEST`] bytes, [`HOLDERS`] holders.

mod rows;
mod weight;

use std::collections::HashMap;

use althing_protocol::hash::{Hash, sha256};
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use self::rows::Row;
use super::{Document, parts};

/// Largest file, in bytes.
pub const LARGEST: u64 = 32 << 20;

/// Most holders of one register.
pub const HOLDERS: usize = 100_000;

/// Holders of one entry.
const PART: usize = 4000;

/// Why a list is no register.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Wrong {
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Neither form.
    #[error("line {line}: {why}")]
    Line {
        /// Where.
        line: u64,
        /// What is wrong and what to do.
        why: String,
    },
    /// No usable head, or no JSON array.
    #[error("{0}")]
    Form(String),
    /// One holder twice.
    #[error(
        "lines {first} and {second}: {holder} ({class}) stands in both; a register has one weight for each holder and class"
    )]
    Twice {
        /// The first of them.
        first: u64,
        /// The other.
        second: u64,
        /// The holder.
        holder: String,
        /// The class.
        class: String,
    },
    /// Nobody.
    #[error("it names no holder")]
    Empty,
    /// Too many.
    #[error(
        "it names more than {} holders; a register takes no more. Leave out the smallest and say so in --source",
        HOLDERS
    )]
    TooMany,
}

/// What the list itself does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Its title.
    pub title: String,
    /// The chain, by EIP-155.
    pub chain: u64,
    /// The height of the block.
    pub block: u64,
    /// That block's hash.
    pub block_hash: Option<Hash>,
    /// The day of that block, `YYYY-MM-DD`.
    pub day: Option<String>,
    /// Where the list was taken from.
    pub source: String,
    /// The class of holders without one.
    pub class: Option<String>,
    /// Digits of a weight after the decimal point.
    pub decimals: u8,
    /// The unit of the weights.
    pub unit: Option<String>,
}

/// Reads a list into the parts of a `register`.
///
/// # Errors
/// What is wrong with it, in words for people.
pub fn read(bytes: &[u8], is_json: bool, options: &Options) -> Result<Vec<Document>, Wrong> {
    let text = std::str::from_utf8(bytes).map_err(|_| Wrong::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = if is_json { rows::json(text)? } else { rows::csv(text)? };
    let mut seen: HashMap<(String, String), u64> = HashMap::new();
    let mut items = Vec::new();
    for row in rows {
        let line = row.line;
        let item = holder(row, options).map_err(|why| Wrong::Line { line, why })?;
        let key = (item.holder.clone(), item.class.clone());
        if let Some(first) = seen.insert(key, line) {
            let (holder, class) = (item.holder, item.class);
            return Err(Wrong::Twice {
                first,
                second: line,
                holder,
                class,
            });
        }
        items.push(json!({ "holder": item.holder, "class": item.class, "weight": item.weight }));
    }
    if items.is_empty() {
        return Err(Wrong::Empty);
    }
    Ok(parts(document(bytes, options), "holders", items, PART))
}

struct Holder {
    holder: String,
    class: String,
    weight: u64,
}

fn holder(row: Row, options: &Options) -> Result<Holder, String> {
    let holder = address(row.holder.trim());
    let fits = |text: &str, most: usize| !text.is_empty() && text.len() <= most && !text.chars().any(char::is_control);
    if !fits(&holder, althing_protocol::kind::NAMED) {
        let most = althing_protocol::kind::NAMED;
        return Err(format!(
            "the holder must be an address, an identity or a name of at most {most} bytes"
        ));
    }
    let class = row
        .class
        .map(|class| class.trim().to_owned())
        .filter(|class| !class.is_empty());
    let class = class.or_else(|| options.class.clone());
    let class = class.ok_or("there is no class; add a column `class`, or give one for all with --class")?;
    if !fits(&class, 64) {
        return Err("the class must be one line of at most 64 bytes".to_owned());
    }
    let weight = weight::scaled(row.weight.trim(), options.decimals)?;
    Ok(Holder { holder, class, weight })
}

/// Addresses in one spelling, that of links: others would make one holder two.
fn address(text: &str) -> String {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(hex) if hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
            format!("0x{}", hex.to_ascii_lowercase())
        }
        _ if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => text.to_ascii_lowercase(),
        _ => text.to_owned(),
    }
}

/// The register without its holders. Its key names the block, the file, and how the file was read: another block, or
/// another list, is another register, and the same twice is the same one.
fn document(bytes: &[u8], options: &Options) -> Document {
    let hash = Hash(sha256(&[bytes]));
    let Options {
        chain, block, decimals, ..
    } = options;
    let class = options.class.as_deref().unwrap_or_default();
    let how = Hash(sha256(&[&hash.0, class.as_bytes(), &[*decimals]]));
    let mut content = Map::from_iter([
        ("title".to_owned(), json!(options.title)),
        ("chain".to_owned(), json!(chain)),
        ("block".to_owned(), json!(block)),
        ("source_text".to_owned(), json!(options.source)),
        ("decimals".to_owned(), json!(decimals)),
    ]);
    let optional: [(&str, Option<Json>); 3] = [
        ("block_hash", options.block_hash.map(|hash| json!(hash))),
        ("day", options.day.as_ref().map(|day| json!(day))),
        ("unit", options.unit.as_ref().map(|unit| json!(unit))),
    ];
    content.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    Document {
        source: format!("holders of chain {chain} at block {block}: {how}"),
        source_hash: hash,
        kind: "register".to_owned(),
        content,
        more: false,
    }
}

#[cfg(test)]
mod tests;
