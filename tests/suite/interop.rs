//! Other readers of our vectors and exports: `tests/interop/verify.py` shares no code with us, and has to agree.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected has to stop"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use althing_protocol::author::Draft;
use althing_protocol::entry::Verified;
use althing_protocol::floor;
use althing_protocol::hash::Id;
use althing_protocol::kind;
use althing_protocol::ruling::Rulings;
use althing_protocol::state::Limits;
use althing_tests::kit::{Dice, Pen, Person, Replica, Town};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs verify.py. `make test` puts a Python with `cryptography` on the path; ALTHING_PYTHON names another one.
fn verify(arguments: &[&str]) -> Output {
    let python = std::env::var("ALTHING_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = folder("interop/verify.py");
    let output = Command::new(&python).arg("-B").arg(script).args(arguments).output();
    let output = output.unwrap_or_else(|e| panic!("cannot run {python}: {e}; install Python 3, or run `make setup`"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !said.contains("Python package"),
        "{python} lacks the package `cryptography`: `make setup` installs it, or set ALTHING_PYTHON to one that has it"
    );
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What verify.py says to these arguments, which it must accept.
pub(crate) fn python(arguments: &[&str]) -> String {
    accepted(&verify(arguments))
}

fn accepted(output: &Output) -> String {
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}{complained}");
    said
}

/// What the page of a bundle says, run by Node.
pub(crate) fn page(arguments: &[&str]) -> String {
    let output = Command::new("node")
        .arg(folder("interop/verify.mjs"))
        .args(arguments)
        .output();
    accepted(&output.unwrap_or_else(|e| panic!("cannot run node: {e}; run `make setup`")))
}

#[test]
fn the_page_that_lies_in_every_bundle_agrees_too() {
    let vectors = folder("../protocol/vectors");
    let said = page(&["check", vectors.to_str().unwrap()]);
    for file in ["log", "anchor", "proof"] {
        assert!(said.contains(file), "{file} was not read: {said}");
    }
}

#[test]
fn another_reader_agrees_on_every_vector() {
    let vectors = folder("../protocol/vectors");
    let said = python(&["check", vectors.to_str().unwrap()]);
    for file in [
        "entry",
        "admit",
        "record",
        "authority",
        "effect",
        "digest",
        "log",
        "anchor",
        "proof",
    ] {
        assert!(said.contains(&format!("{file}.json: ")), "{file} was not read");
    }
}

/// A reader that agrees with everything would pass, too.
#[test]
fn another_reader_notices_a_false_vector() {
    let real = folder("../protocol/vectors");
    let scratch = tempfile::tempdir().unwrap();
    type Change = fn(&mut Value);
    let falsify: [(&str, Change); 8] = [
        ("entry.json", |v| v["refused"][0]["error"] = "signature".into()),
        ("entry.json", |v| v["accepted"][3]["carried"] = "absent".into()),
        ("admit.json", |v| v["cases"][0]["offer"][0][1] = "admitted".into()),
        ("record.json", |v| v["cases"][3]["digest"] = "00".repeat(32).into()),
        ("authority.json", |v| v["cases"][1]["made"] = json!([])),
        ("effect.json", |v| v["cases"][2]["effects"] = json!({})),
        ("effect.json", |v| {
            v["cases"][1]["holders"] = json!([["voice", "a", "b"]])
        }),
        ("digest.json", |v| v["paths"][0]["presence"] = "neither".into()),
    ];
    for (file, change) in falsify {
        let files = fs::read_dir(&real).unwrap().map(Result::unwrap);
        for entry in files.filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), scratch.path().join(entry.file_name())).unwrap();
        }
        let path = scratch.path().join(file);
        let mut value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut value);
        fs::write(&path, value.to_string()).unwrap();
        let output = verify(&["check", scratch.path().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{file}: {}", text(&output.stdout));
        assert!(text(&output.stderr).starts_with(file), "{}", text(&output.stderr));
    }
}

fn line(id: &Id, wire: &[u8]) -> String {
    format!("{}\n", json!({ "id": id, "wire": HEXLOWER.encode(wire) }))
}

/// Writes an export and lets verify.py recompute it.
fn recompute(entries: &[(Id, Vec<u8>)], committee: Id) -> Output {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("export.jsonl");
    let lines: String = entries.iter().map(|(id, wire)| line(id, wire)).collect();
    fs::write(&file, lines).unwrap();
    verify(&["export", file.to_str().unwrap(), "--committee", &committee.to_string()])
}

