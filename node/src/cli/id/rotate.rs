//! `althing id rotate`: the next root key takes over.

use std::path::{Path, PathBuf};

use althing_protocol::control::{Control, Rotate as Rotated};
use althing_protocol::hash::{Id, Key, key_commitment};
use clap::Args;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::super::Global;
use super::super::call::Node;
use super::super::failure::Failure;
use super::super::print::{Answer, items, short, word};
use super::root::{self, Keys, Roots};
use super::{replace_private, write_private};
use crate::clock;
use crate::home::{Home, Sealed};

/// Enrolments that one rotation can keep within `limit::CONTROL`.
const KEEP: usize = 40;

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Of the living machines or keys, these alone live on; by default all do.
    #[arg(long, value_name = "DEVICE", num_args = 1..)]
    keep: Vec<String>,
    /// A machine or key that is left out, living or retired: nothing that it ever signed counts.
    #[arg(long, value_name = "DEVICE", num_args = 1..)]
    drop: Vec<String>,
    /// No device lives on, and nothing that any of them ever signed counts.
    #[arg(long, conflicts_with_all = ["keep", "drop"])]
    keep_none: bool,
    /// With --keys: where to write the new keys, under the same passphrase.
    #[arg(short, long, value_name = "FILE", requires = "keys")]
    output: Option<PathBuf>,
    /// Why; others can see it.
    #[arg(long)]
    note: Option<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    keys: Keys,
}

impl Rotate {
    pub(super) fn run(self, global: &Global) -> Result<Answer, Failure> {
        let home = Home::open(&global.data()?)?;
        let node = global.node();
        let _alone = home.signing()?;
        let roots = self.keys.load(&home, &node)?;
        let (keep, dropped) = self.choose(&roots.standing)?;
        if keep.len() > KEEP {
            return Err(Failure::Input(format!(
                "a rotation keeps at most {KEEP} keys, here are {}; leave out some with --drop DEVICE",
                keep.len()
            )));
        }
        let title = |items: &[&Value]| match items {
            [] => "no device".to_owned(),
            items => {
                let each = items.iter().map(|item| match word(item, "status").as_str() {
                    "retired" => format!(
                        "{} {} (what it signed before it was retired)",
                        word(item, "title"),
                        short(item, "id")
                    ),
                    _ => format!("{} {}", word(item, "title"), short(item, "id")),
                });
                each.collect::<Vec<_>>().join(", ")
            }
        };
        let what = format!(
            "The next root key takes over for ever, and the root key of now signs nothing more. Kept: {}. Left out: {}{}.",
            title(&keep),
            title(&dropped),
            if dropped.is_empty() {
                ""
            } else {
                "; nothing that they ever signed will count"
            },
        );
        root::confirm(&what, self.yes)?;
        let mut ids: Vec<Id> = keep.iter().filter_map(|item| word(item, "id").parse().ok()).collect();
        ids.sort_unstable();
        let id = match &self.keys.keys {
            None => self.in_folder(&home, &node, &roots, ids)?,
            Some(_) => self.in_file(&home, &node, &roots, ids)?,
        };
        let json = json!({
            "id": id,
            "root": roots.keys.next_public(),
            "keep": keep.iter().map(|item| word(item, "id")).collect::<Vec<_>>(),
            "dropped": dropped.iter().map(|item| word(item, "id")).collect::<Vec<_>>(),
            "file": self.output,
        });
        let text = match &self.output {
            Some(file) => format!(
                "{id}\nThe new keys are in {}; older key files are of no use any more.",
                file.display()
            ),
            None => format!(
                "{id}\nThe new root keys are in the data folder; older key files are of no use any more. Move them away: \
                 althing id export-keys FILE --remove"
            ),
        };
        Ok(Answer::new(json, text))
    }

    /// Devices that are kept, and those that are left out. A retired one is kept with what it signed before: left out, it
    /// would lose that too.
    fn choose<'a>(&self, standing: &'a Value) -> Result<(Vec<&'a Value>, Vec<&'a Value>), Failure> {
        let of = |status: &'static str| move |item: &&Value| word(item, "status") == status;
        let mut kept: Vec<&Value> = items(standing).iter().filter(of("living")).collect();
        if !self.keep.is_empty() {
            kept = named(standing, &self.keep, &["living"])?;
        }
        kept.extend(items(standing).iter().filter(of("retired")));
        let drop = named(standing, &self.drop, &["living", "retired"])?;
        let id = |item: &Value| word(item, "id");
        let stays = |item: &&Value| {
            let among = |list: &[&Value]| list.iter().any(|one| id(one) == id(item));
            !self.keep_none && among(&kept) && !among(&drop)
        };
        let standing_ones = items(standing)
            .iter()
            .filter(|item| of("living")(item) || of("retired")(item));
        Ok(standing_ones.partition(stays))
    }

    fn in_folder(&self, home: &Home, node: &Node, roots: &Roots, keep: Vec<Id>) -> Result<Id, Failure> {
        let after = home.key_after_next()?;
        let id = self.sign(home, node, &roots.keys, &after, keep)?;
        home.settle_rotation(&roots.keys.next_public())?;
        Ok(id)
    }

    /// The new file is there before the rotation is signed: a key that the world knows as root must never exist only
    /// in memory.
    fn in_file(&self, home: &Home, node: &Node, roots: &Roots, keep: Vec<Id>) -> Result<Id, Failure> {
        let (Some(output), Some(passphrase)) = (&self.output, &roots.passphrase) else {
            return Err(Failure::Input(
                "say with --output FILE where the new keys go: the old file is of no use after this".to_owned(),
            ));
        };
        let after = SigningKey::from_bytes(&clock::random());
        let (name, entries) = root::entries(node)?;
        let mut new = Sealed {
            identity: home.identity(),
            name,
            root: roots.keys.next.clone(),
            next: after.clone(),
            entries,
            follow: root::invitations(home, node)?,
        };
        write_private(output, new.seal(passphrase)?.as_bytes())?;
        let id = self
            .sign(home, node, &roots.keys, &after, keep)
            .map_err(|why| unsure(output, &why))?;
        // With the rotation itself in it: a machine that is recovered from it needs no peer to know the root key.
        new.entries = root::entries(node)?.1;
        replace_private(output, new.seal(passphrase)?.as_bytes())?;
        Ok(id)
    }

    fn sign(&self, home: &Home, node: &Node, keys: &Sealed, after: &SigningKey, keep: Vec<Id>) -> Result<Id, Failure> {
        let next = key_commitment(&Key(after.verifying_key().to_bytes()));
        let act = json!({ "next": next, "keep": keep, "note": self.note });
        let wanted = move |control: &Control| *control == Control::Rotate(Rotated { next, keep });
        let (id, _) = root::sign(node, home.identity(), &keys.next, ("rotate", act), wanted)?;
        Ok(id)
    }
}

/// All that some arguments mean.
fn named<'a>(standing: &'a Value, arguments: &[String], statuses: &[&str]) -> Result<Vec<&'a Value>, Failure> {
    let found = arguments
        .iter()
        .map(|argument| root::devices(standing, argument, statuses));
    Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
}

fn unsure(output: &Path, why: &Failure) -> Failure {
    Failure::Refused(format!(
        "{why}. Keep {}: if `althing id devices` shows another root key later, it was replaced after all and this is the \
         file that holds it",
        output.display()
    ))
}
