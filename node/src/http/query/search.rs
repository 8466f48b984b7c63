//! What search finds, as people want to see it.
//!
//! Bound: one page of answers, each with [`SNIPPET`] bytes of its text.

use althing_protocol::document::json as values;
use althing_protocol::hash::Id;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hex, Named, Person, time};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::search::{Ask, Names, Progress, Words, said};
use crate::store::BodyState;

/// Bytes of a text that are shown around what was found.
const SNIPPET: usize = 240;

/// Answers to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Results {
    pub(crate) items: Vec<Hit>,
    pub(crate) next: Option<String>,
    /// How many there are in all.
    pub(crate) total: usize,
    /// Whether everything that is here can be found yet.
    pub(crate) progress: Progress,
}

/// An entry that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Hit {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) kind: String,
    /// The title of its document.
    pub(crate) title: Option<String>,
    pub(crate) doc: Named,
    /// Its committee, or the identity in whose space it stands.
    pub(crate) committee: Named,
    pub(crate) by: Person,
    /// Claimed milliseconds since 1970.
    pub(crate) time: Option<u64>,
    pub(crate) record: bool,
    /// What it counts for.
    pub(crate) effect: &'static str,
    /// `none`, `here`, `absent` or `erased`.
    pub(crate) body: &'static str,
    /// The state of its document.
    pub(crate) state: Option<String>,
    pub(crate) snippet: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Whether it is what was asked for.
    pub(crate) hit: bool,
}

/// Entries that answer a question, on one page.
pub(crate) fn search(context: &Context, ask: &Ask) -> Result<Results, Problem> {
    let hits = context.search.find(ask, &Looking(context))?;
    let count = hits.entries.len();
    let to = ask.skip.saturating_add(count);
    let more = count > 0 && to < hits.total.min(crate::limit::search::ANSWERS);
    let items = hits.entries.iter().filter_map(|id| hit(context, *id, &hits.words));
    Ok(Results {
        items: items.collect(),
        next: more.then(|| to.to_string()),
        total: hits.total,
        progress: context.search.progress(),
    })
}

/// None when it left this node since.
fn hit(context: &Context, id: Id, words: &Words) -> Option<Hit> {
    let (doc, space, text) = context.ingest.read(|state| {
        let graph = state.graph();
        let num = graph.num(&id)?;
        let node = graph.node(num);
        let store = context.ingest.store();
        let header = store.header(num, &id).ok().flatten()?.header;
        let text = match store.body(num, &header) {
            Ok(BodyState::Here(body)) => said(&body.bytes).text,
            _ => String::new(),
        };
        Some((graph.id(node.doc), graph.id(node.space), text))
    })?;
    let loaded = context.cache.load(&context.ingest, doc).ok()?;
    let outcome = loaded.document.outcome(id)?;
    let named = Named::of(&loaded);
    let pieces = words.mark(&text, SNIPPET).into_iter();
    Some(Hit {
        id,
        kind: outcome.kind.to_string(),
        title: named.title.clone(),
        committee: if space == doc {
            named.clone()
        } else {
            Named::find(context, space)
        },
        doc: named,
        by: Person::new(context, outcome.by),
        time: time(&loaded, id),
        record: outcome.in_record,
        effect: outcome.effect.name(),
        body: values::status(outcome.body),
        state: loaded.document.state().map(|state| state.name.to_owned()),
        snippet: pieces.map(|(text, hit)| Piece { text, hit }).collect(),
    })
}

/// Looks up names in what is here.
struct Looking<'a>(&'a Context);

impl Names for Looking<'_> {
    fn id(&self, text: &str) -> Option<Id> {
        let text = text.to_lowercase();
        self.0.ingest.read(|state| ids::id(state, &text)).ok()
    }

    fn committees(&self, name: &str) -> Vec<Id> {
        let all: Vec<Id> = self.0.ingest.read(|state| {
            let graph = state.graph();
            state.committees().map(|c| graph.id(c.root())).collect()
        });
        let wanted = name.to_lowercase();
        let called = |id: &Id| {
            let found = self.0.cache.name(&self.0.ingest, *id);
            found.is_some_and(|found| found.to_lowercase().contains(&wanted))
        };
        all.into_iter().filter(called).collect()
    }
}
