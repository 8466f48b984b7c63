//! libp2p: gossip and sync between nodes.
//!
//! ```text
//! swarm ─▶ driver ─▶ judge ──▶ ingest ──▶ herald ─▶ driver        gossip: what is new goes on, to and from us
//!             │└──▶ session ─▶ ingest                             sync: what this node lacks, asked for
//!             ├───▶ serve ───▶ state and store                    sync: what peers lack, answered
//!             └───▶ files                                         chunks of files, asked for and answered
//! ```
//!
//! Invariant: whatever a peer sends costs a bounded amount of time and memory, and reaches the node only through
//! ingest. One task owns the swarm; whatever takes long (verifying, storing, reading) happens elsewhere. Bounds are
//! in one file, [`crate::limit`]; penalties in another, `penalty.rs`.

mod behaviour;
mod book;
mod card;
mod codec;
mod crowding;
mod driver;
mod floor;
mod generation;
mod gossip;
mod herald;
mod judge;
mod pairs;
mod penalty;
mod rate;
mod replica;
mod serve;
mod session;
mod tier;
mod tried;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use althing_protocol::file::Request;
use althing_protocol::hash::{Hash, Id, sha256};
use althing_protocol::state::Outcome;
use althing_protocol::waiting::Source;
use futures::StreamExt as _;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::SwarmEvent;
use libp2p::{Swarm, TransportError};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use self::behaviour::Behaviour;
pub use self::driver::Got;
use self::driver::{Cosign, Driver, Wanted, Wires};
use self::floor::Floors;
use self::herald::Herald;
use self::penalty::Offence;
use self::replica::Node;
use crate::files::Files;
use crate::ingest::{Accepted, Ingest, Landed, Origin, Reject};
use crate::limit;

pub use libp2p::{Multiaddr, PeerId};

/// Where to listen and whom to call.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Addresses to listen on; port 0 picks one. None listens on loopback over TCP and QUIC.
    pub listen: Vec<Multiaddr>,
    /// Peers to connect to, again and again.
    pub bootstrap: Vec<Multiaddr>,
    /// Connections that one IP address may have. None grants the default, and any number to loopback.
    pub per_address: Option<u32>,
    /// The files that peers may have. None gives none.
    pub files: Option<Files>,
}

/// Why the network part does not start.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes of the libp2p key are none.
    #[error("the libp2p key in the data folder is damaged; move the folder away and run `althing init`")]
    Key,
    /// libp2p refuses our settings.
    #[error("libp2p cannot be set up: {why}")]
    Setup {
        /// What it says.
        why: String,
    },
    /// An address that this node cannot listen on.
    #[error("cannot listen on {address}: {why}; give another --listen")]
    Listen {
        /// The address.
        address: Multiaddr,
        /// Why.
        why: TransportError<io::Error>,
    },
    /// Listening did not begin.
    #[error("cannot listen on {0}: it is in use or not an address of this machine; give another --listen")]
    Listening(String),
    /// A file in the data folder.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A handle of the network part. Clones are handles of the same one; it stops with the last.
#[derive(Debug, Clone)]
pub struct Net {
    peer: PeerId,
    addresses: Arc<[Multiaddr]>,
    dials: mpsc::Sender<Multiaddr>,
    cosigns: mpsc::Sender<Cosign>,
    chunks: mpsc::Sender<Wanted>,
    peers: watch::Receiver<Vec<PeerInfo>>,
    stop: Arc<watch::Sender<bool>>,
}

/// A connected peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its name.
    pub peer: PeerId,
    /// Where it is.
    pub address: Multiaddr,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
    /// Whether this node called it.
    pub outbound: bool,
    /// The identity to which it showed that it belongs.
    pub identity: Option<Id>,
    /// Committees that both follow, with the digest that the peer last stated; none until it did.
    pub committees: Vec<(Id, Option<Hash>)>,
}

/// Where the peers that a data folder knows can be reached, with their ids, those met last first: for an invitation that
/// outlives this machine.
#[must_use]
pub fn known(data: &std::path::Path) -> Vec<Multiaddr> {
    book::Book::load(&data.join("peers"), std::time::Instant::now()).everybody()
}

/// Starts listening, gossip and sync. Must be called inside a tokio runtime with several threads, before anything
/// else writes through ingest. The handle ends when the network part has stopped.
///
/// # Errors
/// Says what cannot be listened on, or what is wrong in the data folder.
pub async fn start(ingest: Ingest, config: Config) -> Result<(Net, JoinHandle<()>), Error> {
    let home = Arc::clone(ingest.home());
    let mut swarm = behaviour::swarm(home.libp2p_seed(), config.per_address)?;
    let addresses = listen(&mut swarm, config.listen).await?;
    let notices = ingest.notices();
    let node = Arc::new(Node {
        ingest,
        floors: Mutex::new(Floors::default()),
        generation: generation::of(&home.store_dir())?,
        files: config.files,
        begun: Instant::now(),
    });
    node.change_floors(|floors, state| *floors = Floors::of(state));
    let events = mpsc::channel(limit::EVENTS);
    let (dials, to_dial) = mpsc::channel(limit::DIALS_ASKED);
    let (cosigns, to_cosign) = mpsc::channel(limit::WITNESSING);
    let (chunks, to_ask) = mpsc::channel(limit::files::FETCHES);
    let (shown, peers) = watch::channel(Vec::new());
    let (stop, stopped) = watch::channel(false);
    let (messages, to_sort) = mpsc::channel(limit::JUDGING);
    let (holds, to_herald) = mpsc::channel(limit::JUDGING);
    let sender = events.0.clone();
    let peer = *swarm.local_peer_id();
    let wires = Wires {
        events,
        messages,
        dials: to_dial,
        cosigns: to_cosign,
        chunks: to_ask,
        shown,
        stop: stopped,
    };
    let driver = Driver::new(Arc::clone(&node), swarm, wires, home.dir().join("peers"));
    let judge = judge::start(&node, to_sort, &holds, &sender);
    let herald = tokio::spawn(Herald::new(node, sender).run(notices, to_herald));
    let task = tokio::spawn(async move {
        driver.run().await;
        drop(judge);
        herald.abort();
    });
    for address in config.bootstrap {
        // The driver takes them one by one; it is gone only when the node stops.
        drop(dials.send(address).await);
    }
    let net = Net {
        peer,
        addresses: addresses.into(),
        dials,
        cosigns,
        chunks,
        peers,
        stop: Arc::new(stop),
    };
    Ok((net, task))
}

