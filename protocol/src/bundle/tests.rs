#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::anchor::batch::Batch;
use crate::anchor::rlp;
use crate::codec::{self, Value as Cbor};
use crate::hash::{Hash, Id};
use crate::link::Address;
use crate::log::Leaf;
use crate::vectors::world::{self, Log, Receipt, World, body, mine, signed};

/// A bundle with everything in it.
fn whole() -> (Vec<u8>, Verified) {
    let (world, body) = (World::new(), body());
    let parts = Parts {
        body: Some(&body),
        page: Some(b"<p>small</p>"),
        anchor: Some(world.anchorage(Receipt::of, 17, 40)),
        ..world.parts("reply", &["bob", "cleo"])
    };
    let bundle = make(&parts, world.look()).unwrap();
    let verified = verify(&bundle).unwrap();
    (bundle, verified)
}

#[test]
fn no_bit_of_a_file_is_free() {
    let (bundle, _) = whole();
    for at in 0..bundle.len() {
        for bit in [0, at % 7 + 1] {
            let mut changed = bundle.clone();
            changed[at] ^= 1 << bit;
            assert_eq!(
                verify(&changed).unwrap_err(),
                Refused(Check::Zip),
                "byte {at}, bit {bit}"
            );
        }
    }
    for end in 0..bundle.len() {
        assert_eq!(verify(&bundle[..end]).unwrap_err().0, Check::Zip);
    }
}

/// With the checksum mended a changed proof is refused, or says another block: the block is what a reader looks up.
#[test]
fn no_bit_of_a_proof_is_free() {
    let (bundle, before) = whole();
    let members = Members::read(&bundle).unwrap();
    let (block, _) = before.anchor.unwrap();
    let (mut refused, mut other_block) = (0, 0);
    for at in 0..members.proof.len() {
        for bit in [0, at % 7 + 1] {
            let mut changed = members.clone();
            changed.proof[at] ^= 1 << bit;
            match verify(&changed.write()) {
                Err(_) => refused += 1,
                Ok(after) => {
                    let (found, _) = after.anchor.unwrap();
                    assert!(found.block != block.block, "byte {at}, bit {bit} is free");
                    other_block += 1;
                }
            }
        }
    }
    // The header of some 600 bytes, without its receipts root, and the chain.
    assert!(
        other_block < 1400 && refused > 6000,
        "{refused} refused, {other_block} of another block"
    );
    for at in 0..members.body.as_ref().unwrap().len() {
        let mut changed = members.clone();
        changed.body.as_mut().unwrap()[at] ^= 1;
        assert_eq!(
            verify(&changed.write()).unwrap_err().0,
            Check::Body,
            "byte {at} of the body"
        );
    }
}

/// What a log of a million leaves, three cosigners and a busy block come to, in bytes. The time is printed, not judged.
#[test]
fn a_bundle_is_small() {
    let world = World::new();
    let mut parts = world.parts("reply", &["bob", "cleo", "dora"]);
    // A log of a million leaves, of which only the path of one is needed: twenty hashes up from it.
    let size = 1_000_000;
    let leaf = Leaf::Entry(world.entries["reply"].id()).hash();
    let path: Vec<Hash> = (0..20_u8).map(|n| Hash([n; 32])).collect();
    let root = path
        .iter()
        .fold(leaf, |hash, sibling| crate::log::parent(&hash, sibling));
    let mut checkpoint = world.checkpoint();
    (checkpoint.size, checkpoint.root) = (size, root);
    let keys = ["bob", "cleo", "dora"].map(|name| world.node(name));
    parts.note = signed(&checkpoint, &world.node("ada"), &keys).write();
    (parts.index, parts.path) = (0, path);
    // A batch of 1,000 logs, and a receipt under three full branches.
    let other = |n: u32| format!("{n} of another log\n");
    let batch = Batch::new((0..999).map(other).chain([checkpoint.to_string()])).unwrap();
    let place = batch
        .texts()
        .iter()
        .position(|text| *text == checkpoint.to_string())
        .unwrap();
    let evidence = deep(&Receipt::of(batch.root()));
    assert_eq!(
        evidence.receipt.iter().map(Vec::len).filter(|len| *len == 532).count(),
        3
    );
    parts.anchor = Some(Anchorage {
        evidence,
        size: 1000,
        place: u64::try_from(place).unwrap(),
        path: batch.path(place).unwrap(),
    });
    let bundle = make(&parts, world.look()).unwrap();
    #[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a measurement")]
    let start = std::time::Instant::now();
    for _ in 0..20 {
        verify(&bundle).unwrap();
    }
    println!(
        "{} bytes, {} µs to verify",
        bundle.len(),
        start.elapsed().as_micros() / 20
    );
    assert!(bundle.len() <= 8 << 10, "{} bytes", bundle.len());
}

