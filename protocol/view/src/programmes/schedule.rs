//! `schedule`: programmes and their epochs on one scale (R69, R73).

use crate::programmes::course::course;
use crate::programmes::input::window;
use crate::programmes::programme::{is_programme, planned_end, planned_start};
use crate::sheet::Span;
use crate::{Cell, Day, Doc, On, Plot, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "schedule",
    title: "Schedule",
    about: "When does each programme run, epoch by epoch, and when is it evaluated?",
    on: On::Committee,
    reads: &["proposal", "evaluation", "decision"],
    requirements: &[69, 73],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "spans",
        "Spans",
        &[
            ("programme", "Programme"),
            ("kind", "Kind"),
            ("doc", "Said in"),
            ("epoch", "Epoch"),
            ("from", "First day"),
            ("until", "Last day"),
            ("ended", "Ended on"),
            ("state", "State"),
        ],
        "No programme has days. Add `start` and `end`, or `epochs`, to a proposal.",
    );
    let mut spans = Vec::new();
    let theirs =
        |doc: &&Doc<'_>| only.is_none_or(|only| only.id() == doc.id() || only.named("programme") == Some(doc.id()));
    for doc in world.of("proposal").filter(|doc| is_programme(doc)).filter(theirs) {
        let course = course(world, doc);
        let mut add = |kind, said: &Doc<'_>, epoch: Option<u64>, (from, until): (Option<Day>, Option<Day>), state| {
            let (Some(from), Some(until)) = (from, until) else {
                return;
            };
            let ended = course
                .ended
                .filter(|ended| kind != "evaluation" && (from..until).contains(ended));
            table.row(vec![
                Cell::Doc(doc.id()),
                Cell::Word(kind),
                Cell::Doc(said.id()),
                Cell::of(epoch, Cell::Int),
                Cell::Day(from),
                Cell::Day(until),
                Cell::of(ended, Cell::Day),
                Cell::Word(state),
            ]);
            if from <= until {
                spans.push(Span {
                    lane: doc.title(),
                    label: epoch.map_or_else(|| kind.to_owned(), |n| format!("{kind} {n}")),
                    from,
                    until: ended.unwrap_or(until),
                    clash: false,
                });
            }
        };
        add(
            "programme",
            doc,
            None,
            (planned_start(doc), planned_end(doc)),
            course.state,
        );
        let mut epochs = doc.items("epochs");
        epochs.sort_by_key(|item| (item.int("n"), item.id));
        for item in epochs {
            let days = (item.day("start"), item.day("end"));
            let state = match days {
                (Some(start), _) if start > world.today() => "planned",
                (_, Some(end)) if end < world.today() => "over",
                _ => course.state,
            };
            add("epoch", doc, item.int("n"), days, state);
        }
        for evaluation in world
            .of("evaluation")
            .filter(|e| e.named("programme") == Some(doc.id()))
        {
            let window = window(world, evaluation);
            add(
                "evaluation",
                evaluation,
                evaluation.int("epoch"),
                (window.from, window.until),
                window.state(world),
            );
        }
    }
    let drawn = !spans.is_empty();
    let sheet = Sheet::new("Schedule")
        .say("Days are those that the programmes plan; one that was ended shows the day.")
        .table(table);
    let plot = Plot::Spans {
        title: "Programmes, epochs and evaluations".to_owned(),
        now: Some(world.today()),
        spans,
    };
    if drawn { sheet.plot(plot) } else { sheet }
}
