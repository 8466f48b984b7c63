//! `admit.json`: headers in order, and what becomes of each. Every fault of admission has a case.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::make::{Pen, Person, bare, committee, cosign, grant, key, parameter, public, revoke, scoped, vouch};
use super::{Book, hold};
use crate::codec::Value as Cbor;
use crate::control::{self, Control, Enroll, Retire, Rotate, Use};
use crate::entry::{Header, Verified};
use crate::hash::{Hash, Id, key_commitment};
use crate::limit;
use crate::state::{Event, Limits, Outcome, State};

/// The file, and the scene of most cases: a committee of Alice, and Bob beside it.
struct File {
    book: Book,
    cases: Vec<Value>,
    names: BTreeSet<String>,
}

#[derive(Clone)]
struct Scene {
    alice: Person,
    bob: Person,
    id: Id,
    setup: Vec<(String, Verified)>,
}

fn scene() -> Scene {
    let (mut alice, bob) = (Person::new("alice"), Person::new("bob"));
    let root = committee(&mut [&mut alice], 1);
    let mut setup = Vec::new();
    for person in [&alice, &bob] {
        for (what, entry) in ["root", "device"].iter().zip(&person.entries) {
            setup.push((format!("{}/{what}", person.name), entry.clone()));
        }
    }
    let id = root.id();
    setup.push(("committee".to_owned(), root));
    Scene { alice, bob, id, setup }
}

#[test]
fn vectors() {
    let mut file = File {
        book: Book::default(),
        cases: Vec::new(),
        names: BTreeSet::new(),
    };
    shapes(&mut file);
    controls(&mut file);
    names(&mut file);
    control_names(&mut file);
    places(&mut file);
    certificates(&mut file);
    identities(&mut file);
    identity_limits(&mut file);
    not_refused(&mut file);
    orders(&mut file);
    for name in fault_names() {
        assert!(file.names.contains(&name), "no case shows the fault {name}");
    }
    hold(
        "admit.json",
        &json!({
            "about": [
                "Headers in order and what becomes of each (docs/spec/entry.md#admission).",
                "follow: committees that the node follows; setup: entries that are admitted first; offer: the entries of",
                "the case with admitted, known, waiting, rejected:<fault> or refused:not_followed; end: what became of",
                "entries that waited.",
            ],
            "entries": file.book.json(),
            "cases": file.cases,
        }),
    );
}

/// The names in the source, so that no fault goes without a case.
fn fault_names() -> BTreeSet<String> {
    let sources = [
        include_str!("../admit.rs"),
        include_str!("../admit/cert.rs"),
        include_str!("../admit/names.rs"),
        include_str!("../admit/place.rs"),
        include_str!("../admit/shape.rs"),
        include_str!("../identity.rs"),
    ];
    let mut names = BTreeSet::new();
    for source in sources {
        let body = source.split_once("pub fn name(").expect("each fault has a name").1;
        let body = body.split_once("\n    }\n").unwrap().0;
        names.extend(body.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    assert!(names.len() >= 24, "{names:?}");
    names
}

fn outcome_name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Admitted(_) => "admitted".into(),
        Outcome::Known(_) => "known".into(),
        Outcome::Waiting(_) => "waiting".into(),
        Outcome::Rejected(fault) => format!("rejected:{}", fault.name()),
        Outcome::Refused(_) => "refused:not_followed".into(),
    }
}

