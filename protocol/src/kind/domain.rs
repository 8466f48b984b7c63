//! `domain`: a field of work, or a unit, with its seats, functions, rules and backlog.

use super::common::{DAYS, PROSE, TITLE};
use super::{Field, Kind, Type};

pub(super) static KIND: Kind = Kind::document("domain", "A field of work or a unit: its mandate, seats, rules and backlog.")
    .fields(&[
        Field::new("name", TITLE, "What it is called.").required(),
        Field::new("code", Type::Line { max: 64 }, "The short name by which papers cite it, such as `RISK-001`."),
        Field::new("form", Type::Choice(FORMS), "What sort of body it is."),
        Field::new("parent", Type::Named, "The domain that it belongs to."),
        Field::new("mandate", PROSE, "What it is for, markdown."),
        Field::new("seats", Type::List { item: SEAT, max: 64 }, "Its seats."),
        Field::new("functions", Type::List { item: FUNCTION, max: 256 }, "What it has to provide, and who does."),
        Field::new("ruleset", PROSE, "The rules by which it works, markdown."),
        Field::new("signalling_from", Type::Date, "The first day on which nominations are called for."),
        Field::new("signalling_until", Type::Date, "The last one."),
        Field::new("template", Type::Int { max: 1000 }, "The version of its template for nominations."),
        Field::new("template_fields", Type::Lines { max: 32, each: 64 }, "The fields that this version asks for."),
        Field::new("report_days", DAYS, "A report is due every so many days."),
        Field::new("report_form", Type::Choice(REPORTS), "The form of statement that counts as one."),
        Field::new("backlog", Type::List { item: BACKLOG, max: 512 }, "Opportunities, risks and needs."),
        Field::new("stage", Type::Choice(STAGES), "How far it has come."),
        Field::new("practices", Type::List { item: PRACTICE, max: 128 }, "Practices to which it commits itself."),
        Field::new("questions", Type::Lines { max: 256, each: 1000 }, "What it does not know yet."),
        Field::new("maturity", Type::List { item: CHECK, max: 64 }, "Its maturity, point by point."),
        Field::new("sunset", Type::Date, "The day on which it ends unless somebody decides otherwise."),
    ])
    .title(&["name"])
    .text("mandate");

const FORMS: &[&str] = &["domain", "unit", "working_group"];
const REPORTS: &[&str] = &["report", "status", "okr"];
const STAGES: &[&str] = &["idea", "incubation", "probation", "active", "ended"];

const SEAT: &[Field] = &[
    Field::new("name", Type::Line { max: 200 }, "Its name.").required(),
    Field::new("count", Type::Int { max: 64 }, "How many may hold it; one if it is missing."),
    Field::new("term_days", DAYS, "For how many days; without end if it is missing."),
    Field::new("function", Type::Line { max: 200 }, "The function that its holder provides."),
];

const FUNCTION: &[Field] = &[
    Field::new("name", Type::Line { max: 200 }, "The function.").required(),
    Field::new("provider", Type::Named, "Who provides it; one item for each of them."),
    Field::new("note", Type::Text { max: 4096 }, "How."),
];

const BACKLOG: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "What it is.").required(),
    Field::new("sort", Type::Choice(&["opportunity", "risk", "need", "idea"]), "What sort of thing."),
    Field::new("need", Type::Int { max: 10 }, "How much it is needed, from 0 to 10."),
    Field::new("impact", Type::Int { max: 10 }, "How much it would change, from 0 to 10."),
    Field::new("state", Type::Choice(&["open", "taken", "done", "discarded"]), "What became of it."),
    Field::new("reason", Type::Text { max: 4096 }, "Why it was discarded."),
];

const PRACTICE: &[Field] = &[
    Field::new("text", Type::Text { max: 4096 }, "The practice.").required(),
    Field::new("since", Type::Date, "Since when."),
];

const CHECK: &[Field] = &[
    Field::new("text", Type::Line { max: 1000 }, "The point.").required(),
    Field::new("level", Type::Int { max: 10 }, "The level that asks for it, from 1."),
    Field::new("met", Type::Flag, "That it is met."),
    Field::new("evidence", Type::Line { max: 1000 }, "Where that can be seen."),
];
