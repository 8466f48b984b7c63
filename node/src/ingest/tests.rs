//! The door from end to end: a data folder, a store, a committee, posts, a restart.

use althing_protocol::author::Draft;
use althing_protocol::hash::Hash;
use althing_protocol::state::Limits;
use althing_protocol::{control, limit};
use tempfile::TempDir;

use super::*;

/// A node without network.
struct Node {
    ingest: Ingest,
    thread: Thread,
    home: Arc<Home>,
}

impl Node {
    fn start(dir: &TempDir) -> Self {
        let path = dir.path().join("data");
        let home = if path.exists() {
            Home::open(&path)
        } else {
            Home::init(&path, "Ada")
        };
        let home = Arc::new(home.unwrap());
        let store = Store::open(&home.store_dir(), store::Options::default()).unwrap();
        let state = store.load_state(Limits::default()).unwrap();
        let (ingest, thread) = Ingest::start(store, state, Arc::clone(&home)).unwrap();
        Self { ingest, thread, home }
    }

    fn stop(self) {
        self.ingest.stop_blocking();
        self.thread.join().unwrap().unwrap();
    }

    fn found(&self) -> Id {
        let founders = vec![self.home.identity()];
        let founding = control::Committee { founders, threshold: 1 };
        self.ingest
            .write_blocking(move |author| author.found(founding, None))
            .unwrap()
            .unwrap()
    }

    fn post(&self, committee: Id, text: &str) -> Id {
        let draft = draft(committee, text);
        self.ingest
            .write_blocking(move |author| author.write(committee, draft))
            .unwrap()
            .unwrap()
    }

    fn digest(&self, committee: Id) -> Hash {
        self.ingest
            .read(|state| state.committee(&committee).unwrap().record().tree().root())
    }

    fn sequence(&self, committee: Id) -> Vec<Id> {
        self.ingest.read(|state| {
            let record = state.committee(&committee).unwrap().record();
            record.sequence().iter().map(|n| state.graph().id(*n)).collect()
        })
    }
}

fn draft(doc: Id, text: &str) -> Draft {
    let body = Body {
        salt: [0; limit::SALT],
        bytes: text.as_bytes().to_vec(),
    };
    Draft {
        doc: Some(doc),
        kind: "post".to_owned(),
        body: Some(body),
        ..Draft::default()
    }
}

#[test]
fn a_restart_gives_the_same_state() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let ids: Vec<Id> = (0..50).map(|i| node.post(committee, &format!("post {i}"))).collect();
    let (digest, sequence) = (node.digest(committee), node.sequence(committee));
    assert!(ids.iter().all(|id| sequence.contains(id)));
    node.stop();
    let node = Node::start(&dir);
    assert_eq!(node.digest(committee), digest);
    assert_eq!(node.sequence(committee), sequence);
    node.ingest.read(|state| {
        for (i, id) in ids.iter().enumerate() {
            let num = state.graph().num(id).unwrap();
            let stored = node.ingest.store().header(num, id).unwrap().unwrap();
            let body = node.ingest.store().body(num, &stored.header).unwrap();
            assert!(matches!(body, store::BodyState::Here(b) if b.bytes == format!("post {i}").as_bytes()));
        }
    });
    let more = node.post(committee, "after the restart");
    assert_eq!(node.sequence(committee).last(), Some(&more));
    node.stop();
}
