//! What honest people do with what their own nodes show them.

use althing_protocol::author::Draft;
use althing_protocol::committee::Committee;
use althing_protocol::control::{self, Control};
use althing_protocol::entry::{Body, Verified};
use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;

use super::world::World;

/// One act of the person at a node; nothing if there is nothing to do.
pub(super) fn write(world: &mut World, n: usize) {
    let Some(draft) = draft(world, n) else { return };
    let (node, shared) = (&mut world.nodes[n], &mut world.shared);
    if let Some(fresh) = node.write(shared, draft) {
        world.gossip(n, &fresh);
    }
}

fn draft(world: &mut World, n: usize) -> Option<Draft> {
    let what = world.dice.below(100);
    let town = world.town.id;
    let text = format!("node {n} at {}", world.now);
    let body = body(text.as_bytes(), world.dice.chance(3));
    let (node, dice) = (&world.nodes[n], &mut world.dice);
    let (state, graph) = (&node.state, node.state.graph());
    let committee = state.committee(&town)?;
    let me = graph.num(&node.person.identity)?;
    let base = Draft {
        doc: Some(town),
        kind: "post".into(),
        body: Some(body),
        time: world.now,
        ..Draft::default()
    };
    let signer =
        committee.authority().founders().contains(&me) || committee.authority().stewardship(me).next().is_some();
    let documents: Vec<Num> = graph
        .iter()
        .filter(|d| graph.node(*d).class == Class::Document)
        .collect();
    match what {
        0..=29 if signer => grant(committee, state, dice).map(|control| with("grant", &control, base)),
        30..=69 if signer => cosign(committee, state, me, dice).map(|control| with("cosign", &control, base)),
        70..=75 if signer => revoke(committee, state, me, dice).map(|control| with("revoke", &control, base)),
        0..=7 => Some(Draft {
            doc: None,
            kind: "topic".into(),
            ..base
        }),
        8..=29 if committee.is_member(me) => {
            let floor = state.floor_of(committee);
            let mut posts: Vec<Id> = floor.iter().map(|n| graph.id(*n)).collect();
            posts.sort_unstable();
            let one = *dice.pick(&posts)?;
            Some(Draft {
                kind: "take_up".into(),
                after: vec![one],
                ..base
            })
        }
        _ => {
            let doc = dice.pick(&documents).map_or(committee.root(), |d| *d);
            let mut after: Vec<Id> = state.heads(doc).into_iter().map(|n| graph.id(n)).collect();
            after.truncate(4);
            Some(Draft {
                doc: Some(graph.id(doc)),
                after,
                ..base
            })
        }
    }
}

fn with(kind: &str, control: &Control, base: Draft) -> Draft {
    Draft {
        kind: kind.into(),
        control: control.value(),
        ..base
    }
}

fn grant(
    committee: &Committee,
    state: &althing_protocol::state::State,
    dice: &mut althing_tests::kit::Dice,
) -> Option<Control> {
    let graph = state.graph();
    let strangers = graph
        .iter()
        .filter(|n| graph.node(*n).class == Class::Identity && !committee.is_member(*n));
    let mut ids: Vec<Id> = strangers.map(|n| graph.id(n)).collect();
    ids.sort_unstable();
    let role = if dice.chance(30) { "steward" } else { "voice" };
    Some(Control::Grant(control::Grant {
        role: role.into(),
        to: *dice.pick(&ids)?,
        scope: None,
    }))
}

/// An act that somebody proposed and that this person has not signed.
fn cosign(
    committee: &Committee,
    state: &althing_protocol::state::State,
    me: Num,
    dice: &mut althing_tests::kit::Dice,
) -> Option<Control> {
    let acts = committee.authority().acts();
    let open =
        acts.filter(|(_, act)| !act.made && act.chosen().next().is_some() && act.chosen().all(|(who, _)| who != me));
    let mut ids: Vec<Id> = open.map(|(n, _)| state.graph().id(n)).collect();
    ids.sort_unstable();
    Some(Control::Cosign(control::Cosign {
        entry: *dice.pick(&ids)?,
    }))
}

fn revoke(
    committee: &Committee,
    state: &althing_protocol::state::State,
    me: Num,
    dice: &mut althing_tests::kit::Dice,
) -> Option<Control> {
    let authority = committee.authority();
    let standing = authority.acts().filter(|(n, act)| {
        let others = matches!(act.does, althing_protocol::authority::Does::Grant { to, .. } if to != me);
        act.made && others && !authority.is_revoked(*n)
    });
    let mut ids: Vec<Id> = standing.map(|(n, _)| state.graph().id(n)).collect();
    ids.sort_unstable();
    Some(Control::Revoke(control::Revoke {
        grant: *dice.pick(&ids)?,
    }))
}

/// A body with a salt that follows from it; a large one now and then, which does not come along with its entry.
fn body(text: &[u8], large: bool) -> Body {
    let bytes = if large {
        text.repeat(60_000 / text.len())
    } else {
        text.to_vec()
    };
    Body { salt: [7; 16], bytes }
}

/// Whatever is signed here without a node.
pub(super) fn show(world: &mut World, entry: &Verified) -> std::rc::Rc<Vec<u8>> {
    world.shared.note(entry);
    std::rc::Rc::new(entry.wire())
}
