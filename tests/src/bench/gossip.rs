//! Gossip between many nodes in one process: how soon everybody has an entry, and how often it travels.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use althing::ingest::{Author, Notice};
use althing::store::Bodies;
use althing_protocol::author::Draft;
use althing_protocol::control;
use althing_protocol::entry::Body;
use althing_protocol::hash::{Id, sha256};
use althing_protocol::limit;
use tokio::runtime::Runtime;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::flood::percentile;
use super::net::{Peer, loopback};
use super::real;
use super::table::row;

/// Entries that are gossiped, one every tenth of a second.
const POSTS: usize = 100;

/// Bytes of each: large enough that what nodes say beside it weighs little.
const BODY: usize = 20_000;

/// So many nodes; each calls three others.
///
/// # Panics
/// When an entry does not arrive everywhere within a minute.
pub fn crowd(folder: &Path, nodes: usize) {
    let runtime = Runtime::new().expect("threads can be started");
    let peers: Vec<Peer> = (0..nodes)
        .map(|n| Peer::start(&runtime, &folder.join(format!("crowd-{n}"))))
        .collect();
    let first = peers.first().expect("there are nodes");
    let founding = control::Committee {
        founders: vec![first.ingest.home().identity()],
        threshold: 1,
    };
    let committee = runtime
        .block_on(
            first
                .ingest
                .write(move |author: &mut Author<'_>| author.found(founding, None)),
        )
        .expect("the node runs")
        .expect("a committee can be founded");
    for (n, peer) in peers.iter().enumerate().skip(1) {
        runtime
            .block_on(peer.ingest.follow(committee, Bodies::All))
            .expect("the node runs");
        // Each calls some of those before it, so that nobody is apart.
        for other in [n - 1, n / 2, n / 3] {
            peer.meet(peers.get(other).expect("it is one of those before"));
        }
    }
    let begun = Instant::now();
    while peers.iter().any(|peer| peer.count(&committee) == 0) {
        assert!(begun.elapsed() < Duration::from_secs(120), "everybody has the root");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Identities of all travel to all; then it is quiet.
    std::thread::sleep(Duration::from_secs(15));
    let (told, mut arrivals) = mpsc::unbounded_channel::<(Id, Instant)>();
    for peer in &peers {
        let (mut notices, told) = (peer.ingest.notices(), told.clone());
        runtime.spawn(async move {
            loop {
                match notices.recv().await {
                    Ok(notice) => {
                        if let Notice::Admitted { id, .. } = *Arc::clone(&notice)
                            && told.send((id, Instant::now())).is_err()
                        {
                            return;
                        }
                    }
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }
    let (mut waits, mut copies) = (Vec::new(), Vec::new());
    for n in 0..POSTS {
        let mut bytes = Vec::with_capacity(BODY + 32);
        while bytes.len() < BODY {
            bytes.extend(sha256(&[&n.to_le_bytes(), &bytes.len().to_le_bytes()]));
        }
        let draft = Draft {
            doc: Some(committee),
            kind: "post".to_owned(),
            body: Some(Body {
                salt: [0; limit::SALT],
                bytes,
            }),
            ..Draft::default()
        };
        let (before, begun) = (loopback(), Instant::now());
        let id = runtime
            .block_on(
                first
                    .ingest
                    .write(move |author: &mut Author<'_>| author.write(committee, draft)),
            )
            .expect("the node runs")
            .expect("a post can be written");
        let mut left = nodes;
        while left > 0 {
            let next = async { tokio::time::timeout(Duration::from_secs(60), arrivals.recv()).await };
            let (of, at) = runtime
                .block_on(next)
                .ok()
                .flatten()
                .expect("an entry arrives everywhere within a minute");
            if of == id {
                left -= 1;
                waits.push((at - begun).as_secs_f64() * 1000.0);
            }
        }
        // What is still on its way counts, too.
        std::thread::sleep(Duration::from_millis(100));
        let bytes = usize::try_from(loopback() - before).unwrap_or(0);
        copies.push(real(bytes) / real(BODY) / real(nodes - 1));
    }
    row(
        &format!("gossip, {nodes} nodes in one process"),
        &format!("p99 {:.0} ms", percentile(&mut waits, 99)),
        "≤ 1 s; ≤ 3 copies each",
        &format!(
            "p50 {:.0} ms; {:.1} copies per node and entry, by bytes on the wire, all else included",
            percentile(&mut waits, 50),
            super::middle(&mut copies)
        ),
    );
    for peer in peers {
        peer.stop(&runtime);
    }
}
