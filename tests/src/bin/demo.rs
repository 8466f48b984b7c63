//! `make demo`: three nodes on loopback, a small committee, one node stopped and caught up, equal digests.
//!
//! Every step is a command that a person could type; each is printed before it is run. Ends by itself with status 0,
//! or runs on until Ctrl-C with `DEMO_STAY=1`.

#![expect(clippy::print_stdout, reason = "a program that shows what it does")]

use std::process::ExitCode;
use std::time::Duration;

use althing_tests::process::{Node, Program, agree, put, text, wait_for};
use serde_json::Value;

fn main() -> ExitCode {
    if let Some(status) = Program::be_node() {
        return status;
    }
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let program = Program::this().expect("the system says where this program is");
    let mut play = Play {
        nodes: ["ada", "ben", "cleo"].map(|name| Node::init(&program, folder.path(), name)),
        step: 0,
    };
    play.run(folder.path());
    if std::env::var_os("DEMO_STAY").is_some_and(|stay| stay == "1") {
        play.stay();
    }
    ExitCode::SUCCESS
}

struct Play {
    nodes: [Node; 3],
    step: usize,
}

const ADA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;

impl Play {
    fn run(&mut self, folder: &std::path::Path) {
        self.say("Three people, three nodes. Each has an identity of its own and listens on loopback only.");
        for node in &mut self.nodes {
            node.start(&[]);
            println!("    {:5} {}  api={} peer={}", node.name(), short(node.identity()), node.api(), node.peer());
        }

        self.say("Ada founds a committee and invites the others, who follow it.");
        let committee = self.act(
            ADA,
            &["committee", "create", "--name", "Harbour", "--purpose", "Keep the harbour open to everybody", "--threshold", "1"],
        );
        let invitation = text(&self.nodes[ADA].cli(&["committee", "invite", &committee]), "invitation");
        for who in [BEN, CLEO] {
            self.act(who, &["committee", "follow", &invitation]);
        }
        self.equal("everybody holds the committee's root", &committee, 1, &[ADA, BEN, CLEO]);

        self.say("Ben and Cleo become members: from now on what they write is part of the record.");
        for who in [BEN, CLEO] {
            self.grant(&committee, who);
        }
        self.equal("everybody knows the members", &committee, 3, &[ADA, BEN, CLEO]);

        self.say("Ada nominates Ben, Ben accepts. Only his own acceptance puts him on the list.");
        let nominee = format!("nominee={}", self.nodes[BEN].identity());
        let nomination = self.act(
            ADA,
            &["nominate", "--committee", &committee, "--set", "title=Ben for harbour master", "--set", &nominee, "--set", "seat=Harbour master", "--set", "reasons=He knows every rope."],
        );
        self.here(BEN, &nomination);
        self.act(BEN, &["accept", &nomination, "I would be glad to."]);

        self.say("Ben states what he would do; Cleo looks into the tides, with a long report.");
        let platform = self.act(
            BEN,
            &["state", "--committee", &committee, "--set", "form=platform", "--set", "title=My year as harbour master", "--set", "text=Dredge the east basin before winter."],
        );
        let report = folder.join("tides.md");
        put(&report, &"High water came earlier than the tables say. ".repeat(4600));
        let report = report.to_str().expect("temporary folders have plain names").to_owned();
        let research = self.act(
            CLEO,
            &["research", "--committee", &committee, "--set", "title=Tides of the east basin", "--file", &report],
        );

        self.say("They talk about it.");
        self.here(ADA, &platform);
        self.here(CLEO, &platform);
        let question = self.act(ADA, &["act", "question", &platform, "Who pays for the dredging?"]);
        self.here_act(BEN, &platform, &question);
        self.act(BEN, &["post", &platform, "The harbour dues; see the report.", "--reply-to", &question]);
        self.act(CLEO, &["stance", &platform, "support", "The tides leave us until November."]);
        self.equal("one digest on all three", &committee, 9, &[ADA, BEN, CLEO]);

        self.say("Cleo's node stops. The others go on.");
        let ended = self.nodes[CLEO].stop();
        println!("    cleo ended: {}", ended.map_or_else(|| "not running".to_owned(), |status| status.to_string()));
        self.act(ADA, &["post", &platform, "The pilots agree."]);
        self.act(
            BEN,
            &["state", "--committee", &committee, "--set", "form=budget", "--set", "title=Dredging, the sum", "--set", "text=Twelve thousand."],
        );
        self.equal("the two that run agree", &committee, 11, &[ADA, BEN]);

        self.say("Cleo's node comes back on its old data, finds the others by itself and catches up.");
        self.nodes[CLEO].start(&[]);
        self.equal("one digest on all three", &committee, 11, &[ADA, BEN, CLEO]);
        let length = |node: &Node| {
            let shown = node.get(&format!("/documents/{research}"))?;
            Some(shown.pointer("/content/findings/values/0/value")?.as_str()?.len())
        };
        let bytes = wait_for("the long report", || length(&self.nodes[BEN]));
        println!("    Ben holds all {bytes} bytes of Cleo's report.");

        self.say("A stranger joins, and is heard; a member's answer makes the words part of the record.");
        let mut dora = Node::init(&Program::this().expect("as above"), folder, "dora");
        dora.start(&[]);
        println!("    dora  {}", short(dora.identity()));
        let said = {
            println!("    dora$ althing committee follow {}", short(&committee));
            dora.write(&["committee", "follow", &invitation]);
            wait_for("the platform at dora's", || dora.get(&format!("/documents/{platform}")));
            println!("    dora$ althing post {} 'The seals sleep there.'", short(&platform));
            dora.write(&["post", &platform, "The seals sleep there."])
        };
        self.here_act(ADA, &platform, &said);
        self.act(ADA, &["post", &platform, "Then we wait for them.", "--reply-to", &said]);
        let digest = agree(&[&self.nodes[ADA], &self.nodes[BEN], &self.nodes[CLEO], &dora], &committee, 13);
        println!("    four nodes, one digest: {digest}");

        println!("\n{}", self.nodes[CLEO].shown(&["show", &nomination]).trim_end());
        println!("\nDone: the same record on every node.");
        for node in self.nodes.iter().chain([&dora]) {
            let (digest, entries) = node.digest(&committee).expect("the committee is here");
            println!("    {:5} {digest} over {entries} entries", node.name());
        }
    }

