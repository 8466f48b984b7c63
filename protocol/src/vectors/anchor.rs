//! `anchor.json`: batches, and bodies of `anchor` entries, each with what it proves or the first rule that it breaks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::make::{key, public};
use super::world::{self, Log, Receipt, header, keccak, list, mine, origin, string};
use super::{hex, hold, parts};
use crate::anchor::batch::{self, Batch};
use crate::anchor::{Anchor, Evidence, Head, Placed};
use crate::hash::{Hash, Id, sha256};
use crate::kind;
use crate::link::Address;
use crate::log::checkpoint::Checkpoint;
use crate::log::{Leaf, on_end};

const COMMITTEE: Id = Id([0xc0; 32]);

struct Cases {
    accepted: Vec<Value>,
    refused: Vec<Value>,
    log: Log,
    good: BTreeMap<String, Vec<u8>>,
}

#[test]
fn vectors() {
    let entries = (0..70_u8).map(|n| Leaf::Entry(Id(sha256(&[b"entry", &[n]]))));
    let mut cases = Cases {
        accepted: Vec::new(),
        refused: Vec::new(),
        log: Log::of(entries.chain([Leaf::Cut(Hash([0xdd; 32]))])),
        good: BTreeMap::new(),
    };
    accepted(&mut cases);
    receipts(&mut cases);
    places(&mut cases);
    bounds(&mut cases);
    let count = |count: usize| batch_json(&format!("batch_of_{count}"), count);
    hold(
        "anchor.json",
        &json!({
            "about": [
                "Batches, and bodies of anchor entries with the committee in which they stand (docs/spec/anchor.md).",
                "Accepted: what they prove. Refused: the first rule that they break, by its name; `body` where the body",
                "does not keep the bounds of its kind. Paths are hashes on end. Refused bodies are given as parts on end:",
                "hexadecimal text and how often it stands there, or two offsets: that range of the accepted body `of`.",
            ],
            "scope": batch::scope(),
            "event": hex(&keccak(b"Anchored(address,bytes32,bytes32)")),
            "batches": [count(1), count(2), count(3), count(7), count(8)],
            "accepted": cases.accepted,
            "refused": cases.refused,
        }),
    );
}

fn batch_json(name: &str, count: usize) -> Value {
    let text = |n: usize| {
        let checkpoint = Checkpoint {
            origin: origin(Id([u8::try_from(n * 37 % 256).unwrap(); 32]), &key("anchor/node")),
            size: 9,
            root: Hash([u8::try_from(n).unwrap(); 32]),
        };
        checkpoint.to_string()
    };
    let texts: Vec<String> = (0..count).map(text).collect();
    let batch = Batch::new(texts.clone()).unwrap();
    let proved: Vec<Value> = batch
        .texts()
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "text": text, "index": index, "path": hex(&on_end(&batch.path(index).unwrap())) }))
        .collect();
    json!({ "name": name, "texts": texts, "root": batch.root(), "sorted": proved })
}

impl Cases {
    fn checkpoint(&self, node: &str, size: u64) -> Checkpoint {
        self.log.checkpoint(origin(COMMITTEE, &key(node)), size)
    }

    /// The writer's checkpoint and one of another node, in a batch with one of another committee.
    fn anchor(&self, mined: impl Fn(Hash) -> Evidence) -> Anchor {
        let size = self.log.size();
        let other = Checkpoint {
            origin: origin(Id([0xc1; 32]), &key("anchor/node")),
            size: 1,
            root: Hash([1; 32]),
        };
        let own = [self.checkpoint("anchor/node", size), self.checkpoint("anchor/other", 3)];
        self.of(&[own[0].to_string(), own[1].to_string()], &[other.to_string()], mined)
    }

