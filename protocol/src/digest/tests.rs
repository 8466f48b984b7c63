#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// The definition, word for word.
fn definition(ids: &BTreeSet<Id>, depth: usize) -> Hash {
    match ids.len() {
        0 => Hash::ZERO,
        1 => leaf(ids.first().unwrap()),
        _ => {
            let (right, left) = ids.iter().partition(|id| prefix::bit(id, depth));
            node(&definition(&left, depth + 1), &definition(&right, depth + 1))
        }
    }
}

fn random(n: u64) -> Id {
    Id(sha256(&[&n.to_be_bytes()]))
}

/// An id beside `random(0)` that leaves it at bit `at`, below that random.
fn mined(at: usize, n: u64) -> Id {
    let (base, mut id) = (random(0), random(n));
    for i in 0..=at.min(255) {
        let wanted = prefix::bit(&base, i) != (i == at);
        if prefix::bit(&id, i) != wanted {
            id.0[i / 8] ^= 0x80 >> (i % 8);
        }
    }
    id
}

/// Ids of which many share long prefixes.
fn ids() -> impl Strategy<Value = Id> {
    prop_oneof![
        (0..400_u64).prop_map(random),
        (0..257_usize, 0..40_u64).prop_map(|(at, n)| mined(at, n)),
        (38..45_usize, 0..1000_u64).prop_map(|(at, n)| mined(at, n)),
    ]
}

proptest! {
    #[test]
    fn incremental_equals_from_scratch(steps in vec((ids(), any::<bool>(), any::<bool>()), 0..300)) {
        let mut tree = Tree::new();
        let mut set = BTreeSet::new();
        for (id, insert, settle) in steps {
            if insert {
                prop_assert_eq!(tree.insert(id), set.insert(id));
            } else {
                prop_assert_eq!(tree.remove(&id), set.remove(&id));
            }
            prop_assert_eq!(tree.contains(&id), insert);
            if settle {
                prop_assert_eq!(tree.settle(), definition(&set, 0));
            }
            prop_assert_eq!(tree.len(), set.len());
        }
        prop_assert_eq!(tree.root(), definition(&set, 0));
        prop_assert_eq!(tree.settle(), tree.root());
        prop_assert_eq!(tree.root(), Tree::from_ids(set.clone()).root());
        prop_assert!(tree.iter().eq(set.iter()));
    }

    #[test]
    fn subtrees_are_those_of_the_definition(set in btree_set(ids(), 0..200), id in ids(), len in 0..260_usize) {
        let tree: Tree = set.iter().copied().collect();
        let prefix = Prefix::of(&id, len);
        let under: BTreeSet<Id> = set.iter().copied().filter(|id| prefix.holds(id)).collect();
        prop_assert_eq!(tree.subtree(&prefix), (definition(&under, prefix.len()), under.len()));
        prop_assert!(tree.ids_under(&prefix).eq(under.iter()));
        let parts: Vec<Id> = prefix.below(5).flat_map(|p| tree.ids_under(&p).copied().collect::<Vec<_>>()).collect();
        prop_assert!(parts.iter().eq(under.iter()), "the parts of a prefix make up the whole, in order");
    }

    #[test]
    fn a_path_proves_membership_and_absence(set in btree_set(ids(), 0..200), id in ids(), other in ids()) {
        let tree: Tree = set.iter().copied().collect();
        let path = tree.path(&id);
        let wanted = if set.contains(&id) { Presence::Present } else { Presence::Absent };
        prop_assert_eq!(path.verify(&tree.root(), &id), Ok(wanted));
        prop_assert_eq!(&Path::decode(&path.encode()).unwrap(), &path);
        // Whatever it says of another id is true.
        if let Ok(presence) = path.verify(&tree.root(), &other) {
            prop_assert_eq!(presence == Presence::Present, set.contains(&other));
        }
        prop_assert!(path.encode().len() <= 8230);
    }

    #[test]
    fn a_changed_path_proves_nothing(set in btree_set(ids(), 2..100), id in ids(), at in any::<u16>(), to in any::<u8>()) {
        let tree: Tree = set.iter().copied().collect();
        let mut bytes = tree.path(&id).encode();
        let at = usize::from(at) % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert!(Path::decode(&bytes).and_then(|path| path.verify(&tree.root(), &id)).is_err());
    }

    #[test]
    fn reading_a_path_never_panics(bytes in vec(any::<u8>(), 0..200), id in ids()) {
        if let Ok(path) = Path::decode(&bytes) {
            prop_assert!(path.verify(&Hash(sha256(&[b"some root"])), &id).is_err());
            prop_assert_eq!(path.encode(), bytes);
        }
    }
}

