use std::collections::BTreeMap;

use ct_merkle::HashableLeaf;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use sha2::Sha256;

use super::checkpoint::{BadCheckpoint, Checkpoint, Origin};
use super::note::{BadNote, Note, Use, Verifier};
use super::tile::{self, Tile};
use super::*;
use crate::hash::Key;

fn leaf(n: u64) -> Leaf {
    let bytes = sha256(&[&n.to_be_bytes()]);
    if n % 7 == 3 {
        Leaf::Cut(Hash(bytes))
    } else {
        Leaf::Entry(Id(bytes))
    }
}

/// What a keeper of the hashes has.
#[derive(Default)]
struct Kept(BTreeMap<(u8, u64), Hash>);

impl Kept {
    fn of(size: u64) -> Self {
        let mut kept = Self::default();
        let mut frontier = Frontier::default();
        for n in 0..size {
            let hash = leaf(n).hash();
            kept.0.insert((0, n), hash);
            frontier.push(hash, |full| {
                kept.0.insert((full.level, full.index), full.hash);
            });
        }
        // Whoever loads the log goes on where it ended.
        let tree = kept.tree(size);
        assert_eq!(Frontier::of(&tree).as_ref(), Ok(&frontier));
        assert_eq!(
            Frontier::from_peaks(size, frontier.peaks().to_vec()).as_ref(),
            Some(&frontier)
        );
        assert_eq!(tree.root(), Ok(frontier.root()));
        drop(tree);
        kept
    }

    fn read(&self, level: u8, index: u64) -> Option<Hash> {
        self.0.get(&(level, index)).copied()
    }

    fn tree(&self, size: u64) -> Tree<impl Fn(u8, u64) -> Option<Hash> + '_> {
        Tree::new(size, |l, i| self.read(l, i))
    }
}

/// The definition, word for word.
fn literal(leaves: &[Leaf]) -> Hash {
    match leaves {
        [] => empty(),
        [only] => only.hash(),
        more => {
            let (left, right) = more.split_at(usize::try_from(split(u64::try_from(more.len()).unwrap())).unwrap());
            parent(&literal(left), &literal(right))
        }
    }
}

struct Bytes([u8; LEAF]);

impl HashableLeaf for Bytes {
    fn hash<H: ct_merkle::digest::Update>(&self, hasher: &mut H) {
        hasher.update(&self.0);
    }
}

#[test]
fn roots_are_those_of_the_definition_and_of_another_implementation() {
    let kept = Kept::of(700);
    let all: Vec<Leaf> = (0..700).map(leaf).collect();
    let mut other = MemoryBackedTree::<Sha256, Bytes>::new();
    for size in 0..=700_u64 {
        let root = kept.tree(700).root_at(size).unwrap();
        assert_eq!(root, literal(&all[..usize::try_from(size).unwrap()]), "{size}");
        if size > 0 {
            assert_eq!(root.as_bytes(), other.root().as_bytes().as_slice(), "{size}");
        }
        if size < 700 {
            other.push(Bytes(leaf(size).bytes()));
        }
    }
}

#[test]
fn only_hashes_of_full_subtrees_of_stored_levels_are_kept() {
    let size = 65_536 + 300;
    let kept = Kept::of(size);
    let count = |level| kept.0.keys().filter(|(l, _)| *l == level).count();
    assert_eq!((count(0), count(8), count(16)), (65_836, 257, 1));
    assert_eq!(kept.0.len(), 65_836 + 257 + 1);
    let all: Vec<Leaf> = (0..size).map(leaf).collect();
    assert_eq!(kept.tree(size).root().unwrap(), literal(&all));
    let without = |l, i| kept.read(l, i).filter(|_| (l, i) != (8, 256));
    assert_eq!(Tree::new(size, without).root(), Err(Missing { level: 8, index: 256 }));
}

#[test]
fn every_leaf_is_proved_in_every_size_and_nowhere_else() {
    let kept = Kept::of(70);
    let tree = kept.tree(70);
    for size in 1..=70 {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let proof = inclusion(&tree, index, size).unwrap().unwrap();
            assert_eq!(
                verify_inclusion(&leaf(index).hash(), index, size, &root, &proof),
                Ok(())
            );
            for other in (0..size).filter(|other| *other != index) {
                let moved = verify_inclusion(&leaf(index).hash(), other, size, &root, &proof);
                assert!(moved.is_err(), "{index} passes for {other} of {size}");
            }
        }
        assert_eq!(inclusion(&tree, size, size), Ok(None));
    }
    assert_eq!(inclusion(&tree, 0, 71), Ok(None));
}

