//! What a crash, a flipped bit, a full disk or another release leave: a clear error, or everything that was
//! acknowledged. Never a wrong answer.

mod disk;
mod heal;
mod kill;

use std::fs;
use std::path::{Path, PathBuf};

use althing_protocol::state::Limits;
use tempfile::TempDir;

use super::fsck::fsck;
use super::*;
use crate::home::Home;
use crate::ingest::tests::Node;

const POSTS: usize = 30;

/// A node's folder with a committee of its own and some posts; cold.
fn written() -> (TempDir, Id, Vec<Id>) {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let posts = (0..POSTS).map(|n| node.post(committee, &text(n))).collect();
    node.stop();
    (dir, committee, posts)
}

fn text(n: usize) -> String {
    format!("post {n} {}", "x".repeat(n * 20))
}

fn store_dir(dir: &TempDir) -> PathBuf {
    Home::open(&dir.path().join("data")).unwrap().store_dir()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path, ends: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(dir).unwrap().map(|f| f.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|p| p.to_str().unwrap().ends_with(ends)).collect();
    files.sort();
    files
}

fn flip(file: &Path, at: usize, bit: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1 << bit;
    fs::write(file, bytes).unwrap();
}

/// Opens a store and reads every post: what can be read is right. Says how many could be read, or what was wrong.
fn read_all(folder: &Path, posts: &[Id]) -> Result<usize, Error> {
    let store = Store::open(folder, Options::default())?;
    let state = store.load_state(Limits::default())?;
    let mut read = 0;
    for (n, id) in posts.iter().enumerate() {
        let Some(num) = state.graph().num(id) else { continue };
        let stored = store.header(num, id)?.expect("an entry that is here has a header");
        match store.body(num, &stored.header)? {
            BodyState::Here(body) => assert_eq!(body.bytes, text(n).as_bytes()),
            other => panic!("{other:?}"),
        }
        read += 1;
    }
    Ok(read)
}

#[test]
fn what_was_copied_under_a_live_node_opens() {
    let dir = TempDir::new().unwrap();
    let node = Node::start(&dir);
    let committee = node.found();
    let mut posts = Vec::new();
    for n in 0..POSTS {
        posts.push(node.post(committee, &text(n)));
        if n % 10 == 9 {
            let copied = TempDir::new().unwrap();
            copy(&node.home.store_dir(), copied.path());
            assert_eq!(read_all(copied.path(), &posts).unwrap(), n + 1);
            let report = fsck(copied.path(), |_, _| {}).unwrap();
            assert!(report.is_clean(), "{report}");
        }
    }
    node.stop_and_check();
}

/// A process that is killed while it writes leaves the beginning of a write, of which nobody was told.
#[test]
fn a_write_cut_short_is_dropped_and_an_acknowledged_one_is_missed() {
    let (dir, committee, mut posts) = written();
    let folder = store_dir(&dir);
    let before = TempDir::new().unwrap();
    copy(&folder, before.path());
    // Opening it writes the log anew: the next post is the only thing in it.
    let node = Node::start(&dir);
    posts.push(node.post(committee, &text(POSTS)));
    node.stop();
    let log = files(&folder.join("db"), ".log").pop().unwrap();
    let whole = fs::read(&log).unwrap();
    let acknowledged = fs::read(folder.join("acknowledged")).unwrap();
    let told_before = {
        // The number before the last: what a kill in the middle of the last write would have left.
        let mut bytes = acknowledged.clone();
        let last = [0, 16].map(|at| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()));
        let at = if last[0] > last[1] { 0 } else { 16 };
        bytes[at..at + 16].fill(0);
        bytes
    };
    let mut cuts = 0;
    for keep in (1..whole.len()).step_by(whole.len() / 40) {
        for (told, lost) in [(&told_before, false), (&acknowledged, true)] {
            let crashed = TempDir::new().unwrap();
            copy(&folder, crashed.path());
            fs::write(crashed.path().join("db").join(log.file_name().unwrap()), &whole[..keep]).unwrap();
            fs::write(crashed.path().join("acknowledged"), told).unwrap();
            // A check changes nothing, so it comes to the same twice.
            for _ in 0..2 {
                assert_eq!(fsck(crashed.path(), |_, _| {}).is_err(), lost, "cut after {keep}");
            }
            match read_all(crashed.path(), &posts) {
                Ok(read) => assert!(!lost && read == POSTS, "cut after {keep}: {read}"),
                Err(Error::Damaged {
                    what: Damage::Lost { .. },
                    ..
                }) => assert!(lost, "cut after {keep}"),
                Err(other) => panic!("cut after {keep}: {other}"),
            }
            cuts += 1;
        }
    }
    assert!(cuts > 60);
}

