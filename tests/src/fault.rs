//! Every write failed once: a real node runs a script while one call that changes its data folder goes wrong, then it is
//! looked at without that. Nothing that was acknowledged may be lost, and nothing may be damaged.
//!
//! The fault is made by `fault/fail.c`, which is loaded before the node and stands between it and the system.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use althing::home::Home;
use althing::store::withheld::Act;
use althing::store::{BodyState, fsck};
use althing_protocol::hash::Id;
use althing_protocol::kind::read;
use serde_json::{Value, json};

use crate::bench::node;
use crate::kit::Dice;
use crate::process::{Node, Program, text};

const SOURCE: &str = include_str!("fault/fail.c");

/// How long a node may take for anything here.
const PATIENCE: Duration = Duration::from_secs(60);

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It fails: an input/output error.
    Broken,
    /// It fails: no space.
    Full,
    /// Half of it is written, then it fails.
    Torn,
    /// The process dies before it.
    Crash,
    /// Half of it is written, then the process dies.
    TornCrash,
}

impl How {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Broken, Self::Full, Self::Torn, Self::Crash, Self::TornCrash];

    const fn word(self) -> &'static str {
        match self {
            Self::Broken => "eio",
            Self::Full => "enospc",
            Self::Torn => "torn",
            Self::Crash => "crash",
            Self::TornCrash => "torncrash",
        }
    }

    const fn kills(self) -> bool {
        matches!(self, Self::Crash | Self::TornCrash)
    }
}

/// The compiled library that makes faults.
#[derive(Debug, Clone)]
pub struct Shim(PathBuf);

impl Shim {
    /// Compiles it into a folder. None where there is no C compiler, or another system than Linux.
    #[must_use]
    pub fn build(folder: &Path) -> Option<Self> {
        let (source, library) = (folder.join("fail.c"), folder.join("fail.so"));
        fs::write(&source, SOURCE).ok()?;
        let mut cc = Command::new("cc");
        let cc = cc
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(&source)
            .args(["-ldl"]);
        let done = cc.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        (done.success() && cfg!(target_os = "linux")).then_some(Self(library))
    }

    /// The library, for `LD_PRELOAD`.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.0
    }
}

/// A cold data folder with a committee and some posts, of which each round takes a copy.
#[derive(Debug)]
pub struct Bed {
    program: Program,
    shim: Shim,
    dir: PathBuf,
    committee: String,
    /// Posts that are there, with their texts.
    posts: Vec<(String, String)>,
}

/// What became of one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Calls that were counted.
    pub calls: u64,
    /// Posts that were acknowledged in it.
    pub posts: usize,
    /// Whether the erasure was acknowledged.
    pub erased: bool,
    /// Whether the node went through the whole script.
    pub whole: bool,
}

/// A post that was acknowledged: its id and text.
type Post = (String, String);

impl Bed {
    /// Makes the folder. `dir` holds everything.
    ///
    /// # Panics
    /// When the node does not do what it should without any fault.
    #[must_use]
    pub fn new(program: &Program, shim: Shim, dir: &Path) -> Self {
        let mut node = Node::begin(program, dir, "bed");
        let create = [
            "committee",
            "create",
            "--name",
            "Harbour",
            "--purpose",
            "to keep it",
            "--threshold",
            "1",
        ];
        let committee = node.write(&create);
        let posts = (0..4).map(|n| {
            let said = strange(n);
            (node.write(&["post", &committee, &said]), said)
        });
        let posts = posts.collect();
        assert!(node.stop().is_some_and(|status| status.success()), "a clean end");
        Self {
            program: program.clone(),
            shim,
            dir: dir.to_owned(),
            committee,
            posts,
        }
    }

    /// How many calls the script makes when nothing goes wrong.
    ///
    /// # Errors
    /// In words, when even that does not work.
    pub fn count(&self) -> Result<u64, String> {
        let seen = self.round(How::Broken, 0)?;
        match seen {
            Seen {
                erased: true,
                whole: true,
                posts: 6,
                calls,
            } => Ok(calls),
            other => Err(format!("without any fault: {other:?}")),
        }
    }

    /// Runs the script with one fault, then looks at what is left.
    ///
    /// # Errors
    /// What was lost, damaged or unclear, in words.
    ///
    /// # Panics
    /// When the test's own files cannot be written.
    pub fn round(&self, how: How, at: u64) -> Result<Seen, String> {
        let folder = self.dir.join(format!("{}-{at}", how.word()));
        copy(&self.dir.join("bed"), &folder).map_err(|e| e.to_string())?;
        let wrong = |why: String| format!("{} at call {at}: {why}", how.word());
        let mut posts = self.posts.clone();
        let (seen, acknowledged) = self.script(&folder, how, at).map_err(wrong)?;
        posts.extend(acknowledged);
        self.look(&folder, &posts, seen.erased).map_err(wrong)?;
        fs::remove_dir_all(&folder).map_err(|e| e.to_string())?;
        Ok(seen)
    }

