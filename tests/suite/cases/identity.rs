//! Keys that come, go and fork.

use althing_protocol::document::Effect;
use althing_protocol::state::{Limits, Outcome};
use althing_tests::kit::{Person, Replica, Town, exchange};

use super::{agree, all, ids, limits};

#[test]
fn retire_last() {
    let mut one = Town::new("retire", 1, 1);
    let two = Town::of(one.founders.clone(), 1);
    assert_eq!(one.id, two.id, "the same founding twice is the same entry");
    let founding = althing_protocol::control::Committee {
        founders: vec![one.founders[0].identity],
        threshold: 1,
    };
    let root = althing_protocol::author::committee(&one.founders[0].device.writer(), founding, None, 5);
    let (mut here, mut there) = (one.pen(0), one.founders[0].pen(root.id()));
    there = althing_tests::kit::Pen::after(
        &one.founders[0].device.key,
        Some(one.founders[0].device.cert),
        there.space(),
        0,
        root.id(),
    );
    let counted = [here.post("last here", &[]), there.post("last there", &[])];
    let device = one.founders[0].device.clone();
    one.founders[0].retire(&device, ids(&counted));
    let later = [here.post("after that", &[]), there.post("and there", &[])];
    let entries = all(&[&one.entries(), &[root.clone()], &counted]);
    let more = all(&[&entries, &later]);
    let node = |list: &[althing_protocol::entry::Verified]| {
        let mut node = Replica::new(Limits::default(), &[one.id, root.id()]);
        node.offer_all(list);
        node
    };
    let (before, after) = (node(&entries), node(&more));
    for committee in [one.id, root.id()] {
        assert_eq!(
            before.members(committee),
            after.members(committee),
            "membership is unchanged"
        );
        assert_eq!(
            after.record(committee).len(),
            before.record(committee).len() + 1,
            "all of it is admitted"
        );
        let effect = |entry: &althing_protocol::entry::Verified| after.effect(committee, entry.id());
        let own = |list: &[althing_protocol::entry::Verified; 2]| {
            list.iter()
                .find(|e| e.header().space == Some(committee))
                .and_then(effect)
        };
        assert_eq!(own(&counted), Some(Effect::Effective));
        assert_eq!(own(&later), Some(Effect::Unauthorised), "not among what was named");
        for seed in 0..6 {
            assert_eq!(
                node(&super::shuffled(&more, seed)).summary(committee),
                after.summary(committee)
            );
        }
    }
}

#[test]
fn cert_on_branch() {
    let mut town = Town::new("branch cert", 1, 1);
    let mut fork = town.founders[0].root.clone();
    let main = town.founders[0].enroll();
    let profile = fork.entry("profile").text("elsewhere").sign();
    let key = althing_tests::kit::person::key("branch device");
    let control = althing_protocol::control::Control::Enroll(althing_protocol::control::Enroll {
        key: althing_tests::kit::person::public(&key),
        usage: althing_protocol::control::Use::Person,
    });
    let enroll = fork.entry("enroll").control(&control).sign();
    let branch = althing_tests::kit::Device { key, cert: enroll.id() };
    let posts = [
        main.pen(town.id).post("main", &[]),
        branch.pen(town.id).post("branch", &[]),
    ];
    let node = agree(&town, &all(&[&town.entries(), &[profile.clone(), enroll], &posts]));
    assert!(
        posts.iter().all(|p| node.has_in_record(town.id, p.id())),
        "both devices are the founder's"
    );
    assert!(
        node.has_in_record(town.id, profile.id()),
        "what the enrolment rests on is there too"
    );
    assert_eq!(node.forked.len(), 1);
}

#[test]
fn rotation_is_admitted_once_and_in_any_order() {
    let mut town = Town::new("rotation", 1, 1);
    let kept = town.founders[0].device.cert;
    town.founders[0].rotate(vec![kept]);
    let device = town.founders[0].enroll();
    let post = device.pen(town.id).post("under the new root", &[]);
    let node = agree(&town, &all(&[&town.entries(), &[post.clone()]]));
    assert!(node.has_in_record(town.id, post.id()));
    let mut stranger = Person::new("rotation stranger");
    let strange = stranger
        .root
        .entry("rotate")
        .set(|h| h.space = Some(town.founders[0].identity));
    let strange = strange.set(|h| (h.seq, h.prev) = (0, None));
    let control = althing_protocol::control::Control::Rotate(althing_protocol::control::Rotate {
        next: althing_protocol::hash::Hash([1; 32]),
        keep: Vec::new(),
    });
    let strange = strange.set(|h| h.doc = h.space).control(&control).sign();
    let mut node = node;
    assert!(
        matches!(node.offer(&strange), Outcome::Rejected(_)),
        "nobody committed to this key"
    );
}

/// What a member's key acts rest on is no key act itself: it is fetched on the member's account.
#[test]
fn profile_before_enrolment() {
    let mut town = Town::new("profile first", 2, 1);
    let mut entries = town.entries();
    let founder = &mut town.founders[1];
    let profiles: Vec<_> = (0..5)
        .map(|n| founder.root.entry("profile").text(&n.to_string()).sign())
        .collect();
    let device = founder.enroll();
    founder.rotate(vec![device.cert]);
    let more: Vec<_> = (0..5)
        .map(|n| founder.root.entry("profile").text(&n.to_string()).sign())
        .collect();
    let third = founder.enroll();
    let posts = [
        device.pen(town.id).post("second", &[]),
        third.pen(town.id).post("third", &[]),
    ];
    entries.extend(all(&[&profiles, &more, &town.founders[1].entries[2..], &posts]));
    let full = agree(&town, &entries);
    for pool in [0, 1, 3] {
        let mut node = Replica::new(limits(0, pool), &[town.id]);
        exchange(&mut node, &full, town.id, 1);
        assert_eq!(node.summary(town.id), full.summary(town.id), "pool of {pool}");
        // The enrolments came before the committee showed whose they are.
        let mut node = Replica::new(limits(0, pool.max(1)), &[town.id]);
        node.offer(&town.founders[1].entries[2]);
        exchange(&mut node, &full, town.id, 1);
        assert_eq!(
            node.summary(town.id),
            full.summary(town.id),
            "enrolment first, pool of {pool}"
        );
    }
}
