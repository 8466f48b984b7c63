//! `credentials`: what people have shown, by whose word (R16).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::seats::lookup::evidence;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::document::Cause;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "credentials",
    title: "Credentials",
    about: "Who has shown what, by whose word, and does it still hold?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[16],
    compute,
};

/// Those that were taken back are listed too. There is no act that passes one on: it is of the identity that it names.
fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "credentials",
        "Credentials",
        &[
            ("document", "Document"),
            ("credential", "Credential"),
            ("to", "Of"),
            ("what", "What they have shown"),
            ("by", "By the word of"),
            ("day", "On"),
            ("until", "Until"),
            ("evidence", "Evidence"),
            ("state", "State"),
            ("ended_by", "Taken back by"),
            ("own", "Their own word"),
        ],
        "Nobody has a credential yet. Anybody gives one with `credential`, with evidence.",
    );
    let mut holding = 0;
    for doc in world
        .everything()
        .filter(|doc| narrow.is_none_or(|narrow| narrow.id() == doc.id()))
    {
        let document = doc.document;
        for outcome in document.acts().filter(|act| act.kind == "credential" && act.in_record) {
            let back = match &outcome.cause {
                Some(Cause::Retracted { by }) => Some(*by),
                None => None,
                Some(_) => continue,
            };
            let Some(fields) = outcome.fields() else { continue };
            let text = |field: &str| fields.get(field).and_then(Value::as_text);
            let to = fields.get("to").and_then(Value::as_id);
            let until = text("until").and_then(Day::read);
            let proof = evidence(fields.get("evidence").map_or(&[], Value::as_list));
            let state = match (back, until, &proof) {
                (Some(_), ..) => "taken back",
                (_, Some(until), _) if until < world.today() => "expired",
                (_, _, Cell::List(none)) if none.is_empty() => "without evidence",
                _ => "holds",
            };
            holding += usize::from(state == "holds");
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Entry(outcome.id),
                Cell::of(to, Cell::Person),
                Cell::text(text("what")),
                Cell::Person(outcome.by),
                Cell::Day(Day::of(doc.when(outcome.id).claimed)),
                Cell::of(until, Cell::Day),
                proof,
                Cell::Word(state),
                Cell::of(back, Cell::Entry),
                Cell::Flag(to == Some(outcome.by)),
            ]);
        }
    }
    let all = table.rows.len();
    let sheet = Sheet::new("Credentials").say(match all {
        0 => "Nobody has a credential.".to_owned(),
        _ => format!("{holding} of {all} credentials hold."),
    });
    sheet.table(table)
}
