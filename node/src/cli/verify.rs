//! `althing verify FILE`: a proof or an archive, checked without a node and without a network.

mod archive;

use std::path::PathBuf;

use althing_protocol::bundle;
use althing_protocol::log::policy::Policy;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::fields;
use super::print::Answer;
use crate::archive::read;

/// Check a proof or an archive. Needs no node and no network.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file that `althing prove` or `althing export archive` wrote, or the folder of `althing export site`.
    file: PathBuf,
    /// Ask for cosignatures that satisfy this policy (see `docs/spec/log.md`).
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let policy = self.policy.as_deref().map(|path| {
            let bad = |what: String| Failure::BadFile {
                path: path.to_owned(),
                what,
            };
            let longest = u64::try_from(althing_protocol::log::policy::LONGEST).unwrap_or(u64::MAX);
            let text = String::from_utf8(fields::read(path, longest)?).map_err(|_| bad("is not text".to_owned()))?;
            text.parse().map_err(|why| bad(format!("is no policy: {why}")))
        });
        let policy: Option<Policy> = policy.transpose()?;
        if read::is_archive(&self.file) {
            return archive::verify(&self.file, policy.as_ref());
        }
        // One byte more than a bundle may have, so that it is refused as such.
        let most = u64::try_from(bundle::LARGEST).unwrap_or(u64::MAX).saturating_add(1);
        let bytes = fields::read(&self.file, most)?;
        let refused = |why: String| Failure::Refused(format!("{} proves nothing: {why}", self.file.display()));
        let verified = bundle::verify(&bytes).map_err(|why| refused(why.to_string()))?;
        if let Some(policy) = policy {
            let by = verified.cosigners.iter().map(|cosigner| cosigner.key).collect();
            if !policy.satisfied(&by) {
                return Err(Failure::Refused(format!(
                    "{} holds, but its cosignatures do not satisfy the policy",
                    self.file.display()
                )));
            }
        }
        Ok(Answer::new(
            json!({ "valid": true, "says": verified.to_string(), "facts": verified.facts() }),
            verified.to_string(),
        ))
    }
}
