//! `provenance`: which inputs led to which decisions, and those to which actions (R81).
//!
//! Bounds: at most [`NODES`] things are shown, those of the first decisions.

use std::collections::BTreeMap;

use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::document::Effect;
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "provenance",
    title: "Provenance",
    about: "On which inputs does each decision rest, and what was done to carry it out?",
    on: On::Committee,
    reads: &[
        "decision",
        "evaluation",
        "proposal",
        "research",
        "motion",
        "statement",
        "topic",
        "concern",
        "nomination",
        "domain",
        "register",
    ],
    requirements: &[81],
    compute,
};

/// Things that are shown.
const NODES: usize = 4_000;

/// What was cited by an input, the inputs, what was decided, what was done.
const LAYERS: [&str; 4] = ["source", "input", "decision", "action"];

#[derive(Default)]
struct Net {
    /// By id: its layer.
    nodes: BTreeMap<Id, usize>,
    /// From, to, the word for it, the entry that says so.
    edges: Vec<(Id, Id, &'static str, Id)>,
    cut: bool,
}

impl Net {
    /// What is in several layers stands in the last one.
    fn node(&mut self, id: Id, layer: usize) -> bool {
        if self.nodes.len() >= NODES && !self.nodes.contains_key(&id) {
            self.cut = true;
            return false;
        }
        let held = self.nodes.entry(id).or_insert(layer);
        *held = layer.max(*held);
        true
    }

