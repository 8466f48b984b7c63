//! `log.json`: trees and their proofs, notes, receipts, requests to witnesses, frauds and policies.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::make::{key, public};
use super::world::{self, Log, origin, signed};
use super::{hex, hold};
use crate::fraud::{Deed, Fraud, Shown};
use crate::hash::{Hash, Id, Key, sha256};
use crate::kind;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{self, Note, Verifier};
use crate::log::policy::Policy;
use crate::log::receipt::Receipt;
use crate::log::witness::{self, Known, Request, Whose, judge};
use crate::log::{Leaf, on_end, verify_consistency, verify_inclusion};

const COMMITTEE: Id = Id([0xc0; 32]);
const SIZES: [u64; 9] = [0, 1, 2, 3, 4, 7, 8, 19, 20];

fn entry(n: u8) -> Id {
    Id(sha256(&[b"entry", &[n]]))
}

fn log() -> Log {
    Log::of((0..20_u8).map(|n| match n {
        7 => Leaf::Left(entry(2)),
        13 | 19 => Leaf::Cut(Hash([n; 32])),
        n => Leaf::Entry(entry(n)),
    }))
}

#[test]
fn vectors() {
    let log = log();
    let leaves: Vec<String> = log.leaves.iter().map(|leaf| hex(&leaf.bytes())).collect();
    let roots: Vec<Value> = (0..=log.size())
        .map(|size| json!({ "size": size, "root": log.root(size) }))
        .collect();
    hold(
        "log.json",
        &json!({
            "about": [
                "Logs (docs/spec/log.md). One log of 20 leaves with its roots; proofs in it and whether they hold; notes; requests",
                "to a witness with what it knows (size and root, or null) and whose it takes the log for, and the status that",
                "answers; bodies of fraud entries with the committee in which they stand; policies with sets of keys that",
                "satisfy them and such as do not, or the line of the first mistake. Proofs are hashes on end.",
            ],
            "leaves": leaves,
            "roots": roots,
            "inclusion": inclusion(&log),
            "consistency": consistency(&log),
            "notes": notes(&log),
            "receipts": receipts(&log),
            "requests": requests(&log),
            "frauds": frauds(&log),
            "policies": policies(),
        }),
    );
}

fn inclusion(log: &Log) -> Vec<Value> {
    let mut cases = Vec::new();
    let mut case = |name: String, index: u64, size: u64, leaf: Leaf, root: Hash, path: &[Hash], holds: bool| {
        let found = verify_inclusion(&leaf.hash(), index, size, &root, path);
        assert_eq!(found.is_ok(), holds, "{name}");
        cases.push(json!({
            "name": name, "leaf": hex(&leaf.bytes()), "index": index, "size": size, "root": root,
            "proof": hex(&on_end(path)), "holds": holds,
        }));
    };
    let leaf = |n: u64| log.leaves[usize::try_from(n).unwrap()];
    for size in SIZES.into_iter().skip(1) {
        for index in [0, size / 2, size - 1].into_iter().collect::<BTreeSet<_>>() {
            let name = format!("leaf_{index}_of_{size}");
            case(
                name,
                index,
                size,
                leaf(index),
                log.root(size),
                &log.path(index, size),
                true,
            );
        }
    }
    let (path, root) = (log.path(5, 19), log.root(19));
    let mut changed = path.clone();
    changed[1].0[0] ^= 1;
    case("leaf_changed".into(), 5, 19, leaf(6), root, &path, false);
    case("leaf_at_another_index".into(), 4, 19, leaf(5), root, &path, false);
    case("leaf_beyond".into(), 19, 19, leaf(5), root, &path, false);
    case("leaf_of_another_size".into(), 5, 7, leaf(5), root, &path, false);
    case(
        "leaf_under_another_root".into(),
        5,
        19,
        leaf(5),
        log.root(20),
        &path,
        false,
    );
    case("leaf_with_a_hash_changed".into(), 5, 19, leaf(5), root, &changed, false);
    case(
        "leaf_with_a_hash_missing".into(),
        5,
        19,
        leaf(5),
        root,
        &path[1..],
        false,
    );
    case(
        "leaf_with_a_hash_more".into(),
        5,
        19,
        leaf(5),
        root,
        &[&path[..], &[root]].concat(),
        false,
    );
    case("leaf_in_nothing".into(), 0, 0, leaf(0), log.root(0), &[], false);
    case("leaf_with_81_hashes".into(), 5, 19, leaf(5), root, &[root; 81], false);
    cases
}

