//! A forum's topics: every file is looked at once to know its topic, then each topic is read and sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files;
use super::send::{Done, Report, Sender};
use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::fields;
use crate::cli::print::Answer;
use crate::import::discourse::{self, Converter, LARGEST, Read, Reader, Skip};

/// A forum's address without the slash at its end.
pub(super) fn site(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = host.is_some_and(|host| !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic()));
    if fits && text.len() <= 500 {
        Ok(text.to_owned())
    } else {
        Err("give the forum's address, such as https://forum.example".to_owned())
    }
}

/// The files of one topic, those with its title first.
#[derive(Default)]
struct Files {
    titled: Vec<(String, PathBuf)>,
    posts: Vec<(String, PathBuf)>,
}

pub(super) fn run(
    node: &Node,
    path: &Path,
    committee: &str,
    site: Option<&str>,
    watched: bool,
) -> Result<Answer, Failure> {
    node.get(&["committees", committee], &[])?;
    let mut sender = Sender::new(node, committee);
    let topics = look(path, &mut sender.report, watched)?;
    let converter = Converter::default();
    let bar = super::bar(watched, topics.len(), "topics");
    // How many posts were read, by the source of the topic, until it arrived.
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for (topic, files) in topics {
        bar.inc(1);
        let name = files
            .titled
            .first()
            .or(files.posts.first())
            .map(|(source, _)| source.clone())
            .unwrap_or_default();
        match one(topic, &files, site, &converter) {
            Ok(found) => {
                say(&mut sender.report, &name, &found);
                if let Some(first) = found.parts.first() {
                    read.insert(first.source.clone(), found.posts);
                }
                sender.add(found.parts)?;
            }
            Err(why) => sender.report.skip(&name, &why),
        }
        kept(&mut sender, &mut read);
    }
    sender.finish()?;
    kept(&mut sender, &mut read);
    bar.finish_and_clear();
    Ok(sender.report.answer())
}

/// The files by topic.
fn look(path: &Path, report: &mut Report, watched: bool) -> Result<BTreeMap<u64, Files>, Failure> {
    let all = if path.is_dir() {
        files::below(path)?
    } else {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        vec![(name.unwrap_or_default(), path.to_owned())]
    };
    let bar = super::bar(watched, all.len(), "files");
    let mut topics: BTreeMap<u64, Files> = BTreeMap::new();
    for (source, path) in all {
        bar.inc(1);
        let peeked = bytes(&path).and_then(|bytes| discourse::peek(&source, &bytes).map_err(|why| why.to_string()));
        match peeked {
            Ok(peek) => {
                let files = topics.entry(peek.topic).or_default();
                let place = if peek.titled {
                    &mut files.titled
                } else {
                    &mut files.posts
                };
                place.push((source, path));
            }
            Err(why) => report.skip(&source, &why),
        }
    }
    bar.finish_and_clear();
    Ok(topics)
}

fn one(topic: u64, files: &Files, site: Option<&str>, converter: &Converter) -> Result<Read, String> {
    if files.titled.is_empty() {
        return Err(Skip::NoTitle(topic).to_string());
    }
    let mut reader = Reader::new(topic, site, converter);
    for (_, path) in files.titled.iter().chain(&files.posts) {
        reader.file(&bytes(path)?).map_err(|why| why.to_string())?;
    }
    reader.finish().map_err(|why| why.to_string())
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    fields::read(path, LARGEST).map_err(|why| why.to_string())
}

/// What a topic lacks.
fn say(report: &mut Report, name: &str, found: &Read) {
    if found.left_out > 0 {
        let n = found.left_out;
        report.note(
            name,
            &format!("{n} of its posts are deleted, hidden, notes of the forum or empty, and were not read"),
        );
    }
    let seen = found.posts + found.left_out;
    if found.stream > seen {
        let (missing, all) = (found.stream - seen, found.stream);
        report.note(
            name,
            &format!(
                "{missing} of its {all} posts are in no file here; fetch them as /t/ID/posts.json and run this again"
            ),
        );
    }
}

/// Says of topics that arrived when more of their posts are here than were read this time.
fn kept(sender: &mut Sender<'_>, read: &mut BTreeMap<String, usize>) {
    for Done { source, items, .. } in sender.done() {
        let posts = read.remove(&source);
        let more = items
            .zip(posts)
            .and_then(|(items, posts)| items.checked_sub(posts))
            .filter(|n| *n > 0);
        if let Some(n) = more {
            sender.report.note(
                &source,
                &format!("{n} posts that were read before are not in these files any more; they are kept here"),
            );
        }
    }
}
