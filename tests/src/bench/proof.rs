//! Logs and proofs on a large record: signing, proving, checking, and what the log adds to writing.

use std::path::Path;
use std::time::Instant;

use althing::http::{self, Network};
use althing::store::log::Logged;
use althing::store::{Options, Store};
use althing_protocol::bundle;
use althing_protocol::graph::Num;
use althing_protocol::hash::{Id, sha256};
use althing_protocol::log::{Frontier, Leaf};

use super::table::row;
use super::{node, real, timed};

/// Proofs that are made and checked.
const PROOFS: usize = 300;

/// Leaves that are appended to a log of their own, and leaves to a batch, as the door groups them.
const LEAVES: u32 = 200_000;
const GROUP: u32 = 512;

/// Proofs by the node in this folder, whose record of the committee has so many entries.
///
/// # Panics
/// When the node cannot serve.
pub fn rows(folder: &Path, committee: Id, entries: usize) {
    let (ingest, thread) = node::open(folder);
    let runtime = tokio::runtime::Runtime::new().expect("threads can be had");
    let addr = "127.0.0.1:0".parse().expect("an address");
    let server = runtime
        .block_on(http::start(ingest.clone(), Network::none("bench".to_owned()), addr))
        .expect("it serves");
    let (first, signed) = timed(|| runtime.block_on(ingest.checkpoint(committee, true)));
    let signed = signed.expect("it signs");
    row(
        &format!("first checkpoint of a log of {entries} entries"),
        &format!("{:.2} s", first.as_secs_f64()),
        "",
        "every leaf is hashed again from the stored headers",
    );
    let ids: Vec<Id> = ingest.read(|state| {
        let sequence = state.committee(&committee).map_or(&[][..], |c| c.record().sequence());
        let step = (sequence.len() / PROOFS).max(1);
        sequence
            .iter()
            .step_by(step)
            .map(|num| state.graph().id(*num))
            .collect()
    });
    let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let (mut made, mut checked, mut largest) = (Vec::new(), Vec::new(), 0);
    for id in &ids {
        let url = format!("{}/api/v1/entries/{id}/proof", server.url());
        let start = Instant::now();
        let mut answer = agent.get(&url).call().expect("it proves");
        let bytes = answer.body_mut().read_to_vec().expect("it answers");
        made.push(start.elapsed().as_secs_f64() * 1000.0);
        let (time, verified) = timed(|| bundle::verify(&bytes));
        checked.push(time.as_secs_f64() * 1000.0);
        let verified = verified.expect("it holds");
        assert_eq!((verified.id, verified.checkpoint.size), (*id, signed.size));
        let page = bundle::Members::read(&bytes)
            .and_then(|members| members.page)
            .map_or(0, |page| page.len());
        let body = bundle::Members::read(&bytes)
            .and_then(|members| members.body)
            .map_or(0, |body| body.len());
        largest = largest.max(bytes.len() - page - body);
    }
    row(
        &format!("proof made at {entries} entries, over HTTP"),
        &format!("p99 {:.1} ms", p99(&mut made)),
        "≤ 5 ms",
        &format!(
            "p50 {:.1} ms; with the page of {} KiB in it",
            middle(&made),
            http::verifier().len() / 1024
        ),
    );
    row(
        "proof verified",
        &format!("p99 {:.1} ms", p99(&mut checked)),
        "≤ 5 ms",
        &format!("p50 {:.1} ms", middle(&checked)),
    );
    row(
        "proof bundle without body and page",
        &format!("{largest} bytes"),
        "≤ 8 KiB",
        "no cosigners, no anchor; 8,177 bytes with three and a mainnet-like receipt (a protocol test)",
    );
    runtime.block_on(server.stop());
    ingest.stop_blocking();
    thread.join().expect("the writer ends").expect("nothing failed");
    append(folder);
}

/// What the log adds to writing an entry: its leaf, its place, its hashes.
fn append(folder: &Path) {
    let path = folder.with_file_name("leaves");
    let store = Store::open(&path, Options::default()).expect("a store");
    let root = Num(0);
    let write = |with: bool| {
        let mut frontier = Frontier::default();
        let start = Instant::now();
        for group in 0..LEAVES / GROUP {
            let mut batch = store.batch();
            // Something is written in any case: the door writes one batch for a group.
            batch.generation(group);
            for n in (0..GROUP).filter(|_| with) {
                let num = Num(group * GROUP + n);
                let index = frontier.size();
                batch.leaf(root, index, Logged::Joined(num));
                let id = Id(sha256(&[&num.0.to_le_bytes()]));
                frontier.push(Leaf::Entry(id).hash(), |full| batch.subtree(root, &full));
            }
            store.write(batch).expect("it writes");
        }
        start.elapsed().as_secs_f64()
    };
    let (without, with) = (write(false), write(true));
    let each = (with - without) / real(usize::try_from(LEAVES).unwrap_or(1)) * 1e6;
    row(
        "log append, on top of the batch",
        &format!("{each:.1} µs each"),
        "",
        &format!("leaf, place and hashes of {LEAVES} leaves, one fsync for {GROUP}"),
    );
}

fn p99(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() * 99 / 100).copied().unwrap_or(0.0)
}

/// Of sorted figures.
fn middle(figures: &[f64]) -> f64 {
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}
