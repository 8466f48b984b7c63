//! `althing export payouts`: what the view `payouts` says, as transactions that a multisig signs.
//!
//! The file is a batch as Safe's Transaction Builder reads it. Each transfer is a call of ERC-20's `transfer(address,uint256)`
//! (EIP-20), encoded as the contract ABI says; without a token the chain's own coin is sent.

use std::path::PathBuf;

use althing_protocol::link::Address;
use clap::Args;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::{answer, write};
use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::print::{Answer, word};

/// The first four bytes of keccak-256 of `transfer(address,uint256)`.
const TRANSFER: &str = "a9059cbb";

/// Zeros by which minor units are told in those of a token: 2^64 of them with so many still fit into 128 bits.
const SCALE: u32 = 18;

/// What `export payouts` takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Payouts {
    /// The evaluation.
    evaluation: String,
    /// The chain, by its EIP-155 number.
    #[arg(long, value_name = "N")]
    chain: u64,
    /// The token's contract; without it the chain's own coin is sent.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    token: Option<Address>,
    /// Zeros that follow an amount: 16 for cents of a token with 18 decimals.
    #[arg(long, value_name = "DIGITS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=i64::from(SCALE)))]
    scale: u32,
    /// Leave out who has proved no address, instead of writing nothing.
    #[arg(long)]
    linked_only: bool,
    /// The file; - for standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// A contract as people copy it, with its checksum if it has one.
fn address(text: &str) -> Result<Address, String> {
    Address::parse_typed(text)
        .ok_or_else(|| "no address, or its checksum is wrong: give 0x and 40 hexadecimal digits".to_owned())
}

impl Payouts {
    pub(super) fn run(&self, node: &Node) -> Result<Answer, Failure> {
        let view = node.get(&["documents", &self.evaluation, "views", "payouts"], &[])?;
        let batch = self.batch(&view)?;
        let text = serde_json::to_string_pretty(&batch.file).unwrap_or_default() + "\n";
        write(&self.output, text.as_bytes())?;
        let count = batch
            .file
            .pointer("/transactions")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let mut said = format!(
            "{count} transfers in {}, {} in all, in the smallest unit",
            self.output.display(),
            batch.total
        );
        for who in &batch.left_out {
            said.push_str(&format!("\nLeft out, without an address: {who}"));
        }
        let told = json!({
            "file": self.output,
            "transfers": count,
            "total": batch.total.to_string(),
            "left_out": batch.left_out,
        });
        Ok(answer(&self.output, told, said))
    }

    fn batch(&self, view: &Value) -> Result<Batch, Failure> {
        let strange =
            |what: &str| Failure::Refused(format!("the view does not say {what}; use a node of this release"));
        let rows = view.pointer("/tables/payload").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| strange("who is to be paid"))?;
        if rows.is_empty() {
            return Err(Failure::Refused(
                "nothing is to be paid: the evaluation has no reward, no input, or no valuation that counts; \
                 `althing view payouts` says which"
                    .to_owned(),
            ));
        }
        let (mut transactions, mut left_out, mut total) = (Vec::new(), Vec::new(), 0_u128);
        for row in rows {
            let amount = row
                .get("amount")
                .and_then(Value::as_u64)
                .ok_or_else(|| strange("how much"))?;
            let amount = u128::from(amount).checked_mul(10_u128.pow(self.scale));
            let amount = amount.ok_or_else(|| Failure::Input("--scale makes an amount too large".to_owned()))?;
            let to = row.get("address").and_then(Value::as_str);
            let Some(to) = to.and_then(Address::parse) else {
                left_out.push(word(row, "to"));
                continue;
            };
            total = total
                .checked_add(amount)
                .ok_or_else(|| Failure::Input("--scale makes the sum too large".to_owned()))?;
            transactions.push(match self.token {
                Some(token) => json!({ "to": token.checksummed(), "value": "0", "data": transfer(&to, amount) }),
                None => json!({ "to": to.checksummed(), "value": amount.to_string(), "data": Value::Null }),
            });
        }
        if !left_out.is_empty() && !self.linked_only {
            return Err(Failure::Refused(format!(
                "{} have proved no address: {}. They link one with `althing id link`; --linked-only leaves them out",
                left_out.len(),
                left_out.join(", ")
            )));
        }
        let doc = word(view, "doc");
        let file = json!({
            "version": "1.0",
            "chainId": self.chain.to_string(),
            "createdAt": view.get("as_of"),
            "meta": {
                "name": word(view, "title"),
                "description": format!("Evaluation {doc} of Althing committee {}", word(view, "committee")),
            },
            "transactions": transactions,
        });
        Ok(Batch { file, total, left_out })
    }
}

