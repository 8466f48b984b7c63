//! Erased and refused bodies: in no file afterwards, back from nobody, and the record as it was.

use std::fs;
use std::path::{Path, PathBuf};

use althing_protocol::entry::Verified;

use super::crowd::Crowd;
use super::*;
use crate::ingest::job;
use crate::store::BodyState;
use crate::store::withheld::{Act, Withheld};

/// Random bytes do not shrink, so they stand in a file as they are or not at all.
fn random_bytes() -> Vec<u8> {
    (0..20).flat_map(|_| crate::clock::random::<32>()).collect()
}

/// Files below a folder that hold these bytes.
fn holding(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for file in fs::read_dir(dir).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                open.push(path);
            // A database in use drops a file now and then.
            } else if fs::read(&path)
                .unwrap_or_default()
                .windows(needle.len())
                .any(|w| w == needle)
            {
                found.push(path);
            }
        }
    }
    found
}

/// A post whose body is what no file may hold afterwards.
struct Secret {
    id: Id,
    body: Body,
}

impl Secret {
    fn post(node: &Node, committee: Id) -> Self {
        let mut draft = draft(committee, "");
        draft.body.as_mut().unwrap().bytes = random_bytes();
        let write = move |author: &mut Author<'_>| author.write(committee, draft);
        let id = node.ingest.write_blocking(write).unwrap().unwrap();
        Self::of(node, id)
    }

    fn of(node: &Node, id: Id) -> Self {
        let BodyState::Here(body) = node.body(id).unwrap() else {
            panic!("it is here")
        };
        Self { id, body }
    }

    /// Where text or salt are.
    fn found(&self, dir: &TempDir) -> Vec<PathBuf> {
        let mut all = holding(dir.path(), &self.body.salt);
        all.extend(self.text(dir));
        all
    }

    /// Where the text is.
    fn text(&self, dir: &TempDir) -> Vec<PathBuf> {
        holding(dir.path(), &self.body.bytes[100..150])
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn erase(node: &Node, id: Id) -> Result<Withheld, Unerased> {
    block_on(node.ingest.erase(id, "it names a neighbour".to_owned()))
}

fn wire_of(node: &Node, id: Id) -> Vec<u8> {
    node.ingest.read(|state| {
        let num = state.graph().num(&id).unwrap();
        node.ingest.store().wire(num, &id, limit::BODY).unwrap().unwrap()
    })
}

#[test]
fn text_and_salt_are_in_no_file_afterwards() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let in_table = Secret::post(&node, committee);
    node.post(committee, "beside it");
    node.ingest.store().compact();
    let in_table_and_log = Secret::post(&node, committee);
    node.stop();
    // A start reads the log and writes it into a table of the top level.
    let node = Node::start(&dir);
    let in_log = Secret::post(&node, committee);
    let kept = Secret::post(&node, committee);
    let secrets = [in_table, in_table_and_log, in_log];
    let digest = node.digest(committee);
    let wires: Vec<Vec<u8>> = secrets.iter().map(|s| wire_of(&node, s.id)).collect();
    for secret in &secrets {
        assert!(
            secret.found(&dir).len() >= 2,
            "it was in a file before, or this test shows nothing"
        );
        let notice = erase(&node, secret.id).unwrap();
        assert_eq!(secret.found(&dir), Vec::<PathBuf>::new());
        assert_eq!(
            (notice.act, notice.of, notice.by),
            (Act::Erase, secret.id, node.home.identity())
        );
        assert_eq!(node.body(secret.id).unwrap(), BodyState::Absent);
    }
    assert!(kept.found(&dir).len() >= 2, "others stay");
    assert_eq!(node.digest(committee), digest);
    // Back it comes from nobody: not as an entry, not as a body, from no origin, before and after a restart.
    let refused = |node: &Node| {
        assert!(node.ingest.wanted_bodies(9).is_empty());
        for origin in [Origin::Local, Origin::Peer(3), Origin::Import] {
            let answers = node.submit(origin, &wires);
            assert!(
                answers.iter().all(|a| a.as_ref().unwrap().body != Landed::Stored),
                "{answers:?}"
            );
        }
        for secret in &secrets {
            let landed = block_on(node.ingest.body(secret.id, secret.body.clone())).unwrap();
            assert_eq!(landed, Landed::Unwanted);
            assert_eq!(node.body(secret.id).unwrap(), BodyState::Absent);
            assert_eq!(secret.found(&dir), Vec::<PathBuf>::new());
            let notice = node.ingest.store().notice(Act::Erase, &secret.id).unwrap().unwrap();
            assert_eq!(notice.reason, "it names a neighbour");
        }
    };
    refused(&node);
    node.stop_and_check();
    let node = Node::start(&dir);
    refused(&node);
    assert_eq!(node.digest(committee), digest);
    assert_eq!(Secret::of(&node, kept.id).body, kept.body);
    assert_eq!(node.ingest.store().notices(Act::Erase, None, 9).unwrap().len(), 3);
    node.stop_and_check();
}

/// What the writer wrote down before a crash, the next start finishes; and erasing again does too.
#[test]
fn an_erasure_cut_short_is_finished_at_the_next_start() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let secrets = [Secret::post(&node, committee), Secret::post(&node, committee)];
    node.ingest.store().compact();
    for secret in &secrets {
        let id = secret.id;
        let (job, answer) =
            job::change(move |step, world, shared| step.erase(id, "half".to_owned(), world, shared).is_ok());
        node.ingest.send_blocking(job).unwrap();
        assert!(answer.blocking_recv().unwrap());
        assert!(!secret.found(&dir).is_empty(), "nothing cleared the files yet");
        assert_eq!(node.body(id).unwrap(), BodyState::Absent, "but nobody is shown it");
    }
    assert_eq!(node.ingest.store().pending().unwrap().len(), 2);
    let again = erase(&node, secrets[0].id).unwrap();
    assert_eq!(again.reason, "half", "the first notice stays");
    assert_eq!(node.ingest.store().pending().unwrap(), []);
    assert_eq!(secrets[1].found(&dir), Vec::<PathBuf>::new());
    // Once more, and then a crash.
    let id = secrets[1].id;
    let (job, answer) =
        job::change(move |step, world, shared| step.erase(id, "again".to_owned(), world, shared).is_ok());
    node.ingest.send_blocking(job).unwrap();
    answer.blocking_recv().unwrap();
    node.stop_and_check();
    let node = Node::start(&dir);
    assert_eq!(node.ingest.store().pending().unwrap(), []);
    assert!(secrets.iter().all(|s| s.found(&dir).is_empty()));
    node.stop_and_check();
}

