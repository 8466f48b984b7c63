//! `authority.json`: which acts are made, and who is a member by them.

use super::make::{Pen, Person, cosign, grant, parameter, revoke, scoped};
use super::story::{File, Outcome, Story};
use crate::control::Use;
use crate::hash::Id;

#[test]
fn vectors() {
    let mut file = File::new();
    thresholds(&mut file);
    stewards(&mut file);
    signatures(&mut file);
    quorums(&mut file);
    back_dating(&mut file);
    file.hold(
        "authority.json",
        &[
            "Sets of entries and which acts they make (docs/spec/authority.md), in any order of arrival.",
            "The fields are those of record.json.",
        ],
    );
}

fn person(name: &str) -> Person {
    Person::new(name)
}

fn thresholds(file: &mut File) {
    let (mut alice, mut bob, carol) = (person("alice"), person("bob"), person("carol"));
    let both = &["alice", "bob"];
    let about = "T = 2: one signature makes nothing";
    let mut story = Story::new("one_of_two", about, &mut [&mut alice, &mut bob], 2);
    story.person(&carol);
    let granted = story.add("grant", alice.device.act(story.root, &grant("voice", carol.id), &[]));
    file.tell(
        &story,
        &Outcome {
            members: both,
            floor: &["carol/device"],
            ..Outcome::default()
        },
    );
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let mut story = Story::new(
        "two_of_two",
        "T = 2: the act and a cosignature",
        &mut [&mut alice, &mut bob],
        2,
    );
    story.person(&carol);
    story.add("grant", alice.device.act(story.root, &grant("voice", carol.id), &[]));
    story.add("cosign", bob.device.act(story.root, &cosign(granted), &[]));
    let members = &["alice", "bob", "carol"];
    file.tell(
        &story,
        &Outcome {
            members,
            made: &["grant"],
            ..Outcome::default()
        },
    );
    let about = "T = 2: two devices, or two branches, of one identity sign once";
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let mut story = Story::new("one_person_one_signature", about, &mut [&mut alice, &mut bob], 2);
    story.person(&carol);
    let phone = story.add("phone", alice.enroll("alice/phone", Use::Person));
    let mut phone = Pen::new("alice/phone", Some(phone));
    let mut branch = alice.device.clone();
    let granted = story.add("grant", alice.device.act(story.root, &grant("voice", carol.id), &[]));
    story.add("by_phone", phone.act(story.root, &cosign(granted), &[]));
    story.add("by_branch", branch.act(story.root, &cosign(granted), &[]));
    file.tell(
        &story,
        &Outcome {
            members: both,
            floor: &["carol/device"],
            ..Outcome::default()
        },
    );
    let about = "a drafter need not be valid: a newcomer proposes, founders sign";
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let mut eve = person("eve");
    let mut story = Story::new("drafter", about, &mut [&mut alice, &mut bob], 2);
    story.person(&eve);
    let draft = story.add("draft", eve.device.act(story.root, &parameter("fee", 7), &[]));
    story.add("first", alice.device.act(story.root, &cosign(draft), &[]));
    story.add("second", bob.device.act(story.root, &cosign(draft), &[]));
    file.tell(
        &story,
        &Outcome {
            members: both,
            made: &["draft"],
            ..Outcome::default()
        },
    );
}

