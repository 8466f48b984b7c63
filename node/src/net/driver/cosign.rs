//! Requests for cosignatures, in both directions. What is in them is the business of [`crate::witness`].

use std::time::Instant;

use libp2p::PeerId;
use libp2p::request_response::{self, Message, ResponseChannel};
use tokio::sync::oneshot;

use super::super::codec::Asked;
use super::super::limit;
use super::super::penalty::Offence;
use super::super::tier::Tier;
use super::{Driver, Event};
use crate::witness::Answer;

/// A request to a peer; without an answer the sender is dropped.
#[derive(Debug)]
pub(in super::super) struct Cosign {
    pub(in super::super) peer: PeerId,
    pub(in super::super) frame: Vec<u8>,
    pub(in super::super) answer: oneshot::Sender<Vec<u8>>,
}

impl Driver {
    /// Passes a request of this node on.
    pub(super) fn ask_witness(&mut self, cosign: Cosign) {
        let Cosign { peer, frame, answer } = cosign;
        if self.peers.contains_key(&peer) {
            let request = Asked::Frame(frame);
            let id = self.swarm.behaviour_mut().witness.send_request(&peer, request);
            self.cosigning.insert(id, answer);
        }
    }

    pub(super) fn witness_event(&mut self, event: request_response::Event<Asked, Vec<u8>>) {
        match event {
            request_response::Event::Message { peer, message, .. } => match message {
                Message::Request { request, channel, .. } => match request {
                    Asked::Frame(frame) => self.asked_to_cosign(peer, frame, channel),
                    Asked::TooLong => self.charge(peer, Offence::BadFrame),
                    Asked::Endless => self.charge(peer, Offence::Slow),
                },
                Message::Response { request_id, response } => {
                    if let Some(answer) = self.cosigning.remove(&request_id) {
                        // Whoever asked may have given up.
                        drop(answer.send(response));
                    }
                }
            },
            request_response::Event::OutboundFailure { request_id, .. } => {
                // Dropping the sender tells whoever asked.
                self.cosigning.remove(&request_id);
            }
            _ => {}
        }
    }

    /// A peer wants a cosignature. Those of nobody known, and those who ask too often, get no answer.
    fn asked_to_cosign(&mut self, id: PeerId, frame: Vec<u8>, channel: ResponseChannel<Vec<u8>>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.cosigns.take(Instant::now()) {
            return self.charge(id, Offence::Flood);
        }
        if peer.tier == Tier::Stranger || self.witnessing >= limit::WITNESSING {
            return;
        }
        let Ok(request) = String::from_utf8(frame) else {
            return self.charge(id, Offence::BadFrame);
        };
        self.witnessing += 1;
        let (ingest, events) = (self.node.ingest.clone(), self.wires.events.0.clone());
        tokio::spawn(async move {
            // Spawned once more, so that one that panics still ends.
            let answer = tokio::spawn(async move { crate::witness::answer(&ingest, &request).await });
            let answer = answer.await.ok();
            // The driver is gone only when the node stops.
            drop(events.send(Event::Witnessed { channel, answer }).await);
        });
    }

    /// An answer is ready.
    pub(super) fn witnessed(&mut self, channel: ResponseChannel<Vec<u8>>, answer: Option<Answer>) {
        self.witnessing = self.witnessing.saturating_sub(1);
        if let Some(answer) = answer {
            let frame = answer.frame().into_bytes();
            // A peer that left does not want it any more.
            drop(self.swarm.behaviour_mut().witness.send_response(channel, frame));
        }
    }
}
