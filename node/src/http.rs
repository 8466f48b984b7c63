//! The HTTP API: JSON under `/api/v1`, for the command line, pages and bots.
//!
//! Reads are open. What signs with the node's device needs the token of the data folder; entries that somebody
//! signed already may be posted by anyone, under the limits of a peer.
//!
//! Bounds: [`listen::CONNECTIONS`] connections that may be silent for [`listen::SILENCE`]; a request has
//! [`guard::TIME`] and [`guard::BODY`]; [`context::READERS`] requests read the store at a time; lists have pages.

mod api;
mod context;
mod error;
mod events;
mod guard;
mod ids;
mod input;
mod listen;
mod load;
mod looked;
mod pages;
mod query;
mod session;

use std::net::SocketAddr;
use std::sync::Arc;

use althing_protocol::hash::{Hash, Id};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use libp2p::Multiaddr;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::context::Context;
use crate::ingest::Ingest;

pub use self::api::import::{BATCH, BATCH_BYTES};

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
    context: Arc<Context>,
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

    /// A link that lets one browser act in the owner's name. It works once.
    #[must_use]
    pub fn link(&self) -> String {
        self.context.link()
    }

    /// Takes no more requests and waits a moment for those under way.
    pub async fn stop(mut self) {
        self.context.closing.send_replace(true);
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
    let context = Arc::new(Context::new(ingest, network, addr));
    let service = router(Arc::clone(&context)).into_make_service_with_connect_info::<listen::Remote>();
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = axum::serve(listen::Bounded::new(listener), service).with_graceful_shutdown(async move {
        // Sent never, dropped once: either way it is time.
        drop(stopped.await);
    });
    let task = tokio::spawn(async move { serve.await });
    Ok(Server {
        addr,
        context,
        stop: Some(stop),
        task,
    })
}

fn router(context: Arc<Context>) -> Router {
    Router::new()
        .nest("/api/v1", api::router(&context))
        .merge(pages::router())
        .fallback(guard::no_such_path)
        .layer(DefaultBodyLimit::max(guard::BODY))
        .layer(middleware::from_fn(guard::bounded))
        .layer(middleware::from_fn(guard::host))
        .layer(middleware::from_fn(guard::headers))
        .with_state(context)
}

#[cfg(test)]
mod tests;
