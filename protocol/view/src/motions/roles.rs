//! `roles`: who holds what for whom, and who did, told without adjectives (R31, R35).

use crate::calendar::Day;
use crate::motions::procedure::Procedure;
use crate::motions::shared::{count, days};
use crate::motions::term::Seat;
use crate::sheet::Span;
use crate::{Cell, Doc, On, Plot, Sheet, Table, Tenure, View, World};

pub(crate) static VIEW: View = View {
    name: "roles",
    title: "Roles",
    about: "Who holds which role for what, since when, and who held it before?",
    on: On::Committee,
    reads: &["domain", "nomination", "motion"],
    requirements: &[31, 35],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut tenures: Vec<&Tenure> = world.tenures.iter().collect();
    tenures.retain(|tenure| tenure.from <= world.now && only.is_none_or(|only| tenure.scope == Some(only.id())));
    tenures.sort_by_key(|tenure| (tenure.from, tenure.grant));
    let mut holders = Table::new(
        "holders",
        "Who holds what today",
        &[
            ("role", "Role"),
            ("scope", "For"),
            ("holder", "Who"),
            ("since", "Since"),
            ("seat", "Seat"),
            ("disclosures", "Interests disclosed here"),
        ],
        "Nobody holds a role here today.",
    );
    let mut history = Table::new(
        "history",
        "Who held what",
        &[
            ("holder", "Who"),
            ("role", "Role"),
            ("scope", "For"),
            ("from", "From"),
            ("until", "Until"),
            ("days", "Days"),
            ("ended", "How it ended"),
            ("motion", "By the motion"),
            ("grant", "Grant"),
        ],
        "Nobody has held a role here.",
    );
    let mut spans = Vec::new();
    for tenure in &tenures {
        let from = Day::of(tenure.from);
        let until = tenure.until.filter(|until| *until <= world.now).map(Day::of);
        let (how, motion) = ended(world, tenure, until);
        let last = until.unwrap_or_else(|| world.today());
        history.row(vec![
            Cell::Person(tenure.holder),
            Cell::Text(tenure.role.clone()),
            Cell::of(tenure.scope, Cell::Doc),
            Cell::Day(from),
            Cell::of(until, Cell::Day),
            Cell::Int(days(from, last)),
            Cell::Word(how),
            Cell::of(motion, |motion| Cell::Doc(motion.id())),
            Cell::Entry(tenure.grant),
        ]);
        spans.push(Span {
            lane: scope_name(world, tenure),
            label: format!("{}: {}", tenure.role, world.called(tenure.holder)),
            from,
            until: last,
            clash: false,
        });
        if until.is_none() {
            holders.row(vec![
                Cell::Text(tenure.role.clone()),
                Cell::of(tenure.scope, Cell::Doc),
                Cell::Person(tenure.holder),
                Cell::Day(from),
                Cell::of(Seat::of(world, tenure), |seat| Cell::Text(seat.name)),
                Cell::Int(disclosures(world, tenure)),
            ]);
        }
    }
    let mut sheet = Sheet::new("Roles").table(holders).table(history);
    if only.is_none() {
        sheet = sheet.table(charter(world));
    }
    if spans.is_empty() {
        return sheet;
    }
    sheet.plot(Plot::Spans {
        title: "Who held what".to_owned(),
        now: Some(world.today()),
        spans,
    })
}

fn scope_name(world: &World<'_>, tenure: &Tenure) -> String {
    let scope = tenure
        .scope
        .map(|scope| world.doc(scope).map_or_else(|| scope.short(), Doc::title));
    scope.unwrap_or_else(|| "the committee".to_owned())
}

/// R31: the outcome of the motion about the holder that ended it, or that the term was over, or that it was taken. A
/// resignation is one only with the holder's signature.
fn ended<'w, 'a>(world: &'w World<'a>, tenure: &Tenure, until: Option<Day>) -> (&'static str, Option<&'w Doc<'a>>) {
    let over = Seat::of(world, tenure).and_then(|seat| seat.ends(tenure));
    let Some(until) = until else {
        let past = over.is_some_and(|over| world.today() > over);
        return (if past { "holds it past the term" } else { "holds it" }, None);
    };
    let about = world.of("motion").filter(|motion| {
        let for_it = motion
            .named("domain")
            .is_none_or(|domain| tenure.scope.is_none_or(|scope| scope == domain));
        motion.named("subject") == Some(tenure.holder) && for_it
    });
    let concluded = about.filter_map(|motion| {
        let at = Procedure::of(world, motion);
        let last = at.conclusions.iter().rev().find(|conclusion| !conclusion.premature)?;
        let within = Day::of(tenure.from) <= last.day && last.day <= until;
        let signed = motion
            .fact("voluntary")
            .and_then(althing_protocol::kind::Value::as_text)
            == Some("yes");
        let word = match last.outcome {
            "removed" => "removed",
            "resigned" if signed => "resigned",
            "resigned" => "revoked",
            _ => return None,
        };
        within.then_some((last.day, motion.id(), word, motion))
    });
    match concluded.max_by_key(|(day, id, ..)| (*day, *id)) {
        Some((.., word, motion)) => (word, Some(motion)),
        None if over.is_some_and(|over| over <= until) => ("term ended", None),
        None => ("revoked", None),
    }
}

/// R35: declarations of interest by the holder.
fn disclosures(world: &World<'_>, tenure: &Tenure) -> u64 {
    let all = world
        .everything()
        .map(|doc| doc.acts("disclose").filter(|act| act.by == tenure.holder).count());
    count(all.sum())
}

/// R35: what the committee says of itself.
fn charter(world: &World<'_>) -> Table {
    let columns = [
        ("field", "Field"),
        ("said", "Said"),
        ("text", "Text"),
        ("by", "By"),
        ("day", "On"),
    ];
    let mut table = Table::new("charter", "The committee's own words", &columns, "");
    for field in ["name", "purpose", "charter", "calendar"] {
        let register = world.committee.document.content().fields.get(field);
        let version = register.and_then(|register| register.values.first());
        let text = world.committee.text(field);
        let written = version.filter(|_| text.is_some());
        table.row(vec![
            Cell::Word(field),
            Cell::Flag(text.is_some()),
            Cell::text(text),
            Cell::of(written, |version| Cell::Person(version.by)),
            Cell::of(written, |version| {
                Cell::Day(Day::of(world.committee.when(version.entry).claimed))
            }),
        ]);
    }
    table
}