impl File {
    /// Offers the entries and compares what becomes of them; `end` tells of those whose fate changed later.
    fn case(
        &mut self,
        name: &str,
        follow: &[Id],
        setup: &[(String, Verified)],
        offer: &[(&str, &Verified, &str)],
        end: &[(&str, &str)],
    ) {
        let mut state = State::new(Limits::default());
        for id in follow {
            state.follow(*id);
        }
        for (what, entry) in setup {
            let outcome = state.offer(entry.clone(), 1, &mut Vec::new());
            assert_eq!(outcome_name(&outcome), "admitted", "{name}: {what}");
        }
        let setup: Vec<String> = setup.iter().map(|(what, entry)| self.book.add(what, entry)).collect();
        let mut events = Vec::new();
        let mut offers = Vec::new();
        let mut called = BTreeMap::new();
        for (what, entry, expected) in offer {
            let short = *what;
            let what = self.book.add(&format!("{name}/{what}"), entry);
            called.insert(short, (what.clone(), entry.id()));
            let found = outcome_name(&state.offer((*entry).clone(), 1, &mut events));
            assert_eq!(found, *expected, "{name}: {what}");
            self.names.extend(found.strip_prefix("rejected:").map(str::to_owned));
            offers.push(json!([what, found]));
        }
        let mut case = json!({
            "name": name,
            "follow": follow.iter().map(|id| self.book.name(id)).collect::<Vec<_>>(),
            "setup": setup,
            "offer": offers,
        });
        for (what, expected) in end {
            let (name, id) = called[what].clone();
            let fault = events.iter().find_map(|e| match e {
                Event::Rejected {
                    id: rejected, fault, ..
                } if *rejected == id => Some(fault.name()),
                _ => None,
            });
            let found = match fault {
                Some(fault) => format!("rejected:{fault}"),
                None if state.graph().num(&id).is_some() => "admitted".to_owned(),
                None => "waiting".to_owned(),
            };
            assert_eq!(found, *expected, "{name} in the end");
            case["end"][name] = found.into();
        }
        self.cases.push(case);
    }

    /// One entry in the scene, and its fault.
    fn reject(&mut self, name: &str, fault: &str, scene: &Scene, entry: &Verified) {
        self.case(
            name,
            &[scene.id],
            &scene.setup,
            &[("entry", entry, &format!("rejected:{fault}"))],
            &[],
        );
    }
}

/// A post of Alice's, changed.
fn post(change: impl FnOnce(&mut Header)) -> Verified {
    let mut scene = scene();
    let mut header = scene.alice.device.next(scene.id, Some(scene.id), "post");
    change(&mut header);
    sign_with(&mut scene.alice.device, header)
}

/// Signs without sorting anything.
fn sign_with(pen: &mut Pen, header: Header) -> Verified {
    Verified::sign(header, None, &pen.key)
}

fn shapes(file: &mut File) {
    let s = scene();
    let mut reject = |name: &str, fault: &str, change: &dyn Fn(&mut Header)| {
        file.reject(name, fault, &s, &post(change));
    };
    reject("kind_with_a_digit", "kind", &|h| h.kind = "post2".into());
    reject("kind_empty", "kind", &|h| h.kind = String::new());
    reject("kind_of_33", "kind", &|h| h.kind = "a".repeat(33));
    reject("after_unsorted", "list", &|h| h.after = vec![Id([2; 32]), Id([1; 32])]);
    reject("after_twice", "list", &|h| h.after = vec![Id([2; 32]), Id([2; 32])]);
    reject("after_of_17", "list", &|h| {
        h.after = (0..17).map(|n| Id([n; 32])).collect()
    });
    reject("auth_unsorted", "list", &|h| h.auth = vec![Id([2; 32]), Id([1; 32])]);
    reject("auth_of_5", "list", &|h| h.auth = (0..5).map(|n| Id([n; 32])).collect());
    reject("body_hash_without_body", "body", &|h| h.body_hash = Hash([1; 32]));
    reject("body_without_hash", "body", &|h| h.len = 1);
    reject("body_of_262145", "body", &|h| {
        h.len = u64::try_from(limit::BODY + 1).unwrap();
        h.body_hash = Hash([1; 32]);
    });
    reject("prev_at_0", "shape_prev", &|h| h.seq = 0);
    reject("no_prev_at_1", "shape_prev", &|h| h.prev = None);
    reject("no_space", "space_root", &|h| h.space = None);
    reject("no_space_and_no_doc", "space_root", &|h| {
        (h.space, h.doc) = (None, None)
    });
    reject("committee_in_a_space", "root_in_space", &|h| {
        h.kind = "committee".into()
    });
    reject("identity_in_a_space", "root_in_space", &|h| {
        h.kind = "identity".into();
        h.doc = None;
    });
    let root = |change: &dyn Fn(&mut Header)| {
        let mut header = s.alice.entries[0].header().clone();
        change(&mut header);
        sign_with(&mut s.alice.root.clone(), header)
    };
    let cert = s.alice.device.cert;
    file.reject("identity_root_with_cert", "space_root", &s, &root(&|h| h.cert = cert));
    file.reject(
        "identity_root_with_doc",
        "space_root",
        &s,
        &root(&|h| h.doc = Some(s.id)),
    );
    file.reject(
        "identity_root_with_past",
        "space_root",
        &s,
        &root(&|h| h.after = vec![s.id]),
    );
    file.reject(
        "identity_root_not_first",
        "space_root",
        &s,
        &root(&|h| (h.seq, h.prev) = (1, Some(s.id))),
    );
}