    fn of(&self, own: &[String], others: &[String], mined: impl Fn(Hash) -> Evidence) -> Anchor {
        let batch = Batch::new([own, others].concat()).unwrap();
        let placed = |text: &String| {
            let index = batch.texts().iter().position(|one| one == text).unwrap();
            Placed {
                text: text.clone(),
                index: u64::try_from(index).unwrap(),
                path: batch.path(index).unwrap(),
            }
        };
        let size = self.log.size();
        let head = |index: u64| {
            let Leaf::Entry(entry) = self.log.leaves[usize::try_from(index).unwrap()] else {
                panic!("a head is an entry");
            };
            Head {
                entry,
                index,
                path: self.log.path(index, size),
            }
        };
        Anchor {
            evidence: mined(batch.root()),
            size: u64::try_from(batch.texts().len()).unwrap(),
            checkpoints: own.iter().map(placed).collect(),
            heads: vec![head(0), head(69)],
        }
    }

    fn accept(&mut self, name: &str, anchor: &Anchor) {
        let body = anchor.body().unwrap();
        let kind = kind::find("anchor").unwrap();
        let record = kind::read::act(kind, Some(&body)).unwrap();
        assert_eq!(Anchor::read(&record).as_ref(), Ok(anchor), "{name}");
        assert_eq!(kind.proof.unwrap()(&record, COMMITTEE), Ok(()), "{name}");
        let proved = anchor.verify(COMMITTEE).unwrap();
        let block = proved.anchoring.block;
        let checkpoint =
            |one: &Checkpoint| json!({ "origin": one.origin.to_string(), "size": one.size, "root": one.root });
        self.accepted.push(json!({
            "name": name,
            "committee": COMMITTEE,
            "body": hex(&body),
            "chain": block.chain,
            "height": block.height,
            "hash": block.hash,
            "time": proved.anchoring.time,
            "contract": proved.contract.to_string(),
            "anchorer": proved.anchoring.anchorer.to_string(),
            "digest": proved.anchoring.digest,
            "checkpoints": proved.checkpoints.iter().map(checkpoint).collect::<Vec<_>>(),
            "heads": proved.heads,
        }));
        self.good.insert(name.to_owned(), body);
    }

    fn refuse_in(&mut self, name: &str, anchor: &Anchor, committee: Id, error: &str) {
        let body = anchor.body().unwrap();
        let found = anchor.verify(committee).map_err(|bad| bad.name());
        assert_eq!(found.err(), Some(error), "{name}");
        let kind = kind::find("anchor").unwrap();
        let record = kind::read::act(kind, Some(&body)).unwrap();
        assert!(kind.proof.unwrap()(&record, committee).is_err(), "{name}");
        self.push(name, committee, &body, error);
    }

    fn push(&mut self, name: &str, committee: Id, body: &[u8], error: &str) {
        let of = ["legacy_receipt_alone", "typed_2_of_40"].map(|of| (of, parts(&self.good[of], body)));
        let of = of.into_iter().min_by_key(|(_, parts)| json!(parts).to_string().len());
        let (of, parts) = of.unwrap();
        let case = json!({ "name": name, "committee": committee, "of": of, "parts": parts, "error": error });
        self.refused.push(case);
    }

    /// Changes a good one.
    fn refuse(&mut self, name: &str, error: &str, change: impl FnOnce(&mut Anchor)) {
        let mut anchor = self.anchor(|digest| mine(&Receipt::of(digest), 0, 1));
        change(&mut anchor);
        self.refuse_in(name, &anchor, COMMITTEE, error);
    }

    /// Has the block hold another receipt.
    fn receipt(&mut self, name: &str, error: &str, change: impl Fn(&mut Receipt)) {
        let mined = |digest| {
            let mut receipt = Receipt::of(digest);
            change(&mut receipt);
            mine(&receipt, 0, 1)
        };
        let anchor = self.anchor(mined);
        self.refuse_in(name, &anchor, COMMITTEE, error);
    }

