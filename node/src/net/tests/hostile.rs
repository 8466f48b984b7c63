//! Peers that do what no honest one does: a bare swarm against a whole node.

use althing_protocol::sync::{Answer, Place, Summary};
use libp2p::request_response::{self, Message};

use super::super::behaviour::{Behaviour, BehaviourEvent, swarm};
use super::super::codec::Asked;
use super::super::gossip;
use super::nodes::{Node, wait_for};
use super::*;

/// A swarm that is connected to a node, and does as the test says until it is shut out.
async fn until_shut_out(node: &Node, act: impl FnMut(&mut Swarm<Behaviour>, PeerId, SwarmEvent<BehaviourEvent>)) {
    insist_until_shut_out(node, |_| {}, act).await;
}

/// The same for one that goes on by itself when it hears nothing.
async fn insist_until_shut_out(
    node: &Node,
    mut idle: impl FnMut(&mut Swarm<Behaviour>),
    mut act: impl FnMut(&mut Swarm<Behaviour>, PeerId, SwarmEvent<BehaviourEvent>),
) {
    let mut enemy = swarm([66; 32], None).unwrap();
    let victim = node.net.peer_id();
    enemy.dial(node.net.listen_addrs()[0].clone()).unwrap();
    let work = async {
        loop {
            let event = tokio::time::timeout(Duration::from_millis(200), enemy.select_next_some()).await;
            let Ok(event) = event else {
                idle(&mut enemy);
                continue;
            };
            let closed = matches!(event, SwarmEvent::ConnectionClosed { .. });
            act(&mut enemy, victim, event);
            if closed {
                break;
            }
        }
        // Shut out, not only disconnected.
        enemy.dial(node.net.listen_addrs()[0].clone()).unwrap();
        loop {
            match enemy.select_next_some().await {
                SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. } => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), work)
        .await
        .expect("shut out within a minute");
    wait_for("nobody is connected", || node.net.peers().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_junk_requests_is_shut_out() {
    let node = Node::start("Ada").await;
    until_shut_out(&node, |enemy, victim, event| match event {
        SwarmEvent::ConnectionEstablished { .. }
        | SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::OutboundFailure { .. })) => {
            enemy
                .behaviour_mut()
                .sync
                .send_request(&victim, Asked::Frame(vec![0xff; 100]));
        }
        _ => {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gossips_junk_is_shut_out() {
    let node = Node::start("Ada").await;
    let committee = node.found(1).await;
    let topic = gossip::topic(&committee);
    let mut n = 0_u64;
    let junk = |enemy: &mut Swarm<Behaviour>| {
        for _ in 0..20 {
            n += 1;
            // Refused while nobody is subscribed yet, or the queue is full: it insists.
            drop(
                enemy
                    .behaviour_mut()
                    .gossip
                    .publish(topic.hash(), n.to_be_bytes().repeat(20)),
            );
        }
    };
    insist_until_shut_out(&node, junk, |enemy, _, event| {
        if let SwarmEvent::ConnectionEstablished { .. } = event {
            enemy.behaviour_mut().gossip.subscribe(&topic).unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_contradicts_itself_is_shut_out_and_changes_nothing() {
    let node = Node::start("Ada").await;
    let committee = node.found(1).await;
    let before = node.digest(&committee);
    let topic = gossip::topic(&committee);
    until_shut_out(&node, |enemy, _, event| match event {
        SwarmEvent::ConnectionEstablished { .. } => {
            enemy.behaviour_mut().gossip.subscribe(&topic).unwrap();
        }
        SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::Message {
            message: Message::Request { channel, .. },
            ..
        })) => {
            // A digest over nothing that is not that of nothing.
            let nowhere = Place { generation: 1, at: 0 };
            let lie = Answer::Hello(Summary {
                digest: Hash([1; 32]),
                count: 0,
                sequence: nowhere,
                floor: nowhere,
                marks: Vec::new(),
            });
            drop(enemy.behaviour_mut().sync.send_response(channel, lie.encode()));
        }
        _ => {}
    })
    .await;
    assert_eq!(node.digest(&committee), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_claims_what_it_has_not_is_asked_ever_more_seldom() {
    let node = Node::start("Ada").await;
    let committee = node.found(1).await;
    let topic = gossip::topic(&committee);
    let mut enemy = swarm([67; 32], None).unwrap();
    enemy.behaviour_mut().gossip.subscribe(&topic).unwrap();
    enemy.dial(node.net.listen_addrs()[0].clone()).unwrap();
    let mut asked = 0;
    let work = async {
        loop {
            let event = enemy.select_next_some().await;
            if let SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::Message {
                message:
                    Message::Request {
                        channel,
                        request: Asked::Frame(request),
                        ..
                    },
                ..
            })) = event
            {
                asked += 1;
                // Always behind a sequence of a thousand entries of which none is to be had.
                let end = Place {
                    generation: 1,
                    at: 1000,
                };
                let answer = match althing_protocol::sync::Request::decode(&request).unwrap().ask {
                    althing_protocol::sync::Ask::Hello { .. } => Answer::Hello(Summary {
                        digest: Hash([1; 32]),
                        count: 1000,
                        sequence: end,
                        floor: Place { generation: 1, at: 0 },
                        marks: vec![althing_protocol::sync::Mark([1; 16]); 32],
                    }),
                    althing_protocol::sync::Ask::Sequence { .. } => Answer::Sequence {
                        end,
                        next: 1000,
                        wires: Vec::new(),
                    },
                    althing_protocol::sync::Ask::Index { .. } => Answer::Index {
                        end,
                        next: 1000,
                        ids: Vec::new(),
                    },
                    _ => Answer::Entries {
                        wires: Vec::new(),
                        rest: false,
                    },
                };
                drop(enemy.behaviour_mut().sync.send_response(channel, answer.encode()));
            }
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(12), work).await.is_err());
    // Sessions of a few questions each, after 0, 1, 2, 4 … seconds; without backing off there would be some twenty.
    assert!((4..=60).contains(&asked), "asked {asked} times in twelve seconds");
}
