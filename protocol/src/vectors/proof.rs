//! `proof.json`: bundles that hold, with what they say, and bundles that do not, each with the check that fails.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::make::{Pen, bare, key, public};
use super::world::{self, Receipt, World, body, header, list, mine, signed, string};
use super::{hex, hold};
use crate::anchor::rlp;
use crate::bundle::{Check, Members, Parts, Proof, Signed, make, rebuild, verify};
use crate::codec::{self, Value as Cbor};
use crate::control::{self, Control, Use};
use crate::entry::Verified;
use crate::hash::{Hash, Id, key_commitment};
use crate::log::note::{self, Note};
use crate::log::witness;

struct Cases {
    world: World,
    accepted: Vec<Value>,
    refused: Vec<Value>,
    /// The good ones, for the bad ones to be made of.
    good: BTreeMap<&'static str, Vec<u8>>,
}

#[test]
fn vectors() {
    let mut cases = Cases {
        world: World::new(),
        accepted: Vec::new(),
        refused: Vec::new(),
        good: BTreeMap::new(),
    };
    accepted(&mut cases);
    files(&mut cases);
    encodings(&mut cases);
    people(&mut cases);
    bodies(&mut cases);
    notes(&mut cases);
    anchors(&mut cases);
    let shown = |check: &Check| cases.refused.iter().any(|case| case["refused"] == check.name());
    assert_eq!(Check::ALL.iter().find(|check| !shown(check)), None, "every check has a case");
    hold(
        "proof.json",
        &json!({
            "about": [
                "Bundles in hexadecimal digits (docs/spec/proof.md). Accepted: the sentences that they say, and facts.",
                "Refused: the name of the first check that fails.",
                "Those are given as parts on end: hexadecimal text and how often it stands there, or two offsets: that range",
                "of the accepted bundle that `of` names.",
                "The block's header is made up: only chain, receipts root, number and time of it mean something.",
            ],
            "accepted": cases.accepted,
            "refused": cases.refused,
        }),
    );
}

impl Cases {
    fn accept(&mut self, name: &'static str, parts: &Parts<'_>) {
        let bundle = make(parts, self.world.look()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let verified = verify(&bundle).unwrap();
        assert_eq!(rebuild(&bundle).as_ref(), Some(&bundle));
        self.accepted.push(json!({
            "name": name,
            "bundle": hex(&bundle),
            "says": verified.to_string(),
            "facts": verified.facts(),
        }));
        self.good.insert(name, bundle);
    }

    fn refuse(&mut self, name: &str, of: &str, bundle: &[u8], check: Check) {
        let found = verify(bundle).map(|verified| verified.id);
        assert_eq!(found.map_err(|refused| refused.0), Err(check), "{name}");
        let parts = parts(&self.good[of], bundle);
        self.refused.push(json!({ "name": name, "of": of, "parts": parts, "refused": check.name() }));
    }

    /// Changes the proof of a good bundle as a value.
    fn edit(&mut self, name: &str, of: &str, check: Check, change: impl FnOnce(&mut codec::Map)) {
        let mut members = Members::read(&self.good[of]).unwrap();
        let Ok(Cbor::Map(mut map)) = codec::decode_value(&members.proof) else {
            panic!("a proof is a map");
        };
        change(&mut map);
        members.proof = codec::encode(&Cbor::Map(map));
        self.refuse(name, of, &members.write(), check);
    }

    /// Changes it as a proof.
    fn change(&mut self, name: &str, of: &str, check: Check, change: impl FnOnce(&World, &mut Proof)) {
        let mut members = Members::read(&self.good[of]).unwrap();
        let mut proof = Proof::decode(&members.proof).unwrap();
        change(&self.world, &mut proof);
        members.proof = proof.encode();
        self.refuse(name, of, &members.write(), check);
    }

    fn member(&mut self, name: &str, of: &str, check: Check, change: impl FnOnce(&mut Members)) {
        let mut members = Members::read(&self.good[of]).unwrap();
        change(&mut members);
        self.refuse(name, of, &members.write(), check);
    }

    fn note(&mut self, name: &str, check: Check, change: impl FnOnce(&World, &mut Note)) {
        self.change(name, "cosigned", check, |world, proof| {
            let mut note = Note::read(&proof.note).unwrap();
            change(world, &mut note);
            proof.note = note.write();
        });
    }
}

/// Bytes as what they share with others, and the rest.
fn parts(of: &[u8], bytes: &[u8]) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut own: Vec<u8> = Vec::new();
    let flush = |own: &mut Vec<u8>, parts: &mut Vec<Value>| {
        for run in own.chunk_by(|a, b| a == b) {
            match parts.last_mut().and_then(|last| last.as_array_mut()).map(Vec::as_mut_slice) {
                _ if run.len() > 64 => parts.push(json!([hex(&run[..1]), run.len()])),
                Some([Value::String(text), times]) if *times == json!(1) => text.push_str(&hex(run)),
                _ => parts.push(json!([hex(run), 1])),
            }
        }
        own.clear();
    };
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, of, bytes) {
        let (old, new) = (op.old_range(), op.new_range());
        if op.tag() == similar::DiffTag::Equal && old.len() > 16 {
            flush(&mut own, &mut parts);
            parts.push(json!([old.start, old.end]));
        } else {
            own.extend_from_slice(&bytes[new]);
        }
    }
    flush(&mut own, &mut parts);
    parts
}