/// Evidence of a receipt below three branches of sixteen children, as in a block of some hundred transactions.
fn deep(receipt: &Receipt) -> crate::anchor::Evidence {
    let mut evidence = mine(receipt, 0, 1);
    evidence.index = 0x0123;
    // RLP of the index is 82 01 23: digits 8 2 0 1 2 3, of which an extension takes two.
    let key = rlp::encode_number(evidence.index);
    assert_eq!(key, [0x82, 0x01, 0x23]);
    let leaf = world::list(&[world::string(&[0x33]), world::string(&receipt.bytes())]);
    let mut nodes = vec![leaf];
    for digit in [2_usize, 1, 0] {
        let below = world::keccak(nodes.last().unwrap());
        let mut children: Vec<Vec<u8>> = (0..16_u8).map(|n| world::string(&[n + 1; 32])).collect();
        children[digit] = world::string(&below);
        children.push(world::string(&[]));
        nodes.push(world::list(&children));
    }
    let below = world::keccak(nodes.last().unwrap());
    nodes.push(world::list(&[world::string(&[0x00, 0x82]), world::string(&below)]));
    nodes.reverse();
    evidence.header = world::header(&world::keccak(&nodes[0]), 23_000_000, 1_790_000_200);
    evidence.receipt = nodes;
    evidence
}

#[test]
fn what_is_missing_is_named() {
    let world = World::new();
    let parts = world.parts("late", &["bob"]);
    let dora = &world.people["dora"];
    for entry in [&dora.entries[0], &dora.entries[3], dora.entries.last().unwrap()] {
        let gone = entry.id();
        let look = |id: &Id| {
            if *id == gone {
                None
            } else {
                world.known.get(id).cloned()
            }
        };
        assert!(make(&parts, look).is_err(), "{}", entry.header().kind);
    }
    let cert = dora.device.cert.unwrap();
    let look = |id: &Id| {
        if *id == cert {
            None
        } else {
            world.known.get(id).cloned()
        }
    };
    assert_eq!(make(&parts, look), Err(Unmade::Missing(cert)));
    let mut wrong = parts.clone();
    wrong.index += 1;
    assert_eq!(make(&wrong, world.look()), Err(Unmade::Refused(Refused(Check::Log))));
    let page = vec![0; LARGEST];
    let large = Parts {
        page: Some(&page),
        ..parts
    };
    assert_eq!(make(&large, world.look()), Err(Unmade::Large));
}

#[test]
fn a_log_of_any_size_proves_its_leaves() {
    let world = World::new();
    let id = world.entries["topic"].id();
    let mut log = Log::default();
    for n in 0..40_u8 {
        log.push(if n == 11 {
            Leaf::Entry(id)
        } else {
            Leaf::Left(Id([n; 32]))
        });
    }
    for size in 12..=40 {
        let checkpoint = log.checkpoint(world.origin(), size);
        let parts = Parts {
            note: signed(&checkpoint, &world.node("ada"), &[]).write(),
            index: 11,
            path: log.path(11, size),
            ..world.parts("topic", &[])
        };
        assert_eq!(
            verify(&make(&parts, world.look()).unwrap()).unwrap().checkpoint,
            checkpoint
        );
    }
}

proptest! {
    /// Members of any content come back, and nothing else does.
    #[test]
    fn zips_come_back(proof in bytes(200), body in proptest::option::of(bytes(99)), page in proptest::option::of(bytes(99))) {
        let members = Members { proof, body, page };
        let bytes = members.write();
        prop_assert_eq!(rebuild(&bytes), Some(bytes.clone()));
        prop_assert_eq!(Members::read(&bytes), Some(members));
    }

    /// So do proofs.
    #[test]
    fn proofs_come_back(header in bytes(99), note in "\\PC{0,99}", index in 0..crate::limit::INT, hashes in 0..9_u8, people in 0..5_usize, anchored: bool) {
        let signed = Signed { header: header.clone(), signature: [7; 64] };
        let path: Vec<Hash> = (0..hashes).map(|n| Hash([n; 32])).collect();
        let anchor = anchored.then(|| Anchorage {
            evidence: crate::anchor::Evidence {
                chain: index, contract: Address::new([1; 20]), header: header.clone(), index, receipt: vec![header.clone(); people], event: index,
            },
            size: 1024, place: index, path: path.clone(),
        });
        let proof = Proof { entry: signed.clone(), people: vec![signed; people], note, index, path, anchor };
        prop_assert_eq!(Proof::decode(&proof.encode()), Some(proof));
    }

    /// Whatever comes, reading ends and never panics.
    #[test]
    fn verifying_is_total(bytes in bytes(400)) {
        prop_assert!(verify(&bytes).is_err());
        prop_assert!(Proof::decode(&bytes).is_none());
        let inside = Members { proof: bytes.clone(), body: Some(bytes), page: None };
        prop_assert!(verify(&inside.write()).is_err());
    }

    /// A good proof with one field replaced by anything is refused or still a proof, and never a panic.
    #[test]
    fn changed_fields_are_judged(which in 0..7_usize, value in values()) {
        let members = Members::read(&whole().0).unwrap();
        let Ok(Cbor::Map(map)) = codec::decode_value(&members.proof) else { panic!("a proof is a map") };
        let mut map: BTreeMap<String, Cbor> = map;
        let name = map.keys().nth(which % map.len()).unwrap().clone();
        map.insert(name, value);
        let changed = Members { proof: codec::encode(&Cbor::Map(map)), ..members };
        let _ignored = verify(&changed.write());
    }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}

fn values() -> impl Strategy<Value = Cbor> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(|n| Cbor::Integer(n.into())),
        bytes(70).prop_map(Cbor::Bytes),
        "\\PC{0,40}".prop_map(Cbor::String),
        any::<bool>().prop_map(Cbor::Bool),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        proptest::collection::vec(inner, 0..5).prop_map(Cbor::List)
    })
}
