//! The keys of an identity on real machines: a second one, a lost one, a stolen one, a root key that moves and rotates.

use std::path::Path;

use althing_tests::process::{Node, agree, put, text, wait_for};
use serde_json::Value;

use super::{World, admit, follow, found, state};

const PASSPHRASE: &str = "four words nobody guesses";

/// A passphrase in a file, for commands without a terminal.
fn passphrase(world: &World) -> String {
    let file = world.dir().join("passphrase");
    put(&file, &format!("{PASSPHRASE}\n"));
    file.display().to_string()
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// (machine, use, status) of every key of an identity, as a node knows them.
fn devices(node: &Node, identity: &str) -> Vec<(String, String, String)> {
    let list = node.cli(&["id", "devices", identity]);
    let items = list.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all: Vec<_> = items
        .iter()
        .map(|item| (text(item, "title"), text(item, "use"), text(item, "status")))
        .collect();
    all.sort();
    all
}

fn row(machine: &str, usage: &str, status: &str) -> (String, String, String) {
    (machine.to_owned(), usage.to_owned(), status.to_owned())
}

/// A new machine in the identity of another one, by the three commands that people use.
fn second(world: &World, first: &Node, machine: &str) -> Node {
    let mut new = Node::bare(&super::program(), world.dir(), machine);
    let asked = new.cli(&["init", "--join", "--device", machine]);
    let file = path(&world.dir().join(format!("{machine}.enrolment")));
    let enrolled = first.cli(&["id", "enroll", &text(&asked, "request"), "--output", &file]);
    assert_eq!(
        text(&enrolled, "check"),
        text(&asked, "check"),
        "the same digits on both"
    );
    new.cli(&["id", "accept", &file]);
    new.learn();
    new.start(&[]);
    new
}

#[test]
fn a_second_machine_is_enrolled_writes_and_is_retired() {
    let world = World::new();
    let (ada, ben) = (world.begin("ada"), world.begin("ben"));
    let committee = found(&ada);
    follow(&ben, &committee, &ada);
    agree(&[&ada, &ben], &committee, 1);

    let laptop = second(&world, &ada, "laptop");
    assert_eq!(laptop.identity(), ada.identity());
    agree(&[&ada, &ben, &laptop], &committee, 1);
    let topic = state(&laptop, &committee, "from the laptop");
    agree(&[&ada, &ben, &laptop], &committee, 4);
    let shown = ben.cli(&["show", &topic]);
    assert_eq!(
        shown.pointer("/by/identity").and_then(Value::as_str),
        Some(ada.identity())
    );
    let living = [
        row("first", "node", "living"),
        row("first", "person", "living"),
        row("laptop", "node", "living"),
        row("laptop", "person", "living"),
    ];
    assert_eq!(devices(&ada, ada.identity()), living);
    wait_for("the other node to know the same", || {
        ben.try_cli(&["id", "devices", ada.identity()]).ok()?;
        (devices(&ben, ada.identity()) == living).then_some(())
    });

    let retired = ada.cli(&["id", "retire", "laptop", "--yes", "--note", "it was sold"]);
    let items = retired
        .get("items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    assert_eq!(items.len(), 2, "both keys of the machine: {retired}");
    let last: Vec<String> = items
        .iter()
        .filter_map(|item| item.get("last")?.as_array().cloned())
        .flatten()
        .map(|last| text(&last, "id"))
        .collect();
    assert_eq!(last, [topic.as_str()], "its last entry in every space is named");
    let statuses = [
        row("first", "node", "living"),
        row("first", "person", "living"),
        row("laptop", "node", "retired"),
        row("laptop", "person", "retired"),
    ];
    for node in [&ada, &ben, &laptop] {
        wait_for("the retirement everywhere", || {
            (devices(node, ada.identity()) == statuses).then_some(())
        });
    }
    // The machine tells whoever sits at it.
    let standing = |node: &Node| text(&node.cli(&["status"]), "device");
    assert_eq!(
        [standing(&ada), standing(&laptop)],
        ["living".to_owned(), "retired".to_owned()]
    );
    assert!(laptop.shown(&["status"]).contains("RETIRED") && !ada.shown(&["status"]).contains("RETIRED"));
    let again = ada.try_cli(&["id", "retire", "laptop", "--yes"]).unwrap_err();
    assert!(again.contains("althing id devices"), "{again}");

    // What comes after the retirement does not count; what came before still does, after a rotation too.
    let late = laptop.write(&["post", &topic, "by a thief"]);
    let rotated = ada.cli(&["id", "rotate", "--yes"]);
    assert_eq!(
        rotated.get("keep").and_then(Value::as_array).map(Vec::len),
        Some(4),
        "{rotated}"
    );
    for node in [&ada, &ben] {
        wait_for("the effects of before and after", || {
            let log = node.get(&format!("/documents/{topic}/log"))?;
            let effect = |id: &str| {
                let items = log.get("items")?.as_array()?;
                let item = items
                    .iter()
                    .find(|item| item.get("id").is_some_and(|found| found == id))?;
                Some(item.get("effect")?.as_str()?.to_owned())
            };
            (effect(&topic)? == "effective" && effect(&late)? == "unauthorised").then_some(())
        });
        wait_for("the rotation", || {
            (devices(node, ada.identity()) == statuses).then_some(())
        });
    }
}

#[test]
fn a_request_is_taken_whole_and_once_and_a_file_only_where_it_belongs() {
    let world = World::new();
    let ada = world.begin("ada");
    let new = Node::bare(&super::program(), world.dir(), "new");
    let asked = new.cli(&["init", "--join", "--device", "new"]);
    let request = text(&asked, "request");
    assert_eq!(
        text(&new.cli(&["init", "--join"]), "request"),
        request,
        "asked again, the same"
    );
    let waits = new.try_cli(&["id"]).unwrap_err();
    assert!(
        waits.contains(&request) && waits.contains("althing id accept"),
        "{waits}"
    );
    let mut forged = request.clone();
    forged.replace_range(60..61, if &request[60..61] == "A" { "B" } else { "A" });
    let refused = ada.try_cli(&["id", "enroll", &forged]).unwrap_err();
    assert!(refused.contains("changed on the way"), "{refused}");

    let file = path(&world.dir().join("new.enrolment"));
    let first = ada.cli(&["id", "enroll", &request, "--output", &file]);
    let written = ada.try_cli(&["id", "enroll", &request, "--output", &file]).unwrap_err();
    assert!(written.contains("cannot write"), "never over a file: {written}");
    let other = path(&world.dir().join("again.enrolment"));
    let second = ada.cli(&["id", "enroll", &request, "--output", &other]);
    assert_eq!(text(&first, "device"), text(&second, "device"), "enrolled once");
    assert_eq!(devices(&ada, ada.identity()).len(), 4);

    let third = Node::bare(&super::program(), world.dir(), "third");
    third.cli(&["init", "--join"]);
    let refused = third.try_cli(&["id", "accept", &file]).unwrap_err();
    assert!(refused.contains("enrols another machine"), "{refused}");
    let refused = ada.try_cli(&["id", "accept", &file]).unwrap_err();
    assert!(refused.contains("does not wait to be enrolled"), "{refused}");
    new.cli(&["id", "accept", &file]);
}

/// The promise of README and docs/keys.md: from the encrypted file alone, over a peer.
#[test]
fn a_lost_disk_is_recovered_from_the_encrypted_file_over_a_peer() {
    let world = World::new();
    let secret = passphrase(&world);
    let (mut ada, ben) = (world.begin("ada"), world.begin("ben"));
    let committee = found(&ada);
    follow(&ben, &committee, &ada);
    admit(&ada, &committee, &ben);
    let lost = state(&ada, &committee, "before the loss");
    agree(&[&ada, &ben], &committee, 3);
    wait_for("a peer in the book", || {
        std::fs::metadata(ada.data().join("peers")).ok()
    });

    let file = path(&world.dir().join("ada.age"));
    let export = ["id", "export-keys", &file, "--remove", "--passphrase-file", &secret];
    let exported = ada.cli(&export);
    assert_eq!(exported.get("removed"), Some(&true.into()));
    assert!(!ada.data().join("keys/root").exists() && !ada.data().join("keys/next").exists());
    let away = ada.try_cli(&["id", "rotate", "--yes"]).unwrap_err();
    assert!(away.contains("--keys"), "{away}");
    // What comes after the file was written is found at the peers.
    let later = second_by_file(&world, &ada, &file, &secret);
    agree(&[&ada, &ben, &later], &committee, 3);
    let own_keys = std::fs::read_to_string(ada.data().join("keys/device")).unwrap();
    ada.kill();
    drop(later);
    std::fs::remove_dir_all(ada.data()).unwrap();

    let mut back = Node::bare(&super::program(), world.dir(), "back");
    back.cli(&["id", "recover", &file, "--passphrase-file", &secret]);
    back.learn();
    assert_eq!(back.identity(), ada.identity());
    assert_ne!(
        std::fs::read_to_string(back.data().join("keys/device")).unwrap(),
        own_keys
    );
    back.start(&[]);
    agree(&[&back, &ben], &committee, 3);
    let early = back.try_cli(&["post", &lost, "too early"]).unwrap_err();
    assert!(early.contains("althing id enroll --here"), "{early}");
    let enroll = ["id", "enroll", "--here", "--keys", &file, "--passphrase-file", &secret];
    wait_for("the same digest at a peer", || back.try_cli(&enroll).ok());
    let statuses = || devices(&back, ada.identity());
    assert_eq!(
        statuses().len(),
        6,
        "also the machine that was enrolled after the file was written"
    );

    let post = back.write(&["post", &lost, "I am back"]);
    agree(&[&back, &ben], &committee, 6);
    wait_for("the post at the other node", || {
        let shown = ben.get(&format!("/documents/{lost}"))?;
        let acts = shown.get("acts")?.as_array()?.clone();
        let act = acts
            .into_iter()
            .find(|act| act.get("id").is_some_and(|id| *id == post.as_str()))?;
        (act.get("effect")? == "effective" && act.get("record")? == true).then_some(())
    });
    let retire = [
        "id",
        "retire",
        "first",
        "--yes",
        "--keys",
        &file,
        "--passphrase-file",
        &secret,
    ];
    back.cli(&retire);
    wait_for("the retirement at the other node", || {
        devices(&ben, ada.identity())
            .contains(&row("first", "person", "retired"))
            .then_some(())
    });
    // It stays enrolled after a restart, and nothing of it forked.
    back.stop();
    back.start(&[]);
    back.write(&["post", &lost, "and again"]);
    agree(&[&back, &ben], &committee, 8);
}

/// Like [`second`], with root keys that are in a file.
fn second_by_file(world: &World, first: &Node, keys: &str, secret: &str) -> Node {
    let mut new = Node::bare(&super::program(), world.dir(), "tablet");
    let asked = new.cli(&["init", "--join", "--device", "tablet"]);
    let file = path(&world.dir().join("tablet.enrolment"));
    let request = text(&asked, "request");
    first.cli(&[
        "id",
        "enroll",
        &request,
        "--output",
        &file,
        "--keys",
        keys,
        "--passphrase-file",
        secret,
    ]);
    new.cli(&["id", "accept", &file]);
    new.learn();
    new.start(&[]);
    new
}

#[test]
fn rotations_take_the_next_key_and_keep_what_is_named() {
    let world = World::new();
    let secret = passphrase(&world);
    let ada = world.begin("ada");
    let phone = second(&world, &ada, "phone");
    let roots = || ["root", "next"].map(|key| std::fs::read_to_string(ada.data().join("keys").join(key)).unwrap());
    let [_, next] = roots();
    let asked = ada.try_cli(&["id", "rotate", "--keep", "first"]).unwrap_err();
    assert!(
        asked.contains("phone") && asked.contains("--yes"),
        "it says what it would do: {asked}"
    );
    let rotated = ada.cli(&["id", "rotate", "--keep", "first", "--yes"]);
    assert_eq!(rotated.get("dropped").and_then(Value::as_array).map(Vec::len), Some(2));
    let [root, new] = roots();
    assert_eq!(root, next, "the key that was committed to is root");
    assert_ne!(new, next);
    assert!(!ada.data().join("keys/after").exists());
    let expected = [
        row("first", "node", "living"),
        row("first", "person", "living"),
        row("phone", "node", "dropped"),
        row("phone", "person", "dropped"),
    ];
    assert_eq!(devices(&ada, ada.identity()), expected);

    // The second rotation, by keys in a file; the file of before is of no use then.
    let (old, new) = (path(&world.dir().join("old.age")), path(&world.dir().join("new.age")));
    ada.cli(&["id", "export-keys", &old, "--passphrase-file", &secret, "--remove"]);
    let nowhere = ada.try_cli(&["id", "rotate", "--yes", "--keys", &old, "--passphrase-file", &secret]);
    assert!(nowhere.unwrap_err().contains("--output"));
    let rotate = [
        "id",
        "rotate",
        "--yes",
        "--keys",
        &old,
        "--output",
        &new,
        "--passphrase-file",
        &secret,
    ];
    ada.cli(&rotate);
    let third = path(&world.dir().join("third.age"));
    let stale = [
        "id",
        "rotate",
        "--yes",
        "--keys",
        &old,
        "--output",
        &third,
        "--passphrase-file",
        &secret,
    ];
    let refused = ada.try_cli(&stale).unwrap_err();
    assert!(refused.contains("before the last rotation"), "{refused}");
    ada.cli(&["id", "import-keys", &new, "--passphrase-file", &secret]);
    second(&world, &ada, "tablet");
    assert!(devices(&ada, ada.identity()).contains(&row("tablet", "person", "living")));
    drop(phone);
}

#[test]
fn key_files_say_what_is_wrong() {
    let world = World::new();
    let secret = passphrase(&world);
    let ada = world.init("ada");
    let file = path(&world.dir().join("ada.age"));
    // Without a node, and without a terminal.
    let asked = ada.try_cli(&["id", "export-keys", &file]).unwrap_err();
    assert!(asked.contains("--passphrase-file"), "{asked}");
    ada.cli(&["id", "export-keys", &file, "--passphrase-file", &secret]);
    let sealed = std::fs::read_to_string(&file).unwrap();
    let root = std::fs::read_to_string(ada.data().join("keys/root")).unwrap();
    assert!(sealed.contains("AGE ENCRYPTED") && !sealed.contains(root.trim()));
    let again = ada
        .try_cli(&["id", "export-keys", &file, "--passphrase-file", &secret])
        .unwrap_err();
    assert!(
        again.contains("cannot write the new file"),
        "never over a file: {again}"
    );
    let wrong = world.dir().join("wrong");
    put(&wrong, "another passphrase\n");
    let fresh = Node::bare(&super::program(), world.dir(), "fresh");
    let recover = |node: &Node, file: &str, secret: &str| {
        node.try_cli(&["id", "recover", file, "--passphrase-file", secret])
            .unwrap_err()
    };
    assert!(recover(&fresh, &file, &path(&wrong)).contains("does not open this file"));
    assert!(recover(&fresh, &secret, &secret).contains("no key file"));
    assert!(recover(&ada, &file, &secret).contains("never written over"));
    let ben = world.init("ben");
    let other = ben
        .try_cli(&["id", "import-keys", &file, "--passphrase-file", &secret])
        .unwrap_err();
    assert!(other.contains("are of the identity"), "{other}");
    // A rotation that was cut off: nobody is to rely on keys that may be those of before.
    let after = ada.data().join("keys/after");
    put(&after, &"07".repeat(32));
    let other = path(&world.dir().join("other.age"));
    let export = ["id", "export-keys", &other, "--remove", "--passphrase-file", &secret];
    let begun = ada.try_cli(&export).unwrap_err();
    assert!(
        begun.contains("a rotation was begun") && after.exists() && !Path::new(&other).exists(),
        "{begun}"
    );
    let off = ada.try_cli(&["id", "rotate", "--yes"]).unwrap_err();
    assert!(off.contains("althing run"), "what signs needs the node: {off}");
}