fn accepted(cases: &mut Cases) {
    let body = body();
    let page = b"<!doctype html><title>Checks a proof</title>";
    let world = World::new();
    let anchored = |kind| {
        move |digest| Receipt {
            kind,
            ..Receipt::of(digest)
        }
    };
    cases.accept("plain", &world.parts("topic", &[]));
    cases.accept("cosigned", &world.parts("post", &["bob"]));
    let whole = Parts {
        body: Some(&body),
        page: Some(page),
        anchor: Some(world.anchorage(anchored(Some(2)), 17, 40)),
        ..world.parts("reply", &["bob", "cleo", "dora"])
    };
    cases.accept("whole", &whole);
    let mut absent = whole.clone();
    absent.body = None;
    absent.page = None;
    cases.accept("body_absent", &absent);
    let legacy = Parts {
        anchor: Some(world.anchorage(anchored(None), 0, 1)),
        ..world.parts("topic", &[])
    };
    cases.accept("legacy_receipt_alone_in_its_block", &legacy);
    let blob = Parts {
        anchor: Some(world.anchorage(anchored(Some(3)), 130, 140)),
        body: Some(&body),
        ..world.parts("post", &[])
    };
    cases.accept("blob_receipt", &blob);
    let mut far = world.anchorage(anchored(Some(2)), 1, 2);
    let (root, _) = world::trie(&[receipts(&world, 1, 0), receipts(&world, 1, 1)], 1);
    far.evidence.header = header(&root, 1, 300_000_000_000);
    let far = Parts {
        anchor: Some(far),
        ..world.parts("topic", &[])
    };
    cases.accept("year_of_five_digits", &far);
    cases.accept("committee_root", &world.parts("committee", &[]));
    cases.accept("after_two_rotations", &world.parts("late", &[]));
    cases.accept("identity_root", &world.parts("identity", &[]));
    cases.accept("enrolment_itself", &world.parts("enroll", &["bob"]));
    cases.accept("rotation_itself", &world.parts("rotate", &[]));
    cases.accept("of_an_identity_by_its_device", &world.parts("link", &[]));
}

