//! A hostile node against real ones: they go on agreeing, and honest words arrive, while it does its worst.
//!
//! Three nodes stand in a row; the hostile one attacks the middle, through which everything has to go. Nothing is
//! timed: each step waits for what must come to be. What every attack is held to is in [`Siege`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected has to stop"
)]

mod floods;
mod frames;
mod lies;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use althing_tests::hostile::{Mode, Told};
use althing_tests::process::{Node, agree, wait_for};

use crate::node::{World, state, three};

/// The most memory that a node may take under any hostile peer, in MiB (`goals.md`).
const MEMORY: u64 = 512;

/// The hostile program, running.
struct Attack {
    child: Child,
    told: Arc<Mutex<Told>>,
}

impl Attack {
    fn begin(mode: Mode, on: &Node, committee: &str, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hostile"))
            .args([&mode.to_string(), "--to", on.peer(), "--committee", committee])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = Arc::new(Mutex::new(Told::default()));
        let (out, heard) = (child.stdout.take().unwrap(), Arc::clone(&told));
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Ok(news) = line.parse() {
                    *heard.lock().unwrap() = news;
                }
            }
        });
        Self { child, told }
    }

    fn told(&self) -> Told {
        *self.told.lock().unwrap()
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Three honest nodes with a committee and a topic.
struct Siege {
    nodes: [Node; 3],
    committee: String,
    topic: String,
    /// Entries in the record before anything happened.
    base: u64,
    world: World,
}

impl Siege {
    fn new() -> Self {
        let world = World::new();
        let (nodes, committee) = three(&world);
        let topic = state(&nodes[0], &committee, "the harbour");
        agree(&nodes.each_ref(), &committee, 4);
        let (_, base) = nodes[1].digest(&committee).unwrap();
        Self {
            base,
            nodes,
            committee,
            topic,
            world,
        }
    }

    /// Attacks the node in the middle, and waits until that has begun.
    fn attack(&self, mode: Mode, more: &[&str]) -> Attack {
        let attack = Attack::begin(mode, &self.nodes[1], &self.committee, more);
        wait_for("the attack begins", || {
            let told = attack.told();
            (told.sent > 0 || told.asked > 0).then_some(())
        });
        attack
    }

    /// People at both ends talk, and hear each other through the middle, ten times.
    fn talk(&self) {
        let [ada, _, cleo] = &self.nodes;
        let begun = Instant::now();
        for n in 0..10 {
            let (from, to) = if n % 2 == 0 { (ada, cleo) } else { (cleo, ada) };
            let said = from.write(&["post", &self.topic, &format!("line {n}")]);
            wait_for("an honest post", || self.hears(to, &said).then_some(()));
        }
        eprintln!("ten posts under attack took {:?}", begun.elapsed());
    }

    fn hears(&self, node: &Node, act: &str) -> bool {
        let shown = node.get(&format!("/documents/{}", self.topic));
        let acts = shown.as_ref().and_then(|shown| shown.get("acts")?.as_array());
        acts.is_some_and(|acts| acts.iter().any(|one| one.get("id").is_some_and(|id| id == act)))
    }

    /// Waits until the hostile node is thrown out and not let in again.
    fn thrown_out(&self, attack: &Attack) {
        wait_for("the hostile node is shut out", || {
            let told = attack.told();
            (told.closed > 1 && told.connected == 0).then_some(())
        });
        let hub = &self.nodes[1];
        assert!(hub.complaints().contains("misbehaves"), "{}", hub.complaints());
    }

    /// Entries in the record of the node in the middle, beyond those of the beginning.
    fn gained(&self) -> u64 {
        self.nodes[1].digest(&self.committee).unwrap().1 - self.base
    }

    /// Waits until all have one digest, over so many entries more than in the beginning at least.
    fn agree(&self, more: u64) -> String {
        agree(&self.nodes.each_ref(), &self.committee, self.base + more)
    }

    /// After the attack: one digest over so many more entries at least, bounded memory, and a whole store.
    fn end(mut self, attack: Attack, more: u64) {
        let told = attack.told();
        drop(attack);
        self.agree(more);
        for node in &self.nodes {
            let peak = node.peak();
            eprintln!("{}: {peak} MiB at most; {told}", node.name());
            assert!(peak < MEMORY, "{} took {peak} MiB", node.name());
        }
        let hub = &mut self.nodes[1];
        assert!(hub.stop().unwrap().success());
        assert!(hub.cli(&["fsck"]).is_object());
        drop(self.world);
    }
}