    /// What a user does: posts, erases a text, posts again, and stops the node.
    fn script(&self, folder: &Path, how: How, at: u64) -> Result<(Seen, Vec<Post>), String> {
        let count = folder.with_extension("count");
        fs::write(&count, [0; 8]).map_err(|e| e.to_string())?;
        let mut command = self.program.command();
        let child = command
            .arg("--data")
            .arg(folder)
            .args(["run", "--api", "127.0.0.1:0", "--listen", "/ip4/127.0.0.1/tcp/0"])
            .env("LD_PRELOAD", self.shim.library())
            .env("ALTHING_FAIL_DIR", format!("{}/", folder.display()))
            .env("ALTHING_FAIL_AT", at.to_string())
            .env("ALTHING_FAIL_HOW", how.word())
            .env("ALTHING_FAIL_COUNT", &count)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut running = Running::of(child.map_err(|e| e.to_string())?);
        let mut acknowledged = Vec::new();
        let (mut erased, mut whole) = (false, false);
        if let Some(api) = running.ready() {
            let home = Home::open(folder).map_err(|e| e.to_string())?;
            let user = User {
                api,
                token: home.token().to_owned(),
                committee: &self.committee,
            };
            let mut say = |n| {
                let said = strange(n);
                acknowledged.extend(user.post(&said).map(|id| (id, said)));
            };
            (100..104).for_each(&mut say);
            erased = self.posts.first().is_some_and(|(id, _)| user.erase(id));
            (104..106).for_each(&mut say);
            whole = acknowledged.len() == 6 && erased;
        }
        let (ended, said) = running.end()?;
        if said.contains("panicked at") {
            return Err(format!("the node panicked:\n{said}"));
        }
        if !whole && !how.kills() && !ended.success() && said.trim().is_empty() {
            return Err(format!("the node ended ({ended}) and did not say why"));
        }
        let calls = fs::read(&count)
            .ok()
            .and_then(|b| b.try_into().ok())
            .map_or(0, u64::from_le_bytes);
        fs::remove_file(&count).map_err(|e| e.to_string())?;
        let posts = acknowledged.len();
        Ok((
            Seen {
                calls,
                posts,
                erased,
                whole,
            },
            acknowledged,
        ))
    }

    /// Starts without faults, and looks at everything.
    fn look(&self, folder: &Path, posts: &[Post], erased: bool) -> Result<(), String> {
        let (first, text) = self.posts.first().ok_or("no post")?;
        let before = |node: &althing::ingest::Ingest, id: &str| -> Result<BodyState, String> {
            let id: Id = id.parse().map_err(|_| "no id".to_owned())?;
            node.read(|state| {
                let num = state.graph().num(&id).ok_or(format!("the entry {id} is lost"))?;
                let stored = node.store().header(num, &id).map_err(|e| e.to_string())?;
                let stored = stored.ok_or(format!("the header of {id} is lost"))?;
                node.store().body(num, &stored.header).map_err(|e| e.to_string())
            })
        };
        let (ingest, thread) = node::try_open(folder)?;
        let mut lost = Ok(());
        for (id, said) in posts.iter().filter(|(id, _)| id != first) {
            let here = matches!(before(&ingest, id)?, BodyState::Here(body) if read_text(&body.bytes).as_deref() == Some(said));
            if !here {
                lost = Err(format!("the text of {id} was acknowledged and is lost"));
            }
        }
        let id: Id = first.parse().map_err(|_| "no id")?;
        let gone = before(&ingest, first)? == BodyState::Absent;
        let noted = ingest
            .store()
            .notice(Act::Erase, &id)
            .map_err(|e| e.to_string())?
            .is_some();
        let needle: Vec<u8> = text.bytes().skip(60).take(60).collect();
        let in_files = |folder: &Path| holding(folder, &needle).map_err(|e| e.to_string());
        let found = in_files(folder)?;
        if gone != noted || (erased && !gone) || gone != found.is_empty() {
            lost = Err(format!(
                "an erasure is neither undone nor complete: acknowledged {erased}, gone {gone}, noted {noted}, {found:?}"
            ));
        }
        // Whatever came of it, doing it again completes it.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|e| e.to_string())?;
        runtime
            .block_on(ingest.erase(id, "once more".to_owned()))
            .map_err(|e| e.to_string())?;
        if let Some(file) = in_files(folder)?.first() {
            lost = Err(format!("erased again, and still in {}", file.display()));
        }
        ingest.stop_blocking();
        drop(ingest);
        thread
            .join()
            .map_err(|_| "the writer panicked")?
            .map_err(|e| e.to_string())?;
        let report = fsck::fsck(&folder.join("store"), |_, _| {}).map_err(|e| e.to_string())?;
        if !report.is_clean() {
            return Err(report.to_string());
        }
        lost
    }
}

