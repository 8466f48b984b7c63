//! `althing fsck`: without a node.

use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::Global;
use super::failure::Failure;
use super::print::{Answer, is_watched};
use crate::files::check;
use crate::home::Home;
use crate::repair;
use crate::store::fsck;

#[derive(Debug, Args)]
pub(super) struct Fsck {
    /// Make a new store out of what is sound in a damaged one.
    #[arg(long)]
    repair: bool,
    /// After a repair: the node has caught up with its peers, and may write again.
    #[arg(long, conflicts_with = "repair")]
    unlock: bool,
}

impl Fsck {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Arc::new(Home::open(&global.data()?)?);
        let _lock = home.lock()?;
        if self.unlock {
            repair::unlock(&home)?;
            return Ok(Answer::new(json!({ "unlocked": true }), "This node may write again."));
        }
        let bar = if is_watched() && !global.json {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} entries, {eta} left") {
            bar.set_style(style);
        }
        let progress = |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        };
        if self.repair {
            let repaired = repair::repair(&home, progress)?;
            bar.finish_and_clear();
            return Ok(Answer::new(json!(repaired), repaired.to_string()));
        }
        let report = fsck::fsck(&home.store_dir(), progress)?;
        bar.finish_and_clear();
        let files = check::check(&home.files_dir());
        let damaged = report.damaged.saturating_add(files.damaged);
        let mut json = json!(report);
        if let Some(map) = json.as_object_mut() {
            map.insert("files".to_owned(), json!(files));
            map.insert("clean".to_owned(), json!(damaged == 0));
        }
        let answer = Answer::new(json, format!("{files}\n{report}"));
        Ok(if damaged == 0 {
            answer
        } else {
            answer.bad(Failure::Damaged(damaged))
        })
    }
}
