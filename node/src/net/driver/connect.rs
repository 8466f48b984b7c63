//! Connections: who is there, who is tried, who is shut out.

use std::time::{Duration, Instant};

use libp2p::core::ConnectedPoint;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId, gossipsub, identify, ping, request_response};

use super::super::behaviour::BehaviourEvent;
use super::super::penalty::Offence;
use super::super::rate::Bucket;
use super::super::tier::Tier;
use super::super::{book, limit};
use super::{Driver, Peer};
use crate::clock;

impl Driver {
    pub(super) fn connection_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => self.connected(peer_id, &endpoint),
            SwarmEvent::ConnectionClosed {
                peer_id,
                num_established: 0,
                cause,
                ..
            } => {
                tracing::debug!(peer = %peer_id, ?cause, "disconnected");
                self.disconnected(peer_id);
            }
            SwarmEvent::OutgoingConnectionError {
                peer_id: Some(peer),
                error,
                ..
            } => {
                tracing::debug!(%peer, %error, "cannot connect");
                if !self.peers.contains_key(&peer) {
                    self.book
                        .lost(&peer, u64::from_le_bytes(clock::random()), Instant::now());
                }
            }
            SwarmEvent::NewListenAddr { address, .. } => tracing::info!(%address, "listening"),
            SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "a listener"),
            SwarmEvent::ListenerClosed { addresses, reason, .. } => {
                tracing::error!(?addresses, ?reason, "no longer listening");
            }
            _ => {}
        }
    }

    fn connected(&mut self, id: PeerId, endpoint: &ConnectedPoint) {
        let now = Instant::now();
        let address = endpoint.get_remote_address().clone();
        if endpoint.is_dialer() {
            let bare = without_peer(&address);
            let named = self.nameless.remove(&bare).is_some();
            self.book.add(id, address.clone(), named, now);
        }
        self.book.met(&id, clock::now_ms());
        self.peers.entry(id).or_insert_with(|| Peer {
            address,
            since: clock::now_ms(),
            outbound: endpoint.is_dialer(),
            heard: now,
            follows: std::collections::BTreeSet::new(),
            tier: Tier::Stranger,
            requests: Bucket::new(Tier::Stranger.asks(), now),
            messages: Bucket::new(limit::GOSSIP_PEER, now),
            answering: 0,
            card: None,
            stands: false,
            acquainted: None,
            questions: Bucket::new(limit::QUESTIONS, now),
            cosigns: Bucket::new(limit::COSIGN, now),
            chunks: super::files::Share::new(now),
        });
        self.tell_score(&id);
    }

    fn disconnected(&mut self, id: PeerId) {
        let now = Instant::now();
        self.peers.remove(&id);
        self.pairs.gone(id, now);
        self.book.lost(&id, u64::from_le_bytes(clock::random()), now);
    }

    /// Closes connections to peers that are silent although they are asked for a sign of life every [`limit::PING`].
    pub(super) fn hang_up(&mut self, elapsed: Duration, now: Instant) {
        // This node slept, and did not listen either.
        if elapsed > limit::PING {
            self.peers.values_mut().for_each(|peer| peer.heard = now);
        }
        let silent = self.peers.iter().filter(|(_, peer)| now >= peer.heard + limit::SILENT);
        for peer in silent.map(|(id, _)| *id).collect::<Vec<_>>() {
            tracing::debug!(%peer, "silent");
            if self.swarm.disconnect_peer_id(peer).is_err() {
                tracing::debug!(%peer, "gone by itself");
            }
        }
    }

    /// A peer says where it listens: worth remembering, if it can be true.
    pub(super) fn identified(&mut self, event: identify::Event) {
        let identify::Event::Received { peer_id, info, .. } = event else {
            return;
        };
        let Some(peer) = self.peers.get(&peer_id) else { return };
        let met = peer.address.clone();
        for address in info.listen_addrs.into_iter().take(limit::ADDRESSES) {
            if book::plausible(&address, &met) {
                self.book.add(peer_id, address, false, Instant::now());
            }
        }
        self.save_due(Instant::now());
    }

    /// The owner named an address: it is tried at once and not forgotten.
    pub(super) fn named(&mut self, address: Multiaddr) {
        let now = Instant::now();
        match book::peer_of(&address) {
            Some(peer) if peer == *self.swarm.local_peer_id() => {}
            Some(peer) => {
                self.book.add(peer, address, true, now);
                self.book.now(&peer, now);
                self.chosen = None;
                // Whatever the owner said survives a crash right after.
                self.save();
            }
            None if self.nameless.len() < limit::NAMELESS => {
                self.nameless.insert(address, (0, now));
            }
            None => tracing::warn!(%address, "too many addresses without a peer's name; this one is not tried"),
        }
        self.dial_due(now);
    }

    /// Tries addresses of which it is not known whose they are.
    pub(super) fn dial_nameless(&mut self, now: Instant) {
        for (address, (failures, next)) in &mut self.nameless {
            if *next > now {
                continue;
            }
            let wait = limit::REDIAL
                .saturating_mul(2_u32.saturating_pow((*failures).min(10)))
                .min(limit::REDIAL_MOST);
            (*failures, *next) = (failures.saturating_add(1), now + wait);
            if let Err(error) = self.swarm.dial(address.clone()) {
                tracing::debug!(%address, %error, "cannot dial");
            }
        }
    }

    /// Charges a peer for what it did; at the limit it is shut out for a while.
    pub(super) fn charge(&mut self, peer: PeerId, offence: Offence) {
        let Some(ban) = self.accounts.entry(peer).or_default().charge(offence) else {
            self.tell_score(&peer);
            return;
        };
        tracing::warn!(%peer, ?offence, seconds = ban.as_secs(), "a peer misbehaves and is shut out");
        if self.bans.len() >= limit::BANS {
            let first = self.bans.iter().min_by_key(|(_, until)| **until).map(|(peer, _)| *peer);
            if let Some(first) = first {
                self.bans.remove(&first);
                self.swarm.behaviour_mut().banned.unblock_peer(first);
            }
        }
        self.bans.insert(peer, Instant::now() + ban);
        // Closes its connections, too.
        self.swarm.behaviour_mut().banned.block_peer(peer);
    }

    /// Time heals: points fade, bans end, clear accounts are forgotten.
    pub(super) fn forgive(&mut self, elapsed: Duration, now: Instant) {
        for peer in self.bans.extract_if(.., |_, until| now >= *until).map(|(peer, _)| peer) {
            self.swarm.behaviour_mut().banned.unblock_peer(peer);
        }
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        let (bans, peers) = (&self.bans, &self.peers);
        self.accounts.retain(|peer, account| {
            account.rest(elapsed);
            gossip.set_application_score(peer, account.score());
            !account.is_clear() || bans.contains_key(peer)
        });
        while self.accounts.len() > limit::BANS {
            let forgettable = |peer: &&PeerId| !bans.contains_key(*peer) && !peers.contains_key(*peer);
            let Some(peer) = self.accounts.keys().find(forgettable).copied() else {
                break;
            };
            self.accounts.remove(&peer);
        }
    }

    fn tell_score(&mut self, peer: &PeerId) {
        let score = self.accounts.get(peer).map_or(0.0, |account| account.score());
        self.swarm.behaviour_mut().gossip.set_application_score(peer, score);
    }
}

/// The peer that something came from.
pub(super) fn heard(event: &SwarmEvent<BehaviourEvent>) -> Option<&PeerId> {
    match event {
        SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
            peer, result: Ok(_), ..
        }))
        | SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::Message { peer, .. }))
        | SwarmEvent::Behaviour(BehaviourEvent::Peers(request_response::Event::Message { peer, .. }))
        | SwarmEvent::Behaviour(BehaviourEvent::Witness(request_response::Event::Message { peer, .. }))
        | SwarmEvent::Behaviour(BehaviourEvent::Files(request_response::Event::Message { peer, .. }))
        | SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
            propagation_source: peer,
            ..
        })) => Some(peer),
        SwarmEvent::ConnectionEstablished { peer_id, .. } => Some(peer_id),
        _ => None,
    }
}

/// An address without the peer at its end.
fn without_peer(address: &Multiaddr) -> Multiaddr {
    address
        .iter()
        .filter(|part| !matches!(part, libp2p::multiaddr::Protocol::P2p(_)))
        .collect()
}
