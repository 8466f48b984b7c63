//! Whole nodes in one process: what one holds, the others get, and what a peer does wrong costs it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use althing_protocol::author::Draft;
use althing_protocol::control::{self, Control};
use althing_protocol::entry::Body;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::limit;
use althing_protocol::state::Limits;
use tempfile::TempDir;

use super::super::*;
use crate::home::Home;
use crate::ingest::{Ingest, Thread};
use crate::store::{Bodies, BodyState, Options, Store};

pub(super) struct Node {
    pub(super) ingest: Ingest,
    pub(super) home: Arc<Home>,
    pub(super) net: Net,
    pub(super) files: Files,
    task: JoinHandle<()>,
    dir: TempDir,
    _door: Door,
}

/// Closes the store before the test's process ends: RocksDB aborts when it is torn down in use.
struct Door(Ingest, Option<Thread>);

impl Drop for Door {
    fn drop(&mut self) {
        let Self(ingest, thread) = self;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                ingest.stop_blocking();
                thread.take().map(Thread::join)
            });
        });
    }
}

impl Node {
    pub(super) async fn start(name: &str) -> Self {
        Self::start_in(TempDir::new().unwrap(), name).await
    }

    pub(super) async fn start_in(dir: TempDir, name: &str) -> Self {
        let path = dir.path().join("data");
        let home = Arc::new(
            if path.exists() {
                Home::open(&path)
            } else {
                Home::init(&path, name)
            }
            .unwrap(),
        );
        let store = Store::open(&home.store_dir(), Options::default()).unwrap();
        let state = store.load_state(Limits::default()).unwrap();
        let (ingest, thread) = Ingest::start(store, state, Arc::clone(&home)).unwrap();
        let door = Door(ingest.clone(), Some(thread));
        let files = Files::open(home.files_dir(), ingest.clone(), Default::default());
        let config = Config {
            files: Some(files.clone()),
            ..Config::default()
        };
        let (net, task) = start(ingest.clone(), config).await.unwrap();
        Self {
            ingest,
            home,
            net,
            files,
            task,
            dir,
            _door: door,
        }
    }

    async fn stop(self) -> TempDir {
        self.net.stop();
        self.task.await.unwrap();
        self.ingest.stop().await;
        let store = self.home.store_dir();
        drop((self.ingest, self.net, self.files, self.home, self._door));
        // The store closes with its last handle, which threads that end may still hold for a moment.
        wait_for("the store is closed", || {
            Store::open(&store, Options::default()).is_ok()
        })
        .await;
        self.dir
    }

    pub(super) fn call(&self, other: &Self) {
        assert!(self.net.dial(other.net.listen_addrs()[0].clone()));
    }

    pub(super) async fn found(&self, threshold: u64) -> Id {
        let founding = control::Committee {
            founders: vec![self.home.identity()],
            threshold,
        };
        self.ingest
            .write(move |author| author.found(founding, None))
            .await
            .unwrap()
            .unwrap()
    }

    async fn post(&self, committee: Id, body: Vec<u8>) -> Id {
        self.write(committee, "post", None, Vec::new(), body).await
    }

    pub(super) async fn write(
        &self,
        committee: Id,
        kind: &str,
        control: Option<Control>,
        after: Vec<Id>,
        body: Vec<u8>,
    ) -> Id {
        let draft = Draft {
            doc: Some(committee),
            kind: kind.to_owned(),
            control: control.and_then(|c| c.value()),
            after,
            body: (!body.is_empty()).then_some(Body {
                salt: [0; limit::SALT],
                bytes: body,
            }),
            ..Draft::default()
        };
        self.ingest
            .write(move |author| author.write(committee, draft))
            .await
            .unwrap()
            .unwrap()
    }

    pub(super) fn digest(&self, committee: &Id) -> Option<Hash> {
        self.ingest
            .read(|state| state.committee(committee).map(|c| c.record().tree().root()))
    }

    pub(super) fn holds(&self, id: &Id) -> bool {
        self.ingest.read(|state| state.graph().num(id).is_some())
    }

    fn body(&self, id: &Id) -> Option<Vec<u8>> {
        self.ingest.read(|state| {
            let num = state.graph().num(id)?;
            let stored = self.ingest.store().header(num, id).unwrap()?;
            match self.ingest.store().body(num, &stored.header).unwrap() {
                BodyState::Here(body) => Some(body.bytes),
                _ => None,
            }
        })
    }
}

