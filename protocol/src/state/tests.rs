#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::author::{self, Draft, Refused, Writer};
use crate::control::{self, Retire};
use crate::hash::Key;
use crate::vectors::make::{Pen, Person, committee, cosign, grant, key, parameter, public, revoke};

/// Whoever sends it: not this node itself.
const PEER: Source = 7;

fn limits(per_key: u32, total: u32) -> Limits {
    Limits {
        floor: floor::Limits {
            per_key,
            total,
            ..floor::Limits::default()
        },
        ..Limits::default()
    }
}

fn offer(state: &mut State, entry: &Verified) -> Outcome {
    let outcome = state.offer(entry.clone(), PEER, &mut Vec::new());
    assert_eq!(
        state.floor.len(),
        on_floor(state),
        "the floor counts what no record holds"
    );
    outcome
}

fn on_floor(state: &State) -> usize {
    state.graph.iter().filter(|n| state.graph.node(*n).records == 0).count()
}

fn admit(state: &mut State, entries: &[Verified]) {
    for entry in entries {
        let outcome = offer(state, entry);
        assert!(
            matches!(outcome, Outcome::Admitted(_) | Outcome::Known(_)),
            "{outcome:?}: {:?}",
            entry.header()
        );
    }
}

fn in_record(state: &State, committee: Id, entry: &Verified) -> bool {
    let committee = state.committee(&committee).unwrap();
    let num = state.graph.num(&entry.id());
    num.is_some_and(|n| committee.record().contains(n, &state.graph))
}

/// A committee of Alice and Carol that made Bob a steward.
struct Scene {
    alice: Person,
    bob: Person,
    carol: Person,
    id: Id,
    granted: Verified,
    /// What a signature of Bob's cites.
    auth: Vec<Id>,
    entries: Vec<Verified>,
}

fn scene() -> Scene {
    scene_of(1)
}

fn scene_of(threshold: u64) -> Scene {
    let (mut alice, bob, mut carol) = (Person::new("alice"), Person::new("bob"), Person::new("carol"));
    let root = committee(&mut [&mut alice, &mut carol], threshold);
    let id = root.id();
    let granted = alice.device.act(id, &grant("steward", bob.id), &[]);
    let mut auth = vec![granted.id()];
    let mut entries = [&alice.entries[..], &carol.entries, &[root], &bob.entries].concat();
    entries.push(granted.clone());
    if threshold == 2 {
        let signed = carol.device.act(id, &cosign(granted.id()), &[]);
        auth = vec![signed.id()];
        entries.push(signed);
    }
    Scene {
        alice,
        bob,
        carol,
        id,
        granted,
        auth,
        entries,
    }
}

/// Alice and Carol revoke Bob's grant.
fn revoke_bob(scene: &mut Scene) -> [Verified; 2] {
    let revoked = scene.alice.device.act(scene.id, &revoke(scene.granted.id()), &[]);
    let signed = scene.carol.device.act(scene.id, &cosign(revoked.id()), &[]);
    [revoked, signed]
}

impl Scene {
    fn state(&self, limits: Limits) -> State {
        let mut state = State::new(limits);
        state.follow(self.id);
        for entry in &self.entries {
            state.offer(entry.clone(), LOCAL, &mut Vec::new());
        }
        assert!(in_record(&state, self.id, &self.granted));
        state
    }
}

#[test]
fn a_lower_signature_of_a_past_steward_is_taken_without_room() {
    let Scene {
        mut alice,
        bob,
        id,
        granted,
        ..
    } = scene();
    let scene = scene();
    let parameter = Control::SetParameter(control::SetParameter {
        name: "fee".into(),
        value: 1,
    });
    let act = alice.device.act(id, &parameter, &[]);
    // Two signatures of Bob under one act, at one place of his log.
    let mut forks: Vec<Verified> = (0..2)
        .map(|n| {
            let mut header = bob.device.next(id, Some(id), "cosign");
            header.time += n;
            header.control = cosign(act.id()).value();
            header.auth = vec![granted.id()];
            bob.device.clone().sign(header)
        })
        .collect();
    forks.sort_by_key(Verified::id);
    let revoked = alice.device.act(id, &revoke(granted.id()), &[]);
    let mut states = [scene.state(limits(0, 0)), scene.state(limits(0, 0))];
    for (state, fork) in states.iter_mut().zip(&forks) {
        admit(state, &[act.clone(), fork.clone(), revoked.clone()]);
        assert!(in_record(state, id, fork));
    }
    let [low, high] = &mut states;
    assert!(
        matches!(offer(high, &forks[0]), Outcome::Admitted(_)),
        "the lower one replaces the other"
    );
    assert!(
        matches!(offer(low, &forks[1]), Outcome::Refused(_)),
        "the higher one is floor"
    );
    assert_eq!(
        low.committee(&id).unwrap().record().tree().root(),
        high.committee(&id).unwrap().record().tree().root()
    );
}

