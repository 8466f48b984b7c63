//! Archives: what one node holds, checked without it, taken in elsewhere, and read without any.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use althing_tests::process::{Node, agree, text, wait_for};
use serde_json::Value;

use super::{World, admit, follow, found, state};
use crate::interop::python;

/// A committee in which there is something of everything.
struct Town {
    ada: Node,
    committee: String,
    /// Entries of the record.
    entries: u64,
    /// A file that is attached.
    file: String,
    /// A document of Ben's, in whose thread everybody speaks.
    doc: String,
}

impl Town {
    fn new(world: &World) -> Self {
        let (ada, ben, zoe) = (world.begin("ada"), world.begin("ben"), world.begin("zoe"));
        let committee = found(&ada);
        for node in [&ben, &zoe] {
            follow(node, &committee, &ada);
        }
        admit(&ada, &committee, &ben);
        agree(&[&ada, &ben], &committee, 2);
        let doc = state(&ben, &committee, "The <b>eastern</b> quay");
        let table = world.dir().join("depths.csv");
        fs::write(&table, "tide,depth\nhigh,9\n").expect("a file");
        let table = table.to_str().expect("a path of ASCII");
        wait_for("the document", || ada.get(&format!("/documents/{doc}")));
        ada.write(&["post", &doc, "--attach", table, "the soundings of the café"]);
        let file = text(&ada.cli(&["attach", table]), "hash");
        let secret = ben.write(&["post", &doc, "a telephone number"]);
        wait_for("the post", || ada.get(&format!("/entries/{secret}?format=json")));
        ada.cli(&["erase", &secret, "--reason", "somebody's telephone number"]);
        // A stranger, whom nobody has taken up.
        wait_for("the document", || zoe.get(&format!("/documents/{doc}")));
        zoe.write(&["post", &doc, "may I say something?"]);
        wait_for("the stranger's post", || {
            let digest = ada.cli(&["digest", "--committee", &committee]);
            digest.get("floor").and_then(Value::as_u64).filter(|floor| *floor > 0)
        });
        let entries = ada.digest(&committee).expect("the committee").1;
        agree(&[&ada, &ben], &committee, entries);
        Self {
            ada,
            committee,
            entries,
            file,
            doc,
        }
    }
}

fn path(world: &World, name: &str) -> String {
    world.dir().join(name).to_str().expect("a path of ASCII").to_owned()
}

fn number(json: &Value, pointer: &str) -> u64 {
    let found = json.pointer(pointer).and_then(Value::as_u64);
    assert!(found.is_some(), "{pointer}: {json}");
    found.unwrap_or_default()
}

/// The files below a folder.
fn files(root: &Path) -> BTreeMap<String, PathBuf> {
    let (mut found, mut open) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below it").to_str().expect("ASCII");
                found.insert(name.to_owned(), path);
            }
        }
    }
    found
}

/// A page without what says when the copy was made.
fn page(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split("<footer").next().unwrap_or_default().to_owned()
}

/// The pages and tables in which two sites differ.
fn differences(one: &Path, other: &Path) -> Vec<String> {
    let (one, other) = (files(one), files(other));
    // The log is the node's own, and so are what it believes and what it is called; `.json` says of what moment it is.
    let told = |name: &&String| {
        (name.ends_with(".html") || name.ends_with(".csv") || name.starts_with("find/")) && *name != "log.html"
    };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).filter(told).collect();
    assert!(names.len() > 100, "{names:?}");
    let differ = |name: &&&String| match (one.get(**name), other.get(**name)) {
        (Some(a), Some(b)) => page(a) != page(b),
        _ => true,
    };
    names.iter().filter(differ).map(|name| (*name).clone()).collect()
}

