//! What is kept, what goes, what a crash leaves, and what the disk gives back wrong.

use std::fs;
use std::path::{Path, PathBuf};

use althing_protocol::author::Draft;
use althing_protocol::file::{self, Answer, CHUNK, Chunk, Hasher, Request};
use althing_protocol::hash::{Id, sha256};
use serde_json::json;
use tempfile::TempDir;

use super::disk::About;
use super::*;
use crate::ingest::Author;
use crate::ingest::tests::{Node, draft};

/// A node with a committee and files.
struct Desk {
    dir: TempDir,
    node: Node,
    committee: Id,
    files: Files,
}

impl Desk {
    fn new(limits: Limits) -> Self {
        let dir = TempDir::new().unwrap();
        let node = Node::start(&dir);
        let committee = node.found();
        let files = Files::open(node.home.files_dir(), node.ingest.clone(), limits);
        Self {
            dir,
            node,
            committee,
            files,
        }
    }

    /// As after a stop.
    fn open(&self) -> Files {
        Files::open(
            self.node.home.files_dir(),
            self.node.ingest.clone(),
            self.files.limits(),
        )
    }

    fn add(&self, bytes: &[u8], name: &str) -> Added {
        let mut adding = self.files.add(Some(name)).unwrap();
        bytes.chunks(100_000).for_each(|part| adding.push(part).unwrap());
        adding.finish().unwrap()
    }

    /// A post that names a file.
    fn name(&self, hash: &Hash, length: u64) -> Id {
        self.name_as(hash, length, self.committee)
    }

    fn name_as(&self, hash: &Hash, length: u64, committee: Id) -> Id {
        let file = json!({ "hash": hash, "length": length, "type": "text/csv", "name": "data.csv" });
        let kind = althing_protocol::kind::find("post").unwrap();
        let body = althing_protocol::kind::json::body(kind, &json!({ "text": "see", "files": [file] })).unwrap();
        let mut draft: Draft = draft(committee, "");
        draft.body.as_mut().unwrap().bytes = body;
        let write = move |author: &mut Author<'_>| author.write(committee, draft);
        self.node.ingest.write_blocking(write).unwrap().unwrap()
    }

    /// Makes a file as old as can be.
    fn age(&self, hash: &Hash) {
        let about = self.files.0.disk.about(hash).unwrap();
        self.files.0.disk.put_about(hash, &About { added: 0, ..about }).unwrap();
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        self.files.0.disk.file(hash)
    }

    fn erase(&self, id: Id) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(self.node.ingest.erase(id, "test".to_owned())).unwrap();
    }

    fn stop(self) -> TempDir {
        drop(self.files);
        self.node.stop_and_check();
        self.dir
    }
}

fn bytes(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n % 251).unwrap() ^ seed).collect()
}

fn read(files: &Files, hash: &Hash) -> Result<Vec<u8>, Error> {
    let mut reader = files.open_file(hash)?;
    let mut all = Vec::new();
    for n in 0..file::chunks(reader.length()) {
        all.extend(reader.chunk(n)?.into_bytes());
    }
    Ok(all)
}

/// Everything below a folder, in order.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(below(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_added_is_there_after_a_stop_under_its_sha256() {
    let desk = Desk::new(Limits::default());
    for (length, name) in [(0, "empty.bin"), (5, "a.csv"), (CHUNK, "b"), (2 * CHUNK + 17, "c.bin")] {
        let content = bytes(length, 0);
        let added = desk.add(&content, name);
        assert_eq!(added.hash, Hash(sha256(&[&content])));
        assert_eq!(added.length, u64::try_from(length).unwrap());
        assert_eq!(
            fs::read(desk.path(&added.hash)).unwrap(),
            content,
            "as sha256sum reads it"
        );
        for files in [&desk.files, &desk.open()] {
            assert_eq!(read(files, &added.hash).unwrap(), content);
            assert_eq!(files.state(&added.hash), State::Here { length: added.length });
            assert_eq!(files.open_file(&added.hash).unwrap().name(), Some(name));
        }
    }
    let (count, used) = desk.files.held();
    assert_eq!(
        desk.add(&bytes(CHUNK, 0), "again").length,
        u64::try_from(CHUNK).unwrap()
    );
    assert_eq!(desk.files.held(), (count, used), "the same file takes no more room");
    assert_eq!(desk.open().held(), (count, used));
    assert!(matches!(read(&desk.files, &Hash([1; 32])), Err(Error::NotHere(_))));
    desk.stop();
}

