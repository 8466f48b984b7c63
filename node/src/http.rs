//! The HTTP API: JSON under `/api/v1`, for the command line, pages and bots.
//!
//! Reads are open. What signs with the node's device needs the token of the data folder; entries that somebody
//! signed already may be posted by anyone, under the limits of a peer.
//!
//! Bounds: [`crate::limit::http`]; lists have pages.

mod api;
mod context;
mod drain;
mod error;
mod events;
mod feed;
mod guard;
mod ical;
mod ids;
mod input;
mod listen;
mod load;
mod log;
mod looked;
mod metrics;
mod openapi;
mod pages;
mod query;
mod session;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};

use althing_protocol::hash::{Hash, Id};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use futures::future::{BoxFuture, FutureExt as _};
use libp2p::Multiaddr;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::context::Context;
use crate::files::Files;
use crate::ingest::{Ingest, Unsigned};
use crate::limit::http::HEAD_TIME;
use crate::store::log::Signed;

pub use self::api::import::{BATCH, BATCH_BYTES};
pub(crate) use self::session::COPY;

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
    /// The files that peers give and are given; none keeps them here alone.
    pub files: Option<Files>,
    /// Signs a committee's log, with a cut if asked for, and gathers cosignatures.
    pub checkpoint: Checkpoint,
}

/// See [`Network::checkpoint`].
pub type Checkpoint = Arc<dyn Fn(Ingest, Id, bool) -> BoxFuture<'static, Result<Signed, Unsigned>> + Send + Sync>;

impl Network {
    /// No network: for tests and for a node that runs alone.
    #[must_use]
    pub fn none(peer: String) -> Self {
        Self {
            peer,
            files: None,
            addresses: Arc::new(Vec::new),
            peers: Arc::new(Vec::new),
            dial: Arc::new(|_| true),
            checkpoint: Arc::new(|ingest, id, cut| async move { ingest.checkpoint(id, cut).await }.boxed()),
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
    context: Arc<Context>,
    task: JoinHandle<()>,
    search: Option<JoinHandle<()>>,
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

    /// A link that lets one browser act in the owner's name. It works once.
    #[must_use]
    pub fn link(&self) -> String {
        self.context.link()
    }

    /// Takes no more requests and waits a moment for those under way.
    pub async fn stop(mut self) {
        self.context.closing.send_replace(true);
        let grace = tokio::time::sleep(guard::GRACE);
        tokio::select! {
            _ = &mut self.task => {}
            () = grace => self.task.abort(),
        }
        // It writes down what it took in, and lets go of the store.
        if let Some(search) = self.search {
            drop(tokio::time::timeout(guard::GRACE, search).await);
        }
    }
}

/// The page that checks proofs, as it lies in every bundle.
#[must_use]
pub fn verifier() -> &'static str {
    query::proof::PAGE
}

/// Starts serving. Whoever asks for an address that is not loopback opens reads to that network.
///
/// # Errors
/// [`Error::Listen`].
pub async fn start(ingest: Ingest, network: Network, addr: SocketAddr) -> Result<Server, Error> {
    let failed = |why| Error::Listen { addr, why };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    let context = Arc::new(Context::new(ingest, network, addr));
    let closing = || context.closing.subscribe();
    let commands = context.filling.lock().unwrap_or_else(PoisonError::into_inner).take();
    let search = commands.map(|commands| context.search.run(context.ingest.clone(), commands, closing()));
    let service = router(&context).with_state(Arc::clone(&context));
    let serve = listen::serve(listener, service, closing(), HEAD_TIME);
    let task = tokio::spawn(serve);
    Ok(Server {
        addr,
        context,
        task,
        search,
    })
}

fn router(context: &Arc<Context>) -> Router<Arc<Context>> {
    Router::new()
        .nest("/api/v1", api::router(context))
        .merge(pages::router())
        .merge(feed::router())
        .merge(ical::router())
        .merge(log::router())
        .route("/metrics", get(metrics::metrics))
        .route("/healthz", get(metrics::health))
        .fallback(guard::no_such_path)
        .layer(DefaultBodyLimit::max(guard::BODY))
        .layer(middleware::from_fn(guard::bounded))
        .layer(middleware::from_fn(guard::host))
        .layer(middleware::from_fn(guard::headers))
        .layer(middleware::from_fn(drain::drained))
        .layer(middleware::from_fn_with_state(Arc::clone(context), metrics::counted))
}

#[cfg(test)]
mod tests;
