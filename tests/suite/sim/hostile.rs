//! Nodes that do what they can to part the others.

use std::rc::Rc;

use althing_protocol::control::{self, Control};
use althing_protocol::entry::{Body, Verified, wire};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::sync::{Answer, Ask, Request};
use althing_tests::kit::{Pen, Person};

use super::people::show;
use super::world::World;

/// One hostile act.
pub(super) fn act(world: &mut World, n: usize) {
    match world.dice.below(8) {
        0 | 1 => fork(world, n),
        2 => ghosts(world, n),
        3 => junk(world, n),
        4 => flood(world, n),
        5 => mined(world, n),
        6 => ask(world, n),
        _ => hidden(world, n),
    }
}

/// Changes an answer of a hostile node, each in its own way.
pub(super) fn twist(world: &mut World, n: usize, answer: Vec<u8>) -> Vec<u8> {
    if world.dice.chance(30) {
        return answer;
    }
    let Ok(decoded) = Answer::decode(&answer) else {
        return answer;
    };
    let twisted = match (n % 8, decoded) {
        (0, Answer::Hello(mut summary)) => {
            summary.digest = Hash(world.nodes[n].person.identity.0);
            summary.count = 1 << 40;
            Answer::Hello(summary)
        }
        (1, _) => {
            let mut bytes = answer;
            let at = world.dice.below(bytes.len());
            bytes[at] ^= 1 << world.dice.below(8);
            return bytes;
        }
        (2, Answer::Entries { .. }) => Answer::Entries {
            wires: Vec::new(),
            rest: false,
        },
        (3, Answer::Entries { wires, rest }) => Answer::Entries {
            wires: wires.iter().map(|w| spoil(world, w, true)).collect(),
            rest,
        },
        (4, Answer::Entries { wires, rest }) => Answer::Entries {
            wires: wires.iter().map(|w| spoil(world, w, false)).collect(),
            rest,
        },
        (5, Answer::Hello(mut summary)) => {
            // As if nothing were new: the quiet way to keep somebody behind.
            summary.marks.clear();
            Answer::Hello(summary)
        }
        (6, Answer::Sequence { end, next, wires }) => Answer::Sequence {
            end,
            next,
            wires: wires.iter().map(|w| spoil(world, w, true)).collect(),
        },
        (_, other) => other,
    };
    twisted.encode()
}

/// A genuine header with a junk signature, or with a wrong body.
fn spoil(world: &mut World, bytes: &[u8], signature: bool) -> Vec<u8> {
    let Some(entry) = world.shared.verify(bytes) else {
        return bytes.to_vec();
    };
    if signature && world.dice.chance(50) {
        let mut junk = *entry.signature();
        junk[3] ^= 1;
        return wire(entry.header_bytes(), &junk, None);
    }
    let wrong = Body {
        salt: [1; 16],
        bytes: b"something else".to_vec(),
    };
    let none = world.dice.chance(50);
    wire(entry.header_bytes(), entry.signature(), (!none).then_some(&wrong))
}

/// Signs another entry at a place of its own log that is taken, and tells half of its neighbours of each.
fn fork(world: &mut World, n: usize) {
    let node = &world.nodes[n];
    let device = node.person.device.clone();
    let (graph, town) = (node.state.graph(), world.town.id);
    let log = graph
        .num(&town)
        .and_then(|root| graph.log(&althing_tests::kit::person::public(&device.key), root));
    let places: Vec<(u64, Id)> = log
        .into_iter()
        .flat_map(|l| l.iter())
        .map(|n| (u64::from(graph.node(n).seq), graph.id(n)))
        .collect();
    let mut pen = match world.dice.pick(&places) {
        Some((seq, id)) => Pen::after(&device.key, Some(device.cert), town, *seq, *id),
        None => device.pen(town),
    };
    if places.is_empty() || world.dice.chance(30) {
        pen = device.pen(town);
    }
    for side in 0..2 {
        let mut branch = pen.clone();
        let text = format!("{n} at {} on side {side}", world.now);
        let posts = [branch.post(&text, &[]), branch.post("and on", &[])];
        tell(world, n, &posts, side);
    }
}

/// Tells every second neighbour, and itself of the first side.
fn tell(world: &mut World, n: usize, entries: &[Verified], side: usize) {
    for entry in entries {
        let wire = show(world, entry);
        if side == 0 {
            world.take_own(n, &wire);
        }
        for to in world.nodes[n].peers.clone().into_iter().skip(side).step_by(2) {
            world.send_gossip(n, to, &wire);
        }
    }
}

