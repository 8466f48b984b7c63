//! Room for strangers, and how what a member names gets past it.

use althing_protocol::author::{Draft, Refused, TAKE_UP};
use althing_protocol::entry::Verified;
use althing_protocol::hash::Id;
use althing_protocol::state::{Limits, Outcome, Refusal};
use althing_tests::kit::{Replica, Town, exchange};

use super::{agree, all, is_admitted, limits, person};

#[test]
fn evict_leaf() {
    let town = Town::new("evict", 1, 1);
    let newcomer = person("loud newcomer");
    let mut pen = newcomer.pen(town.id);
    let posts: Vec<Verified> = (0..300).map(|n| pen.post(&n.to_string(), &[])).collect();
    let mut node = Replica::unchecked(Limits::default(), &[town.id]);
    node.offer_all(&all(&[&town.entries(), &newcomer.entries]));
    let outcomes = node.offer_all(&posts);
    assert!(outcomes[..256].iter().all(is_admitted), "0 to 255 are held");
    assert!(matches!(outcomes[256], Outcome::Refused(Refusal::Floor(_))));
    assert!(
        outcomes[257..].iter().all(|o| matches!(o, Outcome::Waiting(_))),
        "and nothing that follows"
    );
    let reply = town.pen(0).post("enough", &[posts[255].id()]);
    assert!(is_admitted(&node.offer(&reply)));
    assert!(posts[..256].iter().all(|p| node.has_in_record(town.id, p.id())));
    for tight in [limits(256, 64), limits(3, 3), limits(0, 1)] {
        let mut other = Replica::unchecked(tight, &[town.id]);
        other.offer_all(&all(&[&town.entries(), &newcomer.entries, &posts[..200]]));
        exchange(&mut other, &node, town.id, 1);
        assert_eq!(other.summary(town.id), node.summary(town.id), "it syncs everywhere");
    }
}

#[test]
fn own_words_stay() {
    let town = Town::new("own", 1, 1);
    let (owner, loud) = (person("owner of the node"), person("loud stranger"));
    let mut pen = owner.pen(town.id);
    let words: Vec<Verified> = (0..20).map(|n| pen.post(&n.to_string(), &[])).collect();
    let mut other = loud.pen(town.id);
    let noise: Vec<Verified> = (0..20).map(|n| other.post(&n.to_string(), &[])).collect();
    let held = |own: Option<Id>| {
        let room = Limits { own, ..limits(8, 64) };
        let mut node = Replica::unchecked(room, &[town.id]);
        node.offer_all(&all(&[&town.entries(), &owner.entries, &loud.entries, &words, &noise]));
        let here = |entries: &[Verified]| {
            entries
                .iter()
                .filter(|e| node.state.graph().num(&e.id()).is_some())
                .count()
        };
        (here(&words), here(&noise))
    };
    let (words_of_a_stranger, _) = held(None);
    assert!(words_of_a_stranger < 8, "the floor is small");
    let (own, noise) = held(Some(owner.identity));
    assert_eq!(own, 20, "but not for whoever runs the node");
    assert!(noise > 0, "and they take no room from others");
}

#[test]
fn promote_small() {
    let town = Town::new("promote", 1, 1);
    let newcomer = person("promoted newcomer");
    let mut pen = newcomer.pen(town.id);
    let chain: Vec<Verified> = (0..30).map(|n| pen.post(&n.to_string(), &[])).collect();
    let reply = town.pen(0).post("good point", &[chain[29].id()]);
    let entries = all(&[&town.entries(), &newcomer.entries, &chain, &[reply.clone()]]);
    let full = agree(&town, &entries);
    for (floor, pool, frame) in [(3, 3, 1), (0, 3, 1), (0, 1, 1), (3, 3, 2), (0, 0, 1)] {
        let mut node = Replica::new(limits(floor, pool), &[town.id]);
        exchange(&mut node, &full, town.id, frame);
        assert_eq!(
            node.summary(town.id),
            full.summary(town.id),
            "floor {floor}, pool {pool}, frames of {frame}"
        );
    }
    // The reply came by gossip before anything that it names.
    let mut node = Replica::new(limits(3, 3), &[town.id]);
    node.offer_all(&town.entries());
    node.offer(&reply);
    exchange(&mut node, &full, town.id, 1);
    assert_eq!(node.summary(town.id), full.summary(town.id));
}

