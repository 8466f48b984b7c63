//! The command line: one file per command, each with its arguments, its call and what it says.
//!
//! Invariant: with `--json` standard output holds one JSON value and nothing else; what goes wrong is one clear
//! sentence on standard error. Exit status 0 done, 1 refused or failed, 2 not understood.

mod act;
#[cfg(feature = "anchor")]
mod anchor;
mod attach;
mod audit;
mod automerge;
mod call;
mod checkpoint;
mod committee;
mod completions;
mod cosign;
mod decode;
mod diff;
mod digest;
mod edit;
mod erase;
mod export;
mod failure;
mod fields;
mod file;
mod fsck;
mod grant;
mod id;
mod import;
mod init;
mod list;
mod log;
mod open;
mod page;
mod passphrase;
mod peers;
mod print;
mod prove;
mod refuse;
mod revoke;
mod roles;
mod run;
mod search;
mod set;
mod show;
mod stance;
mod status;
mod take_up;
mod verify;
mod view;
mod vouch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::call::Node;
use self::failure::Failure;
use self::print::Answer;

/// A peer-to-peer deliberation node: signed entries, a record that every follower keeps, one digest.
#[derive(Debug, Parser)]
#[command(
    name = "althing",
    version,
    max_term_width = 120,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Args {
    /// The folder with keys and store.
    #[arg(long, env = "ALTHING_DATA", global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The running node; by default the one on the data folder, else http://127.0.0.1:8420.
    #[arg(long, env = "ALTHING_API", global = true, value_name = "URL")]
    api: Option<String>,
    /// One JSON value on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Say more on standard error; twice says still more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an identity with its keys in the data folder.
    Init(init::Init),
    /// Run the node.
    Run(run::Run),
    /// Show who you are; your machines, your keys, your links.
    Id(id::Id),
    /// Found, follow, list committees, invite to them.
    #[command(subcommand)]
    Committee(committee::Committee),
    /// Open a document of any kind.
    Open(open::Open),
    /// Open a nomination.
    Nominate(open::Short),
    /// Open a statement.
    State(open::Short),
    /// Open a research input.
    Research(open::Short),
    /// Edit a document's content.
    Edit(edit::Edit),
    /// Write any act into a document.
    Act(act::Act),
    /// Say something in a document.
    Post(act::Post),
    Attach(attach::Attach),
    File(file::File),
    /// Accept a nomination.
    Accept(act::Short),
    /// Decline a nomination.
    Decline(act::Short),
    /// Withdraw from a nomination.
    Withdraw(act::Short),
    /// Say where you stand on a document.
    Stance(stance::Stance),
    /// Give a role to an identity.
    Grant(grant::Grant),
    Roles(roles::Roles),
    Set(set::Set),
    Parameters(set::Parameters),
    /// End a grant.
    Revoke(revoke::Revoke),
    /// Sign an act of authority that another one wrote.
    Cosign(cosign::Cosign),
    /// Take entries of newcomers into the record.
    TakeUp(take_up::TakeUp),
    /// Take up a newcomer's next entries as they come.
    Vouch(vouch::Vouch),
    /// Erase the body of an entry on this node.
    Erase(erase::Erase),
    /// Drop the bodies of an identity on this node, and take no more of them.
    Refuse(refuse::Refuse),
    /// List documents.
    List(list::List),
    /// Show a document, now or as it was.
    Show(show::Show),
    /// List the entries of a document.
    Log(log::Log),
    Search(search::Search),
    /// Show what changed between two entries of a document.
    Diff(diff::Diff),
    View(view::View),
    /// Show the digest of a committee's record.
    Digest(digest::Digest),
    Checkpoint(checkpoint::Checkpoint),
    Prove(prove::Prove),
    Verify(verify::Verify),
    Audit(audit::Audit),
    #[cfg(feature = "anchor")]
    #[command(subcommand)]
    Anchor(anchor::Anchor),
    /// Import documents.
    #[command(subcommand)]
    Import(import::Import),
    /// Export documents and entries.
    #[command(subcommand)]
    Export(export::Export),
    Page(page::Page),
    /// List connected peers.
    Peers(peers::Peers),
    /// Show what the node is and holds.
    Status(status::Status),
    /// Reread and verify everything that is stored, while the node is stopped.
    Fsck(fsck::Fsck),
    /// Print completions for a shell.
    Completions(completions::Completions),
    /// Reads an Automerge document from standard input: a process of its own, under limits.
    #[command(hide = true)]
    DecodeAutomerge(decode::Decode),
}

