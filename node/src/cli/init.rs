//! `althing init`

use clap::Args;
use serde_json::Value;

use super::failure::Failure;
use super::print::Answer;
use super::{Global, id};
use crate::home::Home;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// What you are called; others see it beside what you write.
    #[arg(long, default_value = "unnamed")]
    name: String,
}

impl Init {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::init(&global.data()?, &self.name)?;
        let json = id::describe(&home)?;
        let keys = home.dir().join("keys");
        let text = format!(
            "{}\nMove {} and {} to a safe place: with them you replace a lost or stolen device, without them you cannot. \
             The node runs without them.",
            id::text(&json),
            keys.join("root").display(),
            keys.join("next").display(),
        );
        Ok(Answer::new(without_entries(json), text))
    }
}

fn without_entries(mut json: Value) -> Value {
    if let Some(map) = json.as_object_mut() {
        map.remove("entries");
    }
    json
}