fn stewards(file: &mut File) {
    let told = |file: &mut File, name, about, outcome: &Outcome<'_>, rest: &dyn Fn(&mut Story, &mut [Person; 3])| {
        let (mut alice, bob, carol) = (person("alice"), person("bob"), person("carol"));
        let mut story = Story::new(name, about, &mut [&mut alice], 1);
        story.person(&bob);
        story.person(&carol);
        rest(&mut story, &mut [alice, bob, carol]);
        file.tell(&story, outcome);
    };
    let all = &["alice", "bob", "carol"];
    let two = &["alice", "bob"];
    told(
        file,
        "steward_signs",
        "a steward with the grant in the past of the signature",
        &Outcome {
            members: all,
            made: &["made", "act"],
            ..Outcome::default()
        },
        &|story, [alice, bob, carol]| {
            let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
            story.add("act", bob.device.act(story.root, &grant("voice", carol.id), &[made]));
        },
    );
    let grant_only = Outcome {
        members: two,
        made: &["made"],
        floor: &["carol/device"],
        ..Outcome::default()
    };
    told(
        file,
        "grant_not_seen",
        "a steward whose signature has not the grant in its past: not valid, whatever came first",
        &grant_only,
        &|story, [alice, bob, carol]| {
            story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
            story.add("act", bob.device.act(story.root, &grant("voice", carol.id), &[]));
        },
    );
    told(file, "other_role", "only the role steward signs", &grant_only, &|story,
                                                                           [
        alice,
        bob,
        carol,
    ]| {
        let made = story.add("made", alice.device.act(story.root, &grant("curator", bob.id), &[]));
        story.add("act", bob.device.act(story.root, &grant("voice", carol.id), &[made]));
    });
    told(
        file,
        "scoped_steward",
        "a steward of one document signs no acts",
        &grant_only,
        &|story, [alice, bob, carol]| {
            let document = story.add("document", alice.device.document(story.root, &[]));
            let made = story.add(
                "made",
                alice.device.act(story.root, &scoped("steward", bob.id, document), &[]),
            );
            story.add("act", bob.device.act(story.root, &grant("voice", carol.id), &[made]));
        },
    );
    told(
        file,
        "revoked_before",
        "a made revocation in the past of the signature ends it",
        &Outcome {
            members: &["alice"],
            made: &["made", "revoke"],
            floor: &["act", "bob/device", "carol/root", "carol/device"],
            ..Outcome::default()
        },
        &|story, [alice, bob, carol]| {
            let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
            let revoked = story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
            story.add("act", bob.device.act(story.root, &grant("voice", carol.id), &[revoked]));
        },
    );
    told(
        file,
        "hidden_grant",
        "a grant that a steward signed unseen before being revoked is made: members by it, but no new holder of a role",
        &Outcome {
            members: &["alice", "carol"],
            made: &["made", "revoke", "hidden"],
            ..Outcome::default()
        },
        &|story, [alice, bob, carol]| {
            let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
            story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
            story.add(
                "hidden",
                bob.device.act(story.root, &grant("steward", carol.id), &[made]),
            );
        },
    );
    told(
        file,
        "regrant",
        "a grant after the revocation is a new one; the old revocation does not name it",
        &Outcome {
            members: two,
            made: &["made", "revoke", "again"],
            floor: &["carol/root", "carol/device"],
            ..Outcome::default()
        },
        &|story, [alice, bob, _]| {
            let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
            story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
            story.add("again", alice.device.act(story.root, &grant("steward", bob.id), &[]));
        },
    );
    told(
        file,
        "cosign_of_no_act",
        "a cosignature of what is no act signs nothing",
        &Outcome {
            members: &["alice"],
            floor: &["bob/root", "bob/device", "carol/root", "carol/device"],
            ..Outcome::default()
        },
        &|story, [alice, ..]| {
            let post = story.add("post", alice.device.post(story.root, &[]));
            let signed = story.add("cosign", alice.device.act(story.root, &cosign(post), &[]));
            story.add("again", alice.device.act(story.root, &cosign(signed), &[]));
        },
    );
}

fn signatures(file: &mut File) {
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let about = "a past steward signs a made act again and again, the last on a long chain: one signature stays";
    let mut story = Story::new("repeat_cosign", about, &mut [&mut alice], 1);
    story.person(&bob);
    let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    let act = story.add("act", alice.device.act(story.root, &parameter("fee", 1), &[]));
    story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
    let mut names = Vec::new();
    for n in 0..4 {
        let name = format!("cosign{n}");
        story.add(&name, bob.device.act(story.root, &cosign(act), &[made]));
        names.push(name);
    }
    let floor: Vec<&str> = names[1..].iter().map(String::as_str).collect();
    let made = &["made", "act", "revoke"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            made,
            floor: &floor,
            ..Outcome::default()
        },
    );
    let (mut alice, bob) = (person("alice"), person("bob"));
    let about = "of one identity's signatures the one of the lowest (depth, id) stays: here two of one depth";
    let mut story = Story::new("lowest_signature", about, &mut [&mut alice], 1);
    story.person(&bob);
    let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    let act = story.add("act", alice.device.act(story.root, &parameter("fee", 1), &[]));
    story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
    let mut forks: Vec<_> = (0..3)
        .map(|n| {
            let mut header = bob.device.next(story.root, Some(story.root), "cosign");
            header.time += n;
            header.control = cosign(act).value();
            header.auth = vec![made];
            bob.device.clone().sign(header)
        })
        .collect();
    forks.sort_by_key(crate::entry::Verified::id);
    for (name, fork) in ["lowest", "middle", "highest"].iter().zip(forks) {
        story.add(name, fork);
    }
    let made = &["made", "act", "revoke"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            made,
            floor: &["middle", "highest"],
            ..Outcome::default()
        },
    );
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let about = "a cosignature comes late, by somebody revoked since: nothing that was made is unmade";
    let mut story = Story::new("late_cosign", about, &mut [&mut alice], 1);
    story.person(&bob);
    let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    let act = story.add("act", alice.device.act(story.root, &parameter("fee", 1), &[]));
    let revoked = story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
    story.add("late", bob.device.act(story.root, &cosign(act), &[revoked]));
    let made = &["made", "act", "revoke"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            made,
            floor: &["late", "bob/device"],
            ..Outcome::default()
        },
    );
}