/// What all commands may use.
struct Global {
    data: Option<PathBuf>,
    api: Option<String>,
    json: bool,
    verbose: u8,
}

impl Global {
    /// The data folder.
    fn data(&self) -> Result<PathBuf, Failure> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let folder = var("XDG_DATA_HOME").or_else(|| Some(var("HOME")?.join(".local/share")));
        folder.map(|folder| folder.join("althing")).ok_or(Failure::NoFolder)
    }

    /// The running node.
    fn node(&self) -> Node {
        Node::find(self)
    }
}

/// Runs the command that the process arguments ask for.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(refused) => return print::usage(&refused),
    };
    let Args {
        data,
        api,
        json,
        verbose,
        command,
    } = args;
    let global = Global {
        data,
        api,
        json,
        verbose,
    };
    match answer(command, &global) {
        Ok(answer) => print::answer(&answer, json),
        Err(failure) => print::failure(&failure),
    }
}

fn answer(command: Command, global: &Global) -> Result<Answer, Failure> {
    match command {
        Command::Init(command) => command.run(global),
        Command::Run(command) => command.run(global),
        Command::Id(command) => command.run(global),
        Command::Committee(command) => command.run(&global.node()),
        Command::Open(command) => command.run(&global.node()),
        Command::Nominate(command) => command.run("nomination", &global.node()),
        Command::State(command) => command.run("statement", &global.node()),
        Command::Research(command) => command.run("research", &global.node()),
        Command::Edit(command) => command.run(&global.node()),
        Command::Act(command) => command.run(&global.node()),
        Command::Post(command) => command.run(&global.node()),
        Command::Attach(command) => command.run(&global.node()),
        Command::File(command) => command.run(&global.node(), global.json),
        Command::Accept(command) => command.run("accept", &global.node()),
        Command::Decline(command) => command.run("decline", &global.node()),
        Command::Withdraw(command) => command.run("withdraw", &global.node()),
        Command::Stance(command) => command.run(&global.node()),
        Command::Grant(command) => command.run(&global.node()),
        Command::Roles(command) => command.run(&global.node()),
        Command::Set(command) => command.run(&global.node()),
        Command::Parameters(command) => command.run(&global.node()),
        Command::Revoke(command) => command.run(&global.node()),
        Command::Cosign(command) => command.run(&global.node()),
        Command::TakeUp(command) => command.run(&global.node()),
        Command::Vouch(command) => command.run(&global.node()),
        Command::Erase(command) => command.run(&global.node()),
        Command::Refuse(command) => command.run(&global.node()),
        Command::List(command) => command.run(&global.node()),
        Command::Show(command) => command.run(&global.node()),
        Command::Log(command) => command.run(&global.node()),
        Command::Search(command) => command.run(&global.node()),
        Command::Diff(command) => command.run(&global.node()),
        Command::View(command) => command.run(&global.node()),
        Command::Digest(command) => command.run(&global.node()),
        Command::Checkpoint(command) => command.run(&global.node()),
        Command::Prove(command) => command.run(&global.node()),
        Command::Verify(command) => command.run(),
        Command::Audit(command) => command.run(global),
        #[cfg(feature = "anchor")]
        Command::Anchor(command) => command.run(global),
        Command::Import(command) => command.run(&global.node(), global.json),
        Command::Export(command) => command.run(&global.node(), global.json),
        Command::Page(command) => command.run(&global.node()),
        Command::Peers(command) => command.run(&global.node()),
        Command::Status(command) => command.run(&global.node()),
        Command::Fsck(command) => command.run(global),
        Command::Completions(command) => Ok(command.run(&mut Args::command())),
        Command::DecodeAutomerge(command) => command.run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surface_is_sound() {
        Args::command().debug_assert();
    }
}
