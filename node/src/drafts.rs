//! Drafts: what somebody typed into a form and has not signed yet, kept in the data folder for their eyes alone.
//!
//! ```text
//! drafts/HASH.json     one for each form: { "form": path, "time": ms, "fields": [[name, value]…] }, 0600
//! ```
//!
//! Invariant: a draft goes when its entry is written, when its owner drops it, and when a text that it may hold is erased.
//! Drafts are no part of the record and leave this machine never.
//!
//! Bounds: [`MOST`] drafts of at most [`BYTES`] each. When there are as many, one more is refused: nothing that somebody
//! typed is thrown away for them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use althing_protocol::hash::{Id, sha256};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::file;

/// Drafts that are kept.
pub const MOST: usize = 64;

/// Largest draft, as stored.
pub const BYTES: usize = 1 << 20;

/// Shortest line of an erased text by which a draft is known to hold it, in bytes. Shorter texts are compared whole.
const TELLING: usize = 24;

/// Why a draft is not kept or read.
#[derive(Debug, Error)]
pub enum Error {
    /// Too large.
    #[error("a draft has at most {BYTES} bytes, this one has {found}; split the text over several entries")]
    TooLarge {
        /// Its size.
        found: usize,
    },
    /// Too many.
    #[error("this node keeps {MOST} drafts and has as many; drop one on the page of drafts first")]
    Full,
    /// The disk.
    #[error("cannot {doing} the draft {path}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The path of the form.
    pub form: String,
    /// When it was kept, in milliseconds since 1970.
    pub time: u64,
    /// Names and values of its fields.
    pub fields: Vec<(String, String)>,
}

/// The drafts of one data folder.
#[derive(Debug)]
pub struct Drafts {
    dir: PathBuf,
    /// One change at a time, so that counting and writing belong together.
    changing: Mutex<()>,
}

impl Drafts {
    /// Those in this data folder. Nothing is made before the first one is kept.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self {
            dir: data.join("drafts"),
            changing: Mutex::new(()),
        }
    }

    /// Keeps a draft in place of what was kept for the same form.
    ///
    /// # Errors
    /// [`enum@Error`]; what was kept before stays then.
    pub fn keep(&self, draft: &Draft) -> Result<(), Error> {
        let bytes = serde_json::to_vec(draft).unwrap_or_default();
        if bytes.len() > BYTES {
            return Err(Error::TooLarge { found: bytes.len() });
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(&draft.form);
        if !path.exists() && self.files()?.len() >= MOST {
            return Err(Error::Full);
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.dir);
        made.map_err(|source| io_error("keep", &path, source))?;
        file::replace(&path, &bytes).map_err(|source| io_error("keep", &path, source))
    }

    /// What was kept for a form, if anything that can be read was.
    #[must_use]
    pub fn find(&self, form: &str) -> Option<Draft> {
        read(&self.path(form)).filter(|draft| draft.form == form)
    }

    /// All drafts, the latest first.
    #[must_use]
    pub fn all(&self) -> Vec<Draft> {
        let mut all: Vec<Draft> = self
            .files()
            .unwrap_or_default()
            .iter()
            .filter_map(|f| read(f))
            .collect();
        all.sort_by(|a, b| (b.time, &a.form).cmp(&(a.time, &b.form)));
        all
    }

    /// Drops the draft of a form.
    ///
    /// # Errors
    /// What the disk says.
    pub fn drop(&self, form: &str) -> Result<(), Error> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        remove(&self.path(form))
    }

    /// Drops every draft of a form about one of these entries and documents, and every one that holds one of these
    /// texts or a telling line of one. What cannot be read goes too: nobody can say what it holds.
    ///
    /// # Errors
    /// What the disk says; the text may still be in the file that it names.
    pub fn erase(&self, ids: &[Id], texts: &[String]) -> Result<(), Error> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        for file in self.files()? {
            let holds = read(&file).is_none_or(|draft| {
                let about = ids.iter().any(|id| draft.form.contains(id.as_str()));
                about || draft.fields.iter().any(|(_, value)| holds(value, texts))
            });
            if holds {
                remove(&file)?;
            }
        }
        Ok(())
    }

    fn path(&self, form: &str) -> PathBuf {
        let hash = HEXLOWER.encode(&sha256(&[b"althing/draft/1\0", form.as_bytes()]));
        self.dir.join(format!("{hash}.json"))
    }

    /// Every file in the folder, those of an interrupted writing too.
    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error("look for", &self.dir, source)),
        };
        // One more file for each draft may be left of an interrupted writing.
        let entries = entries.take(2 * MOST + 1).filter_map(Result::ok);
        Ok(entries.map(|entry| entry.path()).collect())
    }
}

