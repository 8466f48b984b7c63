//! A node that is killed in the middle.

use std::process::Stdio;

use althing_tests::process::{agree, put, wait_for};
use serde_json::Value;

use super::{World, three};

/// Proposals in the form that `import mips` reads.
fn proposals(world: &World, count: usize) -> String {
    let dir = world.dir().join("proposals");
    for n in 0..count {
        let words = format!("Budget number {n} pays for the quay. ").repeat(60);
        let text = format!(
            "# MIP40c3-SP{n}: Budget {n}\n\n## Preamble\n\n```\nMIP40c3-SP#: {n}\nAuthor(s): Somebody\n\
             Status: Accepted\n```\n\n## Sentence Summary\n\n{words}\n"
        );
        put(&dir.join(format!("MIP40c3-SP{n}.md")), &text);
    }
    dir.to_str().expect("a path of ASCII").to_owned()
}

#[test]
fn killed_in_the_middle_of_an_import() {
    let world = World::new();
    let ([mut ada, hub, cleo], committee) = three(&world);
    let dir = proposals(&world, 1500);
    let before = ada.digest(&committee).map_or(0, |(_, entries)| entries);
    let mut import = ada.command(&["import", "mips", &dir, "--committee", &committee]);
    let mut import = import
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command runs");
    wait_for("some of it", || {
        ada.digest(&committee).filter(|(_, entries)| *entries > before + 100)
    });
    ada.kill();
    let status = import.wait().expect("it ends");
    assert!(
        !status.success(),
        "the import came too far before the kill to be cut short"
    );

    // It listens elsewhere now: it has to remember where the others are.
    ada.start(&[]);
    let here = ada.digest(&committee).expect("the committee is here").1;
    assert!(here > before + 100, "what was shown was on disk: {here} entries");
    let report = ada.cli(&["import", "mips", &dir, "--committee", &committee]);
    let figure = |name: &str| {
        report
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_else(|| panic!("{report}"))
    };
    assert_eq!(figure("added") + figure("already"), 1500, "{report}");
    assert!(figure("already") >= 100 && figure("added") > 0, "{report}");
    agree(&[&ada, &hub, &cleo], &committee, before + 1500);
    let again = ada.cli(&["import", "mips", &dir, "--committee", &committee]);
    assert_eq!(again.get("added").and_then(Value::as_u64), Some(0));
    assert!(ada.stop().expect("it ran").success());
    ada.cli(&["fsck"]);
}

#[test]
fn a_follower_is_killed_while_it_catches_up() {
    let world = World::new();
    let ([ada, hub, mut cleo], committee) = three(&world);
    cleo.kill();
    let dir = proposals(&world, 800);
    ada.cli(&["import", "mips", &dir, "--committee", &committee]);
    let all = agree(&[&ada, &hub], &committee, 803);
    for _ in 0..3 {
        let before = 3;
        cleo.start(&[]);
        wait_for("something", || {
            cleo.digest(&committee).filter(|(_, entries)| *entries > before)
        });
        cleo.kill();
    }
    cleo.start(&[]);
    assert_eq!(agree(&[&ada, &hub, &cleo], &committee, 803), all);
}
