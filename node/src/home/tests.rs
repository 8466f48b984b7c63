use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use althing_protocol::hash::Key;
use althing_protocol::state::{LOCAL, Limits, Outcome, State};

use super::*;

#[test]
fn what_init_makes_opens_and_is_private() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("data");
    let made = Home::init(&dir, "Ada").unwrap();
    let opened = Home::open(&dir).unwrap();
    assert_eq!(made.identity(), opened.identity());
    assert_eq!(opened.name(), "Ada");
    assert_eq!(opened.token().len(), 64);
    let keys = [
        opened.roots().unwrap().root.to_bytes(),
        opened.device().to_bytes(),
        opened.node_key().to_bytes(),
        opened.libp2p_seed(),
    ];
    for (i, key) in keys.iter().enumerate() {
        assert!(!keys[..i].contains(key), "keys are never mixed");
    }
    for file in [
        "keys/root",
        "keys/next",
        "keys/device",
        "keys/node",
        "keys/libp2p",
        "token",
    ] {
        assert_eq!(
            fs::metadata(dir.join(file)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file}"
        );
    }
    assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn the_initial_entries_are_admitted_and_enrol_the_keys() {
    let temp = tempfile::tempdir().unwrap();
    let home = Home::init(&temp.path().join("d"), "Ada").unwrap();
    let mut state = State::new(Limits::default());
    for wire in home.initial_entries() {
        let entry = Entry::decode(&wire).unwrap().verify().unwrap();
        assert!(matches!(
            state.offer(entry, LOCAL, &mut Vec::new()),
            Outcome::Admitted(_)
        ));
    }
    let enrolled = |id| state.identities().enrolled(state.graph().num(&id).unwrap());
    assert_eq!(
        enrolled(home.device_cert().unwrap()),
        Some(Key(home.device().verifying_key().to_bytes()))
    );
    assert_eq!(
        enrolled(home.node_cert().unwrap()),
        Some(Key(home.node_key().verifying_key().to_bytes()))
    );
}

#[test]
fn refuses_to_overwrite_and_says_what_is_missing() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("d");
    assert!(matches!(Home::open(&dir), Err(Error::Missing(_))));
    Home::init(&dir, "Ada").unwrap();
    assert!(matches!(Home::init(&dir, "Bob"), Err(Error::Exists(_))));
    assert_eq!(Home::open(&dir).unwrap().name(), "Ada");
    fs::remove_file(dir.join("keys/root")).unwrap();
    let home = Home::open(&dir).expect("the root key may be moved away");
    assert!(matches!(home.roots(), Err(Error::RootAway(_))));
    fs::remove_file(dir.join("keys/device")).unwrap();
    assert!(matches!(Home::open(&dir), Err(Error::Incomplete { .. })));
    fs::remove_file(dir.join("VERSION")).unwrap();
    assert!(matches!(Home::open(&dir), Err(Error::Incomplete { .. })));
    assert!(matches!(Home::init(&dir, "Ada"), Err(Error::Exists(_))));
}

#[test]
fn refuses_other_versions_open_permissions_and_damage() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("d");
    Home::init(&dir, "Ada").unwrap();
    let key = dir.join("keys/device");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Home::open(&dir), Err(Error::Readable { mode: 0o640, .. })));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "not hex").unwrap();
    assert!(matches!(Home::open(&dir), Err(Error::Damaged { .. })));
    fs::write(&key, "00".repeat(32)).unwrap();
    let entry = dir.join("identity/device.entry");
    let mut bytes = fs::read(&entry).unwrap();
    bytes[60] ^= 1;
    fs::write(&entry, bytes).unwrap();
    assert!(matches!(Home::open(&dir), Err(Error::Damaged { .. })));
    fs::write(dir.join("VERSION"), "2").unwrap();
    assert!(matches!(Home::open(&dir), Err(Error::Version { found, .. }) if found == "2"));
}

#[test]
fn bad_names() {
    let temp = tempfile::tempdir().unwrap();
    for name in ["", "two\nlines", &"x".repeat(201)] {
        assert!(matches!(Home::init(&temp.path().join("d"), name), Err(Error::Name)));
    }
}

#[test]
fn one_process_at_a_time() {
    let temp = tempfile::tempdir().unwrap();
    let home = Home::init(&temp.path().join("d"), "Ada").unwrap();
    let lock = home.lock().unwrap();
    home.note_api("http://127.0.0.1:8420").unwrap();
    let again = Home::open(home.dir()).unwrap().lock().unwrap_err();
    assert!(again.to_string().contains("http://127.0.0.1:8420"), "{again}");
    drop(lock);
    home.lock().unwrap();
}
