//! Whoever owns many peers cannot stand between a node and everybody else.

use althing_protocol::codec;
use althing_protocol::control::{self, Control};
use libp2p::request_response::{self, Message};
use serde_bytes::ByteBuf;
use tempfile::TempDir;

use super::super::behaviour::{Behaviour, BehaviourEvent, swarm};
use super::super::card::{Answer, Card, Other};
use super::super::gossip;
use super::nodes::{Node, agree, wait_for};
use super::*;
use crate::home::Home;
use crate::store::Bodies;

const SYBILS: u8 = 30;

/// Thirty peers of one identity that follow the committee, never have anything, and tell of nobody but each other. Every
/// third claims to be a node of the founder's.
async fn sybils(committee: Id, founder: Id, dir: &TempDir) -> Vec<Multiaddr> {
    let mallory = Home::init(&dir.path().join("mallory"), "Mallory").unwrap();
    let topic = gossip::topic(&committee);
    let mut swarms: Vec<Swarm<Behaviour>> = Vec::new();
    let mut others = Vec::new();
    let mut addresses = Vec::new();
    for n in 0..SYBILS {
        let mut one = swarm([100 + n; 32], None).unwrap();
        let peer = *one.local_peer_id();
        one.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
        let address = loop {
            if let SwarmEvent::NewListenAddr { address, .. } = one.select_next_some().await {
                break address;
            }
        };
        one.behaviour_mut().gossip.subscribe(&topic).unwrap();
        let card = match n % 3 {
            0 => Card::forged(&mallory, founder, &peer),
            _ => Card::of(&mallory, &peer).unwrap(),
        };
        others.push((peer, address.clone(), card));
        addresses.push(address.with(Protocol::P2p(peer)));
        swarms.push(one);
    }
    tokio::spawn(async move {
        loop {
            let next = futures::future::select_all(swarms.iter_mut().map(|s| s.select_next_some()));
            let (event, at, _) = next.await;
            if let SwarmEvent::Behaviour(BehaviourEvent::Peers(request_response::Event::Message {
                message: Message::Request { channel, .. },
                ..
            })) = event
            {
                let told = others.iter().cycle().skip(at + 1).take(limit::TOLD);
                let answer = Answer {
                    card: Some(others[at].2.clone()),
                    peers: told
                        .map(|(peer, address, card)| Other {
                            peer: ByteBuf::from(peer.to_bytes()),
                            addresses: vec![ByteBuf::from(address.to_vec())],
                            card: Some(card.clone()),
                        })
                        .collect(),
                };
                drop(
                    swarms[at]
                        .behaviour_mut()
                        .peers
                        .send_response(channel, codec::encode(&answer)),
                );
            }
        }
    });
    addresses
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_peers_of_one_stranger_do_not_keep_it_from_four_members() {
    let dir = TempDir::new().unwrap();
    let ada = Node::start("Ada").await;
    let committee = ada.found(1).await;
    let mut members = Vec::new();
    for name in ["Ben", "Cleo", "Dora"] {
        let node = Node::start(name).await;
        node.ingest.follow(committee, Bodies::All).await.unwrap();
        node.call(&ada);
        let to = node.home.identity();
        wait_for("a newcomer's identity", || ada.holds(&to)).await;
        let grant = Control::Grant(control::Grant {
            role: "voice".into(),
            to,
            scope: None,
        });
        ada.write(committee, "grant", Some(grant), Vec::new(), Vec::new()).await;
        members.push(node);
    }
    members.insert(0, ada);
    agree(&members.iter().collect::<Vec<_>>(), &committee).await;

    // The book of a node that has met nobody but them.
    let sybils = sybils(committee, members[0].home.identity(), &dir).await;
    let lines: Vec<serde_json::Value> = sybils
        .iter()
        .map(|address| {
            let text = address.to_string();
            let (address, peer) = text.split_once("/p2p/").unwrap();
            serde_json::json!({ "peer": peer, "addresses": [address], "named": false, "seen": 1 })
        })
        .collect();
    let data = TempDir::new().unwrap();
    drop(Home::init(&data.path().join("data"), "Victor").unwrap());
    std::fs::write(data.path().join("data/peers"), serde_json::to_vec(&lines).unwrap()).unwrap();
    let victor = Node::start_in(data, "Victor").await;
    victor.ingest.follow(committee, Bodies::All).await.unwrap();
    wait_for("its first connections are all theirs", || {
        victor.net.peers().len() >= limit::KEEP / 2
    })
    .await;

    // One honest peer is enough: it tells of the others, whose cards show that they belong to different members.
    victor.call(&members[0]);
    let connected = |node: &Node| {
        let peers = victor.net.peers();
        peers
            .iter()
            .any(|peer| peer.peer == node.net.peer_id() && peer.outbound && peer.identity == Some(node.home.identity()))
    };
    wait_for("all four members", || members.iter().all(connected)).await;
    agree(&[&victor, &members[0]], &committee).await;
    let stays = Instant::now() + Duration::from_secs(3);
    while Instant::now() < stays {
        assert!(members.iter().all(connected), "they stay");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let theirs = || {
        let of = |peer: &PeerInfo| sybils.iter().any(|a| a.to_string().ends_with(&peer.peer.to_string()));
        victor.net.peers().iter().filter(|peer| of(peer)).count()
    };
    wait_for("surplus peers of one identity are let go", || theirs() <= limit::KEEP).await;
    for node in members.into_iter().chain([victor]) {
        drop(node);
    }
}