/// Whether a typed value holds an erased text, or a line of it that is long enough to be no accident.
fn holds(value: &str, texts: &[String]) -> bool {
    let value = value.replace("\r\n", "\n");
    texts.iter().any(|text| {
        let text = text.trim();
        let lines = text.lines().map(str::trim).filter(|line| line.len() >= TELLING);
        let whole = (!text.is_empty()).then_some(text).filter(|text| {
            if text.len() >= TELLING {
                value.contains(text)
            } else {
                value.trim() == *text
            }
        });
        whole.is_some() || lines.into_iter().any(|line| value.contains(line))
    })
}

fn read(path: &Path) -> Option<Draft> {
    let mut bytes = Vec::new();
    let most = u64::try_from(BYTES).unwrap_or(u64::MAX);
    File::open(path).ok()?.take(most + 1).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error("remove", path, source)),
        _ => Ok(()),
    }
}

fn io_error(doing: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn draft(form: &str, text: &str) -> Draft {
        Draft {
            form: form.to_owned(),
            time: 1,
            fields: vec![("text".to_owned(), text.to_owned())],
        }
    }

    #[test]
    fn drafts_survive_reopening_and_nobody_else_can_read_them() {
        let dir = tempfile::tempdir().unwrap();
        let kept = draft("/d/1/act/post", "half a thought");
        Drafts::new(dir.path()).keep(&kept).unwrap();
        let again = Drafts::new(dir.path());
        assert_eq!(again.find("/d/1/act/post"), Some(kept.clone()));
        assert_eq!(again.find("/d/2/act/post"), None);
        let file = fs::read_dir(dir.path().join("drafts"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let newer = draft("/d/1/act/post", "a whole thought");
        again.keep(&newer).unwrap();
        assert_eq!(again.all(), [newer], "one for each form");
        again.drop("/d/1/act/post").unwrap();
        assert!(again.all().is_empty());
    }

    #[test]
    fn drafts_are_bounded_and_none_is_thrown_away() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(dir.path());
        let large = draft("/", &"x".repeat(BYTES));
        assert!(matches!(drafts.keep(&large), Err(Error::TooLarge { .. })));
        (0..MOST).for_each(|n| drafts.keep(&draft(&format!("/{n}"), "text")).unwrap());
        assert!(matches!(drafts.keep(&draft("/more", "text")), Err(Error::Full)));
        drafts.keep(&draft("/0", "another")).unwrap();
        assert_eq!(drafts.all().len(), MOST);
    }

    #[test]
    fn an_erased_text_is_in_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(dir.path());
        let id = Id([7; 32]);
        let secret = "The first line is harmless.\nMy neighbour's telephone number is 12345.".to_owned();
        drafts.keep(&draft(&format!("/d/{id}/edit"), "anything")).unwrap();
        let copied = "As they wrote:\r\nMy neighbour's telephone number is 12345.\r\nHow could they?";
        drafts.keep(&draft("/d/other/act/post", copied)).unwrap();
        drafts.keep(&draft("/d/short/act/post", "yes")).unwrap();
        drafts
            .keep(&draft("/d/another/act/post", "The weather is fine, yes."))
            .unwrap();
        fs::write(dir.path().join("drafts/half.new"), "{\"form\":\"/\",\"ti").unwrap();
        drafts.erase(&[id], &[secret, "yes".to_owned()]).unwrap();
        let left: Vec<String> = drafts.all().into_iter().map(|draft| draft.form).collect();
        assert_eq!(left, ["/d/another/act/post"]);
        assert_eq!(fs::read_dir(dir.path().join("drafts")).unwrap().count(), 1);
    }
}
