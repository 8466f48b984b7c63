//! `althing prove ENTRY -o FILE` and `althing verify FILE`

use std::path::PathBuf;

use althing_protocol::bundle;
use althing_protocol::log::policy::Policy;
use clap::Args;
use serde_json::json;

use super::call::Node;
use super::failure::Failure;
use super::fields;
use super::print::Answer;
use crate::file;

/// Write a proof that an entry existed: one file, to be checked by anybody without a network.
#[derive(Debug, Args)]
pub(super) struct Prove {
    /// The entry.
    entry: String,
    /// The file to write; it must not be there.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Check a proof. Needs no node and no network.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file that `althing prove` wrote.
    file: PathBuf,
    /// Ask for cosignatures that satisfy this policy (see `docs/spec/log.md`).
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Prove {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let bytes = node.get_bytes(&["entries", &self.entry, "proof"], &[])?;
        // Whoever relies on it checks it again; a bad one should not leave this machine.
        let verified =
            bundle::verify(&bytes).map_err(|why| Failure::Refused(format!("the node's proof does not hold: {why}")))?;
        file::write_new(&self.output, &bytes).map_err(|why| match why.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::Input(format!(
                "{} is there already; choose another name",
                self.output.display()
            )),
            _ => Failure::File {
                doing: "write",
                path: self.output.clone(),
                why,
            },
        })?;
        let path = self.output.display().to_string();
        let text = format!("{path}: {} bytes\n\n{verified}", bytes.len());
        Ok(Answer::new(
            json!({ "file": path, "bytes": bytes.len(), "facts": verified.facts() }),
            text,
        ))
    }
}

impl Verify {
    pub(super) fn run(self) -> Result<Answer, Failure> {
        // One byte more than a bundle may have, so that it is refused as such.
        let most = u64::try_from(bundle::LARGEST).unwrap_or(u64::MAX).saturating_add(1);
        let bytes = fields::read(&self.file, most)?;
        let refused = |why: String| Failure::Refused(format!("{} proves nothing: {why}", self.file.display()));
        let verified = bundle::verify(&bytes).map_err(|why| refused(why.to_string()))?;
        if let Some(path) = &self.policy {
            let bad = |what: String| Failure::BadFile {
                path: path.clone(),
                what,
            };
            let longest = u64::try_from(althing_protocol::log::policy::LONGEST).unwrap_or(u64::MAX);
            let text = String::from_utf8(fields::read(path, longest)?).map_err(|_| bad("is not text".to_owned()))?;
            let policy: Policy = text.parse().map_err(|why| bad(format!("is no policy: {why}")))?;
            let by = verified.cosigners.iter().map(|cosigner| cosigner.key).collect();
            if !policy.satisfied(&by) {
                return Err(Failure::Refused(format!(
                    "{} holds, but its cosignatures do not satisfy {}",
                    self.file.display(),
                    path.display()
                )));
            }
        }
        Ok(Answer::new(
            json!({ "valid": true, "says": verified.to_string(), "facts": verified.facts() }),
            verified.to_string(),
        ))
    }
}
