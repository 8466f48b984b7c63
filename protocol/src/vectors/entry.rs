//! `entry.json`: bytes that are an entry, and bytes that are none, each with the name of the error.

use serde_json::{Value, json};

use super::make::{Person, bare, committee, key, public};
use super::{hex, hold};
use crate::codec::{self, Value as Cbor};
use crate::entry::{Block, Body, Carried, Entry, Header, Verified, commit_body, entry_id, wire};
use crate::hash::{Hash, Id, Key};
use crate::limit;

/// A curve point of mixed order: a point of order 8 on top of a key whose secret is known. `tests/interop/craft.py` made
/// it and the three signatures below, over the headers that this file builds.
const MIXED_KEY: &str = "94b27af515795c9366d70a7d50bddb8e9f6e313cd1422009d0b49c75522e1a52";
const MIXED_GOOD: &str = concat!(
    "c9a3f86aae465f0e56513864510f3997561fa2c9e85ea21dc2292309f3cd6022",
    "0d6ab555ddad375f091d8579a1322a7f4d330626cdc5d50d4a94e1646e98aa04",
);
const MIXED_BAD: &str = concat!(
    "5866666666666666666666666666666666666666666666666666666666666666",
    "9b747b36d3431717b7764e9e18636ae80993e859edc0be14d0ac83e579e90002",
);
const SMALL_R: &str = concat!(
    "0100000000000000000000000000000000000000000000000000000000000000",
    "10d730d13d5023ee275ce6f2f4e69fdc5aa787c0f4d8fa6df1f6f458cc35860f",
);

struct Cases {
    accepted: Vec<Value>,
    refused: Vec<Value>,
}

#[test]
fn vectors() {
    let mut cases = Cases {
        accepted: Vec::new(),
        refused: Vec::new(),
    };
    accepted(&mut cases);
    sizes(&mut cases);
    encodings(&mut cases);
    controls(&mut cases);
    signatures(&mut cases);
    hold(
        "entry.json",
        &json!({
            "about": [
                "Wire forms of single entries (docs/spec/entry.md). Accepted: id, header and what became of the body.",
                "Byte strings in headers are shown as hexadecimal text, in controls as {\"hex\": ...}.",
                "Refused: the error's name, from decoding or from checking the signature.",
                "Long wires are given as parts: pairs of hexadecimal text and how often it stands there.",
            ],
            "accepted": cases.accepted,
            "refused": cases.refused,
        }),
    );
}

impl Cases {
    fn accept(&mut self, name: &str, bytes: &[u8], carried: &str) {
        let entry = Entry::decode(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let entry = entry.verify().unwrap_or_else(|e| panic!("{name}: {e}"));
        let (found, body) = match entry.body() {
            Carried::Bodiless => ("bodiless", Value::Null),
            Carried::Absent => ("absent", Value::Null),
            Carried::Mismatch => ("mismatch", Value::Null),
            Carried::Here(body) => ("here", json!({ "salt": hex(&body.salt), "bytes": hex(&body.bytes) })),
        };
        assert_eq!(found, carried, "{name}");
        let mut case = json!({
            "name": name,
            "wire": hex(bytes),
            "id": entry.id(),
            "header": header_json(entry.header()),
            "carried": carried,
        });
        if !body.is_null() {
            case["body"] = body;
        }
        self.accepted.push(case);
    }

    fn refuse(&mut self, name: &str, bytes: &[u8], error: &str) {
        self.refuse_parts(name, &[(bytes, 1)], error);
    }

    fn refuse_parts(&mut self, name: &str, parts: &[(&[u8], usize)], error: &str) {
        let bytes: Vec<u8> = parts.iter().flat_map(|(part, times)| part.repeat(*times)).collect();
        let found = match Entry::decode(&bytes) {
            Err(malformed) => malformed.name(),
            Ok(entry) => match entry.verify() {
                Err(bad) => bad.name(),
                Ok(_) => "accepted",
            },
        };
        assert_eq!(found, error, "{name}");
        let mut case = json!({ "name": name, "error": error });
        match parts {
            [(bytes, 1)] => case["wire"] = hex(bytes).into(),
            _ => case["parts"] = parts.iter().map(|(bytes, times)| json!([hex(bytes), times])).collect(),
        }
        self.refused.push(case);
    }
}

fn header_json(header: &Header) -> Value {
    let mut bare = header.clone();
    let control = bare.control.take();
    let mut value = serde_json::to_value(&bare).unwrap();
    if let Some(control) = control {
        value["control"] = cbor_json(&control);
    }
    value
}

fn cbor_json(value: &Cbor) -> Value {
    match value {
        Cbor::Bytes(bytes) => json!({ "hex": hex(bytes) }),
        Cbor::List(items) => items.iter().map(cbor_json).collect(),
        Cbor::Map(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), cbor_json(v))).collect()),
        Cbor::String(text) => text.clone().into(),
        Cbor::Bool(bit) => (*bit).into(),
        Cbor::Integer(n) => u64::try_from(*n).unwrap().into(),
        other => panic!("{other:?} is outside the subset"),
    }
}