/// The receipt of transaction `n` in the block that [`World::anchorage`] mines for transaction `index`.
fn receipts(world: &World, index: u64, n: u64) -> Vec<u8> {
    let receipt = Receipt::of(world.batch().root());
    if n == index {
        return receipt.bytes();
    }
    Receipt {
        kind: [None, Some(1), Some(2), Some(3)][usize::try_from(n % 4).unwrap()],
        data: vec![u8::try_from(n % 256).unwrap()],
        ..receipt
    }
    .bytes()
}

fn files(cases: &mut Cases) {
    let plain = cases.good["plain"].clone();
    let zeros = (2 << 20) + 1 - plain.len();
    assert_eq!(verify(&[&plain[..], &vec![0; zeros]].concat()).unwrap_err().0, Check::Size);
    cases.refused.push(json!({
        "name": "size_of_2097153",
        "of": "plain",
        "parts": [[0, plain.len()], ["00", zeros]],
        "refused": "size",
    }));
    let mut zip = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = plain.clone();
        change(&mut bytes);
        cases.refuse(name, "plain", &bytes, Check::Zip);
    };
    let size = Members::read(&plain).unwrap().proof.len();
    let (local, directory) = (30 + 10 + size, 46 + 10);
    zip("zip_empty", &|bytes| bytes.clear());
    zip("zip_trailing_byte", &|bytes| bytes.push(0));
    zip("zip_byte_in_front", &|bytes| bytes.insert(0, 0));
    zip("zip_cut_short", &|bytes| bytes.truncate(bytes.len() - 1));
    zip("zip_version", &|bytes| bytes[4] = 10);
    zip("zip_flags", &|bytes| bytes[6] = 8);
    zip("zip_method", &|bytes| bytes[8] = 8);
    zip("zip_time", &|bytes| bytes[10] = 1);
    zip("zip_date", &|bytes| bytes[12] = 0x22);
    zip("zip_crc", &|bytes| bytes[14] ^= 1);
    zip("zip_size_of_4_gib", &|bytes| bytes[18..26].fill(0xff));
    zip("zip_extra_field", &|bytes| bytes[28] = 1);
    zip("zip_name", &|bytes| bytes[30] = b'P');
    zip("zip_content", &|bytes| bytes[60] ^= 1);
    zip("zip_directory_of_another_crc", &|bytes| bytes[local + 16] ^= 1);
    zip("zip_directory_comment", &|bytes| bytes[local + 32] = 1);
    zip("zip_directory_attributes", &|bytes| bytes[local + 38] = 1);
    zip("zip_directory_offset", &|bytes| bytes[local + 42] = 1);
    zip("zip_end_count", &|bytes| bytes[local + directory + 8] = 2);
    zip("zip_end_comment", &|bytes| {
        let at = bytes.len() - 2;
        bytes[at] = 1;
        bytes.push(b'x');
    });
    cases.member("encoding_of_nothing", "plain", Check::Encoding, |members| members.proof.clear());
    // The members of a bundle have their order: the body's name stands where the proof's should.
    let mut bytes = cases.good["plain"].clone();
    let name: Vec<usize> = (0..bytes.len() - 10).filter(|at| bytes[*at..].starts_with(b"proof.cbor")).collect();
    for at in name {
        bytes[at..at + 10].copy_from_slice(b"other.cbor");
    }
    cases.refuse("zip_no_proof", "plain", &bytes, Check::Zip);
}

fn put(map: &mut codec::Map, name: &str, value: Cbor) {
    map.insert(name.to_owned(), value);
}

fn anchor_of(map: &mut codec::Map) -> &mut codec::Map {
    match map.get_mut("anchor") {
        Some(Cbor::Map(anchor)) => anchor,
        other => panic!("{other:?} is no anchor"),
    }
}

