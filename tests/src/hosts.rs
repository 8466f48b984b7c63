//! Separate hosts on one machine: network namespaces on two switches that are linked, with links to cut and mend.
//!
//! ```text
//!   host 0   host 2          host 1   host 3
//!      \\       /               \\       /
//!      switch 0 ═══ between ═══ switch 1
//! ```
//!
//! Needs root and `ip`. Everything lives in namespaces of its own, removed at the end; the machine's own network has
//! no part in it, and addresses of it are seen nowhere else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::process::{Node, Program, agree, text, wait_for};

/// The hosts, and the switches between them.
#[derive(Debug)]
pub struct Hosts {
    names: Vec<String>,
    switch: String,
}

impl Hosts {
    /// Makes so many hosts, every one reaching every other.
    ///
    /// # Errors
    /// Why that is not possible here, in words.
    pub fn new(count: usize) -> Result<Self, String> {
        // Other tests, in this process or another, have hosts of their own.
        static MADE: AtomicU32 = AtomicU32::new(0);
        let process = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let mut hosts = Self {
            names: Vec::new(),
            switch: format!("althing-{process}-switch"),
        };
        let switch = hosts.switch.clone();
        ip(&["netns", "add", &switch])?;
        for bridge in ["br0", "br1"] {
            ip(&["-n", &switch, "link", "add", bridge, "type", "bridge"])?;
            ip(&["-n", &switch, "link", "set", bridge, "up"])?;
        }
        ip(&["-n", &switch, "link", "add", "m0", "type", "veth", "peer", "name", "m1"])?;
        hosts.attach("m0", 0)?;
        hosts.attach("m1", 1)?;
        for n in 0..count {
            let (name, port) = (format!("althing-{process}-host{n}"), format!("h{n}"));
            ip(&["netns", "add", &name])?;
            hosts.names.push(name.clone());
            ip(&[
                "-n", &switch, "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &name,
            ])?;
            hosts.attach(&port, n % 2)?;
            ip(&[
                "-n",
                &name,
                "addr",
                "add",
                &format!("{}/24", hosts.address(n)),
                "dev",
                "eth0",
            ])?;
            ip(&["-n", &name, "link", "set", "eth0", "up"])?;
            ip(&["-n", &name, "link", "set", "lo", "up"])?;
        }
        Ok(hosts)
    }

    /// The address of a host.
    #[must_use]
    pub fn address(&self, host: usize) -> String {
        format!("10.203.7.{}", host + 1)
    }

    /// The command that runs a program on a host.
    #[must_use]
    pub fn on(&self, host: usize) -> Vec<&str> {
        let name = self.names.get(host).map_or("", String::as_str);
        vec!["ip", "netns", "exec", name]
    }

    /// Cuts or mends the link between the two switches: even and odd hosts are apart.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn set_between(&self, up: bool) -> Result<(), String> {
        self.set("m0", up)
    }

    /// Cuts or mends one host's link.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn set_host(&self, host: usize, up: bool) -> Result<(), String> {
        self.set(&format!("h{host}"), up)
    }

    fn set(&self, link: &str, up: bool) -> Result<(), String> {
        ip(&["-n", &self.switch, "link", "set", link, if up { "up" } else { "down" }])
    }

    fn attach(&self, port: &str, bridge: usize) -> Result<(), String> {
        ip(&[
            "-n",
            &self.switch,
            "link",
            "set",
            port,
            "master",
            &format!("br{bridge}"),
        ])?;
        self.set(port, true)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for name in self.names.iter().chain([&self.switch]) {
            // Nothing more can be done about one that stays.
            drop(ip(&["netns", "del", name]));
        }
    }
}

/// Nodes on hosts of their own, all members of one committee.
#[derive(Debug)]
pub struct World {
    /// One on each host.
    pub nodes: Vec<Node>,
    /// Their hosts.
    pub hosts: Hosts,
    committee: String,
}

impl World {
    /// Starts so many nodes and lets them agree.
    ///
    /// # Errors
    /// Why hosts are not to be had here, in words.
    ///
    /// # Panics
    /// When the nodes do not do what they should.
    pub fn new(program: &Program, dir: &Path, count: usize) -> Result<Self, String> {
        let hosts = Hosts::new(count)?;
        let node = |n| {
            let mut node = Node::init(&program.within(&hosts.on(n)), dir, &format!("host{n}"));
            node.start(&["--listen", &format!("/ip4/{}/tcp/4001", hosts.address(n))]);
            node
        };
        let nodes: Vec<Node> = (0..count).map(node).collect();
        let (first, others) = nodes.split_first().ok_or("no host at all")?;
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
        for node in others {
            node.write(&["committee", "follow", &link]);
            agree(&[first, node], &committee, 1);
            let grant = ["grant", "voice", node.identity(), "--committee", &committee];
            wait_for("the identity of a new member", || first.try_cli(&grant).ok());
        }
        let world = Self {
            nodes,
            hosts,
            committee,
        };
        world.agree(count);
        Ok(world)
    }

    /// Waits until all have the same digest over so many entries, and answers how long that took.
    ///
    /// # Panics
    /// When they do not in time.
    pub fn agree(&self, entries: usize) -> Duration {
        let begun = Instant::now();
        let all: Vec<&Node> = self.nodes.iter().collect();
        agree(&all, &self.committee, u64::try_from(entries).unwrap_or(u64::MAX));
        begun.elapsed()
    }

    /// Everybody says something: as many entries as there are nodes.
    pub fn talk(&self) {
        for node in &self.nodes {
            node.write(&["post", &self.committee, "is anybody there?"]);
        }
    }

    /// How many different digests there are.
    #[must_use]
    pub fn opinions(&self) -> usize {
        let all = self.nodes.iter().map(|node| node.digest(&self.committee));
        all.collect::<BTreeSet<_>>().len()
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let done = Command::new("ip").args(args).output();
    let done = done.map_err(|why| format!("`ip` cannot be run: {why}"))?;
    match done.status.success() {
        true => Ok(()),
        false => Err(format!(
            "ip {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&done.stderr).trim()
        )),
    }
}
