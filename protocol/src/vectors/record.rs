//! `record.json`: what a committee's record holds.

use super::make::{Pen, Person, cosign, grant, key, public, revoke, scoped, vouch};
use super::story::{File, Outcome, Story};
use crate::control::{Control, Retire, Rotate, Use};
use crate::hash::{Id, key_commitment};

#[test]
fn vectors() {
    let mut file = File::new();
    founding(&mut file);
    taking_up(&mut file);
    outsiders(&mut file);
    forks(&mut file);
    two_roots(&mut file);
    identities(&mut file);
    revocations(&mut file);
    documents(&mut file);
    file.hold(
        "record.json",
        &[
            "Sets of entries and what they come to for one committee (docs/spec/record.md), in any order of arrival.",
            "members: root entries of the identities; made: acts with enough valid signatures; record: its entries;",
            "digest: the root over the ids of the record (docs/spec/digest.md); waiting: entries that cannot be judged.",
        ],
    );
}

fn people() -> (Person, Person, Person) {
    (Person::new("alice"), Person::new("bob"), Person::new("eve"))
}

fn founding(file: &mut File) {
    let (mut alice, mut bob, _) = people();
    let mut story = Story::new(
        "founding",
        "the root, its founders and their key acts",
        &mut [&mut alice],
        1,
    );
    story.person(&bob);
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            floor: &["bob/root", "bob/device"],
            ..Outcome::default()
        },
    );
    let about = "a founder who never wrote is a member, and their key acts are in";
    let story = Story::new("silent_founder", about, &mut [&mut alice, &mut bob], 2);
    let members = &["alice", "bob"];
    file.tell(
        &story,
        &Outcome {
            members,
            ..Outcome::default()
        },
    );
}

fn taking_up(file: &mut File) {
    let (mut alice, _, mut eve) = people();
    let mut story = Story::new("newcomer", "a newcomer's entries are floor", &mut [&mut alice], 1);
    story.person(&eve);
    let posts: Vec<Id> = (0..3)
        .map(|n| story.add(&format!("post{n}"), eve.device.post(story.root, &[])))
        .collect();
    let members = &["alice"];
    let floor = &["eve/root", "eve/device", "post0", "post1", "post2"];
    file.tell(
        &story,
        &Outcome {
            members,
            floor,
            ..Outcome::default()
        },
    );
    let about = "a member's answer takes a newcomer's entry and all that it names into the record, and no more";
    let (mut alice, _, mut eve) = people();
    let mut story = Story::new("closure", about, &mut [&mut alice], 1);
    story.person(&eve);
    for n in 0..3 {
        story.add(&format!("post{n}"), eve.device.post(story.root, &[]));
    }
    story.add("answer", alice.device.post(story.root, &posts[1..2]));
    file.tell(
        &story,
        &Outcome {
            members,
            floor: &["post2"],
            ..Outcome::default()
        },
    );
    let about = "the record is open towards the future: a kind that nobody knows counts like any other";
    let mut story = Story::new("unknown_kind", about, &mut [&mut alice], 1);
    let control = crate::codec::Value::Map([("entry".to_owned(), crate::codec::Value::Bytes(vec![9; 32]))].into());
    let mut header = alice.device.next(story.root, Some(story.root), "from_the_future");
    header.control = Some(control);
    story.add("entry", alice.device.sign(header));
    file.tell(
        &story,
        &Outcome {
            members,
            ..Outcome::default()
        },
    );
    let about = "what names an entry that nobody has waits and is in no record";
    let (mut alice, ..) = people();
    let mut story = Story::new("unnamed_target", about, &mut [&mut alice], 1);
    story.add("cosign", alice.device.act(story.root, &cosign(Id([9; 32])), &[]));
    file.tell(
        &story,
        &Outcome {
            members,
            waiting: &["cosign"],
            ..Outcome::default()
        },
    );
}

fn outsiders(file: &mut File) {
    let (mut alice, _, mut eve) = people();
    let mallory = Person::new("mallory");
    let about = "what a newcomer grants or vouches for, even when a member names it, makes nobody a member";
    let mut story = Story::new("non_member_grant", about, &mut [&mut alice], 1);
    story.person(&eve);
    story.person(&mallory);
    let granted = story.add("grant", eve.device.act(story.root, &grant("steward", mallory.id), &[]));
    story.add("vouch", eve.device.act(story.root, &vouch(mallory.id), &[]));
    story.add("answer", alice.device.post(story.root, &[granted]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            floor: &["vouch", "mallory/device"],
            ..Outcome::default()
        },
    );
    let about = "a member's vouch by itself takes up no entry; the identity that it names is in, as any name is";
    let (mut alice, _, mut eve) = people();
    let mut story = Story::new("vouch", about, &mut [&mut alice], 1);
    story.person(&eve);
    story.add("vouch", alice.device.act(story.root, &vouch(eve.id), &[]));
    story.add("post", eve.device.post(story.root, &[]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            floor: &["eve/device", "post"],
            ..Outcome::default()
        },
    );
}