fn agrees(replica: &Replica, committee: Id, dice: &mut Dice) -> Value {
    let ids = replica.admitted();
    let mut entries: Vec<(Id, Vec<u8>)> = ids.iter().map(|id| (*id, replica.wire(id).unwrap())).collect();
    dice.shuffle(&mut entries);
    let output = recompute(&entries, committee);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ours = replica.summary(committee);
    let state = &replica.state;
    let (graph, rulings) = (state.graph(), Rulings::new(state));
    let found = state.committee(&committee).expect("followed");
    let authority = found.authority();
    let grants = ours
        .made
        .iter()
        .filter(|id| authority.is_effective(graph.num(id).unwrap(), graph));
    let judged = ours.record.iter().filter_map(|id| {
        let (num, entry) = (graph.num(id)?, replica.entry(id)?);
        let ruling = rulings.of(num, kind::find(&entry.header().kind));
        let own = graph.node(num).space == found.root();
        own.then_some((id.to_string(), json!([ruling.effect.name(), ruling.cause?.name()])))
    });
    let parameters = authority
        .parameters(graph)
        .map(|(name, p)| (name.to_owned(), json!(p.value)));
    let expected = json!({
        "digest": ours.digest,
        "effective": grants.collect::<Vec<_>>(),
        "effects": Value::Object(judged.collect()),
        "entries": ours.record.len(),
        "holders": ours.holders,
        "made": ours.made,
        "members": ours.members,
        "parameters": Value::Object(parameters.collect()),
    });
    assert_eq!(said, expected);
    said
}

/// A town in which everybody writes whatever they like, out of sight of each other, and forks.
struct Chaos {
    dice: Dice,
    town: Town,
    people: Vec<Person>,
    pens: Vec<Pen>,
    acts: Vec<Id>,
    grants: Vec<Id>,
    posts: Vec<Id>,
    replica: Replica,
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let founders = 1 + dice.below(3);
        let threshold = u64::try_from(1 + dice.below(founders)).unwrap();
        let town = Town::new(&format!("chaos {seed}"), founders, threshold);
        let people: Vec<Person> = (0..5).map(|n| Person::new(&format!("chaos {seed}/{n}"))).collect();
        let strangers: Vec<Person> = (0..10).map(|n| Person::new(&format!("stranger {seed}/{n}"))).collect();
        let mut replica = Replica::unchecked(Limits::default(), &[town.id]);
        replica.offer_all(&town.entries());
        for person in people.iter().chain(&strangers) {
            replica.offer_all(&person.entries);
        }
        let pens = town
            .pens()
            .into_iter()
            .chain(people.iter().chain(&strangers).map(|p| p.pen(town.id)))
            .collect();
        Self {
            dice,
            town,
            people,
            pens,
            acts: Vec::new(),
            grants: Vec::new(),
            posts: Vec::new(),
            replica,
        }
    }

    fn some(&mut self, of: &[Id], most: usize) -> Vec<Id> {
        let count = self.dice.below(most + 1).min(of.len());
        (0..count).filter_map(|_| self.dice.pick(of).copied()).collect()
    }

    fn step(&mut self) {
        // Those who have a say sign more often than others.
        let founders = self.town.founders.len();
        let who = if self.dice.chance(50) {
            self.dice.below(founders)
        } else {
            self.dice.below(self.pens.len())
        };
        let (acts, posts) = (self.acts.clone(), self.posts.clone());
        let mut saw = self.some(&acts[acts.len().saturating_sub(4)..], 3);
        if self.dice.chance(8) {
            saw.extend(self.some(&posts, 1));
        }
        let before = self.pens[who].clone();
        let to = self.dice.pick(&self.people).unwrap().identity;
        let roll = self.dice.below(10);
        let (grant, act) = (self.dice.pick(&self.grants).copied(), self.dice.pick(&acts).copied());
        let (value, moderator) = (self.dice.below(5), self.dice.chance(50));
        let pen = &mut self.pens[who];
        let entry = match (roll, grant, act) {
            (2, ..) if moderator => pen.grant("moderator", to, &saw),
            (7, ..) if moderator => pen.parameter("fee", value.try_into().unwrap(), &saw),
            (8, ..) => pen.label(&saw),
            (0 | 1, ..) => pen.grant("steward", to, &saw),
            (2, ..) => pen.grant("voice", to, &saw),
            (3, Some(grant), _) => pen.revoke(grant, &saw),
            (4..=6, _, Some(act)) => pen.cosign(act, &saw),
            (7, ..) => pen.vouch(to),
            _ => pen.post("…", &saw),
        };
        self.replica.offer(&entry);
        match entry.header().kind.as_str() {
            "grant" => self.grants.push(entry.id()),
            "post" => self.posts.push(entry.id()),
            _ => {}
        }
        if matches!(
            entry.header().kind.as_str(),
            "grant" | "revoke" | "cosign" | "set_parameter"
        ) {
            self.acts.push(entry.id());
        }
        if self.dice.chance(5) {
            // The log goes on from before this entry: a fork.
            self.pens[who] = before;
        }
        if self.dice.chance(5) {
            self.move_house();
        }
    }

    /// Somebody enrols, retires or takes over, and writes with another device from now on.
    fn move_house(&mut self) {
        let at = self.dice.below(self.people.len());
        let roll = self.dice.below(7);
        let person = &mut self.people[at];
        let known = person.entries.len();
        match roll {
            0 | 1 => {
                let device = person.enroll();
                self.pens.push(device.pen(self.town.id));
            }
            2 | 3 => {
                let device = person.device.clone();
                person.retire(&device, Vec::new());
            }
            4 | 5 => {
                person.rotate(vec![person.device.cert]);
            }
            _ => {
                let mut thief = person.clone();
                thief.rotate(Vec::new());
                person.rotate(vec![person.device.cert]);
                person.entries.extend(thief.entries.last().cloned());
            }
        }
        let new: Vec<Verified> = person.entries[known..].to_vec();
        self.replica.offer_all(&new);
    }
}