/// A post by Alice in a committee, well formed in every way.
fn post() -> Header {
    let mut alice = Person::new("alice");
    let root = committee(&mut [&mut alice], 1);
    alice.device.next(root.id(), Some(root.id()), "post")
}

fn body(bytes: &[u8]) -> Body {
    Body {
        salt: [7; limit::SALT],
        bytes: bytes.to_vec(),
    }
}

fn sign(header: &Header) -> [u8; 64] {
    sign_bytes(&header.encode())
}

/// Alice's device signs header bytes, whatever they are.
fn sign_bytes(header: &[u8]) -> [u8; 64] {
    use ed25519_dalek::Signer as _;
    key("alice/device")
        .sign(&[b"althing/sign/1\0", header].concat())
        .to_bytes()
}

fn signed(header: &Header, body: Option<&Body>) -> Vec<u8> {
    wire(&header.encode(), &sign(header), body)
}

fn accepted(cases: &mut Cases) {
    let mut alice = Person::new("alice");
    let root = committee(&mut [&mut alice], 1);
    cases.accept("identity_root", &alice.entries[0].wire(), "bodiless");
    cases.accept("enroll", &alice.entries[1].wire(), "bodiless");
    cases.accept("committee_root", &root.wire(), "bodiless");
    let text = body(b"\xa1\x64text\x65hello");
    let mut header = post();
    (header.len, header.body_hash) = commit_body(Some(&text));
    let entry = Verified::sign(header.clone(), Some(text.clone()), &key("alice/device"));
    cases.accept("body_here", &entry.wire(), "here");
    cases.accept("body_absent", &signed(&header, None), "absent");
    let other = Body {
        salt: [8; limit::SALT],
        ..text.clone()
    };
    cases.accept("body_mismatch", &signed(&header, Some(&other)), "mismatch");
    cases.accept(
        "body_of_other_length",
        &signed(&header, Some(&body(b"hello"))),
        "mismatch",
    );
    cases.accept("body_unasked", &signed(&post(), Some(&body(b"hello"))), "mismatch");
    cases.accept("body_empty", &signed(&post(), Some(&body(b""))), "mismatch");
    let id = |n: u8| Id([n; 32]);
    let all = Header {
        after: (0..16).map(id).collect(),
        auth: (0..4).map(id).collect(),
        seq: limit::INT,
        prev: Some(id(9)),
        not_before: Some(Block {
            chain: 1,
            height: limit::INT,
            hash: Hash([3; 32]),
        }),
        time: limit::INT,
        len: limit::INT,
        body_hash: Hash([4; 32]),
        ..post()
    };
    // Whether these fields go together is for admission to say.
    cases.accept("all_fields", &signed(&all, None), "absent");
    let version = header_of(&[("v", &[2])]);
    cases.refuse("version_2", &raw(&version), "version");
    let version = header_of(&[("v", &[2]), ("new", &codec::encode(&"field"))]);
    cases.refuse("version_2_with_a_new_field", &raw(&version), "version");
    cases.refuse("version_0", &raw(&header_of(&[("v", &[0])])), "version");
    cases.refuse("version_as_text", &raw(&header_of(&[("v", b"\x611")])), "encoding");
}

