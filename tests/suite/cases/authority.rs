//! What is made, by whom, and that it stays made.

use althing_protocol::author::Draft;
use althing_protocol::control::{self, Control};
use althing_protocol::document::Effect;
use althing_protocol::entry::Verified;
use althing_protocol::hash::Id;
use althing_protocol::state::Limits;
use althing_tests::kit::{Person, Replica, Town, exchange};

use super::{agree, all, limits, person};

#[test]
fn one_person_one_signature() {
    let mut town = Town::new("one person", 2, 2);
    let second = town.founders[0].enroll();
    let friend = person("friend of one person");
    let mut one = town.pen(0);
    let mut branch = one.clone();
    let grant = one.grant("voice", friend.identity, &[]);
    let own = [
        one.cosign(grant.id(), &[]),
        second.pen(town.id).cosign(grant.id(), &[]),
        branch.cosign(grant.id(), &[]),
    ];
    let entries = all(&[&town.entries(), &friend.entries, &[grant.clone()], &own]);
    let alone = agree(&town, &entries);
    assert!(alone.made(town.id).is_empty(), "three signatures of one person are one");
    let other = town.pen(1).cosign(grant.id(), &[]);
    let made = agree(&town, &all(&[&entries, &[other.clone()]]));
    assert_eq!(made.made(town.id), [grant.id()].into());
    let committee = made.state.committee(&town.id).expect("followed");
    let act = made.state.graph().num(&grant.id()).expect("here");
    let kept: Vec<_> = committee.authority().act(act).expect("an act").chosen().collect();
    assert_eq!(kept.len(), 2, "one signature per person is kept");
}

/// More was decided at the same time than an entry can cite: it cites what its author's role rests on, or what is done
/// by that role would count for nothing.
#[test]
fn nobody_loses_a_role_among_many_heads() {
    let town = Town::new("many heads", 9, 1);
    let people: Vec<Person> = (0..9).map(|n| person(&format!("many heads {n}"))).collect();
    let grants: Vec<Verified> = people
        .iter()
        .zip(town.pens())
        .map(|(person, mut pen)| pen.grant("moderator", person.identity, &[]))
        .collect();
    let identities: Vec<Verified> = people.iter().flat_map(|p| p.entries.clone()).collect();
    let mut replica = agree(&town, &all(&[&town.entries(), &identities, &grants]));
    assert_eq!(replica.made(town.id).len(), 9);
    for (person, grant) in people.iter().zip(&grants) {
        let draft = Draft {
            doc: Some(town.id),
            kind: "post".to_owned(),
            ..Draft::default()
        };
        let post = replica.write(town.id, &person.device, draft).expect("a post");
        assert!(post.header().auth.contains(&grant.id()), "{:?}", post.header().auth);
    }
}

#[test]
fn late_cosign() {
    let town = Town::new("late cosign", 2, 2);
    let (steward, voice) = (person("late steward"), person("late voice"));
    let (mut a, mut b, mut s) = (town.pen(0), town.pen(1), steward.pen(town.id));
    let promote = a.grant("steward", steward.identity, &[]);
    let promoted = b.cosign(promote.id(), &[]);
    let grant = a.grant("voice", voice.identity, &[]);
    let made = b.cosign(grant.id(), &[]);
    let post = voice.pen(town.id).post("thank you", &[grant.id()]);
    let revoke = a.revoke(promote.id(), &[]);
    let revoked = b.cosign(revoke.id(), &[]);
    let before = all(&[
        &town.entries(),
        &steward.entries,
        &voice.entries,
        &[promote, promoted.clone(), grant.clone(), made, post, revoke, revoked],
    ]);
    let calm = agree(&town, &before);
    let late = s.cosign(grant.id(), &[promoted.id()]);
    let after = agree(&town, &all(&[&before, &[late.clone()]]));
    assert_eq!(after.made(town.id), calm.made(town.id));
    assert_eq!(after.members(town.id), calm.members(town.id));
    assert!(after.record(town.id).is_superset(&calm.record(town.id)));
    assert!(
        after.has_in_record(town.id, late.id()),
        "valid in its own past, so kept"
    );
}