#[test]
fn what_a_crash_left_is_no_file_and_goes() {
    let desk = Desk::new(Limits::default());
    let added = desk.add(b"whole", "whole");
    let folder = desk.node.home.files_dir();
    let mut half = desk.files.add(None).unwrap();
    half.push(b"half of it").unwrap();
    let [path] = &below(&folder.join("new"))[..] else {
        panic!("it is written elsewhere")
    };
    let copy = fs::read(path).unwrap();
    drop(half);
    assert!(!path.exists(), "what is given up leaves nothing");
    // As if the process had ended before.
    fs::write(path, copy).unwrap();
    let other = Hash([0xee; 32]);
    fs::create_dir_all(folder.join("ee")).unwrap();
    fs::write(
        folder.join("ee").join(format!("{other}.about")),
        b"of a file that never came",
    )
    .unwrap();
    fs::write(desk.path(&added.hash).with_extension("about.new"), b"torn").unwrap();
    fs::create_dir_all(folder.join("part")).unwrap();
    fs::write(folder.join("part").join(other.to_string()), b"without what proves it").unwrap();
    let files = desk.open();
    assert_eq!(files.held(), (1, 5));
    let left = below(&folder);
    assert_eq!(left.len(), 2, "the file and what is known of it: {left:?}");
    assert_eq!(read(&files, &added.hash).unwrap(), b"whole");
    drop(files);
    desk.stop();
}

#[test]
fn damage_on_the_disk_is_never_given_to_anybody() {
    let desk = Desk::new(Limits::default());
    let content = bytes(2 * CHUNK + 5, 3);
    let added = desk.add(&content, "data");
    // What proves the chunks is found again from the bytes.
    let about = desk.path(&added.hash).with_added_extension("about");
    fs::write(&about, b"nonsense").unwrap();
    assert_eq!(read(&desk.files, &added.hash).unwrap(), content);
    let known = desk.files.0.disk.about(&added.hash).unwrap();
    let mut states = known.states.clone();
    states[40] ^= 1;
    desk.files
        .0
        .disk
        .put_about(&added.hash, &About { states, ..known })
        .unwrap();
    assert_eq!(read(&desk.files, &added.hash).unwrap(), content);
    // The bytes themselves are not.
    let mut other = content.clone();
    other[CHUNK + 7] ^= 0x10;
    fs::write(desk.path(&added.hash), &other).unwrap();
    let report = check::check(&desk.node.home.files_dir());
    assert_eq!((report.files, report.damaged, report.damage), (0, 1, vec![added.hash]));
    let mut reader = desk.files.open_file(&added.hash).unwrap();
    assert_eq!(
        reader.chunk(0).unwrap().bytes(),
        &content[..CHUNK],
        "what is sound is given"
    );
    assert!(matches!(reader.chunk(1), Err(Error::Damaged(_))));
    assert_eq!(
        desk.files.state(&added.hash),
        State::Absent { why: None },
        "so that it can come again"
    );
    assert_eq!(desk.files.held(), (0, 0));
    // Whoever reads holds the store.
    drop(reader);
    // Cut short is damaged too.
    let added = desk.add(&content, "data");
    fs::write(desk.path(&added.hash), &content[..CHUNK + 3]).unwrap();
    assert!(matches!(read(&desk.files, &added.hash), Err(Error::Damaged(_))));
    desk.stop();
}