fn consistency(log: &Log) -> Vec<Value> {
    let mut cases = Vec::new();
    let mut case = |name: String, sizes: (u64, u64), roots: (Hash, Hash), proof: &[Hash], holds: bool| {
        let ((old, new), (old_root, new_root)) = (sizes, roots);
        let found = verify_consistency(old, &old_root, new, &new_root, proof);
        assert_eq!(found.is_ok(), holds, "{name}");
        cases.push(json!({
            "name": name, "old": old, "old_root": old_root, "new": new, "new_root": new_root,
            "proof": hex(&on_end(proof)), "holds": holds,
        }));
    };
    let roots = |old, new| (log.root(old), log.root(new));
    for old in SIZES {
        for new in SIZES.into_iter().filter(|new| *new >= old) {
            let name = format!("from_{old}_to_{new}");
            case(name, (old, new), roots(old, new), &log.growth(old, new), true);
        }
    }
    let proof = log.growth(7, 19);
    let mut changed = proof.clone();
    changed[0].0[0] ^= 1;
    case("shrunk".into(), (19, 7), roots(19, 7), &proof, false);
    case("grown_from_another_root".into(), (7, 19), roots(8, 19), &proof, false);
    case("grown_to_another_root".into(), (7, 19), roots(7, 20), &proof, false);
    case(
        "grown_with_a_hash_changed".into(),
        (7, 19),
        roots(7, 19),
        &changed,
        false,
    );
    case(
        "grown_with_a_hash_missing".into(),
        (7, 19),
        roots(7, 19),
        &proof[1..],
        false,
    );
    case(
        "grown_with_a_hash_more".into(),
        (7, 19),
        roots(7, 19),
        &[&proof[..], &[Hash::ZERO]].concat(),
        false,
    );
    case("same_size_another_root".into(), (8, 8), roots(8, 7), &[], false);
    case(
        "same_size_with_a_hash".into(),
        (8, 8),
        roots(8, 8),
        &[Hash::ZERO],
        false,
    );
    case(
        "grown_from_nothing_with_a_hash".into(),
        (0, 8),
        roots(0, 8),
        &[Hash::ZERO],
        false,
    );
    case("grown_from_a_wrong_nothing".into(), (0, 8), roots(1, 8), &[], false);
    cases
}

fn node(name: &str) -> ed25519_dalek::SigningKey {
    key(&format!("{name}/node"))
}

fn checkpoint(log: &Log, size: u64) -> Checkpoint {
    log.checkpoint(origin(COMMITTEE, &node("ada")), size)
}