fn encodings(cases: &mut Cases) {
    let bytes = |n: usize| Cbor::Bytes(vec![0; n]);
    let check = Check::Encoding;
    cases.edit("encoding_version_2", "plain", check, |map| put(map, "v", Cbor::Integer(2)));
    cases.edit("encoding_unknown_field", "plain", check, |map| put(map, "more", Cbor::Integer(2)));
    cases.edit("encoding_no_index", "plain", check, |map| drop(map.remove("index")));
    cases.edit("encoding_note_as_bytes", "plain", check, |map| put(map, "note", bytes(3)));
    cases.edit("encoding_anchor_null", "plain", check, |map| put(map, "anchor", Cbor::Null));
    cases.edit("encoding_index_of_2_to_53", "plain", check, |map| put(map, "index", Cbor::Integer(1 << 53)));
    cases.edit("encoding_path_of_33_bytes", "plain", check, |map| put(map, "path", bytes(33)));
    cases.edit("encoding_path_of_81_hashes", "plain", check, |map| put(map, "path", bytes(81 * 32)));
    cases.edit("encoding_entry_of_three", "plain", check, |map| {
        put(map, "entry", Cbor::List(vec![bytes(3), bytes(64), bytes(1)]));
    });
    cases.edit("encoding_entry_as_map", "plain", check, |map| {
        let signed = [("header", bytes(3)), ("signature", bytes(64))];
        put(map, "entry", Cbor::Map(signed.map(|(name, value)| (name.to_owned(), value)).into()));
    });
    cases.edit("encoding_signature_of_63_bytes", "plain", check, |map| {
        put(map, "entry", Cbor::List(vec![bytes(3), bytes(63)]));
    });
    cases.edit("encoding_65_people", "plain", check, |map| {
        let one = Cbor::List(vec![bytes(1), bytes(64)]);
        put(map, "people", Cbor::List(vec![one; 65]));
    });
    let mut anchor = |name: &str, field: &str, value: Cbor| {
        cases.edit(name, "legacy_receipt_alone_in_its_block", check, |map| put(anchor_of(map), field, value));
    };
    anchor("encoding_contract_of_19_bytes", "contract", bytes(19));
    anchor("encoding_header_of_4097_bytes", "header", bytes(4097));
    anchor("encoding_33_nodes", "receipt", Cbor::List(vec![bytes(1); 33]));
    anchor("encoding_batch_of_1025", "size", Cbor::Integer(1025));
    anchor("encoding_batch_path_of_31_bytes", "path", bytes(31));
    anchor("encoding_anchor_with_unknown_field", "heads", Cbor::List(Vec::new()));
    cases.member("encoding_trailing_byte", "plain", check, |members| members.proof.push(0));
    cases.member("encoding_long_integer", "plain", check, |members| {
        // {"v": 1, …}: the value as an integer in two bytes.
        let at = members.proof.windows(3).position(|three| three == b"\x61v\x01").unwrap();
        members.proof.splice(at + 2..at + 3, [0x18, 0x01]);
    });
    let of = "legacy_receipt_alone_in_its_block";
    let mut members = Members::read(&cases.good[of]).unwrap();
    let mut proof = Proof::decode(&members.proof).unwrap();
    proof.anchor.as_mut().unwrap().evidence.receipt = vec![vec![0; 65_537]];
    members.proof = proof.encode();
    cases.refuse("encoding_node_of_65537_bytes", of, &members.write(), check);
}

/// A root key of nobody's that says it is one of bob's.
fn enroll(by: &str, identity: Id, of: &str, usage: Use) -> Verified {
    let enroll = Control::Enroll(control::Enroll {
        key: public(&key(of)),
        usage,
    });
    Pen::new(by, None).act(identity, &enroll, &[])
}

fn without(proof: &mut Proof, entry: &Verified) {
    let count = proof.people.len();
    proof.people.retain(|one| one.header != entry.header_bytes());
    assert_eq!(proof.people.len() + 1, count);
}