    /// Leaves the nodes running until the program is ended, or one of them ends.
    fn stay(&mut self) {
        println!("\nThe nodes run on; Ctrl-C ends them.");
        for node in &self.nodes {
            println!("    {:5} {}", node.name(), node.api());
        }
        while self.nodes.iter_mut().all(Node::runs) {
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn say(&mut self, what: &str) {
        self.step += 1;
        println!("\n{}. {what}", self.step);
    }

    /// Runs a command that makes an entry, as somebody.
    fn act(&self, who: usize, args: &[&str]) -> String {
        let node = &self.nodes[who];
        println!("    {:4}$ althing {}", node.name(), typed(args));
        let id = node.write(args);
        println!("          {}", short(&id));
        id
    }

    /// A grant needs the newcomer's identity here, which comes by itself.
    fn grant(&self, committee: &str, who: usize) {
        let to = self.nodes[who].identity();
        let args = ["grant", "voice", to, "--committee", committee];
        println!("    {:4}$ althing {}", self.nodes[ADA].name(), typed(&args));
        wait_for("the newcomer's identity", || self.nodes[ADA].try_cli(&args).ok());
    }

    /// Waits until a document has reached somebody.
    fn here(&self, who: usize, doc: &str) {
        wait_for("a document", || self.nodes[who].get(&format!("/documents/{doc}")));
    }

    /// Waits until an act in a document has reached somebody.
    fn here_act(&self, who: usize, doc: &str, act: &str) {
        wait_for("an act", || {
            let shown = self.nodes[who].get(&format!("/documents/{doc}"))?;
            let acts = shown.get("acts").and_then(Value::as_array)?;
            acts.iter().any(|one| one.get("id").is_some_and(|id| id == act)).then_some(())
        });
    }

    fn equal(&self, what: &str, committee: &str, entries: u64, who: &[usize]) {
        let nodes: Vec<&Node> = who.iter().map(|who| &self.nodes[*who]).collect();
        println!("    {what}: {}", agree(&nodes, committee, entries));
    }
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// A command as it would be typed, long words shortened.
fn typed(args: &[&str]) -> String {
    let word = |arg: &&str| {
        let arg = match arg.len() {
            0..=90 => (*arg).to_owned(),
            _ => format!("{}…", arg.chars().take(60).collect::<String>()),
        };
        let arg = if arg.len() == 64 && arg.bytes().all(|b| b.is_ascii_hexdigit()) { short(&arg).to_owned() } else { arg };
        if arg.contains([' ', '?', '&']) { format!("'{arg}'") } else { arg }
    };
    args.iter().map(word).collect::<Vec<_>>().join(" ")
}