#[test]
fn every_growth_is_proved_and_nothing_else() {
    let kept = Kept::of(70);
    let tree = kept.tree(70);
    let root = |size| tree.root_at(size).unwrap();
    for new in 0..=70 {
        for old in 0..=new {
            let proof = consistency(&tree, old, new).unwrap().unwrap();
            assert_eq!(
                verify_consistency(old, &root(old), new, &root(new), &proof),
                Ok(()),
                "{old} {new}"
            );
            if old > 0 && old < new {
                let other = Hash(sha256(&[b"other"]));
                assert!(verify_consistency(old, &other, new, &root(new), &proof).is_err());
                assert!(verify_consistency(old, &root(old), new, &other, &proof).is_err());
                assert!(verify_consistency(old, &root(old), new, &root(new), &proof[1..]).is_err());
            }
        }
        assert_eq!(consistency(&tree, new + 1, new), Ok(None));
    }
    let shrunk = verify_consistency(2, &root(2), 1, &root(1), &[]);
    assert_eq!(shrunk, Err(BadProof::Shrinks { old: 2, new: 1 }));
}

proptest! {
    #[test]
    fn a_proof_with_one_changed_bit_proves_nothing(size in 2..3000_u64, at in any::<u64>(), bit in any::<usize>()) {
        let kept = Kept::of(size);
        let tree = kept.tree(size);
        let (index, root) = (at % size, tree.root().unwrap());
        let proof = inclusion(&tree, index, size).unwrap().unwrap();
        let mut changed = proof.clone();
        let place = bit % (proof.len() * 256);
        changed[place / 256].0[place / 8 % 32] ^= 1 << (place % 8);
        prop_assert_eq!(verify_inclusion(&leaf(index).hash(), index, size, &root, &changed), Err(BadProof::Root));
        let longer = [&proof[..], &[Hash::ZERO]].concat();
        prop_assert!(verify_inclusion(&leaf(index).hash(), index, size, &root, &longer).is_err());
        let old = index + 1;
        let proof = consistency(&tree, old, size).unwrap().unwrap();
        let old_root = tree.root_at(old).unwrap();
        prop_assert_eq!(verify_consistency(old, &old_root, size, &root, &proof), Ok(()));
        if !proof.is_empty() {
            let mut changed = proof.clone();
            let place = bit % (proof.len() * 256);
            changed[place / 256].0[place / 8 % 32] ^= 1 << (place % 8);
            prop_assert_eq!(verify_consistency(old, &old_root, size, &root, &changed), Err(BadProof::Root));
        }
    }

    #[test]
    fn what_is_no_note_is_refused(text in "\\PC{0,200}") {
        if let Ok(note) = Note::read(&text) {
            prop_assert_eq!(note.write(), text.clone());
        }
        prop_assert!(text.parse::<Checkpoint>().is_err());
        if let Ok(tile) = text.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), text);
        }
    }
}

#[test]
fn leaves_read_back() {
    for n in 0..20 {
        assert_eq!(Leaf::read(&leaf(n).bytes()), Some(leaf(n)));
    }
    assert_eq!(Leaf::read(&[3; LEAF]), Some(Leaf::Left(Id([3; 32]))));
    assert_eq!(Leaf::read(&[4; LEAF]), None);
    assert_eq!(Leaf::read(&[1; LEAF - 1]), None);
    let all: Vec<Leaf> = (0..20).map(leaf).collect();
    let bytes = tile::leaves(&all);
    assert_eq!(bytes.len(), 20 * (LEAF + 2));
    assert_eq!(tile::read_leaves(&bytes), Some(all));
    assert_eq!(tile::read_leaves(&bytes[1..]), None);
}

