//! Gossip: topics, what goes out, what comes in.

use std::time::Instant;

use althing_protocol::hash::Id;
use libp2p::PeerId;
use libp2p::gossipsub::{self, MessageAcceptance, MessageId, PublishError};

use super::super::judge::Message;
use super::super::penalty::Offence;
use super::super::{gossip, limit};
use super::Driver;

impl Driver {
    /// Takes part in a committee's gossip, and compares it with every connected peer that follows it.
    pub(super) fn follow(&mut self, committee: Id) {
        let now = Instant::now();
        if self.followed.contains(&committee) {
            // Which bodies are wanted may have changed.
            self.pairs.changed(&committee, now);
            return;
        }
        if self.followed.len() >= limit::TOPICS {
            tracing::warn!(%committee, "this node follows too many committees to gossip about this one");
            return;
        }
        self.followed.insert(committee);
        let topic = gossip::topic(&committee);
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        if let Err(error) = gossip.subscribe(&topic) {
            tracing::warn!(%committee, %error, "cannot take part in gossip");
        }
        if let Err(error) = gossip.set_topic_params(topic, gossip::topic_score()) {
            tracing::warn!(%committee, error, "gossip does not take our settings");
        }
        for (peer, _) in self.peers.iter().filter(|(_, peer)| peer.follows.contains(&committee)) {
            self.pairs.meet(*peer, committee, now);
        }
        self.begin_sessions();
    }

    pub(super) fn gossip_event(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Subscribed { peer_id, topic } => {
                let Some(committee) = gossip::committee(&topic) else {
                    return;
                };
                let Some(peer) = self.peers.get_mut(&peer_id) else {
                    return;
                };
                peer.follows.insert(committee);
                if self.followed.contains(&committee) {
                    self.pairs.meet(peer_id, committee, Instant::now());
                    self.begin_sessions();
                    self.acquaint(peer_id, Instant::now());
                }
            }
            gossipsub::Event::Unsubscribed { peer_id, topic } => {
                let Some(committee) = gossip::committee(&topic) else {
                    return;
                };
                if let Some(peer) = self.peers.get_mut(&peer_id) {
                    peer.follows.remove(&committee);
                }
                self.pairs.part(peer_id, committee, Instant::now());
            }
            gossipsub::Event::Message {
                propagation_source,
                message_id,
                message,
            } => self.heard(propagation_source, message_id, message),
            gossipsub::Event::SlowPeer { peer_id, .. } => self.charge(peer_id, Offence::Behind),
            gossipsub::Event::GossipsubNotSupported { .. } => {}
        }
    }

    /// Passes a message on to be sorted and judged, if there is room.
    fn heard(&mut self, peer: PeerId, name: MessageId, message: gossipsub::Message) {
        let now = Instant::now();
        let granted = self.peers.get_mut(&peer).is_some_and(|peer| peer.messages.take(now));
        let committee = gossip::committee(&message.topic).filter(|_| granted);
        let judging = self.judging.entry(peer).or_insert(0);
        let taken = match committee {
            Some(committee) if *judging < limit::JUDGING_PER_PEER => {
                let message = Message {
                    peer,
                    name: name.clone(),
                    committee,
                    wire: message.data,
                };
                self.wires.messages.try_send(message).is_ok()
            }
            _ => false,
        };
        if taken {
            *judging += 1;
        } else {
            self.report(&peer, &name, MessageAcceptance::Ignore);
        }
    }

    /// The judge has spoken.
    pub(super) fn judged(&mut self, peer: &PeerId, name: &MessageId, acceptance: MessageAcceptance) {
        if let Some(judging) = self.judging.get_mut(peer) {
            *judging = judging.saturating_sub(1);
            if *judging == 0 {
                self.judging.remove(peer);
            }
        }
        self.report(peer, name, acceptance);
    }

    fn report(&mut self, peer: &PeerId, name: &MessageId, acceptance: MessageAcceptance) {
        self.swarm
            .behaviour_mut()
            .gossip
            .report_message_validation_result(name, peer, acceptance);
    }

    /// Something to gossip. When more is written than gossip carries, what is newest is worth most: the rest has
    /// waited so long that sync was there first.
    pub(super) fn queue(&mut self, committee: Id, wire: Vec<u8>) {
        if self.publishing.len() >= limit::PUBLISH_QUEUE {
            self.publishing.pop_front();
        }
        self.publishing.push_back((committee, wire));
        self.publish_queued(Instant::now());
    }

    /// Gossips as much as the rate allows.
    pub(super) fn publish_queued(&mut self, now: Instant) {
        while !self.publishing.is_empty() && self.publish_rate.take(now) {
            let Some((committee, wire)) = self.publishing.pop_front() else {
                return;
            };
            match self
                .swarm
                .behaviour_mut()
                .gossip
                .publish(gossip::topic(&committee), wire)
            {
                // Without anybody listening, or with full queues, sync does it.
                Ok(_)
                | Err(
                    PublishError::Duplicate | PublishError::NoPeersSubscribedToTopic | PublishError::AllQueuesFull(_),
                ) => {}
                Err(error) => tracing::warn!(%committee, %error, "an entry cannot be gossiped"),
            }
        }
    }
}