#[test]
fn an_archive_taken_in_elsewhere_gives_the_same_record_and_the_same_pages() {
    let (world, elsewhere) = (World::new(), World::new());
    let town = Town::new(&world);
    let (tar, site) = (path(&world, "town.tar"), path(&world, "site"));
    let committee = &town.committee;
    let written = town
        .ada
        .cli(&["export", "archive", "--committee", committee, "-o", &tar]);
    assert_eq!(number(&written, "/record"), town.entries);
    assert!(
        number(&written, "/entries") > town.entries,
        "the floor is in it: {written}"
    );
    town.ada.cli(&["export", "site", "--committee", committee, "-o", &site]);
    let again = town
        .ada
        .try_cli(&["export", "site", "--committee", committee, "-o", &site]);
    assert!(again.expect_err("it is not empty").contains("not empty"));

    // A program that shares no code with ours comes to the same.
    let checked: Value = serde_json::from_str(&python(&["archive", &site])).expect("JSON");
    assert_eq!(text(&checked, "digest"), text(&written, "digest"));
    assert_eq!(number(&checked, "/without_body"), 1);

    // A node that never met them.
    let eve = elsewhere.begin("eve");
    for (archive, added) in [(&tar, true), (&site, false)] {
        let checked = eve.cli(&["verify", archive]);
        assert_eq!(text(&checked, "digest"), text(&written, "digest"), "{checked}");
        assert_eq!(number(&checked, "/record"), town.entries);
        assert_eq!(number(&checked, "/files"), 1);
        assert_eq!(number(&checked, "/without_body"), 1, "one was erased: {checked}");
        assert_eq!(
            checked.pointer("/log/ends_with_digest"),
            Some(&Value::Bool(true)),
            "{checked}"
        );
        let taken = eve.cli(&["import", "archive", archive]);
        assert_eq!(taken.get("same"), Some(&Value::Bool(true)), "{taken}");
        assert_eq!(number(&taken, "/added") > 0, added, "{taken}");
        assert_eq!(number(&taken, "/files/added"), u64::from(added), "{taken}");
        assert_eq!(
            taken.get("skipped").and_then(Value::as_array).map(Vec::len),
            Some(0),
            "{taken}"
        );
    }
    assert_eq!(eve.digest(committee), town.ada.digest(committee));
    let floor = |node: &Node| number(&node.cli(&["digest", "--committee", committee]), "/floor");
    assert_eq!(floor(&eve), floor(&town.ada));
    let file = format!("{}/api/v1/files/{}", eve.api(), town.file);
    let mut answer = ureq::get(&file).call().expect("the attachment");
    assert_eq!(
        answer.body_mut().read_to_string().expect("text"),
        "tide,depth\nhigh,9\n"
    );

    let (one, other) = (world.dir().join("site"), elsewhere.dir().join("site"));
    eve.cli(&[
        "export",
        "site",
        "--committee",
        committee,
        "-o",
        other.to_str().expect("ASCII"),
    ]);
    let mut differ = differences(&one, &other);
    // Why a body is gone nobody signed: it stays with the node that erased it.
    differ.retain(|name| !page(&one.join(name)).contains("telephone") && !name.starts_with("find/"));
    assert_eq!(differ, Vec::<String>::new());
}

