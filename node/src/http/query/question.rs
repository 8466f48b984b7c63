//! Questions in a document, whom they are asked, and which of them nobody has answered.
//!
//! Bound: as many as the document has entries.

use althing_protocol::document::{Document, Effect, Outcome};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use hashbrown::HashMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hex, Person, time, words};
use crate::http::context::Context;
use crate::http::load::Loaded;

/// A question that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Question {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) by: Person,
    /// Claimed milliseconds since 1970.
    pub(crate) time: Option<u64>,
    pub(crate) text: Option<String>,
    /// The field that it is about.
    pub(crate) field: Option<String>,
    /// The item of that field that it is about, `entry:n`.
    pub(crate) item: Option<String>,
    /// Whom it is asked: those that it names, else the owners of the field, else all owners.
    pub(crate) asked: Vec<Person>,
    /// Answers that count, in canonical order.
    #[schema(value_type = Vec<Hex>)]
    pub(crate) answers: Vec<Id>,
}

/// The questions of a document in canonical order; `open` leaves out those with an answer.
pub(crate) fn questions(context: &Context, loaded: &Loaded, open: bool) -> Vec<Question> {
    let document = &loaded.document;
    let answers = answers(document);
    let asked = counting(document, "question");
    let asked = asked.filter(|q| !open || !answers.contains_key(&q.id));
    let shown = asked.map(|q| {
        let field = |name: &str| q.fields().and_then(|fields| fields.get(name));
        Question {
            id: q.id,
            by: Person::new(context, q.by),
            time: time(loaded, q.id),
            text: words(document, q).map(str::to_owned),
            field: field("field").and_then(Value::as_text).map(str::to_owned),
            item: field("item").and_then(|item| match item {
                Value::Item(item) => Some(item.to_string()),
                _ => None,
            }),
            asked: whom(document, q)
                .into_iter()
                .map(|id| Person::new(context, id))
                .collect(),
            answers: answers.get(&q.id).cloned().unwrap_or_default(),
        }
    });
    shown.collect()
}

/// Answers by the question that they answer.
pub(crate) fn answers(document: &Document) -> HashMap<Id, Vec<Id>> {
    let mut out: HashMap<Id, Vec<Id>> = HashMap::new();
    for answer in counting(document, "answer") {
        let question = answer.fields().and_then(|f| f.get("reply_to")?.as_id());
        if let Some(question) = question {
            out.entry(question).or_default().push(answer.id);
        }
    }
    out
}

/// Acts of a kind that count.
pub(crate) fn counting<'a>(document: &'a Document, kind: &'a str) -> impl Iterator<Item = &'a Outcome> {
    let counts = move |act: &&Outcome| act.kind == kind && act.effect == Effect::Effective && act.in_record;
    document.acts().filter(counts)
}

/// Whom a question is asked.
pub(crate) fn whom(document: &Document, question: &Outcome) -> Vec<Id> {
    let fields = question.fields();
    let named = fields.and_then(|f| f.get("to")).map_or(&[][..], Value::as_ids);
    if !named.is_empty() {
        return named.to_vec();
    }
    let about = fields.and_then(|f| f.get("field")?.as_text());
    let part = about.and_then(|name| {
        let kind = document.kind()?;
        kind.part_of(kind.field(name)?)
    });
    let owners = document.owners().iter();
    let owning = owners.filter(|o| part.is_none() || o.part.is_none() || o.part.as_deref() == part);
    let mut all: Vec<Id> = owning.map(|o| o.identity).collect();
    all.sort_unstable();
    all.dedup();
    all
}
