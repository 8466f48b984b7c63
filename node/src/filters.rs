//! What this node's owner does not want to see at first: entries under chosen labels of chosen moderators.
//!
//! Nothing is deleted by it and nobody else learns of it: a hidden entry stands as a line that says so.
//!
//! Bounds: [`MOST`] filters; the file `filters.json` has at most [`BYTES`].

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use althing_protocol::document::{Effect, Outcome};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::file;

/// Filters that are kept.
pub const MOST: usize = 128;

/// Largest file.
pub const BYTES: usize = 64 << 10;

/// Longest label, as its kind allows.
const LABEL: usize = 64;

/// Why a filter is not kept.
#[derive(Debug, Error)]
pub enum Error {
    /// Too many.
    #[error("this node keeps {MOST} filters and has as many; remove one first")]
    Full,
    /// No label.
    #[error("a label has 1 to {LABEL} bytes on one line")]
    Label,
    /// The disk.
    #[error("cannot write {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Hides what carries this label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The label, compared without regard to case.
    pub label: String,
    /// Whose labels; none for those of every moderator.
    #[serde(default)]
    pub by: Option<Id>,
}

/// Why an entry is hidden here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The label.
    pub label: String,
    /// Who put it there.
    pub by: Id,
    /// By which entry.
    pub entry: Id,
}

/// The filters of one data folder.
#[derive(Debug)]
pub struct Filters {
    path: PathBuf,
    all: Mutex<Vec<Filter>>,
}

impl Filters {
    /// Those in this data folder. A file that cannot be read hides nothing.
    #[must_use]
    pub fn open(data: &Path) -> Self {
        let path = data.join("filters.json");
        let all = Mutex::new(read(&path).unwrap_or_default());
        Self { path, all }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Filter> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds one; one that is there already stays.
    ///
    /// # Errors
    /// [`enum@Error`]; nothing changed then.
    pub fn add(&self, filter: Filter) -> Result<(), Error> {
        let label = filter.label.trim().to_owned();
        if label.is_empty() || label.len() > LABEL || label.chars().any(char::is_control) {
            return Err(Error::Label);
        }
        let filter = Filter { label, ..filter };
        self.change(|all| {
            if all.contains(&filter) {
                return Ok(());
            }
            if all.len() >= MOST {
                return Err(Error::Full);
            }
            all.push(filter);
            Ok(())
        })
    }

    /// Removes one.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove(&self, filter: &Filter) -> Result<(), Error> {
        self.change(|all| {
            all.retain(|one| one != filter);
            Ok(())
        })
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Filter>) -> Result<(), Error>) -> Result<(), Error> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = all.clone();
        change(&mut changed)?;
        write(&self.path, &changed).map_err(|source| Error::Io {
            path: self.path.clone(),
            source,
        })?;
        *all = changed;
        Ok(())
    }

    /// Why an entry is hidden here, given the acts of its document; none when it is not. Only labels that count hide.
    pub fn hides<'a>(&self, entry: Id, acts: impl Iterator<Item = &'a Outcome>) -> Option<Hidden> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() {
            return None;
        }
        let mut labels = acts.filter(|act| act.kind == "label" && act.effect == Effect::Effective);
        labels.find_map(|act| {
            let fields = act.fields()?;
            if fields.get("entry").and_then(Value::as_id) != Some(entry) {
                return None;
            }
            let label = fields.get("label").and_then(Value::as_text)?;
            let fits = |filter: &Filter| {
                filter.by.is_none_or(|by| by == act.by) && filter.label.to_lowercase() == label.trim().to_lowercase()
            };
            all.iter().any(fits).then(|| Hidden {
                label: label.to_owned(),
                by: act.by,
                entry: act.id,
            })
        })
    }
}

fn read(path: &Path) -> Option<Vec<Filter>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(BYTES).unwrap_or(u64::MAX);
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    let mut all: Vec<Filter> = serde_json::from_slice(&bytes).ok()?;
    all.truncate(MOST);
    Some(all)
}

fn write(path: &Path, all: &[Filter]) -> io::Result<()> {
    file::replace(path, &serde_json::to_vec(all)?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn filters_survive_reopening_and_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let filters = Filters::open(dir.path());
        let spam = Filter {
            label: "spam".to_owned(),
            by: None,
        };
        filters
            .add(Filter {
                label: " spam ".to_owned(),
                by: None,
            })
            .unwrap();
        filters.add(spam.clone()).unwrap();
        assert_eq!(Filters::open(dir.path()).all(), std::slice::from_ref(&spam));
        let empty = Filter {
            label: " ".to_owned(),
            by: None,
        };
        assert!(matches!(filters.add(empty), Err(Error::Label)));
        for n in 1..MOST {
            filters
                .add(Filter {
                    label: n.to_string(),
                    by: Some(Id([1; 32])),
                })
                .unwrap();
        }
        assert!(matches!(
            filters.add(Filter {
                label: "more".to_owned(),
                by: None
            }),
            Err(Error::Full)
        ));
        assert!(fs::metadata(dir.path().join("filters.json")).unwrap().len() < 64 << 10);
        filters.remove(&spam).unwrap();
        assert!(!Filters::open(dir.path()).all().contains(&spam));
    }
}
