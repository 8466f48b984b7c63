//! Somebody whom nobody knows: heard by all, kept for ever once a member answers.

use althing_tests::process::{agree, text, wait_for};

use super::{World, follow, state, three};

#[test]
fn who_wrote_offline_is_heard_and_kept_once_answered() {
    let world = World::new();
    let ([ada, hub, cleo], committee) = three(&world);
    let topic = state(&ada, &committee, "ferries");
    let mut nia = world.begin("nia");
    follow(&nia, &committee, &hub);
    let before = agree(&[&ada, &hub, &cleo, &nia], &committee, 4);

    // Alone, and with nobody to hear it. Her own list of peers would bring her back at once.
    assert!(nia.stop().expect("it ran").success());
    let peers = nia.data().join("peers");
    let known = std::fs::read(&peers).expect("the list of peers");
    std::fs::remove_file(&peers).expect("it can be removed");
    nia.start(&[]);
    let chain: Vec<String> = (0..5)
        .map(|n| nia.write(&["post", &topic, &format!("may I? {n}")]))
        .collect();
    assert!(nia.stop().expect("it ran").success());
    std::fs::write(&peers, known).expect("it can be put back");
    nia.start(&[]);

    let (first, last) = (&chain[0], &chain[4]);
    let act = |node: &althing_tests::process::Node, id: &str| {
        let shown = node.get(&format!("/documents/{topic}"))?;
        let acts = shown.get("acts")?.as_array()?.clone();
        acts.into_iter()
            .find(|act| act.get("id").is_some_and(|found| found == id))
    };
    for node in [&ada, &hub, &cleo] {
        let heard = wait_for("a newcomer's post", || act(node, last));
        assert_eq!(heard.get("record"), Some(&false.into()), "on the floor: {heard}");
        assert_eq!(text(&heard, "text"), "may I? 4");
    }
    assert_eq!(
        agree(&[&ada, &hub, &cleo], &committee, 4),
        before,
        "the floor changes no digest"
    );

    cleo.write(&["post", &topic, "please do", "--reply-to", last]);
    let after = agree(&[&ada, &hub, &cleo, &nia], &committee, 10);
    assert_ne!(after, before);
    for node in [&ada, &hub, &cleo, &nia] {
        for id in [first, last] {
            let kept = wait_for("a post", || act(node, id));
            assert_eq!(
                kept.get("record"),
                Some(&true.into()),
                "taken up with all before it: {kept}"
            );
        }
    }
}
