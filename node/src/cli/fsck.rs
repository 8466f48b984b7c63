//! `althing fsck`: without a node.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::Global;
use super::failure::Failure;
use super::print::{Answer, is_watched};
use crate::home::Home;
use crate::store::fsck;

#[derive(Debug, Args)]
pub(super) struct Fsck {}

impl Fsck {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let _lock = home.lock()?;
        let bar = if is_watched() && !global.json {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} entries, {eta} left") {
            bar.set_style(style);
        }
        let report = fsck::fsck(&home.store_dir(), |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
        let mut json = json!(report);
        if let Some(map) = json.as_object_mut() {
            map.insert("clean".to_owned(), json!(report.is_clean()));
        }
        let answer = Answer::new(json, report.to_string());
        Ok(if report.is_clean() {
            answer
        } else {
            answer.bad(Failure::Damaged(report.damaged))
        })
    }
}