fn control_of(map: &[(&str, Cbor)]) -> Option<Cbor> {
    Some(Cbor::Map(
        map.iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    ))
}

fn bytes(id: Id) -> Cbor {
    Cbor::Bytes(id.0.to_vec())
}

fn controls(file: &mut File) {
    let s = scene();
    let mut reject = |name: &str, fault: &str, kind: &str, control: Option<Cbor>| {
        let entry = post(|h| {
            h.kind = kind.into();
            h.control = control;
        });
        file.reject(name, fault, &s, &entry);
    };
    let large = |len: usize| control_of(&[("x", Cbor::Bytes(vec![0; len]))]);
    reject(
        "control_of_1537_bytes",
        "control_too_large",
        "future",
        large(limit::CONTROL - 5),
    );
    reject("control_missing", "control_shape", "grant", None);
    reject(
        "control_as_list",
        "control_shape",
        "revoke",
        Some(Cbor::List(vec![bytes(s.id)])),
    );
    let to = ("to", bytes(s.bob.id));
    let role = ("role", Cbor::String("voice".into()));
    let extra = ("note", Cbor::Integer(1));
    reject(
        "control_with_unknown_field",
        "control_shape",
        "grant",
        control_of(&[to.clone(), role.clone(), extra]),
    );
    reject("control_without_field", "control_shape", "grant", control_of(&[role]));
    let number = ("role", Cbor::Integer(1));
    reject(
        "control_of_other_type",
        "control_shape",
        "grant",
        control_of(&[to, number]),
    );
    reject(
        "role_with_a_capital",
        "control_bounds",
        "grant",
        grant("Voice", s.bob.id).value(),
    );
    reject(
        "role_of_65",
        "control_bounds",
        "grant",
        grant(&"a".repeat(65), s.bob.id).value(),
    );
    reject(
        "parameter_name_empty",
        "control_bounds",
        "set_parameter",
        parameter("", 1).value(),
    );
    let quota = |quota: u64| {
        let identity = s.bob.id;
        Control::Vouch(control::Vouch { identity, quota }).value()
    };
    reject("quota_0", "control_bounds", "vouch", quota(0));
    reject("quota_1025", "control_bounds", "vouch", quota(1025));
    let owner = |identity: Id, part: Option<&str>| control::Owner {
        identity,
        part: part.map(str::to_owned),
    };
    let mut document = |name: &str, fault: &str, owners: Vec<control::Owner>| {
        let entry = post(|h| {
            (h.doc, h.kind) = (None, "nomination".into());
            h.control = Control::Document(control::Document { owners }).value();
        });
        file.reject(name, fault, &s, &entry);
    };
    document("owners_none", "control_list", Vec::new());
    document(
        "owners_twice",
        "control_list",
        vec![owner(s.bob.id, None), owner(s.bob.id, None)],
    );
    document(
        "owners_whole_after_part",
        "control_list",
        vec![owner(s.bob.id, Some("a")), owner(s.bob.id, None)],
    );
    document(
        "owners_9",
        "control_list",
        (0..9).map(|n| owner(Id([n; 32]), None)).collect(),
    );
    document(
        "part_with_a_digit",
        "control_bounds",
        vec![owner(s.bob.id, Some("part1"))],
    );
    let entry = post(|h| {
        (h.doc, h.kind) = (None, "future".into());
        h.control = control_of(&[("x", Cbor::Integer(1))]);
    });
    file.reject("document_root_with_other_control", "control_shape", &s, &entry);
    let founding = |founders: Vec<Id>, threshold: u64| {
        let mut header = bare(&s.alice.device.key, "committee");
        header.cert = s.alice.device.cert;
        header.control = Control::Committee(control::Committee { founders, threshold }).value();
        header.time += 5;
        sign_with(&mut s.alice.device.clone(), header)
    };
    let mut committee = |name: &str, fault: &str, entry: &Verified| {
        let follow = [s.id, entry.id()];
        file.case(
            name,
            &follow,
            &s.setup,
            &[("entry", entry, &format!("rejected:{fault}"))],
            &[],
        );
    };
    committee("founders_none", "control_list", &founding(Vec::new(), 1));
    committee(
        "founders_25",
        "control_list",
        &founding((0..25).map(|n| Id([n; 32])).collect(), 1),
    );
    committee("threshold_0", "control_bounds", &founding(vec![s.alice.id], 0));
    committee("threshold_2_of_1", "control_bounds", &founding(vec![s.alice.id], 2));
    committee("founder_is_no_identity", "control_name", &founding(vec![s.id], 1));
    let enroll = {
        let mut header = s.alice.root.next(s.alice.id, Some(s.alice.id), "enroll");
        let usage = Cbor::Map([("node".to_owned(), Cbor::Null)].into());
        // Null cannot come over the wire; a list of the right word can.
        let listed = Cbor::List(vec![Cbor::String("node".into())]);
        assert_ne!(usage, listed);
        header.control = control_of(&[("key", bytes(Id([9; 32]))), ("use", listed)]);
        sign_with(&mut s.alice.root.clone(), header)
    };
    file.reject("use_as_list", "control_shape", &s, &enroll);
}

