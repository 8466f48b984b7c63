//! Two swarms on loopback: the protocols, and the limits under which they are spoken.

use std::time::Duration;

use althing_protocol::hash::Id;
use libp2p::futures::StreamExt as _;
use libp2p::gossipsub::{self, MessageAcceptance};
use libp2p::request_response::{self, Message, OutboundFailure};
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Swarm};

use super::super::behaviour::{Behaviour, BehaviourEvent, swarm};
use super::super::codec::Asked;
use super::super::{gossip, limit};

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// Runs swarms until `done` answers, at most ten seconds.
async fn run<T>(
    swarms: &mut [Swarm<Behaviour>],
    mut done: impl FnMut(usize, &mut Swarm<Behaviour>, SwarmEvent<BehaviourEvent>) -> Option<T>,
) -> T {
    let work = async {
        loop {
            let next = libp2p::futures::future::select_all(swarms.iter_mut().map(|s| s.select_next_some()));
            let (event, at, _) = next.await;
            if let Some(answer) = done(at, &mut swarms[at], event) {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), work)
        .await
        .expect("done in time")
}

async fn pair(listen: &str) -> [Swarm<Behaviour>; 2] {
    let mut swarms = [swarm([1; 32], None).unwrap(), swarm([2; 32], None).unwrap()];
    swarms[0].listen_on(listen.parse().unwrap()).unwrap();
    let address: Multiaddr = run(&mut swarms[..1], |_, _, event| match event {
        SwarmEvent::NewListenAddr { address, .. } => Some(address),
        _ => None,
    })
    .await;
    swarms[1].dial(address).unwrap();
    let mut up = 0;
    run(&mut swarms, |_, _, event| {
        up += usize::from(matches!(event, SwarmEvent::ConnectionEstablished { .. }));
        (up == 2).then_some(())
    })
    .await;
    swarms
}

/// Asks `question` of the first swarm, which answers with so many bytes.
async fn ask(swarms: &mut [Swarm<Behaviour>; 2], question: Vec<u8>, answer: usize) -> Result<usize, OutboundFailure> {
    let peer = *swarms[0].local_peer_id();
    swarms[1]
        .behaviour_mut()
        .sync
        .send_request(&peer, Asked::Frame(question));
    run(swarms, |_, swarm, event| {
        let SwarmEvent::Behaviour(BehaviourEvent::Sync(event)) = event else {
            return None;
        };
        match event {
            request_response::Event::Message {
                message: Message::Request { channel, .. },
                ..
            } => {
                swarm
                    .behaviour_mut()
                    .sync
                    .send_response(channel, vec![7; answer])
                    .unwrap();
                None
            }
            request_response::Event::Message {
                message: Message::Response { response, .. },
                ..
            } => Some(Ok(response.len())),
            request_response::Event::OutboundFailure { error, .. } => Some(Err(error)),
            _ => None,
        }
    })
    .await
}

#[tokio::test]
async fn frames_up_to_the_bound_and_no_more() {
    for transport in [TCP, QUIC] {
        let mut swarms = pair(transport).await;
        assert_eq!(
            ask(&mut swarms, vec![1; limit::REQUEST], limit::RESPONSE)
                .await
                .unwrap(),
            limit::RESPONSE
        );
        assert!(ask(&mut swarms, vec![1; limit::REQUEST + 1], 1).await.is_err());
        assert!(ask(&mut swarms, vec![1], limit::RESPONSE + 1).await.is_err());
        assert_eq!(
            ask(&mut swarms, vec![1], 3).await.unwrap(),
            3,
            "the connection survives"
        );
    }
}

#[tokio::test]
async fn gossip_waits_for_a_verdict_and_has_the_hash_of_its_bytes() {
    let mut swarms = pair(TCP).await;
    let topic = gossip::topic(&Id([5; 32]));
    for swarm in &mut swarms {
        swarm.behaviour_mut().gossip.subscribe(&topic).unwrap();
    }
    run(&mut swarms, |at, _, event| {
        let heard = matches!(
            event,
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Subscribed { .. }))
        );
        (at == 1 && heard).then_some(())
    })
    .await;
    let bytes = vec![9; limit::INLINE];
    let sent = swarms[1]
        .behaviour_mut()
        .gossip
        .publish(topic.hash(), bytes.clone())
        .unwrap();
    assert_eq!(sent, gossip::name(&bytes));
    let known = run(&mut swarms, |_, swarm, event| match event {
        SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
            propagation_source,
            message_id,
            message,
        })) => {
            assert_eq!(message.data, bytes);
            assert_eq!(message.source, None, "gossip says nothing about the author");
            assert_eq!(message_id, sent);
            let gossip = &mut swarm.behaviour_mut().gossip;
            Some(gossip.report_message_validation_result(&message_id, &propagation_source, MessageAcceptance::Accept))
        }
        _ => None,
    })
    .await;
    assert!(known);
    assert!(
        swarms[1]
            .behaviour_mut()
            .gossip
            .publish(topic.hash(), vec![9; limit::GOSSIP + 1])
            .is_err()
    );
}

