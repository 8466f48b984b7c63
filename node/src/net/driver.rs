//! The one task that owns the swarm. It waits for nothing but events: verifying, storing and reading happen in tasks
//! that report back over a bounded channel.

mod acquaint;
mod choose;
mod connect;
mod cosign;
mod exchange;
mod files;
mod relay;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use althing_protocol::hash::{Hash, Id};
use futures::StreamExt as _;
use hashbrown::HashMap;
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use libp2p::request_response::{InboundRequestId, OutboundRequestId, ResponseChannel};
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId, Swarm};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

pub(super) use self::cosign::Cosign;
pub use self::files::Got;
pub(super) use self::files::Wanted;
use self::files::{Filing, Served as Filed};

use super::behaviour::{Behaviour, BehaviourEvent};
use super::book::Book;
use super::card::Card;
use super::judge::Message;
use super::pairs::Pairs;
use super::penalty::{Account, Offence};
use super::rate::{Bucket, Buckets};
use super::replica::Node;
use super::serve::Served;
use super::session::{Ended, Question};
use super::tier::Tier;
use super::{PeerInfo, limit};
use crate::clock;
use crate::witness::Answer;

/// What others tell the driver.
#[derive(Debug)]
pub(super) enum Event {
    /// The owner wrote this.
    Publish { committee: Id, wire: Vec<u8> },
    /// Peers should compare.
    Changed { committee: Id },
    /// A committee is followed.
    Follow { committee: Id },
    /// This peer has what something here lacks.
    Fetch { peer: PeerId, committee: Id },
    /// What to do about a gossiped message.
    Verdict {
        peer: PeerId,
        name: MessageId,
        acceptance: MessageAcceptance,
    },
    /// A peer did what costs it.
    Offence { peer: PeerId, offence: Offence },
    /// An answer for a peer is ready.
    Served {
        peer: PeerId,
        channel: ResponseChannel<Vec<u8>>,
        served: Served,
    },
    /// What is answered to a request for a chunk.
    Filed {
        peer: PeerId,
        channel: ResponseChannel<Vec<u8>>,
        filed: Filed,
    },
    /// An answer to a request for a cosignature; none if there is none.
    Witnessed {
        channel: ResponseChannel<Vec<u8>>,
        answer: Option<Answer>,
    },
}

/// Both ends of the channels that lead to the driver, and those that lead away.
pub(super) struct Wires {
    pub(super) events: (mpsc::Sender<Event>, mpsc::Receiver<Event>),
    pub(super) messages: mpsc::Sender<Message>,
    /// Requests for cosignatures.
    pub(super) cosigns: mpsc::Receiver<Cosign>,
    /// Chunks of files that this node wants.
    pub(super) chunks: mpsc::Receiver<Wanted>,
    /// Addresses that the owner named.
    pub(super) dials: mpsc::Receiver<Multiaddr>,
    /// Who is connected, for the owner.
    pub(super) shown: watch::Sender<Vec<PeerInfo>>,
    /// Changes when the node stops.
    pub(super) stop: watch::Receiver<bool>,
}

pub(super) struct Driver {
    node: Arc<Node>,
    swarm: Swarm<Behaviour>,
    wires: Wires,
    questions: (mpsc::Sender<Question>, mpsc::Receiver<Question>),
    sessions: JoinSet<(PeerId, Id, Option<Ended>)>,
    pairs: Pairs,
    peers: BTreeMap<PeerId, Peer>,
    followed: BTreeSet<Id>,
    book: Book,
    book_path: PathBuf,
    saved: Option<Instant>,
    /// Addresses that the owner named without a peer, until they lead to one.
    nameless: BTreeMap<Multiaddr, (u32, Instant)>,
    accounts: BTreeMap<PeerId, Account>,
    bans: BTreeMap<PeerId, Instant>,
    ticked: Instant,
    /// When it was last looked up whose the peers are.
    standing: Option<Instant>,
    /// When it was last chosen whom to call.
    chosen: Option<Instant>,
    asking: HashMap<OutboundRequestId, oneshot::Sender<Vec<u8>>>,
    /// The same for requests for cosignatures.
    cosigning: HashMap<OutboundRequestId, oneshot::Sender<Vec<u8>>>,
    /// Those of peers that are being answered.
    witnessing: usize,
    /// Chunks of files, asked for and given.
    filing: Filing,
    /// Requests until their answer is sent, and whether a stranger asked.
    answering: HashMap<InboundRequestId, (PeerId, bool)>,
    /// Of these, how many strangers asked.
    strangers: usize,
    /// What the peers of one identity ask together.
    identities: Buckets<Id>,
    publishing: VecDeque<(Id, Vec<u8>)>,
    publish_rate: Bucket,
    /// Messages with the judge or held, by the peer that relayed them.
    judging: HashMap<PeerId, usize>,
}

/// A connected peer.
struct Peer {
    address: Multiaddr,
    /// Milliseconds since 1970.
    since: u64,
    outbound: bool,
    /// When anything came from it.
    heard: Instant,
    /// The committees that it says it follows; at most [`limit::TOPICS`], which gossip sees to.
    follows: BTreeSet<Id>,
    /// Who it proved to belong to.
    tier: Tier,
    requests: Bucket,
    messages: Bucket,
    answering: usize,
    /// Whose it says it is: a card that was made for this peer.
    card: Option<Card>,
    /// Whether the identity on it agrees. Anybody can write any identity on a card, so nothing else counts.
    stands: bool,
    /// When it was asked last whose it is and whom it knows.
    acquainted: Option<Instant>,
    /// How often it may ask that.
    questions: Bucket,
    /// How often it may ask for a cosignature.
    cosigns: Bucket,
    /// How often it may ask for a chunk of a file, and how many it is given.
    chunks: files::Share,
}

