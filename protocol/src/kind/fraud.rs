//! `fraud`: two things that a node signed and that cannot both be true.

use super::{Field, Kind, Record, Type};
use crate::fraud::{BadFraud, Fraud, LEAF};
use crate::hash::Id;
use crate::limit;
use crate::log::{PATH, note};

pub(super) static KIND: Kind = Kind::act(
    "fraud",
    "Two statements of a node's log that contradict each other: anybody can check it.",
)
.on(&["committee"])
.fields(&[
    Field::new("a", Type::Text { max: note::LONGEST }, "A checkpoint, signed by the node alone.").required(),
    Field::new(
        "b",
        Type::Text { max: note::LONGEST },
        "Another one, or a receipt, signed by the node alone.",
    )
    .required(),
    Field::new("index", Type::Int { max: limit::INT }, "The leaf's number, of a rewrite."),
    Field::new("leaf_a", Type::Bytes { max: LEAF }, "The leaf there under `a`."),
    Field::new("proof_a", Type::Bytes { max: PATH }, "Its inclusion proof, hashes on end."),
    Field::new("leaf_b", Type::Bytes { max: LEAF }, "The leaf there under `b`."),
    Field::new("proof_b", Type::Bytes { max: PATH }, "Its inclusion proof, hashes on end."),
])
.proof(prove);

fn prove(record: &Record, committee: Id) -> Result<(), &'static str> {
    let fraud = Fraud::read(record).map_err(BadFraud::text)?;
    fraud.verify(committee).map(drop).map_err(BadFraud::text)
}
