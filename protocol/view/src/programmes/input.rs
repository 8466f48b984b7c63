//! Evaluations and the research handed in for them, as several views read them.

use crate::calendar::Day;
use crate::programmes::course::ended_on;
use crate::programmes::programme::{fallen, planned_end};
use crate::{Doc, When, World};
use althing_protocol::anchor::time::Timely;
use althing_protocol::hash::Id;
use althing_protocol::kind::{ItemId, Value};

/// When an evaluation takes inputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: Option<Day>,
    pub(crate) until: Option<Day>,
    /// Where its last day comes from.
    pub(crate) rule: &'static str,
}

/// R67: a window is the evaluation's own; without one it follows from the end of what is evaluated.
pub(crate) fn window(world: &World<'_>, evaluation: &Doc<'_>) -> Window {
    let programme = evaluation.named("programme").and_then(|id| world.doc(id));
    let end = programme.and_then(|programme| end(world, programme, evaluation.int("epoch")));
    let days = programme.and_then(|programme| programme.int("evaluation_days"));
    let rule = match (evaluation.day("until"), days) {
        (Some(_), _) => "its own",
        (None, _) if end.is_none() => "none",
        (None, Some(_)) => "the programme's",
        (None, None) => "the committee's",
    };
    let days = days.unwrap_or_else(|| world.parameter("evaluation_days"));
    Window {
        from: evaluation.day("from").or(end.map(|end| end.after(1))),
        until: evaluation.day("until").or(end.map(|end| end.after(days))),
        rule,
    }
}

/// The last day of what is evaluated: of the epoch, or of the programme; of neither beyond the day on which it was ended.
fn end(world: &World<'_>, programme: &Doc<'_>, epoch: Option<u64>) -> Option<Day> {
    let planned = match epoch {
        Some(n) => {
            let epochs = programme.items("epochs");
            epochs.iter().find(|item| item.int("n") == Some(n))?.day("end")
        }
        None => planned_end(programme),
    };
    let ended = ended_on(world, programme);
    planned.into_iter().chain(ended).min()
}

impl Window {
    /// Where today stands.
    pub(crate) fn state(&self, world: &World<'_>) -> &'static str {
        let today = world.today();
        match (self.from, self.until) {
            (_, None) => "unknown",
            (Some(from), Some(until)) if until < from => "ends before it begins",
            (Some(from), _) if today < from => "not yet",
            (_, Some(until)) if today > until => "over",
            _ => "open",
        }
    }

    /// R67: whether an entry came in time. A block says so; without one, whoever claims to be late is.
    pub(crate) fn timely(&self, when: When) -> Option<Timely> {
        let deadline = self.until?.ends() - 1;
        Some(match Timely::between(when.not_before, when.not_after, deadline) {
            Timely::Unproven if when.claimed > deadline => Timely::Late,
            word => word,
        })
    }
}

/// Research for an evaluation.
#[derive(Debug, Clone)]
pub(crate) struct Input<'w, 'a> {
    pub(crate) doc: &'w Doc<'a>,
    /// Whether it was opened in time.
    pub(crate) opened: Option<Timely>,
    /// Whether all that it says now was said in time.
    pub(crate) timely: Option<Timely>,
    /// Why it no longer stands.
    pub(crate) fallen: Option<&'static str>,
}

/// Fields of research that carry what it says.
const SUBSTANCE: &[&str] = &["method", "findings", "limits"];
const SUBSTANCE_LISTS: &[&str] = &["questions", "data", "claims"];

/// The research for an evaluation, in canonical order.
pub(crate) fn inputs<'w, 'a>(world: &'w World<'a>, evaluation: &Doc<'_>) -> Vec<Input<'w, 'a>> {
    let window = window(world, evaluation);
    let theirs = world
        .documents
        .iter()
        .filter(|doc| doc.kind() == "research" && doc.named("evaluation") == Some(evaluation.id()));
    theirs
        .map(|doc| {
            let opened = window.timely(doc.opened());
            let words = written_by(doc).into_iter().map(|entry| window.timely(doc.when(entry)));
            Input {
                doc,
                opened,
                timely: words.chain([opened]).max_by_key(|timely| worse(*timely)).flatten(),
                fallen: fallen(doc),
            }
        })
        .collect()
}

fn worse(timely: Option<Timely>) -> u8 {
    match timely {
        Some(Timely::OnTime) => 0,
        Some(Timely::Unproven) => 1,
        Some(Timely::Late) => 2,
        None => 3,
    }
}

/// The root and edits that wrote what the document's substance holds now: research that was opened in time and written
/// after it is late.
fn written_by(doc: &Doc<'_>) -> Vec<Id> {
    let content = doc.document.content();
    let texts = SUBSTANCE.iter().filter_map(|field| content.fields.get(field));
    let lists = SUBSTANCE_LISTS.iter().filter_map(|field| content.lists.get(field));
    let texts = texts.flat_map(|register| register.values.iter().map(|version| version.entry));
    let items = lists.flat_map(|list| &list.items);
    let items = items.flat_map(|item| item.values.iter().map(|version| version.entry));
    texts.chain(items).collect()
}

/// A question that research has to answer.
#[derive(Debug, Clone)]
pub(crate) struct Question<'a> {
    pub(crate) id: ItemId,
    /// The programme or the evaluation that asks it.
    pub(crate) doc: Id,
    pub(crate) text: &'a str,
    /// The entry that wrote it.
    pub(crate) entry: Id,
}

/// The questions of an evaluation's programme, then its own; of a proposal its own, then those of its evaluations.
pub(crate) fn questions<'a>(world: &World<'a>, doc: &Doc<'a>) -> Vec<Question<'a>> {
    let mut asking: Vec<&Doc<'a>> = Vec::new();
    if doc.kind() == "evaluation" {
        asking.extend(doc.named("programme").and_then(|id| world.doc(id)));
    }
    asking.push(doc);
    asking.extend(
        world
            .of("evaluation")
            .filter(|e| doc.kind() == "proposal" && e.named("programme") == Some(doc.id())),
    );
    let each = asking.into_iter().flat_map(|doc| {
        let items = doc.items("questions").into_iter();
        items.filter_map(|item| {
            Some(Question {
                id: item.id,
                doc: doc.id(),
                text: item.text("text")?,
                entry: item.entry,
            })
        })
    });
    each.collect()
}

/// The evaluations that a document is about: itself, or those of the proposal.
pub(crate) fn evaluations<'w, 'a>(world: &'w World<'a>, doc: &Doc<'_>) -> Vec<&'w Doc<'a>> {
    let all = world.documents.iter().filter(|doc| doc.kind() == "evaluation");
    all.filter(|e| e.id() == doc.id() || e.named("programme") == Some(doc.id()))
        .collect()
}

/// How an input deals with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// It names the question.
    Named,
    /// It answers it in its own words.
    Answered,
}

/// By the item that it names; where it names none, by the question's own words.
pub(crate) fn answer(input: &Doc<'_>, question: &Question<'_>) -> Option<Answer> {
    let items = input.items("questions");
    let about = items.iter().filter(|item| match item.value("question") {
        Some(Value::Item(id)) => *id == question.id,
        _ => item.text("text").map(str::trim) == Some(question.text.trim()),
    });
    let said = about.map(|item| {
        if item.text("answer").is_some() {
            Answer::Answered
        } else {
            Answer::Named
        }
    });
    said.max()
}