#[test]
fn mined_ids_cost_no_more_than_their_depth() {
    // 20 ids that share 250 bits: no mining reaches that, and still a chain of nodes is all it takes.
    let ids: Vec<Id> = (251..=256).flat_map(|at| (1..9).map(move |n| mined(at, n))).collect();
    let mut tree = Tree::from_ids(ids.iter().copied());
    assert!(tree.len() > BUCKET, "{} ids do not fit a bucket", tree.len());
    assert!(tree.inners.len() <= 256 && tree.buckets.len() <= 8);
    assert!(tree.path(&ids[0]).siblings().len() <= 256);
    for id in &ids {
        tree.remove(id);
    }
    assert_eq!(tree.settle(), Hash::ZERO);
    assert_eq!(tree.inners.len(), tree.free_inners.len(), "all nodes are free again");
}

#[test]
fn a_million_ids_fit_in_45_megabytes() {
    let mut tree: Tree = (0..1_000_000).map(random).collect();
    let nodes = tree.inners.len() * size_of::<Inner>() + tree.buckets.len() * size_of::<Bucket>();
    // An allocation of the system's allocator costs up to 24 bytes beside its content.
    let ids: usize = tree.buckets.iter().map(|b| size_of_val(&*b.ids) + 24).sum();
    let total = nodes + ids;
    assert!(total <= 45_000_000, "{total} bytes");
    let stale = |tree: &Tree| {
        tree.inners.iter().filter(|n| n.hash.is_none()).count()
            + tree.buckets.iter().filter(|b| b.hash.is_none()).count()
    };
    assert_eq!(stale(&tree), 0);
    for n in 0..10 {
        tree.insert(random(2_000_000 + n));
    }
    assert!(stale(&tree) <= 10 * 25, "ten new ids make only their ways stale");
    assert!(
        (0..1_000_000)
            .step_by(997)
            .all(|n| tree.path(&random(n)).siblings().len() <= 48)
    );
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: Vec<String>,
    sets: Vec<Set>,
    paths: Vec<PathVector>,
    failing: Vec<Failing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    ids: Vec<Id>,
    root: Hash,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PathVector {
    set: String,
    id: Id,
    path: String,
    presence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failing {
    why: String,
    root: Hash,
    id: Id,
    path: String,
    error: String,
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

#[test]
fn vectors() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../vectors/digest.json")).unwrap();
    for set in &vectors.sets {
        let mut tree = Tree::new();
        for id in &set.ids {
            tree.insert(*id);
        }
        assert_eq!(tree.settle(), set.root, "{}", set.name);
    }
    for path in &vectors.paths {
        let set = vectors.sets.iter().find(|set| set.name == path.set).unwrap();
        let tree = Tree::from_ids(set.ids.iter().copied());
        assert_eq!(
            data_encoding::HEXLOWER.encode(&tree.path(&path.id).encode()),
            path.path,
            "{} in {}",
            path.id,
            path.set
        );
        let presence = Path::decode(&hex(&path.path))
            .unwrap()
            .verify(&set.root, &path.id)
            .unwrap();
        assert_eq!(format!("{presence:?}").to_lowercase(), path.presence);
    }
    for case in &vectors.failing {
        let error = Path::decode(&hex(&case.path))
            .and_then(|path| path.verify(&case.root, &case.id))
            .unwrap_err();
        let name = match error {
            Fault::Encoding(_) => "encoding",
            Fault::Length => "length",
            Fault::OffTheWay(_) => "off_the_way",
            Fault::TooDeep => "too_deep",
            Fault::Root { .. } => "root",
        };
        assert_eq!(name, case.error, "{}", case.why);
    }
    assert!(vectors.sets.len() > 5 && vectors.paths.len() > 10 && vectors.failing.len() > 5);
}
