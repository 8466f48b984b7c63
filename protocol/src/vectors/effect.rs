//! `effect.json`: what authority and keys let count, and why not.

use super::make::{Pen, Person, cosign, grant, key, parameter, public, revoke, scoped};
use super::story::{File, Outcome, Story};
use crate::control::{self, Control, Use};
use crate::hash::{Id, key_commitment};

#[test]
fn vectors() {
    let mut file = File::new();
    signatures(&mut file);
    back_dating(&mut file);
    cuts(&mut file);
    roles(&mut file);
    parameters(&mut file);
    keys(&mut file);
    rotations(&mut file);
    file.hold(
        "effect.json",
        &[
            "Sets of entries and what authority and keys let count (docs/spec/authority.md), in any order of arrival.",
            "The fields are those of record.json.",
        ],
    );
}

fn person(name: &str) -> Person {
    Person::new(name)
}

fn signatures(file: &mut File) {
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let (carol, mut eve) = (person("carol"), person("eve"));
    let about = "T = 2: an act that one has signed; a cosignature by somebody without a role, and one of no act";
    let mut story = Story::new("open", about, &mut [&mut alice, &mut bob], 2);
    story.person(&carol);
    story.person(&eve);
    let open = story.add("grant", alice.device.act(story.root, &grant("voice", carol.id), &[]));
    let stranger = story.add("by_stranger", eve.device.act(story.root, &cosign(open), &[]));
    story.add("of_no_act", bob.device.act(story.root, &cosign(stranger), &[]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob"],
            floor: &["carol/device"],
            effects: Some(&[
                ("grant", "unauthorised", "open"),
                ("by_stranger", "unauthorised", "no_role"),
                ("of_no_act", "void", "no_act"),
            ]),
            holders: Some(&[]),
            ..Outcome::default()
        },
    );
}

fn back_dating(file: &mut File) {
    let (mut alice, mut bob, mut puppet, friend) = (person("alice"), person("bob"), person("puppet"), person("friend"));
    let about = "a revoked steward back-dates a grant, whose holder grants in turn: members, and no holders";
    let mut story = Story::new("hidden_grant", about, &mut [&mut alice], 1);
    for someone in [&bob, &puppet, &friend] {
        story.person(someone);
    }
    let promoted = story.add("promote", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    story.add("revoke", alice.device.act(story.root, &revoke(promoted), &[]));
    let hidden = story.add(
        "hidden",
        bob.device.act(story.root, &grant("steward", puppet.id), &[promoted]),
    );
    story.add(
        "through",
        puppet.device.act(story.root, &grant("voice", friend.id), &[hidden]),
    );
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "puppet", "friend"],
            made: &["promote", "revoke", "hidden", "through"],
            effects: Some(&[
                ("promote", "superseded", "revoked"),
                ("hidden", "unauthorised", "shaky"),
                ("through", "unauthorised", "shaky"),
            ]),
            holders: Some(&[]),
            ..Outcome::default()
        },
    );
    let (mut alice, mut bob, carol) = (person("alice"), person("bob"), person("carol"));
    let about = "what a steward granted before, in the sight of whoever revoked them, stays";
    let mut story = Story::new("granted_before", about, &mut [&mut alice], 1);
    story.person(&bob);
    story.person(&carol);
    let promoted = story.add("promote", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    let granted = story.add(
        "granted",
        bob.device.act(story.root, &grant("voice", carol.id), &[promoted]),
    );
    story.add("revoke", alice.device.act(story.root, &revoke(promoted), &[granted]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "carol"],
            made: &["promote", "granted", "revoke"],
            effects: Some(&[("promote", "superseded", "revoked")]),
            holders: Some(&[("voice", "carol")]),
            ..Outcome::default()
        },
    );
}