#[test]
fn repeat_cosign() {
    let town = Town::new("repeat", 1, 1);
    let (steward, voice) = (person("repeating steward"), person("repeat voice"));
    let (mut f, mut s) = (town.pen(0), steward.pen(town.id));
    let promote = f.grant("steward", steward.identity, &[]);
    let grant = f.grant("voice", voice.identity, &[]);
    let revoke = f.revoke(promote.id(), &[]);
    let first = s.cosign(grant.id(), &[promote.id()]);
    let before = all(&[
        &town.entries(),
        &steward.entries,
        &voice.entries,
        &[promote, grant.clone(), revoke, first.clone()],
    ]);
    let once = agree(&town, &before);
    assert!(once.has_in_record(town.id, first.id()));
    let mut more: Vec<Verified> = (1..49).map(|_| s.cosign(grant.id(), &[])).collect();
    more.extend((0..60).map(|n| s.post(&n.to_string(), &[])));
    more.push(s.cosign(grant.id(), &[]));
    let mut fork = steward.pen(town.id);
    fork.post("a branch", &[]);
    let again = agree(&town, &all(&[&before, &more]));
    assert_eq!(again.summary(town.id), once.summary(town.id), "no growth");
}

/// Signatures of one identity on many branches: whichever comes first, the record ends with the lowest.
#[test]
fn repeat_cosign_on_branches() {
    let town = Town::new("branches", 1, 1);
    let (steward, voice) = (person("branching steward"), person("branch voice"));
    let mut f = town.pen(0);
    let promote = f.grant("steward", steward.identity, &[]);
    let grant = f.grant("voice", voice.identity, &[]);
    let revoke = f.revoke(promote.id(), &[]);
    let mut branches = Vec::new();
    for n in 0..6 {
        let mut pen = steward.pen(town.id);
        for i in 0..n {
            branches.push(pen.post(&format!("{n} {i}"), &[promote.id()]));
        }
        branches.push(pen.cosign(grant.id(), &[promote.id()]));
    }
    let before = all(&[
        &town.entries(),
        &steward.entries,
        &voice.entries,
        &[promote, grant, revoke],
    ]);
    let node = agree(&town, &all(&[&before, &branches]));
    let graph = node.state.graph();
    let rank = |id: &Id| graph.rank(graph.num(id).expect("here"));
    let cosigns = branches.iter().filter(|e| e.header().kind == "cosign");
    let lowest = cosigns.map(Verified::id).min_by_key(rank).expect("six of them");
    assert!(node.has_in_record(town.id, lowest), "the lowest is kept");
    let others = |e: &&Verified| e.header().kind == "cosign" && e.id() != lowest;
    assert!(
        !branches
            .iter()
            .filter(others)
            .any(|e| node.has_in_record(town.id, e.id())),
        "and no other"
    );
    // One without room for strangers that got the highest first comes to the same.
    let highest = branches.last().expect("not empty").id();
    let past = node.entry(&highest).expect("here").header().prev;
    let mut poor = Replica::new(limits(0, 3), &[town.id]);
    exchange(&mut poor, &agree(&town, &before), town.id, 1);
    let mut rich = Replica::new(Limits::default(), &[town.id]);
    let highest_only = branches.iter().skip(15).cloned().collect::<Vec<_>>();
    assert!(highest_only.iter().any(|e| Some(e.id()) == past));
    rich.offer_all(&all(&[&before, &highest_only]));
    exchange(&mut poor, &rich, town.id, 1);
    assert_eq!(poor.summary(town.id), rich.summary(town.id));
    exchange(&mut poor, &node, town.id, 1);
    assert_eq!(poor.summary(town.id), node.summary(town.id));
}

/// A founder, a steward whom they revoked, and the entries until then.
struct Fallen {
    town: Town,
    steward: Person,
    promote: Verified,
    entries: Vec<Verified>,
}

fn fallen(seed: &str) -> Fallen {
    let town = Town::new(seed, 1, 1);
    let steward = person(&format!("{seed}/steward"));
    let mut f = town.pen(0);
    let promote = f.grant("steward", steward.identity, &[]);
    let revoke = f.revoke(promote.id(), &[]);
    let entries = all(&[&town.entries(), &steward.entries, &[promote.clone(), revoke]]);
    Fallen {
        town,
        steward,
        promote,
        entries,
    }
}

