//! The generation of this store's sequences: a random number in the store's folder, drawn once. A lost or replaced
//! store has another, and peers read its sequences from the start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use althing_protocol::limit::INT;

use super::Error;
use crate::clock;

pub(super) fn of(store: &Path) -> Result<u64, Error> {
    let path = store.join("generation");
    read_or_draw(&path).map_err(|source| Error::File { path, source })
}

fn read_or_draw(path: &Path) -> io::Result<u64> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let number = text.trim().parse().ok().filter(|n| *n <= INT);
            number.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it holds no number; remove it"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let number = u64::from_le_bytes(clock::random()) & INT;
            let beside = path.with_extension("new");
            let mut file = File::create(&beside)?;
            file.write_all(number.to_string().as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, path)?;
            Ok(number)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_once_and_never_guessed() {
        let dir = tempfile::tempdir().unwrap();
        let first = of(dir.path()).unwrap();
        assert_eq!(of(dir.path()).unwrap(), first);
        fs::write(dir.path().join("generation"), "x").unwrap();
        assert!(of(dir.path()).is_err());
        assert_ne!(of(tempfile::tempdir().unwrap().path()).unwrap(), first);
    }
}