/// The scene with a second committee and a document, so that names can lead astray.
fn names(file: &mut File) {
    let mut s = scene();
    let post_id = s.alice.device.post(s.id, &[]);
    let document = s.alice.device.document(s.id, &[]);
    s.setup.push(("astray/post".into(), post_id.clone()));
    s.setup.push(("astray/document".into(), document.clone()));
    let mut second = committee(&mut [&mut Person::new("alice")], 1).header().clone();
    second.time += 1;
    let second = Verified::sign(second, None, &s.alice.device.key);
    s.setup.push(("astray/second".into(), second.clone()));
    let mut bob = s.bob.device.clone();
    let elsewhere = bob.document(second.id(), &[]);
    s.setup.push(("astray/elsewhere".into(), elsewhere.clone()));
    let follow = [s.id, second.id()];
    let next = |doc: Option<Id>, change: &dyn Fn(&mut Header)| {
        let mut header = s.alice.device.next(s.id, doc, "post");
        change(&mut header);
        sign_with(&mut s.alice.device.clone(), header)
    };
    let root = Some(s.id);
    let mut reject = |name: &str, fault: &str, entry: Verified| {
        file.case(
            name,
            &follow,
            &s.setup,
            &[("entry", &entry, &format!("rejected:{fault}"))],
            &[],
        );
    };
    let in_space = |space: Id| {
        let mut header = s.bob.device.next(space, Some(space), "post");
        header.doc = Some(space);
        sign_with(&mut s.bob.device.clone(), header)
    };
    reject("space_is_a_post", "space", in_space(post_id.id()));
    reject("space_is_a_document", "space", in_space(document.id()));
    reject("doc_is_a_post", "doc", next(Some(post_id.id()), &|_| {}));
    reject("doc_of_another_committee", "doc", next(Some(elsewhere.id()), &|_| {}));
    reject("doc_is_another_committee", "doc", next(Some(second.id()), &|_| {}));
    reject("doc_is_an_identity", "doc", next(Some(s.alice.id), &|_| {}));
    let alice = s.alice.root.next(s.alice.id, Some(s.id), "profile");
    reject(
        "doc_of_a_committee_at_home",
        "doc",
        sign_with(&mut s.alice.root.clone(), alice),
    );
    let alice = s.alice.root.next(s.alice.id, None, "topic");
    reject("document_at_home", "doc", sign_with(&mut s.alice.root.clone(), alice));
    reject(
        "after_of_another_committee",
        "after",
        next(root, &|h| h.after = vec![elsewhere.id()]),
    );
    reject(
        "after_of_an_identity",
        "after",
        next(root, &|h| h.after = vec![s.alice.entries[1].id()]),
    );
    reject("auth_is_a_post", "auth", next(root, &|h| h.auth = vec![post_id.id()]));
    reject("auth_is_the_root", "auth", next(root, &|h| h.auth = vec![s.id]));
    let act = |doc: Option<Id>, control: &Control, kind: &str| {
        next(doc, &|h| {
            h.kind = kind.into();
            h.control = control.value();
        })
    };
    let document = Some(document.id());
    reject(
        "grant_in_a_document",
        "kind_place",
        act(document, &grant("voice", s.bob.id), "grant"),
    );
    reject(
        "vouch_in_a_document",
        "kind_place",
        act(document, &vouch(s.bob.id), "vouch"),
    );
    let enroll = Control::Enroll(Enroll {
        key: public(&key("phone")),
        usage: Use::Person,
    });
    reject("enroll_in_a_committee", "kind_place", act(root, &enroll, "enroll"));
    let mut header = s.alice.root.next(s.alice.id, Some(s.alice.id), "grant");
    header.control = grant("voice", s.bob.id).value();
    reject(
        "grant_at_home",
        "kind_place",
        sign_with(&mut s.alice.root.clone(), header),
    );
}

