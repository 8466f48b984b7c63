//! The door from end to end: a data folder, a store, a committee, posts, a restart.

mod bodies;
pub(crate) mod crowd;
mod door;
mod logs;
mod speed;
mod withhold;
mod write;

use althing_protocol::author::Draft;
use althing_protocol::entry::Entry;
use althing_protocol::hash::Hash;
use althing_protocol::state::Limits;
use althing_protocol::{control, limit};
use tempfile::TempDir;

use super::*;
use crate::store::fsck::fsck;

/// A node without network.
pub(crate) struct Node {
    pub(crate) ingest: Ingest,
    pub(crate) thread: Thread,
    pub(crate) home: Arc<Home>,
}

impl Node {
    pub(crate) fn start(dir: &TempDir) -> Self {
        Self::start_with(dir, Limits::default())
    }

    pub(crate) fn start_with(dir: &TempDir, limits: Limits) -> Self {
        Self::try_start(dir.path(), limits).unwrap()
    }

    pub(crate) fn try_start(dir: &std::path::Path, limits: Limits) -> Result<Self, store::Error> {
        let path = dir.join("data");
        let home = if path.exists() {
            Home::open(&path)
        } else {
            Home::init(&path, "Ada")
        };
        let home = Arc::new(home.unwrap());
        let store = Store::open(&home.store_dir(), store::Options::default())?;
        let state = store.load_state(limits)?;
        let (ingest, thread) = Ingest::start(store, state, Arc::clone(&home))?;
        Ok(Self { ingest, thread, home })
    }

    /// Ends it as a clean stop does.
    pub(crate) fn stop(self) {
        self.ingest.stop_blocking();
        self.thread.join().unwrap().unwrap();
    }

    /// Ends it, then checks everything that it stored.
    pub(crate) fn stop_and_check(self) {
        let folder = self.home.store_dir();
        self.stop();
        let report = fsck(&folder, |_, _| {}).unwrap();
        assert!(report.is_clean(), "{report}");
    }

    pub(crate) fn found(&self) -> Id {
        let founders = vec![self.home.identity()];
        let founding = control::Committee { founders, threshold: 1 };
        let found = move |author: &mut Author<'_>| author.found(founding, None);
        self.ingest.write_blocking(found).unwrap().unwrap()
    }

    pub(crate) fn post(&self, committee: Id, text: &str) -> Id {
        let draft = draft(committee, text);
        let write = move |author: &mut Author<'_>| author.write(committee, draft);
        self.ingest.write_blocking(write).unwrap().unwrap()
    }

    pub(crate) fn submit(&self, origin: Origin, wires: &[Vec<u8>]) -> Vec<Result<Accepted, Reject>> {
        self.ingest.submit_blocking(origin, wires.to_vec()).unwrap()
    }

    pub(crate) fn digest(&self, committee: Id) -> Hash {
        self.ingest
            .read(|state| state.committee(&committee).unwrap().record().tree().root())
    }

    pub(crate) fn sequence(&self, committee: Id) -> Vec<Id> {
        self.ingest.read(|state| {
            let record = state.committee(&committee).unwrap().record();
            record.sequence().iter().map(|n| state.graph().id(*n)).collect()
        })
    }

    /// What is stored of an entry's body.
    pub(crate) fn body(&self, id: Id) -> Result<store::BodyState, store::Error> {
        self.ingest.read(|state| {
            let num = state.graph().num(&id).unwrap();
            let stored = self.ingest.store().header(num, &id)?.unwrap();
            self.ingest.store().body(num, &stored.header)
        })
    }
}

pub(crate) fn draft(doc: Id, text: &str) -> Draft {
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

pub(crate) fn outcomes(answers: &[Result<Accepted, Reject>]) -> Vec<&Outcome> {
    answers.iter().map(|a| &a.as_ref().unwrap().outcome).collect()
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
    for (i, id) in ids.iter().enumerate() {
        let body = node.body(*id).unwrap();
        assert!(matches!(body, store::BodyState::Here(b) if b.bytes == format!("post {i}").as_bytes()));
    }
    let more = node.post(committee, "after the restart");
    assert_eq!(node.sequence(committee).last(), Some(&more));
    node.stop_and_check();
}

/// Numbers of evicted entries are given out again; what is stored under them must follow.
#[test]
fn evicted_entries_leave_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let mut limits = Limits::default();
    limits.floor.total = 12;
    limits.floor.per_key = 8;
    let node = Node::start_with(&dir, limits);
    let (mut crowd, first) = crowd::Crowd::new(2);
    let committee = node.found();
    // Strangers: their identities are not founders of the committee that is followed here.
    node.submit(Origin::Peer(1), &first);
    let answers: Vec<_> = (0..40)
        .flat_map(|n| {
            let post = crowd.post_in(committee, n % 2, n, 100).wire();
            node.submit(Origin::Peer(1), &[post])
        })
        .collect();
    let admitted = answers
        .iter()
        .filter(|a| matches!(a, Ok(a) if matches!(a.outcome, Outcome::Admitted(_))));
    assert!(admitted.count() >= 8);
    let (mut second, more) = crowd::Crowd::new_from(5, 3);
    for wire in more.iter().chain(
        &(0..9)
            .map(|n| second.post_in(committee, n % 3, n, 700).wire())
            .collect::<Vec<_>>(),
    ) {
        node.submit(Origin::Peer(2), std::slice::from_ref(wire));
    }
    let mine = node.post(committee, "mine");
    let before = node.ingest.read(|state| {
        let mut ids: Vec<Id> = state.graph().iter().map(|n| state.graph().id(n)).collect();
        ids.sort_unstable();
        ids
    });
    node.stop_and_check();
    let node = Node::start_with(&dir, limits);
    let after = node.ingest.read(|state| {
        let mut ids: Vec<Id> = state.graph().iter().map(|n| state.graph().id(n)).collect();
        ids.sort_unstable();
        ids
    });
    assert_eq!(before, after);
    assert!(node.sequence(committee).contains(&mine));
    node.stop();
}
