//! The node itself: what it is, what it holds, whom it knows.

use std::sync::Arc;

use althing_protocol::hash::{Hash, Id, Key};
use althing_protocol::kind;
use althing_protocol::state::State as Node;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{committee, shape};
use crate::home::Home;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::input::{List, Page, Params};

/// The node, its committees, and the kinds that it knows
#[utoipa::path(get, path = "/status", tag = "node", responses((status = 200, body = shape::Status)))]
pub(crate) async fn status(State(context): State<Arc<Context>>) -> Result<Json<Value>, Problem> {
    let out = context.blocking(|context| {
        let kinds: Vec<&str> = kind::all().iter().map(|kind| kind.name).collect();
        let mut committees = committee::summaries(context)?;
        for one in committees.iter_mut().filter_map(Value::as_object_mut) {
            // Effects are those that these kinds give.
            one.insert("kinds".to_owned(), json!(kinds));
        }
        let addresses: Vec<String> = (context.network.addresses)().iter().map(ToString::to_string).collect();
        let home = context.ingest.home();
        let (files, bytes) = context.files.held();
        Ok(json!({
            "api": context.url,
            "peer": context.network.peer,
            "addresses": addresses,
            "peers": (context.network.peers)().len(),
            "identity": home.identity(),
            "name": home.name(),
            "device": context.ingest.read(|state| standing(state, home)),
            "version": env!("CARGO_PKG_VERSION"),
            "search": context.search.progress(),
            "files": { "count": files, "bytes": bytes, "budget": context.files.limits().budget },
            "entries": context.ingest.read(|state| state.graph().len()),
            "committees": committees,
        }))
    });
    Ok(Json(out.await?))
}

/// How this machine's key stands with its identity: what it signs counts while it is `living`.
fn standing(state: &Node, home: &Home) -> &'static str {
    let graph = state.graph();
    let key = Key(home.device().verifying_key().to_bytes());
    let own = graph.num(&home.identity());
    let devices = own.and_then(|num| state.identities().devices_of(num, graph));
    let device = devices.and_then(|all| all.devices.into_iter().find(|device| device.key == key));
    device.map_or("waiting", |device| device.status())
}

/// Identity, device and peer id of the node
#[utoipa::path(get, path = "/id", tag = "node", responses((status = 200, body = shape::Own)))]
pub(crate) async fn id(State(context): State<Arc<Context>>) -> Json<Value> {
    let home = context.ingest.home();
    let device = Key(home.device().verifying_key().to_bytes());
    Json(json!({
        "identity": home.identity(),
        "name": home.name(),
        "device": device,
        "peer": context.network.peer,
    }))
}

/// A link that lets one browser act in the owner's name
///
/// a link that lets one browser act in the owner's name.
#[utoipa::path(post, path = "/pages", tag = "node", responses((status = 200, body = shape::Link)))]
pub(crate) async fn page(State(context): State<Arc<Context>>) -> Json<Value> {
    Json(json!({ "page": context.link() }))
}

/// Connected peers, and whether their digests are the same
#[utoipa::path(get, path = "/peers", tag = "node", params(Page), responses((status = 200, body = List<shape::Peer>)))]
pub(crate) async fn peers(
    State(context): State<Arc<Context>>,
    Params(page): Params<Page>,
) -> Result<Json<List<Value>>, Problem> {
    let out = context.blocking(move |context| {
        let peers = (context.network.peers)();
        let items: Vec<Value> = context.ingest.read(|state| {
            let same = |id: &Id, digest: Option<Hash>| {
                let own = state.committee(id).map(|c| c.record().tree().root());
                own.is_some() && own == digest
            };
            let peer = |peer: &crate::http::Peer| {
                let committees = peer.committees.iter();
                let committees =
                    committees.map(|(id, digest)| json!({ "id": id, "digest": digest, "same": same(id, *digest) }));
                json!({
                    "peer": peer.peer,
                    "address": peer.address,
                    "since": peer.since,
                    "committees": committees.collect::<Vec<_>>(),
                })
            };
            peers.iter().map(peer).collect()
        });
        page.cut(items)
    });
    Ok(Json(out.await?))
}
