//! Documents, logs and lists as JSON, in the shapes that scripts rely on.

use std::collections::BTreeSet;

use althing_protocol::anchor::time::{Fact, Span};
use althing_protocol::document::{Cause, Outcome, json as values};
use althing_protocol::entry::Block;
use althing_protocol::hash::Id;
use hashbrown::HashMap;
use serde_json::{Map, Value as Json, json};

use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::Loaded;
use crate::http::query;
use crate::store::withheld::Withheld;

/// A document: content, acts, state.
pub(crate) fn document(context: &Context, loaded: &Loaded, deadline: Option<u64>) -> Json {
    let mut out = values::document(&loaded.document);
    let names = Names(context);
    let spans = query::spans(context, loaded);
    let acts = loaded
        .document
        .acts()
        .map(|act| names.act(loaded, act, &spans, deadline));
    let acts: Vec<Json> = acts.collect();
    let state = loaded.document.state().map_or_else(|| json!({}), values::state);
    if let Some(map) = out.as_object_mut() {
        map.insert("committee".to_owned(), json!(loaded.space));
        map.insert("record".to_owned(), json!(loaded.in_record));
        map.insert("by".to_owned(), json!(loaded.author().map(|by| names.person(by))));
        map.insert(
            "time".to_owned(),
            json!(loaded.header(&loaded.document.id()).map(|h| h.time)),
        );
        if let Some(span) = spans.get(&loaded.document.id()) {
            for (side, fact) in [("not_before", span.not_before), ("not_after", span.not_after)] {
                map.insert(side.to_owned(), json!(fact.as_ref().map(moment)));
            }
        }
        map.insert("state".to_owned(), state);
        let root = loaded.document.outcomes().first();
        map.insert("body".to_owned(), json!(root.map(|root| values::status(root.body))));
        map.extend(names.erased(loaded, loaded.document.id()));
        map.insert("acts".to_owned(), Json::Array(acts));
        if let Some(by) = loaded.importer() {
            let note = "attested by the importer: the authors of what was imported did not sign";
            map.insert("imported".to_owned(), json!({ "by": names.person(by), "note": note }));
        }
        if loaded.document.kind_name() == "decision" {
            let inputs = inputs(context, loaded);
            let lost = |input: &Json| {
                input
                    .get("effect")
                    .and_then(Json::as_str)
                    .is_some_and(|e| e != "effective")
            };
            map.insert("flagged".to_owned(), json!(inputs.iter().any(lost)));
            map.insert("inputs".to_owned(), Json::Array(inputs));
        }
    }
    out
}

/// Inputs of a decision that are looked up; a body holds fewer, but values in conflict add up.
const INPUTS: usize = 2048;

/// What became of the entries that a decision rests on. It fixes them by id: one that loses its effect flags the
/// decision and changes nothing in it. Effect is null where the entry is not here.
fn inputs(context: &Context, loaded: &Loaded) -> Vec<Json> {
    let fields = &loaded.document.content().fields;
    let values = fields.get("inputs").map_or(&[][..], |register| &register.values);
    let named: BTreeSet<Id> = values
        .iter()
        .flat_map(|v| v.value.as_ids())
        .copied()
        .take(INPUTS)
        .collect();
    let judged = named.into_iter().map(|id| {
        let doc = context.ingest.read(|state| {
            let graph = state.graph();
            Some(graph.id(graph.node(graph.num(&id)?).doc))
        });
        let loaded = doc.and_then(|doc| context.cache.load(&context.ingest, doc).ok());
        let outcome = loaded.as_ref().and_then(|loaded| loaded.document.outcome(id));
        json!({
            "entry": id,
            "doc": doc,
            "kind": outcome.map(|o| o.kind.as_ref()),
            "effect": outcome.map(|o| o.effect.name()),
            "cause": outcome.and_then(|o| o.cause.as_ref()).map(Cause::to_json),
        })
    });
    judged.collect()
}

/// Entries of a document, in canonical order.
pub(crate) fn log(context: &Context, loaded: &Loaded, skip: usize, most: usize) -> Json {
    let names = Names(context);
    let all = loaded.document.outcomes();
    let spans = query::spans(context, loaded);
    let items: Vec<Json> = all
        .iter()
        .skip(skip)
        .take(most)
        .map(|o| names.line(loaded, o, spans.get(&o.id)))
        .collect();
    let to = skip.saturating_add(most);
    json!({ "items": items, "next": (to < all.len()).then(|| to.to_string()) })
}

/// A document as one line of a list.
pub(crate) fn item(context: &Context, loaded: &Loaded) -> Json {
    let document = &loaded.document;
    json!({
        "id": document.id(),
        "kind": document.kind_name(),
        "title": query::title(&loaded.document),
        "committee": loaded.space,
        "state": document.state().map(|state| state.name),
        "by": loaded.author().map(|by| Names(context).person(by)),
        "time": loaded.header(&document.id()).map(|h| h.time),
        "entries": document.outcomes().len(),
        "source": loaded.text("source"),
        "record": loaded.in_record,
    })
}