struct Batch {
    file: Value,
    total: u128,
    left_out: Vec<String>,
}

/// A call of `transfer`: the selector, and both arguments in 32 bytes each.
fn transfer(to: &Address, amount: u128) -> String {
    let to = HEXLOWER.encode(to.as_bytes());
    format!("0x{TRANSFER}{to:0>64}{amount:064x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payouts(token: bool, linked_only: bool) -> Payouts {
        Payouts {
            evaluation: String::new(),
            chain: 1,
            token: token.then(|| address("0x6B175474E89094C44Da98b954EedeAC495271d0F").unwrap()),
            scale: 16,
            linked_only,
            output: PathBuf::new(),
        }
    }

    fn view(address: Option<&str>) -> Value {
        json!({ "doc": "d", "committee": "c", "title": "Payouts", "as_of": 7, "tables": { "payload": [
            { "to": "a", "address": "0x00000000000000000000000000000000000000aa", "amount": 700, "currency": "DAI" },
            { "to": "b", "address": address, "amount": 300, "currency": "DAI" },
        ] } })
    }

    #[test]
    fn a_batch_pays_each_to_the_unit_and_nobody_without_an_address() {
        let other = "0x00000000000000000000000000000000000000bb";
        let batch = payouts(true, false).batch(&view(Some(other))).unwrap();
        assert_eq!(batch.total, 1000 * 10_u128.pow(16));
        assert_eq!(
            batch.file.pointer("/transactions/1/data").unwrap(),
            "0xa9059cbb00000000000000000000000000000000000000000000000000000000000000bb\
             00000000000000000000000000000000000000000000000029a2241af62c0000"
        );
        assert_eq!(batch.file.pointer("/transactions/1/value").unwrap(), "0");
        let own = payouts(false, false).batch(&view(Some(other))).unwrap();
        assert_eq!(
            own.file.pointer("/transactions/1/value").unwrap(),
            "3000000000000000000"
        );
        assert!(own.file.pointer("/transactions/1/data").unwrap().is_null());
        let why = payouts(true, false).batch(&view(None)).err().unwrap().to_string();
        assert!(
            why.contains("1 have proved no address: b") && why.contains("--linked-only"),
            "{why}"
        );
        let some = payouts(true, true).batch(&view(None)).unwrap();
        assert_eq!((some.total, some.left_out), (7 * 10_u128.pow(18), vec!["b".to_owned()]));
    }

    #[test]
    fn a_contract_with_a_wrong_checksum_is_none() {
        assert!(address("0x6b175474E89094C44Da98b954EedeAC495271d0F").is_err());
        assert!(address("0x6b175474e89094c44da98b954eedeac495271d0f").is_ok() && address("6b17").is_err());
    }

    #[test]
    fn amounts_that_do_not_fit_are_refused() {
        let mut view = view(None);
        view["tables"]["payload"][0]["amount"] = json!(u64::MAX);
        let mut large = payouts(true, true);
        large.scale = SCALE;
        assert!(large.batch(&view).is_ok(), "the largest amount fits");
        view["tables"]["payload"] = json!([]);
        assert!(
            large
                .batch(&view)
                .err()
                .unwrap()
                .to_string()
                .contains("nothing is to be paid")
        );
    }
}
