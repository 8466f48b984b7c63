//! A folder of proposals: read once for what they say of each other, then again to be sent. Units go first, then
//! nominations, then what refers to both.

use std::collections::BTreeMap;
use std::path::Path;

use althing_protocol::hash::Id;

use super::files;
use super::send::Sender;
use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::fields;
use crate::cli::print::Answer;
use crate::import::mips::{self, Folder, LARGEST, Links, Proposal};

pub(super) fn run(node: &Node, dir: &Path, committee: &str, watched: bool) -> Result<Answer, Failure> {
    // An unknown committee or a node that does not answer is known before the first file is read.
    node.get(&["committees", committee], &[])?;
    let mut sender = Sender::new(node, committee);
    let mut folder = Folder::default();
    let (mut nominations, mut others) = (Vec::new(), Vec::new());
    for (source, path) in files::below(dir)? {
        match read(&source, &path) {
            Ok(proposal) => {
                folder.note(&proposal);
                let first = proposal.document.kind == "nomination";
                let number = proposal.number;
                if first {
                    nominations.push((source, path, number))
                } else {
                    others.push((source, path, number))
                }
            }
            Err(why) => sender.report.skip(&source, &why),
        }
    }
    let units = folder.units();
    let mut links = Links::default();
    let domains = units.domains();
    let codes: BTreeMap<String, String> = domains
        .iter()
        .map(|(code, doc)| (doc.source.clone(), code.clone()))
        .collect();
    for (_, domain) in domains {
        sender.add(vec![domain])?;
    }
    sender.finish()?;
    links.domains = ids(&mut sender, &codes);
    let bar = super::bar(watched, nominations.len() + others.len(), "proposals");
    for (n, phase) in [nominations, others].into_iter().enumerate() {
        let numbers: BTreeMap<String, String> = phase
            .iter()
            .map(|(source, _, number)| (source.clone(), number.clone()))
            .collect();
        for (source, path, _) in phase {
            bar.inc(1);
            match read(&source, &path) {
                Ok(proposal) => sender.add(vec![units.linked(proposal, &links)])?,
                Err(why) => sender.report.skip(&source, &why),
            }
        }
        sender.finish()?;
        let done = ids(&mut sender, &numbers);
        if n == 0 {
            links.nominations = done;
        }
    }
    bar.finish_and_clear();
    Ok(sender.report.answer())
}

/// The ids of what arrived, by the names that stand for these sources.
fn ids(sender: &mut Sender<'_>, names: &BTreeMap<String, String>) -> BTreeMap<String, Id> {
    let done = sender.done().into_iter();
    done.filter_map(|done| Some((names.get(&done.source)?.clone(), done.id.parse().ok()?)))
        .collect()
}

fn read(source: &str, path: &Path) -> Result<Proposal, String> {
    let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let bytes = fields::read(path, limit).map_err(|why| why.to_string())?;
    mips::read(source, &bytes).map_err(|why| why.to_string())
}
