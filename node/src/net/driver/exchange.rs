//! Sync requests in both directions, and when sessions begin.

use std::sync::Arc;
use std::time::Instant;

use libp2p::PeerId;
use libp2p::request_response::{self, InboundFailure, InboundRequestId, Message, OutboundFailure, ResponseChannel};

use super::super::codec::Asked;
use super::super::penalty::Offence;
use super::super::serve::{Served, serve};
use super::super::session::{self, Question, Start};
use super::super::tier::Tier;
use super::super::{limit, origin};
use super::{Driver, Event};

impl Driver {
    /// Begins the sessions that are due, as far as there is room.
    pub(super) fn begin_sessions(&mut self) {
        while let Some((peer, committee, learnt)) = self.pairs.due(Instant::now()) {
            let start = Start {
                peer,
                committee,
                origin: origin(&peer),
                read: learnt.read,
                floor: learnt.floor,
                tried: learnt.tried,
                patient: learnt.patient,
            };
            let run = session::run(
                Arc::clone(&self.node),
                start,
                self.questions.0.clone(),
                self.wires.events.0.clone(),
            );
            // Spawned once more, so that a session that panics still ends.
            self.sessions
                .spawn(async move { (peer, committee, tokio::spawn(run).await.ok().flatten()) });
        }
    }

    /// A session has a question. Without a connection it gets no answer.
    pub(super) fn ask(&mut self, question: Question) {
        let Question { peer, frame, answer } = question;
        if self.peers.contains_key(&peer) {
            let id = self.swarm.behaviour_mut().sync.send_request(&peer, Asked::Frame(frame));
            self.asking.insert(id, answer);
        }
    }

    pub(super) fn sync_event(&mut self, event: request_response::Event<Asked, Vec<u8>>) {
        match event {
            request_response::Event::Message { peer, message, .. } => match message {
                Message::Request {
                    request_id,
                    request,
                    channel,
                } => match request {
                    Asked::Frame(frame) => self.asked(peer, request_id, frame, channel),
                    // Dropping the channel ends the stream.
                    Asked::TooLong => self.charge(peer, Offence::BadFrame),
                    Asked::Endless => self.charge(peer, Offence::Slow),
                },
                Message::Response { request_id, response } => {
                    if let Some(answer) = self.asking.remove(&request_id) {
                        // A session that gave up does not want it any more.
                        drop(answer.send(response));
                    }
                }
            },
            request_response::Event::OutboundFailure {
                peer,
                request_id,
                error,
                ..
            } => {
                tracing::debug!(%peer, %error, "no answer");
                // Dropping the sender tells the session.
                self.asking.remove(&request_id);
                match error {
                    OutboundFailure::Timeout => self.charge(peer, Offence::Silent),
                    OutboundFailure::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                        self.charge(peer, Offence::BadFrame);
                    }
                    _ => {}
                }
            }
            request_response::Event::InboundFailure {
                peer,
                request_id,
                error,
                ..
            } => {
                let waited = self.answered(request_id);
                match error {
                    InboundFailure::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                        self.charge(peer, Offence::BadFrame);
                    }
                    // It asked, and does not take the answer.
                    InboundFailure::Timeout if waited => self.charge(peer, Offence::Slow),
                    _ => {}
                }
            }
            request_response::Event::ResponseSent { request_id, .. } => drop(self.answered(request_id)),
        }
    }

    /// A peer asks. Whoever asks too much at a time gets no answer.
    fn asked(&mut self, id: PeerId, request: InboundRequestId, frame: Vec<u8>, channel: ResponseChannel<Vec<u8>>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.requests.take(Instant::now()) {
            self.charge(id, Offence::Flood);
            return;
        }
        // All peers of one identity together; that of strangers is anybody's to claim.
        if let Some(card) = peer.card.as_ref().filter(|_| peer.tier > Tier::Stranger)
            && !self.identities.take(card.identity, peer.tier.asks(), Instant::now())
        {
            return;
        }
        let stranger = peer.tier == Tier::Stranger;
        let full = stranger && self.strangers >= limit::SERVING_STRANGERS;
        if full || peer.answering >= peer.tier.serving() || self.answering.len() >= limit::SERVING {
            return;
        }
        peer.answering += 1;
        self.strangers += usize::from(stranger);
        self.answering.insert(request, (id, stranger));
        let (node, events) = (Arc::clone(&self.node), self.wires.events.0.clone());
        tokio::spawn(async move {
            let served = serve(&node, &frame).await;
            // The driver is gone only when the node stops.
            drop(
                events
                    .send(Event::Served {
                        peer: id,
                        channel,
                        served,
                    })
                    .await,
            );
        });
    }

    /// An answer is ready: it counts until it is sent.
    pub(super) fn served(&mut self, peer: PeerId, channel: ResponseChannel<Vec<u8>>, served: Served) {
        match served {
            Served::Answer { frame, hello } => {
                // A peer that left does not want it any more.
                drop(self.swarm.behaviour_mut().sync.send_response(channel, frame));
                if let Some(hello) = hello {
                    self.pairs.states(peer, hello.committee, hello.digest);
                    if hello.worth_asking {
                        self.pairs.hurry(peer, hello.committee, Instant::now());
                    }
                }
            }
            Served::Bad => self.charge(peer, Offence::BadFrame),
            Served::Stopped => {}
        }
    }

    /// An answer is no longer under way; true if it was.
    fn answered(&mut self, request: InboundRequestId) -> bool {
        let Some((id, stranger)) = self.answering.remove(&request) else {
            return false;
        };
        self.strangers = self.strangers.saturating_sub(usize::from(stranger));
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.answering = peer.answering.saturating_sub(1);
        }
        true
    }
}
