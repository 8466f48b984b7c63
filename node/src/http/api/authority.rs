//! Who holds which role and why: every grant, with the signatures that gave it and the revocations that took it.

use std::sync::Arc;

use althing_protocol::authority::{Authority, Does, Explained, Lost, Parameter, STEWARD, Signing, Why};
use althing_protocol::document::Cause;
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::Id;
use althing_protocol::ruling::Rulings;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::act::{Act, write};
use super::shape;
use super::show::Names;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, List, OfId, Params, cursor};

/// Grants on one page, unless asked for fewer or more.
const PAGE: usize = 100;
const PAGE_MOST: usize = 1000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Grants that nobody holds (any more) too.
    #[serde(default)]
    all: bool,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// What is read of a grant under the lock; names of people are looked up after it.
struct Granted {
    grant: Id,
    role: String,
    to: Id,
    scope: Option<Id>,
    why: Why,
    signatures: Vec<Signature>,
    revoked_by: Vec<Id>,
}

struct Signature {
    entry: Id,
    by: Id,
    through: Vec<Id>,
    lost: Option<Cause>,
}

/// Founders and grants, with the signatures that gave them and the revocations that took them
#[utoipa::path(get, path = "/committees/{id}/roles", tag = "authority", params(OfId, Page), responses((status = 200, body = shape::Roles)))]
pub(crate) async fn roles(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let skip = cursor(page.cursor.as_deref())?;
        let most = page.limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
        let (founders, threshold, grants, more) = context.ingest.read(|state| {
            let (num, id) = ids::committee(state, &id)?;
            let graph = state.graph();
            let committee = state.committee(&id).ok_or(Problem::NotHere { what: "committee", id })?;
            let authority = committee.authority();
            let shown = |why: Why| page.all || why == Why::Standing;
            let is_grant = |n: &Num| {
                authority
                    .act(*n)
                    .is_some_and(|act| matches!(act.does, Does::Grant { .. }))
            };
            let known = graph.document(num).iter().copied().filter(is_grant);
            let in_record = known.filter(|n| committee.record().contains(*n, graph));
            let mut all: Vec<Num> = in_record
                .filter(|n| authority.why(*n, graph).is_some_and(shown))
                .collect();
            all.sort_unstable_by_key(|n| graph.rank(*n));
            let rulings = Rulings::new(state);
            let of_page = all.iter().skip(skip).take(most);
            let grants: Vec<Granted> = of_page
                .filter_map(|n| granted(*n, authority, graph, &rulings))
                .collect();
            let founders: Vec<Id> = authority.founders().iter().map(|n| graph.id(*n)).collect();
            Ok::<_, Problem>((founders, authority.threshold(), grants, all.len() > skip + most))
        })?;
        let names = Names(context);
        Ok(json!({
            "founders": founders.into_iter().map(|id| names.person(id)).collect::<Vec<_>>(),
            "threshold": threshold,
            "items": grants.iter().map(|grant| grant.to_json(&names)).collect::<Vec<_>>(),
            "next": more.then(|| (skip + most).to_string()),
        }))
    });
    Ok(Json(out.await?))
}

fn granted(num: Num, authority: &Authority, graph: &Graph, rulings: &Rulings<'_>) -> Option<Granted> {
    let Explained {
        why,
        signatures,
        revoked_by,
        ..
    } = authority.explain(num, graph)?;
    let Does::Grant { to, role, scope } = &authority.act(num)?.does else {
        return None;
    };
    let ids = |nums: &[Num]| nums.iter().map(|n| graph.id(*n)).collect();
    let lost = |lost: Lost| rulings.lost(Some(STEWARD), lost);
    let signature = |s: Signing| Signature {
        entry: graph.id(s.entry),
        by: graph.id(s.signer),
        through: ids(&s.grounds),
        lost: s.lost.map(lost),
    };
    Some(Granted {
        grant: graph.id(num),
        role: role.clone(),
        to: graph.id(*to),
        scope: scope.map(|n| graph.id(n)),
        why,
        signatures: signatures.into_iter().map(signature).collect(),
        revoked_by: ids(&revoked_by),
    })
}

impl Granted {
    fn to_json(&self, names: &Names<'_>) -> Value {
        let signature = |s: &Signature| {
            json!({
                "entry": s.entry,
                "by": names.person(s.by),
                "through": s.through,
                "counts": s.lost.is_none(),
                "cause": s.lost.as_ref().map(Cause::to_json),
            })
        };
        json!({
            "id": self.grant,
            "kind": "grant",
            "title": format!("{} for {}", self.role, self.to.short()),
            "role": self.role,
            "to": names.person(self.to),
            "scope": self.scope,
            "state": word(self.why),
            "signatures": self.signatures.iter().map(signature).collect::<Vec<_>>(),
            "revoked_by": self.revoked_by,
        })
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::Open => "open",
        Why::Shaky => "shaky",
        Why::Revoked => "revoked",
        Why::Overtaken => "overtaken",
        Why::Contested => "contested",
        Why::Standing => "held",
    }
}

/// The parameters of a committee
#[utoipa::path(get, path = "/committees/{id}/parameters", tag = "authority", params(OfId, input::Page), responses((status = 200, body = List<shape::Parameter>)))]
pub(crate) async fn parameters(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<input::Page>,
) -> Result<Json<List<Value>>, Problem> {
    context.ingest.read(|state| {
        let (_, id) = ids::committee(state, &id)?;
        let graph = state.graph();
        let committee = state.committee(&id).ok_or(Problem::NotHere { what: "committee", id })?;
        let ids = |nums: &[Num]| nums.iter().map(|n| graph.id(*n)).collect::<Vec<Id>>();
        let item = |(name, parameter): (&str, &Parameter)| {
            json!({
                "name": name,
                "value": parameter.value,
                "contested": parameter.last.len() > 1,
                "set_by": ids(&parameter.last),
            })
        };
        Ok(Json(
            page.cut(committee.authority().parameters(graph).map(item).collect())?,
        ))
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    committee: String,
    name: String,
    value: u64,
    note: Option<String>,
}

/// Sets a parameter, or drafts it where more must sign
#[utoipa::path(post, path = "/parameters", tag = "authority", request_body = Setting, responses((status = 200, body = shape::Written)))]
pub(crate) async fn set(
    State(context): State<Arc<Context>>,
    input::Json(setting): input::Json<Setting>,
) -> Result<Json<Value>, Problem> {
    let body = json!({ "name": setting.name, "value": setting.value });
    write(
        &context,
        setting.committee,
        Act::of("set_parameter", body, setting.note),
    )
    .await
}