    /// Has the block hold any bytes as a receipt.
    fn value(&mut self, name: &str, error: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
        let mined = |digest| {
            let receipt = Receipt::of(digest);
            let value = change(receipt.bytes());
            let (root, nodes) = world::trie(&[value], 0);
            Evidence {
                header: header(&root, 10_000_000, 1_790_000_200),
                receipt: nodes,
                ..mine(&receipt, 0, 1)
            }
        };
        let anchor = self.anchor(mined);
        self.refuse_in(name, &anchor, COMMITTEE, error);
    }
}

fn accepted(cases: &mut Cases) {
    let mut good = |name: &str, kind: Option<u8>, index: u64, count: u64| {
        let mined = |digest| {
            let receipt = Receipt {
                kind,
                ..Receipt::of(digest)
            };
            mine(&receipt, index, count)
        };
        let anchor = cases.anchor(mined);
        cases.accept(name, &anchor);
    };
    good("legacy_receipt_alone", None, 0, 1);
    good("typed_1_of_two", Some(1), 1, 2);
    good("typed_2_of_40", Some(2), 17, 40);
    good("typed_3_with_a_key_of_two_bytes", Some(3), 130, 140);
    good("first_of_300", Some(2), 0, 300);
    good("last_of_300", None, 299, 300);
    let mut bare = cases.anchor(|digest| mine(&Receipt::of(digest), 0, 1));
    bare.heads.clear();
    cases.accept("without_heads", &bare);
    let text = cases.checkpoint("anchor/node", cases.log.size()).to_string();
    let alone = cases.of(&[text], &[], |digest| mine(&Receipt::of(digest), 0, 1));
    cases.accept("batch_of_one", &alone);
    let mut short = cases.anchor(|digest| mine(&Receipt::of(digest), 0, 1));
    let root = keccak(&short.evidence.receipt[0]);
    let fields: Vec<Vec<u8>> = (0..12_u8)
        .map(|n| match n {
            5 => string(&root),
            8 => string(&[1]),
            11 => string(&[]),
            // What is not read may be anything.
            _ => list(&[string(&[n])]),
        })
        .collect();
    short.evidence.header = list(&fields);
    cases.accept("header_of_twelve_fields", &short);
}