pub(super) async fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn agree(nodes: &[&Node], committee: &Id) {
    wait_for("equal digests", || {
        let first = nodes[0].digest(committee);
        first.is_some() && nodes.iter().all(|node| node.digest(committee) == first)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_record_a_new_entry_and_a_large_body() {
    let (a, b) = (Node::start("Ada").await, Node::start("Ben").await);
    let committee = a.found(1).await;
    let old: Vec<Id> = futures::future::join_all((0..40).map(|n| a.post(committee, vec![n; 600]))).await;
    let large = a.post(committee, vec![7; 200 << 10]).await;
    b.call(&a);
    b.ingest.follow(committee, Bodies::All).await.unwrap();
    agree(&[&a, &b], &committee).await;
    wait_for("bodies", || {
        old.iter()
            .chain([&large])
            .all(|id| b.body(id) == a.body(id) && b.body(id).is_some())
    })
    .await;

    let begun = Instant::now();
    let new = a.post(committee, b"hello".to_vec()).await;
    wait_for("a new entry", || b.body(&new).is_some()).await;
    println!("a new entry was there after {:?}", begun.elapsed());
    let another = a.post(committee, vec![9; 150 << 10]).await;
    wait_for("a new large body", || b.body(&another).is_some()).await;
    agree(&[&a, &b], &committee).await;
    wait_for("peers compare", || {
        let told = |node: &Node| (committee, node.digest(&committee));
        let same = |node: &Node| {
            node.net
                .peers()
                .iter()
                .any(|peer| peer.committees.contains(&told(node)))
        };
        same(&a) && same(&b)
    })
    .await;
    assert!(b.net.peers()[0].address.to_string().starts_with("/ip4/127.0.0.1/tcp/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_heard_through_others_and_kept_once_answered() {
    let (a, hub, c) = (
        Node::start("Ada").await,
        Node::start("Hub").await,
        Node::start("Cleo").await,
    );
    let committee = a.found(1).await;
    for node in [&hub, &c] {
        node.ingest.follow(committee, Bodies::All).await.unwrap();
    }
    a.call(&hub);
    agree(&[&a, &hub], &committee).await;
    c.call(&hub);
    agree(&[&a, &c], &committee).await;
    // Nobody wrote for Cleo, and A never met her: her identity is there all the same, to be granted a role.
    wait_for("the identity of somebody silent", || a.holds(&c.home.identity())).await;

    let said = c.post(committee, b"may I?".to_vec()).await;
    wait_for("a newcomer's post", || a.body(&said).is_some()).await;
    let before = a.digest(&committee);
    a.ingest.read(|state| {
        let num = state.graph().num(&said).unwrap();
        assert!(
            !state
                .committee(&committee)
                .unwrap()
                .record()
                .contains(num, state.graph()),
            "floor"
        );
    });
    a.write(committee, "post", None, vec![said], b"please".to_vec()).await;
    agree(&[&a, &hub, &c], &committee).await;
    assert_ne!(a.digest(&committee), before);
    c.ingest.read(|state| {
        let num = state.graph().num(&said).unwrap();
        assert!(
            state
                .committee(&committee)
                .unwrap()
                .record()
                .contains(num, state.graph()),
            "taken up"
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_a_cut_meet_again_and_restarted_nodes_find_each_other() {
    let (a, b) = (Node::start("Ada").await, Node::start("Ben").await);
    let committee = a.found(1).await;
    b.ingest.follow(committee, Bodies::All).await.unwrap();
    b.call(&a);
    agree(&[&a, &b], &committee).await;
    let to = b.home.identity();
    wait_for("Ben's identity", || a.holds(&to)).await;
    let grant = Control::Grant(control::Grant {
        role: "voice".into(),
        to,
        scope: None,
    });
    a.write(committee, "grant", Some(grant), Vec::new(), Vec::new()).await;
    agree(&[&a, &b], &committee).await;

    let dir = b.stop().await;
    for n in 0..30 {
        a.post(committee, vec![n; 100]).await;
    }
    // Back on its old data; nobody tells it where the other is.
    let b = Node::start_in(dir, "Ben").await;
    for n in 0..30 {
        b.post(committee, vec![100 + n; 100]).await;
    }
    wait_for("both sides", || {
        a.ingest.read(|s| s.committee(&committee).unwrap().record().len()) >= 60
    })
    .await;
    agree(&[&a, &b], &committee).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_by_choice() {
    let (a, none, some) = (
        Node::start("Ada").await,
        Node::start("None").await,
        Node::start("Some").await,
    );
    let committee = a.found(1).await;
    let open = Draft {
        kind: "topic".to_owned(),
        body: Some(Body {
            salt: [0; limit::SALT],
            bytes: b"a topic".to_vec(),
        }),
        ..Draft::default()
    };
    let doc = a
        .ingest
        .write(move |author| author.write(committee, open))
        .await
        .unwrap()
        .unwrap();
    let inside = {
        let draft = Draft {
            doc: Some(doc),
            kind: "post".to_owned(),
            body: Some(Body {
                salt: [0; limit::SALT],
                bytes: vec![5; 100 << 10],
            }),
            ..Draft::default()
        };
        a.ingest
            .write(move |author| author.write(committee, draft))
            .await
            .unwrap()
            .unwrap()
    };
    let outside = {
        let open = Draft {
            kind: "topic".to_owned(),
            body: Some(Body {
                salt: [0; limit::SALT],
                bytes: b"another".to_vec(),
            }),
            ..Draft::default()
        };
        a.ingest
            .write(move |author| author.write(committee, open))
            .await
            .unwrap()
            .unwrap()
    };
    none.ingest.follow(committee, Bodies::None).await.unwrap();
    some.ingest.follow(committee, Bodies::Docs([doc].into())).await.unwrap();
    none.call(&a);
    some.call(&a);
    agree(&[&a, &none, &some], &committee).await;
    wait_for("some bodies", || {
        some.body(&inside).is_some() && some.body(&doc).is_some()
    })
    .await;
    assert_eq!(some.body(&outside), None);
    assert_eq!((none.body(&inside), none.body(&doc)), (None, None));
    // A change of mind.
    none.ingest.follow(committee, Bodies::All).await.unwrap();
    wait_for("all bodies", || {
        [inside, doc, outside].iter().all(|id| none.body(id).is_some())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_s_own_entries_travel() {
    let (a, b) = (Node::start("Ada").await, Node::start("Ben").await);
    let committee = a.found(1).await;
    b.ingest.follow(committee, Bodies::None).await.unwrap();
    b.call(&a);
    agree(&[&a, &b], &committee).await;
    let own = b.home.identity();
    let rename = Draft {
        doc: Some(own),
        kind: "profile".to_owned(),
        body: Some(Body {
            salt: [0; limit::SALT],
            bytes: b"Benno".to_vec(),
        }),
        ..Draft::default()
    };
    let id = b
        .ingest
        .write(move |author| author.write(own, rename))
        .await
        .unwrap()
        .unwrap();
    wait_for("a profile", || a.body(&id).is_some()).await;
}
