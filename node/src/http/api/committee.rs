//! Committees: founding, following, inviting, and what they amount to.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::control;
use althing_protocol::hash::Id;
use althing_protocol::kind;
use althing_protocol::limit;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shape;
use super::show::Names;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::{List, OfId, Page, Params};
use crate::http::query::lineage;
use crate::http::{ids, input};
use crate::invitation::{ADDRESSES, BadInvitation, Invitation};
use crate::store::Bodies;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) purpose: Option<String>,
    #[serde(default)]
    pub(crate) charter: Option<String>,
    /// Founders beside this node's owner.
    #[serde(default)]
    pub(crate) founders: Vec<String>,
    #[serde(default)]
    pub(crate) threshold: Option<u64>,
    /// The committee that it continues: a fork.
    #[serde(default)]
    pub(crate) continues: Option<String>,
    /// Why it does.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// Founds a committee
#[utoipa::path(post, path = "/committees", tag = "committees", request_body = Create, responses((status = 200, body = shape::Made)))]
pub(crate) async fn create(
    State(context): State<Arc<Context>>,
    input::Json(create): input::Json<Create>,
) -> Result<Json<Value>, Problem> {
    let id = found(&context, create).await?;
    Ok(Json(json!({ "id": id })))
}

/// Founds a committee.
pub(crate) async fn found(context: &Arc<Context>, create: Create) -> Result<Id, Problem> {
    let own = context.ingest.home().identity();
    let (founders, continues) = context.ingest.read(|state| {
        // It may be one that this node never held: its id is enough to name it.
        let continues = create
            .continues
            .as_deref()
            .map(|text| ids::id(state, text))
            .transpose()?;
        if let Some(id) = continues.filter(|id| state.graph().num(id).is_some() && state.committee(id).is_none()) {
            return Err(Problem::WrongSort {
                id,
                found: "something else".to_owned(),
                wanted: "a committee",
            });
        }
        let mut founders = BTreeSet::from([own]);
        for text in create.founders.iter().take(limit::FOUNDERS + 1) {
            let founder = ids::id(state, text)?;
            if state.graph().num(&founder).is_none() {
                return Err(Problem::UnknownFounder(founder));
            }
            founders.insert(founder);
        }
        Ok((founders, continues))
    })?;
    let count = u64::try_from(founders.len()).unwrap_or(u64::MAX);
    let threshold = create.threshold.unwrap_or(count.min(2));
    if founders.len() > limit::FOUNDERS || !(1..=count).contains(&threshold) {
        return Err(Problem::Founding {
            founders: founders.len(),
            threshold,
        });
    }
    let fields = [
        ("name", Some(create.name)),
        ("purpose", create.purpose),
        ("charter", create.charter),
        ("continues", continues.map(|id| id.to_string())),
        ("reason", create.reason),
    ];
    let content: Value = fields.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
    let kind = kind::find("committee").ok_or(Problem::Broken)?;
    let body = kind::json::body(kind, &content)?;
    let founding = control::Committee {
        founders: founders.into_iter().collect(),
        threshold,
    };
    let id = context
        .ingest
        .write(move |author| author.found(founding, Some(body)))
        .await??;
    Ok(id)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Follow {
    /// An id, a prefix of one that is here, or an invitation.
    pub(crate) committee: String,
    #[serde(default)]
    #[schema(value_type = shape::Bodies)]
    pub(crate) bodies: Choice,
    /// More addresses to try.
    #[serde(default)]
    pub(crate) peers: Vec<String>,
}

/// Which bodies to keep: `"all"`, `"none"` or a list of documents.
#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Choice {
    #[default]
    All,
    None,
    #[serde(untagged)]
    Docs(Vec<String>),
}

/// Follows a committee, or otherwise than before
#[utoipa::path(post, path = "/committees/follow", tag = "committees", request_body = Follow, responses((status = 200, body = shape::Made)))]
pub(crate) async fn follow(
    State(context): State<Arc<Context>>,
    input::Json(follow): input::Json<Follow>,
) -> Result<Json<Value>, Problem> {
    let id = join(&context, follow).await?;
    Ok(Json(json!({ "id": id })))
}

/// Follows a committee and asks those whom its invitation names.
pub(crate) async fn join(context: &Arc<Context>, follow: Follow) -> Result<Id, Problem> {
    let (invitation, bodies) = context.ingest.read(|state| {
        let invitation = match follow.committee.parse::<Invitation>() {
            Ok(invitation) => invitation,
            // It may still be the beginning of an id that is here.
            Err(why) => match ids::id(state, follow.committee.trim()) {
                Ok(committee) => Invitation {
                    committee,
                    peers: Vec::new(),
                },
                Err(Problem::BadId { .. }) => return Err(why.into()),
                Err(other) => return Err(other),
            },
        };
        let bodies = match &follow.bodies {
            Choice::All => Bodies::All,
            Choice::None => Bodies::None,
            Choice::Docs(docs) => Bodies::Docs(docs.iter().map(|d| ids::id(state, d)).collect::<Result<_, _>>()?),
        };
        Ok((invitation, bodies))
    })?;
    let mut peers = invitation.peers;
    if follow.peers.len() > ADDRESSES {
        return Err(BadInvitation::Many.into());
    }
    for peer in &follow.peers {
        peers.push(peer.parse().map_err(|_| BadInvitation::Address(peer.clone()))?);
    }
    context.ingest.follow(invitation.committee, bodies).await?;
    if !peers.into_iter().all(|peer| (context.network.dial)(peer)) {
        return Err(Problem::Dials);
    }
    Ok(invitation.committee)
}

