//! Chunks of files, in both directions. What is asked for is checked here, so that nobody else sees a wrong one; what is
//! given is the business of [`crate::files`].
//!
//! A peer is answered about committees that both follow. Whoever asks faster than it is granted is told to wait; whoever
//! asks faster than anybody who waits would is at fault.

use std::time::{Duration, Instant};

use althing_protocol::codec;
use althing_protocol::file::{Answer, Chunk, Request};
use althing_protocol::hash::Hash;
use hashbrown::HashMap;
use libp2p::PeerId;
use libp2p::request_response::{
    self, InboundFailure, InboundRequestId, Message, OutboundFailure, OutboundRequestId, ResponseChannel,
};
use tokio::sync::oneshot;

use super::super::codec::Asked;
use super::super::limit::files as limit;
use super::super::penalty::Offence;
use super::super::rate::Bucket;
use super::super::tier::Tier;
use super::{Driver, Event};
use crate::limit::Rate;

/// How long whoever asks too fast is asked to wait.
const WAIT: u64 = 150;

/// A chunk that this node wants of a peer.
#[derive(Debug)]
pub(in super::super) struct Wanted {
    pub(in super::super) peer: PeerId,
    pub(in super::super) request: Request,
    /// What it must lead to.
    pub(in super::super) after: Hash,
    pub(in super::super) answer: oneshot::Sender<Got>,
}

/// What came of asking for a chunk.
#[derive(Debug)]
pub enum Got {
    /// It, checked.
    Chunk(Chunk),
    /// The peer asks to be asked again after this.
    Busy(Duration),
    /// The peer has no such file, or did not answer.
    Nothing,
    /// Something else, which counts against the peer.
    Wrong,
}

/// What is answered to a peer.
#[derive(Debug)]
pub(in super::super) enum Served {
    /// This.
    Answer(Answer),
    /// Nothing: the request is no frame.
    Bad,
}

/// Chunks on their way.
#[derive(Debug)]
pub(super) struct Filing {
    wanted: HashMap<OutboundRequestId, Wanted>,
    /// Those of peers, until they are sent.
    giving: HashMap<InboundRequestId, PeerId>,
    /// What all strangers' peers are given together.
    strangers: Bucket,
}

impl Filing {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            wanted: HashMap::new(),
            giving: HashMap::new(),
            strangers: Bucket::new(limit::STRANGERS, now),
        }
    }
}

/// What one peer may ask for.
#[derive(Debug)]
pub(super) struct Share {
    asks: Bucket,
    chunks: Bucket,
    giving: usize,
}

impl Share {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            asks: Bucket::new(limit::ASKS, now),
            chunks: Bucket::new(Tier::Stranger.chunks(), now),
            giving: 0,
        }
    }

    pub(super) fn set(&mut self, chunks: Rate, now: Instant) {
        self.chunks.set(chunks, now);
    }
}

impl Driver {
    /// Passes a request of this node on.
    pub(super) fn ask_file(&mut self, wanted: Wanted) {
        if self.peers.contains_key(&wanted.peer) {
            let frame = Asked::Frame(codec::encode(&wanted.request));
            let id = self.swarm.behaviour_mut().files.send_request(&wanted.peer, frame);
            self.filing.wanted.insert(id, wanted);
        }
    }

    pub(super) fn files_event(&mut self, event: request_response::Event<Asked, Vec<u8>>) {
        match event {
            request_response::Event::Message { peer, message, .. } => match message {
                Message::Request {
                    request_id,
                    request,
                    channel,
                } => match request {
                    Asked::Frame(frame) => self.asked_for_chunk(peer, request_id, frame, channel),
                    Asked::TooLong => self.charge(peer, Offence::BadFrame),
                    Asked::Endless => self.charge(peer, Offence::Slow),
                },
                Message::Response { request_id, response } => {
                    if let Some(wanted) = self.filing.wanted.remove(&request_id) {
                        self.came(wanted, response);
                    }
                }
            },
            request_response::Event::OutboundFailure {
                peer,
                request_id,
                error,
                ..
            } => {
                // Dropping it tells whoever wanted it.
                self.filing.wanted.remove(&request_id);
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
                let waited = self.given(request_id);
                // It asked, and does not take the answer.
                if matches!(error, InboundFailure::Timeout) && waited {
                    self.charge(peer, Offence::Slow);
                }
            }
            request_response::Event::ResponseSent { request_id, .. } => drop(self.given(request_id)),
        }
    }

