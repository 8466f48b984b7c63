//! Damage that is mended: by peers while the node runs, or by a new store out of what is sound.

use std::sync::Arc;

use althing_protocol::hash::Hash;
use althing_protocol::state::Outcome;
use rocksdb::LiveFile;

use super::*;
use crate::ingest::{Origin, Unwritten};
use crate::repair;

/// What a peer who holds everything would give, and what a repaired node must come to.
struct Whole {
    dir: TempDir,
    committee: Id,
    posts: Vec<Id>,
    wires: Vec<Vec<u8>>,
    digest: Hash,
}

fn whole(posts: usize) -> Whole {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let posts: Vec<Id> = (0..posts).map(|n| node.post(committee, &text(n))).collect();
    let wires = node.ingest.read(|state| {
        let graph = state.graph();
        let mut all: Vec<Num> = graph.iter().collect();
        all.sort_unstable_by_key(|num| graph.rank(*num));
        let wire = |num: Num| {
            node.ingest
                .store()
                .wire(num, &graph.id(num), limit::BODY)
                .unwrap()
                .unwrap()
        };
        all.into_iter().map(wire).collect()
    });
    let digest = node.digest(committee);
    node.stop();
    Whole {
        dir,
        committee,
        posts,
        wires,
        digest,
    }
}

impl Whole {
    fn copy(&self) -> TempDir {
        let dir = TempDir::new().unwrap();
        copy(self.dir.path(), dir.path());
        for private in ["data", "data/keys"] {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(dir.path().join(private), mode).unwrap();
        }
        dir
    }

    /// A peer gives everything; then all is as it was.
    fn fetch(&self, node: &Node) {
        node.submit(Origin::Peer(1), &self.wires);
        assert_eq!(node.digest(self.committee), self.digest);
        self.read(node);
    }

    /// Posts of which something cannot be read.
    fn broken(&self, node: &Node) -> Vec<Id> {
        let broken = |id: &&Id| node.body(**id).is_err();
        self.posts.iter().filter(broken).copied().collect()
    }

    /// A node whose table of this family was damaged by one bit, and healed from a peer.
    fn healed(&self, dir: &TempDir, family: &str) -> Node {
        flip_in_table(dir, family);
        let node = Node::start(dir);
        let lost = self.broken(&node);
        assert!(!lost.is_empty() && lost.len() < 300, "{family}: {}", lost.len());
        for id in lost {
            heal(&node, id);
        }
        self.fetch(&node);
        assert_eq!(self.broken(&node), [], "{family}");
        node
    }

    /// Nothing is missing after a repair, and the new store takes everything that the old one refused.
    fn repair(&self, dir: &TempDir, family: &str) {
        let repaired = repaired(dir);
        assert_eq!(
            (repaired.entries, repaired.unreadable, repaired.bodies, repaired.unsure),
            (self.wires.len(), 0, 0, false),
            "{family}: {repaired}"
        );
        assert!(repaired.old.is_none(), "{family}: {repaired}");
        let node = Node::start(dir);
        self.read(&node);
        node.ingest.store().compact();
        node.post(self.committee, "and on");
        self.read(&node);
        node.stop_and_check();
    }

    fn read(&self, node: &Node) {
        for (n, id) in self.posts.iter().enumerate() {
            match node.body(*id).unwrap() {
                BodyState::Here(body) => assert_eq!(body.bytes, text(n).as_bytes()),
                other => panic!("{n}: {other:?}"),
            }
        }
    }
}

fn home(dir: &TempDir) -> Arc<Home> {
    Arc::new(Home::open(&dir.path().join("data")).unwrap())
}

/// The last thread of a node that stopped may still hold the store for a moment.
fn once_free<T, E>(run: impl Fn() -> Result<T, E>, is_locked: impl Fn(&E) -> bool) -> Result<T, E> {
    loop {
        match run() {
            Err(error) if is_locked(&error) => std::thread::sleep(std::time::Duration::from_millis(5)),
            other => return other,
        }
    }
}

fn repaired(dir: &TempDir) -> repair::Repaired {
    let is_locked = |error: &repair::Error| matches!(error, repair::Error::Store(Error::Locked(_)));
    once_free(|| repair::repair(&home(dir), |_, _| {}), is_locked).unwrap()
}