#[test]
fn parameters_are_told_as_of_the_signatures_that_were_there() {
    let mut scene = scene_of(2);
    let id = scene.id;
    let mut state = scene.state(limits(4, 8));
    let first = scene.alice.device.act(id, &parameter("fee", 1), &[]);
    let second = scene.carol.device.act(id, &cosign(first.id()), &[]);
    let later = scene.alice.device.act(id, &parameter("fee", 2), &[second.id()]);
    let last = scene.carol.device.act(id, &cosign(later.id()), &[]);
    let story = [first, second, later, last];
    admit(&mut state, &story);
    let graph = &state.graph;
    let authority = state.committee(&id).unwrap().authority();
    let with = |n: usize| {
        let there: Vec<Num> = story[..n].iter().map(|entry| graph.num(&entry.id()).unwrap()).collect();
        let told = authority.parameters_by(graph, |num| there.contains(&num));
        told.get("fee").and_then(|fee| fee.value)
    };
    assert_eq!([0, 1, 2, 3, 4].map(with), [None, None, Some(1), Some(1), Some(2)]);
    assert_eq!(with(4), authority.parameter("fee", graph).unwrap().value);
}

#[test]
fn an_archive_holds_all_that_its_people_say_of_themselves() {
    let mut scene = scene_of(2);
    let mut state = scene.state(limits(8, 16));
    let stranger = Person::new("eve");
    // Bob's own space: his root, his device, and what he says there later. Eve is nobody to this committee.
    let own = scene.bob.device.write(scene.bob.id, "edit", None, &[], &[]);
    admit(&mut state, &stranger.entries);
    admit(&mut state, &[own]);
    let graph = &state.graph;
    let archived = state.archived(state.committee(&scene.id).unwrap());
    let archived: BTreeSet<Id> = archived.into_iter().map(|(_, id, _)| id).collect();
    let hers: BTreeSet<Id> = stranger.entries.iter().map(Verified::id).collect();
    let expected: BTreeSet<Id> = graph
        .iter()
        .map(|n| graph.id(n))
        .filter(|id| !hers.contains(id))
        .collect();
    assert_eq!(archived, expected);
}

#[test]
fn a_flood_does_not_wash_away_signatures_that_may_count() {
    let mut scene = scene_of(2);
    let id = scene.id;
    let mut state = scene.state(limits(4, 2));
    admit(&mut state, &revoke_bob(&mut scene));
    // Bob, no steward any more, shows acts that he signed before.
    let mut hidden = scene.bob.device.clone();
    let acts: Vec<Verified> = (0..3)
        .map(|_| hidden.act(id, &grant("voice", scene.alice.id), &scene.auth))
        .collect();
    admit(&mut state, &acts);
    for name in ["eve", "mallory", "trudy"] {
        let newcomer = Person::new(name);
        let outcomes: Vec<Outcome> = newcomer.entries.iter().map(|e| offer(&mut state, e)).collect();
        assert!(
            state.graph.len() <= scene.entries.len() + 2 + acts.len() + 2,
            "{outcomes:?}"
        );
    }
    assert!(acts.iter().all(|a| state.graph.num(&a.id()).is_some()));
    let eve = Person::new("eve");
    assert!(
        state.graph.num(&eve.id).is_some(),
        "and they take no room from newcomers"
    );
}

