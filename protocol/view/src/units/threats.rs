//! `threats`: what could go wrong, what did, and which threat came true (R82).

use crate::calendar::Day;
use crate::sheet::Span;
use crate::units::unit;
use crate::{Act, Cell, Doc, Item, On, Plot, Sheet, Table, View, World};
use althing_protocol::kind::{ItemId, Value};

pub(crate) static VIEW: View = View {
    name: "threats",
    title: "Threats and incidents",
    about: "What was expected to go wrong, what did go wrong, and had anybody seen it coming?",
    on: On::Committee,
    reads: &["proposal", "domain"],
    requirements: &[82],
    compute,
};

/// An incident, with what ended it.
struct Incident<'w, 'a> {
    day: Day,
    doc: &'w Doc<'a>,
    act: Act<'a>,
    over: Option<Act<'a>>,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let incidents = incidents(world);
    let mut threats = Table::new(
        "threats",
        "Threats",
        &[
            ("document", "Document"),
            ("threat", "Threat"),
            ("likely", "Likely"),
            ("answer", "What is done"),
            ("since", "Noted"),
            ("incidents", "Came true"),
            ("entry", "Entry"),
            ("n", "Place"),
        ],
        "Nobody has noted a threat. Add threats to a proposal.",
    );
    let (mut unanswered, mut true_ones) = (0, 0);
    for doc in world
        .of("proposal")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        for item in doc.items("threats") {
            let came = incidents
                .iter()
                .filter(|incident| threat(&incident.act) == Some(item.id));
            let came: Vec<_> = came.map(|incident| Cell::Entry(incident.act.id)).collect();
            unanswered += usize::from(item.text("answer").is_none());
            true_ones += usize::from(!came.is_empty());
            threats.row(vec![
                Cell::Doc(doc.id()),
                Cell::text(item.text("text")),
                Cell::text(item.text("likely")),
                Cell::text(item.text("answer")),
                Cell::Day(Day::of(doc.when(item.id.entry).claimed)),
                Cell::List(came),
                Cell::Entry(item.id.entry),
                Cell::Int(item.id.n),
            ]);
        }
    }
    let mut timeline = Table::new(
        "incidents",
        "Incidents",
        &[
            ("day", "On"),
            ("document", "Document"),
            ("incident", "Incident"),
            ("by", "By"),
            ("severity", "Severity"),
            ("text", "What happened"),
            ("state", "State"),
            ("over", "Over on"),
            ("resolved", "Settled by"),
            ("foreseen", "Foreseen"),
            ("threat", "As"),
        ],
        "Nothing went wrong, or nobody says so.",
    );
    let mut spans = Vec::new();
    let mut open = 0;
    for incident in incidents
        .iter()
        .filter(|incident| only.is_none_or(|only| only.id() == incident.doc.id()))
    {
        let state = state(incident);
        open += usize::from(state != "over");
        spans.push(span(world, incident, state));
        timeline.row(row(world, incident, state));
    }
    let plot = Plot::Spans {
        title: "Incidents".to_owned(),
        now: Some(world.today()),
        spans,
    };
    Sheet::new("Threats and incidents")
        .say(format!("{unanswered} threats have no answer; {true_ones} came true."))
        .say(format!(
            "{} incidents, {open} of which are not over.",
            timeline.rows.len()
        ))
        .table(threats)
        .table(timeline)
        .plot(plot)
}

/// All incidents, by day.
fn incidents<'w, 'a>(world: &'w World<'a>) -> Vec<Incident<'w, 'a>> {
    let docs = world
        .documents
        .iter()
        .filter(|doc| matches!(doc.kind(), "proposal" | "domain"));
    let mut out: Vec<_> = docs
        .flat_map(|doc| {
            let all: Vec<_> = doc.acts("incident").collect();
            all.into_iter().map(move |act| Incident {
                day: act.day("day").unwrap_or_else(|| Day::of(act.when.claimed)),
                doc,
                act,
                over: resolved(world, doc, &act),
            })
        })
        .collect();
    out.sort_by_key(|incident| (incident.day, incident.act.when.claimed, incident.act.id));
    out
}

/// The first act that settles an incident, by one who told of it, owns the document or was a member: nobody else can
/// call it over.
fn resolved<'a>(world: &World<'_>, doc: &Doc<'a>, incident: &Act<'a>) -> Option<Act<'a>> {
    let mut acts = doc
        .acts("resolve")
        .filter(|act| act.named("entry") == Some(incident.id));
    acts.find(|act| act.by == incident.by || unit::owns(doc, act.by) || world.was_member(act.by, act.when.claimed))
}

fn state(incident: &Incident<'_, '_>) -> &'static str {
    match incident.act.text("state") {
        _ if incident.over.is_some() => "over",
        Some("over") => "over",
        Some("contained") => "contained",
        _ => "open",
    }
}

fn threat(act: &Act<'_>) -> Option<ItemId> {
    match act.value("threat") {
        Some(Value::Item(item)) => Some(*item),
        _ => None,
    }
}

fn row(world: &World<'_>, incident: &Incident<'_, '_>, state: &'static str) -> Vec<Cell> {
    let named = threat(&incident.act);
    let known = named.and_then(|id| find(world, id));
    let noted = |(doc, item): &(&Doc<'_>, Item<'_>)| Day::of(doc.when(item.id.entry).claimed);
    let foreseen = match (named, &known) {
        (None, _) => "no",
        (Some(_), None) => "threat gone",
        (Some(_), Some(found)) if noted(found) > incident.day => "noted later",
        (Some(_), Some(_)) => "yes",
    };
    vec![
        Cell::Day(incident.day),
        Cell::Doc(incident.doc.id()),
        Cell::Entry(incident.act.id),
        Cell::Person(incident.act.by),
        Cell::text(incident.act.text("severity")),
        Cell::text(incident.doc.words(&incident.act)),
        Cell::Word(state),
        Cell::of(incident.over.as_ref(), |act| Cell::Day(Day::of(act.when.claimed))),
        Cell::of(incident.over.as_ref(), |act| Cell::Person(act.by)),
        Cell::Word(foreseen),
        Cell::of(known, |(_, item)| Cell::text(item.text("text"))),
    ]
}

fn find<'w, 'a>(world: &'w World<'a>, id: ItemId) -> Option<(&'w Doc<'a>, Item<'a>)> {
    let mut all = world.documents.iter().filter(|doc| doc.kind() == "proposal");
    all.find_map(|doc| {
        let mut items = doc.items("threats").into_iter();
        items.find(|item| item.id == id).map(|item| (doc, item))
    })
}

fn span(world: &World<'_>, incident: &Incident<'_, '_>, state: &str) -> Span {
    let ended = incident.over.map(|act| Day::of(act.when.claimed));
    let until = match (ended, state) {
        (Some(day), _) => day,
        (None, "over") => incident.day,
        _ => world.today(),
    };
    Span {
        lane: incident.doc.title(),
        label: incident.act.text("severity").unwrap_or("incident").to_owned(),
        from: incident.day,
        until: until.max(incident.day),
        clash: incident.act.text("severity") == Some("high"),
    }
}