#[test]
fn pages_in_a_folder_lead_to_each_other_and_nowhere_else() {
    let world = World::new();
    let town = Town::new(&world);
    let site = world.dir().join("site");
    let url = "https://dao.example/town";
    let args = ["export", "site", "--committee", &town.committee, "--url", url, "-o"];
    town.ada.cli(&[&args[..], &[site.to_str().expect("ASCII")]].concat());
    let all = files(&site);
    let links = |text: &str| -> Vec<String> {
        let found = ["href=\"", "src=\""].iter().flat_map(|mark| text.split(mark).skip(1));
        found
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    };
    let mut seen = 0;
    for (name, path) in all
        .iter()
        .filter(|(name, _)| name.ends_with(".html") && *name != "verify.html")
    {
        let text = fs::read_to_string(path).expect("text");
        assert!(
            !text.contains("<form") && !text.contains("You are reading only"),
            "{name}"
        );
        assert!(!text.contains("<b>eastern</b>"), "{name}: what people wrote is text");
        for link in links(&text)
            .iter()
            .filter(|link| !link.starts_with('#') && !link.starts_with("data:"))
        {
            seen += 1;
            let file = link.split('#').next().unwrap_or_default();
            let target = path.parent().expect("a folder").join(file);
            let target = target
                .canonicalize()
                .unwrap_or_else(|_| panic!("{name} leads to {link}"));
            assert!(
                target.starts_with(site.canonicalize().expect("it is there")),
                "{name}: {link}"
            );
            if let Some((_, fragment)) = link
                .split_once('#')
                .filter(|(file, _)| file.is_empty() || file.ends_with(".html"))
            {
                let there = fs::read_to_string(&target).expect("text");
                assert!(there.contains(&format!("id=\"{fragment}\"")), "{name}: {link}");
            }
        }
    }
    assert!(seen > 1000, "{seen}");
    for name in ["feed.atom", "decisions.atom", "calendar.ics"] {
        let feed = fs::read_to_string(site.join(name)).unwrap_or_else(|_| panic!("{name}"));
        assert!(!feed.contains("127.0.0.1"), "{feed}");
    }
    let feed = fs::read_to_string(site.join("feed.atom")).expect("a feed");
    assert!(
        feed.contains(&format!("{url}/d/")) || feed.contains(&format!("{url}/e/")),
        "{feed}"
    );

    // Every table that holds anything is there as CSV, and every document as JSON.
    let doc = fs::read_to_string(site.join(format!("d/{}.json", town.doc))).expect("the document");
    assert!(doc.contains("eastern"));
    let mut tables = 0;
    for (name, path) in all
        .iter()
        .filter(|(name, _)| name.contains("views/") && name.ends_with(".json"))
    {
        let view: Value = serde_json::from_str(&fs::read_to_string(path).expect("text")).expect("JSON");
        let base = name.trim_end_matches(".json");
        for (table, rows) in view["tables"].as_object().expect("tables") {
            let csv = all
                .get(&format!("{base}.{table}.csv"))
                .or_else(|| all.get(&format!("{base}.csv")));
            let rows = rows.as_array().expect("rows").len();
            assert!(rows == 0 || csv.is_some(), "{name}: {table}");
            tables += usize::from(rows > 0);
        }
    }
    assert!(tables > 5, "{tables}");

    // The sums are what the usual program makes of it.
    let sums = std::process::Command::new("sha256sum")
        .args(["--quiet", "-c", "SHA256SUMS"])
        .current_dir(&site)
        .status();
    assert!(sums.expect("coreutils").success());
    // All but the list itself is on the list.
    let listed = fs::read_to_string(site.join("SHA256SUMS"))
        .expect("text")
        .lines()
        .count();
    assert_eq!(listed + 1, all.len());
}

#[test]
fn an_archive_that_somebody_changed_does_not_verify() {
    let world = World::new();
    let town = Town::new(&world);
    let site = world.dir().join("bare");
    let tar = path(&world, "bare.tar");
    town.ada.cli(&[
        "export",
        "archive",
        "--bare",
        "--committee",
        &town.committee,
        "-o",
        &tar,
    ]);
    let unpacked = || {
        fs::remove_dir_all(&site).ok();
        fs::create_dir(&site).expect("a folder");
        let done = std::process::Command::new("tar")
            .args(["-xf", &tar, "-C"])
            .arg(&site)
            .status();
        assert!(done.expect("tar").success());
    };
    let refused = || {
        let folder = site.to_str().expect("ASCII");
        let why = town.ada.shown(&["verify", folder]);
        assert!(why.contains("FAULT"), "{why}");
        why
    };
    let entries = site.join("entries/000000.cborseq");

    // A word of what somebody said.
    unpacked();
    assert!(town.ada.try_cli(&["verify", site.to_str().expect("ASCII")]).is_ok());
    let bytes = fs::read(&entries).expect("entries");
    let place = bytes.windows(9).position(|w| w == b"soundings").expect("it was said");
    let mut changed = bytes.clone();
    changed[place] = b'S';
    fs::write(&entries, &changed).expect("written");
    assert!(refused().contains("texts that are not those that were signed: 1"));

    // An entry of the record, left out: whoever built on it shows it, or the digest does, and the signed log names it.
    unpacked();
    let mut wires = split(&bytes);
    let said = wires
        .iter()
        .position(|wire| wire.windows(9).any(|w| w == b"soundings"))
        .expect("it was said");
    wires.remove(said);
    fs::write(&entries, wires.concat()).expect("written");
    let why = refused();
    assert!(
        why.contains("the log that the node signed holds entries that the archive lacks"),
        "{why}"
    );
    assert!(why.contains("its manifest says"), "{why}");

    // Another digest.
    unpacked();
    let manifest = site.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("text");
    let digest = serde_json::from_str::<Value>(&text).expect("JSON")["digest"]
        .as_str()
        .expect("text")
        .to_owned();
    fs::write(&manifest, text.replace(&digest, &"ab".repeat(32))).expect("written");
    assert!(refused().contains("its manifest says"));

    // Another attachment under its name; the import leaves it out and says so.
    unpacked();
    fs::write(site.join("files").join(&town.file), "tide,depth\nhigh,1\n").expect("written");
    assert!(refused().contains("is not the file that its name says"));
    let elsewhere = World::new();
    let eve = elsewhere.begin("eve");
    let taken = eve.cli(&["import", "archive", site.to_str().expect("ASCII")]);
    assert!(text_of(&taken, "/skipped/0/why").contains("not the file"), "{taken}");
    assert_eq!(taken.get("same"), Some(&Value::Bool(true)), "the entries are all there");

    // Half of it, and something else.
    let whole = fs::read(&tar).expect("a file");
    fs::write(&tar, &whole[..whole.len() / 3]).expect("written");
    assert!(town.ada.try_cli(&["verify", &tar]).is_err());
    assert!(eve.try_cli(&["import", "archive", &tar]).is_err());
    let folder = path(&world, "empty");
    fs::create_dir(&folder).expect("a folder");
    for command in [&["verify", &folder][..], &["import", "archive", &folder]] {
        let why = eve.try_cli(command).expect_err("it is none");
        assert!(why.contains("is no archive") && why.contains("export archive"), "{why}");
    }
}