fn notes(log: &Log) -> Vec<Value> {
    let mut cases = Vec::new();
    let (checkpoint, ada, bob) = (checkpoint(log, 20), node("ada"), node("bob"));
    let good = signed(&checkpoint, &ada, std::slice::from_ref(&bob));
    let cosigner = Verifier::new(&witness::name(&public(&bob)), note::Use::Cosignature, public(&bob)).unwrap();
    let mut case = |name: &str, note: &Note, signs: (bool, bool)| {
        let note = Note::read(&note.write()).unwrap();
        let by = |verifier: &Verifier| note.signed_by(verifier).unwrap_or(None).is_some();
        let found = (by(&checkpoint.origin.verifier().unwrap()), by(&cosigner));
        assert_eq!(found, signs, "{name}");
        cases.push(json!({
            "name": name, "note": note.write(), "origin": checkpoint.origin.to_string(), "size": checkpoint.size,
            "root": checkpoint.root, "signed": signs.0, "cosigner": cosigner.tell(), "cosigned": signs.1,
        }));
    };
    case("note", &good, (true, true));
    let edit = |change: &dyn Fn(&mut Note)| {
        let mut note = good.clone();
        change(&mut note);
        note
    };
    case(
        "note_signature",
        &edit(&|note| note.signatures[0].signature[9] ^= 1),
        (false, true),
    );
    case(
        "note_cosignature",
        &edit(&|note| note.signatures[1].signature[9] ^= 1),
        (true, false),
    );
    case(
        "note_time",
        &edit(&|note| note.signatures[1].signature[7] ^= 1),
        (true, false),
    );
    case("note_key", &edit(&|note| note.signatures[1].key[0] ^= 1), (true, false));
    case(
        "note_name",
        &edit(&|note| note.signatures[0].name.push('0')),
        (false, true),
    );
    cases
}

fn receipts(log: &Log) -> Vec<Value> {
    let good = Receipt {
        origin: origin(COMMITTEE, &node("ada")),
        index: 5,
        entry: entry(5),
    };
    assert_eq!(log.leaves[5], Leaf::Entry(good.entry));
    let text = good.to_string();
    let mut cases = Vec::new();
    let mut case = |name: &str, text: String, holds: bool| {
        assert_eq!(text.parse::<Receipt>().is_ok(), holds, "{name}");
        cases.push(json!({ "name": name, "text": text, "holds": holds }));
    };
    case("receipt", text.clone(), true);
    case("receipt_version_2", text.replace("receipt/1", "receipt/2"), false);
    case(
        "receipt_index_with_a_zero_in_front",
        text.replace("\n5\n", "\n05\n"),
        false,
    );
    case(
        "receipt_index_of_2_to_40",
        text.replace("\n5\n", "\n1099511627776\n"),
        false,
    );
    case("receipt_of_five_lines", format!("{text}more\n"), false);
    case("receipt_without_last_line_feed", text.trim_end().to_owned(), false);
    case("receipt_of_no_log", text.replace("althing/1/", "althing/2/"), false);
    case("receipt_of_no_entry", format!("{}0\n", text.trim_end()), false);
    let note = good.sign(&node("ada")).unwrap();
    cases.push(json!({ "name": "receipt_signed", "note": note.write(), "text": text, "holds": true }));
    cases
}

