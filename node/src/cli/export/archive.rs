//! `althing export archive|site`: the same files, in one tar file or in a folder that any web host serves.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use althing_protocol::archive::{self, MANIFEST, Manifest};
use althing_protocol::entry::Entry;
use althing_protocol::hash::Id;
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use althing_protocol::log::tile::{Tile, WIDTH};
use althing_protocol::log::{MOST, STORED};
use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use super::pack::Pack;
use crate::cli::call::Node;
use crate::cli::failure::Failure;
use crate::cli::print::{Answer, is_watched, items, word};
use crate::clock;
use crate::site::{Ends, Site};

/// What `export archive` takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Archive {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// The tar file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Entries, attachments and the signed log alone, without pages: all that an import reads.
    #[arg(long)]
    bare: bool,
}

/// What `export site` takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct ToFolder {
    /// The committee.
    #[arg(long, value_name = "ID")]
    committee: String,
    /// The folder; it must be new or empty.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Where the folder will be on the web, for feeds and calendars, which need whole addresses.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Archive {
    pub(super) fn run(self, node: &Node, as_json: bool) -> Result<Answer, Failure> {
        let pack = Pack::tar(&self.output, clock::now_ms())?;
        let work = Work {
            node,
            pages: !self.bare,
            url: None,
            watched: is_watched() && !as_json,
        };
        work.run(&self.committee, pack, &self.output)
    }
}

impl ToFolder {
    pub(super) fn run(self, node: &Node, as_json: bool) -> Result<Answer, Failure> {
        if let Some(url) = self.url.as_deref().filter(|url| !is_web(url)) {
            return Err(Failure::Input(format!(
                "{url:?} is no address on the web: it begins with http:// or https://"
            )));
        }
        let pack = Pack::folder(&self.output)?;
        let work = Work {
            node,
            pages: true,
            url: self.url,
            watched: is_watched() && !as_json,
        };
        work.run(&self.committee, pack, &self.output)
    }
}

fn is_web(url: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '&' | '\'');
    (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(plain)
}

/// One export.
struct Work<'a> {
    node: &'a Node,
    pages: bool,
    url: Option<String>,
    watched: bool,
}

impl Work<'_> {
    fn run(&self, committee: &str, mut pack: Pack, output: &Path) -> Result<Answer, Failure> {
        let (manifest, unsigned) = match self.fill(committee, &mut pack) {
            Ok(filled) => filled,
            Err(why) => {
                pack.give_up();
                return Err(why);
            }
        };
        let (files, bytes) = pack.finish()?;
        let mut text = format!(
            "{}: {} entries, {} of them in the record, {files} files, {bytes} bytes\ndigest {}",
            output.display(),
            manifest.entries,
            manifest.record,
            manifest.digest
        );
        if let Some(why) = unsigned {
            text.push_str(&format!("\nThe log in it may end earlier: {why}"));
        }
        let answer = json!({
            "file": output,
            "committee": manifest.committee,
            "digest": manifest.digest,
            "record": manifest.record,
            "entries": manifest.entries,
            "files": files,
            "bytes": bytes,
        });
        Ok(Answer::new(answer, text))
    }

    /// Answers the manifest, and why the log could not be signed to its end.
    fn fill(&self, committee: &str, pack: &mut Pack) -> Result<(Manifest, Option<Failure>), Failure> {
        let shown = self.node.get(&["committees", committee], &[])?;
        let id = word(&shown, "id");
        // The log goes along as far as it is signed: to its end, if this machine can sign.
        let signed = self
            .node
            .post(&["committees", &id, "checkpoint"], &json!({ "cut": true }));
        let (manifest, entries) = self.core(&id, pack)?;
        self.log(&id, pack)?;
        pack.put("README.txt", readme(&manifest, &word(&shown, "title")).as_bytes())?;
        if self.pages {
            self.site(&id, manifest.committee, entries, pack)?;
        }
        Ok((manifest, signed.err()))
    }

    /// What the node streams: the manifest, the entries, the attachments.
    fn core(&self, id: &str, pack: &mut Pack) -> Result<(Manifest, HashSet<Id>), Failure> {
        let strange = |what: String| self.node.strange(format!("its archive: {what}"));
        let stream = self.node.open(&["committees", id, "archive"])?;
        let mut tar = tar::Archive::new(stream);
        let (mut manifest, mut entries) = (None, HashSet::new());
        for member in tar.entries().map_err(|why| strange(why.to_string()))? {
            let mut member = member.map_err(|why| strange(why.to_string()))?;
            let name = member.path().ok().and_then(|path| path.to_str().map(str::to_owned));
            let name = name.ok_or_else(|| strange("a name in it is no text".to_owned()))?;
            let length = member.size();
            if archive::attachment(&name).is_some() {
                pack.put_from(&name, length, member)?;
                continue;
            }
            let mut bytes = Vec::new();
            let most = u64::try_from(archive::PORTION).unwrap_or(u64::MAX);
            member
                .by_ref()
                .take(most)
                .read_to_end(&mut bytes)
                .map_err(|why| strange(why.to_string()))?;
            if name == MANIFEST {
                manifest = Some(Manifest::read(&bytes).map_err(|why| strange(why.to_string()))?);
            } else if archive::is_portion(&name) {
                for wire in archive::split(&bytes).map_err(|why| strange(why.to_string()))? {
                    let entry = Entry::decode(wire).map_err(|why| strange(why.to_string()))?;
                    entries.insert(entry.id());
                }
            } else {
                return Err(strange(format!("it holds {name:?}, which this release does not know")));
            }
            pack.put(&name, &bytes)?;
        }
        let manifest = manifest.ok_or_else(|| strange("it has no manifest".to_owned()))?;
        Ok((manifest, entries))
    }

    /// The node's own log, in the files in which it is served (C2SP tlog-tiles).
    fn log(&self, id: &str, pack: &mut Pack) -> Result<(), Failure> {
        let Some(bytes) = self.node.file(&["log", id, "checkpoint"])? else {
            return Ok(());
        };
        let note = String::from_utf8(bytes.clone())
            .ok()
            .and_then(|text| Note::read(&text).ok());
        let checkpoint = note.and_then(|note| note.text.parse::<Checkpoint>().ok());
        let checkpoint = checkpoint.ok_or_else(|| self.node.strange("its checkpoint does not read".to_owned()))?;
        pack.put(&format!("log/{id}/checkpoint"), &bytes)?;
        for tile in tiles(checkpoint.size) {
            let path = tile.to_string();
            let mut parts = vec!["log", id, "tile"];
            parts.extend(path.split('/'));
            let bytes = self.node.file(&parts)?;
            let bytes = bytes.ok_or_else(|| self.node.strange(format!("it lacks the tile {path}")))?;
            pack.put(&format!("log/{id}/tile/{path}"), &bytes)?;
        }
        Ok(())
    }

    fn site(&self, id: &str, committee: Id, entries: HashSet<Id>, pack: &mut Pack) -> Result<(), Failure> {
        let all = self.node.list(&["documents"], &[("committee", id)], None)?;
        let documents = items(&all).iter().filter_map(|item| word(item, "id").parse().ok());
        let site = Site {
            committee,
            node: self.node.own_url()?,
            url: self.url.clone(),
            documents: documents.collect(),
            entries,
        };
        let mut copying = Copying {
            node: self.node,
            committee: id.to_owned(),
            pack,
            bar: match self.watched {
                true => ProgressBar::new(0),
                false => ProgressBar::hidden(),
            },
        };
        site.write(&mut copying)?;
        copying.bar.finish_and_clear();
        Ok(())
    }
}