#[test]
fn a_past_member_has_an_account_and_no_more() {
    let mut scene = scene_of(2);
    let id = scene.id;
    let mut limits = limits(2, 1000);
    limits.floor.per_member = 3;
    let mut state = scene.state(limits);
    admit(&mut state, &revoke_bob(&mut scene));
    let acts: Vec<Outcome> = (0..9)
        .map(|_| {
            let act = scene.bob.device.act(id, &grant("voice", scene.alice.id), &scene.auth);
            offer(&mut state, &act)
        })
        .collect();
    let held = acts.iter().filter(|o| matches!(o, Outcome::Admitted(_))).count();
    assert_eq!(held, 3 + 2, "the account, then the floor's budget of the key: {acts:?}");
}

#[test]
fn a_founders_long_log_at_home_is_fetched_for_the_key_act_at_its_end() {
    let scene = scene();
    let mut state = scene.state(limits(3, 3));
    let mut alice = scene.alice.clone();
    let notes: Vec<Verified> = (0..20)
        .map(|_| alice.root.write(alice.id, "profile", None, &[], &[]))
        .collect();
    let enroll = alice.enroll("alice/phone", control::Use::Person);
    for note in &notes {
        offer(&mut state, note);
    }
    assert!(matches!(offer(&mut state, &enroll), Outcome::Waiting(_)));
    let all: BTreeMap<Id, &Verified> = notes.iter().map(|e| (e.id(), e)).collect();
    for _ in 0..30 {
        for id in state.waiting.wants(1) {
            offer(&mut state, all[&id]);
        }
    }
    assert!(in_record(&state, scene.id, &enroll));
    assert!(state.waiting.is_empty());
    assert_eq!(state.waiting.wants(9), vec![]);
}

#[test]
fn strangers_do_not_use_a_members_account() {
    let scene = scene();
    let mut state = scene.state(Limits::default());
    // In Alice's space, by a key that is not hers.
    let mut forger = Pen::new("forger", None);
    forger.logs.insert(scene.alice.id, (3, Id([1; 32])));
    let forged = forger.write(scene.alice.id, "profile", None, &[], &[]);
    assert!(matches!(offer(&mut state, &forged), Outcome::Waiting(_)));
    assert_eq!(state.waiting.account(&Id([1; 32])), None);
}

#[test]
fn nobody_hides_what_authority_rests_on() {
    let scene = scene();
    let mut state = scene.state(Limits::default());
    // Alice made Bob a steward; Eve, a newcomer, states acts that name that grant and one another.
    let mut eve = Person::new("eve");
    admit(&mut state, &eve.entries);
    let mut last = scene.granted.id();
    for _ in 0..6 {
        let act = eve.device.act(scene.id, &grant("voice", eve.id), &[last]);
        last = act.id();
        admit(&mut state, &[act]);
    }
    let writer = Writer {
        key: &scene.bob.device.key,
        cert: scene.bob.device.cert,
    };
    let draft = Draft {
        doc: Some(scene.id),
        kind: "grant".into(),
        control: grant("voice", eve.id).value(),
        ..Draft::default()
    };
    let written = author::write(&state, scene.id, &writer, draft).unwrap();
    assert_eq!(written.header().auth, [scene.granted.id()]);
    admit(&mut state, std::slice::from_ref(&written));
    let committee = state.committee(&scene.id).unwrap();
    assert!(committee.authority().is_made(state.graph.num(&written.id()).unwrap()));
}

#[test]
fn what_a_cosignature_takes_up_needs_consent_too() {
    let scene = scene();
    let mut state = scene.state(limits(5000, 5000));
    let mut eve = Person::new("eve");
    admit(&mut state, &eve.entries);
    for _ in 0..author::TAKE_UP {
        let post = eve.device.post(scene.id, &[]);
        admit(&mut state, &[post]);
    }
    let act = eve.device.act(scene.id, &grant("voice", eve.id), &[]);
    admit(&mut state, std::slice::from_ref(&act));
    let writer = Writer {
        key: &scene.alice.device.key,
        cert: scene.alice.device.cert,
    };
    let draft = Draft {
        doc: Some(scene.id),
        kind: "cosign".into(),
        control: cosign(act.id()).value(),
        ..Draft::default()
    };
    let refused = author::write(&state, scene.id, &writer, draft.clone()).unwrap_err();
    // The posts, the act, Eve's enrolment and root.
    assert_eq!(
        refused,
        Refused::TakesUp {
            count: author::TAKE_UP + 3
        }
    );
    let draft = Draft { consent: true, ..draft };
    assert!(author::write(&state, scene.id, &writer, draft).is_ok());
}