fn cuts(file: &mut File) {
    // T = 2, carol and mallory stewards; mallory is revoked, then revoked again by a revocation that he wrote himself.
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let (mut carol, mut mallory, puppet) = (person("carol"), person("mallory"), person("puppet"));
    let about = "T = 2: a second, back-dated revocation that has seen more does not widen the cut, nor does a cosigner of the \
                 first who had seen more than its author";
    let mut story = Story::new("wider_revoke", about, &mut [&mut alice, &mut bob], 2);
    for someone in [&carol, &mallory, &puppet] {
        story.person(someone);
    }
    let mut seen: Vec<Id> = Vec::new();
    let mut grants = Vec::new();
    for someone in [&carol, &mallory] {
        let name = format!("grant_{}", someone.name);
        let act = story.add(
            &name,
            alice.device.act(story.root, &grant("steward", someone.id), &seen),
        );
        let signed = story.add(
            &format!("{name}_cosign"),
            bob.device.act(story.root, &cosign(act), &[act]),
        );
        grants.push(act);
        seen = vec![signed];
    }
    let revoked = story.add("revoke", alice.device.act(story.root, &revoke(grants[1]), &seen));
    let hidden = story.add(
        "hidden",
        mallory.device.act(story.root, &grant("steward", puppet.id), &seen),
    );
    let by_carol = story.add(
        "hidden_cosign",
        carol.device.act(story.root, &cosign(hidden), &[hidden]),
    );
    // Bob has seen the hidden grant, alice had not.
    story.add(
        "revoke_cosign",
        bob.device.act(story.root, &cosign(revoked), &[by_carol]),
    );
    let wider = story.add("wider", mallory.device.act(story.root, &revoke(grants[1]), &[hidden]));
    story.add("wider_cosign", carol.device.act(story.root, &cosign(wider), &[wider]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob", "carol", "puppet"],
            made: &["grant_carol", "grant_mallory", "revoke", "hidden", "wider"],
            effects: Some(&[
                ("grant_mallory", "superseded", "revoked"),
                ("hidden", "unauthorised", "shaky"),
            ]),
            holders: Some(&[("steward", "carol")]),
            ..Outcome::default()
        },
    );
    let (mut alice, mut bob, mut carol) = (person("alice"), person("bob"), person("carol"));
    let about = "T = 1: two stewards revoke each other: both are out; a later grant is a new one and stands";
    let mut story = Story::new("mutual_revoke_and_regrant", about, &mut [&mut alice], 1);
    story.person(&bob);
    story.person(&carol);
    let b = story.add("grant_b", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    let c = story.add(
        "grant_c",
        alice.device.act(story.root, &grant("steward", carol.id), &[]),
    );
    let revoke_c = story.add("revoke_c", bob.device.act(story.root, &revoke(c), &[c]));
    let revoke_b = story.add("revoke_b", carol.device.act(story.root, &revoke(b), &[c]));
    let again = story.add(
        "again",
        alice
            .device
            .act(story.root, &grant("steward", bob.id), &[revoke_b, revoke_c]),
    );
    story.add("voice", bob.device.act(story.root, &grant("voice", carol.id), &[again]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob", "carol"],
            made: &["grant_b", "grant_c", "revoke_b", "revoke_c", "again", "voice"],
            effects: Some(&[
                ("grant_b", "superseded", "revoked"),
                ("grant_c", "superseded", "revoked"),
            ]),
            holders: Some(&[("steward", "bob"), ("voice", "carol")]),
            ..Outcome::default()
        },
    );
}

fn roles(file: &mut File) {
    let (mut alice, mut bob, mut carol) = (person("alice"), person("bob"), person("carol"));
    let about = "labels count from a moderator, for one document or for all; vouching counts from any member";
    let mut story = Story::new("moderators", about, &mut [&mut alice], 1);
    story.person(&bob);
    story.person(&carol);
    let one = story.add("one", alice.device.document(story.root, &[]));
    let two = story.add("two", alice.device.document(story.root, &[]));
    let everywhere = story.add(
        "bob_everywhere",
        alice.device.act(story.root, &grant("moderator", bob.id), &[]),
    );
    let bounded = story.add(
        "carol_in_one",
        alice.device.act(story.root, &scoped("moderator", carol.id, one), &[]),
    );
    let auth = &[everywhere, bounded];
    let mut label = |name: &str, pen: &mut Pen, doc: Id, auth: &[Id]| {
        let mut header = pen.next(story.root, Some(doc), "label");
        header.auth = auth.to_vec();
        header.auth.sort_unstable();
        story.add(name, pen.sign(header))
    };
    label("bob_in_one", &mut bob.device, one, auth);
    let seen = label("bob_in_two", &mut bob.device, two, auth);
    label("carol_too_early", &mut carol.device, one, &[]);
    label("carol_in_hers", &mut carol.device, one, auth);
    label("carol_in_two", &mut carol.device, two, auth);
    label("founder", &mut alice.device, one, auth);
    let cut = story.add("revoke_bob", {
        let mut header = alice.device.next(story.root, Some(story.root), "revoke");
        header.control = revoke(everywhere).value();
        header.after = vec![seen];
        alice.device.sign(header)
    });
    // Named by a founder, or they would not be in the record any more.
    let late = story.add("bob_unseen", {
        let mut header = bob.device.next(story.root, Some(one), "label");
        header.auth = vec![everywhere];
        bob.device.sign(header)
    });
    story.add("taken_up", alice.device.post(story.root, &[late, cut]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "carol"],
            made: &["bob_everywhere", "carol_in_one", "revoke_bob"],
            effects: Some(&[
                ("bob_everywhere", "superseded", "revoked"),
                ("carol_too_early", "unauthorised", "no_role"),
                ("carol_in_two", "unauthorised", "no_role"),
                ("founder", "unauthorised", "no_role"),
                ("bob_unseen", "unauthorised", "role_taken"),
            ]),
            holders: Some(&[("moderator", "carol")]),
            ..Outcome::default()
        },
    );
}