/// The hidden grant is made as defined, in any order, makes a member and nothing else, and the revocation stands.
#[test]
fn hidden_grant() {
    let Fallen {
        town,
        steward,
        promote,
        entries,
    } = fallen("hidden");
    let friend = person("hidden friend");
    let hidden = steward.pen(town.id).grant("steward", friend.identity, &[promote.id()]);
    let node = agree(&town, &all(&[&entries, &friend.entries, &[hidden.clone()]]));
    assert!(node.made(town.id).contains(&hidden.id()), "valid in its own past");
    assert!(
        !node.members(town.id).contains(&steward.identity),
        "the revoked one stays out"
    );
    assert_eq!(
        node.members(town.id),
        [town.founders[0].identity, friend.identity].into()
    );
    assert!(node.holders(town.id).is_empty(), "nobody holds a role by it");
    assert_eq!(node.effect(town.id, hidden.id()), Some(Effect::Unauthorised));
}

#[test]
fn puppet() {
    let Fallen {
        town,
        steward,
        promote,
        entries,
    } = fallen("puppet");
    let (puppet, friend) = (person("the puppet"), person("puppet friend"));
    let hidden = steward.pen(town.id).grant("steward", puppet.identity, &[promote.id()]);
    let mut p = puppet.pen(town.id);
    let through = p.grant("steward", friend.identity, &[hidden.id()]);
    let back = p.grant("voice", steward.identity, &[hidden.id()]);
    let people = all(&[&puppet.entries, &friend.entries]);
    let node = agree(
        &town,
        &all(&[&entries, &people, &[hidden.clone(), through.clone(), back]]),
    );
    assert!(node.made(town.id).contains(&through.id()));
    assert!(
        node.holders(town.id).is_empty(),
        "neither the puppet nor those behind it hold a role"
    );
    // The remedy is one revocation per grant, each of which removes for ever.
    let mut f = town.pen(0);
    f.grant("steward", steward.identity, &[]);
    f.revoke(promote.id(), &[]);
    let ends = [f.revoke(hidden.id(), &[]), f.revoke(through.id(), &[])];
    let all_of_it = all(&[&entries, &people, &[hidden, through], &ends]);
    let ended = agree(&town, &all_of_it);
    assert_eq!(ended.members(town.id), [town.founders[0].identity].into());
}

/// Strangers cite grants too: that must not hide them from the stewards who rest on them.
#[test]
fn strangers_do_not_hide_authority() {
    let town = Town::new("hiding", 2, 2);
    let (steward, voice, stranger) = (
        person("hiding steward"),
        person("hiding voice"),
        person("hiding stranger"),
    );
    let (mut f, mut g, mut s) = (town.pen(0), town.pen(1), stranger.pen(town.id));
    let promote = f.grant("steward", steward.identity, &[]);
    let promoted = g.cosign(promote.id(), &[]);
    let mut entries = all(&[&town.entries(), &steward.entries, &voice.entries, &stranger.entries]);
    entries.extend([promote.clone(), promoted.clone()]);
    for n in 0..6 {
        let mut fork = s.clone();
        fork.post(&n.to_string(), &[]);
        entries.push(s.cosign(promoted.id(), &[promote.id(), promoted.id()]));
        entries.push(s.grant("steward", stranger.identity, &[promoted.id()]));
    }
    // And acts of members that are no signatures, five of them side by side.
    for n in 0..5 {
        let other = person(&format!("hiding other {n}"));
        let grant = f.grant("voice", other.identity, &[]);
        let cosign = g.cosign(grant.id(), &[]);
        let noise = other.pen(town.id).grant("voice", other.identity, &[cosign.id()]);
        entries.extend(all(&[&other.entries, &[grant, cosign, noise]]));
    }
    let mut node = agree(&town, &entries);
    let control = Control::Grant(control::Grant {
        role: "voice".into(),
        to: voice.identity,
        scope: None,
    });
    let draft = |kind: &str, control: &Control| Draft {
        doc: Some(town.id),
        kind: kind.into(),
        control: control.value(),
        ..Draft::default()
    };
    let grant = node
        .write(town.id, &steward.device, draft("grant", &control))
        .expect("written");
    let cosign = Control::Cosign(control::Cosign { entry: grant.id() });
    node.write(town.id, &town.founders[1].device, draft("cosign", &cosign))
        .expect("written");
    assert!(
        node.made(town.id).contains(&grant.id()),
        "the steward's signature stands"
    );
    assert!(node.members(town.id).contains(&voice.identity));
}
