//! What the machine itself can do: the limits that the other rows are read against.

use std::hint::black_box;

use althing_protocol::entry::Entry;
use ed25519_dalek::{Signature, Signer as _, SigningKey};
use rayon::prelude::*;
use rocksdb::{DB, Options, WriteBatch, WriteOptions};

use super::table::{per_second, row};
use super::{median, rate, timed};
use crate::load::Load;

const MESSAGES: usize = 10_000;

/// Rates of strict signature checks, on one core and on all. Answers the latter.
pub fn verify_strict() -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]);
    let signed: Vec<(Vec<u8>, Signature)> = (0..MESSAGES)
        .map(|n| {
            let mut message = n.to_le_bytes().to_vec();
            message.resize(700, 1);
            let signature = key.sign(&message);
            (message, signature)
        })
        .collect();
    let public = key.verifying_key();
    let check = |(message, signature): &(Vec<u8>, Signature)| public.verify_strict(message, signature).is_ok();
    let one = median(5, || rate(MESSAGES, timed(|| assert!(signed.iter().all(check))).0));
    let all = median(5, || rate(MESSAGES, timed(|| assert!(signed.par_iter().all(check))).0));
    row("verify_strict, 700 bytes, one core", &per_second(one), "", "limit");
    row("verify_strict, 700 bytes, all cores", &per_second(all), "", "limit");
    all
}

/// The rate at which entries are decoded, on one core.
pub fn decode() {
    let (mut load, _) = Load::new(3);
    let wires = load.posts(MESSAGES);
    let decode = |wire: &Vec<u8>| black_box(Entry::decode(wire)).is_ok();
    let figure = median(5, || rate(MESSAGES, timed(|| assert!(wires.iter().all(decode))).0));
    row("decode an entry of 1 KB, one core", &per_second(figure), "", "");
}

/// The rate at which RocksDB alone takes batches of 256 values of 1 KB, each batch flushed to the disk.
pub fn rocksdb(folder: &std::path::Path) -> f64 {
    let mut options = Options::default();
    options.create_if_missing(true);
    let db = DB::open(&options, folder.join("raw")).expect("a fresh folder can be opened");
    let mut sync = WriteOptions::default();
    sync.set_sync(true);
    let value: Vec<u8> = (0u32..1024)
        .map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[1])
        .collect();
    let mut key = 0u64;
    let figure = median(5, || {
        let (time, ()) = timed(|| {
            for _ in 0..40 {
                let mut batch = WriteBatch::default();
                for _ in 0..256 {
                    key += 1;
                    batch.put(key.to_be_bytes(), &value);
                }
                db.write_opt(batch, &sync).expect("the disk takes a few megabytes");
            }
        });
        rate(40 * 256, time)
    });
    row(
        "RocksDB, batches of 256 × 1 KB with fsync",
        &per_second(figure),
        "",
        "limit",
    );
    figure
}
