//! `link`: another name of the same person: an Ethereum address, which proves itself, or a place on the web.

use super::{Field, Kind, Record, Type, Undo, Value};
use crate::hash::Id;
use crate::link::{self, Address};

pub(super) static KIND: Kind = Kind::act(
    "link",
    "Another name of the same person: an Ethereum address with its signature, or a page that names this identity.",
)
.on(&["identity"])
.fields(&[
    Field::new(
        "address",
        Type::Line { max: 42 },
        "An Ethereum address, 0x and 40 lower-case hexadecimal digits.",
    ),
    Field::new(
        "chain",
        Type::Int { max: crate::limit::INT },
        "The chain for which it signed, by EIP-155; 1 is Ethereum.",
    ),
    Field::new(
        "signature",
        Type::Line { max: 132 },
        "Its EIP-712 signature, 0x and 130 lower-case hexadecimal digits; see `identity.md`.",
    ),
    Field::new(
        "url",
        Type::Line { max: 1000 },
        "A public post under that name which names this identity; nobody checks it but readers.",
    ),
    Field::new("handle", Type::Line { max: 200 }, "The name there."),
    Field::new("note", Type::Text { max: 4096 }, "Anything to add."),
])
.text("note")
.proof(prove)
.undo(Undo::Retract);

/// An address needs its signature, anything else a place to look.
fn prove(record: &Record, identity: Id) -> Result<(), &'static str> {
    let text = |field: &str| record.get(field).and_then(Value::as_text);
    let chain = match record.get("chain") {
        Some(Value::Int(chain)) => Some(*chain),
        _ => None,
    };
    match (text("address"), chain, text("signature")) {
        (None, None, None) if text("url").is_some() => Ok(()),
        (None, None, None) => Err("a link holds an Ethereum address with chain and signature, or a url"),
        (Some(address), Some(chain), Some(signature)) => {
            let address =
                Address::parse(address).ok_or("its address is not 0x and 40 lower-case hexadecimal digits")?;
            link::verify(identity, chain, address, signature).map_err(link::Refusal::text)
        }
        _ => Err("an Ethereum address needs its chain and its signature, and these need an address"),
    }
}