fn sizes(cases: &mut Cases) {
    let good = signed(&post(), None);
    cases.refuse("empty", &[], "encoding");
    cases.refuse("truncated", &good[..good.len() - 1], "encoding");
    cases.refuse("truncated_header", &good[..100], "encoding");
    cases.refuse("trailing_byte", &[&good[..], &[0]].concat(), "encoding");
    let short = post().encode().len() - post().kind.len();
    // A kind of 256 characters and more has a head of three bytes instead of one.
    let kind = |len: usize| Header {
        kind: "a".repeat(len - short - 2),
        ..post()
    };
    cases.accept("header_of_3072_bytes", &signed(&kind(limit::HEADER), None), "bodiless");
    cases.refuse(
        "header_of_3073_bytes",
        &signed(&kind(limit::HEADER + 1), None),
        "header_too_large",
    );
    let bare = &good[..good.len() - 1];
    let head = |len: u32| [bare, &[0x82, 0x50], &[7; 16], &[0x5a], &len.to_be_bytes()].concat();
    let large = u32::try_from(limit::BODY).unwrap();
    let most = head(large);
    let bytes: Vec<u8> = [&most[..], &vec![0; limit::BODY]].concat();
    assert!(
        Entry::decode(&bytes).is_ok(),
        "a body of any size up to the limit may come along"
    );
    cases.refuse_parts(
        "body_of_262145_bytes",
        &[(&head(large + 1), 1), (&[0], limit::BODY + 1)],
        "body_too_large",
    );
    cases.refuse_parts(
        "entry_too_large",
        &[(&[0x83], 1), (&[0], limit::WIRE)],
        "entry_too_large",
    );
}

/// The fields of the post, each with its canonical bytes, in canonical order.
fn fields() -> Vec<(String, Vec<u8>)> {
    let Cbor::Map(map) = codec::to_value(&post()) else {
        panic!("a header is a map");
    };
    let mut fields: Vec<_> = map
        .into_iter()
        .map(|(name, value)| (name, codec::encode(&value)))
        .collect();
    fields.sort_by_key(|(name, _)| (name.len(), name.clone()));
    fields
}

fn header(fields: &[(String, Vec<u8>)]) -> Vec<u8> {
    let count = u8::try_from(fields.len()).unwrap();
    let pairs = fields
        .iter()
        .flat_map(|(name, value)| [codec::encode(name), value.clone()].concat());
    [0xa0 | count].into_iter().chain(pairs).collect()
}

/// The post's header with some fields replaced or added, in canonical order.
fn header_of(changes: &[(&str, &[u8])]) -> Vec<u8> {
    let mut fields = fields();
    for (name, value) in changes {
        fields.retain(|(held, _)| held != name);
        fields.push(((*name).to_owned(), value.to_vec()));
    }
    fields.sort_by_key(|(name, _)| (name.len(), name.clone()));
    header(&fields)
}

/// A wire form around any header bytes, truly signed: only the encoding is at fault.
fn raw(header: &[u8]) -> Vec<u8> {
    wire(header, &sign_bytes(header), None)
}