/// The committees that are followed
#[utoipa::path(get, path = "/committees", tag = "committees", params(Page), responses((status = 200, body = List<shape::Committee>)))]
pub(crate) async fn list(
    State(context): State<Arc<Context>>,
    Params(page): Params<Page>,
) -> Result<Json<List<Value>>, Problem> {
    let out = context.blocking(move |context| page.cut(summaries(context)?));
    Ok(Json(out.await?))
}

/// One committee
#[utoipa::path(get, path = "/committees/{id}", tag = "committees", params(OfId), responses((status = 200, body = shape::Committee)))]
pub(crate) async fn show(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        Ok(summary(context, id))
    });
    Ok(Json(out.await?))
}

/// The digest over a committee's record
#[utoipa::path(get, path = "/committees/{id}/digest", tag = "committees", params(OfId), responses((status = 200, body = shape::Digest)))]
pub(crate) async fn digest(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let figures = Figures::read(context, id).ok_or(Problem::NotHere { what: "committee", id })?;
        Ok(json!({
            "id": id,
            "digest": figures.digest,
            "entries": figures.entries,
            "documents": figures.documents,
            "floor": figures.floor,
        }))
    });
    Ok(Json(out.await?))
}

/// An invitation to follow a committee
#[utoipa::path(get, path = "/committees/{id}/invitation", tag = "committees", params(OfId), responses((status = 200, body = shape::Invitation)))]
pub(crate) async fn invitation(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (_, committee) = context.ingest.read(|state| ids::committee(state, &id))?;
    let link = invitation_to(&context, committee).to_string();
    Ok(Json(json!({ "id": committee, "invitation": link })))
}

/// The link by which this node asks somebody to join.
pub(crate) fn invitation_to(context: &Context, committee: Id) -> Invitation {
    let mut peers = (context.network.addresses)();
    peers.truncate(ADDRESSES);
    Invitation { committee, peers }
}

/// All followed committees, whether or not their root came.
pub(crate) fn summaries(context: &Context) -> Result<Vec<Value>, Problem> {
    let followed: Vec<Id> = context.ingest.read(|state| state.followed().collect());
    Ok(followed.into_iter().map(|id| summary(context, id)).collect())
}

fn summary(context: &Context, id: Id) -> Value {
    let bodies = match context.ingest.bodies_of(&id) {
        Some(Bodies::All) => json!("all"),
        Some(Bodies::None) => json!("none"),
        Some(Bodies::Docs(docs)) => json!(docs),
        None => Value::Null,
    };
    let loaded = context.cache.load(&context.ingest, id).ok();
    let text = |field: &str| loaded.as_ref().and_then(|l| l.text(field).map(str::to_owned));
    let name = text("name");
    let figures = Figures::read(context, id);
    let people = |people: &[Id]| people.iter().map(|p| Names(context).person(*p)).collect::<Vec<_>>();
    json!({
        "id": id,
        "kind": "committee",
        "title": name,
        "name": name,
        "purpose": text("purpose"),
        "continues": loaded.as_ref().and_then(|l| l.named("continues")).map(|old| json!({
            "id": old,
            "name": context.cache.name(&context.ingest, old),
            "reason": text("reason"),
        })),
        "forks": forks(context, id),
        "here": figures.is_some(),
        "bodies": bodies,
        "digest": figures.as_ref().map(|f| f.digest),
        "entries": figures.as_ref().map_or(0, |f| f.entries),
        "documents": figures.as_ref().map_or(0, |f| f.documents),
        "floor": figures.as_ref().map_or(0, |f| f.floor),
        "waiting": figures.as_ref().map_or(0, |f| f.waiting),
        "founders": figures.as_ref().map(|f| people(&f.founders)),
        "threshold": figures.as_ref().map(|f| f.threshold),
        "members": figures.as_ref().map(|f| f.members.iter().map(|m| json!(m)).collect::<Vec<_>>()),
    })
}

/// The committees here that continue this one.
fn forks(context: &Context, id: Id) -> Vec<Value> {
    let fork = |other: Id| {
        let loaded = context.cache.load(&context.ingest, other).ok()?;
        Some(json!({ "id": other, "name": loaded.text("name"), "reason": loaded.text("reason") }))
    };
    lineage::forks(context, id).into_iter().filter_map(fork).collect()
}

/// What a committee amounts to.
struct Figures {
    digest: althing_protocol::hash::Hash,
    entries: usize,
    /// Documents in the record, without the committee's own.
    documents: usize,
    floor: usize,
    waiting: usize,
    founders: Vec<Id>,
    members: Vec<Id>,
    threshold: usize,
}

impl Figures {
    fn read(context: &Context, id: Id) -> Option<Self> {
        context.ingest.read(|state| {
            let committee = state.committee(&id)?;
            let graph = state.graph();
            let record = committee.record();
            let waiting = state.waiting();
            let own = |waiter: &Id| waiting.entry(waiter).is_some_and(|e| e.header().space == Some(id));
            let mut members: Vec<Id> = committee.members().map(|n| graph.id(n)).collect();
            members.sort_unstable();
            Some(Self {
                digest: record.tree().root(),
                entries: record.len(),
                documents: record.documents().saturating_sub(1),
                floor: state.floor_of(committee).len(),
                waiting: waiting.ids().iter().filter(|waiter| own(waiter)).count(),
                founders: committee.authority().founders().iter().map(|n| graph.id(*n)).collect(),
                members,
                threshold: committee.authority().threshold(),
            })
        })
    }
}
