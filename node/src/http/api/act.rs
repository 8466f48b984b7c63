//! Acts in documents, and the acts of authority, which stand in the committee's own.

use std::sync::Arc;

use althing_protocol::author::Draft;
use althing_protocol::authority::{Does, ROLES};
use althing_protocol::control::{self, Control};
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Kind, On, Shape, Value, read};
use althing_protocol::limit;
use althing_protocol::state::State as Node;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value as Json_, json};
use utoipa::ToSchema;

use super::{document, shape};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::OfId;
use crate::http::{ids, input};

/// Entries that one request may take up.
const TAKE_UP: usize = 256;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    pub(crate) kind: String,
    /// Fields of its body, and of its control where the kind has one.
    #[serde(default)]
    pub(crate) body: Map<String, Json_>,
    /// The kind's main text.
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// Take more than 1,024 entries of newcomers into the record.
    #[serde(default)]
    pub(crate) consent: bool,
}

impl Act {
    pub(crate) fn of(kind: &str, body: Json_, note: Option<String>) -> Self {
        let body = match body {
            Json_::Object(map) => map.into_iter().filter(|(_, v)| !v.is_null()).collect(),
            _ => Map::new(),
        };
        Self {
            kind: kind.to_owned(),
            body,
            text: note,
            consent: false,
        }
    }
}

/// Any act in a document
#[utoipa::path(post, path = "/documents/{id}/acts", tag = "acts", params(OfId), request_body = Act, responses((status = 200, body = shape::Written)))]
pub(crate) async fn act(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(act): input::Json<Act>,
) -> Result<Json<Json_>, Problem> {
    write(&context, id, act).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
    committee: String,
    role: String,
    to: String,
    scope: Option<String>,
    note: Option<String>,
}

/// Grants a role, or drafts it where more must sign
#[utoipa::path(post, path = "/grants", tag = "authority", request_body = Grant, responses((status = 200, body = shape::Written)))]
pub(crate) async fn grant(
    State(context): State<Arc<Context>>,
    input::Json(grant): input::Json<Grant>,
) -> Result<Json<Json_>, Problem> {
    let body = json!({ "role": grant.role, "to": grant.to, "scope": grant.scope });
    let known = ROLES.iter().any(|(name, _)| *name == grant.role);
    let answer = write(&context, grant.committee, Act::of("grant", body, grant.note)).await?;
    let names = || ROLES.map(|(name, _)| name).join(", ");
    let unknown = || {
        format!(
            "{:?} is no role that this release knows; they are {}",
            grant.role,
            names()
        )
    };
    Ok(warned(answer, (!known).then(unknown)))
}