#[test]
fn the_budget_holds_and_what_nobody_names_goes_first() {
    let desk = Desk::new(Limits {
        budget: 1000,
        file: 600,
    });
    let mut large = desk.files.add(None).unwrap();
    large.push(&[0; 600]).unwrap();
    assert!(matches!(large.push(&[0]), Err(Error::TooLarge { most: 600 })));
    drop(large);
    assert_eq!(below(&desk.node.home.files_dir().join("new")), Vec::<PathBuf>::new());

    let named = desk.add(&bytes(300, 1), "named");
    desk.name(&named.hash, named.length);
    let (old, older, fresh) = (
        desk.add(&bytes(200, 2), "old"),
        desk.add(&bytes(200, 3), "older"),
        desk.add(&bytes(200, 4), "fresh"),
    );
    [&named, &old, &older].iter().for_each(|added| desk.age(&added.hash));
    let about = desk.files.0.disk.about(&old.hash).unwrap();
    desk.files
        .0
        .disk
        .put_about(&old.hash, &About { added: 5, ..about })
        .unwrap();
    assert_eq!(desk.files.held(), (4, 900));

    let more = desk.add(&bytes(150, 5), "more");
    assert_eq!(desk.files.find(&older.hash), None, "the oldest that nobody names");
    assert!(desk.files.find(&old.hash).is_some(), "no more than is needed");
    let last = desk.add(&bytes(300, 6), "last");
    assert_eq!(desk.files.find(&old.hash), None);
    for kept in [&named, &fresh, &more, &last] {
        assert!(desk.files.find(&kept.hash).is_some(), "{kept:?}");
    }
    let mut none = desk.files.add(None).unwrap();
    none.push(&bytes(300, 7)).unwrap();
    assert!(matches!(none.finish(), Err(Error::NoRoom { budget: 1000 })));
    assert_eq!(desk.files.held(), (4, 950));

    // After their time they go by themselves.
    desk.age(&more.hash);
    desk.files.sweep().unwrap();
    assert_eq!(desk.files.find(&more.hash), None);
    assert!(desk.files.find(&named.hash).is_some() && desk.files.find(&fresh.hash).is_some());
    assert_eq!(desk.open().held(), (3, 800));
    desk.stop();
}

#[test]
fn what_names_a_file_is_found_and_erasing_it_takes_the_file() {
    let desk = Desk::new(Limits::default());
    let (one, both) = (desk.add(b"one", "one"), desk.add(b"both", "both"));
    assert!(!desk.files.is_named(&one.hash));
    let first = desk.name(&one.hash, one.length);
    let second = desk.name(&both.hash, both.length);
    let third = desk.name(&both.hash, 99);
    let claims = desk.files.claims(&both.hash);
    assert_eq!(
        claims.iter().map(|claim| claim.entry).collect::<Vec<_>>(),
        [second, third]
    );
    assert!(
        claims
            .iter()
            .all(|claim| claim.in_record && claim.committee == desk.committee)
    );
    assert_eq!(
        (claims[1].file.length, claims[1].file.name.as_deref()),
        (99, Some("data.csv"))
    );
    assert!(desk.files.is_named_in(&both.hash, &desk.committee));
    assert!(!desk.files.is_named_in(&both.hash, &Id([1; 32])));
    assert_eq!(desk.files.named_only_by(&desk.node.home.identity()).len(), 2);
    assert_eq!(desk.files.named_only_by(&Id([2; 32])), Vec::<Hash>::new());

    for (entry, hash, stays) in [
        (first, one.hash, false),
        (second, both.hash, true),
        (third, both.hash, false),
    ] {
        let named = desk.files.let_go(&entry).unwrap();
        assert_eq!(named, [hash]);
        desk.erase(entry);
        desk.files.drop_unnamed(&named).unwrap();
        assert_eq!(desk.files.find(&hash).is_some(), stays, "{entry}");
        assert_eq!(desk.files.is_named(&hash), stays);
    }
    assert_eq!(desk.files.held(), (0, 0));
    desk.stop();
}

#[test]
fn peers_are_given_what_their_committee_names_and_nothing_else() {
    let desk = Desk::new(Limits::default());
    let content = bytes(CHUNK + 100, 9);
    let added = desk.add(&content, "data");
    let other = desk.node.found();
    let request = |committee, length, chunk| Request {
        committee,
        hash: added.hash,
        length,
        chunk,
    };
    assert_eq!(
        desk.files.answer(&request(desk.committee, added.length, 1)),
        Answer::Absent {},
        "nobody names it yet"
    );
    desk.name(&added.hash, added.length);
    let Answer::Chunk { before, bytes } = desk.files.answer(&request(desk.committee, added.length, 1)) else {
        panic!("it is given")
    };
    let last = Chunk::check(&added.hash, before, bytes, added.length, 1).unwrap();
    assert_eq!(last.bytes(), &content[CHUNK..]);
    for (committee, length, chunk) in [
        (other, added.length, 1),
        (desk.committee, added.length + 1, 1),
        (desk.committee, added.length, 2),
        (desk.committee, added.length, u64::MAX),
    ] {
        assert_eq!(desk.files.answer(&request(committee, length, chunk)), Answer::Absent {});
    }
    desk.stop();
}