fn control_names(file: &mut File) {
    let mut s = scene();
    let post = s.alice.device.post(s.id, &[]);
    let document = s.alice.device.document(s.id, &[]);
    s.setup.push(("named/post".into(), post.clone()));
    s.setup.push(("named/document".into(), document.clone()));
    let mut reject = |name: &str, control: &Control| {
        let entry = s.alice.device.clone().act(s.id, control, &[]);
        file.reject(name, "control_name", &s, &entry);
    };
    reject("grant_to_no_identity", &grant("voice", post.id()));
    reject("grant_scope_is_a_post", &scoped("voice", s.bob.id, post.id()));
    reject("grant_scope_is_the_root", &scoped("voice", s.bob.id, s.id));
    reject("revoke_no_grant", &revoke(post.id()));
    reject("vouch_for_no_identity", &vouch(post.id()));
    reject("cosign_of_an_identity", &cosign(s.bob.id));
    let entry = s.alice.device.clone().document(s.id, &[post.id()]);
    file.reject("owner_is_no_identity", "control_name", &s, &entry);
    let rotate = Control::Rotate(Rotate {
        next: Hash([1; 32]),
        keep: vec![s.bob.entries[1].id()],
    });
    let mut next = Pen::new("alice/next", None);
    file.reject(
        "rotate_keeps_a_stranger",
        "control_name",
        &s,
        &next.act(s.alice.id, &rotate, &[]),
    );
}