fn parameters(file: &mut File) {
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let about = "the last one counts; of two at once neither, and what both had seen stands until one names both";
    let mut story = Story::new("parameters", about, &mut [&mut alice, &mut bob], 1);
    let first = story.add("first", alice.device.act(story.root, &parameter("fee", 1), &[]));
    let second = story.add("second", alice.device.act(story.root, &parameter("fee", 2), &[first]));
    story.add(
        "by_alice",
        alice.device.act(story.root, &parameter("fee", 3), &[second]),
    );
    story.add("by_bob", bob.device.act(story.root, &parameter("fee", 4), &[second]));
    story.add("cap", bob.device.act(story.root, &parameter("cap", 9), &[]));
    let made = &["first", "second", "by_alice", "by_bob", "cap"];
    let contested = Outcome {
        members: &["alice", "bob"],
        made,
        effects: Some(&[
            ("first", "superseded", "overtaken"),
            ("second", "superseded", "overtaken"),
            ("by_alice", "conflict", "contested"),
            ("by_bob", "conflict", "contested"),
        ]),
        parameters: Some(&[("cap", Some(9)), ("fee", Some(2))]),
        ..Outcome::default()
    };
    file.tell(&story, &contested);
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let about = "two at once that had seen none: no value, until one names both";
    let mut story = Story::new("parameters_from_nothing", about, &mut [&mut alice, &mut bob], 1);
    let a = story.add("by_alice", alice.device.act(story.root, &parameter("fee", 3), &[]));
    let b = story.add("by_bob", bob.device.act(story.root, &parameter("fee", 4), &[]));
    story.add(
        "limit_by_alice",
        alice.device.act(story.root, &parameter("limit", 5), &[]),
    );
    story.add("limit_by_bob", bob.device.act(story.root, &parameter("limit", 6), &[]));
    let mut both = [a, b];
    both.sort_unstable();
    story.add("settled", alice.device.act(story.root, &parameter("fee", 5), &both));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob"],
            made: &["by_alice", "by_bob", "limit_by_alice", "limit_by_bob", "settled"],
            effects: Some(&[
                ("by_alice", "superseded", "overtaken"),
                ("by_bob", "superseded", "overtaken"),
                ("limit_by_alice", "conflict", "contested"),
                ("limit_by_bob", "conflict", "contested"),
            ]),
            parameters: Some(&[("fee", Some(5)), ("limit", None)]),
            ..Outcome::default()
        },
    );
}