#[test]
fn tiles_have_one_path_each() {
    for path in [
        "0/000",
        "0/x001/x234/067",
        "entries/x001/000",
        "1/003.p/17",
        "0/255.p/1",
        "entries/000.p/255",
    ] {
        let tile: Tile = path.parse().unwrap();
        assert_eq!(tile.to_string(), path);
    }
    for bad in [
        "",
        "0",
        "0/",
        "0/0",
        "0/00",
        "0/0000",
        "0/x000/000",
        "0/001/000",
        "0/x001",
        "64/000",
        "-1/000",
        "00/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/257",
        "0/000.p/01",
        "0/000.p/",
        "entries",
        "0/+01",
        "leaves/000",
        "0/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(bad.parse::<Tile>().is_err(), "{bad}");
    }
    let kept = Kept::of(70_000);
    let tile = |path: &str| path.parse::<Tile>().unwrap();
    for (path, there) in [
        ("0/272", true),
        ("0/273", false),
        ("0/273.p/112", true),
        ("0/273.p/113", false),
    ] {
        assert_eq!(tile(path).is_in(70_000), there, "{path}");
        assert_eq!(tile(path).bytes(|l, i| kept.read(l, i)).is_some(), there, "{path}");
    }
    assert!(tile("1/000").is_in(70_000) && tile("2/000.p/1").is_in(70_000) && !tile("2/000.p/2").is_in(70_000));
    let bytes = tile("1/000.p/2").bytes(|l, i| kept.read(l, i)).unwrap();
    assert_eq!(bytes[..32], *kept.read(8, 0).unwrap().as_bytes());
}

