//! Revocations: what leaves, what stays, what comes back.

use althing_protocol::document::Effect;
use althing_protocol::entry::Verified;
use althing_protocol::state::Limits;
use althing_tests::kit::exchange::meet;
use althing_tests::kit::{Pen, Person, Replica, Town, exchange};

use super::{agree, all, ids, limits, person};

/// A committee with one voice that wrote three posts and was revoked; everything until then.
struct Revoked {
    town: Town,
    voice: Pen,
    founder: Pen,
    posts: [Verified; 3],
    entries: Vec<Verified>,
}

fn revoked(seed: &str) -> Revoked {
    let town = Town::new(seed, 2, 1);
    let person = person(&format!("{seed}/voice"));
    let (mut founder, mut voice) = (town.pen(0), person.pen(town.id));
    let grant = founder.grant("voice", person.identity, &[]);
    let posts = [
        voice.post("1", &[grant.id()]),
        voice.post("2", &[]),
        voice.post("3", &[]),
    ];
    let revoke = founder.revoke(grant.id(), &[]);
    let entries = all(&[&town.entries(), &person.entries, &[grant, revoke], &posts]);
    Revoked {
        town,
        voice,
        founder,
        posts,
        entries,
    }
}

#[test]
fn revoked_spam() {
    let mut case = revoked("spam");
    let calm = agree(&case.town, &case.entries);
    assert!(
        ids(&case.posts).iter().all(|p| !calm.has_in_record(case.town.id, *p)),
        "what nobody named leaves"
    );
    let spam: Vec<Verified> = (0..50).map(|n| case.voice.post(&format!("spam {n}"), &[])).collect();
    let after = agree(&case.town, &all(&[&case.entries, &spam]));
    assert_eq!(after.summary(case.town.id), calm.summary(case.town.id));
}

#[test]
fn revoked_named() {
    let mut case = revoked("named");
    let naming = case.founder.post("this was worth keeping", &[case.posts[2].id()]);
    let node = agree(&case.town, &all(&[&case.entries, &[naming]]));
    assert!(
        ids(&case.posts).iter().all(|p| node.has_in_record(case.town.id, *p)),
        "all of them are back"
    );
}

#[test]
fn mutual_revoke() {
    let town = Town::new("mutual", 1, 1);
    let (a, b) = (person("mutual a"), person("mutual b"));
    let mut f = town.pen(0);
    let grants = [f.grant("steward", a.identity, &[]), f.grant("steward", b.identity, &[])];
    let revokes = [
        a.pen(town.id).revoke(grants[1].id(), &ids(&grants)),
        b.pen(town.id).revoke(grants[0].id(), &ids(&grants)),
    ];
    let node = agree(
        &town,
        &all(&[&town.entries(), &a.entries, &b.entries, &grants, &revokes]),
    );
    assert_eq!(
        node.members(town.id),
        [town.founders[0].identity].into(),
        "both are out"
    );
    assert_eq!(node.made(town.id).len(), 4);
    assert!(node.holders(town.id).is_empty(), "neither holds the role");
}

#[test]
fn regrant() {
    let town = Town::new("regrant", 1, 1);
    let (steward, voice) = (person("regrant steward"), person("regrant voice"));
    let (mut f, mut s) = (town.pen(0), steward.pen(town.id));
    let promote = f.grant("steward", steward.identity, &[]);
    let first = f.grant("voice", voice.identity, &[]);
    let revoke = f.revoke(first.id(), &[]);
    let again = f.grant("voice", voice.identity, &[]);
    let again_id = again.id();
    let post = voice.pen(town.id).post("back", &[again.id()]);
    let before = all(&[
        &town.entries(),
        &steward.entries,
        &voice.entries,
        &[promote.clone(), first.clone(), revoke, again, post.clone()],
    ]);
    let node = agree(&town, &before);
    assert!(node.members(town.id).contains(&voice.identity));
    // A revocation from before the second grant can only name the first one.
    let old = s.revoke(first.id(), &[promote.id()]);
    let node = agree(&town, &all(&[&before, &[old.clone()]]));
    assert!(node.made(town.id).contains(&old.id()));
    assert!(node.members(town.id).contains(&voice.identity) && node.has_in_record(town.id, post.id()));
    let voices = node.holders(town.id).into_iter().filter(|(role, ..)| role == "voice");
    let by: Vec<_> = voices.map(|(_, to, grant)| (to, grant)).collect();
    assert_eq!(by, [(voice.identity, again_id)], "by the new grant");
}