    /// An answer: hashed where that may take a moment.
    fn came(&self, wanted: Wanted, frame: Vec<u8>) {
        let events = self.wires.events.0.clone();
        tokio::spawn(async move {
            let Wanted {
                peer,
                request,
                after,
                answer,
            } = wanted;
            let checked = tokio::task::spawn_blocking(move || match codec::decode::<Answer>(&frame) {
                Ok(Answer::Chunk { before, bytes }) => match request.check(&after, before, bytes) {
                    Ok(chunk) => (Got::Chunk(chunk), None),
                    Err(why) => {
                        tracing::debug!(%peer, %why, "a wrong chunk of a file");
                        (Got::Wrong, Some(Offence::WrongFile))
                    }
                },
                Ok(Answer::Busy { wait }) => (Got::Busy(Duration::from_millis(wait)), None),
                Ok(Answer::Absent {}) => (Got::Nothing, None),
                Err(_) => (Got::Wrong, Some(Offence::BadFrame)),
            });
            let Ok((got, offence)) = checked.await else { return };
            if let Some(offence) = offence {
                // The driver is gone only when the node stops.
                drop(events.send(Event::Offence { peer, offence }).await);
            }
            // Whoever wanted it may have given up.
            drop(answer.send(got));
        });
    }

    /// A peer wants a chunk.
    fn asked_for_chunk(
        &mut self,
        id: PeerId,
        request: InboundRequestId,
        frame: Vec<u8>,
        channel: ResponseChannel<Vec<u8>>,
    ) {
        let now = Instant::now();
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.chunks.asks.take(now) {
            return self.charge(id, Offence::Flood);
        }
        let Ok(asked) = codec::decode::<Request>(&frame) else {
            return self.filed(id, channel, Served::Bad);
        };
        let shared = peer.follows.contains(&asked.committee) && self.followed.contains(&asked.committee);
        let Some(files) = self.node.files.clone().filter(|_| shared) else {
            return self.filed(id, channel, Served::Answer(Answer::Absent {}));
        };
        let full = peer.chunks.giving >= limit::SERVING_PER_PEER || self.filing.giving.len() >= limit::SERVING;
        let granted =
            !full && (peer.tier > Tier::Stranger || self.filing.strangers.take(now)) && peer.chunks.chunks.take(now);
        if !granted {
            return self.filed(id, channel, Served::Answer(Answer::Busy { wait: WAIT }));
        }
        peer.chunks.giving += 1;
        self.filing.giving.insert(request, id);
        let events = self.wires.events.0.clone();
        tokio::spawn(async move {
            let answer = tokio::task::spawn_blocking(move || files.answer(&asked)).await;
            let filed = Served::Answer(answer.unwrap_or(Answer::Absent {}));
            // The driver is gone only when the node stops.
            drop(
                events
                    .send(Event::Filed {
                        peer: id,
                        channel,
                        filed,
                    })
                    .await,
            );
        });
    }

    /// An answer is ready: it counts until it is sent.
    pub(super) fn filed(&mut self, peer: PeerId, channel: ResponseChannel<Vec<u8>>, filed: Served) {
        match filed {
            Served::Answer(answer) => {
                let frame = codec::encode(&answer);
                // A peer that left does not want it any more.
                drop(self.swarm.behaviour_mut().files.send_response(channel, frame));
            }
            Served::Bad => self.charge(peer, Offence::BadFrame),
        }
    }

    /// A chunk is no longer under way; true if it was.
    fn given(&mut self, request: InboundRequestId) -> bool {
        let Some(id) = self.filing.giving.remove(&request) else {
            return false;
        };
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.chunks.giving = peer.chunks.giving.saturating_sub(1);
        }
        true
    }
}
