//! The loop: connects, does what its mode says, answers, tells how it fares.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use althing_protocol::hash::{Hash, sha256};
use althing_protocol::sync::{Answer, Ask, INLINE, Request, claimed_id};
use althing_protocol::{codec, file};
use libp2p::futures::StreamExt as _;
use libp2p::gossipsub::IdentTopic;
use libp2p::request_response::{self, Message};
use libp2p::swarm::SwarmEvent;
use libp2p::{PeerId, Swarm};
use tokio::time::MissedTickBehavior;

use super::answers::Answers;
use super::swarm::{Behaviour, BehaviourEvent, Send, swarm};
use super::{Mode, Options, Told, identity};

/// How often it acts.
const BEAT: Duration = Duration::from_millis(50);

/// Streams that it opens at a time.
const STREAMS: usize = 200;

struct Enemy {
    options: Options,
    swarm: Swarm<Behaviour>,
    topic: IdentTopic,
    answers: Answers,
    victim: Option<PeerId>,
    told: Told,
    shown: Told,
    /// What is gossiped next.
    next: usize,
    /// Genuine entries of others.
    genuine: VecDeque<Vec<u8>>,
    connected: Instant,
}

pub(super) async fn run(options: Options) {
    let seed = sha256(&[b"hostile\0", options.name.as_bytes()]);
    let mut swarm = swarm(seed, matches!(options.mode, Mode::Slow));
    let topic = IdentTopic::new(format!("althing/1/{}", options.committee));
    swarm.behaviour_mut().gossip.subscribe(&topic).unwrap();
    println!("identity {}", identity(&options.name).identity);
    let mut enemy = Enemy {
        answers: Answers::new(&options),
        options,
        swarm,
        topic,
        victim: None,
        told: Told::default(),
        shown: Told {
            connected: 1,
            ..Told::default()
        },
        next: 0,
        genuine: VecDeque::new(),
        connected: Instant::now(),
    };
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    enemy.dial();
    loop {
        tokio::select! {
            event = enemy.swarm.select_next_some() => enemy.event(event),
            _ = beat.tick() => enemy.beat(),
        }
    }
}

impl Enemy {
    fn dial(&mut self) {
        // Refused while an attempt is under way.
        drop(self.swarm.dial(self.options.to.clone()));
    }

    fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, .. } => {
                self.told.connected = 1;
                self.victim = Some(peer_id);
                self.connected = Instant::now();
                self.next = 0;
                self.swarm.behaviour_mut().gossip.add_explicit_peer(&peer_id);
            }
            SwarmEvent::ConnectionClosed { num_established: 0, .. } => {
                self.told.connected = 0;
                self.told.closed += 1;
                self.victim = None;
            }
            SwarmEvent::OutgoingConnectionError { .. } => self.told.refused += 1,
            SwarmEvent::Behaviour(BehaviourEvent::Sync(event)) => self.sync(event),
            SwarmEvent::Behaviour(BehaviourEvent::Files(event)) => self.files(event),
            _ => {}
        }
    }

    fn sync(&mut self, event: request_response::Event<Send, Send>) {
        if let request_response::Event::Message { message, .. } = event {
            match message {
                Message::Request { request, channel, .. } => {
                    self.told.asked += 1;
                    let answer = match (self.options.mode, request) {
                        (Mode::Frames, _) => Send::Raw(vec![0xff; 3 << 20]),
                        (Mode::Streams, _) => Send::Endless,
                        (_, Send::Frame(frame)) => Send::Frame(self.answers.to(&frame)),
                        (_, other) => other,
                    };
                    // It may have been thrown out meanwhile.
                    drop(self.swarm.behaviour_mut().sync.send_response(channel, answer));
                }
                Message::Response { response, .. } => self.learn(&response),
            }
        }
    }

    /// The node wants a chunk: it gets one that is none, one that is too long, or one that never ends.
    fn files(&mut self, event: request_response::Event<Send, Send>) {
        if let request_response::Event::Message {
            message:
                Message::Request {
                    request: Send::Frame(frame),
                    channel,
                    ..
                },
            ..
        } = event
        {
            self.told.asked += 1;
            let asked = codec::decode::<file::Request>(&frame).ok();
            let length = asked
                .and_then(|asked| file::span(asked.length, asked.chunk))
                .map_or(0, |(_, length)| length);
            let answer = match self.told.asked % 3 {
                1 => Send::Frame(codec::encode(&file::Answer::Chunk {
                    before: Hash([7; 32]),
                    bytes: vec![7; length],
                })),
                2 => Send::Raw(vec![0xff; 3 << 20]),
                _ => Send::Endless,
            };
            // It may have been thrown out meanwhile.
            drop(self.swarm.behaviour_mut().files.send_response(channel, answer));
        }
    }

    /// Entries that the node gave: genuine ones to be spoilt.
    fn learn(&mut self, response: &Send) {
        if let Send::Frame(frame) = response
            && let Ok(Answer::Sequence { wires, .. }) = Answer::decode(frame)
        {
            self.genuine.extend(wires);
            self.genuine.truncate(1000);
        }
    }

    fn beat(&mut self) {
        match self.victim {
            Some(victim) => self.act(victim),
            None => self.dial(),
        }
        if self.told != self.shown {
            self.shown = self.told;
            println!("{}", self.told);
        }
    }

    fn act(&mut self, victim: PeerId) {
        match self.options.mode {
            Mode::Keys | Mode::Forks | Mode::Mined | Mode::Wants => self.gossip_goods(),
            Mode::Frames => {
                for _ in 0..4 {
                    self.ask(victim, Send::Raw([0xff; 64 << 10].to_vec()));
                }
            }
            Mode::Streams => {
                for _ in 0..STREAMS / 20 {
                    self.ask(victim, Send::Endless);
                }
            }
            // As many as it may have under way, and not one more: more streams would end the connection.
            Mode::Slow => {
                while self.next < 6 {
                    self.next += 1;
                    self.request(
                        victim,
                        Ask::Sequence {
                            from: 0,
                            inline: INLINE,
                        },
                    );
                }
            }
            Mode::Junk => {
                for _ in 0..50 {
                    let noise = sha256(&[b"junk", &self.told.sent.to_be_bytes()]);
                    self.gossip(noise.repeat(20));
                }
            }
            Mode::Bodies => self.spoil(victim),
            Mode::Replay => {
                let committee = self.options.committee;
                let ask = Ask::Hello {
                    digest: Hash([1; 32]),
                    count: 1,
                };
                let frame = Request { committee, ask }.encode();
                for _ in 0..STREAMS {
                    self.ask(victim, Send::Frame(frame.clone()));
                }
            }
            Mode::Files => {
                for n in 0..40 {
                    let request = file::Request {
                        committee: self.options.committee,
                        hash: Hash(sha256(&[&self.told.sent.to_be_bytes()])),
                        length: u64::MAX >> 11,
                        chunk: n,
                    };
                    self.told.sent += 1;
                    let frame = Send::Frame(codec::encode(&request));
                    self.swarm.behaviour_mut().files.send_request(&victim, frame);
                }
            }
            Mode::Trees => {
                // A stranger digest makes the node ask in turn.
                self.request(
                    victim,
                    Ask::Hello {
                        digest: Hash(sha256(&[&self.told.sent.to_be_bytes()])),
                        count: 1_000_000,
                    },
                );
            }
            Mode::Connections => {}
        }
    }

    fn gossip_goods(&mut self) {
        // A moment for the subscription to arrive.
        if self.connected.elapsed() < Duration::from_millis(300) {
            return;
        }
        for _ in 0..(self.options.rate / 20).max(1) {
            let Some(wire) = self.answers.wires().get(self.next).cloned() else {
                return;
            };
            self.next += 1;
            self.gossip(wire);
        }
    }

    fn spoil(&mut self, victim: PeerId) {
        if self.genuine.is_empty() {
            self.request(
                victim,
                Ask::Sequence {
                    from: 0,
                    inline: INLINE,
                },
            );
        }
        for _ in 0..20 {
            let Some(mut wire) = self.genuine.pop_front() else {
                return;
            };
            let before = claimed_id(&wire);
            if let Some(last) = wire.last_mut() {
                *last ^= 1;
            }
            if before.is_some() && before == claimed_id(&wire) {
                self.gossip(wire);
            }
        }
    }

    fn gossip(&mut self, bytes: Vec<u8>) {
        // Refused while nobody listens or the queue is full: it insists with the next.
        if self
            .swarm
            .behaviour_mut()
            .gossip
            .publish(self.topic.hash(), bytes)
            .is_ok()
        {
            self.told.sent += 1;
        }
    }

    fn request(&mut self, victim: PeerId, ask: Ask) {
        let committee = self.options.committee;
        self.ask(victim, Send::Frame(Request { committee, ask }.encode()));
    }

    fn ask(&mut self, victim: PeerId, what: Send) {
        self.told.sent += 1;
        self.swarm.behaviour_mut().sync.send_request(&victim, what);
    }
}