fn people(cases: &mut Cases) {
    cases.change("entry_of_nothing", "plain", Check::Entry, |_, proof| proof.entry.header.clear());
    cases.change("entry_signature", "plain", Check::Entry, |_, proof| proof.entry.signature[0] ^= 1);
    cases.change("entry_header", "plain", Check::Entry, |_, proof| {
        let at = proof.entry.header.len() - 1;
        proof.entry.header[at] ^= 1;
    });
    cases.change("entry_trailing_byte", "plain", Check::Entry, |_, proof| proof.entry.header.push(0));
    let odd = |change: &dyn Fn(&mut crate::entry::Header)| {
        let mut header = bare(&key("ada/device"), "topic");
        change(&mut header);
        Signed::of(&Verified::sign(header, None, &key("ada/device")))
    };
    cases.change("entry_of_no_space", "plain", Check::Entry, |_, proof| proof.entry = odd(&|_| {}));
    cases.change("entry_of_version_2", "plain", Check::Entry, |_, proof| proof.entry = odd(&|header| header.v = 2));

    cases.change("people_signature", "plain", Check::People, |_, proof| proof.people[0].signature[5] ^= 1);
    cases.change("people_header", "plain", Check::People, |_, proof| proof.people[1].header[9] ^= 1);
    cases.change("people_child_first", "plain", Check::People, |_, proof| proof.people.swap(0, 1));
    cases.change("people_twice", "plain", Check::People, |_, proof| proof.people.push(proof.people[1].clone()));

    let author = Check::Author;
    cases.change("author_not_enrolled", "plain", author, |world, proof| {
        without(proof, &world.people["ada"].entries[1]);
    });
    cases.change("author_of_no_identity", "plain", author, |_, proof| drop(proof.people.remove(0)));
    cases.change("author_nobody_there", "plain", author, |_, proof| proof.people.clear());
    cases.change("author_rotation_missing", "after_two_rotations", author, |world, proof| {
        without(proof, &world.people["dora"].entries[3]);
    });
    cases.change("author_last_rotation_missing", "after_two_rotations", author, |world, proof| {
        without(proof, &world.people["dora"].entries[4]);
    });
    // What a header can be made to say, the signature of its own key under it.
    let written = |world: &World, cert: Option<Id>, by: &str| {
        let mut pen = Pen::new(by, cert);
        let topic = world.entries["topic"].id();
        pen.write(world.committee, "post", None, &[topic], &[])
    };
    let placed = |proof: &mut Proof, entry: &Verified, person: Option<&Verified>| {
        proof.entry = Signed::of(entry);
        proof.people.extend(person.map(Signed::of));
    };
    cases.change("author_enrolled_by_a_stranger", "plain", author, |world, proof| {
        let own = enroll("eve", world.people["ada"].id, "eve/device", Use::Person);
        placed(proof, &written(world, Some(own.id()), "eve/device"), Some(&own));
    });
    cases.change("author_enrolled_by_a_device", "plain", author, |world, proof| {
        let own = enroll("ada/device", world.people["ada"].id, "eve/device", Use::Person);
        placed(proof, &written(world, Some(own.id()), "eve/device"), Some(&own));
    });
    cases.change("author_enrolment_of_another_key", "plain", author, |world, proof| {
        let cert = world.people["ada"].device.cert;
        placed(proof, &written(world, cert, "eve/device"), None);
    });
    cases.change("author_cert_is_no_enrolment", "plain", author, |world, proof| {
        placed(proof, &written(world, Some(world.people["ada"].id), "ada/device"), None);
    });
    cases.change("author_without_cert_in_a_committee", "plain", author, |world, proof| {
        placed(proof, &written(world, None, "ada/root"), None);
    });
    cases.change("author_rotated_without_commitment", "plain", author, |world, proof| {
        let ada = &world.people["ada"];
        let rotate = Control::Rotate(control::Rotate {
            next: Hash([1; 32]),
            keep: Vec::new(),
        });
        let rotate = Pen::new("eve", None).write(ada.id, "rotate", Some(&rotate), &[ada.id], &[]);
        let own = enroll("eve", ada.id, "eve/device", Use::Person);
        proof.people.push(Signed::of(&rotate));
        placed(proof, &written(world, Some(own.id()), "eve/device"), Some(&own));
    });
    cases.change("author_next_key_before_it_rotated", "plain", author, |world, proof| {
        let own = enroll("ada/next", world.people["ada"].id, "eve/device", Use::Person);
        placed(proof, &written(world, Some(own.id()), "eve/device"), Some(&own));
    });
    cases.change("author_rotation_of_a_stranger_itself", "plain", author, |world, proof| {
        let rotate = Control::Rotate(control::Rotate {
            next: key_commitment(&public(&key("eve/next"))),
            keep: Vec::new(),
        });
        let id = world.people["ada"].id;
        placed(proof, &Pen::new("eve", None).write(id, "rotate", Some(&rotate), &[id], &[]), None);
    });

    let unused = Check::Unused;
    cases.change("unused_stranger", "plain", unused, |world, proof| {
        proof.people.push(Signed::of(&world.people["bob"].entries[0]));
    });
    cases.change("unused_device", "plain", unused, |world, proof| {
        let own = enroll("ada/root", world.people["ada"].id, "ada/other", Use::Person);
        proof.people.push(Signed::of(&own));
        assert!(world.people.contains_key("ada"));
    });
    cases.change("unused_post", "plain", unused, |world, proof| {
        proof.people.push(Signed::of(&world.entries["post"]));
    });
}

