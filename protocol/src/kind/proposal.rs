//! `proposal`: something that would be carried out once it is decided: a change, a programme, a bundle.

use super::common::{DAYS, PROSE, TITLE};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::document("proposal", "A change, a programme or a bundle to be decided.")
    .fields(&[
        Field::new("type", Type::Choice(TYPES), "What sort of proposal it is.").required(),
        Field::new("title", TITLE, "What it is about.").required(),
        Field::new("domain", Type::Named, "The domain or unit that it comes from."),
        Field::new("class", Type::Line { max: 64 }, "Its decision class, such as `operational`."),
        Field::new("mechanism", PROSE, "How it works, markdown."),
        Field::new("plan", PROSE, "How it is carried out, markdown."),
        Field::new("status", Type::Choice(STATUS), "Where it stands, by its source."),
        Field::new("kpis", Type::List { item: KPI, max: 64 }, "What is measured, and what counts as reached."),
        Field::new("cap", Type::Money, "The most that it may mint or spend."),
        Field::new("minter", Type::Line { max: 200 }, "What mints or pays: a contract or an office."),
        Field::new("emission", Type::List { item: EMISSION, max: 1024 }, "What is minted or paid, and when."),
        Field::new("start", Type::Date, "Its first day."),
        Field::new("end", Type::Date, "Its last day."),
        Field::new("epochs", Type::List { item: EPOCH, max: 64 }, "Its epochs."),
        Field::new("parameters", Type::List { item: PARAMETER, max: 256 }, "Its parameters."),
        Field::new("evaluation_days", DAYS, "How long its evaluation is open after its end."),
        Field::new("vote_from", Type::Date, "The first day on which it is voted on."),
        Field::new("vote_until", Type::Date, "The last one."),
        Field::new("voters", Type::Line { max: 64 }, "The class that votes; all if it is missing."),
        Field::new("questions", Type::List { item: QUESTION, max: 256 }, "What research has to answer."),
        Field::new("predecessor", Type::Id, "The proposal that it goes on from."),
        Field::new("threats", Type::List { item: THREAT, max: 128 }, "What could go wrong."),
        Field::new("conditions", Type::List { item: CONDITION, max: 128 }, "What a pause waits for."),
        Field::new("maturity", Type::List { item: CHECK, max: 64 }, "How ready it is, point by point."),
        Field::new("bundle", Type::Ids { max: 64 }, "Documents that stand or fall together with it."),
        Field::new("revealed_by", Type::Date, "The day by which what was committed to is revealed."),
    ])
    .title(&["title"])
    .text("mechanism");

const TYPES: &[&str] = &["zip", "tpp", "gap", "mip", "bundle", "sponsorship", "other"];
const STATUS: &[&str] = &[
    "conception", "rfc", "submitted", "accepted", "rejected", "obsolete", "withdrawn",
];

const KPI: &[Field] = &[
    Field::new("name", Type::Line { max: 200 }, "What is measured.").required(),
    Field::new("source", Type::Line { max: 1000 }, "Where the numbers come from."),
    Field::new("compare", Type::Choice(&["at_least", "at_most"]), "On which side of the target it has to be."),
    Field::new("target", Type::Int { max: crate::limit::INT }, "The target."),
    Field::new("unit", Type::Line { max: 64 }, "Its unit."),
    Field::new("hold_days", DAYS, "For how many days it has to hold."),
];

const EMISSION: &[Field] = &[
    Field::new("day", Type::Date, "The day.").required(),
    Field::new("amount", Type::Money, "How much.").required(),
    Field::new("repeat", Type::Int { max: 3660 }, "How often in all; once if it is missing."),
    Field::new("every_days", DAYS, "Every so many days."),
];

const EPOCH: &[Field] = &[
    Field::new("n", Type::Int { max: 1000 }, "Its number, from 1.").required(),
    Field::new("start", Type::Date, "Its first day.").required(),
    Field::new("end", Type::Date, "Its last day.").required(),
];

const PARAMETER: &[Field] = &[
    Field::new("name", Type::Line { max: 200 }, "Its name.").required(),
    Field::new("value", Type::Line { max: 1000 }, "Its value.").required(),
];

const QUESTION: &[Field] = &[Field::new("text", Type::Text { max: 4096 }, "The question.").required()];

const THREAT: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "What could happen.").required(),
    Field::new("likely", Type::Choice(&["low", "medium", "high"]), "How likely it is."),
    Field::new("answer", Type::Text { max: 4096 }, "What is done about it."),
];

const CONDITION: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The condition.").required(),
    Field::new("source", Type::Line { max: 1000 }, "Where its state is to be seen."),
    Field::new("state", Type::Choice(&["open", "met", "failed"]), "How it stands."),
    Field::new("checked", Type::Date, "When somebody looked."),
];

const CHECK: &[Field] = &[
    Field::new("text", Type::Line { max: 1000 }, "The point.").required(),
    Field::new("level", Type::Int { max: 10 }, "The level that asks for it, from 1."),
    Field::new("met", Type::Flag, "That it is met."),
    Field::new("evidence", Type::Line { max: 1000 }, "Where that can be seen."),
];