fn keys(file: &mut File) {
    let mut alice = person("alice");
    let about = "a key is retired naming its last entry: the prev chain of that counts, later and forked entries do not; \
                 membership and record are as before";
    let mut story = Story::new("retire_last", about, &mut [&mut alice], 1);
    let first = story.add("first", alice.device.post(story.root, &[]));
    let mut fork = alice.device.clone();
    let last = story.add("last", alice.device.post(story.root, &[first]));
    story.add("later", alice.device.post(story.root, &[]));
    story.add("forked", fork.post(story.root, &[]));
    let retire = Control::Retire(control::Retire {
        key: public(&alice.device.key),
        last: vec![last],
    });
    story.add("retire", alice.root.act(alice.id, &retire, &[]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            effects: Some(&[
                ("later", "unauthorised", "key_retired"),
                ("forked", "unauthorised", "key_retired"),
            ]),
            ..Outcome::default()
        },
    );
    let mut alice = person("alice");
    let about = "retired with nothing named: nothing of it counts, but what it signed as a steward stands";
    let mut story = Story::new("retire_nothing", about, &mut [&mut alice], 1);
    let carol = person("carol");
    story.person(&carol);
    story.add("post", alice.device.post(story.root, &[]));
    story.add("grant", alice.device.act(story.root, &grant("voice", carol.id), &[]));
    let retire = Control::Retire(control::Retire {
        key: public(&alice.device.key),
        last: Vec::new(),
    });
    story.add("retire", alice.root.act(alice.id, &retire, &[]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "carol"],
            made: &["grant"],
            effects: Some(&[("post", "unauthorised", "key_retired")]),
            holders: Some(&[("voice", "carol")]),
            ..Outcome::default()
        },
    );
}

/// The next root key of somebody takes over.
fn rotate(person: &Person, keep: &[Id], saw: &[Id]) -> crate::entry::Verified {
    let mut pen = Pen::new(&format!("{}/next", person.name), None);
    let mut keep = keep.to_vec();
    keep.sort_unstable();
    let control = Control::Rotate(control::Rotate {
        next: key_commitment(&public(&key(&format!("{}/after next", person.name)))),
        keep,
    });
    let mut header = pen.next(person.id, Some(person.id), "rotate");
    header.control = control.value();
    header.after = saw.to_vec();
    header.after.sort_unstable();
    pen.sign(header)
}

fn rotations(file: &mut File) {
    let mut alice = person("alice");
    let about = "a rotation keeps one device: what the other ones signed counts for nothing, past included; a retirement \
                 by the old root key that the rotation has not seen counts for nothing either";
    let mut story = Story::new("rotate", about, &mut [&mut alice], 1);
    let device = alice.entries[1].id();
    let enrolled = alice.enroll("alice/phone", Use::Person);
    let phone_cert = story.add("phone", enrolled);
    let mut phone = Pen::new("alice/phone", Some(phone_cert));
    story.add("by_device", alice.device.post(story.root, &[]));
    story.add("by_phone", phone.post(story.root, &[]));
    let rotation = rotate(&alice, &[device], &[phone_cert]);
    let rotated = story.add("rotation", rotation);
    let retire = Control::Retire(control::Retire {
        key: public(&alice.device.key),
        last: Vec::new(),
    });
    story.add("old_root_retires", alice.root.act(alice.id, &retire, &[]));
    let mut next = Pen::new("alice/next", None);
    // The new root key's log begins with the rotation.
    let mut header = next.next(alice.id, Some(alice.id), "enroll");
    header.control = Control::Enroll(control::Enroll {
        key: public(&key("alice/tablet")),
        usage: Use::Person,
    })
    .value();
    (header.seq, header.prev) = (1, Some(rotated));
    let tablet_cert = story.add("tablet", next.sign(header));
    let mut tablet = Pen::new("alice/tablet", Some(tablet_cert));
    story.add("by_tablet", tablet.post(story.root, &[]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            effects: Some(&[("by_phone", "unauthorised", "key_dropped")]),
            ..Outcome::default()
        },
    );
    let mut alice = person("alice");
    let about = "two rotations from one key: the identity is dead, and stays a member";
    let mut story = Story::new("dead", about, &mut [&mut alice], 1);
    let device = alice.entries[1].id();
    story.add("post", alice.device.post(story.root, &[]));
    story.add("one", rotate(&alice, &[device], &[device]));
    story.add("other", rotate(&alice, &[], &[device]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            effects: Some(&[("post", "unauthorised", "dead_identity")]),
            ..Outcome::default()
        },
    );
}
