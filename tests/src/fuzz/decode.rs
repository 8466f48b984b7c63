//! Decoders: whatever is accepted must come out again as it went in.

use std::sync::LazyLock;

use althing::invitation::Invitation;
use althing::store::withheld::Withheld;
use althing_protocol::control::{self, Control};
use althing_protocol::digest::{Path, Tree};
use althing_protocol::entry::{Entry, Header, Verified};
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::kind::{self, read};
use althing_protocol::{admit, codec, sync};
use serde_json::Value as Json;

use super::{mix, words};
use crate::kit::history::history;
use crate::kit::{Person, Replica};

/// A history with something of everything.
static HISTORY: LazyLock<Vec<Verified>> = LazyLock::new(|| {
    let steps: Vec<[u8; 6]> = (0u8..48)
        .map(|n| [n, n, n.wrapping_mul(7), n / 2, 3, n.wrapping_mul(5)])
        .collect();
    history("fuzz", 2, 1, &steps).entries
});

pub(super) fn some_history() -> &'static [Verified] {
    &HISTORY
}

/// Entries in wire form.
pub(super) fn entry(bytes: &[u8]) -> u64 {
    // What a signed note of this node's owner reads like: it lies in a store that may be damaged.
    drop(Withheld::read(bytes));
    let claimed = sync::claimed_id(bytes);
    match Entry::decode(bytes) {
        Err(why) => words(&why.to_string()),
        Ok(entry) => {
            let id = entry.id();
            assert_eq!(claimed, Some(id), "the id is the same however it is read");
            match entry.verify() {
                Err(why) => mix([1, words(&why.to_string())]),
                Ok(verified) => {
                    let again = Entry::decode(&verified.wire()).expect("what was accepted is accepted again");
                    assert_eq!(again.id(), id);
                    mix([2, words(verified.header().kind.as_str())])
                }
            }
        }
    }
}

pub(super) fn entries() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = some_history().iter().map(Verified::wire).collect();
    let bare = |e: &Verified| althing_protocol::entry::wire(e.header_bytes(), e.signature(), None);
    all.extend(some_history().iter().step_by(5).map(bare));
    all
}

/// Values of the encoding, nested and not.
pub(super) fn value(bytes: &[u8]) -> u64 {
    match codec::decode_value(bytes) {
        Err(why) => words(&why.to_string()),
        Ok(value) => {
            assert_eq!(codec::encode(&value), bytes, "one value, one encoding");
            codec::check(&value).expect("what was accepted lies inside the subset");
            mix([3, u64::from(bytes.first().copied().unwrap_or(0) >> 5)])
        }
    }
}

pub(super) fn values() -> Vec<Vec<u8>> {
    let nested = |head: u8, depth: usize| vec![head; depth];
    let mut all = vec![
        nested(0x81, 15),
        nested(0x81, 17),
        nested(0x81, 5000),
        nested(0xa1, 3000),
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\x5b\x00\x00\x00\xff\xff\xff\xff\xff".to_vec(),
        b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\xd8\x2a\x58\x25\x00".to_vec(),
        b"\x9f\xff".to_vec(),
        b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00".to_vec(),
    ];
    all.extend(headers());
    all
}

/// Headers with their control, and what admission reads of them without a signature.
pub(super) fn header(bytes: &[u8]) -> u64 {
    let Ok(header) = codec::decode::<Header>(bytes) else {
        return 0;
    };
    assert_eq!(header.encode(), bytes);
    let names = admit::names(&header).len();
    match admit::read(&header) {
        Err(fault) => mix([1, words(&fault.to_string())]),
        Ok((shape, control)) => {
            let class = admit::class(shape, &control);
            if !matches!(control, Control::Unread) {
                let mut again = header.clone();
                again.control = control.value();
                assert_eq!(
                    control::read(&again, shape),
                    Ok(control.clone()),
                    "a control means the same again"
                );
            }
            assert!(
                control.names().len() <= names,
                "every name in a control is a name of the entry"
            );
            words(&format!("{class:?}"))
        }
    }
}