/// Flips a bit in the middle of the one table of a family.
fn flip_in_table(dir: &TempDir, family: &str) {
    let folder = store_dir(dir);
    let table = {
        let store = Store::open(&folder, Options::default()).unwrap();
        store.compact();
        let tables = store.0.db.live_files().unwrap();
        let mut tables = tables.iter().filter(|t: &&LiveFile| t.column_family_name == family);
        let name = &tables.next().unwrap().name;
        folder.join("db").join(name.trim_start_matches('/'))
    };
    let len = fs::read(&table).unwrap().len();
    flip(&table, len / 2, 3);
}

fn heal(node: &Node, id: Id) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(node.ingest.heal(id)).unwrap()
}

#[test]
fn a_damaged_header_is_never_given_and_comes_back_from_a_peer() {
    let whole = whole(POSTS);
    let dir = whole.copy();
    let victim = whole.posts[7];
    {
        let store = Store::open(&store_dir(&dir), Options::default()).unwrap();
        let num = store
            .load_state(Limits::default())
            .unwrap()
            .graph()
            .num(&victim)
            .unwrap();
        let mut bad = store.0.db.get_cf(store.cf(HEADER), key(num)).unwrap().unwrap();
        bad[40] ^= 1;
        store.0.db.put_cf(store.cf(HEADER), key(num), bad).unwrap();
    }
    let node = Node::start(&dir);
    let broken = |node: &Node| {
        let is = |e: &Error| matches!(e, Error::Corrupt { part: "header", .. });
        let wire = node
            .ingest
            .read(|s| node.ingest.wire(s.graph().num(&victim).unwrap(), &victim, limit::BODY));
        node.body(victim).as_ref().is_err_and(is) && wire.as_ref().is_err_and(is)
    };
    assert!(broken(&node), "nothing wrong is served");
    heal(&node, victim);
    assert_eq!(node.ingest.wanted_bodies(9), [victim], "peers are asked for it");
    assert!(!heal(&node, victim), "once");
    // A wrong one does not do, nor does one whose signature does not stand.
    let right = whole
        .wires
        .iter()
        .find(|w| althing_protocol::sync::claimed_id(w) == Some(victim))
        .unwrap();
    let mut forged = right.clone();
    let signature = forged.windows(2).position(|w| w == [0x58, 0x40]).unwrap();
    forged[signature + 20] ^= 1;
    assert!(node.submit(Origin::Peer(1), &[forged])[0].is_err());
    assert!(broken(&node));
    let answers = node.submit(Origin::Peer(1), std::slice::from_ref(right));
    assert!(matches!(answers[0].as_ref().unwrap().outcome, Outcome::Known(_)));
    assert_eq!(answers[0].as_ref().unwrap().body, crate::ingest::Landed::Stored);
    assert!(node.ingest.wanted_bodies(9).is_empty());
    whole.read(&node);
    node.stop_and_check();
    let node = Node::start(&dir);
    whole.read(&node);
    node.stop();
}

/// A real flipped bit in a table of headers: all of its block is damaged, and all of it comes back.
#[test]
fn a_damaged_block_of_headers_comes_back_whole() {
    let whole = whole(400);
    let dir = whole.copy();
    flip_in_table(&dir, HEADER);
    let node = Node::start(&dir);
    let broken = |node: &Node| whole.broken(node);
    let lost = broken(&node);
    assert!(lost.len() > 5 && lost.len() < 300, "{}", lost.len());
    assert!(heal(&node, lost[lost.len() / 2]));
    let mut wanted = node.ingest.wanted_bodies(1000);
    wanted.sort_unstable();
    let mut expected = lost.clone();
    expected.sort_unstable();
    assert_eq!(wanted, expected, "one that was met leads to all beside it");
    whole.fetch(&node);
    assert_eq!(broken(&node), []);
    node.stop_and_check();
}

/// The table itself stays damaged until it is merged, which the database then refuses. The node stops before it
/// acknowledges anything more, says what to do, and that helps.
#[test]
fn a_healed_table_that_is_merged_stops_the_node_and_repair_helps() {
    let whole = whole(400);
    for family in [HEADER, BODY] {
        let dir = whole.copy();
        let node = whole.healed(&dir, family);
        node.ingest.store().compact();
        let draft = crate::ingest::tests::draft(whole.committee, "not any more");
        let committee = whole.committee;
        let written = node.ingest.write_blocking(move |author| author.write(committee, draft));
        let why = written.expect_err("nothing is acknowledged any more").to_string();
        assert!(
            why.contains("damaged") && why.contains("fsck --repair"),
            "{family}: {why}"
        );
        assert!(matches!(node.thread.join().unwrap(), Err(e) if matches!(*e, Error::Damaged { .. })));
        drop(node.ingest);
        whole.repair(&dir, family);
    }
}