fn places(file: &mut File) {
    let mut s = scene();
    let first = s.alice.device.post(s.id, &[]);
    s.setup.push(("placed/first".into(), first.clone()));
    let mut bob = s.bob.device.clone();
    let other = bob.post(s.id, &[]);
    s.setup.push(("placed/other".into(), other.clone()));
    let next = |change: &dyn Fn(&mut Header)| {
        let mut header = s.alice.device.next(s.id, Some(s.id), "post");
        change(&mut header);
        sign_with(&mut s.alice.device.clone(), header)
    };
    file.reject("seq_skipped", "prev", &s, &next(&|h| h.seq += 1));
    file.reject(
        "prev_of_another_key",
        "prev",
        &s,
        &next(&|h| (h.seq, h.prev) = (1, Some(other.id()))),
    );
    file.reject(
        "prev_of_another_space",
        "prev",
        &s,
        &next(&|h| (h.seq, h.prev) = (1, Some(s.alice.id))),
    );
    // The same key enrolled twice: its log goes on under the first enrolment.
    let mut again = s.clone();
    let second = again.alice.enroll("alice/device", Use::Person);
    again.setup.push(("placed/second_cert".into(), second.clone()));
    file.reject(
        "cert_of_the_log_changed",
        "cert_changed",
        &again,
        &next(&|h| h.cert = Some(second.id())),
    );
}

fn certificates(file: &mut File) {
    let s = scene();
    let entry = |pen: &Pen, space: Id, kind: &str, change: &dyn Fn(&mut Header)| {
        let mut header = pen.next(space, Some(space), kind);
        change(&mut header);
        sign_with(&mut pen.clone(), header)
    };
    let alice = &s.alice;
    let none = entry(&alice.root, s.id, "post", &|_| {});
    file.reject("root_key_in_a_committee", "cert_missing", &s, &none);
    let root = entry(&alice.device, s.id, "post", &|h| {
        (h.cert, h.seq, h.prev) = (Some(alice.id), 0, None);
    });
    file.reject("cert_is_an_identity", "cert_not_enroll", &s, &root);
    let bobs = entry(&alice.device, s.id, "post", &|h| {
        (h.cert, h.seq, h.prev) = (s.bob.device.cert, 0, None);
    });
    file.reject("cert_of_another_key", "cert_other_key", &s, &bobs);
    let stranger = entry(&s.bob.device, alice.id, "profile", &|_| {});
    file.reject("stranger_at_home", "cert_stranger", &s, &stranger);
    let enroll = Control::Enroll(Enroll {
        key: public(&key("phone")),
        usage: Use::Person,
    });
    let by_device = alice.device.clone().act(alice.id, &enroll, &[]);
    file.reject("device_enrolls", "cert_root_only", &s, &by_device);
    let retire = Control::Retire(Retire {
        key: public(&alice.device.key),
        last: Vec::new(),
    });
    let by_device = alice.device.clone().act(alice.id, &retire, &[]);
    file.reject("device_retires", "cert_root_only", &s, &by_device);
}

fn rotate(next: &str, keep: &[Id]) -> Control {
    Control::Rotate(Rotate {
        next: key_commitment(&public(&key(next))),
        keep: keep.to_vec(),
    })
}