/// Two entries at one place of a log.
fn fork(pen: &Pen, space: Id) -> [Pen; 2] {
    [0, 1].map(|n| {
        let mut pen = pen.clone();
        let mut header = pen.next(space, Some(space), "post");
        header.time += n;
        pen.sign(header);
        pen
    })
}

fn forked(pen: &Pen, space: Id, n: u64) -> crate::entry::Verified {
    let mut header = pen.next(space, Some(space), "post");
    header.time += n;
    pen.clone().sign(header)
}

fn forks(file: &mut File) {
    let (mut alice, _, eve) = people();
    let about = "a member's fork: both branches are in, with what follows them";
    let mut story = Story::new("fork_both_branches", about, &mut [&mut alice], 1);
    let space = story.root;
    story.add("left", forked(&alice.device, space, 0));
    story.add("right", forked(&alice.device, space, 1));
    let [mut left, mut right] = fork(&alice.device, space);
    story.add("left_next", left.post(space, &[]));
    story.add("right_next", right.post(space, &[]));
    let members = &["alice"];
    file.tell(
        &story,
        &Outcome {
            members,
            ..Outcome::default()
        },
    );
    let (mut alice, ..) = people();
    let about = "a newcomer's fork: only the branch that a member named is in";
    let mut story = Story::new("fork_newcomer", about, &mut [&mut alice], 1);
    story.person(&eve);
    let left = story.add("left", forked(&eve.device, space, 0));
    story.add("right", forked(&eve.device, space, 1));
    story.add("answer", alice.device.post(space, &[left]));
    file.tell(
        &story,
        &Outcome {
            members,
            floor: &["right"],
            ..Outcome::default()
        },
    );
    let (mut alice, ..) = people();
    let about = "a fork at the first place of a log, after others built on it";
    let mut story = Story::new("fork_zero", about, &mut [&mut alice], 1);
    story.person(&eve);
    let first = story.add("first", forked(&eve.device, space, 0));
    let answer = story.add("answer", alice.device.post(space, &[first]));
    let second = story.add("second", forked(&eve.device, space, 1));
    story.add("both", alice.device.post(space, &[answer, second]));
    file.tell(
        &story,
        &Outcome {
            members,
            ..Outcome::default()
        },
    );
    let (mut alice, ..) = people();
    let about = "the other header of a fork names an entry that nobody has";
    let mut story = Story::new("fork_proof_inadmissible", about, &mut [&mut alice], 1);
    story.add("here", forked(&alice.device, space, 0));
    let mut header = alice.device.next(space, Some(space), "post");
    header.after = vec![Id([9; 32])];
    story.add("proof", alice.device.clone().sign(header));
    file.tell(
        &story,
        &Outcome {
            members,
            waiting: &["proof"],
            ..Outcome::default()
        },
    );
}

fn two_roots(file: &mut File) {
    let (mut alice, ..) = people();
    let about = "one key founds two committees: the roots are of two spaces and no fork; each has a record of its own";
    let mut story = Story::new("two_roots", about, &mut [&mut alice], 1);
    let mut header = super::make::committee(&mut [&mut Person::new("alice")], 1)
        .header()
        .clone();
    header.time += 1;
    let second = alice.device.sign(header);
    story.add("post", alice.device.post(story.root, &[]));
    let other = second.id();
    story.add("other_root", second);
    story.add("other_post", alice.device.post(other, &[]));
    // This node follows one of them: it refuses the other's root, and what stands in that waits in vain.
    let outcome = Outcome {
        members: &["alice"],
        waiting: &["other_post"],
        ..Outcome::default()
    };
    file.tell(&story, &outcome);
}

fn identities(file: &mut File) {
    let (mut alice, mut bob, _) = people();
    let about = "every enrol, retire and rotate of a member is in, and what they name; other entries at home are not";
    let mut story = Story::new("key_acts", about, &mut [&mut alice], 1);
    story.add("named", alice.root.write(alice.id, "profile", None, &[], &[]));
    let phone = story.add("enroll", alice.enroll("alice/phone", Use::Person));
    let retire = Control::Retire(Retire {
        key: public(&alice.device.key),
        last: vec![Id([1; 32])],
    });
    story.add("retire", alice.root.act(alice.id, &retire, &[]));
    let mut next = Pen::new("alice/next", None);
    let rotate = Control::Rotate(Rotate {
        next: key_commitment(&public(&key("alice/third"))),
        keep: vec![phone],
    });
    story.add("rotate", next.act(alice.id, &rotate, &[]));
    story.add("later", next.write(alice.id, "profile", None, &[], &[]));
    let mut device = Pen::new("alice/phone", Some(phone));
    story.add("at_home", device.write(alice.id, "profile", None, &[], &[]));
    let members = &["alice"];
    file.tell(
        &story,
        &Outcome {
            members,
            floor: &["later", "at_home"],
            ..Outcome::default()
        },
    );
    let (mut alice, ..) = people();
    let about =
        "an enrolment on one branch of an identity's log; what is written under it counts, and both branches are in";
    let mut story = Story::new("cert_on_branch", about, &mut [&mut alice, &mut bob], 1);
    let mut branch = alice.root.clone();
    let mut header = branch.next(alice.id, Some(alice.id), "profile");
    header.time += 1;
    story.add("branch", branch.sign(header));
    let enroll = crate::control::Enroll {
        key: public(&key("alice/phone")),
        usage: Use::Person,
    };
    let phone = story.add("enroll", branch.act(alice.id, &Control::Enroll(enroll), &[]));
    story.add("other_branch", alice.enroll("alice/tablet", Use::Person));
    let mut device = Pen::new("alice/phone", Some(phone));
    story.add("post", device.post(story.root, &[]));
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob"],
            ..Outcome::default()
        },
    );
}