#[test]
fn another_reader_recomputes_what_chaos_leaves() {
    let (mut made, mut floor) = (0, 0);
    let mut causes = BTreeSet::new();
    for seed in 0..16 {
        let mut chaos = Chaos::new(seed);
        for _ in 0..150 {
            chaos.step();
        }
        println!("seed {seed}");
        let said = agrees(&chaos.replica, chaos.town.id, &mut chaos.dice);
        let effects = said["effects"].as_object().unwrap().values();
        causes.extend(effects.map(|effect| effect[1].as_str().unwrap().to_owned()));
        let summary = chaos.replica.summary(chaos.town.id);
        floor += chaos.replica.admitted().len() - summary.record.len();
        made += summary.made.len();
    }
    assert!(
        floor > 100,
        "chaos left only {floor} entries on the floor: too tame a test"
    );
    assert!(
        causes.len() > 9 && causes.contains("dead_identity"),
        "chaos met only {causes:?}: too tame a test"
    );
    assert!(made > 100, "chaos made only {made} acts: too tame a test");
}

#[test]
fn another_reader_takes_seconds_for_thousands() {
    let town = Town::new("many", 2, 2);
    let mut limits = Limits::default();
    limits.floor = floor::Limits {
        per_key: 10_000,
        ..limits.floor
    };
    let mut replica = Replica::unchecked(limits, &[town.id]);
    replica.offer_all(&town.entries());
    let mut posts = Vec::new();
    for n in 0..3000 {
        let draft = Draft {
            doc: Some(town.id),
            kind: "post".to_owned(),
            after: posts.iter().rev().take(1).copied().collect(),
            time: n,
            ..Draft::default()
        };
        let device = &town.founders[usize::from(n % 2 == 0)].device;
        posts.push(replica.write(town.id, device, draft).unwrap().id());
    }
    let start = Instant::now();
    agrees(&replica, town.id, &mut Dice::new(1));
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn another_reader_refuses_an_export_that_does_not_stand() {
    let town = Town::new("broken", 1, 1);
    let mut entries: Vec<(Id, Vec<u8>)> = town.entries().iter().map(|e| (e.id(), e.wire())).collect();
    let post = town.pen(0).post("hello", &[]);
    entries.push((post.id(), post.wire()));
    assert!(recompute(&entries, town.id).status.success());
    let said = |entries: &[(Id, Vec<u8>)], committee: Id| {
        let output = recompute(entries, committee);
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let lacking: Vec<_> = entries
        .iter()
        .filter(|(id, _)| *id != town.founders[0].device.cert)
        .cloned()
        .collect();
    assert!(said(&lacking, town.id).contains("waiting"));
    assert!(said(&entries, post.id()).contains("not_followed") || said(&entries, post.id()).contains("lacks the root"));
    let by_id: BTreeMap<Id, Vec<u8>> = entries.iter().cloned().collect();
    let mut swapped = entries.clone();
    swapped.last_mut().unwrap().1 = by_id[&town.id].clone();
    assert!(said(&swapped, town.id).contains("in truth"));
    let mut forged = entries.clone();
    let wire = &mut forged.last_mut().unwrap().1;
    let last = wire.len() - 1;
    wire[last] ^= 1;
    let forged = recompute(&forged, town.id);
    let body_only = forged.status.success();
    assert!(
        body_only,
        "a body that does not fit is no reason to refuse: {}",
        text(&forged.stderr)
    );
    let header = post.header_bytes().len();
    let mut forged = entries.clone();
    forged.last_mut().unwrap().1[1 + header + 10] ^= 1;
    assert!(said(&forged, town.id).contains("signature"));
}