fn identities(file: &mut File) {
    let s = scene();
    let alice = s.alice.id;
    let unknown = Pen::new("unknown", None).write(alice, "profile", None, &[], &[]);
    file.reject("unknown_key_at_home", "not_root", &s, &unknown);
    let early = Pen::new("alice/next", None).write(alice, "profile", None, &[], &[]);
    file.reject("next_root_key_before_it_rotated", "not_root", &s, &early);
    let stranger = Pen::new("unknown", None).act(alice, &rotate("third", &[]), &[]);
    file.reject("rotate_by_an_uncommitted_key", "not_committed", &s, &stranger);
    let by_old = s.alice.root.clone().act(alice, &rotate("third", &[]), &[]);
    file.reject("rotate_by_the_root_key", "rotated_twice", &s, &by_old);
    let mut next = Pen::new("alice/next", None);
    let first = next.act(alice, &rotate("alice/third", &[]), &[]);
    let second = next.act(alice, &rotate("alice/fourth", &[]), &[]);
    let mut old = s.alice.root.clone();
    let blind = old.write(alice, "profile", None, &[], &[]);
    let aware = old.write(alice, "profile", None, &[first.id()], &[]);
    let device = s.alice.device.clone().write(alice, "profile", None, &[first.id()], &[]);
    let third = Pen::new("alice/third", None).act(alice, &rotate("alice/fifth", &[]), &[]);
    file.case(
        "rotation",
        &[s.id],
        &s.setup,
        &[
            ("first", &first, "admitted"),
            ("twice", &second, "rejected:rotated_twice"),
            // The old root key has not seen that it was followed: admitted for ever, whenever it comes.
            ("blind", &blind, "admitted"),
            ("aware", &aware, "rejected:not_root"),
            // Not kept: no effect, but admitted. Only effect follows rotations.
            ("device", &device, "admitted"),
            ("third_unseen", &third, "rejected:not_committed"),
        ],
        &[],
    );
    let fork = {
        let mut header = Pen::new("alice/next", None).next(alice, Some(alice), "rotate");
        header.control = rotate("alice/other", &[]).value();
        sign_with(&mut Pen::new("alice/next", None), header)
    };
    let dead: &[_] = &[("first", &first, "admitted"), ("second", &fork, "admitted")];
    file.case("two_rotations_from_one_key", &[s.id], &s.setup, dead, &[]);
}

fn identity_limits(file: &mut File) {
    let s = scene();
    let mut alice = s.alice.clone();
    let mut full = s.clone();
    for n in 1..limit::DEVICES {
        let enroll = alice.enroll(&format!("device{n}"), Use::Bot);
        full.setup.push((format!("limits/device{n}"), enroll));
    }
    let mut branch = alice.clone();
    let one_more = alice.enroll("device32", Use::Bot);
    file.reject("devices_33", "devices", &full, &one_more);
    let retire = |n: usize| {
        let key = public(&key(&format!("device{n}")));
        Control::Retire(Retire { key, last: Vec::new() })
    };
    let retired = branch.root.act(alice.id, &retire(1), &[]);
    let enrolled = branch.enroll("device32", Use::Bot);
    let offer: &[_] = &[("retire", &retired, "admitted"), ("enroll", &enrolled, "admitted")];
    file.case("devices_32_after_retiring_one", &[s.id], &full.setup, offer, &[]);

    // 255 key acts besides the device's, then one too many, and an entry that joins two branches of 200.
    let mut alice = s.alice.clone();
    let mut full = s.clone();
    let mut at_200 = None;
    for n in 1..limit::IDENTITY_CONTROLS {
        let act = alice.root.act(alice.id, &retire(n), &[]);
        full.setup.push((format!("limits/act{n}"), act));
        if n == 200 {
            at_200 = Some(alice.root.clone());
        }
    }
    let mut profile = alice.root.clone();
    let profile = profile.write(alice.id, "profile", None, &[], &[]);
    let act = alice.root.act(alice.id, &retire(999), &[]);
    let offer: &[_] = &[
        ("act", &act, "rejected:identity_controls"),
        ("profile", &profile, "admitted"),
    ];
    file.case("key_acts_257", &[s.id], &full.setup, offer, &[]);
    let mut other = at_200.unwrap();
    let head = full.setup.last().unwrap().1.id();
    let act = other.act(alice.id, &retire(998), &[]);
    let join = other.write(alice.id, "profile", None, &[head], &[]);
    let offer: &[_] = &[
        ("branch", &act, "admitted"),
        ("join", &join, "rejected:identity_controls"),
    ];
    file.case("key_acts_joined", &[s.id], &full.setup, offer, &[]);
}

