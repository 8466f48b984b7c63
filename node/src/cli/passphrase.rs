//! Passphrases: asked for on the terminal without echo, or read from a file. Never an argument: others on the machine
//! see those, and the shell remembers them.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::fields;

/// Longest passphrase, in bytes.
const LONGEST: u64 = 4096;

#[derive(Debug, Args)]
pub(super) struct Passphrase {
    /// A file whose first line is the passphrase; without it the passphrase is asked for.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// The passphrase of a file that exists.
    pub(super) fn known(&self) -> Result<String, Failure> {
        match &self.passphrase_file {
            Some(file) => from(file),
            None => ask("Passphrase of the key file: "),
        }
    }

    /// A passphrase for a new file, asked for twice.
    pub(super) fn fresh(&self) -> Result<String, Failure> {
        if let Some(file) = &self.passphrase_file {
            return from(file);
        }
        let first = ask("A passphrase for the key file, 10 characters or more: ")?;
        let second = ask("The same again: ")?;
        if first != second {
            return Err(Failure::Input("the two passphrases differ; try again".to_owned()));
        }
        Ok(first)
    }
}

fn from(file: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(fields::read(file, LONGEST)?).map_err(|_| Failure::BadFile {
        path: file.to_owned(),
        what: "is not text".to_owned(),
    })?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Failure::BadFile {
            path: file.to_owned(),
            what: "begins with an empty line instead of a passphrase".to_owned(),
        });
    }
    Ok(line.to_owned())
}

fn ask(prompt: &str) -> Result<String, Failure> {
    let nobody = || {
        Failure::Input("there is no terminal to ask for the passphrase; give it with --passphrase-file FILE".to_owned())
    };
    if !std::io::stdin().is_terminal() {
        return Err(nobody());
    }
    rpassword::prompt_password(prompt).map_err(|_| nobody())
}
