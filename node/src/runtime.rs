//! Starts and stops the parts of a running node.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use libp2p::Multiaddr;
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};

use crate::fetch;
use crate::files::{self, Files};
use crate::home::{self, Home};
use crate::http::{self, Network, Peer};
use crate::ingest::{Ingest, Stopped};
use crate::invitation::Invitation;
use crate::limit;
use crate::net::{self, Net};
use crate::orders;
use crate::store::{self, Bodies, Options, Store};
use crate::witness::Witnesses;

/// How long the network part may take to say goodbye.
const GRACE: Duration = Duration::from_secs(5);

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
    /// Connections that one IP address may have, see [`net::Config`].
    pub per_address: Option<u32>,
    /// How much room files may take.
    pub files: files::Limits,
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
    /// A link that lets one browser act in the owner's name. It works once.
    pub link: String,
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
    Api(#[from] http::Error),
    /// A write failed while the node ran.
    #[error("the node stopped because it could not write: {0}")]
    Write(Arc<store::Error>),
    /// A bug.
    #[error("the writer's thread ended in the middle; nothing that was acknowledged is lost. Please report it")]
    Panicked,
    /// The door closed.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The network.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// The system.
    #[error("cannot start: {0}")]
    System(#[from] std::io::Error),
}

/// Runs a node until Ctrl-C, SIGTERM, or a write that fails. `ready` is called once when it serves.
///
/// # Errors
/// [`enum@Error`].
pub fn run(options: RunOptions, ready: impl FnOnce(&Ready)) -> Result<(), Error> {
    let home = Arc::new(Home::open(&options.data)?);
    let _lock = home.lock()?;
    let store = Store::open(&home.store_dir(), Options::default())?;
    let state = store.load_state(limit::state(home.identity()))?;
    let (ingest, writer) = Ingest::start(store, state, Arc::clone(&home))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(&options, &ingest, &home, ready));
    ingest.stop_blocking();
    runtime.shutdown_timeout(GRACE);
    let written = writer.join().map_err(|_| Error::Panicked)?;
    served?;
    written.map_err(Error::Write)
}

async fn serve(options: &RunOptions, ingest: &Ingest, home: &Home, ready: impl FnOnce(&Ready)) -> Result<(), Error> {
    // Before it serves: whoever sees the line `ready` may send the signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut bootstrap = options.bootstrap.clone();
    let came_along = home.invitations();
    let came_along = came_along.iter().filter_map(|link| link.parse::<Invitation>().ok());
    for invitation in came_along.chain(options.follow.iter().cloned()) {
        if ingest.bodies_of(&invitation.committee).is_none() {
            ingest.follow(invitation.committee, Bodies::All).await?;
        }
        bootstrap.extend_from_slice(&invitation.peers);
    }
    let files = Files::open(home.files_dir(), ingest.clone(), options.files);
    let config = net::Config {
        files: Some(files.clone()),
        listen: options.listen.clone(),
        bootstrap,
        per_address: options.per_address,
    };
    let (net, network) = net::start(ingest.clone(), config).await?;
    let witnesses = Witnesses::new(ingest.clone(), net.clone());
    let server = http::start(ingest.clone(), seen_by_api(&net, &witnesses, &files), options.api).await?;
    home.note_api(&server.url())?;
    let signing = tokio::spawn(witnesses.run());
    let fetching = tokio::spawn(fetch::run(files, net.clone()));
    let mut orders = tokio::spawn(orders::run(ingest.clone()));
    let peer = net
        .listen_addrs()
        .first()
        .map_or_else(|| format!("/p2p/{}", net.peer_id()), ToString::to_string);
    ready(&Ready {
        api: server.url(),
        peer,
        link: server.link(),
    });
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        // Ends by itself only when the door closes, which a write that failed does.
        _ = &mut orders => {}
    }
    orders.abort();
    signing.abort();
    fetching.abort();
    server.stop().await;
    net.stop();
    if tokio::time::timeout(GRACE, network).await.is_err() {
        tracing::warn!("the network part did not stop in time");
    }
    Ok(())
}

/// What the API is told of the network: the two parts never see each other.
fn seen_by_api(net: &Net, witnesses: &Witnesses, files: &Files) -> Network {
    let witnesses = witnesses.clone();
    let (addresses, peers, dial) = (net.clone(), net.clone(), net.clone());
    let peer = |peer: net::PeerInfo| Peer {
        peer: peer.peer.to_string(),
        address: peer.address.to_string(),
        since: peer.since,
        committees: peer.committees,
    };
    Network {
        files: Some(files.clone()),
        peer: net.peer_id().to_string(),
        addresses: Arc::new(move || addresses.listen_addrs()),
        peers: Arc::new(move || peers.peers().into_iter().map(peer).collect()),
        dial: Arc::new(move |address| dial.dial(address)),
        checkpoint: Arc::new(move |_, committee, cut| {
            let witnesses = witnesses.clone();
            async move { witnesses.checkpoint(committee, cut).await }.boxed()
        }),
    }
}