/// What became of an entry that was just written: `{ id, effect, cause }`.
pub(crate) fn written(context: &Context, doc: Id, entry: Id) -> Result<Json, Problem> {
    let loaded = context.cache.load(&context.ingest, doc)?;
    let outcome = loaded.document.outcome(entry);
    Ok(json!({
        "id": entry,
        "effect": outcome.map(|o| o.effect.name()),
        "cause": outcome.and_then(|o| o.cause.as_ref()).map(Cause::to_json),
    }))
}

/// A block of a chain and when it was made, in seconds since 1970.
pub(crate) fn moment(fact: &Fact) -> Json {
    let Block { chain, height, hash } = fact.block;
    json!({ "chain": chain, "height": height, "hash": hash, "time": fact.time })
}

/// Adds what only this node knows: names, and what headers say.
pub(crate) struct Names<'a>(pub(crate) &'a Context);

impl Names<'_> {
    pub(crate) fn person(&self, identity: Id) -> Json {
        json!({ "identity": identity, "name": self.0.cache.name(&self.0.ingest, identity) })
    }

    fn act(&self, loaded: &Loaded, outcome: &Outcome, spans: &HashMap<Id, Span>, deadline: Option<u64>) -> Json {
        let mut out = values::outcome(outcome);
        if let (Some(map), Some(header)) = (out.as_object_mut(), loaded.header(&outcome.id)) {
            map.insert("by".to_owned(), self.person(outcome.by));
            map.insert("time".to_owned(), json!(header.time));
            map.insert("not_before".to_owned(), json!(header.not_before));
            map.insert("not_after".to_owned(), Json::Null);
            if let Some(span) = spans.get(&outcome.id) {
                for (side, fact) in [("not_before", span.not_before), ("not_after", span.not_after)] {
                    if let Some(fact) = fact {
                        map.insert(side.to_owned(), moment(&fact));
                    }
                }
            }
            if let Some(deadline) = deadline {
                let span = spans.get(&outcome.id).copied().unwrap_or_default();
                map.insert("timely".to_owned(), json!(span.by(deadline)));
            }
            for name in ["reply_to", "text"] {
                map.entry(name).or_insert(Json::Null);
            }
            map.extend(self.erased(loaded, outcome.id));
            if let Some(control) = header.control.as_ref().and_then(control) {
                map.insert("control".to_owned(), control);
            }
        }
        out
    }

    fn line(&self, loaded: &Loaded, outcome: &Outcome, span: Option<&Span>) -> Json {
        let header = loaded.header(&outcome.id);
        let mut out = json!({
            "id": outcome.id,
            "kind": outcome.kind,
            "by": self.person(outcome.by),
            "seq": header.map(|h| h.seq),
            "prev": header.and_then(|h| h.prev),
            "after": header.map(|h| &h.after),
            "time": header.map(|h| h.time),
            "not_before": span.and_then(|span| span.not_before).as_ref().map(moment),
            "not_after": span.and_then(|span| span.not_after).as_ref().map(moment),
            "effect": outcome.effect.name(),
            "cause": outcome.cause.as_ref().map(Cause::to_json),
            "body": values::status(outcome.body),
            "record": outcome.in_record,
        });
        if let Some(map) = out.as_object_mut() {
            map.extend(self.erased(loaded, outcome.id));
        }
        out
    }

    /// By whom and why a body is withheld here, if it is.
    fn erased(&self, loaded: &Loaded, entry: Id) -> Option<(String, Json)> {
        let notice = loaded.withheld.get(&entry)?;
        Some(("erased".to_owned(), self.notice(notice)))
    }

    /// A decision to withhold bodies.
    pub(crate) fn notice(&self, notice: &Withheld) -> Json {
        json!({
            "act": notice.act,
            "of": notice.of,
            "by": self.person(notice.by),
            "time": notice.time,
            "reason": notice.reason,
        })
    }
}

/// A control as JSON: bytes as hexadecimal digits.
pub(crate) fn control(value: &althing_protocol::codec::Value) -> Option<Json> {
    use althing_protocol::codec::Value;
    Some(match value {
        Value::Bool(yes) => json!(yes),
        Value::Integer(n) => json!(u64::try_from(*n).ok()?),
        Value::String(text) => json!(text),
        Value::Bytes(bytes) => json!(data_encoding::HEXLOWER.encode(bytes)),
        Value::List(all) => Json::Array(all.iter().map(control).collect::<Option<_>>()?),
        Value::Map(map) => {
            let pairs = map.iter().map(|(k, v)| Some((k.clone(), control(v)?)));
            Json::Object(pairs.collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}
