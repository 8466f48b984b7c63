//! Questions about a document and its fields, those without an answer first.
//!
//! Bound: [`SHOWN`] questions with [`ANSWERS`] answers each; the thread has all.

use althing_protocol::document::{Document, Effect, Outcome};
use althing_protocol::hash::Id;
use hashbrown::HashMap;
use maud::{Markup, html};

use super::{entry, markdown, person, refer, status, words};
use crate::http::load::Loaded;
use crate::http::pages::View;

/// Questions that are listed.
const SHOWN: usize = 30;

/// Answers of one that are named.
const ANSWERS: usize = 5;

/// Questions that count, each with the answers that count.
pub(crate) struct Questions<'a> {
    all: Vec<(&'a Outcome, Vec<&'a Outcome>)>,
}

impl<'a> Questions<'a> {
    /// Those without an answer first, else in canonical order.
    pub(crate) fn of(document: &'a Document) -> Self {
        let counts = |act: &&Outcome| act.effect == Effect::Effective && act.in_record;
        let mut answers: HashMap<Id, Vec<&Outcome>> = HashMap::new();
        for answer in document.acts().filter(|act| act.kind == "answer").filter(counts) {
            if let Some(to) = answer.fields().and_then(|fields| fields.get("reply_to")?.as_id()) {
                answers.entry(to).or_default().push(answer);
            }
        }
        let asked = document.acts().filter(|act| act.kind == "question").filter(counts);
        let mut all: Vec<_> = asked
            .map(|asked| (asked, answers.remove(&asked.id).unwrap_or_default()))
            .collect();
        all.sort_by_key(|(_, answers)| !answers.is_empty());
        Self { all }
    }

    /// By field, how many there are and how many of them nobody has answered.
    pub(crate) fn by_field(&self) -> HashMap<String, (usize, usize)> {
        let mut out: HashMap<String, (usize, usize)> = HashMap::new();
        for (question, answers) in &self.all {
            if let Some(field) = question.fields().and_then(|fields| fields.get("field")?.as_text()) {
                let (all, open) = out.entry(field.to_owned()).or_default();
                *all += 1;
                *open += usize::from(answers.is_empty());
            }
        }
        out
    }

    /// The section of a document's page; nothing where nobody asked.
    pub(crate) fn section(&self, view: &View<'_>, loaded: &Loaded) -> Markup {
        let doc = loaded.document.id();
        let open = self.all.iter().filter(|(_, answers)| answers.is_empty()).count();
        if self.all.is_empty() {
            return html! { div #questions data-live="" {} };
        }
        html! {
            section #questions data-live="" {
                h2 { "Questions" @if open > 0 { " " span.chip { (open) " without an answer" } } }
                ul.questions {
                    @for (question, answers) in self.all.iter().take(SHOWN) {
                        li {
                            a.title href=(refer::href(doc, question.id)) { bdi { (markdown::gist(entry::said(loaded, question).unwrap_or("(its text is not here)"), 160)) } }
                            span.meta {
                                (person::link(view, question.by))
                                @if let Some(field) = question.fields().and_then(|fields| fields.get("field")?.as_text()) { " · about " (words::human(field)) }
                                " · "
                                @if answers.is_empty() {
                                    (status::chip(status::Tone::Warn, "No answer yet"))
                                    @if view.reader.owner { " " a href={ "/d/" (doc) "/act/answer?to=" (question.id) } { "Answer" } }
                                } @else {
                                    "answered by "
                                    @for (n, answer) in answers.iter().take(ANSWERS).enumerate() {
                                        @if n > 0 { ", " }
                                        a href=(refer::href(doc, answer.id)) { bdi { (person::called(view, answer.by)) } }
                                    }
                                }
                            }
                        }
                    }
                }
                @if self.all.len() > SHOWN { p.quiet { "and " (self.all.len() - SHOWN) " more in the thread" } }
            }
        }
    }
}
