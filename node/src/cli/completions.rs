//! `althing completions SHELL`

use clap::{Args, Command};
use clap_complete::Shell;
use serde_json::json;

use super::print::Answer;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, command: &mut Command) -> Answer {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, command, "althing", &mut out);
        let text = String::from_utf8_lossy(&out).into_owned();
        Answer::new(json!({ "shell": self.shell.to_string(), "script": text }), text)
    }
}
