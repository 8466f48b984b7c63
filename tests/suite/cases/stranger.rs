//! People whom nobody has listened to yet.

use althing_protocol::control::{self, Control};
use althing_protocol::document::Effect;
use althing_protocol::hash::Id;
use althing_protocol::state::{Limits, Outcome};
use althing_tests::kit::{Replica, Town};

use super::{agree, all, person};

#[test]
fn non_member_grant() {
    let town = Town::new("stranger grant", 1, 1);
    let (newcomer, friend) = (person("granting newcomer"), person("friend"));
    let mut pen = newcomer.pen(town.id);
    let post = pen.post("hello", &[]);
    let grants = [
        pen.grant("steward", newcomer.identity, &[]),
        pen.grant("voice", friend.identity, &[]),
    ];
    let named = town
        .pen(0)
        .post("welcome", &[post.id(), grants[0].id(), grants[1].id()]);
    let entries = all(&[
        &town.entries(),
        &newcomer.entries,
        &friend.entries,
        &[post],
        &grants,
        &[named],
    ]);
    let node = agree(&town, &entries);
    assert!(
        node.has_in_record(town.id, grants[1].id()),
        "the grants are in the record, for a founder names them"
    );
    assert_eq!(node.members(town.id), [town.founders[0].identity].into());
    assert!(node.made(town.id).is_empty());
}

#[test]
fn non_member_vouch() {
    let town = Town::new("stranger vouch", 1, 1);
    let (newcomer, friend) = (person("vouching newcomer"), person("vouched friend"));
    let mut pen = newcomer.pen(town.id);
    let vouch = pen.vouch(friend.identity);
    let post = friend.pen(town.id).post("I am in?", &[]);
    let named = town.pen(0).post("welcome", &[vouch.id()]);
    let entries = all(&[
        &town.entries(),
        &newcomer.entries,
        &friend.entries,
        &[vouch, post.clone(), named],
    ]);
    let node = agree(&town, &entries);
    assert_eq!(node.members(town.id), [town.founders[0].identity].into());
    assert!(
        !node.has_in_record(town.id, post.id()),
        "a standing order changes no set"
    );
}

#[test]
fn self_function() {
    let town = Town::new("self function", 2, 1);
    let (member, newcomer) = (person("self member"), person("self newcomer"));
    let (mut f, mut m, mut n) = (town.pen(0), member.pen(town.id), newcomer.pen(town.id));
    let grant = f.grant("voice", member.identity, &[]);
    let chain: Vec<_> = (0..6).map(|i| n.post(&i.to_string(), &[])).collect();
    let reply = m.post("to the third", &[chain[2].id()]);
    let entries = all(&[
        &town.entries(),
        &member.entries,
        &newcomer.entries,
        &[grant],
        &chain,
        &[reply],
    ]);
    let whole = agree(&town, &entries);
    let record = whole.record(town.id);
    assert!(record.len() < whole.admitted().len(), "there is a floor to leave away");
    let only: Vec<_> = entries.iter().filter(|e| record.contains(&e.id())).cloned().collect();
    let mut alone = Replica::new(Limits::default(), &[town.id]);
    alone.offer_all(&only);
    assert_eq!(
        alone.summary(town.id),
        whole.summary(town.id),
        "record(record(S)) = record(S)"
    );
    let with: Vec<_> = only.iter().chain(&chain[3..5]).cloned().collect();
    let mut some = Replica::new(Limits::default(), &[town.id]);
    some.offer_all(&with);
    assert_eq!(
        some.summary(town.id),
        whole.summary(town.id),
        "and some of the floor changes nothing"
    );
}

#[test]
fn unnamed_target() {
    let town = Town::new("unnamed", 1, 1);
    let nobody = Id([7; 32]);
    let mut pen = town.pen(0);
    let mut branches = [pen.clone(), pen.clone(), pen.clone(), pen.clone()];
    let entries = [
        branches[0].grant("steward", nobody, &[]),
        branches[1].revoke(nobody, &[]),
        branches[2].cosign(nobody, &[]),
        branches[3].vouch(nobody),
    ];
    let post = pen.post("meanwhile", &[]);
    let node = agree(&town, &all(&[&town.entries(), &entries, &[post]]));
    assert_eq!(
        node.waiting(),
        entries.iter().map(althing_protocol::entry::Verified::id).collect()
    );
    assert_eq!(node.members(town.id).len(), 1);
    assert!(node.made(town.id).is_empty());
    let again = [entries[0].clone(), branches[2].post("on top of what waits", &[])];
    let mut node = node;
    assert!(matches!(node.offer(&again[1]), Outcome::Waiting(_)));
}

#[test]
fn rejected_parent() {
    let town = Town::new("rejected parent", 1, 1);
    let mut pen = town.pen(0);
    // A grant that names a post where an identity belongs: only what it names shows that it is wrong.
    let post = pen.post("a post", &[]);
    let mut side = pen.clone();
    let to = Control::Grant(control::Grant {
        role: "voice".into(),
        to: post.id(),
        scope: None,
    });
    let wrong = pen.entry("grant").control(&to).sign();
    let child = pen.post("on the wrong one", &[]);
    let grandchild = side.post("names the child", &[child.id()]);
    let unknown = town.pen(0).entry("post").after(&[Id([9; 32])]).sign();
    let mut entries = all(&[
        &town.entries(),
        &[post, wrong.clone(), child.clone(), grandchild.clone(), unknown.clone()],
    ]);
    let node = agree(&town, &entries);
    for entry in [&wrong, &child, &grandchild] {
        assert!(node.state.is_rejected(&entry.id()));
    }
    assert!(!node.state.is_rejected(&unknown.id()));
    assert_eq!(
        node.waiting(),
        [unknown.id()].into(),
        "only what is not known to be wrong waits"
    );
    entries.reverse();
    let mut other = Replica::new(Limits::default(), &[town.id]);
    other.offer_all(&entries);
    for entry in &entries {
        assert_eq!(
            other.state.is_rejected(&entry.id()),
            node.state.is_rejected(&entry.id())
        );
    }
}

#[test]
fn unknown_kind() {
    let town = Town::new("unknown kind", 1, 1);
    let newcomer = person("unknown kind newcomer");
    let mut pen = town.pen(0);
    let nobody = Control::Cosign(control::Cosign { entry: Id([5; 32]) });
    let strange = [
        pen.entry("hologram")
            .control(&nobody)
            .text("from a later release")
            .sign(),
        pen.entry("delegate_deeply").sign(),
        pen.entry("hologram_root").doc(None).sign(),
    ];
    let topic = pen.topic("known");
    let act = pen.entry("hologram").doc(Some(topic.id())).after(&[topic.id()]).sign();
    let inside = newcomer.pen(town.id).entry("touch").doc(Some(strange[2].id())).sign();
    let rest = [inside.clone(), topic.clone(), act.clone()];
    let entries = all(&[&town.entries(), &newcomer.entries, &strange, &rest]);
    let node = agree(&town, &entries);
    assert!(
        node.waiting().is_empty(),
        "the control of an unknown kind is not followed"
    );
    assert!(strange.iter().all(|e| node.has_in_record(town.id, e.id())));
    let root = node.state.graph().num(&strange[2].id()).expect("here");
    assert_eq!(
        node.state.graph().document(root).len(),
        1,
        "an unknown kind without a document opens one"
    );
    assert!(!node.has_in_record(town.id, inside.id()));
    assert_eq!(node.effect(topic.id(), act.id()), Some(Effect::Unknown));
}