    fn edge(&mut self, from: (Id, usize), to: (Id, usize), word: &'static str, by: Id) {
        if self.node(from.0, from.1) && self.node(to.0, to.1) {
            self.edges.push((from.0, to.0, word, by));
        }
    }
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut net = Net::default();
    let acts = acts_by_decision(world);
    for decision in world.of("decision").filter(|decision| wanted(world, decision, only)) {
        of_decision(world, decision, &acts, &mut net);
    }
    cites(world, &mut net);
    let at = Places::new(world);
    let mut nodes = Table::new(
        "nodes",
        "Entries",
        &[
            ("id", "Entry"),
            ("doc", "Document"),
            ("kind", "Kind"),
            ("title", "Title"),
            ("layer", "Layer"),
            ("effect", "Effect"),
        ],
        "No decision names an input or an action yet.",
    );
    let mut order: Vec<(usize, Id)> = net.nodes.iter().map(|(id, layer)| (*layer, *id)).collect();
    order.sort_unstable();
    let mut drawn = Vec::new();
    let mut lost = 0;
    for (layer, id) in &order {
        let place = at.find(*id);
        let effect = place.as_ref().map_or("not here", |place| place.effect);
        lost += usize::from(effect != "effective");
        let title = place.as_ref().map_or_else(|| id.short(), |place| place.title.clone());
        nodes.row(vec![
            Cell::Entry(*id),
            Cell::of(place.as_ref(), |place| Cell::Doc(place.doc)),
            Cell::of(place.as_ref(), |place| Cell::Text(place.kind.clone())),
            Cell::Text(title.clone()),
            Cell::of(LAYERS.get(*layer), |word| Cell::Word(word)),
            Cell::Word(effect),
        ]);
        let link = place.map_or(Cell::Entry(*id), |place| {
            if place.doc == *id {
                Cell::Doc(*id)
            } else {
                Cell::Entry(*id)
            }
        });
        drawn.push((title, *layer, link));
    }
    net.edges.sort_unstable();
    net.edges.dedup();
    let mut table = Table::new(
        "edges",
        "What leads to what",
        &[("from", "From"), ("to", "To"), ("how", "How"), ("entry", "Said by")],
        "No decision names an input or an action yet.",
    );
    let number: BTreeMap<Id, usize> = order.iter().enumerate().map(|(n, (_, id))| (*id, n)).collect();
    let mut edges = Vec::new();
    for (from, to, word, by) in &net.edges {
        table.row(vec![
            Cell::Entry(*from),
            Cell::Entry(*to),
            Cell::Word(word),
            Cell::Entry(*by),
        ]);
        if let (Some(from), Some(to)) = (number.get(from), number.get(to)) {
            edges.push((*from, *to, *word));
        }
    }
    let mut sheet = Sheet::new("Provenance").say(format!(
        "{} entries, {} links between them.",
        order.len(),
        table.rows.len()
    ));
    if lost > 0 {
        sheet = sheet.say(format!("{lost} of these entries do not count any more, or are not here. What was decided on them stays, and shows it."));
    }
    if net.cut {
        sheet = sheet.say(format!("Only the first {NODES} entries are shown."));
    }
    sheet.table(nodes).table(table).plot(Plot::Graph {
        title: "Input, decision, action".to_owned(),
        nodes: drawn,
        edges,
    })
}

/// A decision is narrowed to by itself, by what it is about, by the evaluation of that, and by its inputs.
fn wanted(world: &World<'_>, decision: &Doc<'_>, only: Option<&Doc<'_>>) -> bool {
    only.is_none_or(|only| {
        let about = decision.named("about");
        let inputs = decision.value("inputs").map_or(&[][..], Value::as_ids);
        let inside = |id: &Id| *id == only.id() || only.document.outcome(*id).is_some();
        let evaluated = about
            .and_then(|id| world.doc(id))
            .and_then(|doc| doc.named("programme"));
        decision.id() == only.id()
            || about == Some(only.id())
            || evaluated == Some(only.id())
            || inputs.iter().any(inside)
    })
}

fn of_decision(world: &World<'_>, decision: &Doc<'_>, acts: &BTreeMap<Id, Vec<Id>>, net: &mut Net) {
    let id = decision.id();
    net.node(id, 2);
    let fields = &decision.document.content().fields;
    if let Some(version) = fields.get("inputs").and_then(|register| register.values.first()) {
        for input in version.value.as_ids() {
            net.edge((*input, 1), (id, 2), "rests on", version.entry);
        }
    }
    let about = decision.named("about").and_then(|about| world.doc(about));
    if let Some(about) = about {
        net.edge((about.id(), 1), (id, 2), "decided by", id);
    }
    let executed = decision
        .acts("execute")
        .chain(about.into_iter().flat_map(|about| about.acts("execute")));
    let named = acts.get(&id).into_iter().flatten().copied();
    for act in executed.map(|act| act.id).chain(named) {
        net.edge((id, 2), (act, 3), "carried out by", act);
    }
}

/// Acts by the decision that they name.
fn acts_by_decision(world: &World<'_>) -> BTreeMap<Id, Vec<Id>> {
    let mut out: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for act in world.documents.iter().flat_map(Doc::all_acts) {
        if let Some(decision) = act.named("decision") {
            out.entry(decision).or_default().push(act.id);
        }
    }
    out
}

/// What documents in the net cite, and what research in it is for.
fn cites(world: &World<'_>, net: &mut Net) {
    let held: Vec<Id> = net.nodes.keys().copied().collect();
    for doc in held.into_iter().filter_map(|id| world.doc(id)) {
        let layer = net.nodes.get(&doc.id()).copied().unwrap_or(1);
        for act in doc.acts("cite") {
            if let Some(entry) = act.named("entry").filter(|entry| *entry != doc.id()) {
                let word = match act.text("use") {
                    Some("supports") => "supports",
                    Some("contradicts") => "contradicts",
                    Some("answers") => "answers",
                    Some("uses") => "used by",
                    _ => "mentioned by",
                };
                let below = if layer == 2 { 1 } else { 0 };
                net.edge((entry, below), (doc.id(), layer), word, act.id);
            }
        }
    }
}

/// Where an entry stands.
struct Place {
    doc: Id,
    kind: String,
    title: String,
    effect: &'static str,
}

struct Places<'w, 'a> {
    world: &'w World<'a>,
    documents: BTreeMap<Id, &'w Doc<'a>>,
}

impl<'w, 'a> Places<'w, 'a> {
    fn new(world: &'w World<'a>) -> Self {
        let all = std::iter::once(&world.committee).chain(&world.documents);
        Self {
            world,
            documents: all.map(|doc| (doc.id(), doc)).collect(),
        }
    }

    fn find(&self, id: Id) -> Option<Place> {
        let mut all = std::iter::once(&self.world.committee).chain(&self.world.documents);
        let holds = |doc: &&Doc<'a>| doc.document.outcome(id).is_some();
        let doc = self.documents.get(&id).copied().or_else(|| all.find(holds))?;
        let outcome = doc.document.outcome(id)?;
        let effect = match outcome.effect {
            Effect::Effective if !outcome.in_record => Effect::Unauthorised,
            effect => effect,
        };
        let title = if id == doc.id() {
            doc.title()
        } else {
            format!("{} in {}", outcome.kind, doc.title())
        };
        Some(Place {
            doc: doc.id(),
            kind: outcome.kind.to_string(),
            title,
            effect: effect.name(),
        })
    }
}