impl Peer {
    /// The identity to which it belongs.
    fn identity(&self) -> Option<Id> {
        self.card.as_ref().filter(|_| self.stands).map(|card| card.identity)
    }
}

impl Driver {
    pub(super) fn new(node: Arc<Node>, swarm: Swarm<Behaviour>, wires: Wires, book_path: PathBuf) -> Self {
        let now = Instant::now();
        let mut driver = Self {
            swarm,
            wires,
            questions: mpsc::channel(limit::SESSIONS),
            sessions: JoinSet::new(),
            pairs: Pairs::default(),
            peers: BTreeMap::new(),
            followed: BTreeSet::new(),
            book: Book::load(&book_path, now),
            book_path,
            saved: None,
            nameless: BTreeMap::new(),
            accounts: BTreeMap::new(),
            bans: BTreeMap::new(),
            ticked: now,
            standing: None,
            chosen: None,
            asking: HashMap::new(),
            cosigning: HashMap::new(),
            witnessing: 0,
            filing: Filing::new(now),
            answering: HashMap::new(),
            publishing: VecDeque::new(),
            publish_rate: Bucket::new(limit::PUBLISH, now),
            judging: HashMap::new(),
            strangers: 0,
            identities: Buckets::new(limit::BUCKETS),
            node,
        };
        let followed: Vec<Id> = driver.node.ingest.read(|state| state.followed().collect());
        for committee in followed {
            driver.follow(committee);
        }
        driver
    }

    /// Until the node stops.
    pub(super) async fn run(mut self) {
        let mut tick = tokio::time::interval(limit::TICK);
        let mut stop = self.wires.stop.clone();
        loop {
            tokio::select! {
                // An error means that nobody holds a handle any more.
                _ = stop.changed() => break,
                event = self.swarm.select_next_some() => self.swarm_event(event),
                Some(event) = self.wires.events.1.recv() => self.event(event),
                Some(address) = self.wires.dials.recv() => self.named(address),
                Some(question) = self.questions.1.recv() => self.ask(question),
                Some(cosign) = self.wires.cosigns.recv() => self.ask_witness(cosign),
                Some(wanted) = self.wires.chunks.recv() => self.ask_file(wanted),
                Some(ended) = self.sessions.join_next() => {
                    if let Ok((peer, committee, ended)) = ended {
                        let spread = u64::from_le_bytes(clock::random());
                        self.pairs.ended(peer, committee, ended, spread, Instant::now());
                    }
                    self.begin_sessions();
                },
                _ = tick.tick() => self.tick(),
            }
        }
        self.save();
    }

    fn event(&mut self, event: Event) {
        let now = Instant::now();
        match event {
            Event::Publish { committee, wire } => self.queue(committee, wire),
            Event::Changed { committee } => self.pairs.changed(&committee, now),
            Event::Follow { committee } => self.follow(committee),
            Event::Fetch { peer, committee } => {
                self.pairs.hurry(peer, committee, now);
                self.begin_sessions();
            }
            Event::Verdict { peer, name, acceptance } => self.judged(&peer, &name, acceptance),
            Event::Offence { peer, offence } => self.charge(peer, offence),
            Event::Served { peer, channel, served } => self.served(peer, channel, served),
            Event::Filed { peer, channel, filed } => self.filed(peer, channel, filed),
            Event::Witnessed { channel, answer } => self.witnessed(channel, answer),
        }
    }

    fn swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        if let Some(peer) = connect::heard(&event).and_then(|id| self.peers.get_mut(id)) {
            peer.heard = Instant::now();
        }
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(event)) => self.gossip_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Sync(event)) => self.sync_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Peers(event)) => self.peers_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Witness(event)) => self.witness_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Files(event)) => self.files_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Identify(event)) => self.identified(event),
            SwarmEvent::Behaviour(_) => {}
            other => self.connection_event(other),
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(std::mem::replace(&mut self.ticked, now));
        self.forgive(elapsed, now);
        self.look_up(now);
        for peer in self.peers.keys().copied().collect::<Vec<_>>() {
            self.acquaint(peer, now);
        }
        self.hang_up(elapsed, now);
        self.let_go(now);
        self.dial_due(now);
        self.publish_queued(now);
        self.begin_sessions();
        self.save_due(now);
        self.show();
    }

    /// Writes the book down unless that was done a moment ago: a new peer survives a crash right after, and many new
    /// peers cost one write each [`limit::SAVE`].
    fn save_due(&mut self, now: Instant) {
        if self.saved.is_none_or(|saved| now >= saved + limit::SAVE) && self.book.changed() {
            self.saved = Some(now);
            self.save();
        }
    }

    /// Writes the book of peers down if it changed: small, and seldom.
    fn save(&mut self) {
        if let Err(why) = tokio::task::block_in_place(|| self.book.save(&self.book_path)) {
            tracing::warn!(%why, path = %self.book_path.display(), "the list of known peers cannot be written");
        }
    }

    /// Shows the owner who is connected.
    fn show(&self) {
        let info = |(id, peer): (&PeerId, &Peer)| PeerInfo {
            peer: *id,
            address: peer.address.clone(),
            since: peer.since,
            outbound: peer.outbound,
            identity: peer.identity(),
            committees: self.pairs.of(id).collect::<Vec<(Id, Option<Hash>)>>(),
        };
        let peers: Vec<PeerInfo> = self.peers.iter().map(info).collect();
        self.wires.shown.send_if_modified(|shown| {
            let changed = *shown != peers;
            *shown = peers;
            changed
        });
    }
}
