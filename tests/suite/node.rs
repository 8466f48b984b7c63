//! Real processes of the real program, each with its own data folder, talking over loopback sockets.
//!
//! Every test waits for what must come to be, with a generous deadline, and for nothing else.

mod anchor;
mod archive;
mod authority;
mod bodies;
mod bots;
mod crash;
mod cut;
mod erase;
mod files;
mod fork;
mod heal;
mod import;
mod keys;
mod newcomer;
mod pages;
mod payouts;
mod witness;

use std::path::Path;

use althing_tests::process::{Node, Program, agree, wait_for};
use tempfile::TempDir;

/// The node, built with this test.
pub(crate) fn program() -> Program {
    Program::at(env!("CARGO_BIN_EXE_althing-under-test"))
}

/// A folder for a test's nodes, removed with it.
pub(crate) struct World(TempDir);

impl World {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub(crate) fn dir(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn init(&self, name: &str) -> Node {
        Node::init(&program(), self.dir(), name)
    }

    pub(crate) fn begin(&self, name: &str) -> Node {
        Node::begin(&program(), self.dir(), name)
    }
}

/// A committee that the node founds alone.
pub(crate) fn found(node: &Node) -> String {
    node.write(&[
        "committee",
        "create",
        "--name",
        "Harbour",
        "--purpose",
        "to keep it open",
        "--threshold",
        "1",
    ])
}

/// Follows a committee by invitation.
pub(crate) fn follow(node: &Node, committee: &str, of: &Node) {
    let invitation = of.cli(&["committee", "invite", committee]);
    let link = althing_tests::process::text(&invitation, "invitation");
    node.write(&["committee", "follow", &link]);
}

/// Makes somebody a member, as soon as their identity is here.
fn admit(founder: &Node, committee: &str, node: &Node) {
    let grant = ["grant", "voice", node.identity(), "--committee", committee];
    wait_for("the identity of a new member", || founder.try_cli(&grant).ok());
}

/// Opens a statement and answers its id.
pub(crate) fn state(node: &Node, committee: &str, title: &str) -> String {
    let (form, title) = ("form=position", format!("title={title}"));
    node.write(&[
        "state",
        "--committee",
        committee,
        "--set",
        form,
        "--set",
        &title,
        "--set",
        "text=as it is",
    ])
}

/// Three nodes that follow a committee of which all are members, called in a row: the first knows the second, the
/// third knows the second, the first and the third never met.
pub(crate) fn three(world: &World) -> ([Node; 3], String) {
    let nodes = ["ada", "hub", "cleo"].map(|name| world.begin(name));
    let [ada, hub, cleo] = &nodes;
    let committee = found(ada);
    follow(hub, &committee, ada);
    agree(&[ada, hub], &committee, 1);
    follow(cleo, &committee, hub);
    for node in [hub, cleo] {
        admit(ada, &committee, node);
    }
    agree(&[ada, hub, cleo], &committee, 3);
    (nodes, committee)
}