fn text_of(json: &Value, pointer: &str) -> String {
    json.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The wire forms in a sequence.
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let wires = althing_protocol::archive::split(bytes).expect("a sequence");
    wires.into_iter().map(<[u8]>::to_vec).collect()
}

#[test]
fn only_the_owner_has_everything_packed_or_takes_it_in() {
    let world = World::new();
    let node = world.begin("ada");
    let committee = found(&node);
    let url = format!("{}/api/v1/committees/{committee}/archive", node.api());
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    assert_eq!(agent.get(&url).call().expect("an answer").status().as_u16(), 401);
    let post = format!("{}/api/v1/archive", node.api());
    assert_eq!(
        agent
            .post(&post)
            .send(&b"\x83"[..])
            .expect("an answer")
            .status()
            .as_u16(),
        401
    );
    let token = fs::read_to_string(node.data().join("token")).expect("a token");
    let token = format!("Bearer {}", token.trim());
    let answer = agent.post(&post).header("Authorization", &token).send(&b"\x83\x01"[..]);
    let mut answer = answer.expect("an answer");
    assert_eq!(answer.status().as_u16(), 400);
    assert!(
        answer
            .body_mut()
            .read_to_string()
            .expect("text")
            .contains("no file of entries")
    );
    let nobody = "ab".repeat(32);
    let out = path(&world, "x.tar");
    let why = node
        .try_cli(&["export", "archive", "--committee", &nobody, "-o", &out])
        .expect_err("it is not here");
    assert!(why.contains("no committee"), "{why}");
    assert!(!Path::new(&out).exists() && !Path::new(&format!("{out}.part")).exists());
}

/// The real papers of a DAO, where they are at hand.
#[test]
fn the_papers_of_a_dao_go_elsewhere_whole() {
    let Some(corpus) = std::env::var_os("ALTHING_CORPUS").map(PathBuf::from) else {
        return;
    };
    let (world, elsewhere) = (World::new(), World::new());
    let ada = world.begin("ada");
    let committee = found(&ada);
    let papers = corpus.join("mips");
    let report = ada.cli(&[
        "import",
        "mips",
        papers.to_str().expect("ASCII"),
        "--committee",
        &committee,
    ]);
    assert!(number(&report, "/added") > 200, "{report}");
    let (one, other) = (world.dir().join("site"), elsewhere.dir().join("site"));
    ada.cli(&[
        "export",
        "site",
        "--committee",
        &committee,
        "-o",
        one.to_str().expect("ASCII"),
    ]);
    let eve = elsewhere.begin("eve");
    let taken = eve.cli(&["import", "archive", one.to_str().expect("ASCII")]);
    assert_eq!(taken.get("same"), Some(&Value::Bool(true)), "{taken}");
    assert_eq!(eve.digest(&committee), ada.digest(&committee));
    eve.cli(&[
        "export",
        "site",
        "--committee",
        &committee,
        "-o",
        other.to_str().expect("ASCII"),
    ]);
    assert_eq!(differences(&one, &other), Vec::<String>::new());
    for view in ["units", "gaps", "scorecard", "mandates"] {
        let page = page(&one.join(format!("views/{view}.html")));
        assert!(page.matches("<tr").count() > 5, "{view} has rows");
    }
}