/// An erasure is such a merge.
#[test]
fn an_erasure_in_a_damaged_table_says_so_and_is_done_after_repair() {
    let whole = whole(400);
    let dir = whole.copy();
    let node = whole.healed(&dir, BODY);
    let victim = whole.posts[100];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let erased = runtime.block_on(node.ingest.erase(victim, "asked to".to_owned()));
    let why = erased.expect_err("its table cannot be written anew").to_string();
    assert!(why.contains("damaged") && why.contains("fsck --repair"), "{why}");
    assert!(
        matches!(node.body(victim).unwrap(), BodyState::Absent),
        "it is not shown any more"
    );
    drop(runtime);
    node.ingest.stop_blocking();
    drop(node.thread.join().unwrap());
    drop(node.ingest);
    // The erasure is owed: until it can be done the node does not run.
    let again = once_free(
        || Node::try_start(dir.path(), Limits::default()),
        |e| matches!(e, Error::Locked(_)),
    );
    assert!(again.is_err_and(|e| matches!(e, Error::Damaged { .. })));
    let repaired = repaired(&dir);
    assert!(
        repaired.old.is_none(),
        "nothing is missing, so nothing is kept: {repaired}"
    );
    let node = Node::start(&dir);
    node.ingest.store().compact();
    node.submit(Origin::Peer(1), &whole.wires);
    assert!(
        matches!(node.body(victim).unwrap(), BodyState::Absent),
        "it does not come back"
    );
    node.post(whole.committee, "and on");
    node.stop_and_check();
}

#[test]
fn a_repair_saves_what_is_sound_and_peers_give_the_rest() {
    let whole = whole(POSTS);
    type Change<'a> = Box<dyn Fn(&Store, Num) + 'a>;
    let put = |name: &'static str, value: Vec<u8>| -> Change<'_> {
        Box::new(move |store, num| store.0.db.put_cf(store.cf(name), key(num), &value).unwrap())
    };
    let delete = |name: &'static str| -> Change<'_> {
        Box::new(move |store, num| store.0.db.delete_cf(store.cf(name), key(num)).unwrap())
    };
    // What is damaged; whether entries are missing then; whether the owner's own are known to be.
    let cases: Vec<(&str, Change<'_>, bool, bool)> = vec![
        ("header", put(HEADER, vec![0; 300]), true, true),
        ("no header", delete(HEADER), true, true),
        ("body", put(BODY, vec![1; 300]), false, false),
        ("row", put(ROW, vec![1, 2, 3]), false, false),
        ("no row", delete(ROW), false, false),
        (
            "everything",
            Box::new(|store, num| {
                for name in [HEADER, BODY, ROW] {
                    store.0.db.delete_cf(store.cf(name), key(num)).unwrap();
                }
            }),
            true,
            false,
        ),
    ];
    for (name, change, missing, held) in cases {
        let dir = whole.copy();
        {
            let store = Store::open(&store_dir(&dir), Options::default()).unwrap();
            let num = store
                .load_state(Limits::default())
                .unwrap()
                .graph()
                .num(&whole.posts[10])
                .unwrap();
            change(&store, num);
        }
        let repaired = repair::repair(&home(&dir), |_, _| {}).unwrap();
        assert_eq!(repaired.own, usize::from(held), "{name}: {repaired}");
        assert_eq!(
            repaired.waiting,
            if missing { POSTS - 11 } else { 0 },
            "{name}: {repaired}"
        );
        assert_eq!(repaired.old.is_some(), missing || name == "body", "{name}: {repaired}");
        let report = fsck(&store_dir(&dir), |_, _| {}).unwrap();
        assert!(report.is_clean(), "{name}: {report}");
        let node = Node::start(&dir);
        assert_eq!(node.digest(whole.committee) == whole.digest, !missing, "{name}");
        if held {
            // Writing now would be a fork.
            let draft = crate::ingest::tests::draft(whole.committee, "too early");
            let committee = whole.committee;
            let written = node
                .ingest
                .write_blocking(move |author| author.write(committee, draft))
                .unwrap();
            assert!(matches!(written, Err(Unwritten::Lost(1))), "{name}: {written:?}");
        }
        whole.fetch(&node);
        if name != "everything" {
            let before = node.sequence(whole.committee).len();
            let post = node.post(whole.committee, "on");
            assert_eq!(node.sequence(whole.committee).len(), before + 1);
            let forked = node
                .ingest
                .read(|s| s.graph().log_of(s.graph().num(&post).unwrap()).forks().count());
            assert_eq!(forked, 0, "{name}");
        }
        node.stop_and_check();
        let node = Node::start(&dir);
        assert_eq!(
            node.ingest.store().left().unwrap(),
            Vec::<Vec<u8>>::new(),
            "{name}: all came back"
        );
        node.stop();
    }
}

