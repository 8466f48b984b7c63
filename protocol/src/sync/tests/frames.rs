//! The decoders take any bytes; the vectors hold for every implementation.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;

use super::replica::{SPACE, key, random_id};
use crate::digest::Tree;
use crate::hash::Id;
use crate::sync::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: Vec<String>,
    requests: Vec<Frame>,
    answers: Vec<Frame>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    name: String,
    bytes: String,
    error: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../vectors/sync.json")).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn name(error: &Malformed) -> &'static str {
    match error {
        Malformed::TooLarge { .. } => "too_large",
        Malformed::Version => "version",
        Malformed::Encoding(_) => "encoding",
        Malformed::List { .. } => "list",
        Malformed::Number => "number",
    }
}

#[test]
fn frame_vectors() {
    let Vectors { requests, answers, .. } = vectors();
    for frame in &requests {
        let result = Request::decode(&hex(&frame.bytes));
        assert_eq!(
            result.as_ref().err().map(name),
            frame.error.as_deref(),
            "{}: {result:?}",
            frame.name
        );
        if let Ok(request) = result {
            assert_eq!(request.encode(), hex(&frame.bytes));
        }
    }
    for frame in &answers {
        let result = Answer::decode(&hex(&frame.bytes));
        assert_eq!(
            result.as_ref().err().map(name),
            frame.error.as_deref(),
            "{}: {result:?}",
            frame.name
        );
        if let Ok(answer) = result {
            assert_eq!(answer.encode(), hex(&frame.bytes));
        }
    }
    let good = |frames: &[Frame]| frames.iter().filter(|frame| frame.error.is_none()).count();
    assert!(
        good(&requests) >= 7 && good(&answers) >= 7,
        "every kind of frame has its vector"
    );
}

#[test]
fn size_comes_first() {
    assert_eq!(
        Request::decode(&vec![0; Request::MAX + 1]),
        Err(Malformed::TooLarge {
            size: Request::MAX + 1,
            max: Request::MAX
        })
    );
    assert!(matches!(
        Answer::decode(&vec![0; Answer::MAX + 1]),
        Err(Malformed::TooLarge { .. })
    ));
}

#[test]
fn lists_have_their_limits() {
    let ids = |n: u64| -> Vec<Id> { (0..n).map(random_id).collect::<Tree>().iter().copied().collect() };
    let entries = |n| Request {
        committee: SPACE,
        ask: Ask::Entries { ids: ids(n), inline: 0 },
    };
    let end = Place { generation: 1, at: 1 };
    let index = |n| Answer::Index {
        end,
        next: 1,
        ids: ids(n),
    };
    let head = Head {
        by: key(1),
        space: SPACE,
        seq: 0,
        id: random_id(1),
    };
    let floor = |n| Answer::Floor {
        end,
        next: 1,
        heads: vec![head; n],
    };
    let list = |what, max| Malformed::List { what, max };
    assert_eq!(Request::decode(&entries(2048).encode()), Ok(entries(2048)));
    assert_eq!(Request::decode(&entries(2049).encode()), Err(list("ids", 2048)));
    assert_eq!(Answer::decode(&index(8192).encode()), Ok(index(8192)));
    assert_eq!(Answer::decode(&index(8193).encode()), Err(list("ids", 8192)));
    assert_eq!(Answer::decode(&floor(512).encode()), Ok(floor(512)));
    assert_eq!(Answer::decode(&floor(513).encode()), Err(list("heads", 512)));
}

/// A few bytes that claim billions of items cost no memory: they end before their first item.
#[test]
fn claims_of_length_cost_nothing() {
    for list in [
        &[0x9b, 0, 0, 0, 1, 0, 0, 0, 0][..],
        &[0x5b, 0, 0, 0, 1, 0, 0, 0, 0],
        &[0xbb, 0, 0, 0, 1, 0, 0, 0, 0],
    ] {
        for kind in ["tree", "entries", "floor", "sequence", "index", "hello", "chains"] {
            let mut bytes = vec![0x82, 1, 0xa1, 0x60 | u8::try_from(kind.len()).unwrap()];
            bytes.extend_from_slice(kind.as_bytes());
            for prefix in [
                &[][..],
                &[0xa1, 0x65, b'p', b'a', b'r', b't', b's'],
                &[0xa1, 0x65, b'w', b'i', b'r', b'e', b's'],
            ] {
                let bytes = [&bytes, prefix, list].concat();
                assert!(matches!(Answer::decode(&bytes), Err(Malformed::Encoding(_))));
            }
        }
    }
    let deep = [&[0x82, 1][..], &[0x81; 100_000]].concat();
    assert!(Answer::decode(&deep).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_without_panic(mut bytes in vec(any::<u8>(), 0..300), parts in any::<bool>()) {
        if bytes.len() > 2 && parts {
            bytes[0] = 0x82;
            bytes[1] = 1;
        }
        if let Ok(answer) = Answer::decode(&bytes) {
            prop_assert_eq!(answer.encode(), bytes.clone());
        }
        if let Ok(request) = Request::decode(&bytes) {
            prop_assert_eq!(request.encode(), bytes);
        }
    }

    #[test]
    fn changed_frames_are_refused_or_mean_what_they_say(which in any::<usize>(), changes in vec((any::<u16>(), any::<u8>()), 1..4)) {
        let Vectors { requests, answers, .. } = vectors();
        let all: Vec<&Frame> = requests.iter().chain(&answers).filter(|frame| (2..10_000).contains(&frame.bytes.len())).collect();
        let mut bytes = hex(&all[which % all.len()].bytes);
        for (at, to) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = to;
        }
        if let Ok(answer) = Answer::decode(&bytes) {
            prop_assert_eq!(answer.encode(), bytes.clone());
        }
        if let Ok(request) = Request::decode(&bytes) {
            prop_assert_eq!(request.encode(), bytes);
        }
    }
}