fn requests(log: &Log) -> Vec<Value> {
    let ada = node("ada");
    let mut cases = Vec::new();
    let mut case = |name: &str, text: String, known: Option<Known>, whose: Whose, status: u16| {
        let found = match text.parse::<Request>() {
            Err(_) => 400,
            Ok(request) => {
                assert_eq!(request.to_string(), text, "{name}");
                judge(&request, known, whose).map_or_else(|refusal| refusal.status(), |_| 200)
            }
        };
        assert_eq!(found, status, "{name}");
        let whose = match whose {
            Whose::Members => "members",
            Whose::Nobodys => "nobodys",
            Whose::Unfollowed => "unfollowed",
        };
        let known = known.map(|known| json!({ "size": known.size, "root": known.root }));
        cases.push(json!({ "name": name, "request": text, "known": known, "whose": whose, "status": status }));
    };
    let known = |size| {
        Some(Known {
            size,
            root: log.root(size),
        })
    };
    let request = |old: u64, new: u64| {
        let note = signed(&checkpoint(log, new), &ada, &[]);
        Request::new(old, log.growth(old, new), note).unwrap().to_string()
    };
    let (ours, good) = (Whose::Members, request(7, 19));
    case("request_first", request(0, 7), None, ours, 200);
    case("request_grown", good.clone(), known(7), ours, 200);
    case("request_same", request(7, 7), known(7), ours, 200);
    case("request_unfollowed", good.clone(), known(7), Whose::Unfollowed, 404);
    case("request_nobodys", good.clone(), known(7), Whose::Nobodys, 403);
    case("request_old_too_small", good.clone(), known(8), ours, 409);
    case("request_old_too_large", good.clone(), known(4), ours, 409);
    case("request_of_an_unknown_log_from_7", good.clone(), None, ours, 409);
    let forged = Some(Known {
        size: 7,
        root: Hash([1; 32]),
    });
    case("request_same_size_another_root", request(7, 7), forged, ours, 409);
    case("request_grown_from_another_root", good.clone(), forged, ours, 422);
    let mut wrong: Request = good.parse().unwrap();
    wrong.proof[0].0[0] ^= 1;
    case("request_proof_changed", wrong.to_string(), known(7), ours, 422);
    wrong.proof.clear();
    case("request_without_proof", wrong.to_string(), known(7), ours, 422);
    let mut unsigned: Request = good.parse().unwrap();
    unsigned.note.signatures[0].signature[1] ^= 1;
    case("request_signature", unsigned.to_string(), known(7), ours, 403);
    unsigned.note = signed(&checkpoint(log, 19), &ada, &[node("bob")]);
    unsigned.note.signatures.remove(0);
    case("request_signed_by_another", unsigned.to_string(), known(7), ours, 403);
    case("request_of_nothing", String::new(), None, ours, 400);
    case(
        "request_old_missing",
        good.replacen("old 7", "7", 1),
        known(7),
        ours,
        400,
    );
    case(
        "request_old_with_a_zero_in_front",
        good.replacen("old 7", "old 07", 1),
        known(7),
        ours,
        400,
    );
    case(
        "request_shrinks",
        good.replacen("old 7", "old 20", 1),
        known(20),
        ours,
        400,
    );
    case(
        "request_hash_of_31_bytes",
        good.replacen("old 7\n", "old 7\nAAAA\n", 1),
        known(7),
        ours,
        400,
    );
    case(
        "request_of_64_hashes",
        {
            let hash = data_encoding::BASE64.encode(&[0; 32]);
            good.replacen("old 7\n", &format!("old 7\n{}", format!("{hash}\n").repeat(64)), 1)
        },
        known(7),
        ours,
        400,
    );
    case("request_without_note", "old 7\n\n".to_owned(), known(7), ours, 400);
    case(
        "request_of_no_checkpoint",
        {
            let text = "some text\n";
            let note = checkpoint(log, 19).origin.sign(text, &ada).unwrap();
            format!("old 0\n\n{}", note.write())
        },
        None,
        ours,
        400,
    );
    cases
}