fn bodies(cases: &mut Cases) {
    let check = Check::Body;
    let cbor = |salt: &[u8], bytes: &[u8]| {
        Some(codec::encode(&Cbor::List(vec![
            Cbor::Bytes(salt.to_vec()),
            Cbor::Bytes(bytes.to_vec()),
        ])))
    };
    let good = body();
    let mut other = good.bytes.clone();
    other[8] ^= 1;
    cases.member("body_of_other_bytes", "cosigned", check, |m| m.body = cbor(&good.salt, &other));
    cases.member("body_of_other_length", "cosigned", check, |m| m.body = cbor(&good.salt, &other[1..]));
    cases.member("body_with_another_salt", "cosigned", check, |m| m.body = cbor(&[0; 16], &good.bytes));
    cases.member("body_with_a_salt_of_15_bytes", "cosigned", check, |m| m.body = cbor(&[0x5a; 15], &good.bytes));
    cases.member("body_empty", "cosigned", check, |m| m.body = Some(Vec::new()));
    cases.member("body_not_canonical", "cosigned", check, |m| {
        // A length of 16 in two bytes.
        m.body = cbor(&good.salt, &good.bytes).map(|mut bytes| {
            bytes.splice(1..2, [0x58, 0x10]);
            bytes
        });
    });
    cases.member("body_where_there_is_none", "plain", check, |m| m.body = cbor(&good.salt, &[]));
}

