//! `anchor`: a block that holds a hash over checkpoints of this committee's logs.

use super::{Field, Kind, Record, Type};
use crate::anchor::{Anchor, BadAnchor, CHECKPOINTS, HEADS, TEXT, batch, receipt};
use crate::hash::Id;
use crate::limit;
use crate::log::PATH;

pub(super) static KIND: Kind = Kind::act(
    "anchor",
    "A block of a chain that holds a hash over checkpoints of this committee's logs: what they cover existed by then.",
)
.on(&["committee"])
.fields(&[
    Field::new("chain", Type::Int { max: limit::INT }, "The chain, by EIP-155; 1 is Ethereum.").required(),
    Field::new("contract", Type::Bytes { max: 20 }, "The contract's address.").required(),
    Field::new("header", Type::Bytes { max: receipt::HEADER }, "The block's header in RLP.").required(),
    Field::new("index", Type::Int { max: limit::INT }, "The transaction's place in the block.").required(),
    Field::new(
        "receipt",
        Type::List {
            item: NODE,
            max: receipt::NODES,
        },
        "The proof of its receipt under the header's receipts root, from the root node down.",
    )
    .required(),
    Field::new("event", Type::Int { max: limit::INT }, "Which log of the receipt.").required(),
    Field::new("size", Type::Int { max: 1024 }, "Checkpoints in the batch.").required(),
    Field::new(
        "checkpoints",
        Type::List {
            item: CHECKPOINT,
            max: CHECKPOINTS,
        },
        "Checkpoints of this committee in it, the writer's own first.",
    )
    .required(),
    Field::new(
        "heads",
        Type::List { item: HEAD, max: HEADS },
        "Entries in the log of the first checkpoint: they and all that they name existed by then.",
    ),
])
.proof(prove);

const NODE: &[Field] = &[Field::new("node", Type::Bytes { max: receipt::NODE }, "The node in RLP.").required()];

const CHECKPOINT: &[Field] = &[
    Field::new("text", Type::Text { max: TEXT }, "Its three lines.").required(),
    Field::new("index", Type::Int { max: 1023 }, "Its place in the batch.").required(),
    Field::new("path", Type::Bytes { max: PATH }, "Its inclusion proof, hashes on end.").required(),
];

const HEAD: &[Field] = &[
    Field::new("entry", Type::Id, "The entry.").required(),
    Field::new("index", Type::Int { max: limit::INT }, "Its leaf's number.").required(),
    Field::new("path", Type::Bytes { max: PATH }, "Its inclusion proof, hashes on end.").required(),
];

const _: () = assert!(batch::MOST == 1024);

fn prove(record: &Record, committee: Id) -> Result<(), &'static str> {
    let anchor = Anchor::read(record).map_err(BadAnchor::text)?;
    anchor.verify(committee).map(drop).map_err(BadAnchor::text)
}
