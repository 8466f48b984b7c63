//! The root key and the next one in the data folder, for the commands that sign with them.
//!
//! Invariant: at every moment of a rotation the folder holds the key that is root and every key that it committed to:
//! the key after the next is written before the rotation is signed, and takes its place once it is known to stand.

use std::path::PathBuf;

use althing_protocol::hash::Key;
use ed25519_dalek::SigningKey;

use super::{Error, Home, Lock, Sealed, files, key_path};
use crate::clock;

impl Home {
    /// The root key and the next one of this folder, without entries and invitations.
    ///
    /// # Errors
    /// [`Error::RootAway`] when they were moved to another place.
    pub fn roots(&self) -> Result<Sealed, Error> {
        let key = |name| {
            let path = self.key_file(name);
            if !path.exists() {
                return Err(Error::RootAway(path));
            }
            Ok(SigningKey::from_bytes(&files::read_seed(&self.dir, &path)?))
        };
        Ok(Sealed {
            identity: self.identity,
            name: self.name.clone(),
            root: key("root")?,
            next: key("next")?,
            entries: Vec::new(),
            follow: Vec::new(),
        })
    }

    /// Lets one command at a time sign with the root keys: two would take the same place in their log.
    ///
    /// # Errors
    /// [`Error::Signing`].
    pub fn signing(&self) -> Result<Lock, Error> {
        self.lock_file("signing", || Error::Signing)
    }

    /// Takes the root keys out of the folder. Whoever asks for this has made sure of another copy.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove_roots(&self) -> Result<(), Error> {
        for key in ["root", "next", "after"] {
            files::remove(&self.key_file(key))?;
        }
        files::sync_folder(&self.dir.join("keys"))
    }

    /// Puts root keys into the folder that has none.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::OtherIdentity`], or what the disk says.
    pub fn put_roots(&self, keys: &Sealed) -> Result<(), Error> {
        if keys.identity != self.identity {
            return Err(Error::OtherIdentity {
                found: keys.identity,
                own: self.identity,
            });
        }
        files::write_seed(&self.key_file("next"), &keys.next.to_bytes())?;
        files::write_seed(&self.key_file("root"), &keys.root.to_bytes())?;
        files::sync_folder(&self.dir.join("keys"))
    }

    /// The key after the next one, which a rotation commits to: written now, or left by a rotation that was cut off.
    ///
    /// # Errors
    /// What the disk says.
    pub fn key_after_next(&self) -> Result<SigningKey, Error> {
        let path = self.key_file("after");
        if !path.exists() {
            files::write_seed(&path, &clock::random())?;
            files::sync_folder(&self.dir.join("keys"))?;
        }
        Ok(SigningKey::from_bytes(&files::read_seed(&self.dir, &path)?))
    }

    /// Whether a rotation of this folder's keys was begun and perhaps not finished.
    #[must_use]
    pub fn is_rotating(&self) -> bool {
        self.key_file("after").exists()
    }

    /// Finishes a rotation that stands: where the folder's next key is root now, it takes the root key's place, and
    /// the one after takes its place. Answers whether anything was to be done.
    ///
    /// # Errors
    /// What the disk says, [`Error::Incomplete`] when the key after the next one is not here.
    pub fn settle_rotation(&self, root: &Key) -> Result<bool, Error> {
        let public = |key: SigningKey| Key(key.verifying_key().to_bytes());
        let (next, after) = (self.key_file("next"), self.key_file("after"));
        if next.exists() && public(SigningKey::from_bytes(&files::read_seed(&self.dir, &next)?)) == *root {
            if !after.exists() {
                return Err(Error::Incomplete {
                    folder: self.dir.clone(),
                    file: after,
                });
            }
            files::rename(&next, &self.key_file("root"))?;
            files::rename(&after, &next)?;
        } else if !next.exists() && after.exists() {
            // Cut off between the two.
            files::rename(&after, &next)?;
        } else {
            return Ok(false);
        }
        files::sync_folder(&self.dir.join("keys"))?;
        Ok(true)
    }

    fn key_file(&self, name: &str) -> PathBuf {
        key_path(&self.dir, name)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn home(temp: &tempfile::TempDir) -> Home {
        Home::init(&temp.path().join("d"), "Ada").unwrap()
    }

    #[test]
    fn roots_go_and_come_back() {
        let temp = tempfile::tempdir().unwrap();
        let home = home(&temp);
        let keys = home.roots().unwrap();
        assert!(
            matches!(home.put_roots(&keys), Err(Error::Exists(_))),
            "never written over"
        );
        home.remove_roots().unwrap();
        assert!(matches!(home.roots(), Err(Error::RootAway(_))));
        assert!(Home::open(home.dir()).is_ok(), "a node runs without them");
        home.put_roots(&keys).unwrap();
        assert_eq!(home.roots().unwrap().root, keys.root);
        let other = Sealed {
            identity: althing_protocol::hash::Id([1; 32]),
            ..home.roots().unwrap()
        };
        assert!(matches!(home.put_roots(&other), Err(Error::OtherIdentity { .. })));
    }

    /// A rotation that is cut off at any step is finished by the next command, and no key is lost on the way.
    #[test]
    fn a_rotation_that_was_cut_off_is_finished() {
        let temp = tempfile::tempdir().unwrap();
        let home = home(&temp);
        let before = home.roots().unwrap();
        assert!(!home.settle_rotation(&before.root_public()).unwrap());
        let after = home.key_after_next().unwrap();
        assert_eq!(home.key_after_next().unwrap(), after, "the same one when asked again");
        assert!(
            !home.settle_rotation(&before.root_public()).unwrap(),
            "it does not stand yet"
        );
        assert!(home.is_rotating());
        let keys = home.dir().join("keys");
        let cut = keys.join("cut");
        fs::copy(keys.join("next"), &cut).unwrap();
        assert!(home.settle_rotation(&before.next_public()).unwrap());
        let now = home.roots().unwrap();
        assert_eq!((&now.root, &now.next), (&before.next, &after));
        // The same, cut off between its two steps.
        fs::rename(keys.join("next"), keys.join("after")).unwrap();
        fs::rename(&cut, keys.join("root")).unwrap();
        assert!(home.settle_rotation(&before.next_public()).unwrap());
        assert_eq!(home.roots().unwrap().next, after);
        assert!(!home.settle_rotation(&before.next_public()).unwrap());
    }
}
