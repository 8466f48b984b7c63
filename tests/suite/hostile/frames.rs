//! What is wrong on the wire already: the peer is shut out for it.

use althing_tests::hostile::{Mode, handshake, knock};
use althing_tests::process::{text, wait_for};

use super::Siege;

/// A provable offence: honest people talk on, and the hostile node is thrown out.
fn provable(mode: Mode) {
    let siege = Siege::new();
    let attack = siege.attack(mode, &[]);
    siege.talk();
    siege.thrown_out(&attack);
    siege.end(attack, 10);
}

#[test]
fn frames_too_long_for_anybody() {
    provable(Mode::Frames);
}

#[test]
fn streams_without_end() {
    provable(Mode::Streams);
}

#[test]
fn junk_for_gossip() {
    provable(Mode::Junk);
}

#[test]
fn bodies_that_are_not_theirs() {
    provable(Mode::Bodies);
}

#[test]
fn one_request_again_and_again() {
    provable(Mode::Replay);
}

/// A file goes through the node in the middle while somebody answers for it with anything but its bytes, and asks for more
/// than anybody is given.
#[test]
fn files_that_are_none() {
    let siege = Siege::new();
    let bytes: Vec<u8> = (0_u32..700_000)
        .flat_map(|n| n.wrapping_mul(0x9e37_79b9).to_le_bytes())
        .collect();
    let path = siege.world.dir().join("data.bin");
    std::fs::write(&path, &bytes).unwrap();
    let [ada, hub, cleo] = &siege.nodes;
    let path = path.to_str().unwrap();
    let hash = text(&ada.cli(&["attach", path]), "hash");
    ada.write(&["act", "post", &siege.topic, "--attach", path, "see"]);
    siege.agree(1);
    let attack = siege.attack(Mode::Files, &[]);
    for node in [hub, cleo] {
        let out = node.data().with_extension("bin");
        node.cli(&["file", &hash, "-o", out.to_str().unwrap()]);
        assert!(std::fs::read(out).unwrap() == bytes, "{}: the right bytes", node.name());
    }
    siege.talk();
    siege.thrown_out(&attack);
    siege.end(attack, 11);
}

#[test]
fn answers_that_nobody_reads() {
    let siege = Siege::new();
    // More than the windows of a connection hold.
    for n in 0..40 {
        let text = format!("{n} {}", "and so on ".repeat(4000));
        siege.nodes[0].write(&["post", &siege.topic, &text]);
    }
    let attack = siege.attack(Mode::Slow, &[]);
    siege.talk();
    siege.thrown_out(&attack);
    siege.end(attack, 50);
}

#[test]
fn what_somebody_else_sent_opens_nothing() {
    let siege = Siege::new();
    let hub: libp2p::Multiaddr = siege.nodes[1].peer().parse().unwrap();
    let recorded = handshake(&hub);
    assert!(recorded.len() > 200, "a whole handshake: {} bytes", recorded.len());
    let connected = || Some(siege.nodes[1].get("/peers")?.get("items")?.as_array()?.len());
    let gone = || (connected()? == 2).then_some(());
    wait_for("the recorded peer is gone", gone);
    for _ in 0..5 {
        // The node answers its own half and finds that the other half belongs to another conversation.
        let answered = knock(&hub, &recorded);
        assert!(answered < 400, "{answered} bytes for a replayed handshake");
        // An honest one may break off and come again; a third never comes.
        wait_for("the node answers", || {
            let count = connected()?;
            assert!(count <= 2, "somebody new is connected");
            Some(())
        });
        wait_for("nobody new is connected", gone);
    }
    siege.talk();
}