/// All tiles of a log: full ones, and the last of each level.
fn tiles(size: u64) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let mut level = |level: Option<u8>, count: u64| {
        tiles.extend((0..count.div_ceil(WIDTH)).map(|index| Tile {
            level,
            index,
            width: (count - index * WIDTH).min(WIDTH),
        }));
    };
    level(None, size.min(MOST));
    for n in 0_u8..8 {
        let count = size.checked_shr(u32::from(n) * u32::from(STORED)).unwrap_or(0);
        if count == 0 {
            break;
        }
        level(Some(n), count);
    }
    tiles
}

/// From the node into the pack.
struct Copying<'a> {
    node: &'a Node,
    committee: String,
    pack: &'a mut Pack,
    bar: ProgressBar,
}

impl Ends for Copying<'_> {
    type Failure = Failure;

    fn get(&mut self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.node.copy(path, &self.committee)
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.pack.put(path, bytes)
    }

    fn too_many(&self, most: usize) -> Failure {
        Failure::Refused(format!(
            "the committee has more than {most} pages; `export archive --bare` keeps what they are made from"
        ))
    }

    fn step(&mut self, done: usize, known: usize) {
        self.bar.set_length(u64::try_from(known).unwrap_or(0));
        self.bar.set_position(u64::try_from(done).unwrap_or(0));
    }
}

fn readme(manifest: &Manifest, title: &str) -> String {
    let title = match title.trim() {
        "" => "A committee",
        title => title,
    };
    let Manifest {
        committee,
        digest,
        record,
        entries,
        ..
    } = manifest;
    format!(
        "{title}: an archive of Althing committee {committee}\n\
         \n\
         index.html     the committee as pages, if they are here: open it in a browser. Search works without a server.\n\
         entries/       all {entries} entries as they were signed; {record} of them make the record.\n\
         files/         what they attach, each file under its SHA-256.\n\
         log/           the signed log of the node that made this archive, as C2SP tlog-tiles has it.\n\
         manifest.json  the digest of the record: {digest}\n\
         SHA256SUMS     all files; `sha256sum -c SHA256SUMS` shows whether they came over whole.\n\
         \n\
         Nobody has to believe the pages. With the program `althing`:\n\
         \n\
         althing verify ARCHIVE           checks every signature and computes the digest anew; needs no network.\n\
         althing import archive ARCHIVE   takes it into a node of your own, with the same pages.\n\
         \n\
         ARCHIVE is this folder, or the tar file that it came from.\n"
    )
}
