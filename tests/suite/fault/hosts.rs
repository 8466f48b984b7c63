//! Hosts of their own, with links that are cut and mended.

use std::time::{Duration, Instant};

use althing_tests::hosts::Hosts;
use althing_tests::process::{Node, Program, agree, text, wait_for};
use tempfile::TempDir;

const COUNT: usize = 4;

struct World {
    nodes: Vec<Node>,
    hosts: Hosts,
    committee: String,
    _dir: TempDir,
}

/// Nodes on hosts of their own, all members, all in agreement. None where namespaces are not to be had.
fn world() -> Option<World> {
    let hosts = match Hosts::new(COUNT) {
        Ok(hosts) => hosts,
        Err(why) => {
            eprintln!("skipped: network namespaces need root and `ip`: {why}");
            return None;
        }
    };
    let dir = TempDir::new().unwrap();
    let program = Program::at(env!("CARGO_BIN_EXE_althing-under-test"));
    let nodes: Vec<Node> = (0..COUNT)
        .map(|n| {
            let mut node = Node::init(&program.within(&hosts.on(n)), dir.path(), &format!("host{n}"));
            node.start(&["--listen", &format!("/ip4/{}/tcp/4001", hosts.address(n))]);
            node
        })
        .collect();
    let first = &nodes[0];
    let committee = first.write(&[
        "committee",
        "create",
        "--name",
        "H",
        "--purpose",
        "p",
        "--threshold",
        "1",
    ]);
    let link = text(&first.cli(&["committee", "invite", &committee]), "invitation");
    for node in &nodes[1..] {
        node.write(&["committee", "follow", &link]);
        agree(&[first, node], &committee, 1);
        let grant = ["grant", "voice", node.identity(), "--committee", &committee];
        wait_for("the identity of a new member", || first.try_cli(&grant).ok());
    }
    let world = World {
        nodes,
        hosts,
        committee,
        _dir: dir,
    };
    world.agree(COUNT);
    Some(world)
}

impl World {
    /// Waits until all have the same digest over so many entries, and answers how long that took.
    fn agree(&self, entries: usize) -> Duration {
        let begun = Instant::now();
        let all: Vec<&Node> = self.nodes.iter().collect();
        agree(&all, &self.committee, u64::try_from(entries).unwrap());
        begun.elapsed()
    }

    /// Everybody says something.
    fn talk(&self) {
        for node in &self.nodes {
            node.write(&["post", &self.committee, "is anybody there?"]);
        }
    }

    fn digests(&self) -> usize {
        let all = self.nodes.iter().map(|node| node.digest(&self.committee));
        all.collect::<std::collections::BTreeSet<_>>().len()
    }
}

#[test]
fn a_cut_between_two_halves_heals() {
    let Some(world) = world() else { return };
    let mut entries = COUNT;
    for round in 0..3 {
        world.hosts.set_between(false).unwrap();
        world.talk();
        entries += COUNT;
        std::thread::sleep(Duration::from_secs(2));
        assert!(world.digests() >= 2, "the halves cannot know of each other");
        world.hosts.set_between(true).unwrap();
        let took = world.agree(entries);
        eprintln!("round {round}: equal digests {:.1} s after mending", took.as_secs_f64());
    }
}

#[test]
fn hosts_that_are_cut_off_one_by_one_catch_up() {
    let Some(world) = world() else { return };
    let mut entries = COUNT;
    for host in [1, 3, 0] {
        world.hosts.set_host(host, false).unwrap();
        world.talk();
        entries += COUNT;
        std::thread::sleep(Duration::from_secs(1));
        assert!(world.digests() >= 2, "a host that is cut off cannot know");
        world.hosts.set_host(host, true).unwrap();
        let took = world.agree(entries);
        eprintln!("host {host}: equal digests {:.1} s after mending", took.as_secs_f64());
    }
}