#[test]
fn a_flipped_bit_in_the_log_is_an_error() {
    let (dir, _, posts) = written();
    let folder = store_dir(&dir);
    let log = files(&folder.join("db"), ".log").pop().unwrap();
    let len = fs::read(&log).unwrap().len();
    assert!(len > 10_000, "the posts are in the log");
    let mut refused = 0;
    for at in (0..len).step_by(len / 60) {
        let damaged = TempDir::new().unwrap();
        copy(&folder, damaged.path());
        flip(&damaged.path().join("db").join(log.file_name().unwrap()), at, 3);
        match read_all(damaged.path(), &posts) {
            Ok(read) => assert_eq!(read, POSTS, "flipped at {at}: nothing may be missing silently"),
            Err(Error::Damaged { .. }) => refused += 1,
            Err(other) => panic!("flipped at {at}: {other}"),
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn a_flipped_bit_in_a_table_is_an_error_and_fsck_finds_it() {
    let (dir, _, posts) = written();
    let folder = store_dir(&dir);
    Store::open(&folder, Options::default()).unwrap().compact();
    let (mut refused, mut tried) = (0, 0);
    for table in files(&folder.join("db"), ".sst") {
        let len = fs::read(&table).unwrap().len();
        for at in (0..len).step_by((len / 12).max(1)) {
            let damaged = TempDir::new().unwrap();
            copy(&folder, damaged.path());
            flip(&damaged.path().join("db").join(table.file_name().unwrap()), at, 5);
            tried += 1;
            let checked = fsck(damaged.path(), |_, _| {});
            match read_all(damaged.path(), &posts) {
                Ok(read) => assert_eq!(read, POSTS, "flipped at {at} of {table:?}"),
                Err(Error::Damaged { .. } | Error::Corrupt { .. }) => {
                    assert!(
                        checked.is_err() || !checked.unwrap().is_clean(),
                        "flipped at {at} of {table:?}"
                    );
                    refused += 1;
                }
                Err(other) => panic!("flipped at {at} of {table:?}: {other}"),
            }
        }
    }
    assert!(refused * 2 > tried, "{refused} of {tried}");
}

/// What RocksDB's own checksums cannot see: right blocks with wrong content.
#[test]
fn content_that_was_exchanged_is_found() {
    let (dir, committee, posts) = written();
    let folder = store_dir(&dir);
    let (nums, root) = {
        let store = Store::open(&folder, Options::default()).unwrap();
        let state = store.load_state(Limits::default()).unwrap();
        let num = |id: &Id| state.graph().num(id).unwrap();
        (posts.iter().map(num).collect::<Vec<Num>>(), num(&committee))
    };
    type Change = Box<dyn Fn(&Store)>;
    let put = |name: &'static str, key: Vec<u8>, value: Vec<u8>| -> Change {
        Box::new(move |store| store.0.db.put_cf(store.cf(name), &key, &value).unwrap())
    };
    let delete = |name: &'static str, key: Vec<u8>| -> Change {
        Box::new(move |store| store.0.db.delete_cf(store.cf(name), &key).unwrap())
    };
    let at = |n: usize| key(nums[n]).to_vec();
    let get = |name: &'static str, key: Vec<u8>| {
        let store = Store::open(&folder, Options::default()).unwrap();
        store.0.db.get_cf(store.cf(name), key).unwrap().unwrap()
    };
    let mut signature = get(HEADER, at(3));
    *signature.last_mut().unwrap() ^= 1;
    let mut status = get(ROW, at(4));
    status[0] = batch::ABSENT;
    let mut row = get(ROW, at(7));
    // Its class: `Vouch` instead of `Other`.
    row[1] = 11;
    let last = log::log_key(root, u64::try_from(POSTS).unwrap() + 3).to_vec();
    let cases: Vec<(&str, &str, Change)> = vec![
        ("header", "header of another", put(HEADER, at(5), get(HEADER, at(6)))),
        ("header", "signature", put(HEADER, at(3), signature)),
        ("header", "no header", delete(HEADER, at(3))),
        ("body", "body of another", put(BODY, at(5), get(BODY, at(6)))),
        ("body", "no body", delete(BODY, at(5))),
        ("body", "body of nothing", put(BODY, vec![0, 1, 0, 0], vec![0; 30])),
        ("row", "body status", put(ROW, at(4), status)),
        ("row", "no row", delete(ROW, at(29))),
        ("row", "row of another", put(ROW, at(7), row)),
        ("store", "row in the middle", delete(ROW, at(5))),
        ("store", "end of the log", delete(LOG, last)),
        ("store", "hole in the log", delete(LOG, log::log_key(root, 2).to_vec())),
        ("store", "short row", put(ROW, at(1), vec![1, 2])),
    ];
    for (place, name, change) in cases {
        let damaged = TempDir::new().unwrap();
        copy(&folder, damaged.path());
        change(&Store::open(damaged.path(), Options::default()).unwrap());
        let report = fsck(damaged.path(), |_, _| {}).unwrap();
        let places: Vec<String> = report
            .damage
            .iter()
            .map(|d| format!("{:?}", d.place).to_lowercase())
            .collect();
        assert!(places.iter().any(|p| p == place), "{name}: {report}");
        assert!(report.to_string().contains("damaged"));
        if let Err(error) = read_all(damaged.path(), &posts) {
            let expected = matches!(error, Error::Damaged { .. } | Error::Corrupt { .. });
            assert!(expected, "{name}: {error}");
        } else {
            assert!(
                [
                    "signature",
                    "body of nothing",
                    "body status",
                    "row of another",
                    "no row"
                ]
                .contains(&name),
                "{name}"
            );
        }
    }
}

