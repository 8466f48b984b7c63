//! The HTTP API: JSON under `/api/v1`, for the command line, pages and bots.
//!
//! Reads are open. What signs with the node's device needs the token of the data folder; entries that somebody
//! signed already may be posted by anyone, under the limits of a peer.
//!
//! Bounds: [`listen::CONNECTIONS`] connections that may be silent for [`listen::SILENCE`]; a request has
//! [`guard::TIME`] and [`guard::BODY`]; [`context::READERS`] requests read the store at a time; lists have pages.

mod act;
mod authority;
mod automerge;
mod committee;
mod context;
mod document;
mod entry;
mod error;
mod guard;
mod ids;
mod import;
mod input;
mod listen;
mod load;
mod show;
mod status;
mod withhold;

use std::net::SocketAddr;
use std::sync::Arc;

use althing_protocol::hash::{Hash, Id};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use libp2p::Multiaddr;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::context::Context;
use crate::ingest::Ingest;

pub use self::committee::{BadInvitation, Invitation};
pub use self::import::{BATCH, BATCH_BYTES};

/// A peer that this node is connected to.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its libp2p id.
    pub peer: String,
    /// Where it is.
    pub address: String,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// The committees that it follows as well, with the digest that it last told; none until it did.
    pub committees: Vec<(Id, Option<Hash>)>,
}

/// What the API knows of the network. It never sees the network part itself: both meet in ingest.
#[derive(Clone)]
pub struct Network {
    /// This node's libp2p id.
    pub peer: String,
    /// Addresses at which others reach this node, each ending in its peer id.
    pub addresses: Arc<dyn Fn() -> Vec<Multiaddr> + Send + Sync>,
    /// Who is connected.
    pub peers: Arc<dyn Fn() -> Vec<Peer> + Send + Sync>,
    /// Asks for a connection; returns at once, false if too many were asked for just now.
    pub dial: Arc<dyn Fn(Multiaddr) -> bool + Send + Sync>,
}

impl Network {
    /// No network: for tests and for a node that runs alone.
    #[must_use]
    pub fn none(peer: String) -> Self {
        Self {
            peer,
            addresses: Arc::new(Vec::new),
            peers: Arc::new(Vec::new),
            dial: Arc::new(|_| true),
        }
    }
}

/// Why the API does not start.
#[derive(Debug, Error)]
pub enum Error {
    /// The address is taken, or not this machine's.
    #[error("cannot serve the API at {addr}: {why}; choose another address with --api, port 0 picks a free one")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        why: std::io::Error,
    },
}

/// A serving API.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Where it serves.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it serves, as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Takes no more requests and waits a moment for those under way.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        let grace = tokio::time::sleep(guard::GRACE);
        tokio::select! {
            _ = &mut self.task => {}
            () = grace => self.task.abort(),
        }
    }
}

/// Starts serving. Whoever asks for an address that is not loopback opens reads to that network.
///
/// # Errors
/// [`Error::Listen`].
pub async fn start(ingest: Ingest, network: Network, addr: SocketAddr) -> Result<Server, Error> {
    let failed = |why| Error::Listen { addr, why };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    let context = Arc::new(Context::new(ingest, network, format!("http://{addr}")));
    let service = router(context).into_make_service_with_connect_info::<listen::Remote>();
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = axum::serve(listen::Bounded::new(listener), service).with_graceful_shutdown(async move {
        // Sent never, dropped once: either way it is time.
        drop(stopped.await);
    });
    let task = tokio::spawn(async move { serve.await });
    Ok(Server {
        addr,
        stop: Some(stop),
        task,
    })
}

fn router(context: Arc<Context>) -> Router {
    let reads = Router::new()
        .route("/status", get(status::status))
        .route("/id", get(status::id))
        .route("/peers", get(status::peers))
        .route("/committees", get(committee::list))
        .route("/committees/{id}", get(committee::show))
        .route("/committees/{id}/digest", get(committee::digest))
        .route("/committees/{id}/invitation", get(committee::invitation))
        .route("/committees/{id}/roles", get(authority::roles))
        .route("/committees/{id}/parameters", get(authority::parameters))
        .route("/committees/{id}/entries", get(entry::of_committee))
        .route("/documents", get(document::list))
        .route("/documents/{id}", get(document::show))
        .route("/documents/{id}/log", get(document::log))
        .route("/documents/{id}/diff", get(document::diff))
        .route("/documents/{id}/automerge", get(automerge::export))
        .route("/entries/{id}", get(entry::raw))
        .route("/erasures", get(withhold::erasures))
        .route("/refusals", get(withhold::refusals));
    let writes = Router::new()
        .route("/committees", post(committee::create))
        .route("/committees/follow", post(committee::follow))
        .route("/committees/{id}/documents", post(document::open))
        .route("/committees/{id}/import", post(import::documents))
        .route("/grants", post(act::grant))
        .route("/revocations", post(act::revoke))
        .route("/parameters", post(authority::set))
        .route("/cosignatures", post(act::cosign))
        .route("/vouches", post(act::vouch))
        .route("/take-ups", post(act::take_up))
        .route("/erasures", post(withhold::erase))
        .route("/refusals", post(withhold::refuse))
        .route("/identities", post(entry::identity))
        .route("/documents/{id}/edits", post(document::edit))
        .route("/documents/{id}/acts", post(act::act))
        .route("/documents/{id}/automerge", post(automerge::import))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&context), guard::token));
    let open = Router::new().route("/entries", post(entry::submit));
    let api = reads
        .merge(writes)
        .merge(open)
        .fallback(guard::no_such_path)
        .method_not_allowed_fallback(guard::no_such_method);
    Router::new()
        .nest("/api/v1", api)
        .fallback(guard::no_such_path)
        .layer(DefaultBodyLimit::max(guard::BODY))
        .layer(middleware::from_fn(guard::bounded))
        .layer(middleware::from_fn(guard::host))
        .with_state(context)
}

#[cfg(test)]
mod tests;