fn quorums(file: &mut File) {
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let about = "T = 1: two stewards revoke each other, neither having seen the other do it: both are out";
    let mut founder = person("carol");
    let mut story = Story::new("mutual_revoke", about, &mut [&mut founder], 1);
    story.person(&alice);
    story.person(&bob);
    let a = story.add(
        "grant_a",
        founder.device.act(story.root, &grant("steward", alice.id), &[]),
    );
    let b = story.add(
        "grant_b",
        founder.device.act(story.root, &grant("steward", bob.id), &[]),
    );
    story.add("revoke_b", alice.device.act(story.root, &revoke(b), &[b]));
    story.add("revoke_a", bob.device.act(story.root, &revoke(a), &[b]));
    let made = &["grant_a", "grant_b", "revoke_a", "revoke_b"];
    file.tell(
        &story,
        &Outcome {
            members: &["carol"],
            made,
            ..Outcome::default()
        },
    );
    let about = "T = 3: past stewards show a revocation that they signed before they were revoked themselves";
    let mut founders = ["carol", "dora", "erin"].map(person);
    let [carol, dora, erin] = &mut founders;
    let mut story = Story::new("late_quorum", about, &mut [carol, dora, erin], 3);
    let mut stewards = ["alice", "bob", "frank"].map(person);
    let target = person("grace");
    story.person(&target);
    let mut seen: Vec<Id> = Vec::new();
    let mut made: Vec<String> = Vec::new();
    let everybody: Vec<(String, Id)> = stewards
        .iter()
        .chain([&target])
        .map(|p| (p.name.clone(), p.id))
        .collect();
    for steward in &stewards {
        story.person(steward);
    }
    let mut grants = Vec::new();
    for (name, id) in &everybody {
        let [carol, dora, erin] = &mut founders;
        let signed = by_three(
            &mut story,
            &format!("grant_{name}"),
            [carol, dora, erin],
            &grant("steward", *id),
            &seen,
        );
        grants.push(signed[0]);
        made.push(format!("grant_{name}"));
        seen = signed[2..].to_vec();
    }
    let hidden = {
        let [alice, bob, frank] = &mut stewards;
        by_three(&mut story, "hidden", [alice, bob, frank], &revoke(grants[3]), &seen)
    };
    made.push("hidden".to_owned());
    assert_eq!(hidden.len(), 3);
    for (n, (name, _)) in everybody.iter().take(3).enumerate() {
        let [carol, dora, erin] = &mut founders;
        by_three(
            &mut story,
            &format!("revoke_{name}"),
            [carol, dora, erin],
            &revoke(grants[n]),
            &seen,
        );
        made.push(format!("revoke_{name}"));
    }
    let made: Vec<&str> = made.iter().map(String::as_str).collect();
    let members = &["carol", "dora", "erin"];
    file.tell(
        &story,
        &Outcome {
            members,
            made: &made,
            floor: &["grace/device"],
            ..Outcome::default()
        },
    );
}

/// An act and two cosignatures; all three entries.
fn by_three(
    story: &mut Story,
    name: &str,
    signers: [&mut Person; 3],
    control: &crate::control::Control,
    auth: &[Id],
) -> Vec<Id> {
    let [first, second, third] = signers;
    let act = story.add(name, first.device.act(story.root, control, auth));
    let mut signed = vec![act];
    for (n, signer) in [second, third].into_iter().enumerate() {
        // Each has seen the ones before.
        let auth = [auth, &signed[..]].concat();
        let last = [auth[auth.len() - 1]];
        let entry = signer.device.act(story.root, &cosign(act), &last);
        signed.push(story.add(&format!("{name}_cosign{n}"), entry));
    }
    signed
}

fn back_dating(file: &mut File) {
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    let (mut carol, mut mallory, puppet) = (person("carol"), person("mallory"), person("puppet"));
    let founders: &mut [&mut Person] = &mut [&mut alice, &mut bob];
    let about = "T = 2: a revoked steward back-dates another revocation of himself with a hidden grant in its past, and a \
                 current steward cosigns it: it only removes";
    let mut story = Story::new("wider_revoke", about, founders, 2);
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
    story.add(
        "revoke_cosign",
        bob.device.act(story.root, &cosign(revoked), &[revoked]),
    );
    let hidden = story.add(
        "hidden",
        mallory.device.act(story.root, &grant("steward", puppet.id), &seen),
    );
    let wider = story.add("wider", mallory.device.act(story.root, &revoke(grants[1]), &[hidden]));
    story.add("wider_cosign", carol.device.act(story.root, &cosign(wider), &[wider]));
    let made = &["grant_carol", "grant_mallory", "revoke", "wider"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob", "carol"],
            made,
            floor: &["puppet/device"],
            ..Outcome::default()
        },
    );
    let (mut alice, mut bob, mut puppet) = (person("alice"), person("bob"), person("puppet"));
    let about = "the hidden grant's holder signs in turn: made, and all of it out once its grants are revoked";
    let mut story = Story::new("puppet", about, &mut [&mut alice], 1);
    story.person(&bob);
    story.person(&puppet);
    let made = story.add("made", alice.device.act(story.root, &grant("steward", bob.id), &[]));
    let hidden = story.add(
        "hidden",
        bob.device.act(story.root, &grant("steward", puppet.id), &[made]),
    );
    story.add(
        "by_puppet",
        puppet.device.act(story.root, &parameter("fee", 9), &[hidden]),
    );
    let cut = story.add("revoke", alice.device.act(story.root, &revoke(made), &[]));
    story.add("revoke_puppet", alice.device.act(story.root, &revoke(hidden), &[cut]));
    let made = &["made", "hidden", "by_puppet", "revoke", "revoke_puppet"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            made,
            ..Outcome::default()
        },
    );
}
