//! Logs that fork.

use althing_protocol::document::Effect;
use althing_protocol::entry::Verified;
use althing_protocol::state::Limits;
use althing_tests::kit::exchange::meet;
use althing_tests::kit::{Dice, Replica, Town};

use super::{agree, all, ids, person};

#[test]
fn two_roots() {
    let one = Town::new("two roots", 1, 1);
    let mut two = Town::of(one.founders.clone(), 1);
    let founding = althing_protocol::control::Committee {
        founders: vec![one.founders[0].identity],
        threshold: 1,
    };
    two.root = althing_protocol::author::committee(&one.founders[0].device.writer(), founding, None, 1);
    two.id = two.root.id();
    assert_ne!(one.id, two.id);
    let posts = [one.pen(0).post("in one", &[]), two.pen(0).post("in two", &[])];
    let entries = all(&[&one.entries(), &two.entries(), &posts]);
    let mut node = Replica::new(Limits::default(), &[one.id, two.id]);
    node.offer_all(&entries);
    assert!(node.forked.is_empty(), "one key may write in two spaces");
    assert!(node.has_in_record(one.id, posts[0].id()) && !node.has_in_record(one.id, posts[1].id()));
    assert!(node.has_in_record(two.id, posts[1].id()));
    for seed in 0..6 {
        let mut other = Replica::new(Limits::default(), &[one.id, two.id]);
        other.offer_all(&super::shuffled(&entries, seed));
        assert_eq!(other.summary(one.id), node.summary(one.id));
        assert_eq!(other.summary(two.id), node.summary(two.id));
    }
}

#[test]
fn fork_zero() {
    let town = Town::new("fork zero", 2, 1);
    let mut honest = town.pen(1);
    let mut fork = honest.clone();
    let member = person("member of fork zero");
    let grant = honest.grant("voice", member.identity, &[]);
    let mut pen = member.pen(town.id);
    let built = [pen.post("thanks", &[grant.id()]), pen.post("more", &[])];
    let before = all(&[&town.entries(), &member.entries, &[grant], &built]);
    let calm = agree(&town, &before);
    let second = [fork.post("another beginning", &[]), fork.post("and on", &[])];
    let torn = agree(&town, &all(&[&before, &second]));
    assert!(
        torn.record(town.id).is_superset(&calm.record(town.id)),
        "the record only grows"
    );
    assert_eq!(torn.record(town.id).len(), calm.record(town.id).len() + 2);
    assert_eq!(torn.members(town.id), calm.members(town.id));
    assert_eq!(torn.forked.len(), 1, "the equivocation is kept");
}

#[test]
fn fork_both_branches() {
    let town = Town::new("fork both", 1, 1);
    let mut left = town.pen(0);
    let topic = left.topic("which branch?");
    let early = left.stance(topic.id(), "support", &[topic.id()]);
    let mut right = left.clone();
    let lefts = [
        left.post("left 1", &[]),
        left.stance(topic.id(), "support", &[early.id()]),
    ];
    let rights = [
        right.post("right 1", &[]),
        right.stance(topic.id(), "oppose", &[early.id()]),
        right.post("right 3", &[]),
    ];
    let begin = all(&[&town.entries(), &[topic.clone(), early.clone()]]);
    let mut a = Replica::new(Limits::default(), &[town.id]);
    let mut b = Replica::new(Limits::default(), &[town.id]);
    a.offer_all(begin.iter().chain(&lefts));
    b.offer_all(begin.iter().chain(&rights));
    assert_ne!(a.digest(town.id), b.digest(town.id));
    meet(&mut a, &mut b, town.id, 1);
    assert_eq!(a.summary(town.id), b.summary(town.id));
    for node in [&a, &b] {
        let committee = node.state.committee(&town.id).expect("followed");
        for entry in lefts.iter().chain(&rights) {
            let num = node.state.graph().num(&entry.id()).expect("both branches are here");
            assert_eq!(
                node.state.fork(committee, num),
                Some(3),
                "the fork counts from its place on"
            );
        }
        let effect = |entry: &Verified| node.effect(topic.id(), entry.id());
        assert_eq!([&lefts[1], &rights[1]].map(effect), [Some(Effect::Disputed); 2]);
        assert_ne!(
            effect(&early),
            Some(Effect::Disputed),
            "what came before the fork stands"
        );
    }
    agree(&town, &all(&[&begin, &lefts, &rights]));
}

#[test]
fn fork_newcomer() {
    let town = Town::new("fork newcomer", 1, 1);
    let newcomer = person("forking newcomer");
    let mut one = newcomer.pen(town.id);
    let mut two = one.clone();
    let mut founder = town.pen(0);
    let topic = founder.topic("a topic");
    let forks = ["support", "oppose"].map(|position| {
        let pen = if position == "support" { &mut one } else { &mut two };
        pen.stance(topic.id(), position, &[topic.id()])
    });
    let begin = all(&[&town.entries(), std::slice::from_ref(&topic)]);
    let calm = agree(&town, &begin);
    let before = all(&[&begin, &newcomer.entries, &forks]);
    let torn = agree(&town, &before);
    assert_eq!(
        torn.digest(town.id),
        calm.digest(town.id),
        "the floor has no say in the digest"
    );
    let fork = |node: &Replica| {
        let committee = node.state.committee(&town.id).expect("followed");
        node.state
            .fork(committee, node.state.graph().num(&forks[0].id()).expect("here"))
    };
    assert_eq!(fork(&torn), None, "no effect before the record holds both");
    assert_eq!(
        torn.effect(topic.id(), forks[0].id()),
        Some(Effect::Unauthorised),
        "nobody took it up yet"
    );
    let naming = founder.entry("take_up").after(&ids(&forks)).sign();
    let named = agree(&town, &all(&[&before, &[naming]]));
    assert!(forks.iter().all(|f| named.has_in_record(town.id, f.id())));
    assert_eq!(fork(&named), Some(0));
    assert_eq!(named.effect(topic.id(), forks[0].id()), Some(Effect::Disputed));
}