fn notes(cases: &mut Cases) {
    let check = Check::Note;
    cases.change("note_without_signature", "plain", check, |world, proof| proof.note = world.checkpoint().to_string());
    cases.change("note_too_long", "plain", check, |_, proof| {
        proof.note.push_str(&"\u{2014} a AAAAAAA=\n".repeat(64));
    });
    cases.change("note_of_no_checkpoint", "plain", check, |world, proof| {
        let text = format!("{}more\n", world.checkpoint());
        proof.note = world.origin().sign(&text, &world.node("ada")).unwrap().write();
    });
    cases.change("note_of_another_committee", "plain", check, |world, proof| {
        let mut checkpoint = world.checkpoint();
        checkpoint.origin.committee = Id([7; 32]);
        proof.note = signed(&checkpoint, &world.node("ada"), &[]).write();
    });
    cases.change("note_of_a_root_in_another_committee", "committee_root", check, |world, proof| {
        let mut checkpoint = world.checkpoint();
        checkpoint.origin.committee = Id([7; 32]);
        proof.note = signed(&checkpoint, &world.node("ada"), &[]).write();
    });

    let check = Check::LogKey;
    cases.note("log_key_did_not_sign", check, |_, note| drop(note.signatures.remove(0)));
    cases.note("log_key_signed_twice", check, |_, note| note.signatures.push(note.signatures[0].clone()));
    cases.note("log_key_signature", check, |_, note| note.signatures[0].signature[3] ^= 1);
    cases.note("log_key_signed_another_text", check, |world, note| {
        note.text = world.log.checkpoint(world.origin(), 3).to_string();
    });
    cases.note("log_key_cosigned_instead", check, |world, note| {
        let line = note::sign(&note.text, &world.origin().to_string(), note::Use::Cosignature, 1, &world.node("ada"));
        note.signatures[0] = line.unwrap();
    });
    cases.change("log_key_not_enrolled", "cosigned", check, |world, proof| {
        without(proof, &world.people["ada"].entries[2]);
    });
    cases.change("log_key_is_no_node", "cosigned", check, |world, proof| {
        let mut checkpoint = world.checkpoint();
        checkpoint.origin.node = public(&key("ada/device"));
        proof.note = signed(&checkpoint, &key("ada/device"), &[]).write();
    });

    let check = Check::Cosigners;
    let cosign = |note: &Note, name: &str, key: &ed25519_dalek::SigningKey| {
        note::sign(&note.text, name, note::Use::Cosignature, 1, key).unwrap()
    };
    cases.note("cosigners_signature", check, |_, note| note.signatures[1].signature[20] ^= 1);
    cases.note("cosigners_time", check, |_, note| note.signatures[1].signature[7] ^= 1);
    cases.note("cosigners_twice", check, |world, note| {
        let key = world.node("bob");
        note.signatures.push(cosign(note, &witness::name(&public(&key)), &key));
    });
    cases.note("cosigners_not_enrolled", check, |world, note| {
        let key = world.node("cleo");
        note.signatures.push(cosign(note, &witness::name(&public(&key)), &key));
    });
    cases.note("cosigners_no_node", check, |_, note| {
        let key = key("ada/device");
        note.signatures.push(cosign(note, &witness::name(&public(&key)), &key));
    });
    cases.note("cosigners_the_log_itself", check, |world, note| {
        let key = world.node("ada");
        note.signatures.push(cosign(note, &witness::name(&public(&key)), &key));
    });
    cases.note("cosigners_under_another_name", check, |world, note| {
        let key = world.node("bob");
        note.signatures[1] = cosign(note, "bob.example/witness", &key);
    });
    cases.note("cosigners_under_the_name_of_the_log", check, |world, note| {
        let name = world.origin().to_string();
        note.signatures.push(cosign(note, &name, &world.node("bob")));
    });
    cases.note("cosigners_without_time", check, |world, note| {
        let key = world.node("bob");
        let name = witness::name(&public(&key));
        note.signatures[1] = note::sign(&note.text, &name, note::Use::Note, 0, &key).unwrap();
    });

    let check = Check::Log;
    cases.change("log_other_index", "plain", check, |_, proof| proof.index += 1);
    cases.change("log_index_beyond", "plain", check, |world, proof| proof.index = world.log.size());
    cases.change("log_hash_changed", "plain", check, |_, proof| proof.path[0].0[0] ^= 1);
    cases.change("log_path_too_short", "plain", check, |_, proof| proof.path.truncate(1));
    cases.change("log_path_too_long", "plain", check, |_, proof| proof.path.push(Hash::ZERO));
    cases.change("log_of_another_entry", "cosigned", check, |world, proof| {
        // In its place the log has another one.
        proof.entry = Signed::of(&world.entries["topic"]);
    });
}