#[test]
fn wider_revoke() {
    let town = Town::new("wider", 2, 2);
    let (bad, tool, loyal, friend) = (person("bad"), person("tool"), person("loyal"), person("wider friend"));
    let (mut f, mut g) = (town.pen(0), town.pen(1));
    let mut acts = Vec::new();
    let mut grant = |who: &Person| {
        let act = f.grant("steward", who.identity, &[]);
        let made = g.cosign(act.id(), &[]);
        acts.extend([act.clone(), made.clone()]);
        (act.id(), made.id())
    };
    let (bad_grant, bad_made) = grant(&bad);
    let (_, tool_made) = grant(&tool);
    let (_, loyal_made) = grant(&loyal);
    let revoke = f.revoke(bad_grant, &[]);
    let revoked = g.cosign(revoke.id(), &[]);
    let people = all(&[&bad.entries, &tool.entries, &loyal.entries, &friend.entries]);
    let before = all(&[&town.entries(), &people, &acts, &[revoke, revoked]]);
    // Back-dated: a grant that two of them signed, and a second revocation of the bad one that has it in its past.
    let saw = [bad_made, tool_made];
    let mut b = bad.pen(town.id);
    let hidden = b.grant("steward", friend.identity, &saw);
    let helped = tool.pen(town.id).cosign(hidden.id(), &saw);
    let shown = all(&[&before, &[hidden.clone(), helped.clone()]]);
    let without = agree(&town, &shown);
    let second = b.revoke(bad_grant, &[helped.id()]);
    let signed = loyal.pen(town.id).cosign(second.id(), &[loyal_made]);
    let with = agree(&town, &all(&[&shown, &[second.clone(), signed]]));
    assert!(with.made(town.id).contains(&second.id()));
    assert!(
        with.members(town.id).is_subset(&without.members(town.id)),
        "a second revocation only removes"
    );
    assert!(!with.members(town.id).contains(&bad.identity));
    let (before, after) = (without.holders(town.id), with.holders(town.id));
    assert!(after.is_subset(&before), "and gives nobody a role");
    assert!(!after.iter().any(|(_, to, _)| *to == friend.identity));
}

/// T = 2: whoever cosigns a revocation has seen what its author had not. The cut is the author's.
#[test]
fn cosigner_past() {
    let town = Town::new("cosigner past", 2, 2);
    let (steward, early, late) = (person("cut steward"), person("cut early"), person("cut late"));
    let (mut f, mut g, mut s) = (town.pen(0), town.pen(1), steward.pen(town.id));
    let promote = f.grant("steward", steward.identity, &[]);
    let promoted = g.cosign(promote.id(), &[]);
    let seen = s.grant("voice", early.identity, &[promoted.id()]);
    let unseen = s.grant("voice", late.identity, &[]);
    let cosigned = [f.cosign(seen.id(), &[]), g.cosign(unseen.id(), &[])];
    let revoke = f.revoke(promote.id(), &[seen.id()]);
    let people = all(&[&steward.entries, &early.entries, &late.entries]);
    let acts = all(&[
        &[promote, promoted, seen.clone(), unseen.clone(), revoke.clone()],
        &cosigned,
    ]);
    // Once with a cosigner who has seen everything, once with one who has seen the revocation alone.
    let knowing = g.clone().cosign(revoke.id(), &[unseen.id()]);
    let plain = g.cosign(revoke.id(), &[]);
    let roles = |cosignature: Verified| {
        let node = agree(&town, &all(&[&town.entries(), &people, &acts, &[cosignature]]));
        let effects = [&seen, &unseen].map(|grant| node.effect(town.id, grant.id()));
        (node.holders(town.id), effects)
    };
    let cut = roles(knowing);
    assert_eq!(cut, roles(plain), "the cut is unchanged");
    assert_eq!(cut.0, [("voice".to_owned(), early.identity, seen.id())].into());
    assert_eq!(cut.1, [Some(Effect::Effective), Some(Effect::Unauthorised)]);
}