/// Which calls to fail when not all can be: `count` of them, spread over all, others for every seed.
#[must_use]
pub fn sample(calls: u64, count: u64, seed: u64) -> Vec<u64> {
    let mut dice = Dice::new(seed);
    let part = |n: u64| {
        let (from, to) = (calls * n / count, calls * (n + 1) / count);
        let width = usize::try_from(to.saturating_sub(from)).unwrap_or(1).max(1);
        from + 1 + u64::try_from(dice.below(width)).unwrap_or(0)
    };
    (0..count.min(calls)).map(part).collect()
}

/// A text that does not shrink, so that it stands in a file as it is or not at all: a compressor finds no repetition
/// in characters drawn from so many.
#[must_use]
pub fn strange(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let letter = |_| char::from_u32(0x4e00 + u32::try_from(dice.below(20_000)).unwrap_or(0));
    (0..200).filter_map(letter).collect()
}

/// Files below a folder that hold these bytes.
///
/// # Errors
/// What the system says.
pub fn holding(folder: &Path, needle: &[u8]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.is_dir() {
            found.extend(holding(&path, needle)?);
            continue;
        }
        match fs::read(&path) {
            Ok(bytes) if bytes.windows(needle.len()).any(|w| w == needle) => found.push(path),
            // A database in use drops a file now and then.
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(found)
}

/// The text of a stored post.
fn read_text(body: &[u8]) -> Option<String> {
    let kind = althing_protocol::kind::find("post")?;
    let record = read::act(kind, Some(body)).ok()?;
    record.get("text").and_then(|v| v.as_text()).map(str::to_owned)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for file in fs::read_dir(from)? {
        let file = file?;
        let target = to.join(file.file_name());
        if file.file_type()?.is_dir() {
            copy(&file.path(), &target)?;
        } else {
            fs::copy(file.path(), target)?;
        }
    }
    Ok(())
}

struct User<'a> {
    api: String,
    token: String,
    committee: &'a str,
}

impl User<'_> {
    fn post(&self, said: &str) -> Option<String> {
        let path = format!("/documents/{}/acts", self.committee);
        Some(text(&self.send(&path, &json!({ "kind": "post", "text": said }))?, "id"))
    }

    fn erase(&self, entry: &str) -> bool {
        self.send("/erasures", &json!({ "entry": entry, "reason": "a test" }))
            .is_some()
    }

    fn send(&self, path: &str, body: &Value) -> Option<Value> {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let request = agent.post(format!("{}/api/v1{path}", self.api));
        let answer = request
            .header("Authorization", format!("Bearer {}", self.token))
            .send_json(body);
        answer.ok()?.body_mut().read_json().ok()
    }
}

/// A node that may end at any moment.
struct Running {
    child: Child,
    ready: mpsc::Receiver<String>,
    said: Option<thread::JoinHandle<String>>,
}

impl Running {
    fn of(mut child: Child) -> Self {
        let (sender, ready) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(out).lines().map_while(Result::ok) {
                    drop(sender.send(line));
                }
            });
        }
        let said = child.stderr.take().map(|mut err| {
            thread::spawn(move || {
                let mut text = String::new();
                drop(err.read_to_string(&mut text));
                text
            })
        });
        Self { child, ready, said }
    }

    /// The API's URL; none if it ended first.
    fn ready(&self) -> Option<String> {
        let line = self.ready.recv_timeout(PATIENCE).ok()?;
        line.split(' ')
            .find_map(|word| word.strip_prefix("api="))
            .map(str::to_owned)
    }

    /// Asks it to end if it has not, and answers how it did and what it wrote.
    fn end(&mut self) -> Result<(std::process::ExitStatus, String), String> {
        let id = self.child.id().to_string();
        // It may have ended by itself.
        drop(Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status());
        let deadline = Instant::now() + PATIENCE;
        let ended = loop {
            match self.child.try_wait().map_err(|e| e.to_string())? {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    drop(self.child.kill());
                    drop(self.child.wait());
                    return Err("the node does not end".to_owned());
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        Ok((ended, said))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
