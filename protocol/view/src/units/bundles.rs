//! `bundles`: documents that stand or fall together (R60).

use crate::units::{status, unit};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "bundles",
    title: "Bundles",
    about: "Which documents stand or fall together, and do they stand?",
    on: On::Committee,
    reads: &["proposal", "statement", "nomination", "motion", "domain", "decision"],
    requirements: &[60],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut bundles = Table::new(
        "bundles",
        "Bundles",
        &[
            ("bundle", "Bundle"),
            ("members", "Members"),
            ("accepted", "Accepted"),
            ("fallen", "Fallen"),
            ("open", "Open"),
            ("unknown", "Not here"),
            ("state", "State"),
        ],
        "There is no bundle. Name its documents in the field `bundle` of a proposal.",
    );
    let mut members = Table::new(
        "members",
        "Members",
        &[
            ("bundle", "Bundle"),
            ("member", "Member"),
            ("kind", "Kind"),
            ("fate", "State"),
            ("rests", "Says"),
            ("decision", "Decision"),
            ("agreed", "Names the bundle too"),
        ],
        "There is no bundle.",
    );
    let only = only.filter(|only| !matches!(only.kind(), "domain" | "decision"));
    let (mut standing, mut fallen) = (0, 0);
    for bundle in world.of("proposal") {
        let named = bundle.value("bundle").map_or(&[][..], Value::as_ids);
        let about = only.is_none_or(|only| only.id() == bundle.id() || named.contains(&only.id()));
        if named.is_empty() || !about {
            continue;
        }
        let mut ids = vec![bundle.id()];
        ids.extend(named.iter().copied().filter(|id| *id != bundle.id()));
        let mut counts = [0_u64; 4];
        for id in &ids {
            let fate = world.doc(*id).map(|doc| status::fate(world, doc));
            let [accepted, down, open, unknown] = &mut counts;
            *match fate.map(|fate| fate.word) {
                None => unknown,
                Some("accepted") => accepted,
                Some("rejected" | "obsolete" | "withdrawn") => down,
                Some(_) => open,
            } += 1;
            members.row(vec![
                Cell::Doc(bundle.id()),
                Cell::Doc(*id),
                Cell::text(world.doc(*id).map(Doc::kind)),
                Cell::Word(fate.map_or("not here", |fate| fate.word)),
                Cell::of(fate.and_then(|fate| fate.rests), Cell::Word),
                Cell::of(fate.and_then(|fate| fate.decision), Cell::Doc),
                Cell::Flag(world.doc(*id).is_some_and(|doc| agrees(doc, bundle.id()))),
            ]);
        }
        let [accepted, down, open, unknown] = counts;
        let state = match (down, open + unknown) {
            (0, 0) => "stands",
            (0, _) => "open",
            _ => "falls",
        };
        standing += usize::from(state == "stands");
        fallen += usize::from(state == "falls");
        let mut row = vec![Cell::Doc(bundle.id()), unit::count(ids.len())];
        row.extend([accepted, down, open, unknown].map(Cell::Int));
        row.push(Cell::Word(state));
        bundles.row(row);
    }
    Sheet::new("Bundles")
        .say(format!(
            "{standing} bundles stand, {fallen} fall, {} are open.",
            bundles.rows.len() - standing - fallen
        ))
        .say("A bundle stands only when all its members do. A member that does not name the bundle is not bound by it.")
        .table(bundles)
        .table(members)
}

/// Whether a member's own text says that it stands or falls with the bundle.
fn agrees(doc: &Doc<'_>, bundle: Id) -> bool {
    let named = doc.value("bundle").map_or(&[][..], Value::as_ids);
    let items = doc.items("items");
    let by_item = items
        .iter()
        .any(|item| item.value("bundle").and_then(Value::as_id) == Some(bundle));
    doc.id() == bundle || named.contains(&bundle) || by_item
}