pub(super) fn headers() -> Vec<Vec<u8>> {
    some_history().iter().map(|e| e.header_bytes().to_vec()).collect()
}

/// Bodies, read as every kind that there is.
pub(super) fn body(bytes: &[u8]) -> u64 {
    let Some((which, body)) = bytes.split_first() else {
        return 0;
    };
    let all = kind::all();
    let Some(kind) = all.get(usize::from(*which) % all.len()) else {
        return 0;
    };
    let change = |result: Result<read::Change, read::Breach>| match result {
        Ok(change) => {
            drop(kind::json::change(&change));
            1
        }
        Err(why) => words(&why.to_string()),
    };
    let act = match read::act(kind, Some(body)) {
        Ok(record) => {
            drop(kind::json::fields(&record));
            2
        }
        Err(why) => words(&why.to_string()),
    };
    mix([
        u64::from(*which),
        change(read::root(kind, Some(body))),
        change(read::edit(kind, Some(body))),
        act,
    ])
}

pub(super) fn bodies() -> Vec<Vec<u8>> {
    let all: Vec<&str> = kind::all().iter().map(|kind| kind.name).collect();
    let mut out: Vec<Vec<u8>> = Vec::new();
    for entry in some_history() {
        if let althing_protocol::entry::Carried::Here(body) = entry.body() {
            let which = all.iter().position(|name| *name == entry.header().kind).unwrap_or(0);
            out.push([&[u8::try_from(which).unwrap_or(0)], body.bytes.as_slice()].concat());
        }
    }
    out.extend((0..all.len()).map(|n| vec![u8::try_from(n).unwrap_or(0), 0xa0]));
    out.extend(forms().iter().filter_map(|form| {
        let (which, json) = form.split_first()?;
        let kind = kind::all().get(usize::from(*which))?;
        let body = kind::json::body(kind, &serde_json::from_slice::<Json>(json).ok()?).ok()?;
        Some([&[*which], body.as_slice()].concat())
    }));
    out
}

/// What people write, as JSON: what becomes a body reads back.
pub(super) fn form(bytes: &[u8]) -> u64 {
    let Some((which, text)) = bytes.split_first() else {
        return 0;
    };
    let all = kind::all();
    let Some(kind) = all.get(usize::from(*which) % all.len()) else {
        return 0;
    };
    let Ok(json) = serde_json::from_slice::<Json>(text) else {
        return 0;
    };
    let made = kind::json::body(kind, &json);
    if let (Ok(body), true) = (&made, kind.is_document()) {
        assert!(
            read::root(kind, Some(body)).is_ok(),
            "what was composed is sound: {json}"
        );
    }
    let edit = kind::json::edit(kind, &json);
    let word = |result: &Result<Vec<u8>, kind::json::Error>| match result {
        Ok(_) => 1,
        Err(why) => words(&why.to_string()),
    };
    mix([u64::from(*which), word(&made), word(&edit)])
}