/// Chunks of a file as peers give them, the last one first.
fn chunks(content: &[u8]) -> (Hash, Vec<Chunk>) {
    let mut hasher = Hasher::default();
    hasher.update(content);
    let hashed = hasher.finish();
    let mut after = hashed.hash;
    let mut all = Vec::new();
    for (n, part) in content.chunks(CHUNK).enumerate().rev() {
        let chunk = Chunk::check(
            &after,
            hashed.states[n],
            part.to_vec(),
            hashed.length,
            u64::try_from(n).unwrap(),
        );
        after = hashed.states[n];
        all.push(chunk.unwrap());
    }
    (hashed.hash, all)
}

#[test]
fn a_fetch_goes_on_where_it_stopped_and_trusts_nothing_on_the_disk() {
    let desk = Desk::new(Limits::default());
    let content = bytes(4 * CHUNK + 1000, 5);
    let length = u64::try_from(content.len()).unwrap();
    let (hash, all) = chunks(&content);
    let mut part = desk.files.part(hash, length).unwrap();
    assert!(
        matches!(desk.files.part(hash, length), Err(Error::Busy)),
        "one at a time"
    );
    assert_eq!((part.next(), part.have()), (Some((4, hash)), 0));
    part.take(&all[1]).unwrap();
    assert_eq!(part.have(), 0, "not the one that is needed");
    all[..3].iter().for_each(|chunk| part.take(chunk).unwrap());
    assert_eq!(
        (part.next(), part.have()),
        (Some((1, all[2].before())), 1000 + 2 * 262_144)
    );
    drop(part);

    // The process ends, and the disk gives back one of the chunks wrong.
    let path = desk.files.0.disk.part(&hash);
    let mut there = fs::read(&path).unwrap();
    assert_eq!(there.len(), content.len());
    there[2 * CHUNK + 9] ^= 1;
    fs::write(&path, &there).unwrap();
    let files = desk.open();
    assert_eq!(files.held(), (0, length));
    let mut part = files.part(hash, length).unwrap();
    assert_eq!(part.next(), Some((2, all[1].before())), "from the damaged one on");
    all[2..].iter().for_each(|chunk| part.take(chunk).unwrap());
    assert_eq!((part.next(), part.have()), (None, length));
    part.finish().unwrap();
    assert_eq!(read(&files, &hash).unwrap(), content);
    assert_eq!(files.held(), (1, length));
    assert_eq!(below(&desk.node.home.files_dir().join("part")), Vec::<PathBuf>::new());
    assert_eq!(read(&desk.open(), &hash).unwrap(), content);
    drop(files);
    desk.stop();
}

#[test]
fn parts_count_and_give_way() {
    let budget = u64::try_from(3 * CHUNK).unwrap();
    let desk = Desk::new(Limits { budget, file: budget });
    let content = bytes(2 * CHUNK, 1);
    let (hash, all) = chunks(&content);
    let length = u64::try_from(content.len()).unwrap();
    let mut part = desk.files.part(hash, length).unwrap();
    part.take(&all[0]).unwrap();
    assert!(
        matches!(desk.files.part(Hash([7; 32]), length), Err(Error::NoRoom { .. })),
        "it is being fetched"
    );
    assert!(matches!(
        desk.files.part(Hash([7; 32]), u64::MAX),
        Err(Error::TooLarge { .. })
    ));
    // Removed by its owner while it is fetched.
    assert!(desk.files.remove(&hash).unwrap());
    assert!(matches!(part.take(&all[1]), Err(Error::Removed(_))));
    drop(part);
    // Another length is another beginning.
    drop(desk.files.part(hash, length - 1).unwrap());
    let part = desk.files.part(hash, length).unwrap();
    assert_eq!(part.have(), 0);
    drop(part);
    assert_eq!(desk.files.held(), (0, length));
    let added = desk.add(&content, "x");
    assert_eq!(
        desk.files.held(),
        (1, added.length),
        "a part that nobody fetches gives way"
    );
    desk.stop();
}