fn receipts(cases: &mut Cases) {
    let root = |anchor: &Anchor| keccak(&anchor.evidence.receipt[0]);
    cases.refuse("header_of_nothing", "header", |a| a.evidence.header.clear());
    cases.refuse("header_as_a_string", "header", |a| {
        a.evidence.header = string(&[0; 600])
    });
    cases.refuse("header_with_trailing_byte", "header", |a| a.evidence.header.push(0));
    cases.refuse("header_of_eleven_fields", "header", |a| {
        let mut fields = vec![string(&[1]); 11];
        fields[5] = string(&root(a));
        a.evidence.header = list(&fields);
    });
    cases.refuse("header_number_with_a_zero_in_front", "header", |a| {
        let mut fields = vec![string(&[1]); 12];
        (fields[5], fields[8]) = (string(&root(a)), string(&[0, 1]));
        a.evidence.header = list(&fields);
    });
    cases.refuse("header_field_cut_short", "header", |a| {
        let mut fields = vec![string(&[1]); 13];
        (fields[5], fields[12]) = (string(&root(a)), vec![0x82, 1]);
        a.evidence.header = list(&fields);
    });
    cases.refuse("header_root_of_31_bytes", "header", |a| {
        a.evidence.header = header(&root(a)[..31], 1, 1)
    });
    cases.refuse("header_number_of_2_to_53", "header", |a| {
        a.evidence.header = header(&root(a), 1 << 53, 1)
    });
    cases.refuse("header_time_of_2_to_53", "header", |a| {
        a.evidence.header = header(&root(a), 1, 1 << 53)
    });
    cases.refuse("proof_under_another_root", "trie", |a| {
        a.evidence.header = header(&[1; 32], 1, 1)
    });
    cases.refuse("proof_for_another_index", "trie", |a| a.evidence.index = 1);
    cases.refuse("proof_with_a_node_changed", "trie", |a| a.evidence.receipt[0][60] ^= 1);
    cases.refuse("proof_without_nodes", "trie", |a| a.evidence.receipt.clear());
    cases.refuse("proof_with_a_node_left_over", "trie", |a| {
        let node = a.evidence.receipt[0].clone();
        a.evidence.receipt.push(node);
    });
    let many = |digest| mine(&Receipt::of(digest), 17, 40);
    let mut cut = cases.anchor(many);
    cut.evidence.receipt.pop();
    cases.refuse_in("proof_without_its_last_node", &cut, COMMITTEE, "trie");
    let mut other = cases.anchor(many);
    other.evidence.index = 18;
    cases.refuse_in("proof_of_the_neighbour", &other, COMMITTEE, "trie");
    let mut swapped = cases.anchor(many);
    swapped.evidence.receipt.swap(0, 1);
    cases.refuse_in("proof_in_another_order", &swapped, COMMITTEE, "trie");
    cases.value("receipt_of_type_0x80", "receipt", |value| {
        [&[0x80], &value[1..]].concat()
    });
    cases.value("receipt_with_trailing_byte", "receipt", |value| {
        [&value[..], &[0]].concat()
    });
    cases.value("receipt_of_three_fields", "receipt", |_| list(&vec![string(&[1]); 3]));
    cases.value("receipt_of_five_fields", "receipt", |value| {
        let [a, b, c, d] = crate::anchor::rlp::exactly(crate::anchor::rlp::list(&value[1..]).unwrap()).unwrap();
        list(&[a, b, c, d, a].map(|item| item.whole.to_vec()))
    });
    cases.value("receipt_is_an_empty_type", "receipt", |_| vec![2]);
    cases.receipt("transaction_failed", "status", |r| r.status.clear());
    cases.receipt("status_of_2", "status", |r| r.status = vec![2]);
    cases.refuse("log_beyond_the_last", "event", |a| a.evidence.event = 2);
    cases.refuse("log_of_another_contract", "contract", |a| a.evidence.event = 0);
    cases.refuse("another_contract", "contract", |a| {
        a.evidence.contract = Address::new([1; 20])
    });
    cases.receipt("log_of_another_event", "topics", |r| r.topics[0][0] ^= 1);
    cases.receipt("log_of_another_scope", "topics", |r| r.topics[2][31] ^= 1);
    cases.receipt("log_with_a_caller_of_21_bytes", "topics", |r| r.topics[1][11] = 1);
    cases.receipt("log_of_two_topics", "topics", |r| r.topics.truncate(2));
    cases.receipt("log_of_four_topics", "topics", |r| r.topics.push(vec![0; 32]));
    cases.receipt("log_with_33_bytes_of_data", "data", |r| r.data.push(0));
    cases.receipt("log_with_a_digest_of_31_bytes", "data", |r| r.data.truncate(31));
}