fn encodings(cases: &mut Cases) {
    let mut refuse = |name: &str, bytes: &[u8]| cases.refuse(name, bytes, "encoding");
    let changed = |name: &str, value: &[u8]| raw(&header_of(&[(name, value)]));
    let text = |bytes: &[u8]| [&[0x58, 0x20], bytes].concat();
    refuse("long_integer", &changed("seq", &[0x18, 0x01]));
    refuse(
        "long_integer_of_8_bytes",
        &changed("len", &[0x1b, 0, 0, 0, 0, 0, 0, 0, 0]),
    );
    refuse("long_text_head", &changed("kind", b"\x78\x04post"));
    refuse(
        "long_bytes_head",
        &changed("body_hash", &[&[0x59, 0, 32][..], &[0; 32]].concat()),
    );
    refuse("long_array_head", &changed("after", &[0x98, 0]));
    refuse("indefinite_array", &changed("after", &[0x9f, 0xff]));
    refuse("indefinite_text", &changed("kind", b"\x7f\x64post\xff"));
    let pairs = header_of(&[]);
    refuse("indefinite_map", &raw(&[&[0xbf], &pairs[1..], &[0xff]].concat()));
    refuse("long_map_head", &raw(&[&[0xb8, pairs[0] & 0x1f], &pairs[1..]].concat()));
    let mut swapped = fields();
    swapped.swap(0, 1);
    refuse("keys_unsorted", &raw(&header(&swapped)));
    let mut bytewise = fields();
    bytewise.sort();
    refuse("keys_sorted_bytewise_only", &raw(&header(&bytewise)));
    let mut twice = fields();
    twice.insert(1, twice[0].clone());
    refuse("key_twice", &raw(&header(&twice)));
    refuse("unknown_field", &changed("note", b"\x61x"));
    let missing: Vec<_> = fields().into_iter().filter(|(name, _)| name != "auth").collect();
    refuse("missing_field", &raw(&header(&missing)));
    refuse("null_for_an_absent_field", &changed("not_before", &[0xf6]));
    refuse("null_control", &changed("control", &[0xf6]));
    refuse("undefined", &changed("control", &[0xf7]));
    refuse("float", &changed("time", &[0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]));
    refuse("half_float_in_control", &changed("control", b"\xa1\x61x\xf9\x3c\x00"));
    refuse("negative_integer", &changed("seq", &[0x20]));
    refuse("big_integer", &changed("time", &[0xc2, 0x41, 1]));
    refuse("tagged_text", &changed("kind", b"\xc0\x64post"));
    refuse("integer_key_in_control", &changed("control", &[0xa1, 1, 1]));
    refuse(
        "keys_unsorted_in_control",
        &changed("control", b"\xa2\x61b\x01\x61a\x01"),
    );
    refuse("key_twice_in_control", &changed("control", b"\xa2\x61a\x01\x61a\x01"));
    refuse("kind_as_bytes", &changed("kind", b"\x44post"));
    refuse("kind_not_utf8", &changed("kind", b"\x62\xc3\x28"));
    refuse("key_of_31_bytes", &changed("by", &[&[0x58, 31][..], &[9; 31]].concat()));
    refuse(
        "id_of_33_bytes",
        &changed("space", &[&[0x58, 33][..], &[9; 33]].concat()),
    );
    refuse(
        "id_as_text",
        &changed("space", &[&[0x78, 32][..], &[b'a'; 32]].concat()),
    );
    refuse(
        "unknown_field_in_not_before",
        &changed("not_before", &{
            let hash = text(&[3; 32]);
            [&b"\xa4\x61x\x01\x64hash"[..], &hash, b"\x65chain\x01\x66height\x01"].concat()
        }),
    );
    let good = signed(&post(), None);
    let (header, rest) = (&good[1..good.len() - 67], &good[good.len() - 67..]);
    assert_eq!(header, post().encode());
    refuse("header_in_a_byte_string", &{
        let length = u16::try_from(header.len()).unwrap().to_be_bytes();
        [&[0x83, 0x59], &length[..], header, rest].concat()
    });
    refuse("array_of_two", &[&[0x82], header, &rest[..66]].concat());
    refuse("array_of_four", &[&[0x84], header, rest, &[0xf6]].concat());
    refuse(
        "signature_of_63_bytes",
        &[&[0x83], header, &[0x58, 63], &[1; 63], &[0xf6]].concat(),
    );
    refuse(
        "signature_as_array",
        &[&[0x83], header, &[0x98, 64], &[1; 64], &[0xf6]].concat(),
    );
    let bare = &good[..good.len() - 1];
    refuse(
        "salt_of_15_bytes",
        &[bare, &[0x82, 0x4f], &[7; 15], &[0x41, 1]].concat(),
    );
    refuse("body_without_salt", &[bare, &[0x41, 1]].concat());
    refuse(
        "body_with_a_long_head",
        &[bare, &[0x82, 0x50], &[7; 16], &[0x58, 1, 1]].concat(),
    );
    refuse("body_as_text", &[bare, &[0x82, 0x50], &[7; 16], b"\x61x"].concat());
    for field in ["seq", "time", "len"] {
        let value = [0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0];
        cases.refuse(
            &format!("{field}_of_2_to_53"),
            &raw(&header_of(&[(field, &value)])),
            "integer",
        );
    }
}

fn controls(cases: &mut Cases) {
    let nested = |depth: usize| [vec![0x81; depth], vec![1]].concat();
    let control = |value: &[u8]| raw(&header_of(&[("kind", b"\x66future"), ("control", value)]));
    cases.accept(
        "control_of_an_unknown_kind",
        &control(b"\xa2\x61a\xf5\x61b\x82\x41\x01\x62hi"),
        "bodiless",
    );
    cases.accept("control_16_deep", &control(&nested(16)), "bodiless");
    let mut refuse = |name: &str, value: &[u8]| cases.refuse(name, &control(value), "outside_subset");
    refuse("control_17_deep", &nested(17));
    refuse("null_in_control", b"\xa1\x61x\xf6");
    refuse("negative_integer_in_control", b"\xa1\x61x\x20");
    refuse("float_in_control", b"\xa1\x61x\xfb\x3f\xf0\0\0\0\0\0\0");
    refuse("2_to_53_in_control", b"\xa1\x61x\x1b\0\x20\0\0\0\0\0\0");
    let cid = [&[0xd8, 0x2a, 0x58, 0x25, 0x00, 0x01, 0x71, 0x12, 0x20][..], &[5; 32]].concat();
    refuse("link_in_control", &cid);
    let flat = control(&[1]);
    let at = flat.windows(9).position(|bytes| bytes == b"\x67control\x01").unwrap() + 8;
    let deep: &[(&[u8], usize)] = &[(&flat[..at], 1), (&[0x81], 100_000), (&flat[at..], 1)];
    cases.refuse_parts("control_100000_deep", deep, "encoding");
}