/// Entries on what nobody has.
fn ghosts(world: &mut World, n: usize) {
    let device = world.nodes[n].person.device.clone();
    let mut entries = Vec::new();
    for i in 0..8_u64 {
        let ghost = Id(althing_protocol::hash::sha256(&[
            b"ghost",
            &(world.now + i).to_be_bytes(),
            &[n as u8],
        ]));
        let mut pen = device.pen(world.town.id);
        entries.push(pen.post(&format!("ghost {i} of {n} at {}", world.now), &[ghost, world.town.id]));
        entries.push(pen.post("on top", &[]));
    }
    tell_only(world, n, &entries);
}

fn tell_only(world: &mut World, n: usize, entries: &[Verified]) {
    for entry in entries {
        let wire = show(world, entry);
        for to in world.nodes[n].peers.clone() {
            world.send_gossip(n, to, &wire);
        }
    }
}

/// What others wrote, with junk signatures and wrong bodies, to be there before the genuine ones.
fn junk(world: &mut World, n: usize) {
    let ids: Vec<Id> = {
        let graph = world.nodes[n].state.graph();
        graph.iter().map(|num| graph.id(num)).collect()
    };
    let latest: Vec<Id> = ids.iter().rev().take(20).copied().collect();
    for id in latest {
        let Some(bytes) = world.shared.wire(&id, false) else {
            continue;
        };
        let spoiled = Rc::new(spoil(world, &bytes, true));
        let to: Vec<usize> = (0..10).map(|_| world.dice.below(world.plan.nodes)).collect();
        for to in to {
            world.send_gossip(n, to, &spoiled);
        }
    }
}

/// Keys that nobody knows, in numbers.
fn flood(world: &mut World, n: usize) {
    for i in 0..12 {
        let stranger = Person::new(&format!("flood {n} {} {i}", world.now));
        let mut pen = stranger.pen(world.town.id);
        let mut entries = stranger.entries.clone();
        entries.extend((0..4).map(|i| pen.post(&i.to_string(), &[])));
        tell(world, n, &entries, 0);
    }
}

/// Entries whose ids begin like those of others.
fn mined(world: &mut World, n: usize) {
    let device = world.nodes[n].person.device.clone();
    let record: Vec<Id> = {
        let committee = world.nodes[n].state.committee(&world.town.id);
        committee
            .into_iter()
            .flat_map(|c| c.record().tree().iter().copied())
            .take(200)
            .collect()
    };
    let Some(like) = world.dice.pick(&record).copied() else {
        return;
    };
    let mut pen = device.pen(world.town.id);
    let time = world.now * 1000;
    let entries = [0, 1, 2].map(|n| {
        let sheet = pen.entry("post").set(|h| h.time = time + n);
        sheet.mine(&like, 11).sign()
    });
    tell(world, n, &entries, 0);
}

/// Questions without end, large ones and senseless ones, to anybody.
fn ask(world: &mut World, n: usize) {
    let committee = world.town.id;
    let mut ids: Vec<Id> = (0..1000_u32)
        .map(|i| Id(althing_protocol::hash::sha256(&[&i.to_be_bytes()])))
        .collect();
    ids.sort_unstable();
    for _ in 0..40 {
        let ask = match world.dice.below(4) {
            0 => Ask::Sequence {
                from: 0,
                inline: 1 << 20,
            },
            1 => Ask::Index {
                from: world.dice.any() >> 12,
            },
            2 => Ask::Floor { from: 0 },
            _ => Ask::Entries {
                ids: ids.clone(),
                inline: 0,
            },
        };
        let mut bytes = Request { committee, ask }.encode();
        if world.dice.chance(30) {
            let at = world.dice.below(bytes.len());
            bytes[at] ^= 1 << world.dice.below(8);
        }
        let to = world.dice.below(world.plan.nodes);
        world.question(n, to, &bytes);
    }
}

/// Authority that is shown late: grants and revocations on a branch from the beginning of its log.
fn hidden(world: &mut World, n: usize) {
    let device = world.nodes[n].person.device.clone();
    let node = &world.nodes[n];
    let graph = node.state.graph();
    let Some(committee) = node.state.committee(&world.town.id) else {
        return;
    };
    let Some(me) = graph.num(&node.person.identity) else {
        return;
    };
    let saw: Vec<Id> = committee.authority().stewardship(me).map(|s| graph.id(s)).collect();
    let mut grants: Vec<Id> = committee
        .authority()
        .acts()
        .filter(|(_, a)| a.made)
        .map(|(g, _)| graph.id(g))
        .collect();
    grants.sort_unstable();
    let mut pen = device.pen(world.town.id);
    let mut entries = vec![pen.grant("steward", node.person.identity, &saw)];
    let picked: Vec<Id> = (0..3).filter_map(|_| world.dice.pick(&grants).copied()).collect();
    for grant in picked {
        let revoke = Control::Revoke(control::Revoke { grant });
        let act = pen.entry("revoke").control(&revoke).after(&saw).sign();
        entries.push(act.clone());
        entries.push(pen.cosign(grant, &saw));
    }
    let side = usize::from(world.dice.chance(50));
    tell(world, n, &entries, side);
}