#[test]
fn fork_proof_inadmissible() {
    let town = Town::new("fork proof", 2, 1);
    let mut pen = town.pen(1);
    let mut fork = pen.clone();
    let mut ghost = town.pen(0);
    let nowhere = ghost.post("nobody will ever see this", &[]);
    let first = pen.post("first", &[]);
    let second = fork.post("second, on what nobody has", &[nowhere.id()]);
    let calm = agree(&town, &all(&[&town.entries(), &[first.clone()]]));
    let torn = agree(&town, &all(&[&town.entries(), &[first, second.clone()]]));
    assert_eq!(torn.digest(town.id), calm.digest(town.id));
    assert!(torn.waiting().contains(&second.id()));
    assert!(
        torn.forked.is_empty(),
        "a header that cannot be admitted proves nothing to others"
    );
}

#[test]
fn closure() {
    let town = Town::new("closure", 1, 1);
    let mut newcomer = person("closure newcomer");
    let device = newcomer.enroll();
    let mut pen = device.pen(town.id);
    let stem = [pen.post("1", &[]), pen.post("2", &[])];
    let mut side = pen.clone();
    let branch = [pen.post("3", &[]), pen.post("4", &[])];
    let other = [side.post("3 again", &[])];
    let reply = town.pen(0).post("welcome", &[branch[1].id()]);
    let entries = all(&[&town.entries(), &newcomer.entries, &stem, &branch, &other, &[reply]]);
    let node = agree(&town, &entries);
    let record = node.record(town.id);
    for id in ids(&stem).into_iter().chain(ids(&branch)).chain(ids(&newcomer.entries)) {
        assert!(record.contains(&id), "the whole chain and the identity's space are in");
    }
    assert!(!record.contains(&other[0].id()), "the branch that nobody named is not");
}

#[test]
fn order() {
    let town = Town::new("order", 3, 2);
    let [mut a, mut b, mut c] = [town.pen(0), town.pen(1), town.pen(2)];
    let (steward, voice, newcomer) = (person("order steward"), person("order voice"), person("order newcomer"));
    let grants = [
        a.grant("steward", steward.identity, &[]),
        a.grant("voice", voice.identity, &[]),
    ];
    let cosigns = [b.cosign(grants[0].id(), &[]), c.cosign(grants[1].id(), &[])];
    let mut s = steward.pen(town.id);
    let mut v = voice.pen(town.id);
    let mut n = newcomer.pen(town.id);
    let posts = [v.post("hello", &[]), n.post("may I?", &[]), s.post("seen", &[])];
    let topic = v.topic("a title");
    let inside = n.entry("post").doc(Some(topic.id())).after(&[topic.id()]).sign();
    let edits = [
        v.edit(topic.id(), "another title", &[topic.id()]),
        v.edit(topic.id(), "a third one", &[topic.id()]),
    ];
    let doc = topic.id();
    let revoke = s.revoke(grants[1].id(), &[cosigns[0].id(), v.head().expect("wrote")]);
    let finish = a.cosign(revoke.id(), &[]);
    let late = [v.post("not counted any more", &[]), v.post("nor this", &[])];
    let naming = b.post("but this was good", &[late[0].id(), inside.id()]);
    let mut fork = town.pen(2);
    let forked = fork.post("another log", &[]);
    let entries = all(&[
        &town.entries(),
        &steward.entries,
        &voice.entries,
        &newcomer.entries,
        &grants,
        &cosigns,
        &posts,
        &[topic, inside],
        &edits,
        &[revoke, finish],
        &late,
        &[naming, forked],
    ]);
    let node = agree(&town, &entries);
    assert!(
        !node.members(town.id).contains(&voice.identity),
        "revoked by a steward and a founder"
    );
    assert!(node.has_in_record(town.id, late[0].id()), "named by a founder");
    assert!(!node.has_in_record(town.id, late[1].id()));
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let mut other = Replica::new(Limits::default(), &[town.id]);
        for batch in super::shuffled(&entries, seed).chunks(1 + dice.below(9)) {
            other.offer_all(batch);
            let committee = other.state.committee_mut(&town.id);
            committee.map(|c| c.record_mut().tree_mut().settle());
        }
        assert_eq!(other.summary(town.id), node.summary(town.id), "batches of seed {seed}");
        let [one, two] = [&other, &node].map(|n| n.document(doc).expect("here"));
        assert_eq!(one.content(), two.content(), "content of seed {seed}");
        assert_eq!(one.outcomes(), two.outcomes(), "effects of seed {seed}");
    }
}