#[test]
fn a_damaged_log_is_repaired_and_the_owner_waits_for_peers() {
    let whole = whole(POSTS);
    let log = files(&store_dir(&whole.dir).join("db"), ".log").pop().unwrap();
    let len = fs::read(&log).unwrap().len();
    let mut unsure = 0;
    for at in [len / 5, len / 2, len - 40] {
        let dir = whole.copy();
        let folder = store_dir(&dir);
        flip(&folder.join("db").join(log.file_name().unwrap()), at, 2);
        let Err(refused) = Store::open(&folder, Options::default()) else {
            continue;
        };
        assert!(refused.to_string().contains("fsck --repair"), "{refused}");
        let repaired = repair::repair(&home(&dir), |_, _| {}).unwrap();
        assert!(repaired.unsure && repaired.old.is_some(), "flipped at {at}: {repaired}");
        let node = Node::start(&dir);
        let committee = whole.committee;
        let draft = || crate::ingest::tests::draft(committee, "after the repair");
        let early = draft();
        if node.ingest.read(|s| s.committee(&committee).is_some()) {
            let written = node
                .ingest
                .write_blocking(move |author| author.write(committee, early))
                .unwrap();
            assert!(matches!(written, Err(Unwritten::Unsure)), "{written:?}");
        } else {
            node.ingest.follow_blocking(committee, Bodies::All).unwrap();
        }
        whole.fetch(&node);
        node.stop_and_check();
        repair::unlock(&home(&dir)).unwrap();
        let node = Node::start(&dir);
        node.post(committee, "after the repair");
        node.stop_and_check();
        unsure += 1;
    }
    assert!(unsure >= 2, "{unsure}");
}

/// A crash between the two steps of the exchange, and one before it.
#[test]
fn an_exchange_cut_short_is_finished_at_the_next_start() {
    let whole = whole(3);
    let dir = whole.copy();
    let folder = store_dir(&dir);
    fs::create_dir_all(folder.with_extension("new")).unwrap();
    fs::write(folder.with_extension("new").join("FORMAT"), "half").unwrap();
    Node::start(&dir).stop_and_check();
    assert!(
        !folder.with_extension("new").exists(),
        "what was never finished is of no use"
    );
    copy(&folder, &folder.with_extension("new"));
    fs::rename(&folder, folder.with_extension("damaged-1")).unwrap();
    let node = Node::start(&dir);
    whole.read(&node);
    node.stop_and_check();
}

/// Numbers far away cost neither room nor time.
#[test]
fn a_row_with_a_huge_number_is_refused_at_once() {
    let whole = whole(3);
    // A row far away, and one beside the others with a place far away in its log.
    for (number, far) in [(u32::MAX - 1, false), (7, true)] {
        let dir = whole.copy();
        let store = Store::open(&store_dir(&dir), Options::default()).unwrap();
        let num = store
            .load_state(Limits::default())
            .unwrap()
            .graph()
            .num(&whole.posts[2])
            .unwrap();
        let mut row = store.0.db.get_cf(store.cf(ROW), key(num)).unwrap().unwrap();
        if far {
            // Behind body status, class, lengths and id: space, doc, cert, key, then the place.
            row[37 + 16..37 + 20].copy_from_slice(&(1u32 << 31).to_le_bytes());
        }
        store.0.db.put_cf(store.cf(ROW), number.to_be_bytes(), row).unwrap();
        let begun = std::time::Instant::now();
        assert!(matches!(
            store.load_state(Limits::default()),
            Err(Error::Damaged { .. })
        ));
        drop(store);
        assert!(!fsck(&store_dir(&dir), |_, _| {}).unwrap().is_clean());
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    }
}