fn anchors(cases: &mut Cases) {
    const OF: &str = "legacy_receipt_alone_in_its_block";
    let check = Check::Anchor;
    let digest = cases.world.batch().root();
    let mut evidence = |name: &str, change: &dyn Fn(&mut crate::anchor::Evidence)| {
        cases.change(name, OF, check, |_, proof| change(&mut proof.anchor.as_mut().unwrap().evidence));
    };
    let root = |evidence: &crate::anchor::Evidence| super::world::keccak(&evidence.receipt[0]);
    evidence("anchor_header_of_nothing", &|e| e.header.clear());
    evidence("anchor_header_with_trailing_byte", &|e| e.header.push(0));
    evidence("anchor_header_of_few_fields", &|e| e.header = list(&[string(&[1; 32])]));
    evidence("anchor_header_of_another_root", &|e| e.header = header(&[1; 32], 1, 1));
    evidence("anchor_header_root_of_31_bytes", &|e| e.header = header(&root(e)[..31], 1, 1));
    evidence("anchor_header_time_of_2_to_53", &|e| e.header = header(&root(e), 1, 1 << 53));
    evidence("anchor_header_number_of_2_to_53", &|e| e.header = header(&root(e), 1 << 53, 1));
    evidence("anchor_other_index", &|e| e.index = 1);
    evidence("anchor_node_changed", &|e| e.receipt[0][40] ^= 1);
    evidence("anchor_no_nodes", &|e| e.receipt.clear());
    evidence("anchor_node_left_over", &|e| e.receipt.push(e.receipt[0].clone()));
    evidence("anchor_other_event", &|e| e.event = 0);
    evidence("anchor_event_beyond", &|e| e.event = 2);
    evidence("anchor_other_contract", &|e| e.contract = crate::link::Address::new([1; 20]));
    let mut receipt = |name: &str, change: &dyn Fn(&mut Receipt)| {
        let mut receipt = Receipt::of(digest);
        change(&mut receipt);
        let mined = mine(&receipt, 0, 1);
        cases.change(name, OF, check, |_, proof| proof.anchor.as_mut().unwrap().evidence = mined);
    };
    receipt("anchor_transaction_failed", &|r| r.status.clear());
    receipt("anchor_of_another_event", &|r| r.topics[0][0] ^= 1);
    receipt("anchor_of_another_scope", &|r| r.topics[2][0] ^= 1);
    receipt("anchor_caller_not_padded", &|r| r.topics[1][0] = 1);
    receipt("anchor_of_two_topics", &|r| drop(r.topics.pop()));
    receipt("anchor_of_33_bytes", &|r| r.data.push(0));
    receipt("anchor_of_another_digest", &|r| r.data[0] ^= 1);
    receipt("anchor_receipt_of_type_0x80", &|r| r.kind = Some(0x80));
    // The first node of a proof for a block of several is a branch or an extension: alone it proves nothing.
    let several = mine(&Receipt::of(digest), 17, 40);
    assert!(several.receipt.len() > 1 && rlp::list(&several.receipt[0]).is_some());
    cases.change("anchor_proof_cut_short", OF, check, |_, proof| {
        let evidence = &mut proof.anchor.as_mut().unwrap().evidence;
        *evidence = several;
        evidence.receipt.truncate(1);
    });
    cases.change("anchor_other_place", OF, check, |_, proof| proof.anchor.as_mut().unwrap().place ^= 1);
    cases.change("anchor_other_batch_size", OF, check, |_, proof| proof.anchor.as_mut().unwrap().size = 5);
    cases.change("anchor_batch_path", OF, check, |_, proof| {
        proof.anchor.as_mut().unwrap().path[0].0[9] ^= 1;
    });
    cases.change("anchor_of_another_checkpoint", OF, check, |world, proof| {
        // The same log, one leaf earlier, is not what was anchored.
        let checkpoint = world.log.checkpoint(world.origin(), world.log.size() - 1);
        proof.path = world.log.path(proof.index, checkpoint.size);
        proof.note = signed(&checkpoint, &world.node("ada"), &[]).write();
    });
}
