//! Anchors and what they rest on: final blocks, batches for a bot, proofs for everybody.

use std::sync::Arc;

use althing_protocol::anchor::time::Fact;
use althing_protocol::entry::Block;
use althing_protocol::hash::{Hash, Id};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{self, List, OfId, Page, Params};
use crate::http::query::anchor::{self, Offer, Shown};
use crate::http::query::{Hex, log, proof};
use crate::policy;

/// Final blocks that one request tells of.
const BLOCKS: usize = 1024;

/// Committees for which checkpoints are made at the same time.
const AT_ONCE: usize = 8;

/// A final block.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Final {
    /// EIP-155 chain id.
    chain: u64,
    height: u64,
    #[schema(value_type = Hex)]
    hash: Hash,
    /// When it was made, seconds since 1970.
    time: u64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinalBlocks {
    items: Vec<Final>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Believed {
    /// How many of them were new.
    added: usize,
}

/// What the bot is offered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Offers {
    items: Vec<Offer>,
    /// What cannot be anchored now, and why.
    held: Vec<Held>,
}

/// A committee that is not offered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Held {
    #[schema(value_type = Hex)]
    committee: Id,
    why: String,
}

/// What was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recorded {
    #[schema(value_type = Vec<Hex>)]
    ids: Vec<Id>,
}

/// The anchors of a committee, those that joined first first
#[utoipa::path(get, path = "/committees/{id}/anchors", tag = "anchors", params(OfId, Page), responses((status = 200, body = List<Shown>)))]
pub(crate) async fn list(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    Params(page): Params<Page>,
) -> Result<Json<List<Shown>>, Problem> {
    let all = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        page.cut(anchor::all(context, id)?)
    });
    Ok(Json(all.await?))
}

/// Signs checkpoints of all committees in which something changed since they were anchored, for a bot
#[utoipa::path(post, path = "/anchors/batch", tag = "anchors", responses((status = 200, body = Offers)))]
pub(crate) async fn batch(State(context): State<Arc<Context>>) -> Result<Json<Offers>, Problem> {
    let followed: Vec<Id> = context.ingest.read(|state| {
        let all = state.committees().map(|c| state.graph().id(c.root()));
        all.filter(|id| state.follows(id)).collect()
    });
    let strict = policy::read(context.ingest.home().dir())?.is_some();
    // Some at a time: each may wait for a peer that does not answer.
    let offers = stream::iter(followed).map(|committee| offer(&context, committee, strict));
    let offers: Vec<Result<Offer, Held>> = offers.buffered(AT_ONCE).try_collect().await?;
    let (mut items, mut held) = (Vec::new(), Vec::new());
    for offer in offers {
        match offer {
            Ok(offer) => items.push(offer),
            Err(why) => held.push(why),
        }
    }
    Ok(Json(Offers { items, held }))
}

/// One committee for the bot, or why it is held back.
async fn offer(context: &Arc<Context>, committee: Id, strict: bool) -> Result<Result<Offer, Held>, Problem> {
    let changed = context
        .blocking(move |context| anchor::changed(context, committee))
        .await?;
    let signed = match context.ingest.signed(&committee)? {
        Some(signed) if !changed => signed,
        _ => (context.network.checkpoint)(context.ingest.clone(), committee, true).await?,
    };
    let shown = context
        .blocking(move |context| log::shown(context, committee, signed))
        .await?;
    if strict && changed && !shown.satisfied {
        let why = format!(
            "its checkpoint has too few cosignatures for {} in the node's data folder",
            policy::FILE
        );
        return Ok(Err(Held { committee, why }));
    }
    let offer = context
        .blocking(move |context| anchor::offer(context, committee, shown.note, changed))
        .await?;
    Ok(Ok(offer))
}

/// Writes what a bot brought back: an `anchor` entry, its heads filled in
///
/// the fields of an `anchor` entry without its heads. The same transaction in the same block is written once.
#[utoipa::path(post, path = "/committees/{id}/anchors", tag = "anchors", params(OfId), request_body = Value, responses((status = 200, body = Recorded)))]
pub(crate) async fn record(
    State(context): State<Arc<Context>>,
    Path(id): Path<String>,
    input::Json(body): input::Json<Value>,
) -> Result<Json<Recorded>, Problem> {
    // One at a time, so that no transaction is written twice.
    let _one = context.anchoring.lock().await;
    let prepared = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let given = anchor::read(context, id, &body)?;
        let recorded = anchor::recorded(context, id, &given)?;
        if !recorded.is_empty() {
            return Ok((id, recorded, Vec::new()));
        }
        Ok((id, recorded, anchor::with_heads(context, id, &given)?))
    });
    let (id, recorded, anchors) = prepared.await?;
    let ids = match anchors.is_empty() {
        true => recorded,
        false => anchor::write(&context, id, &anchors).await?,
    };
    Ok(Json(Recorded { ids }))
}

/// Final blocks that this node believes, by chain and height
#[utoipa::path(get, path = "/facts", tag = "anchors", params(Page), responses((status = 200, body = List<Final>)))]
pub(crate) async fn facts(
    State(context): State<Arc<Context>>,
    Params(page): Params<Page>,
) -> Result<Json<List<Final>>, Problem> {
    let shown = |fact: Fact| Final {
        chain: fact.block.chain,
        height: fact.block.height,
        hash: fact.block.hash,
        time: fact.time,
    };
    let all = context.ingest.facts(|facts| facts.iter().map(shown).collect());
    Ok(Json(page.cut(all)?))
}

/// Tells this node of final blocks: entries are dated by them, and what it signs from now on names the latest
#[utoipa::path(post, path = "/facts", tag = "anchors", request_body = FinalBlocks, responses((status = 200, body = Believed)))]
pub(crate) async fn believe(
    State(context): State<Arc<Context>>,
    input::Json(told): input::Json<FinalBlocks>,
) -> Result<Json<Believed>, Problem> {
    if told.items.len() > BLOCKS {
        let found = told.items.len();
        return Err(Problem::Input(format!(
            "one request tells of at most {BLOCKS} blocks, these are {found}"
        )));
    }
    let fact = |block: Final| Fact {
        block: Block {
            chain: block.chain,
            height: block.height,
            hash: block.hash,
        },
        time: block.time,
    };
    let blocks = told.items.into_iter().map(fact);
    let most = althing_protocol::limit::INT;
    let blocks: Vec<Fact> = blocks.collect();
    if blocks
        .iter()
        .any(|f| f.block.chain > most || f.block.height > most || f.time > most)
    {
        return Err(Problem::Input(format!("numbers are at most {most}")));
    }
    let dated = context.blocking(anchor::blocks).await?;
    let added = context
        .ingest
        .believe(blocks, move |block| dated.contains(&(block.chain, block.height)))
        .await?;
    Ok(Json(Believed { added }))
}

/// A proof that an entry existed, for whoever has no network: a bundle (`docs/spec/proof.md`)
#[utoipa::path(get, path = "/entries/{id}/proof", tag = "anchors", params(OfId), responses((status = 200, body = Vec<u8>, content_type = "application/zip")))]
pub(crate) async fn prove(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let made = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::num(state, &id, "entry"))?;
        Ok((id, proof::make(context, id)?))
    });
    let (id, bytes) = made.await?;
    let name = format!("attachment; filename=\"althing-proof-{}.zip\"", id.short());
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}