fn not_refused(file: &mut File) {
    let s = scene();
    let mut alice = s.alice.device.clone();
    let mut offer = |name: &str, entry: &Verified, outcome: &str| {
        file.case(name, &[s.id], &s.setup, &[("entry", entry, outcome)], &[]);
    };
    let future = post(|h| {
        h.kind = "from_the_future".into();
        h.control = control_of(&[("entry", bytes(Id([9; 32])))]);
    });
    offer("unknown_kind", &future, "admitted");
    let document = post(|h| (h.doc, h.kind) = (None, "from_the_future".into()));
    offer("unknown_kind_opens_a_document", &document, "admitted");
    let document = post(|h| (h.doc, h.kind) = (None, "enroll".into()));
    offer("known_kind_opens_a_document", &document, "admitted");
    offer(
        "control_of_1536_bytes",
        &post(|h| h.control = control_of(&[("x", Cbor::Bytes(vec![0; 1530]))])),
        "admitted",
    );
    let grant = s.bob.device.clone().act(s.id, &grant("steward", s.bob.id), &[]);
    offer("grant_by_a_newcomer", &grant, "admitted");
    let retire = Control::Retire(Retire {
        key: public(&key("anything")),
        last: vec![Id([7; 32])],
    });
    let retire = s.alice.root.clone().act(s.alice.id, &retire, &[]);
    offer("retire_names_in_last_what_nobody_has", &retire, "admitted");
    let absent = alice.next(Id([5; 32]), Some(Id([5; 32])), "post");
    offer("unknown_space", &sign_with(&mut alice, absent), "waiting");
    let first = post(|_| {});
    let second = post(|h| h.time += 1);
    let next = {
        let mut pen = s.alice.device.clone();
        pen.logs.insert(s.id, (second.header().seq, second.id()));
        pen.post(s.id, &[first.id()])
    };
    let offers: &[_] = &[
        ("first", &first, "admitted"),
        ("first", &first, "known"),
        ("second", &second, "admitted"),
        ("next", &next, "admitted"),
    ];
    file.case("fork", &[s.id], &s.setup, offers, &[]);
    let offers: &[_] = &[
        ("committee", &s.setup[4].1, "refused:not_followed"),
        ("post", &first, "waiting"),
    ];
    file.case("not_followed", &[], &s.setup[..4], offers, &[]);
}

fn orders(file: &mut File) {
    let s = scene();
    let mut alice = s.alice.device.clone();
    let first = alice.post(s.id, &[]);
    let second = alice.post(s.id, &[]);
    let third = alice.post(s.id, &[]);
    let offers: &[_] = &[
        ("third", &third, "waiting"),
        ("second", &second, "waiting"),
        ("first", &first, "admitted"),
    ];
    file.case(
        "children_first",
        &[s.id],
        &s.setup,
        offers,
        &[("third", "admitted"), ("second", "admitted")],
    );
    let bad = post(|h| h.kind = "Post".into());
    let child = {
        let mut pen = s.alice.device.clone();
        pen.logs.insert(s.id, (bad.header().seq, bad.id()));
        pen.post(s.id, &[])
    };
    let grandchild = s.bob.device.clone().post(s.id, &[child.id()]);
    let fault = "rejected:rejected_name";
    let offers: &[_] = &[
        ("bad", &bad, "rejected:kind"),
        ("child", &child, fault),
        ("grandchild", &grandchild, fault),
    ];
    file.case("rejected_parent", &[s.id], &s.setup, offers, &[]);
    let offers: &[_] = &[
        ("grandchild", &grandchild, "waiting"),
        ("child", &child, "waiting"),
        ("bad", &bad, "rejected:kind"),
    ];
    let end: &[_] = &[("child", fault), ("grandchild", fault)];
    file.case("rejected_parent_last", &[s.id], &s.setup, offers, end);
    let target = alice.act(s.id, &cosign(Id([9; 32])), &[]);
    file.case(
        "unnamed_target",
        &[s.id],
        &[
            &s.setup[..],
            &[
                ("orders/first".into(), first),
                ("orders/second".into(), second),
                ("orders/third".into(), third),
            ],
        ]
        .concat(),
        &[("entry", &target, "waiting")],
        &[("entry", "waiting")],
    );
}