#[test]
fn other_releases_and_other_processes() {
    let (dir, _, posts) = written();
    let folder = store_dir(&dir);
    let open = || Store::open(&folder, Options::default());
    let store = open().unwrap();
    let locked = open().unwrap_err();
    assert!(matches!(locked, Error::Locked(_)), "{locked}");
    assert!(matches!(fsck(&folder, |_, _| {}), Err(Error::Locked(_))));
    drop(store);
    fs::write(folder.join("FORMAT"), "althing store 9").unwrap();
    let other = open().unwrap_err();
    assert!(
        matches!(&other, Error::Format { found, .. } if found == "althing store 9"),
        "{other}"
    );
    assert!(other.to_string().contains("althing store 4"), "{other}");
    fs::write(folder.join("FORMAT"), open::FORMAT).unwrap();
    assert_eq!(read_all(&folder, &posts).unwrap(), POSTS);
    let nothing = TempDir::new().unwrap();
    assert!(matches!(fsck(nothing.path(), |_, _| {}), Err(Error::Nothing(_))));
    assert_eq!(
        fs::read_dir(nothing.path()).unwrap().count(),
        0,
        "a check changes nothing"
    );
}

#[test]
fn a_damaged_body_is_given_up_and_wanted_again() {
    let (dir, _, posts) = written();
    let folder = store_dir(&dir);
    let good = {
        let store = Store::open(&folder, Options::default()).unwrap();
        let num = store
            .load_state(Limits::default())
            .unwrap()
            .graph()
            .num(&posts[3])
            .unwrap();
        let good = store.0.db.get_cf(store.cf(BODY), key(num)).unwrap().unwrap();
        let mut bad = good.clone();
        bad[20] ^= 1;
        store.0.db.put_cf(store.cf(BODY), key(num), bad).unwrap();
        good
    };
    let node = Node::start(&dir);
    assert!(matches!(node.body(posts[3]), Err(Error::Corrupt { part: "body", .. })));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(!runtime.block_on(node.ingest.heal(posts[4])).unwrap());
    assert!(runtime.block_on(node.ingest.heal(posts[3])).unwrap());
    assert_eq!(node.body(posts[3]).unwrap(), BodyState::Absent);
    assert_eq!(node.ingest.wanted_bodies(5), [posts[3]]);
    let body = Body {
        salt: good[..16].try_into().unwrap(),
        bytes: good[16..].to_vec(),
    };
    runtime.block_on(node.ingest.body(posts[3], body.clone())).unwrap();
    assert_eq!(node.body(posts[3]).unwrap(), BodyState::Here(body));
    node.stop_and_check();
}