/// An answer with what somebody should know beside it.
fn warned(Json(mut answer): Json<Json_>, warning: Option<String>) -> Json<Json_> {
    if let (Some(map), Some(warning)) = (answer.as_object_mut(), warning) {
        map.insert("warning".to_owned(), json!(warning));
    }
    Json(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    grant: String,
    note: Option<String>,
}

/// Revokes a grant, or drafts it where more must sign
#[utoipa::path(post, path = "/revocations", tag = "authority", request_body = Revoke, responses((status = 200, body = shape::Written)))]
pub(crate) async fn revoke(
    State(context): State<Arc<Context>>,
    input::Json(revoke): input::Json<Revoke>,
) -> Result<Json<Json_>, Problem> {
    let committee = committee_of(&context, &revoke.grant)?;
    let warning = warning(&context, &revoke.grant)?;
    let act = Act::of("revoke", json!({ "grant": revoke.grant }), revoke.note);
    Ok(warned(write(&context, committee, act).await?, warning))
}

/// What somebody who revokes should know.
pub(crate) fn warning(context: &Context, grant: &str) -> Result<Option<String>, Problem> {
    context.ingest.read(|state| {
        let (num, _) = ids::num(state, grant, "grant")?;
        let graph = state.graph();
        let Some(committee) = state.committee(&graph.id(graph.node(num).space)) else {
            return Ok(None);
        };
        let authority = committee.authority();
        let of_it = authority
            .acts()
            .filter(|(_, act)| act.does == Does::Revoke { grant: num });
        let open = of_it.filter(|(n, act)| !act.made && committee.record().contains(*n, graph));
        let first = open.map(|(n, _)| n).min_by_key(|n| graph.rank(*n));
        Ok(if let Some(first) = first {
            let id = graph.id(first);
            Some(format!(
                "another revocation of this grant waits for signatures: `althing cosign {id}` finishes it; two \
                 revocations take away what either of them had not seen"
            ))
        } else if authority.threshold() == 1 {
            Some(
                "one signature makes an act in this committee, so every present and past steward can revoke any grant, \
                 for ever; found committees with a threshold of two or more"
                    .to_owned(),
            )
        } else {
            None
        })
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cosign {
    entry: String,
    note: Option<String>,
}

/// Signs an act of authority that somebody else wrote
#[utoipa::path(post, path = "/cosignatures", tag = "authority", request_body = Cosign, responses((status = 200, body = shape::Written)))]
pub(crate) async fn cosign(
    State(context): State<Arc<Context>>,
    input::Json(cosign): input::Json<Cosign>,
) -> Result<Json<Json_>, Problem> {
    let committee = committee_of(&context, &cosign.entry)?;
    write(
        &context,
        committee,
        Act::of("cosign", json!({ "entry": cosign.entry }), cosign.note),
    )
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vouch {
    identity: String,
    quota: u64,
    /// Needed where the node follows several.
    committee: Option<String>,
    note: Option<String>,
}

/// Takes up a newcomer's next entries as they come
#[utoipa::path(post, path = "/vouches", tag = "acts", request_body = Vouch, responses((status = 200, body = shape::Written)))]
pub(crate) async fn vouch(
    State(context): State<Arc<Context>>,
    input::Json(vouch): input::Json<Vouch>,
) -> Result<Json<Json_>, Problem> {
    let committee = match vouch.committee {
        Some(committee) => committee,
        None => only_committee(&context)?,
    };
    let body = json!({ "identity": vouch.identity, "quota": vouch.quota });
    write(&context, committee, Act::of("vouch", body, vouch.note)).await
}

/// The committee in which an entry stands.
pub(crate) fn committee_of(context: &Context, entry: &str) -> Result<String, Problem> {
    context.ingest.read(|state| {
        let (num, id) = ids::num(state, entry, "entry")?;
        let space = state.graph().id(state.graph().node(num).space);
        let in_none = || Problem::WrongSort {
            id,
            found: "in no committee".to_owned(),
            wanted: "an entry of one",
        };
        state.committee(&space).map(|_| space.to_string()).ok_or_else(in_none)
    })
}

fn only_committee(context: &Context) -> Result<String, Problem> {
    let followed: Vec<Id> = context.ingest.read(|state| state.followed().take(2).collect());
    match followed.as_slice() {
        [only] => Ok(only.to_string()),
        _ => Err(Problem::Input(
            "this node follows none or several committees: say which one is meant".to_owned(),
        )),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeUp {
    pub(crate) entries: Vec<String>,
    #[serde(default)]
    pub(crate) consent: bool,
    pub(crate) note: Option<String>,
}

/// Takes entries of newcomers into the record
///
/// entries of one committee or of several, up to 16 entries in each `take_up`.
#[utoipa::path(post, path = "/take-ups", tag = "acts", request_body = TakeUp, responses((status = 200, body = shape::TakenUp)))]
pub(crate) async fn take_up(
    State(context): State<Arc<Context>>,
    input::Json(given): input::Json<TakeUp>,
) -> Result<Json<Json_>, Problem> {
    taken_up(&context, given).await
}

/// Takes entries up.
pub(crate) async fn taken_up(context: &Arc<Context>, given: TakeUp) -> Result<Json<Json_>, Problem> {
    let found = given.entries.len();
    if found == 0 {
        return Err(Problem::Input("no entry is named that could be taken up".to_owned()));
    }
    if found > TAKE_UP {
        return Err(Problem::TooManyEntries { found, most: TAKE_UP });
    }
    let body = noted("take_up", given.note.as_deref())?;
    let mut drafts = Vec::new();
    context.ingest.read(|state| {
        let mut by_committee = std::collections::BTreeMap::<Id, Vec<Id>>::new();
        for text in &given.entries {
            let (num, id) = ids::num(state, text, "entry")?;
            let space = state.graph().id(state.graph().node(num).space);
            if state.committee(&space).is_none() {
                return Err(Problem::WrongSort {
                    id,
                    found: "in no committee".to_owned(),
                    wanted: "an entry of one",
                });
            }
            by_committee.entry(space).or_default().push(id);
        }
        for (space, entries) in by_committee {
            for after in entries.chunks(limit::AFTER) {
                let draft = Draft {
                    doc: Some(space),
                    kind: "take_up".to_owned(),
                    after: after.to_vec(),
                    body: body.clone().map(document::unsalted),
                    consent: given.consent,
                    ..Draft::default()
                };
                drafts.push((space, draft));
            }
        }
        Ok(())
    })?;
    let written = context.ingest.write(move |author| {
        let written = drafts.into_iter().map(|(space, draft)| author.write(space, draft));
        written.collect::<Result<Vec<Id>, _>>()
    });
    let ids = written.await??;
    Ok(Json(json!({ "id": ids.last(), "ids": ids })))
}

/// A body that holds a note, or none.
fn noted(kind: &str, note: Option<&str>) -> Result<Option<Vec<u8>>, Problem> {
    match (note, kind::find(kind)) {
        (Some(note), Some(kind)) => Ok(Some(kind::json::body(kind, &json!({ "note": note }))?)),
        _ => Ok(None),
    }
}

/// Writes an act into a document as whoever saw the document as it is here now.
pub(crate) async fn write(context: &Arc<Context>, doc: String, mut act: Act) -> Result<Json<Json_>, Problem> {
    let ready = context.blocking(move |context| {
        let kind = act_kind(&act.kind)?;
        let loaded = document::load(context, &doc)?;
        let document = known_or_any(&loaded, kind)?;
        if !kind.fits(document) {
            return Err(Problem::Misfit {
                kind: kind.name,
                document: document.to_owned(),
                fits: places(kind),
            });
        }
        let mut draft = Draft {
            doc: Some(loaded.document.id()),
            kind: kind.name.to_owned(),
            ..Draft::default()
        };
        draft.consent = act.consent;
        if let (Some(text), Some(field)) = (act.text.take(), kind.text) {
            act.body.insert(field.to_owned(), Json_::String(text));
        }
        let mut also = Vec::new();
        context.ingest.read(|state| {
            let control = take_control(state, kind, &mut act.body)?;
            if let Some(Control::Revoke(revoke)) = &control {
                also.extend(holders_heads(state, loaded.space, &revoke.grant));
            }
            draft.control = control.and_then(|c| c.value());
            let mut body = Json_::Object(std::mem::take(&mut act.body));
            ids::complete(state, kind, &mut body)?;
            let bytes = kind::json::body(kind, &body)?;
            also.extend(replied_to(state, loaded.space, kind, &bytes));
            draft.body = Some(document::unsalted(bytes)).filter(|b| b.bytes != EMPTY);
            Ok::<_, Problem>(())
        })?;
        also.truncate(limit::AFTER);
        draft.after = loaded.document.after(&also);
        Ok((loaded.space, draft))
    });
    let (space, draft) = ready.await?;
    let doc = draft.doc.unwrap_or(space);
    let id = context.ingest.write(move |author| author.write(space, draft)).await??;
    document::answer(context, doc, id).await
}

/// The encoding of a map without fields: no body says the same in fewer bytes.
const EMPTY: [u8; 1] = [0xa0];

fn act_kind(name: &str) -> Result<&'static Kind, Problem> {
    let is_act = |kind: &Kind| kind.shape == Shape::Act;
    kind::find(name)
        .filter(|kind| is_act(kind))
        .ok_or_else(|| Problem::UnknownKind {
            what: "act",
            name: name.chars().take(80).collect(),
            known: document::names(is_act),
        })
}

/// The name of a document's kind, where this release knows it or the act stands in any.
fn known_or_any<'a>(loaded: &'a crate::http::load::Loaded, kind: &Kind) -> Result<&'a str, Problem> {
    match kind.on {
        On::All => Ok(loaded.document.kind_name()),
        On::Documents(_) => Ok(document::known(loaded)?.name),
    }
}

pub(crate) fn places(kind: &Kind) -> String {
    match kind.on {
        On::All => "any document".to_owned(),
        On::Documents(kinds) => kinds.join(", "),
    }
}

/// What of an act the protocol itself reads, taken out of what somebody wrote.
fn take_control(state: &Node, kind: &Kind, given: &mut Map<String, Json_>) -> Result<Option<Control>, Problem> {
    let missing = |field: &str| Problem::Input(format!("{} needs {field:?}", kind.name));
    let mut text = |field: &'static str| match given.remove(field) {
        Some(Json_::String(text)) => Ok(text),
        Some(other) => Ok(other.to_string()),
        None => Err(missing(field)),
    };
    let number = |field: &'static str, text: String| {
        text.parse().map_err(|_| {
            Problem::Input(format!(
                "{field:?} of {} must be a whole number, not {text:?}",
                kind.name
            ))
        })
    };
    Ok(Some(match kind.name {
        "grant" => Control::Grant(control::Grant {
            role: text("role")?,
            to: ids::num(state, &text("to")?, "identity")?.1,
            scope: text("scope")
                .ok()
                .map(|scope| ids::document(state, &scope).map(|(_, id)| id))
                .transpose()?,
        }),
        "revoke" => Control::Revoke(control::Revoke {
            grant: ids::num(state, &text("grant")?, "grant")?.1,
        }),
        "cosign" => {
            let (num, entry) = ids::num(state, &text("entry")?, "entry")?;
            if !state.graph().node(num).class.is_act() {
                let found = "no act that signatures make".to_owned();
                return Err(Problem::WrongSort {
                    id: entry,
                    found,
                    wanted: "a grant, a revocation or a parameter",
                });
            }
            Control::Cosign(control::Cosign { entry })
        }
        "vouch" => Control::Vouch(control::Vouch {
            identity: ids::num(state, &text("identity")?, "identity")?.1,
            quota: number("quota", text("quota")?)?,
        }),
        "set_parameter" => Control::SetParameter(control::SetParameter {
            name: text("name")?,
            value: number("value", text("value")?)?,
        }),
        _ => return Ok(None),
    }))
}

/// The last entry of each log of whoever holds a grant: what they wrote before stays counted.
fn holders_heads(state: &Node, space: Id, grant: &Id) -> Vec<Id> {
    let graph = state.graph();
    let act = state
        .committee(&space)
        .and_then(|c| c.authority().act(graph.num(grant)?));
    let (Some(Does::Grant { to, .. }), Some(space)) = (act.map(|act| &act.does), graph.num(&space)) else {
        return Vec::new();
    };
    let logs = graph.logs().filter(|(_, in_space, _)| *in_space == space);
    let mut heads: Vec<Num> = logs
        .filter_map(|(_, _, log)| log.head())
        .filter(|n| graph.author(*n) == *to)
        .collect();
    // More logs than an entry may name: the deepest have the most before them.
    heads.sort_unstable_by_key(|n| std::cmp::Reverse(graph.rank(*n)));
    heads.truncate(limit::AFTER);
    heads.into_iter().map(|n| graph.id(n)).collect()
}

/// The entries of this committee that an act answers or is about: naming them takes them into the record.
fn replied_to(state: &Node, space: Id, kind: &Kind, body: &[u8]) -> Vec<Id> {
    let Ok(record) = read::act(kind, Some(body)) else {
        return Vec::new();
    };
    let graph = state.graph();
    let fields = ["reply_to"].into_iter().chain(kind.target);
    let named = fields.filter_map(|field| record.get(field).and_then(Value::as_id));
    let here = |id: &Id| graph.num(id).is_some_and(|n| graph.id(graph.node(n).space) == space);
    named.filter(here).collect()
}
