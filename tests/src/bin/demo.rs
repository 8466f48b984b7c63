//! `make demo`: three nodes on loopback, a small committee, one node stopped and caught up, equal digests.
//!
//! Every step is a command that a person could type; each is printed before it is run. Ends by itself with status 0,
//! or runs on until Ctrl-C with `DEMO_STAY=1`.

#![expect(clippy::print_stdout, reason = "a program that shows what it does")]

use std::path::Path;
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
    let people = ["ada", "ben", "cleo", "dora"].map(|name| Node::init(&program, folder.path(), name));
    let [ada, ben, cleo, dora] = people;
    let mut harbour = Harbour {
        ada,
        ben,
        cleo,
        committee: String::new(),
        invitation: String::new(),
        platform: String::new(),
        nomination: String::new(),
        research: String::new(),
    };
    harbour.found();
    harbour.nominate();
    harbour.state(folder.path());
    harbour.talk();
    harbour.stop_one_and_bring_it_back();
    harbour.hear(dora);
    if std::env::var_os("DEMO_STAY").is_some_and(|stay| stay == "1") {
        harbour.stay();
    }
    ExitCode::SUCCESS
}

/// Three people, their committee, and the documents that they talk about.
struct Harbour {
    ada: Node,
    ben: Node,
    cleo: Node,
    committee: String,
    invitation: String,
    platform: String,
    nomination: String,
    research: String,
}

impl Harbour {
    fn found(&mut self) {
        say("Three people, three nodes, each with an identity of its own. All listen on loopback only.");
        for node in [&mut self.ada, &mut self.ben, &mut self.cleo] {
            node.start(&[]);
            let (name, who) = (node.name(), short(node.identity()));
            println!("    {name:5} {who}  api={} peer={}", node.api(), node.peer());
        }

        say("Ada founds a committee and invites the others, who follow it.");
        let purpose = "Keep the harbour open to everybody";
        let create = [
            "committee",
            "create",
            "--name",
            "Harbour",
            "--purpose",
            purpose,
            "--threshold",
            "1",
        ];
        self.committee = act(&self.ada, &create);
        let invitation = self.ada.cli(&["committee", "invite", &self.committee]);
        self.invitation = text(&invitation, "invitation");
        for node in [&self.ben, &self.cleo] {
            act(node, &["committee", "follow", &self.invitation]);
        }
        self.equal("all three hold the committee's root", &self.all());

        say("Ben and Cleo become members: from now on what they write is part of the record.");
        for node in [&self.ben, &self.cleo] {
            let grant = ["grant", "voice", node.identity(), "--committee", &self.committee];
            // Their identities come by themselves, a moment after they follow.
            wait_for("a newcomer's identity", || self.ada.try_cli(&grant).ok());
            println!("    ada$ althing {}", typed(&grant));
        }
        self.equal("all three know the members", &self.all());
    }

    fn nominate(&mut self) {
        say("Ada nominates Ben, Ben accepts. Only his own acceptance puts him on the list.");
        let nominee = format!("nominee={}", self.ben.identity());
        let fields = ["title=Ben for harbour master", &nominee, "reasons=He knows every rope."];
        self.nomination = self.open(&self.ada, "nominate", &fields);
        reaches(&self.ben, &self.nomination, None);
        act(&self.ben, &["accept", &self.nomination, "I would be glad to."]);
    }

    fn state(&mut self, folder: &Path) {
        say("Ben states what he would do; Cleo looks into the tides, with a long report.");
        let title = "title=My year as harbour master";
        let text = "text=Dredge the east basin before winter.";
        self.platform = self.open(&self.ben, "state", &["form=platform", title, text]);
        let path = folder.join("tides.md");
        put(&path, &"High water came earlier than the tables say. ".repeat(4600));
        let path = path.to_str().expect("temporary folders have plain names");
        let title = "title=Tides of the east basin";
        let research = [
            "research",
            "--committee",
            &self.committee,
            "--set",
            title,
            "--file",
            path,
        ];
        self.research = act(&self.cleo, &research);
    }

    fn talk(&self) {
        say("They talk about it.");
        for node in [&self.ada, &self.cleo] {
            reaches(node, &self.platform, None);
        }
        let question = act(
            &self.ada,
            &["act", "question", &self.platform, "Who pays for the dredging?"],
        );
        reaches(&self.ben, &self.platform, Some(&question));
        let reply = "The harbour dues; see the report.";
        act(&self.ben, &["post", &self.platform, reply, "--reply-to", &question]);
        let reason = "The tides leave us until November.";
        act(&self.cleo, &["stance", &self.platform, "support", reason]);
        self.equal("one digest on all three", &self.all());
    }

