//! `althing id link` and `althing id disclose`.

use althing_protocol::link::{self, Address};
use clap::Args;
use serde_json::{Value, json};

use super::super::Global;
use super::super::failure::Failure;
use super::super::print::Answer;
use crate::home::Home;

#[derive(Debug, Args)]
pub(super) struct Link {
    /// An Ethereum address of yours.
    #[arg(required_unless_present = "url")]
    address: Option<String>,
    /// The chain for which the wallet signs: 1 is Ethereum.
    #[arg(long, value_name = "N", default_value_t = 1)]
    chain: u64,
    /// What the wallet answered. Without it the typed data for the wallet is printed.
    #[arg(long, value_name = "HEX", requires = "address")]
    signature: Option<String>,
    /// Instead of an address: a public page of yours that names this identity.
    #[arg(long, conflicts_with = "address")]
    url: Option<String>,
    /// What you are called there.
    #[arg(long, requires = "url")]
    handle: Option<String>,
    /// Anything to add.
    #[arg(long)]
    note: Option<String>,
}

impl Link {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let Some(text) = &self.address else {
            let body = json!({ "url": self.url, "handle": self.handle, "note": self.note });
            return write(global, &home, "link", body);
        };
        let address = Address::parse_typed(text).ok_or_else(|| {
            Failure::Input(format!(
                "{text:?} is no Ethereum address: 0x and 40 hexadecimal digits, and the right capitals if there are any"
            ))
        })?;
        let Some(signature) = &self.signature else {
            let json = link::typed_data(home.identity(), self.chain, address);
            let pretty = serde_json::to_string_pretty(&json).unwrap_or_default();
            return Ok(Answer::new(json, pretty));
        };
        let signature = normal(signature);
        link::verify(home.identity(), self.chain, address, &signature).map_err(|why| {
            Failure::Input(format!(
                "{} does not prove this link: {why}. Have the wallet sign what `althing id link {address} --chain {}` prints",
                address.checksummed(),
                self.chain
            ))
        })?;
        let body = json!({
            "address": address.to_string(), "chain": self.chain, "signature": signature, "note": self.note,
        });
        write(global, &home, "link", body)
    }
}

/// The one form in which entries hold a signature: some wallets write capitals, or the parity as 0 or 1.
fn normal(signature: &str) -> String {
    let lower = signature.trim().to_ascii_lowercase();
    match (lower.len(), lower.get(..130), lower.get(130..)) {
        (132, Some(rs), Some("00")) => format!("{rs}1b"),
        (132, Some(rs), Some("01")) => format!("{rs}1c"),
        _ => lower,
    }
}

#[derive(Debug, Args)]
pub(super) struct Disclose {
    /// The interest that others should know of.
    #[arg(required = true, num_args = 1..)]
    text: Vec<String>,
    /// Whom or what it concerns: an id, or a name.
    #[arg(long)]
    about: Option<String>,
    /// Since when, such as 2026-01-31.
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Until when.
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
}

impl Disclose {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let body = json!({
            "text": self.text.join(" "), "about": self.about, "since": self.since, "until": self.until,
        });
        write(global, &home, "disclose", body)
    }
}

/// Writes an act into one's own identity.
fn write(global: &Global, home: &Home, kind: &str, mut body: Value) -> Result<Answer, Failure> {
    if let Some(map) = body.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    let identity = home.identity().to_string();
    let json = global.node().post(
        &["documents", &identity, "acts"],
        &json!({ "kind": kind, "body": body }),
    )?;
    Ok(Answer::written(json))
}

#[cfg(test)]
mod tests {
    #[test]
    fn signatures_take_one_form() {
        let rs = format!("0x{}", "Ab".repeat(64));
        let lower = rs.to_ascii_lowercase();
        for (given, made) in [("00", "1b"), ("01", "1c"), ("1B", "1b"), ("1c", "1c"), ("25", "25")] {
            assert_eq!(super::normal(&format!(" {rs}{given}\n")), format!("{lower}{made}"));
        }
        assert_eq!(super::normal("0x00"), "0x00");
    }
}