#[tokio::test]
async fn a_peer_gets_its_connections_and_no_more() {
    let mut swarms = pair(TCP).await;
    let address = swarms[0].listeners().next().unwrap().clone();
    let mut refused = false;
    for _ in 0..2 * limit::PER_PEER {
        // Without the peer's name the dialler does not notice that it has a connection already.
        swarms[1].dial(address.clone()).unwrap();
    }
    run(&mut swarms, |_, _, event| {
        refused |= matches!(
            event,
            SwarmEvent::OutgoingConnectionError { .. } | SwarmEvent::IncomingConnectionError { .. }
        );
        refused.then_some(())
    })
    .await;
    let counters = swarms[0].network_info().connection_counters().num_established();
    assert!(counters <= limit::PER_PEER, "{counters} connections of one peer");
}

/// Many peers behind one address cost none of them anything; what is rejected costs the one that sent it.
#[tokio::test]
async fn gossip_scores_follow_verdicts_and_not_addresses() {
    let mut swarms = pair(TCP).await.into_iter().collect::<Vec<_>>();
    let address = swarms[0].listeners().next().unwrap().clone();
    for n in 3..15 {
        let mut one = swarm([n; 32], None).unwrap();
        one.dial(address.clone()).unwrap();
        swarms.push(one);
    }
    let topic = gossip::topic(&Id([5; 32]));
    for swarm in &mut swarms {
        swarm.behaviour_mut().gossip.subscribe(&topic).unwrap();
    }
    swarms[0]
        .behaviour_mut()
        .gossip
        .set_topic_params(topic.clone(), gossip::topic_score())
        .unwrap();
    let (mut subscribed, mut known) = (0, false);
    run(&mut swarms, |at, _, event| {
        let heard = matches!(
            event,
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Subscribed { .. }))
        );
        subscribed += usize::from(at == 0 && heard);
        known |= at == 1 && heard;
        (subscribed == 13 && known).then_some(())
    })
    .await;
    for n in 0..4_u8 {
        let gossip = &mut swarms[1].behaviour_mut().gossip;
        gossip.publish(topic.hash(), vec![n; 100]).unwrap();
    }
    let culprit = *swarms[1].local_peer_id();
    let mut rejected = 0;
    run(&mut swarms, |at, swarm, event| {
        if let SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message {
            propagation_source,
            message_id,
            ..
        })) = event
            && at == 0
        {
            assert_eq!(propagation_source, culprit);
            let gossip = &mut swarm.behaviour_mut().gossip;
            gossip.report_message_validation_result(&message_id, &propagation_source, MessageAcceptance::Reject);
            rejected += 1;
        }
        (rejected == 4).then_some(())
    })
    .await;
    let gossip = &swarms[0].behaviour().gossip;
    let score = |swarm: &Swarm<Behaviour>| gossip.peer_score(swarm.local_peer_id()).unwrap();
    // It heals with time, of which a busy machine takes some.
    assert!(score(&swarms[1]) < -1.0, "{}", score(&swarms[1]));
    for other in &swarms[2..] {
        assert!(score(other) >= 0.0, "{}", score(other));
    }
}