fn frauds(log: &Log) -> Vec<Value> {
    let mut cases = Vec::new();
    let mut case = |name: &str, fraud: &Fraud, committee: Id, error: Option<&str>| {
        let body = fraud.body().unwrap();
        let found = fraud.verify(committee);
        assert_eq!(found.as_ref().err().map(|bad| bad.name()), error, "{name}");
        let kind = kind::find("fraud").unwrap();
        let record = kind::read::act(kind, Some(&body)).unwrap();
        assert_eq!(Fraud::read(&record).as_ref(), Ok(fraud), "{name}");
        assert_eq!(
            kind.proof.unwrap()(&record, committee).is_ok(),
            error.is_none(),
            "{name}"
        );
        let deed = found.ok().map(|convicted| match convicted.deed {
            Deed::Fork { .. } => "fork",
            Deed::Rewrite { .. } => "rewrite",
            Deed::Receipt { .. } => "broken_receipt",
        });
        cases.push(json!({
            "name": name, "committee": committee, "body": hex(&body), "deed": deed, "error": error,
        }));
    };
    let ada = node("ada");
    let other = Log::of(log.leaves.iter().enumerate().map(|(n, leaf)| match n {
        5 => Leaf::Entry(entry(0xee)),
        _ => *leaf,
    }));
    let note = |log: &Log, size: u64| signed(&checkpoint(log, size), &ada, &[]).write();
    let shown = |log: &Log, index: u64, size: u64| Shown {
        leaf: log.leaves[usize::try_from(index).unwrap()].bytes().to_vec(),
        path: log.path(index, size),
    };
    let elsewhere = |committee: Id, by: &str| {
        let checkpoint = other.checkpoint(origin(committee, &node(by)), 19);
        signed(&checkpoint, &node(by), &[]).write()
    };
    let fork = |b: String| Fraud::Fork { a: note(log, 19), b };
    case("fork", &fork(note(&other, 19)), COMMITTEE, None);
    case("fork_of_one_root", &fork(note(log, 19)), COMMITTEE, Some("agree"));
    case("fork_of_two_sizes", &fork(note(&other, 20)), COMMITTEE, Some("agree"));
    case(
        "fork_of_two_logs",
        &fork(elsewhere(COMMITTEE, "bob")),
        COMMITTEE,
        Some("origin"),
    );
    case(
        "fork_of_two_committees",
        &fork(elsewhere(Id([1; 32]), "ada")),
        COMMITTEE,
        Some("origin"),
    );
    case(
        "fork_in_another_committee",
        &fork(note(&other, 19)),
        Id([1; 32]),
        Some("committee"),
    );
    case(
        "fork_signature",
        &fork(note(log, 19).replace(&note(log, 19), &{
            let mut forged = Note::read(&note(&other, 19)).unwrap();
            forged.signatures[0].signature[0] ^= 1;
            forged.write()
        })),
        COMMITTEE,
        Some("signature"),
    );
    case(
        "fork_with_a_cosignature",
        &fork(signed(&checkpoint(&other, 19), &ada, &[node("bob")]).write()),
        COMMITTEE,
        Some("signature"),
    );
    case(
        "fork_signed_by_another",
        &fork({
            let mut forged = Note::read(&note(&other, 19)).unwrap();
            let name = forged.signatures[0].name.clone();
            forged.signatures[0] = note::sign(&forged.text, &name, note::Use::Note, 0, &node("bob")).unwrap();
            forged.write()
        }),
        COMMITTEE,
        Some("signature"),
    );
    case("fork_with_a_text", &fork("no note".to_owned()), COMMITTEE, Some("note"));
    case(
        "fork_with_no_checkpoint",
        &fork(checkpoint(log, 19).origin.sign("text\n", &ada).unwrap().write()),
        COMMITTEE,
        Some("note"),
    );

    let rewrite = |size: u64, index: u64, in_a: Shown, in_b: Shown| Fraud::Rewrite {
        a: note(log, 19),
        b: note(&other, size),
        index,
        in_a,
        in_b,
    };
    let (in_a, in_b) = (shown(log, 5, 19), shown(&other, 5, 20));
    case("rewrite", &rewrite(20, 5, in_a.clone(), in_b.clone()), COMMITTEE, None);
    case(
        "rewrite_of_equal_leaves",
        &rewrite(20, 6, shown(log, 6, 19), shown(&other, 6, 20)),
        COMMITTEE,
        Some("agree"),
    );
    case(
        "rewrite_at_another_index",
        &rewrite(20, 4, in_a.clone(), in_b.clone()),
        COMMITTEE,
        Some("proof"),
    );
    case(
        "rewrite_with_another_leaf",
        &rewrite(
            20,
            5,
            Shown {
                leaf: vec![1; 33],
                ..in_a.clone()
            },
            in_b.clone(),
        ),
        COMMITTEE,
        Some("proof"),
    );
    case(
        "rewrite_with_another_proof",
        &rewrite(
            20,
            5,
            in_a.clone(),
            Shown {
                path: in_a.path.clone(),
                ..in_b.clone()
            },
        ),
        COMMITTEE,
        Some("proof"),
    );
    case(
        "rewrite_of_two_logs",
        &Fraud::Rewrite {
            a: note(log, 19),
            b: elsewhere(COMMITTEE, "bob"),
            index: 5,
            in_a: in_a.clone(),
            in_b: shown(&other, 5, 19),
        },
        COMMITTEE,
        Some("origin"),
    );

    let receipt = |index: u64, by: &str, entry: Id| {
        let receipt = Receipt {
            origin: origin(COMMITTEE, &node(by)),
            index,
            entry,
        };
        receipt.sign(&node(by)).unwrap().write()
    };
    let broken = |receipt: String, shown: Shown| Fraud::Receipt {
        checkpoint: note(&other, 20),
        receipt,
        shown,
    };
    case(
        "broken_receipt",
        &broken(receipt(5, "ada", entry(5)), in_b.clone()),
        COMMITTEE,
        None,
    );
    case(
        "broken_receipt_that_was_kept",
        &broken(receipt(4, "ada", entry(4)), shown(&other, 4, 20)),
        COMMITTEE,
        Some("agree"),
    );
    case(
        "broken_receipt_of_another_log",
        &broken(receipt(5, "bob", entry(5)), in_b.clone()),
        COMMITTEE,
        Some("origin"),
    );
    case(
        "broken_receipt_at_another_index",
        &broken(receipt(6, "ada", entry(5)), in_b.clone()),
        COMMITTEE,
        Some("proof"),
    );
    case(
        "broken_receipt_beyond_the_log",
        &broken(receipt(20, "ada", entry(5)), in_b.clone()),
        COMMITTEE,
        Some("proof"),
    );
    case(
        "broken_receipt_signature",
        &broken(
            {
                let mut forged = Note::read(&receipt(5, "ada", entry(5))).unwrap();
                forged.text = forged.text.replace("\n5\n", "\n6\n");
                forged.write()
            },
            in_b.clone(),
        ),
        COMMITTEE,
        Some("signature"),
    );
    case(
        "broken_receipt_twice",
        &Fraud::Receipt {
            checkpoint: receipt(5, "ada", entry(5)),
            receipt: receipt(5, "ada", entry(6)),
            shown: in_b.clone(),
        },
        COMMITTEE,
        Some("note"),
    );
    let malformed = |name: &str, change: &dyn Fn(&mut kind::Record)| {
        let mut record = rewrite(20, 5, in_a.clone(), in_b.clone()).record();
        change(&mut record);
        let body = kind::json::written("fraud", &record).unwrap();
        assert_eq!(Fraud::read(&record).unwrap_err().name(), "form", "{name}");
        json!({ "name": name, "committee": COMMITTEE, "body": hex(&body), "deed": null, "error": "form" })
    };
    let forms = [
        malformed("rewrite_without_index", &|record| drop(record.remove("index"))),
        malformed("rewrite_without_a_leaf", &|record| drop(record.remove("leaf_b"))),
        malformed("rewrite_without_a_side", &|record| {
            record.remove("leaf_b");
            record.remove("proof_b");
        }),
        malformed("rewrite_with_a_path_of_33_bytes", &|record| {
            record.insert("proof_a", kind::Value::Bytes(vec![0; 33]));
        }),
        malformed("broken_receipt_with_an_index", &|record| {
            record.insert("b", kind::Value::Text(receipt(5, "ada", entry(5))));
        }),
    ];
    cases.extend(forms);
    cases
}