fn places(cases: &mut Cases) {
    cases.receipt("another_digest", "batch", |r| r.data[0] ^= 1);
    cases.refuse("checkpoint_at_another_place", "batch", |a| a.checkpoints[0].index = 2);
    cases.refuse("checkpoint_beyond_the_batch", "batch", |a| a.checkpoints[0].index = 3);
    cases.refuse("checkpoint_with_a_path_changed", "batch", |a| {
        a.checkpoints[0].path[0].0[0] ^= 1
    });
    cases.refuse("checkpoint_with_a_path_too_long", "batch", |a| {
        a.checkpoints[0].path.push(Hash::ZERO)
    });
    cases.refuse("checkpoint_of_another_size", "batch", |a| {
        let text = a.checkpoints[1].text.replace("\n3\n", "\n4\n");
        a.checkpoints[1].text = text;
    });
    cases.refuse("checkpoint_of_two_lines", "checkpoint", |a| {
        let text = a.checkpoints[1].text.replace("\n3\n", "\n");
        a.checkpoints[1].text = text;
    });
    cases.refuse("checkpoint_with_a_signature", "checkpoint", |a| {
        a.checkpoints[1].text.push_str("\n— a AAAAAAA=\n")
    });
    cases.refuse("checkpoint_twice", "twice", |a| {
        a.checkpoints.push(a.checkpoints[0].clone())
    });
    let anchor = cases.anchor(|digest| mine(&Receipt::of(digest), 0, 1));
    cases.refuse_in("of_another_committee", &anchor, Id([0xc1; 32]), "committee");
    // One log with two roots of one size, both anchored: its writer may not choose.
    let size = cases.log.size();
    let mut forked = cases.checkpoint("anchor/node", size);
    forked.root = Hash([9; 32]);
    let own = [cases.checkpoint("anchor/node", size).to_string(), forked.to_string()];
    let anchor = cases.of(&own, &[], |digest| mine(&Receipt::of(digest), 0, 1));
    cases.refuse_in("checkpoint_forked", &anchor, COMMITTEE, "twice");
    cases.refuse("head_of_another_entry", "head", |a| a.heads[0].entry = a.heads[1].entry);
    cases.refuse("head_at_another_index", "head", |a| a.heads[1].index = 68);
    cases.refuse("head_beyond_the_log", "head", |a| a.heads[1].index = 71);
    cases.refuse("head_is_a_cut", "head", |a| {
        // The last leaf is a cut, and no entry of that id.
        (a.heads[1].entry, a.heads[1].index) = (Id([0xdd; 32]), 70);
    });
    cases.refuse("head_of_the_second_checkpoint", "head", |a| a.checkpoints.swap(0, 1));
    assert_ne!(public(&key("anchor/node")), public(&key("anchor/other")));
}

/// Bodies that do not keep the bounds of their kind.
fn bounds(cases: &mut Cases) {
    use crate::codec::{self, Map, Value as Cbor};
    let good = cases.anchor(|digest| mine(&Receipt::of(digest), 0, 1)).body().unwrap();
    let mut bound = |name: &str, field: &str, value: Option<Cbor>| {
        let Ok(Cbor::Map(mut map)) = codec::decode_value(&good) else {
            panic!("a body is a map");
        };
        map.remove(field);
        map.extend(value.map(|value| (field.to_owned(), value)));
        let body = codec::encode(&Cbor::Map(map));
        let kind = kind::find("anchor").unwrap();
        let read = kind::read::act(kind, Some(&body));
        let error = match &read {
            Err(_) => "body",
            Ok(record) => Anchor::read(record).unwrap_err().name(),
        };
        cases.push(name, COMMITTEE, &body, error);
    };
    let bytes = |n: usize| Some(Cbor::Bytes(vec![0; n]));
    bound("contract_of_21_bytes", "contract", bytes(21));
    bound("contract_of_19_bytes", "contract", bytes(19));
    bound("header_of_4097_bytes", "header", bytes(4097));
    bound("no_header", "header", None);
    bound("batch_of_1025", "size", Some(Cbor::Integer(1025)));
    bound("no_checkpoints", "checkpoints", Some(Cbor::List(Vec::new())));
    bound("unknown_field", "more", Some(Cbor::Integer(1)));
    let node = Cbor::Map(Map::from([("node".to_owned(), Cbor::Bytes(vec![1]))]));
    bound("33_nodes", "receipt", Some(Cbor::List(vec![node; 33])));
    let head = [
        ("entry", Cbor::Bytes(vec![0; 32])),
        ("index", Cbor::Integer(0)),
        ("path", Cbor::Bytes(vec![0; 33])),
    ];
    let head = Cbor::Map(head.map(|(name, value)| (name.to_owned(), value)).into());
    bound("path_of_33_bytes", "heads", Some(Cbor::List(vec![head.clone()])));
    bound("257_heads", "heads", Some(Cbor::List(vec![head; 257])));
}
