//! Peers show whose they are and tell each other of further peers.
//!
//! Asked is whoever follows a committee that this node follows, too, and told is only whoever does. What comes is
//! bounded: so many peers an answer, so many addresses each, so many peers of one identity in the book. A card that
//! is not for the peer beside it is an offence of whoever passed it on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use althing_protocol::codec;
use althing_protocol::hash::Id;
use libp2p::request_response::{self, Message};
use libp2p::{Multiaddr, PeerId};
use serde_bytes::ByteBuf;

use super::super::card::{Answer, Card, Other, Question};
use super::super::codec::Asked;
use super::super::penalty::Offence;
use super::super::tier::{self, Tier};
use super::super::{book, limit};
use super::Driver;

impl Driver {
    /// Asks a peer whose it is and whom it knows, unless that was done a while ago.
    pub(super) fn acquaint(&mut self, id: PeerId, now: Instant) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if peer.acquainted.is_some_and(|at| now < at + limit::ACQUAINT) || peer.follows.is_disjoint(&self.followed) {
            return;
        }
        peer.acquainted = Some(now);
        let Some(card) = self.card() else { return };
        let frame = Asked::Frame(codec::encode(&Question { card }));
        self.swarm.behaviour_mut().peers.send_request(&id, frame);
    }

    /// Whose this node is, to show to peers; made anew each time, because a recovered node is enrolled while it runs.
    fn card(&self) -> Option<Card> {
        Card::of(self.node.ingest.home(), self.swarm.local_peer_id())
    }

    pub(super) fn peers_event(&mut self, event: request_response::Event<Asked, Vec<u8>>) {
        let request_response::Event::Message { peer, message, .. } = event else {
            // Whoever does not answer is not known any better.
            return;
        };
        match message {
            Message::Request { request, channel, .. } => {
                let granted = self
                    .peers
                    .get_mut(&peer)
                    .is_some_and(|p| p.questions.take(Instant::now()));
                let question = match request {
                    _ if !granted => return self.charge(peer, Offence::Flood),
                    Asked::Frame(frame) => codec::decode::<Question>(&frame).ok(),
                    Asked::TooLong => None,
                    Asked::Endless => return self.charge(peer, Offence::Slow),
                };
                let Some(Question { card }) = question else {
                    return self.charge(peer, Offence::BadFrame);
                };
                self.shows(peer, card);
                let answer = codec::encode(&self.tell(&peer));
                // It may have left meanwhile.
                drop(self.swarm.behaviour_mut().peers.send_response(channel, answer));
            }
            Message::Response { response, .. } => match codec::decode::<Answer>(&response) {
                Ok(answer) if answer.peers.len() <= limit::TOLD => self.told(peer, answer),
                _ => self.charge(peer, Offence::BadFrame),
            },
        }
    }

    /// What a peer is told: one peer of each identity first, those with a role before others.
    fn tell(&self, asker: &PeerId) -> Answer {
        let Some(asking) = self.peers.get(asker) else {
            return Answer::default();
        };
        let common: BTreeSet<Id> = asking.follows.intersection(&self.followed).copied().collect();
        if common.is_empty() {
            return Answer::default();
        }
        let others = self
            .peers
            .iter()
            .filter(|(id, peer)| *id != asker && !peer.follows.is_disjoint(&common));
        let mut others: Vec<(&PeerId, &super::Peer)> = others.collect();
        others.sort_by_key(|(_, peer)| std::cmp::Reverse(peer.tier));
        let mut of: BTreeMap<Option<Id>, usize> = BTreeMap::new();
        let mut ranked: Vec<(usize, &PeerId, &super::Peer)> = Vec::new();
        for (id, peer) in others {
            let count = of.entry(peer.identity()).or_insert(0);
            ranked.push((*count, id, peer));
            *count += 1;
        }
        ranked.sort_by_key(|(nth, ..)| *nth);
        let other = |(_, id, peer): (usize, &PeerId, &super::Peer)| {
            let addresses = self.book.addresses(id).iter().take(limit::ADDRESSES_TOLD);
            let addresses: Vec<ByteBuf> = addresses.map(|a| ByteBuf::from(a.to_vec())).collect();
            (!addresses.is_empty()).then(|| Other {
                peer: ByteBuf::from(id.to_bytes()),
                addresses,
                card: peer.card.clone(),
            })
        };
        Answer {
            card: self.card(),
            peers: ranked.into_iter().filter_map(other).take(limit::TOLD).collect(),
        }
    }

    fn told(&mut self, teller: PeerId, answer: Answer) {
        let now = Instant::now();
        if let Some(card) = answer.card {
            self.shows(teller, card);
        }
        let Some(met) = self.peers.get(&teller).map(|peer| peer.address.clone()) else {
            return;
        };
        let own = *self.swarm.local_peer_id();
        let mut heard = Vec::new();
        for other in answer.peers {
            let Ok(peer) = PeerId::from_bytes(&other.peer) else {
                return self.charge(teller, Offence::BadFrame);
            };
            if peer == own {
                continue;
            }
            let card = match other.card {
                Some(card) if card.is_for(&peer) => Some(card),
                Some(_) => return self.charge(teller, Offence::Signature),
                None => None,
            };
            let addresses = other.addresses.into_iter().take(limit::ADDRESSES_TOLD);
            let addresses = addresses.filter_map(|bytes| Multiaddr::try_from(bytes.into_vec()).ok());
            let addresses: Vec<Multiaddr> = addresses.filter(|address| book::plausible(address, &met)).collect();
            heard.push((peer, addresses, card));
        }
        let owner = self.node.ingest.home().identity();
        // A member's peer is not forgotten for those of strangers, of whom there may be any number.
        let holders: Vec<bool> = tokio::task::block_in_place(|| {
            self.node.ingest.read(|state| {
                let holds = |card: &Card| card.stands(state) && tier::of(&card.identity, &owner, state) >= Tier::Role;
                heard
                    .iter()
                    .map(|(_, _, card)| card.as_ref().is_some_and(holds))
                    .collect()
            })
        });
        for ((peer, addresses, card), holder) in heard.into_iter().zip(holders) {
            self.book.hear(peer, addresses, card, holder, now);
        }
        self.chosen = None;
        self.dial_due(now);
    }

    /// A peer shows whose it is.
    fn shows(&mut self, id: PeerId, card: Card) {
        if !card.is_for(&id) {
            return self.charge(id, Offence::Signature);
        }
        self.book.belongs(&id, &card);
        if let Some(peer) = self.peers.get_mut(&id)
            && peer.card.as_ref() != Some(&card)
        {
            peer.stands = false;
            peer.card = Some(card);
            self.standing = None;
        }
    }

    /// Looks up who the connected peers' owners are, now and then and when one showed a card: roles come and go.
    pub(super) fn look_up(&mut self, now: Instant) {
        if self.standing.is_some_and(|at| now < at + limit::STANDING) {
            return;
        }
        self.standing = Some(now);
        let own = self.node.ingest.home().identity();
        let cards: Vec<(PeerId, Card)> = self
            .peers
            .iter()
            .filter_map(|(id, peer)| Some((*id, peer.card.clone()?)))
            .collect();
        let tiers: Vec<(PeerId, Option<Tier>)> = tokio::task::block_in_place(|| {
            self.node.ingest.read(|state| {
                let who = |(id, card): (PeerId, Card)| match card.stands(state) {
                    true => (id, Some(tier::of(&card.identity, &own, state))),
                    false => (id, None),
                };
                cards.into_iter().map(who).collect()
            })
        });
        for (id, tier) in tiers {
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            peer.stands = tier.is_some();
            let tier = tier.unwrap_or(Tier::Stranger);
            if peer.tier != tier {
                peer.tier = tier;
                peer.requests.set(tier.asks(), now);
                peer.chunks.set(tier.chunks(), now);
            }
        }
    }
}
