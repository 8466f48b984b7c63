//! A committee in files: everything that one node holds of it, to be kept, checked and read back without that node
//! (`docs/spec/archive.md`).
//!
//! Here are the names, the manifest and how entries stand one behind the other; [`check`] reads an archive as whoever trusts
//! nobody does. Folders and tar files are the node's affair.

pub mod check;
mod gather;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::codec;
use crate::hash::{Hash, Id};
use crate::limit;

/// The format that this release writes and reads.
pub const FORMAT: u64 = 1;

/// The file that says what an archive is.
pub const MANIFEST: &str = "manifest.json";

/// The folder of entries: files of so and so many, each an RFC 8742 CBOR sequence of wire forms.
pub const ENTRIES: &str = "entries";

/// The folder of attachments, each named by its SHA-256.
pub const FILES: &str = "files";

/// Most bytes of one file of entries. A single entry always fits.
pub const PORTION: usize = 2 << 20;

/// Most bytes of a manifest.
pub const LONGEST: usize = 64 << 10;

/// Least bytes of an entry: a key, a hash and a signature alone take as much. A file of entries so has few enough.
pub const SHORTEST: usize = 128;

const _: () = assert!(limit::WIRE <= PORTION, "an entry fits into a file of entries");

/// What an archive says of itself. Nobody needs to believe it: all but `made` follows from the entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub althing_archive: u64,
    /// The committee.
    pub committee: Id,
    /// The digest of its record.
    pub digest: Hash,
    /// Entries of its record.
    pub record: u64,
    /// Entries in all: those of the record, those that left it or wait on the floor, and what any of them builds on.
    pub entries: u64,
    /// When it was made, by the clock of whoever made it: milliseconds since 1970.
    pub made: u64,
}

/// Why a manifest is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadManifest {
    /// No JSON, or a field is missing.
    #[error("it is no manifest: {0}")]
    Form(String),
    /// Another format.
    #[error("it has format {0}, and this release reads {FORMAT}; use a newer release")]
    Format(u64),
}

/// Bytes that are no sequence of entries, from this place on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("byte {at} begins no whole entry")]
pub struct Torn {
    /// Where.
    pub at: usize,
}

impl Manifest {
    /// Reads one.
    ///
    /// # Errors
    /// [`BadManifest`].
    pub fn read(bytes: &[u8]) -> Result<Self, BadManifest> {
        let read: Self = serde_json::from_slice(bytes).map_err(|why| BadManifest::Form(why.to_string()))?;
        match read.althing_archive {
            FORMAT => Ok(read),
            other => Err(BadManifest::Format(other)),
        }
    }
}

/// The name of the file of entries with this number.
#[must_use]
pub fn portion(n: usize) -> String {
    format!("{ENTRIES}/{n:06}.cborseq")
}

/// Whether a path in an archive names a file of entries.
#[must_use]
pub fn is_portion(path: &str) -> bool {
    let name = path.strip_prefix(ENTRIES).and_then(|rest| rest.strip_prefix('/'));
    let digits = name.and_then(|name| name.strip_suffix(".cborseq"));
    digits.is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The hash of the attachment that a path in an archive names.
#[must_use]
pub fn attachment(path: &str) -> Option<Hash> {
    path.strip_prefix(FILES)?.strip_prefix('/')?.parse().ok()
}

/// The wire forms in a sequence. That they are entries is not looked at.
///
/// # Errors
/// [`Torn`] where one ends early.
pub fn split(bytes: &[u8]) -> Result<Vec<&[u8]>, Torn> {
    let mut wires = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let wire = codec::item(rest).filter(|len| (SHORTEST..=limit::WIRE).contains(len));
        let wire = wire.and_then(|len| rest.get(..len)).ok_or(Torn { at })?;
        at += wire.len();
        wires.push(wire);
    }
    Ok(wires)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_split_where_they_were_joined() {
        let wire = |bytes: u8| [&[0x58, bytes][..], &vec![1; usize::from(bytes)]].concat();
        let wires = [wire(126), wire(200), wire(255)];
        assert_eq!(split(&wires.concat()).unwrap(), wires);
        assert_eq!(split(b"").unwrap(), Vec::<&[u8]>::new());
        assert_eq!(split(&[&wires[0][..], b"\x83\x01"].concat()), Err(Torn { at: 128 }));
        assert_eq!(split(b"\x9f"), Err(Torn { at: 0 }), "no end in sight");
        assert_eq!(split(&wire(125)), Err(Torn { at: 0 }), "no entry is that short");
        assert_eq!(
            split(&vec![0xf6; 1 << 20]),
            Err(Torn { at: 0 }),
            "nor are there a million"
        );
        let long = [&b"\x5a\x00\x10\x00\x00"[..], &vec![0; 1 << 20]].concat();
        assert_eq!(split(&long), Err(Torn { at: 0 }), "no entry is that long");
    }

    #[test]
    fn names_lead_nowhere_else() {
        assert!(is_portion(&portion(0)) && is_portion(&portion(1_234_567)));
        for other in [
            "entries/../x",
            "entries/1.cborseq",
            "entries/00000a.cborseq",
            "x",
            "entries/000001",
        ] {
            assert!(!is_portion(other), "{other}");
        }
        let hash = Hash([7; 32]);
        assert_eq!(attachment(&format!("files/{hash}")), Some(hash));
        for other in ["files/", "files/abc", "files/../secret", "other/0"] {
            assert_eq!(attachment(other), None, "{other}");
        }
    }

    #[test]
    fn newer_manifests_say_so() {
        let manifest = Manifest {
            althing_archive: FORMAT,
            committee: Id([1; 32]),
            digest: Hash([2; 32]),
            record: 3,
            entries: 4,
            made: 5,
        };
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(Manifest::read(text.as_bytes()).unwrap(), manifest);
        let newer = text.replace("\"althing_archive\":1", "\"althing_archive\":2");
        assert_eq!(Manifest::read(newer.as_bytes()), Err(BadManifest::Format(2)));
        assert!(matches!(Manifest::read(b"{}"), Err(BadManifest::Form(_))));
    }
}