impl Net {
    /// This node's name.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        self.peer
    }

    /// Where it listens, its name at the end of each.
    #[must_use]
    pub fn listen_addrs(&self) -> Vec<Multiaddr> {
        let named = |address: &Multiaddr| address.clone().with(Protocol::P2p(self.peer));
        self.addresses.iter().map(named).collect()
    }

    /// Who is connected: as of a moment ago.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.peers.borrow().clone()
    }

    /// Connects to an address, now and whenever the connection is lost. Returns at once; false if so many addresses
    /// were named just now that this one is not tried.
    pub fn dial(&self, address: Multiaddr) -> bool {
        self.dials.try_send(address).is_ok()
    }

    /// Asks a peer for a cosignature, as [`crate::witness`] writes it. None if it is not connected or does not answer.
    pub async fn ask_witness(&self, peer: PeerId, frame: Vec<u8>) -> Option<Vec<u8>> {
        let (answer, answered) = oneshot::channel();
        self.cosigns.send(Cosign { peer, frame, answer }).await.ok()?;
        answered.await.ok()
    }

    /// Asks a peer for a chunk of a file that must lead to `after`. What it gives is checked; a wrong chunk counts against it.
    pub async fn ask_file(&self, peer: PeerId, request: Request, after: Hash) -> Got {
        let (answer, answered) = oneshot::channel();
        let wanted = Wanted {
            peer,
            request,
            after,
            answer,
        };
        match self.chunks.send(wanted).await {
            Ok(()) => answered.await.unwrap_or(Got::Nothing),
            Err(_) => Got::Nothing,
        }
    }

    /// Ends the network part: the handle that [`start`] gave ends soon after.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

/// Listens, and waits until every listener has an address.
async fn listen(swarm: &mut Swarm<Behaviour>, wanted: Vec<Multiaddr>) -> Result<Vec<Multiaddr>, Error> {
    let wanted = if wanted.is_empty() {
        let ip = Multiaddr::empty().with(Protocol::Ip4(std::net::Ipv4Addr::LOCALHOST));
        let quic = ip.clone().with(Protocol::Udp(0)).with(Protocol::QuicV1);
        vec![ip.with(Protocol::Tcp(0)), quic]
    } else {
        wanted
    };
    let mut listeners = Vec::new();
    for address in wanted {
        let id = swarm.listen_on(address.clone()).map_err(|why| Error::Listen {
            address: address.clone(),
            why,
        })?;
        listeners.push((id, address, None));
    }
    let waiting = |listeners: &[(_, Multiaddr, Option<Multiaddr>)]| {
        listeners
            .iter()
            .find(|(_, _, at)| at.is_none())
            .map(|(_, wanted, _)| wanted.to_string())
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while let Some(missing) = waiting(&listeners) {
        let event = tokio::time::timeout_at(deadline, swarm.select_next_some()).await;
        match event.map_err(|_| Error::Listening(missing.clone()))? {
            SwarmEvent::NewListenAddr { listener_id, address } => {
                for (id, _, at) in &mut listeners {
                    if *id == listener_id && at.is_none() {
                        *at = Some(address.clone());
                    }
                }
            }
            SwarmEvent::ListenerClosed { .. } => return Err(Error::Listening(missing)),
            _ => {}
        }
    }
    Ok(listeners.into_iter().filter_map(|(_, _, at)| at).collect())
}

/// Numbers of peers as sources carry this bit, those that the API gives out do not.
const PEER: Source = 1 << 62;

/// As what a peer's entries come: always the same number for the same peer, so that leaving and coming back gives it
/// no new budget.
fn origin(peer: &PeerId) -> Origin {
    let hash = sha256(&[b"althing/peer/1\0", &peer.to_bytes()]);
    let number = hash.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    Origin::Peer(number >> 2 | PEER)
}

/// Whether a source is a peer.
fn is_peer(source: Source) -> bool {
    source & PEER != 0
}

/// What relaying this costs a peer, if anything.
fn offence(result: &Result<Accepted, Reject>) -> Option<Offence> {
    match result {
        Err(reject) if !reject.is_fault() => None,
        Err(Reject::Malformed(_)) => Some(Offence::Malformed),
        Err(Reject::Signature(_)) => Some(Offence::Signature),
        Ok(Accepted {
            outcome: Outcome::Rejected(_),
            ..
        }) => Some(Offence::Inadmissible),
        Ok(Accepted {
            body: Landed::Mismatch, ..
        }) => Some(Offence::WrongBody),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests;
