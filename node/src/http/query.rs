//! What the node can tell, computed once for API and pages: plain values without markup.
//!
//! Invariant: every answer is computed from what [`super::load`] and the state give at that moment; nothing here is
//! kept. Nothing here holds the state's lock while a document is computed.
//!
//! Bounds: each list says in its own module how long it may be.

pub(crate) mod anchor;
pub(crate) mod duty;
pub(crate) mod entry;
pub(crate) mod floor;
pub(crate) mod lineage;
pub(crate) mod log;
pub(crate) mod pending;
pub(crate) mod person;
pub(crate) mod proof;
pub(crate) mod question;
pub(crate) mod search;
pub(crate) mod version;
pub(crate) mod view;

use althing_protocol::anchor::time::Span;
use althing_protocol::document::{Document, Outcome};
use althing_protocol::hash::Id;
use hashbrown::HashMap;
use serde::Serialize;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::context::Context;
use super::load::Loaded;

/// Between which blocks the entries of a document came to be, as far as this node knows final blocks.
pub(crate) fn spans(context: &Context, loaded: &Loaded) -> HashMap<Id, Span> {
    let entries = loaded.document.outcomes().iter();
    let entries = entries.map(|o| (o.id, loaded.header(&o.id).and_then(|header| header.not_before)));
    let spans = context.times.spans(&context.ingest, loaded.space, entries);
    spans.unwrap_or_else(|error| {
        tracing::error!(%error, "entries cannot be dated");
        HashMap::new()
    })
}

/// An id as the API writes it, for the OpenAPI document.
pub(crate) enum Hex {}

impl PartialSchema for Hex {
    fn schema() -> RefOr<Schema> {
        let hex: Object = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9a-f]{64}$"))
            .description(Some("An id: 64 lower-case hexadecimal digits."))
            .build();
        RefOr::T(hex.into())
    }
}

impl ToSchema for Hex {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

/// Somebody, with the name that they give themselves where their profile is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Person {
    #[schema(value_type = Hex)]
    pub(crate) identity: Id,
    pub(crate) name: Option<String>,
}

impl Person {
    pub(crate) fn new(context: &Context, identity: Id) -> Self {
        Self {
            identity,
            name: context.cache.name(&context.ingest, identity),
        }
    }

    /// Name and first digits, in plain text.
    pub(crate) fn called(&self) -> String {
        let short = self.identity.short();
        self.name
            .as_ref()
            .map_or_else(|| short.clone(), |name| format!("{name} ({short})"))
    }
}

/// A document, as a link to it shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Named {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    /// Its kind; none where it is not here.
    pub(crate) kind: Option<String>,
    pub(crate) title: Option<String>,
}

impl Named {
    pub(crate) fn of(loaded: &Loaded) -> Self {
        Self {
            id: loaded.document.id(),
            kind: Some(loaded.document.kind_name().to_owned()),
            title: Some(title(&loaded.document)),
        }
    }

    pub(crate) fn find(context: &Context, id: Id) -> Self {
        let loaded = context.cache.gist(&context.ingest, id).ok();
        loaded.map_or_else(
            || Self {
                id,
                kind: None,
                title: None,
            },
            |loaded| Self::of(&loaded),
        )
    }
}

/// What to call a document: its title, else its kind and the first digits of its id.
pub(crate) fn title(document: &Document) -> String {
    let unnamed = || format!("{} {}", document.kind_name(), document.id().short());
    document.title().unwrap_or_else(unnamed)
}

/// What an act says in words: its last amendment, else its kind's main text. None where the body is not here.
pub(crate) fn words<'a>(document: &'a Document, act: &'a Outcome) -> Option<&'a str> {
    let text = |outcome: &'a Outcome| {
        let field = althing_protocol::kind::find(&outcome.kind)?.text?;
        outcome.fields()?.get(field)?.as_text()
    };
    let amended = act.amended.and_then(|id| text(document.outcome(id)?));
    amended.or_else(|| text(act))
}

/// When an entry says that it was signed, in milliseconds since 1970.
pub(crate) fn time(loaded: &Loaded, entry: Id) -> Option<u64> {
    loaded.header(&entry).map(|header| header.time)
}