fn policies() -> Vec<Value> {
    let names = ["a", "b", "c", "d"];
    let key = |name: &str| public(&node(name));
    let witnesses: String = names
        .iter()
        .map(|name| format!("witness {name} {}\n", key(name)))
        .collect();
    let mut cases = Vec::new();
    let mut good = |name: &str, rest: &str, yes: &[&str], no: &[&str]| {
        let text = format!("{witnesses}{rest}");
        let policy: Policy = text.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
        let keys = |set: &&str| -> BTreeSet<Key> { set.split_whitespace().map(key).collect() };
        assert!(yes.iter().all(|set| policy.satisfied(&keys(set))), "{name}");
        assert!(!no.iter().any(|set| policy.satisfied(&keys(set))), "{name}");
        let sets = |sets: &[&str]| sets.iter().map(keys).collect::<Vec<_>>();
        cases.push(json!({ "name": name, "text": text, "satisfied": sets(yes), "unsatisfied": sets(no) }));
    };
    good("policy_none", "quorum none\n", &["", "a"], &[]);
    good(
        "policy_of_one",
        "quorum a",
        &["a", "a b", "a stranger"],
        &["", "b c d", "stranger"],
    );
    good(
        "policy_any",
        "group g any a b\nquorum g\n",
        &["a", "b", "a b"],
        &["", "c d"],
    );
    good(
        "policy_all",
        "group g all a b\nquorum g\n",
        &["a b", "a b c"],
        &["a", "b c", ""],
    );
    good(
        "policy_two_of_three",
        "group g 2 a b c\nquorum g\n",
        &["a b", "b c", "a c d"],
        &["a", "a d", "d"],
    );
    good(
        "policy_of_groups",
        "group left any a b # either\ngroup right 2 c d\n\n  group\tboth all left right\nquorum both\n",
        &["a c d", "b c d", "a b c d"],
        &["a b", "c d", "a c", ""],
    );
    good(
        "policy_with_a_member_in_two_groups",
        "group g any a b\ngroup h all a g\nquorum h\n",
        &["a"],
        &["b"],
    );
    good(
        "policy_whose_quorum_comes_first",
        "quorum a\ngroup later any b c\n",
        &["a"],
        &["b c"],
    );
    let mut bad = |name: &str, text: &str, line: usize| {
        let found = text.parse::<Policy>().unwrap_err();
        assert_eq!(found.line, line, "{name}: {found}");
        cases.push(json!({ "name": name, "text": text, "line": line }));
    };
    let (a, b) = (format!("witness a {}\n", key("a")), format!("witness b {}\n", key("b")));
    bad("policy_empty", "", 1);
    bad("policy_without_quorum", &a, 2);
    bad("policy_with_an_unknown_word", &format!("{a}key x\nquorum a\n"), 2);
    bad("policy_with_a_short_key", "# one\nwitness a abcd\nquorum a\n", 2);
    bad(
        "policy_with_a_key_in_capitals",
        &format!("{}quorum a\n", a.to_uppercase().replace("WITNESS A", "witness a")),
        1,
    );
    bad(
        "policy_with_a_name_twice",
        &format!("{a}witness a {}\nquorum a\n", key("b")),
        2,
    );
    bad(
        "policy_with_a_key_twice",
        &format!("{a}witness b {}\nquorum a\n", key("a")),
        2,
    );
    bad(
        "policy_with_a_witness_called_none",
        &format!("witness none {}\nquorum none\n", key("a")),
        1,
    );
    bad(
        "policy_with_a_group_of_itself",
        &format!("{a}group g any a g\nquorum g\n"),
        2,
    );
    bad(
        "policy_with_a_member_named_below",
        &format!("group g any a\n{a}quorum g\n"),
        1,
    );
    bad(
        "policy_with_a_member_twice",
        &format!("{a}group g 2 a a\nquorum g\n"),
        2,
    );
    bad(
        "policy_with_none_of_two",
        &format!("{a}{b}group g 0 a b\nquorum g\n"),
        3,
    );
    bad(
        "policy_with_three_of_two",
        &format!("{a}{b}group g 3 a b\nquorum g\n"),
        3,
    );
    bad("policy_with_02_of_two", &format!("{a}{b}group g 02 a b\nquorum g\n"), 3);
    bad("policy_with_an_empty_group", &format!("{a}group g any\nquorum g\n"), 2);
    bad("policy_with_two_quorums", &format!("{a}quorum a\nquorum a\n"), 3);
    bad("policy_with_an_unknown_quorum", &format!("{a}quorum b\n"), 2);
    assert_eq!(world::TIME, 1_790_000_100);
    cases
}
