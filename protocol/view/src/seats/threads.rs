//! `threads`: what the outcome of each thread is worth (R12).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::seats::lookup::document;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::document::Content;

pub(crate) static VIEW: View = View {
    name: "threads",
    title: "Threads",
    about: "Which threads are discussion, which signal, and which bind?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[12],
    compute,
};

/// What the outcome of a thread is worth. The weaker is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// People talk.
    Discussion,
    /// It tells others what people think.
    Signal,
    /// Somebody is bound by it.
    Binding,
}

impl Standing {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discussion => "discussion",
            Self::Signal => "signal",
            Self::Binding => "binding",
        }
    }
}

/// What the outcome of a document of this kind and content is worth: a topic says it by its label; a nomination is a
/// signal; a decision binds, and so does a motion, unless it only recommends or petitions; all else is discussion.
/// Where a label or a form is in conflict, the weakest of its values holds: nobody is bound by a contradiction.
#[must_use]
pub fn standing(kind: &str, content: &Content) -> Standing {
    let weakest = |field: &str, worth: fn(&str) -> Standing, otherwise: Standing| {
        let values = content.fields.get(field).map_or(&[][..], |register| &register.values);
        let worths = values.iter().filter_map(|version| version.value.as_text()).map(worth);
        worths.min().unwrap_or(otherwise)
    };
    match kind {
        "topic" => weakest("label", labelled, Standing::Discussion),
        "nomination" => Standing::Signal,
        "motion" => weakest("form", moved, Standing::Discussion),
        "decision" => Standing::Binding,
        _ => Standing::Discussion,
    }
}

fn labelled(label: &str) -> Standing {
    match label {
        "signal" => Standing::Signal,
        "binding" => Standing::Binding,
        _ => Standing::Discussion,
    }
}

fn moved(form: &str) -> Standing {
    match form {
        "recommend" | "petition" => Standing::Signal,
        _ => Standing::Binding,
    }
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "threads",
        "Threads",
        &[
            ("document", "Document"),
            ("kind", "Kind"),
            ("domain", "Domain"),
            ("standing", "Standing"),
            ("because", "Because of"),
            ("set_by", "Said by"),
            ("set_on", "On"),
            ("relabelled", "Said after it was opened"),
        ],
        "There is no thread yet.",
    );
    let mut counts = [0_usize; 3];
    let (mut relabelled, mut unlabelled) = (0, 0);
    for doc in world
        .everything()
        .filter(|doc| narrow.is_none_or(|narrow| narrow.id() == doc.id()))
    {
        let standing = standing(doc.kind(), doc.document.content());
        let [talk, signal, binding] = &mut counts;
        *match standing {
            Standing::Discussion => talk,
            Standing::Signal => signal,
            Standing::Binding => binding,
        } += 1;
        let field = match doc.kind() {
            "topic" => Some("label"),
            "motion" => Some("form"),
            _ => None,
        };
        let register = field.and_then(|field| doc.document.content().fields.get(field));
        let values = register.map_or(&[][..], |register| &register.values);
        let set = values.first();
        let later = values.iter().any(|value| value.entry != doc.id());
        relabelled += usize::from(later);
        let because = match (field, values.len()) {
            (None, _) => "its kind",
            (Some("label"), 0) => {
                unlabelled += 1;
                "no label"
            }
            (Some("label"), 1) => "its label",
            (Some(_), 0) => "no form",
            (Some(_), 1) => "its form",
            _ => "a contradiction",
        };
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::Text(doc.kind().to_owned()),
            document(doc.value("domain")),
            Cell::Word(standing.name()),
            Cell::Word(because),
            Cell::of(set, |set| Cell::Person(set.by)),
            Cell::of(set, |set| Cell::Day(Day::of(doc.when(set.entry).claimed))),
            Cell::Flag(later),
        ]);
    }
    let [talk, signal, binding] = counts;
    let mut sheet = Sheet::new("Threads").say(format!(
        "{talk} threads are discussion, {signal} are signals, {binding} bind."
    ));
    if relabelled > 0 {
        sheet = sheet.say(format!(
            "{relabelled} got their label or form after they were opened: earlier words were said under another."
        ));
    }
    if unlabelled > 0 {
        sheet = sheet.say(format!("{unlabelled} topics have no label and count as discussion."));
    }
    sheet.table(table)
}
