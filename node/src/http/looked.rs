//! Where the owner last looked: so that pages can say what changed since.
//!
//! A mark is a place in a committee's sequence (`record::sequence`: positions never change). It says nothing about
//! what was read, only how far the record went when a page was shown. Marks never leave this machine: the file is the
//! owner's alone.
//!
//! Bounds: [`MARKS`] marks; the oldest go first. The file has at most [`BYTES`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use althing_protocol::hash::Id;
use serde::{Deserialize, Serialize};

use crate::file;

/// Marks that are kept.
const MARKS: usize = 4096;

/// Largest file.
const BYTES: u64 = 1 << 20;

/// How far the record went when a page was last shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    /// The length of the committee's sequence.
    pub(crate) place: usize,
    /// When, in milliseconds since 1970.
    pub(crate) time: u64,
}

/// The marks of one data folder, by document, and by committee for its list of what changed.
#[derive(Debug)]
pub(crate) struct Looked {
    path: PathBuf,
    marks: Mutex<BTreeMap<Id, Mark>>,
}

impl Looked {
    /// Those in this data folder. A file that cannot be read is as good as none: it only says what was seen.
    pub(crate) fn open(data: &Path) -> Self {
        let path = data.join("looked.json");
        let marks = read(&path).unwrap_or_default();
        Self {
            path,
            marks: Mutex::new(marks),
        }
    }

    /// The mark of a document or a committee.
    pub(crate) fn mark(&self, id: Id) -> Option<Mark> {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.get(&id).copied()
    }

    /// Puts a mark, and writes the file if that says anything new.
    pub(crate) fn look(&self, id: Id, mark: Mark) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = marks.insert(id, mark);
        if before.is_some_and(|before| before.place == mark.place) {
            return;
        }
        while marks.len() > MARKS {
            let oldest = marks.iter().min_by_key(|(_, mark)| mark.time).map(|(id, _)| *id);
            oldest.and_then(|id| marks.remove(&id));
        }
        if let Err(error) = write(&self.path, &marks) {
            tracing::warn!(%error, path = %self.path.display(), "cannot note what was looked at");
        }
    }
}

fn read(path: &Path) -> Option<BTreeMap<Id, Mark>> {
    let mut text = String::new();
    File::open(path).ok()?.take(BYTES).read_to_string(&mut text).ok()?;
    let given: BTreeMap<String, Mark> = serde_json::from_str(&text).ok()?;
    let marks = given
        .into_iter()
        .filter_map(|(id, mark)| Some((id.parse().ok()?, mark)));
    Some(marks.take(MARKS).collect())
}

fn write(path: &Path, marks: &BTreeMap<Id, Mark>) -> io::Result<()> {
    let given: BTreeMap<String, &Mark> = marks.iter().map(|(id, mark)| (id.to_string(), mark)).collect();
    file::replace(path, &serde_json::to_vec(&given)?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn id(n: u64) -> Id {
        format!("{n:064x}").parse().unwrap()
    }

    #[test]
    fn marks_survive_and_are_bounded_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let looked = Looked::open(dir.path());
        assert_eq!(looked.mark(id(1)), None);
        let mark = Mark { place: 7, time: 1 };
        looked.look(id(1), mark);
        let file = dir.path().join("looked.json");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Looked::open(dir.path()).mark(id(1)), Some(mark));
        fs::write(&file, "no json").unwrap();
        assert_eq!(Looked::open(dir.path()).mark(id(1)), None);
    }

    #[test]
    fn the_oldest_marks_go() {
        let dir = tempfile::tempdir().unwrap();
        let looked = Looked::open(dir.path());
        {
            let mut marks = looked.marks.lock().unwrap();
            marks.extend((0..4096).map(|n| (id(n), Mark { place: 1, time: n + 10 })));
        }
        looked.look(id(9999), Mark { place: 1, time: 99_999 });
        assert_eq!(looked.mark(id(0)), None);
        assert!(looked.mark(id(1)).is_some() && looked.mark(id(9999)).is_some());
        assert!(fs::metadata(dir.path().join("looked.json")).unwrap().len() < BYTES);
    }
}
