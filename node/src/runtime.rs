//! Starts and stops the parts of a running node.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use althing_protocol::state::Limits;
use libp2p::Multiaddr;
use libp2p::identity::Keypair;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

use crate::api::{self, Invitation, Network};
use crate::home::{self, Home};
use crate::ingest::{Ingest, Stopped};
use crate::orders;
use crate::store::{self, Bodies, Options, Store};

/// What a node is to do.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen for peers.
    pub listen: Vec<Multiaddr>,
    /// Where to serve the API.
    pub api: SocketAddr,
    /// Peers to call first.
    pub bootstrap: Vec<Multiaddr>,
    /// Committees to follow, and where to find somebody who does.
    pub follow: Vec<Invitation>,
}

/// Where a node that serves is reached.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The API's URL.
    pub api: String,
    /// An address for peers, with the peer id.
    pub peer: String,
}

/// Why a node does not start, or stopped by itself.
#[derive(Debug, Error)]
pub enum Error {
    /// The data folder.
    #[error(transparent)]
    Home(#[from] home::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The API.
    #[error(transparent)]
    Api(#[from] api::Error),
    /// A write failed while the node ran.
    #[error("the node stopped because it could not write: {0}")]
    Write(Arc<store::Error>),
    /// A bug.
    #[error("the writer's thread ended in the middle; nothing that was acknowledged is lost. Please report it")]
    Panicked,
    /// The door closed.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The key for peers.
    #[error("the libp2p key in the data folder is damaged")]
    Key,
    /// The system.
    #[error("cannot start: {0}")]
    System(#[from] std::io::Error),
}

/// Runs a node until Ctrl-C, SIGTERM, or a write that fails. `ready` is called once when it serves.
///
/// # Errors
/// [`Error`].
pub fn run(options: RunOptions, ready: impl FnOnce(&Ready)) -> Result<(), Error> {
    let home = Arc::new(Home::open(&options.data)?);
    let _lock = home.lock()?;
    let store = Store::open(&home.store_dir(), Options::default())?;
    let state = store.load_state(Limits::default())?;
    let (ingest, writer) = Ingest::start(store, state, Arc::clone(&home))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(&options, &ingest, &home, ready));
    ingest.stop_blocking();
    drop(runtime);
    let written = writer.join().map_err(|_| Error::Panicked)?;
    served?;
    written.map_err(Error::Write)
}

async fn serve(options: &RunOptions, ingest: &Ingest, home: &Home, ready: impl FnOnce(&Ready)) -> Result<(), Error> {
    let keys = Keypair::ed25519_from_bytes(home.libp2p_seed()).map_err(|_| Error::Key)?;
    let peer = keys.public().to_peer_id().to_string();
    for invitation in &options.follow {
        if ingest.bodies_of(&invitation.committee).is_none() {
            ingest.follow(invitation.committee, Bodies::All).await?;
        }
    }
    let server = api::start(ingest.clone(), Network::none(peer.clone()), options.api).await?;
    home.note_api(&server.url())?;
    let orders = tokio::spawn(orders::run(ingest.clone()));
    ready(&Ready {
        api: server.url(),
        peer: format!("/p2p/{peer}"),
    });
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        // Ends by itself only when the door closes.
        _ = orders => {}
    }
    server.stop().await;
    Ok(())
}
