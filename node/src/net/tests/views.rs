//! What a node shows of its logs, and what it gossips when it writes much at once.

use std::sync::Mutex;

use althing_protocol::author::Draft;
use althing_protocol::entry::{Body, Verified};
use althing_protocol::limit as consensus;
use althing_protocol::sync::Replica as _;
use libp2p::gossipsub;

use super::super::behaviour::{BehaviourEvent, swarm};
use super::super::{floor, replica};
use super::nodes::Node;
use super::*;
use crate::ingest::tests::crowd::Crowd;

#[tokio::test(flavor = "multi_thread")]
async fn chains_are_cut_from_below_and_every_branch_is_announced() {
    let node = Node::start("Ada").await;
    let committee = node.found(1).await;
    let (mut crowd, first) = Crowd::new(1);
    crowd.committee = committee;
    let trunk: Vec<Verified> = (0..60).map(|n| crowd.post_in(committee, 0, n, 50)).collect();
    let mut branch: Vec<Verified> = Vec::new();
    for n in 30..35 {
        let prev = branch.last().unwrap_or(&trunk[29]).id();
        branch.push(crowd.signed(0, |header| {
            (header.seq, header.prev, header.time) = (n, Some(prev), 7);
        }));
    }
    let wires = first.into_iter().chain(trunk.iter().chain(&branch).map(Verified::wire));
    node.ingest.submit(Origin::Peer(1), wires.collect()).await.unwrap();

    let inner = Arc::new(replica::Node {
        files: None,
        ingest: node.ingest.clone(),
        floors: Mutex::new(node.ingest.read(floor::Floors::of)),
        generation: 1,
        begun: Instant::now(),
    });
    let ids = |entries: &[Verified]| entries.iter().map(Verified::id).collect::<Vec<Id>>();
    let (trunk, branch) = (ids(&trunk), ids(&branch));
    let (end, twig) = (trunk[59], branch[4]);
    let expected = [
        (end, 10, 5, trunk[10..15].to_vec()),
        (end, 29, 3, trunk[29..32].to_vec()),
        (end, 0, 1000, trunk.clone()),
        (end, 59, 9, vec![end]),
        (end, 60, 9, vec![]),
        (twig, 28, 100, [&trunk[28..30], &branch].concat()),
        (twig, 32, 100, branch[2..].to_vec()),
        (twig, 31, 2, branch[1..3].to_vec()),
        (Id([9; 32]), 0, 9, vec![]),
    ];
    let found = inner
        .look(committee, None, move |view| {
            let chains: Vec<bool> = expected
                .into_iter()
                .map(|(head, from, most, chain)| view.chain(&head, from, most) == chain)
                .collect();
            (chains, view.floor(0, 512).0)
        })
        .await
        .unwrap();
    assert_eq!(found.0, [true; 9]);
    let heads: Vec<Id> = found.1.iter().map(|head| head.id).collect();
    assert!(heads.contains(&end) && heads.contains(&twig), "both ends of the fork");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_in_bulk_does_not_hold_up_what_comes_after() {
    let node = Node::start("Ada").await;
    let committee = node.found(1).await;
    let topic = gossip::topic(&committee);
    let mut listener = swarm([77; 32], None).unwrap();
    listener.behaviour_mut().gossip.subscribe(&topic).unwrap();
    listener.dial(node.net.listen_addrs()[0].clone()).unwrap();
    let draft = move |text: String| Draft {
        doc: Some(committee),
        kind: "post".to_owned(),
        body: Some(Body {
            salt: [0; consensus::SALT],
            bytes: text.into_bytes(),
        }),
        ..Draft::default()
    };
    let (mut heard, mut said) = (0, false);
    let last = b"the last word".as_slice();
    let work = async {
        loop {
            match listener.select_next_some().await {
                SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Subscribed { .. })) if !said => {
                    said = true;
                    let all = (0..600).map(|n| draft(format!("line {n}"))).collect::<Vec<_>>();
                    let bulk = move |author: &mut crate::ingest::Author<'_>| {
                        all.into_iter().all(|draft| author.write(committee, draft).is_ok())
                    };
                    assert!(node.ingest.write(bulk).await.unwrap());
                    let word = draft("the last word".to_owned());
                    let write = move |author: &mut crate::ingest::Author<'_>| author.write(committee, word);
                    node.ingest.write(write).await.unwrap().unwrap();
                }
                SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message { message, .. })) => {
                    heard += 1;
                    if message.data.windows(last.len()).any(|part| part == last) {
                        return heard;
                    }
                }
                _ => {}
            }
        }
    };
    let heard = tokio::time::timeout(Duration::from_secs(60), work)
        .await
        .expect("it is heard");
    // Of each batch of notices that is looked at together, the newest: without that all 600 come first.
    assert!(
        heard <= 8 * limit::PUBLISH_BULK,
        "{heard} messages came before the last"
    );
}