fn signatures(cases: &mut Cases) {
    let header = post().encode();
    let good = sign_bytes(&header);
    let mut refuse = |name: &str, header: &[u8], signature: &[u8; 64], error: &str| {
        cases.refuse(name, &wire(header, signature, None), error);
    };
    let mut flipped = good;
    flipped[0] ^= 1;
    refuse("signature_flipped_bit", &header, &flipped, "signature");
    flipped = good;
    flipped[40] ^= 1;
    refuse("signature_flipped_bit_of_s", &header, &flipped, "signature");
    refuse("signature_zero", &header, &[0; 64], "signature");
    refuse(
        "signature_of_another_header",
        &header,
        &sign_bytes(b"another"),
        "signature",
    );
    refuse(
        "signature_without_its_domain",
        &header,
        &undomained(&header),
        "signature",
    );
    refuse("signature_with_s_plus_l", &header, &plus_order(good), "signature");
    refuse("signature_with_small_order_r", &header, &unhex(SMALL_R), "signature");
    let by = |key: [u8; 32]| bare_by(Key(key)).encode();
    let small = |hex: &str| by(unhex(hex));
    // Orders 1, 2, 4 and 8, and the point of order 1 written as y = p + 1.
    let identity = "0100000000000000000000000000000000000000000000000000000000000000";
    let weak = [
        ("weak_key_of_order_1", identity),
        (
            "weak_key_of_order_2",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
        (
            "weak_key_of_order_4",
            "0000000000000000000000000000000000000000000000000000000000000000",
        ),
        (
            "weak_key_of_order_8",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ),
        (
            "weak_key_not_canonical",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
        (
            "weak_key_with_the_sign_of_zero",
            "0100000000000000000000000000000000000000000000000000000000000080",
        ),
    ];
    // R = the point of order 1 and s = 0 satisfy the equation of plain RFC 8032 under a key of order 1, for any message.
    let mut universal = [0; 64];
    universal[0] = 1;
    for (name, key) in weak {
        refuse(name, &small(key), &universal, "weak_key");
    }
    let no_point = "0200000000000000000000000000000000000000000000000000000000000000";
    refuse("key_is_no_point", &small(no_point), &good, "key");
    refuse(
        "mixed_order_key_and_an_equation_short_of_torsion",
        &small(MIXED_KEY),
        &unhex(MIXED_BAD),
        "signature",
    );
    let mixed = wire(&small(MIXED_KEY), &unhex(MIXED_GOOD), None);
    cases.accept("mixed_order_key", &mixed, "bodiless");
}

fn bare_by(by: Key) -> Header {
    Header { by, ..post() }
}

fn undomained(header: &[u8]) -> [u8; 64] {
    use ed25519_dalek::Signer as _;
    key("alice/device").sign(header).to_bytes()
}

/// Adds the group's order to s: the same equation, other bytes.
fn plus_order(mut signature: [u8; 64]) -> [u8; 64] {
    let order: [u8; 32] = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    signature
}

fn unhex<const N: usize>(text: &str) -> [u8; N] {
    data_encoding::HEXLOWER
        .decode(text.as_bytes())
        .unwrap()
        .try_into()
        .unwrap()
}

/// The headers that `tests/interop/craft.py` signs: run with `--nocapture` to see them.
#[test]
#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn crafted_headers() {
    println!("by Alice's device {}", hex(&public(&key("alice/device")).0));
    println!("small_r {}", hex(&post().encode()));
    println!("mixed {}", hex(&bare_by(Key(unhex(MIXED_KEY))).encode()));
    assert_eq!(
        entry_id(&post().encode()),
        Entry::decode(&signed(&post(), None)).unwrap().id()
    );
    assert_eq!(bare(&key("alice/device"), "post").by, post().by);
}