#[test]
fn an_entry_that_joins_two_records_at_once_leaves_the_floor_once() {
    let mut scene = scene();
    let mut second = committee(&mut [&mut scene.alice], 1).header().clone();
    second.time += 1;
    let second = scene.alice.device.clone().sign(second);
    let mut state = scene.state(Limits::default());
    state.follow(second.id());
    admit(&mut state, &[second]);
    let note = scene.alice.root.write(scene.alice.id, "profile", None, &[], &[]);
    let enroll = scene.alice.enroll("alice/phone", control::Use::Person);
    // `offer` compares the floor's count with the records after each.
    admit(&mut state, &[note.clone(), enroll]);
    assert_eq!(state.graph.node(state.graph.num(&note.id()).unwrap()).records, 2);
}

#[test]
fn a_member_cannot_fill_the_pool() {
    let scene = scene();
    let mut limits = Limits::default();
    limits.waiting.entitled = 10;
    limits.waiting.per_source = 5;
    let mut state = scene.state(limits);
    for n in 0..50u8 {
        let mut branch = scene.bob.device.clone();
        let unknown = [Id([n; 32]), Id([n + 100; 32])];
        offer(&mut state, &branch.post(scene.id, &unknown));
        assert!(state.waiting.len() <= 10 + 5, "{} wait", state.waiting.len());
    }
    // Three entries with two ids each fit on the account; the others are held like anybody's.
    assert_eq!(state.waiting.len(), 3 + 5);
    assert_eq!(state.waiting.wants(1000).len(), 2 * (3 + 5));
}

#[test]
fn joining_branches_makes_no_past_without_bound() {
    let person = Person::new("alice");
    let mut state = State::new(limits(1000, 1000));
    admit(&mut state, &person.entries);
    let retire = |n: usize| {
        let key: Key = public(&key(&n.to_string()));
        Control::Retire(Retire { key, last: Vec::new() })
    };
    let branch = |from: usize, state: &mut State| {
        let mut pen = person.root.clone();
        for n in 0..200 {
            let act = pen.act(person.id, &retire(from + n), &[]);
            admit(state, &[act]);
        }
        pen
    };
    let mut one = branch(0, &mut state);
    let other = branch(1000, &mut state);
    let head = other.logs[&person.id].1;
    let join = one.write(person.id, "profile", None, &[head], &[]);
    assert_eq!(
        offer(&mut state, &join),
        Outcome::Rejected(Fault::Identity(crate::identity::Fault::Controls))
    );
}

#[test]
fn a_space_that_is_none_is_a_fault_that_everybody_sees() {
    let mut scene = scene();
    let post = scene.alice.device.post(scene.id, &[]);
    let lost = scene.alice.device.post(post.id(), &[]);
    let mut early = scene.state(Limits::default());
    assert!(matches!(offer(&mut early, &lost), Outcome::Waiting(_)));
    admit(&mut early, std::slice::from_ref(&post));
    assert!(early.is_rejected(&lost.id()));
    let mut late = scene.state(Limits::default());
    admit(&mut late, &[post]);
    assert!(matches!(offer(&mut late, &lost), Outcome::Rejected(f) if f.name() == "space"));
}

#[test]
fn a_control_has_one_form() {
    let mut person = Person::new("alice");
    let mut state = State::new(Limits::default());
    admit(&mut state, &person.entries);
    let mut header = person.root.next(person.id, Some(person.id), "enroll");
    let usage = crate::codec::Value::Map([("node".to_owned(), crate::codec::Value::Null)].into());
    let key = crate::codec::Value::Bytes(public(&key("phone")).0.to_vec());
    header.control = Some(crate::codec::Value::Map(
        [("key".to_owned(), key), ("use".to_owned(), usage)].into(),
    ));
    let entry = person.root.sign(header);
    assert!(matches!(offer(&mut state, &entry), Outcome::Rejected(f) if f.name() == "control_shape"));
}
