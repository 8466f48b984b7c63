//! The key that pays. It anchors and nothing else: who steals it steals what it holds, and can anchor what anybody can.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use alloy::signers::local::{LocalSignerError, PrivateKeySigner};
use thiserror::Error;

/// The key of anvil's and hardhat's first account. Everybody has it.
const DEV: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Chain ids of chains that are made for trying things out.
pub const DEV_CHAINS: [u64; 2] = [31337, 1337];

/// Longest key file. A keystore has some 500 bytes.
const LONGEST: u64 = 64 << 10;

/// Why there is no key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the key file {path} cannot be read: {why}", path = .path.display())]
    Unread {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Others may read it.
    #[error("others may read the key file {path}: run `chmod 600` on it", path = .path.display())]
    Open {
        /// Which.
        path: PathBuf,
    },
    /// Neither of the two forms.
    #[error("the key file {path} holds neither 64 hexadecimal digits nor a JSON keystore", path = .path.display())]
    Form {
        /// Which.
        path: PathBuf,
    },
    /// The passphrase was not given, or it is another.
    #[error("the keystore {path} does not open: {why}", path = .path.display())]
    Locked {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Everybody has the development key.
    #[error("the development key is everybody's: it works on chains {DEV_CHAINS:?}, and this is chain {chain}")]
    Development {
        /// The chain.
        chain: u64,
    },
}

/// Reads a key from a file that only its owner may read: 64 hexadecimal digits, or a JSON keystore as Ethereum wallets
/// export them, for which `passphrase` is asked.
///
/// # Errors
/// [`KeyError`].
pub fn read(path: &Path, passphrase: impl FnOnce() -> io::Result<String>) -> Result<PrivateKeySigner, KeyError> {
    let path_buf = || path.to_owned();
    let unread = |why| KeyError::Unread { path: path_buf(), why };
    let file = File::open(path).map_err(unread)?;
    let metadata = file.metadata().map_err(unread)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open { path: path_buf() });
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unread)?;
    let text = text.trim();
    if text.starts_with('{') {
        let locked = |why: String| KeyError::Locked { path: path_buf(), why };
        let passphrase = passphrase().map_err(|error| locked(error.to_string()))?;
        return PrivateKeySigner::decrypt_keystore(path, passphrase).map_err(|error| {
            locked(match error {
                LocalSignerError::EthKeystoreError(error) if error.to_string().contains("Mac Mismatch") => {
                    "the passphrase is wrong".to_owned()
                }
                LocalSignerError::EthKeystoreError(error) => error.to_string(),
                other => other.to_string(),
            })
        });
    }
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() != 64 {
        return Err(KeyError::Form { path: path_buf() });
    }
    digits.parse().map_err(|_| KeyError::Form { path: path_buf() })
}

/// The key that everybody has, on chains that are worth nothing.
///
/// # Errors
/// [`KeyError::Development`].
pub fn development(chain: u64) -> Result<PrivateKeySigner, KeyError> {
    if !DEV_CHAINS.contains(&chain) {
        return Err(KeyError::Development { chain });
    }
    DEV.parse().map_err(|_| KeyError::Development { chain })
}

/// Makes a new key and writes it to a file that was not there before.
///
/// # Errors
/// When the file is there already or cannot be written.
pub fn create(path: &Path) -> io::Result<PrivateKeySigner> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let key = PrivateKeySigner::random();
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", alloy::hex::encode(key.to_bytes()))?;
    file.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> io::Result<String> {
        panic!("nobody should be asked for a passphrase")
    }

    #[test]
    fn keys_are_read_from_files_of_one_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = create(&path).unwrap();
        assert_eq!(read(&path, none).unwrap(), made);
        assert!(create(&path).is_err(), "a key is never written over");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read(&path, none), Err(KeyError::Open { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for wrong in ["", "ab", &"0".repeat(64), &"g".repeat(64), &"f".repeat(64)] {
            fs::write(&path, wrong).unwrap();
            assert!(matches!(read(&path, none), Err(KeyError::Form { .. })), "{wrong}");
        }
        assert!(matches!(
            read(&folder.path().join("none"), none),
            Err(KeyError::Unread { .. })
        ));
    }

    #[test]
    fn keystores_open_with_their_passphrase_only() {
        // PBKDF2 with few rounds, made by another program (eth_account of Python), so that the test is quick.
        let keystore = include_str!("../tests/keystore.json");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keystore");
        fs::write(&path, keystore).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            read(&path, || Ok("correct horse".to_owned())).unwrap(),
            development(31337).unwrap()
        );
        assert!(matches!(
            read(&path, || Ok("battery".to_owned())),
            Err(KeyError::Locked { .. })
        ));
        assert!(matches!(
            read(&path, || Err(io::Error::other("no terminal"))),
            Err(KeyError::Locked { .. })
        ));
    }

    #[test]
    fn the_development_key_is_refused_where_money_is() {
        let address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        assert_eq!(development(1337).unwrap().address().to_string(), address);
        for chain in [0, 1, 10, 100, 11_155_111] {
            assert!(matches!(development(chain), Err(KeyError::Development { .. })));
        }
    }
}
