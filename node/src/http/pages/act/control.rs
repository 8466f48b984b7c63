//! What acts of authority say in their headers, as fields of a form.

use althing_protocol::kind::{Field, Kind, Type};
use althing_protocol::limit;

const GRANT: &[Field] = &[
    Field::new(
        "role",
        Type::Line { max: limit::NAME },
        "The role. Other names than those that are suggested are possible; they make a member.",
    )
    .required(),
    Field::new("to", Type::Id, "Who gets it.").required(),
    Field::new(
        "scope",
        Type::Id,
        "The document to which it is bound; empty for the whole committee.",
    ),
];
const REVOKE: &[Field] = &[Field::new("grant", Type::Id, "The grant that ends.").required()];
const VOUCH: &[Field] = &[
    Field::new("identity", Type::Id, "The newcomer.").required(),
    Field::new(
        "quota",
        Type::Int { max: limit::VOUCH },
        "How many of their next entries your node takes up by itself.",
    )
    .required(),
];
const PARAMETER: &[Field] = &[
    Field::new(
        "name",
        Type::Line { max: limit::NAME },
        "The parameter, such as notice_days.",
    )
    .required(),
    Field::new("value", Type::Int { max: limit::INT }, "Its value.").required(),
];

/// What an act says in its header, as fields.
pub(super) fn fields(kind: &Kind) -> &'static [Field] {
    match kind.name {
        "grant" => GRANT,
        "revoke" => REVOKE,
        "vouch" => VOUCH,
        "set_parameter" => PARAMETER,
        _ => &[],
    }
}
