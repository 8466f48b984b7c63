//! A disk that is full.

use std::process::Command;

use super::*;
use crate::ingest::Origin;
use crate::ingest::tests::crowd::Crowd;
use crate::store::Bodies;

/// A small file system in memory, gone with this value.
struct Disk(TempDir);

impl Disk {
    /// None where this process may not mount.
    fn new(size: &str) -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let option = format!("size={size}");
        let mut mount = Command::new("mount");
        let mounted = mount
            .args(["-t", "tmpfs", "-o", &option, "tmpfs"])
            .arg(dir.path())
            .output()
            .ok()?;
        mounted.status.success().then_some(Self(dir))
    }

    fn grow(&self, size: &str) {
        let option = format!("remount,size={size}");
        let status = Command::new("mount").args(["-o", &option]).arg(self.0.path()).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[test]
fn a_full_disk_stops_the_node_and_loses_nothing() {
    let Some(disk) = Disk::new("6m") else {
        eprintln!("skipped: mounting a small disk needs root");
        return;
    };
    let node = Node::start(&disk.0);
    let (mut crowd, first) = Crowd::new(4);
    node.ingest.follow_blocking(crowd.committee, Bodies::All).unwrap();
    node.submit(Origin::Peer(1), &first);
    let mut acknowledged = Vec::new();
    let stopped = loop {
        let posts: Vec<_> = (0..20).map(|n| crowd.post(n, 2000)).collect();
        let wires = posts.iter().map(|p| p.wire()).collect();
        match node.ingest.submit_blocking(Origin::Peer(1), wires) {
            Ok(_) => acknowledged.extend(posts.iter().map(|p| p.id())),
            Err(stopped) => break stopped,
        }
        assert!(acknowledged.len() < 10_000, "6 MiB do not hold that");
    };
    assert!(stopped.to_string().contains("full"), "{stopped}");
    assert!(matches!(stopped.why.as_deref(), Some(Error::Full(_))), "{stopped:?}");
    assert!(node.ingest.submit_blocking(Origin::Local, vec![]).unwrap().is_empty());
    let again = node.ingest.submit_blocking(Origin::Peer(1), vec![vec![0]]).unwrap_err();
    assert_eq!(again.to_string(), stopped.to_string());
    let ended = node.thread.join().unwrap().unwrap_err();
    assert!(matches!(*ended, Error::Full(_)));
    let folder = node.home.store_dir();
    drop(node.ingest);
    // No room to recover either: still a clear error, or a whole store.
    match Node::try_start(disk.0.path(), Limits::default()) {
        Ok(node) => node.stop(),
        Err(error) => assert!(matches!(error, Error::Full(_)), "{error}"),
    }
    disk.grow("64m");
    let node = Node::try_start(disk.0.path(), Limits::default()).unwrap();
    node.ingest.read(|state| {
        for id in &acknowledged {
            let num = state.graph().num(id).expect("what was acknowledged is there");
            let stored = node.ingest.store().header(num, id).unwrap().unwrap();
            let body = node.ingest.store().body(num, &stored.header).unwrap();
            assert!(matches!(body, BodyState::Here(_)));
        }
    });
    node.stop();
    let report = fsck(&folder, |_, _| {}).unwrap();
    assert!(report.is_clean(), "{report}");
}
