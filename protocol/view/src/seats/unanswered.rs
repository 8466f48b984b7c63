//! `unanswered`: questions that wait for an answer (R4).

use std::collections::BTreeMap;

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::seats::lookup::{Open, age, open_questions, people};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "unanswered",
    title: "Unanswered questions",
    about: "Which questions wait for an answer, from whom, and since when?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[4],
    compute,
};

/// An answer counts when it comes from somebody who was asked, or whose word the field is; anybody else's is listed.
fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "questions",
        "Questions without an answer",
        &[
            ("document", "Document"),
            ("kind", "Kind"),
            ("question", "Question"),
            ("text", "Text"),
            ("by", "Asked by"),
            ("field", "Field"),
            ("item", "Item"),
            ("asked", "Asked of"),
            ("since", "On"),
            ("age", "Days"),
            ("due", "To be answered by"),
            ("late", "Late"),
            ("others", "Answers by others"),
            ("others_by", "Others who answered"),
        ],
        "Every question has an answer from somebody who was asked. Ask with `question`, about a field or one line.",
    );
    let days = world.parameter("question_days");
    let mut open: Vec<(u64, &Doc<'_>, Open<'_>)> = Vec::new();
    let mut unknown = 0;
    for doc in world
        .everything()
        .filter(|doc| narrow.is_none_or(|narrow| narrow.id() == doc.id()))
    {
        unknown += usize::from(doc.document.incomplete());
        open.extend(
            open_questions(doc)
                .into_iter()
                .map(|q| (q.question.when.earliest(), doc, q)),
        );
    }
    open.sort_by_key(|(asked, _, q)| (*asked, q.question.id));
    let mut waits: BTreeMap<Id, (u64, u64, u64)> = BTreeMap::new();
    let mut late = 0;
    for (asked, doc, q) in &open {
        let days_open = age(world, *asked);
        let is_late = days_open > days;
        late += usize::from(is_late);
        for person in &q.asked {
            let (all, late, oldest) = waits.entry(*person).or_default();
            *all += 1;
            *late += u64::from(is_late);
            *oldest = days_open.max(*oldest);
        }
        let item = match q.question.value("item") {
            Some(Value::Item(item)) => Cell::Text(item.to_string()),
            _ => Cell::Empty,
        };
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::Text(doc.kind().to_owned()),
            Cell::Entry(q.question.id),
            Cell::text(doc.words(&q.question)),
            Cell::Person(q.question.by),
            Cell::text(q.question.text("field")),
            item,
            people(&q.asked),
            Cell::Day(Day::of(*asked)),
            Cell::Int(days_open),
            Cell::Day(Day::of(*asked).after(days)),
            Cell::Flag(is_late),
            Cell::List(q.others.iter().map(|answer| Cell::Entry(answer.id)).collect()),
            people(&q.others.iter().map(|answer| answer.by).collect()),
        ]);
    }
    let mut sheet = Sheet::new("Unanswered questions").say(match table.rows.len() {
        0 => "No question waits for an answer.".to_owned(),
        1 => "One question waits for an answer.".to_owned(),
        n => format!("{n} questions wait for an answer."),
    });
    if late > 0 {
        sheet = sheet.say(format!("{late} of them longer than {days} days."));
    }
    if unknown > 0 {
        sheet = sheet.say(format!(
            "In {unknown} documents a text is not here, so there may be more questions, or answers to these."
        ));
    }
    sheet.table(table).table(by_person(waits))
}

fn by_person(waits: BTreeMap<Id, (u64, u64, u64)>) -> Table {
    let mut table = Table::new(
        "people",
        "Who is asked",
        &[
            ("person", "Who"),
            ("open", "Questions"),
            ("late", "Late"),
            ("oldest", "Days of the oldest"),
        ],
        "Nobody is asked anything that they have not answered.",
    );
    for (person, (all, late, oldest)) in waits {
        table.row(vec![
            Cell::Person(person),
            Cell::Int(all),
            Cell::Int(late),
            Cell::Int(oldest),
        ]);
    }
    table
}
