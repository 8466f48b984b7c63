//! `althing init`, for a new identity or for one more machine of it.

use althing_protocol::control::Use;
use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::print::Answer;
use super::{Global, id};
use crate::home::Home;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// What you are called; others see it beside what you write.
    #[arg(long, default_value = "unnamed", conflicts_with = "join")]
    name: String,
    /// What this machine is called, such as laptop; others can see it.
    #[arg(long, value_name = "NAME", default_value = "first")]
    device: String,
    /// You have an identity on another machine: make keys for this one, and print what enrols them there.
    #[arg(long)]
    join: bool,
    /// With --join: a program writes here, not a person.
    #[arg(long, requires = "join")]
    bot: bool,
}

impl Init {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        if self.join {
            return self.join(global);
        }
        let home = Home::init_as(&global.data()?, &self.name, &self.device)?;
        let json = id::describe(&home)?;
        let text = format!(
            "{}\nYour root keys are in {}. Move them to a safe place: with them you replace a lost or stolen machine, \
             without them you cannot. The node runs without them.\n\
             althing id export-keys FILE --remove",
            id::text(&json),
            home.dir().join("keys").display(),
        );
        Ok(Answer::new(without_entries(json), text))
    }

    fn join(self, global: &Global) -> Result<Answer, Failure> {
        let usage = if self.bot { Use::Bot } else { Use::Person };
        let data = global.data()?;
        let request = Home::join(&data, usage, &self.device)?;
        let text = format!(
            "{request}\nCopy this line to the machine that has your root keys and run there: althing id enroll REQUEST\n\
             It has to show the check digits {}. Then bring the file that it writes here, and run: althing id accept FILE",
            request.check()
        );
        let json = json!({
            "request": request.to_string(), "check": request.check(), "device": request.device, "node": request.node,
            "data": data,
        });
        Ok(Answer::new(json, text))
    }
}

fn without_entries(mut json: Value) -> Value {
    if let Some(map) = json.as_object_mut() {
        map.remove("entries");
    }
    json
}