#[test]
fn a_cut_short_erasure_is_cleared_by_the_start_alone() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let secret = Secret::post(&node, committee);
    node.ingest.store().compact();
    let id = secret.id;
    let (job, answer) =
        job::change(move |step, world, shared| step.erase(id, "half".to_owned(), world, shared).is_ok());
    node.ingest.send_blocking(job).unwrap();
    assert!(answer.blocking_recv().unwrap());
    node.stop();
    assert!(!secret.found(&dir).is_empty());
    let node = Node::start(&dir);
    assert_eq!(secret.found(&dir), Vec::<PathBuf>::new());
    node.stop_and_check();
}

#[test]
fn what_cannot_be_erased_says_why() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let absent = Id([9; 32]);
    assert!(matches!(erase(&node, absent), Err(Unerased::NotHere(id)) if id == absent));
    assert!(
        matches!(erase(&node, committee), Err(Unerased::NoBody(_))),
        "it was founded without one"
    );
    assert!(matches!(erase(&node, node.home.identity()), Err(Unerased::Birth(_))));
    let post = node.post(committee, "a");
    for reason in [String::new(), " ".to_owned(), "x".repeat(1001)] {
        assert!(matches!(
            block_on(node.ingest.erase(post, reason)),
            Err(Unerased::Reason { .. })
        ));
    }
    let own = node.home.identity();
    assert!(matches!(
        block_on(node.ingest.refuse(own, "me".into())),
        Err(Unerased::Own(_))
    ));
    assert!(matches!(
        block_on(node.ingest.refuse(post, "what".into())),
        Err(Unerased::NoIdentity(_))
    ));
    assert!(matches!(
        block_on(node.ingest.accept(absent)),
        Err(Unerased::NotRefused(_))
    ));
    assert!(matches!(node.body(post).unwrap(), BodyState::Here(_)));
    node.stop_and_check();
}

#[test]
fn a_refused_identity_keeps_its_headers_and_can_come_back() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let (mut crowd, first) = Crowd::new(2);
    node.ingest.follow_blocking(crowd.committee, Bodies::All).unwrap();
    node.submit(Origin::Peer(1), &first);
    let bad: Vec<Verified> = (0..30).map(|n| crowd.post(2 * n, 400)).collect();
    let good: Vec<Verified> = (0..5).map(|n| crowd.post(2 * n + 1, 400)).collect();
    let wires: Vec<Vec<u8>> = bad.iter().chain(&good).map(Verified::wire).collect();
    node.submit(Origin::Peer(1), &wires);
    node.ingest.store().compact();
    let secrets: Vec<Secret> = bad.iter().map(|post| Secret::of(&node, post.id())).collect();
    let author = node
        .ingest
        .read(|s| s.graph().id(s.graph().author(s.graph().num(&bad[0].id()).unwrap())));
    let erased = bad[3].id();
    erase(&node, erased).unwrap();
    let notice = block_on(node.ingest.refuse(author, "spam".to_owned())).unwrap();
    assert_eq!((notice.act, notice.of), (Act::Refuse, author));
    let digest = node.digest(crowd.committee);
    let later = crowd.post(200, 400);
    let answers = node.submit(Origin::Peer(1), &[later.wire()]);
    let accepted = answers[0].as_ref().unwrap();
    assert!(
        matches!(accepted.outcome, Outcome::Admitted(_)),
        "the header is part of the record"
    );
    assert_eq!(accepted.body, Landed::Unwanted);
    assert_ne!(node.digest(crowd.committee), digest);
    for secret in &secrets {
        assert_eq!(secret.text(&dir), Vec::<PathBuf>::new());
        assert_eq!(node.body(secret.id).unwrap(), BodyState::Absent);
    }
    for post in &good {
        assert!(matches!(node.body(post.id()).unwrap(), BodyState::Here(_)));
    }
    assert!(node.ingest.wanted_bodies(99).is_empty());
    node.stop_and_check();
    let node = Node::start(&dir);
    assert!(node.ingest.store().withheld().is_refused(&author));
    assert!(node.ingest.wanted_bodies(99).is_empty());
    block_on(node.ingest.accept(author)).unwrap();
    let wanted = node.ingest.wanted_bodies(99);
    assert!(
        wanted.contains(&later.id()) && !wanted.contains(&erased),
        "what was erased itself stays so"
    );
    node.submit(Origin::Peer(1), &wires);
    assert!(matches!(node.body(bad[0].id()).unwrap(), BodyState::Here(_)));
    assert_eq!(node.body(erased).unwrap(), BodyState::Absent);
    assert!(node.ingest.store().notices(Act::Refuse, None, 9).unwrap().is_empty());
    node.stop_and_check();
}
