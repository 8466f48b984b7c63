//! `althing id enroll`, on the machine that has the root key, and `althing id accept`, on the new one.

use std::path::{Path, PathBuf};

use althing_protocol::control::{Control, Enroll as Enrolled, Use};
use althing_protocol::hash::{Id, Key};
use clap::Args;
use serde_json::{Value, json};

use super::super::call::Node;
use super::super::failure::Failure;
use super::super::print::{Answer, items, word};
use super::super::{Global, fields};
use super::root::{self, Keys, Roots};
use super::write_private;
use crate::home::{Enrolment, Home, Request};

/// Largest file of an enrolment, in bytes.
const LARGEST: u64 = 8 << 20;

#[derive(Debug, Args)]
pub(super) struct Enroll {
    /// What `althing init --join` printed on the new machine.
    #[arg(required_unless_present = "here", num_args = 1.., conflicts_with = "here")]
    request: Vec<String>,
    /// Enrol this machine, after `althing id recover`.
    #[arg(long)]
    here: bool,
    /// What this machine is called; others can see it.
    #[arg(long, value_name = "NAME", default_value = "recovered", requires = "here")]
    device: String,
    /// Enrol although no peer has the same digest: later entries of this identity that are not here yet may clash.
    #[arg(long, requires = "here")]
    alone: bool,
    /// Where to write what the new machine needs; - for standard output. Nothing in it is secret.
    #[arg(short, long, value_name = "FILE", default_value = "enrolment.json")]
    output: PathBuf,
    #[command(flatten)]
    keys: Keys,
}

impl Enroll {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let node = global.node();
        let _alone = home.signing()?;
        if self.here {
            return self.here(&home, &node);
        }
        let request: Request = self
            .request
            .concat()
            .parse()
            .map_err(|why| Failure::Input(format!("{why}")))?;
        let roots = self.keys.load(&home, &node)?;
        let [device, node_cert] = enroll(&node, &home, &roots, &request)?;
        let (name, entries) = root::entries(&node)?;
        let follow = root::invitations(&home, &node)?;
        let enrolment = Enrolment::new(home.identity(), name, [device, node_cert], entries, follow);
        let text = serde_json::to_string_pretty(&enrolment).map_err(|why| Failure::Input(why.to_string()))?;
        let json = json!({
            "id": device, "device": device, "node": node_cert, "check": request.check(), "file": self.output,
        });
        if self.output == Path::new("-") {
            return Ok(Answer::new(serde_json::to_value(&enrolment).unwrap_or(json), text));
        }
        write_private(&self.output, text.as_bytes())?;
        let said = format!(
            "{} is enrolled; its check digits are {}. If the new machine shows other digits, somebody changed the request: \
             retire {} at once.\nBring {} to the new machine; nothing in it is secret. There run: althing id accept {}",
            request.label,
            request.check(),
            request.label,
            self.output.display(),
            self.output
                .file_name()
                .map_or_else(|| "FILE".into(), |name| name.to_string_lossy()),
        );
        Ok(Answer::new(json, said))
    }

    fn here(self, home: &Home, node: &Node) -> Result<Answer, Failure> {
        if home.device_cert().is_some() {
            return Err(Failure::Input("this machine is enrolled already".to_owned()));
        }
        if !self.alone && !agrees(node)? {
            return Err(Failure::Input(
                "no connected peer has the same digest yet, so newer entries of this identity may be missing here. Wait \
                 until `althing peers` shows the same digest, or follow a committee by an invitation; --alone goes on \
                 without"
                    .to_owned(),
            ));
        }
        let request = home.own_request(&self.device)?;
        let roots = self.keys.load(home, node)?;
        let [device, node_cert] = enroll(node, home, &roots, &request)?;
        let json = node.post(
            &["identity", "adoption"],
            &json!({ "device": device, "node": node_cert }),
        )?;
        let text = format!(
            "This machine writes for {} from now on. If the old one is lost, retire it: althing id devices",
            word(&json, "identity")
        );
        Ok(Answer::new(json, text))
    }
}

/// Whether somebody connected has the same record of a committee, or nobody could have.
fn agrees(node: &Node) -> Result<bool, Failure> {
    let peers = node.get(&["peers"], &[])?;
    let committees = items(&peers)
        .iter()
        .filter_map(|peer| peer.get("committees").and_then(Value::as_array))
        .flatten();
    let same = |one: &Value| one.get("same").and_then(Value::as_bool) == Some(true);
    Ok(committees.into_iter().any(same))
}

/// Enrols both keys of a machine. One that is enrolled already is not enrolled again.
fn enroll(node: &Node, home: &Home, roots: &Roots, request: &Request) -> Result<[Id; 2], Failure> {
    let mut ids = Vec::new();
    for (key, usage) in [(request.device, request.usage), (request.node, Use::Node)] {
        let living = items(&roots.standing)
            .iter()
            .find(|item| word(item, "key") == key.to_string() && word(item, "status") == "living");
        if let Some(id) = living.and_then(|item| word(item, "id").parse().ok()) {
            ids.push(id);
            continue;
        }
        let act = json!({ "key": key, "use": usage, "note": request.label });
        let wanted = |control: &Control| *control == Control::Enroll(Enrolled { key, usage });
        let (id, _) = root::sign(node, home.identity(), &roots.keys.root, ("enroll", act), wanted)?;
        ids.push(id);
    }
    <[Id; 2]>::try_from(ids).map_err(|_| Failure::Input("a machine has two keys".to_owned()))
}

#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The file that `althing id enroll` wrote on the other machine.
    file: PathBuf,
}

impl Accept {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let enrolment = Enrolment::read(&fields::read(&self.file, LARGEST)?).map_err(crate::home::Error::from)?;
        let home = Home::accept(&global.data()?, &enrolment)?;
        let json = json!({
            "id": home.identity(),
            "identity": home.identity(),
            "name": home.name(),
            "device": Key(home.device().verifying_key().to_bytes()),
            "follow": home.invitations(),
        });
        let text = format!(
            "This machine writes for {} ({}) from now on. Start it: althing run",
            home.name(),
            home.identity()
        );
        Ok(Answer::new(json, text))
    }
}