fn revocations(file: &mut File) {
    let (mut alice, mut bob, mut eve) = people();
    let tell = |file: &mut File, name, about, made: &[&str], floor: &[&str], rest: &dyn Fn(&mut Story, &mut Scene)| {
        let mut alice = Person::new("alice");
        let mut bob = Person::new("bob");
        let mut story = Story::new(name, about, &mut [&mut alice], 1);
        story.person(&bob);
        let granted = story.add("grant", alice.device.act(story.root, &grant("voice", bob.id), &[]));
        let seen = story.add("seen", bob.device.post(story.root, &[]));
        let mut eve = Person::new("eve");
        story.person(&eve);
        let asked = story.add("asked", eve.device.post(story.root, &[]));
        let unseen = story.add("unseen", bob.device.post(story.root, &[asked]));
        let mut header = alice.device.next(story.root, Some(story.root), "revoke");
        header.control = revoke(granted).value();
        header.after = vec![seen];
        story.add("revoke", alice.device.sign(header));
        let mut scene = Scene { alice, bob, unseen };
        rest(&mut story, &mut scene);
        file.tell(
            &story,
            &Outcome {
                members: &["alice"],
                made,
                floor,
                ..Outcome::default()
            },
        );
    };
    let made = &["grant", "revoke"];
    tell(
        file,
        "revoked_spam",
        "a made revocation removes what the revoked wrote and only they named, except what lies in its past",
        made,
        &["unseen", "spam", "asked", "eve/root", "eve/device"],
        &|story, scene| {
            story.add("spam", scene.bob.device.post(story.root, &[]));
        },
    );
    tell(
        file,
        "revoked_named",
        "a member who names the last entry of the revoked brings back all of them",
        made,
        &[],
        &|story, scene| {
            let spam = story.add("spam", scene.bob.device.post(story.root, &[scene.unseen]));
            story.add("named", scene.alice.device.post(story.root, &[spam]));
        },
    );
    let about = "revoking one of two grants removes nothing; revoking the other does";
    let mut story = Story::new("two_grants", about, &mut [&mut alice], 1);
    story.person(&bob);
    let first = story.add("first", alice.device.act(story.root, &grant("voice", bob.id), &[]));
    story.add("second", alice.device.act(story.root, &grant("curator", bob.id), &[]));
    story.add("post", bob.device.post(story.root, &[]));
    story.add("revoke", alice.device.act(story.root, &revoke(first), &[]));
    let made = &["first", "second", "revoke"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "bob"],
            made,
            ..Outcome::default()
        },
    );
    let (mut alice, ..) = people();
    let about = "a founder cannot be revoked: ending their grant leaves them a member";
    let mut story = Story::new("founder_revoked", about, &mut [&mut alice], 1);
    let granted = story.add("grant", alice.device.act(story.root, &grant("steward", alice.id), &[]));
    story.add("revoke", alice.device.act(story.root, &revoke(granted), &[]));
    story.add("post", alice.device.post(story.root, &[]));
    story.person(&eve);
    story.add("floor", eve.device.post(story.root, &[]));
    let floor = &["floor", "eve/root", "eve/device"];
    let made = &["grant", "revoke"];
    file.tell(
        &story,
        &Outcome {
            members: &["alice"],
            made,
            floor,
            ..Outcome::default()
        },
    );
}

struct Scene {
    alice: Person,
    bob: Person,
    unseen: Id,
}

fn documents(file: &mut File) {
    let (mut alice, mut bob, eve) = people();
    let about = "a document's owners are named by its root, and a grant's scope by the grant: both are in";
    let mut story = Story::new("documents", about, &mut [&mut alice], 1);
    story.person(&bob);
    story.person(&eve);
    let mut owners = [alice.id, bob.id];
    owners.sort_unstable();
    let root = story.add("root", alice.device.document(story.root, &owners));
    let mut header = bob.device.next(story.root, Some(root), "post");
    header.after = vec![root];
    story.add("post", bob.device.sign(header));
    story.add("topic", eve.device.clone().document(story.root, &[]));
    story.add(
        "grant",
        alice.device.act(story.root, &scoped("steward", eve.id, root), &[]),
    );
    file.tell(
        &story,
        &Outcome {
            members: &["alice", "eve"],
            made: &["grant"],
            floor: &["post", "bob/device"],
            ..Outcome::default()
        },
    );
}