pub(super) fn forms() -> Vec<Vec<u8>> {
    let id = "ab".repeat(32);
    let texts = [
        r#"{"name":"Harbour","purpose":"to keep it open"}"#.to_owned(),
        r#"{"form":"position","title":"a","text":"b"}"#.to_owned(),
        r#"{"text":"said","note":"n","title":"t"}"#.to_owned(),
        format!(r#"{{"text":"said","reply_to":"{id}"}}"#),
        format!(r#"{{"set":{{"title":"x"}},"add":{{}},"replace":{{}},"remove":{{}},"entry":"{id}"}}"#),
        r#"{"position":"for","reason":"r","date":"2026-11-21","sum":100,"yes":true}"#.to_owned(),
    ];
    let kinds = 0..u8::try_from(kind::all().len()).unwrap_or(0);
    kinds
        .flat_map(|which| {
            texts
                .iter()
                .map(move |t| [&[which], t.as_bytes()].concat())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Paths of the digest: none proves anything about a tree that it is not of.
pub(super) fn path(bytes: &[u8]) -> u64 {
    let Some((ids, encoded)) = bytes.split_first_chunk::<64>() else {
        return 0;
    };
    let (root, id) = ids.split_at(32);
    let (Ok(root), Ok(id)) = (root.try_into().map(Hash), id.try_into().map(Id)) else {
        return 0;
    };
    match Path::decode(encoded) {
        Err(why) => words(&why.to_string()),
        Ok(path) => {
            assert_eq!(path.encode(), encoded);
            match path.verify(&root, &id) {
                Err(why) => mix([1, words(&why.to_string())]),
                Ok(presence) => mix([2, words(&format!("{presence:?}").chars().take(6).collect::<String>())]),
            }
        }
    }
}

pub(super) fn paths() -> Vec<Vec<u8>> {
    let mut tree = Tree::new();
    let ids: Vec<Id> = (0u8..40).map(|n| Id(althing_protocol::hash::sha256(&[&[n]]))).collect();
    for id in &ids[..30] {
        tree.insert(*id);
    }
    tree.settle();
    let root = tree.root();
    let one = |id: &Id| [root.0.as_slice(), &id.0, &tree.path(id).encode()].concat();
    ids.iter().map(one).collect()
}

/// Rows of a graph, as a damaged store may hold them.
pub(super) fn rows(bytes: &[u8]) -> u64 {
    let mut graph = Graph::with_room(16);
    let mut rest = bytes;
    let mut count = 0;
    // Each: a number (four bytes), a length, and so many bytes.
    while let Some(([a, b, c, d, len], tail)) = rest.split_first_chunk::<5>() {
        let row = tail.get(..usize::from(*len)).unwrap_or(tail);
        rest = tail.get(row.len()..).unwrap_or_default();
        if let Err(why) = graph.restore(Num(u32::from_be_bytes([*a, *b, *c, *d])), row) {
            return mix([count, words(&why.to_string())]);
        }
        count += 1;
    }
    mix([count, u64::from(graph.restored().is_ok())])
}

pub(super) fn some_rows() -> Vec<Vec<u8>> {
    let person = Person::new("rows");
    let mut replica = Replica::new(althing_protocol::state::Limits::default(), &[]);
    replica.offer_all(&person.entries);
    replica.offer_all(some_history());
    let graph = replica.state.graph();
    let one = |num: Num| {
        let row = graph.row(num);
        let len = u8::try_from(row.as_bytes().len()).unwrap_or(u8::MAX);
        [num.0.to_be_bytes().as_slice(), &[len], row.as_bytes()].concat()
    };
    vec![
        graph.iter().flat_map(one).collect(),
        graph.iter().take(3).flat_map(one).collect(),
    ]
}

/// Links that people pass on.
pub(super) fn invitation(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 0 };
    match text.parse::<Invitation>() {
        Err(why) => words(&why.to_string().chars().take(12).collect::<String>()),
        Ok(invitation) => {
            assert_eq!(
                invitation.to_string().parse(),
                Ok(invitation.clone()),
                "a link reads back"
            );
            mix([1, invitation.peers.len() as u64])
        }
    }
}

pub(super) fn invitations() -> Vec<Vec<u8>> {
    let id = "0123456789abcdef".repeat(4);
    let all = [
        format!("althing:{id}"),
        format!("althing:{id}?peer=/ip4/127.0.0.1/tcp/4001"),
        format!("althing:{id}?peer=%2Fip6%2F::1%2Fudp%2F1%2Fquic-v1&peer=/dns4/a/tcp/1/p2p/12D3KooWGjTHHV"),
        format!("{id}?later=1&peer=/unix/%252f"),
    ];
    all.map(String::into_bytes).to_vec()
}