/// Three stewards, all revoked, reveal what they signed while they were stewards; a node without any room for
/// strangers has to come to the same record.
#[test]
fn late_quorum() {
    let town = Town::new("late quorum", 3, 3);
    let mut pens = town.pens();
    let stewards: Vec<Person> = (0..3).map(|n| person(&format!("late quorum steward {n}"))).collect();
    let victim = person("late quorum victim");
    let mut entries = town.entries();
    let mut sign = |act: fn(&mut Pen, althing_protocol::hash::Id) -> Verified, on| {
        let first = act(&mut pens[0], on);
        let rest = [pens[1].cosign(first.id(), &[]), pens[2].cosign(first.id(), &[])];
        (first.id(), all(&[&[first], &rest]))
    };
    let mut grants = Vec::new();
    for who in stewards.iter().chain([&victim]) {
        entries.extend(who.entries.iter().cloned());
        let (id, signed) = sign(|pen, to| pen.grant("steward", to, &[]), who.identity);
        grants.push((id, ids(&signed)));
        entries.extend(signed);
    }
    let saw: Vec<_> = grants.iter().flat_map(|(_, signed)| signed[1..].to_vec()).collect();
    let mut posts = victim.pen(town.id);
    entries.extend([posts.post("still here", &[]), posts.post("and here", &[])]);
    for (grant, _) in &grants[..3] {
        let (_, signed) = sign(|pen, grant| pen.revoke(grant, &[]), *grant);
        entries.extend(signed);
    }
    let mut first = stewards[0].pen(town.id);
    let chatter = first.post("planning", &saw);
    let revoke = first.revoke(grants[3].0, &saw);
    let late = [
        chatter,
        revoke.clone(),
        stewards[1].pen(town.id).cosign(revoke.id(), &saw),
        stewards[2].pen(town.id).cosign(revoke.id(), &saw),
    ];
    let calm = agree(&town, &entries);
    assert!(calm.members(town.id).contains(&victim.identity));
    let mut knows = agree(&town, &all(&[&entries, &late]));
    assert!(
        !knows.members(town.id).contains(&victim.identity),
        "a threshold of past stewards can"
    );
    let tight = limits(0, 3);
    let mut fresh = Replica::new(tight, &[town.id]);
    exchange(&mut fresh, &knows, town.id, 1);
    assert_eq!(
        fresh.summary(town.id),
        knows.summary(town.id),
        "a newcomer without any room"
    );
    let mut old = Replica::new(tight, &[town.id]);
    exchange(&mut old, &calm, town.id, 1);
    assert_eq!(old.summary(town.id), calm.summary(town.id));
    meet(&mut old, &mut knows, town.id, 1);
    assert_eq!(
        old.summary(town.id),
        knows.summary(town.id),
        "one that knew the record before"
    );
    // Gossip order: signatures first, what they rest on last.
    let mut gossip = Replica::new(tight, &[town.id]);
    exchange(&mut gossip, &calm, town.id, 1);
    gossip.offer_all(late.iter().rev());
    exchange(&mut gossip, &knows, town.id, 1);
    assert_eq!(
        gossip.summary(town.id),
        knows.summary(town.id),
        "one that heard of it by gossip"
    );
    let _ = Limits::default();
}
