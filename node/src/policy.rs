//! Whose cosignatures this node asks of its own checkpoints before they are anchored: `witnesses.policy` in the data folder.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use althing_protocol::hash::Key;
use althing_protocol::log::policy::{BadPolicy, LONGEST, Policy};
use thiserror::Error;

/// The file, in the data folder.
pub const FILE: &str = "witnesses.policy";

/// Why there is none to go by.
#[derive(Debug, Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no policy.
    #[error("{path}: {why}; mend it, or remove it to go by each committee's threshold")]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: BadPolicy,
    },
}

/// The policy of this data folder; none if it has none.
///
/// # Errors
/// [`enum@Error`].
pub fn read(data: &Path) -> Result<Option<Policy>, Error> {
    let path = data.join(FILE);
    let failed = |source| Error::File {
        path: path.clone(),
        source,
    };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(source)),
    };
    let mut text = String::new();
    // One byte more than a policy may have, so that a longer one is refused and not cut.
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_string(&mut text).map_err(failed)?;
    let policy = text.parse().map_err(|why| Error::Bad {
        path: path.clone(),
        why,
    });
    policy.map(Some)
}

/// Whether these cosigners satisfy it. Without a policy the log's own node and they are as many as a committee's threshold.
#[must_use]
pub fn satisfied(policy: Option<&Policy>, threshold: u64, by: &BTreeSet<Key>) -> bool {
    match policy {
        Some(policy) => policy.satisfied(by),
        None => u64::try_from(by.len()).unwrap_or(u64::MAX).saturating_add(1) >= threshold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_the_threshold() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_none());
        let (one, other) = (Key([1; 32]), Key([2; 32]));
        let by = |keys: &[Key]| keys.iter().copied().collect::<BTreeSet<_>>();
        assert!(satisfied(None, 1, &by(&[])) && !satisfied(None, 2, &by(&[])) && satisfied(None, 2, &by(&[one])));
        std::fs::write(dir.path().join(FILE), format!("witness ben {one}\nquorum ben\n")).unwrap();
        let policy = read(dir.path()).unwrap();
        assert!(satisfied(policy.as_ref(), 9, &by(&[one])) && !satisfied(policy.as_ref(), 1, &by(&[other])));
        std::fs::write(dir.path().join(FILE), "witness ben\n").unwrap();
        assert!(read(dir.path()).unwrap_err().to_string().contains("line 1"));
        std::fs::write(dir.path().join(FILE), "#".repeat(LONGEST + 1)).unwrap();
        assert!(read(dir.path()).is_err());
    }
}