/// The example of the specification, and of Go's implementation.
#[test]
fn a_note_of_others_verifies() {
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let signature = "\u{2014} PeterNeumann \
                     x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let note = Note::read(&format!("{text}\n{signature}")).unwrap();
    let key = data_encoding::BASE64
        .decode(b"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        .unwrap();
    let verifier = Verifier::new("PeterNeumann", Use::Note, Key(key[1..].try_into().unwrap())).unwrap();
    assert_eq!(
        verifier.tell(),
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    );
    assert_eq!(note.signed_by(&verifier), Ok(Some(0)));
    let other = Note {
        text: text.replace("answer", "question"),
        ..note
    };
    assert_eq!(other.signed_by(&verifier), Err(BadNote::Signature));
}

#[test]
fn checkpoints_are_signed_and_cosigned() {
    let node = SigningKey::from_bytes(&[7; 32]);
    let witness = SigningKey::from_bytes(&[8; 32]);
    let origin = Origin {
        committee: Id([0xab; 32]),
        node: Key(node.verifying_key().to_bytes()),
        generation: 2,
    };
    let checkpoint = Checkpoint {
        origin,
        size: 70,
        root: Kept::of(70).tree(70).root().unwrap(),
    };
    let text = checkpoint.to_string();
    assert_eq!(text.parse(), Ok(checkpoint));
    let name = origin.to_string();
    let mut note = Note {
        signatures: vec![note::sign(&text, &name, Use::Note, 0, &node).unwrap()],
        text: text.clone(),
    };
    note.signatures
        .push(note::sign(&text, "witness", Use::Cosignature, 1_700_000_000, &witness).unwrap());
    let note = Note::read(&note.write()).unwrap();
    let verifier =
        |name: &str, usage, key: &SigningKey| Verifier::new(name, usage, Key(key.verifying_key().to_bytes()));
    let own = verifier(&name, Use::Note, &node).unwrap();
    let theirs = verifier("witness", Use::Cosignature, &witness).unwrap();
    assert_eq!(note.signed_by(&own), Ok(Some(0)));
    assert_eq!(note.signed_by(&theirs), Ok(Some(1_700_000_000)));
    assert_eq!(
        note.signed_by(&verifier("witness", Use::Note, &witness).unwrap()),
        Ok(None),
        "another use"
    );
    let mut redated = note.clone();
    redated.signatures[1].signature[7] ^= 1;
    assert_eq!(
        redated.signed_by(&theirs),
        Err(BadNote::Signature),
        "the time is signed"
    );
    assert_eq!(Verifier::new("a b", Use::Note, own.key()), Err(BadNote::Name));
    assert_eq!(Verifier::new("weak", Use::Note, Key([0; 32])), Err(BadNote::Key));
}

#[test]
fn what_is_no_checkpoint() {
    let id = "ab".repeat(32);
    let root = data_encoding::BASE64.encode(&[1; 32]);
    let lines = |origin: &str, size: &str, root: &str| format!("{origin}\n{size}\n{root}\n").parse::<Checkpoint>();
    let origin = format!("althing/1/{id}/{id}/0");
    assert!(lines(&origin, "0", &root).is_ok());
    for bad in [
        "",
        "althing/1/ab/ab/0",
        &format!("althing/1/{id}/{id}/00"),
        &format!("{origin}/1"),
        &origin.to_uppercase(),
    ] {
        assert_eq!(lines(bad, "0", &root), Err(BadCheckpoint::Origin), "{bad}");
    }
    for bad in ["", "-1", "+1", "01", " 1", "99999999999999999999", "1099511627777"] {
        assert_eq!(lines(&origin, bad, &root), Err(BadCheckpoint::Size), "{bad}");
    }
    for bad in ["", "AA==", &root[1..], &format!("{root}\nmore")] {
        assert!(lines(&origin, "1", bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_no_note() {
    let line = "\u{2014} a AAAAAAA=\n";
    assert!(Note::read(&format!("text\n\n{line}")).is_ok());
    for bad in [
        String::new(),
        format!("\n\n{line}"),
        format!("text\n{line}"),
        "text\n\n".to_owned(),
        format!("text\n\n{line}{line}x"),
        "text\n\n- a AAAAAAA=\n".to_owned(),
        "text\n\n\u{2014} a AAAA\n".to_owned(),
        "text\n\n\u{2014} a+b AAAAAAA=\n".to_owned(),
        "text\n\n\u{2014}  AAAAAAA=\n".to_owned(),
        format!("te\rxt\n\n{line}"),
    ] {
        assert_eq!(Note::read(&bad), Err(BadNote::Form), "{bad:?}");
    }
    assert_eq!(Note::read(&format!("text\n\n{}", line.repeat(65))), Err(BadNote::Long));
    assert_eq!(
        Note::read(&format!("{}\n\n{line}", "x".repeat(20_000))),
        Err(BadNote::Long)
    );
}

/// A witness's key as the other implementation wants it: that one knows no cosignatures.
struct Cosigning(Verifier, ed25519_dalek::VerifyingKey);

impl signed_note::Verifier for Cosigning {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn key_id(&self) -> u32 {
        u32::from_be_bytes(self.0.id())
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let (time, signature) = signature.split_first_chunk::<8>().unwrap();
        let head = format!("cosignature/v1\ntime {}\n", u64::from_be_bytes(*time));
        let signature = ed25519_dalek::Signature::from_slice(signature).unwrap();
        let message = [head.as_bytes(), text].concat();
        self.1.verify_strict(&message, &signature).is_ok()
    }
}

#[test]
fn another_implementation_verifies_our_checkpoints_and_cosignatures() {
    let (node, witness) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
    let origin = Origin {
        committee: Id([0xab; 32]),
        node: Key(node.verifying_key().to_bytes()),
        generation: 2,
    };
    let root = Kept::of(70).tree(70).root().unwrap();
    let size = 70;
    let text = Checkpoint { origin, size, root }.to_string();
    let mut ours = origin.sign(&text, &node).unwrap();
    let key = Key(witness.verifying_key().to_bytes());
    let name = super::witness::name(&key);
    ours.signatures
        .push(note::sign(&text, &name, Use::Cosignature, 1_700_000_000, &witness).unwrap());
    // Its text is a checkpoint to the Go format's reader in Rust, with the same size and root.
    let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
    assert_eq!((theirs.origin(), theirs.size()), (origin.to_string().as_str(), size));
    assert_eq!(theirs.hash().0, root.0);
    assert_eq!(theirs.extension(), "");
    // And both signatures stand before it, and before it alone if the text is another.
    let known = || {
        let own = signed_note::StandardVerifier::new(&origin.verifier().unwrap().tell()).unwrap();
        let cosigning = Verifier::new(&name, Use::Cosignature, key).unwrap();
        signed_note::VerifierList::new(vec![
            Box::new(own),
            Box::new(Cosigning(cosigning, witness.verifying_key())),
        ])
    };
    let note = signed_note::Note::from_bytes(ours.write().as_bytes()).unwrap();
    let (verified, unknown) = note.verify(&known()).unwrap();
    assert_eq!((verified.len(), unknown.len()), (2, 0));
    let other = ours.write().replacen("\n70\n", "\n71\n", 1);
    assert!(
        signed_note::Note::from_bytes(other.as_bytes())
            .unwrap()
            .verify(&known())
            .is_err()
    );
    // What it writes we read, to the byte.
    assert_eq!(Note::read(std::str::from_utf8(&note.to_bytes()).unwrap()), Ok(ours));
}