#[test]
fn promote_limit() {
    let town = Town::new("limit", 1, 1);
    let newcomer = person("long newcomer");
    let mut pen = newcomer.pen(town.id);
    // The newcomer's identity and enrolment are taken up as well.
    let chain: Vec<Verified> = (0..TAKE_UP - 1).map(|n| pen.post(&n.to_string(), &[])).collect();
    let mut room = limits(2000, 2000);
    room.floor.per_key = 2000;
    let mut node = Replica::unchecked(room, &[town.id]);
    node.offer_all(&all(&[&town.entries(), &newcomer.entries, &chain]));
    let last = chain.last().expect("not empty").id();
    let reply = |after, consent| Draft {
        doc: Some(town.id),
        kind: "post".into(),
        after: vec![after],
        consent,
        ..Draft::default()
    };
    let founder = &town.founders[0].device;
    let refused = node.write(town.id, founder, reply(last, false));
    assert_eq!(refused.map(|e| e.id()), Err(Refused::TakesUp { count: TAKE_UP + 1 }));
    let mut other = node.restarted();
    assert!(
        other.write(town.id, founder, reply(last, true)).is_ok(),
        "with consent it is signed"
    );
    let before_last = chain[TAKE_UP - 3].id();
    let mut third = node.restarted();
    assert!(
        third.write(town.id, founder, reply(before_last, false)).is_ok(),
        "1,024 are few enough"
    );
    let own = node.restarted().write(town.id, &newcomer.device, reply(last, false));
    assert!(own.is_ok(), "strangers take nothing up");
    let received = town.pen(0).post("I was told to", &[last]);
    assert!(is_admitted(&node.offer(&received)), "and from others it is admitted");
    assert!(node.has_in_record(town.id, chain[0].id()));
}

/// What a member lets wait, on what nobody has, is bounded; and others' calls are not starved by it.
#[test]
fn ghosts_of_a_member_are_bounded() {
    let town = Town::new("ghosts", 2, 1);
    let newcomer = person("ghost newcomer");
    let mut pen = newcomer.pen(town.id);
    let chain: Vec<Verified> = (0..20).map(|n| pen.post(&n.to_string(), &[])).collect();
    let reply = town.pen(1).post("good", &[chain[19].id()]);
    let mut room = limits(0, 0);
    room.waiting.entitled = 40;
    let mut node = Replica::new(room, &[town.id]);
    node.offer_all(&town.entries());
    let ghost = |n: usize| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&u64::try_from(n).expect("small").to_be_bytes());
        Id(id)
    };
    for n in 0..400 {
        // Forks of one log, each on a ghost of its own, on one that all share, and on the one before.
        let mut fork = town.pen(0);
        let first = fork.post(&n.to_string(), &[ghost(n), ghost(0)]);
        let second = fork.post("on that", &[ghost(n + 1000)]);
        node.offer(&second);
        node.offer(&first);
        assert!(node.state.waiting().len() <= 40, "held on the member's account");
    }
    let full = agree(&town, &all(&[&town.entries(), &newcomer.entries, &chain, &[reply]]));
    exchange(&mut node, &full, town.id, 1);
    assert_eq!(
        node.summary(town.id),
        full.summary(town.id),
        "the honest member's reply gets its chain"
    );
}

/// What left the record is listed for ever, and takes no room from strangers.
#[test]
fn revoked_log_leaves_the_floor_alone() {
    let town = Town::new("left alone", 1, 1);
    let (voice, stranger) = (person("left voice"), person("left stranger"));
    let (mut f, mut v) = (town.pen(0), voice.pen(town.id));
    let grant = f.grant("voice", voice.identity, &[]);
    let posts: Vec<Verified> = (0..40).map(|n| v.post(&n.to_string(), &[])).collect();
    let revoke = f.revoke(grant.id(), &[]);
    let mut node = Replica::new(limits(10, 10), &[town.id]);
    node.offer_all(&all(&[&town.entries(), &voice.entries, &[grant], &posts, &[revoke]]));
    assert!(
        posts
            .iter()
            .all(|p| node.entry(&p.id()).is_some() && !node.has_in_record(town.id, p.id()))
    );
    let hello = stranger.pen(town.id).post("hello", &[]);
    for mut node in [node.restarted(), node] {
        let outcomes = node.offer_all(&all(&[&stranger.entries, &[hello.clone()]]));
        assert!(outcomes.iter().all(is_admitted), "{outcomes:?}");
    }
}

/// A log that fills the floor gives way to a smaller one, from its ends; nothing that is named goes.
#[test]
fn fullest_log_gives_way() {
    let town = Town::new("gives way", 1, 1);
    let mut node = Replica::new(limits(40, 40), &[town.id]);
    node.offer_all(&town.entries());
    let loud = person("loud");
    let mut pen = loud.pen(town.id);
    let mut entries = loud.entries.clone();
    entries.extend((0..20).map(|n| pen.post(&n.to_string(), &[])));
    let mut branch = loud.pen(town.id);
    entries.extend((0..30).map(|n| branch.post(&format!("branch {n}"), &[])));
    node.offer_all(&entries);
    assert_eq!(node.state.floor().len(), 40);
    for n in 0..8 {
        let quiet = person(&format!("quiet {n}"));
        let hello = quiet.pen(town.id).post("hello", &[]);
        let outcomes = node.offer_all(&all(&[&quiet.entries, &[hello]]));
        assert!(outcomes.iter().all(is_admitted), "{n}: {outcomes:?}");
        assert_eq!(node.state.floor().len(), 40);
    }
    let back = node.restarted();
    assert_eq!(back.state.floor().len(), 40);
}