    fn stop_one_and_bring_it_back(&mut self) {
        say("Cleo's node stops. The others go on.");
        let ended = self.cleo.stop().map(|status| status.to_string());
        println!("    cleo: {}", ended.unwrap_or_default());
        act(&self.ada, &["post", &self.platform, "The pilots agree."]);
        let fields = ["form=budget", "title=Dredging, the sum", "text=Twelve thousand."];
        self.open(&self.ben, "state", &fields);
        self.equal("the two that run agree", &[&self.ada, &self.ben]);

        say("Cleo's node comes back on its old data, finds the others by itself and catches up.");
        self.cleo.start(&[]);
        self.equal("one digest on all three", &self.all());
        let length = || {
            let shown = self.ben.get(&format!("/documents/{}", self.research))?;
            Some(shown.pointer("/content/findings/values/0/value")?.as_str()?.len())
        };
        println!(
            "    Ben holds all {} bytes of Cleo's report.",
            wait_for("the long report", length)
        );
    }

    fn hear(&self, mut dora: Node) {
        say("A stranger joins, and is heard; a member's answer makes the words part of the record.");
        dora.start(&[]);
        act(&dora, &["committee", "follow", &self.invitation]);
        reaches(&dora, &self.platform, None);
        let said = act(&dora, &["post", &self.platform, "The seals sleep there."]);
        reaches(&self.ada, &self.platform, Some(&said));
        act(
            &self.ada,
            &["post", &self.platform, "Then we wait for them.", "--reply-to", &said],
        );
        let four = [&self.ada, &self.ben, &self.cleo, &dora];
        wait_for("her words in the record", || {
            four.iter().all(|node| self.keeps(node, &said)).then_some(())
        });
        self.equal("one digest on all four", &four);

        println!("\n{}", self.cleo.shown(&["show", &self.nomination]).trim_end());
        println!("\nDone. The same record on every node:");
        for node in four {
            let (digest, entries) = node.digest(&self.committee).expect("the committee is here");
            println!("    {:5} {digest} over {entries} entries", node.name());
        }
    }

    /// Leaves the nodes running until the program is ended, or one of them ends.
    fn stay(&mut self) {
        println!("\nThe nodes run on; Ctrl-C ends them.");
        for node in self.all() {
            println!("    {:5} {}", node.name(), node.api());
        }
        while self.ada.runs() && self.ben.runs() && self.cleo.runs() {
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn all(&self) -> [&Node; 3] {
        [&self.ada, &self.ben, &self.cleo]
    }

    /// Opens a document.
    fn open(&self, node: &Node, how: &str, fields: &[&str]) -> String {
        let mut args = vec![how, "--committee", &self.committee];
        args.extend(fields.iter().flat_map(|field| ["--set", field]));
        act(node, &args)
    }

    /// All of them wrote what they did before, so equal digests say that everybody has everything.
    fn equal(&self, what: &str, nodes: &[&Node]) {
        println!("    {what}: {}", agree(nodes, &self.committee, 1));
    }

    /// Whether an act in the platform is part of a node's record.
    fn keeps(&self, node: &Node, act: &str) -> bool {
        let acts = acts(node, &self.platform).unwrap_or_default();
        acts.iter()
            .any(|one| one.get("id").is_some_and(|id| id == act) && one.get("record") == Some(&Value::Bool(true)))
    }
}

fn say(what: &str) {
    println!("\n{what}");
}

/// Runs a command that makes an entry.
fn act(node: &Node, args: &[&str]) -> String {
    println!("    {}$ althing {}", node.name(), typed(args));
    let id = node.write(args);
    println!("        {}", short(&id));
    id
}

/// Waits until a document, or an act in it, is here.
fn reaches(node: &Node, doc: &str, act: Option<&str>) {
    wait_for("what another one wrote", || {
        let acts = acts(node, doc)?;
        let is_it = |one: &Value| act.is_none_or(|act| one.get("id").is_some_and(|id| id == act));
        (act.is_none() || acts.iter().any(is_it)).then_some(())
    });
}

fn acts(node: &Node, doc: &str) -> Option<Vec<Value>> {
    let shown = node.get(&format!("/documents/{doc}"))?;
    shown.get("acts")?.as_array().cloned()
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// A command as it would be typed, long words shortened.
fn typed(args: &[&str]) -> String {
    let word = |arg: &&str| {
        let is_id = arg.len() == 64 && arg.bytes().all(|b| b.is_ascii_hexdigit());
        let arg = match arg.len() {
            _ if is_id => short(arg).to_owned(),
            0..=90 => (*arg).to_owned(),
            _ => format!("{}…", arg.chars().take(60).collect::<String>()),
        };
        if arg.contains([' ', '?', '&']) {
            format!("'{arg}'")
        } else {
            arg
        }
    };
    args.iter().map(word).collect::<Vec<_>>().join(" ")
}
