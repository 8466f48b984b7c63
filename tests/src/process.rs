//! Real node processes, started, killed and asked: over the command line as people do, over HTTP where speed matters.
//!
//! A [`Node`] is a data folder that a process may run on. Dropping it kills the process. Whatever goes wrong panics
//! with what the node wrote on standard error: this is for tests and the demo.

#![expect(
    clippy::panic,
    reason = "a harness: whatever goes wrong ends the test with what is known of it"
)]

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use serde_json::Value;

/// Set for a process that is to be a node, whatever program it is.
const AS_NODE: &str = "ALTHING_TESTS_AS_NODE";

/// How long anything may take before a test gives up. Long, because machines of CI are slow; nothing waits for it.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The program that is a node.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    as_node: bool,
    /// A command that runs it, such as one that enters another network.
    within: Vec<String>,
}

impl Program {
    /// The one at this path.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            as_node: false,
            within: Vec::new(),
        }
    }

    /// The running program itself, which has to call [`Program::be_node`] first thing.
    ///
    /// # Errors
    /// When the system does not say where it is.
    pub fn this() -> io::Result<Self> {
        Ok(Self {
            path: env::current_exe()?,
            as_node: true,
            within: Vec::new(),
        })
    }

    /// Is a node, if this process was started to be one.
    #[must_use]
    pub fn be_node() -> Option<ExitCode> {
        env::var_os(AS_NODE).map(|_| althing::cli::main())
    }

    /// The same, run by another command that takes it and its arguments behind its own.
    #[must_use]
    pub fn within(&self, command: &[&str]) -> Self {
        Self {
            within: command.iter().map(|word| (*word).to_owned()).collect(),
            ..self.clone()
        }
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = match self.within.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.path);
                command
            }
            None => Command::new(&self.path),
        };
        for name in ["ALTHING_DATA", "ALTHING_API", "RUST_LOG"] {
            command.env_remove(name);
        }
        if self.as_node {
            command.env(AS_NODE, "1");
        }
        command
    }
}

/// A data folder, and the process that runs on it, if one does.
#[derive(Debug)]
pub struct Node {
    program: Program,
    data: PathBuf,
    name: String,
    identity: String,
    env: Vec<(String, String)>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    api: String,
    peer: String,
}

impl Node {
    /// Makes an identity in a new folder below `dir`.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn init(program: &Program, dir: &Path, name: &str) -> Self {
        let mut node = Self::bare(program, dir, name);
        let made = node.cli(&["init", "--name", name]);
        node.identity = text(&made, "identity");
        node
    }

    /// A folder below `dir` in which nothing is yet.
    #[must_use]
    pub fn bare(program: &Program, dir: &Path, name: &str) -> Self {
        Self {
            program: program.clone(),
            data: dir.join(name),
            name: name.to_owned(),
            identity: String::new(),
            env: Vec::new(),
            running: None,
        }
    }

    /// Notes whose folder it became.
    ///
    /// # Panics
    /// When it is nobody's.
    pub fn learn(&mut self) {
        self.identity = text(&self.cli(&["id"]), "identity");
    }

    /// The same, started.
    ///
    /// # Panics
    /// As [`Node::init`] and [`Node::start`].
    #[must_use]
    pub fn begin(program: &Program, dir: &Path, name: &str) -> Self {
        let mut node = Self::init(program, dir, name);
        node.start(&[]);
        node
    }

    /// Sets a variable for the node's process from its next start on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the node on free loopback ports and waits until it serves.
    ///
    /// # Panics
    /// When it ends, or does not serve in time.
    pub fn start(&mut self, more: &[&str]) {
        let listen: &[&str] = match more.contains(&"--listen") {
            true => &[],
            false => &["--listen", "/ip4/127.0.0.1/tcp/0"],
        };
        assert!(self.running.is_none(), "{} runs already", self.name);
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("the log can be written");
        let mut command = self.program.command();
        command
            .arg("--data")
            .arg(&self.data)
            .args(["run", "--api", "127.0.0.1:0"])
            .args(listen)
            .args(more)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the node starts");
        let out = child.stdout.take().expect("standard output is piped");
        let (sender, ready) = mpsc::channel();
        // Goes on reading, so that the node never waits for somebody to.
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let deadline = Instant::now() + PATIENCE;
        let line = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match ready.recv_timeout(left) {
                Ok(line) if line.starts_with("ready ") => break line,
                Ok(_) => {}
                Err(_) => {
                    drop(child.kill());
                    panic!(
                        "{} does not serve: {:?}\n{}",
                        self.name,
                        child.wait(),
                        self.complaints()
                    );
                }
            }
        };
        let word = |key: &str| {
            let found = line
                .split(' ')
                .find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {key} in {line:?}")).to_owned()
        };
        let (api, peer) = (word("api"), word("peer"));
        self.running = Some(Running { child, api, peer });
    }

    /// Kills the process in the middle of whatever it does, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            // It may have ended by itself.
            drop(running.child.kill());
            drop(running.child.wait());
        }
    }

    /// Asks the process to end, and answers how it did.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        let mut running = self.running.take()?;
        let id = running.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = running.child.try_wait().expect("a child can be waited for") {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        drop(running.child.kill());
        drop(running.child.wait());
        panic!("{} does not end\n{}", self.name, self.complaints());
    }

    /// Whether the process runs still.
    pub fn runs(&mut self) -> bool {
        self.running
            .as_mut()
            .is_some_and(|running| matches!(running.child.try_wait(), Ok(None)))
    }

    /// The most memory that the process ever had resident, in MiB (Linux; 0 elsewhere).
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn peak(&self) -> u64 {
        let id = self.running.as_ref().expect("the node runs").child.id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or(0) / 1024
    }

    /// Whether it was started and not stopped since.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.running.is_some()
    }

    /// What its owner is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its owner's identity.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The URL of its API.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.running.as_ref().expect("the node runs").api
    }

    /// The address for peers.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn peer(&self) -> &str {
        &self.running.as_ref().expect("the node runs").peer
    }

    /// Runs a command on this node's data folder and answers its JSON.
    ///
    /// # Panics
    /// When the command fails.
    pub fn cli(&self, args: &[&str]) -> Value {
        self.try_cli(args)
            .unwrap_or_else(|why| panic!("{} {args:?}: {why}\n{}", self.name, self.complaints()))
    }

    /// The same for one that may be refused.
    ///
    /// # Errors
    /// What the command wrote on standard error.
    ///
    /// # Panics
    /// When the command does not even run, or answers no JSON.
    pub fn try_cli(&self, args: &[&str]) -> Result<Value, String> {
        let out = self.command(args).output().expect("the command runs");
        let said = String::from_utf8_lossy(&out.stdout);
        if !out.status.success() {
            return Err(String::from_utf8_lossy(&out.stderr).into_owned());
        }
        Ok(serde_json::from_str(&said).unwrap_or_else(|why| panic!("{args:?} answers no JSON ({why}): {said}")))
    }

    /// A command on this node's data folder, not started yet.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.program.command();
        command
            .arg("--data")
            .arg(&self.data)
            .arg("--json")
            .args(args)
            .stdin(Stdio::null());
        command
    }

    /// The same command, without `--json`, as it looks to people.
    #[must_use]
    pub fn shown(&self, args: &[&str]) -> String {
        let mut command = self.program.command();
        let out = command
            .arg("--data")
            .arg(&self.data)
            .args(args)
            .stdin(Stdio::null())
            .output();
        out.map_or_else(
            |why| why.to_string(),
            |out| String::from_utf8_lossy(&out.stdout).into_owned(),
        )
    }

    /// Runs a command that makes an entry, and answers its id.
    ///
    /// # Panics
    /// When it fails.
    pub fn write(&self, args: &[&str]) -> String {
        text(&self.cli(args), "id")
    }

    /// Reads from the API; none if the node says that there is no such thing, or does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value> {
        let url = format!("{}/api/v1{path}", self.running.as_ref()?.api);
        ureq::get(&url).call().ok()?.body_mut().read_json().ok()
    }

    /// Digest and number of entries of a committee's record; none before its root came.
    #[must_use]
    pub fn digest(&self, committee: &str) -> Option<(String, u64)> {
        let json = match self.program.within.is_empty() {
            true => self.get(&format!("/committees/{committee}/digest"))?,
            // Its loopback is not this process's.
            false => self.try_cli(&["digest", "--committee", committee]).ok()?,
        };
        Some((json.get("digest")?.as_str()?.to_owned(), json.get("entries")?.as_u64()?))
    }

    /// What the process wrote on standard error, its last part.
    #[must_use]
    pub fn complaints(&self) -> String {
        let mut text = String::new();
        drop(File::open(self.log()).and_then(|mut file| file.read_to_string(&mut text)));
        let lines: Vec<&str> = text.lines().collect();
        lines
            .get(lines.len().saturating_sub(40)..)
            .unwrap_or_default()
            .join("\n")
    }

    fn log(&self) -> PathBuf {
        self.data.with_extension("log")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until `look` finds what it looks for.
///
/// # Panics
/// When it does not in time.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until all nodes have the same digest of a committee, over at least so many entries, and answers it.
///
/// # Panics
/// When they do not in time; says what they have.
pub fn agree(nodes: &[&Node], committee: &str, entries: u64) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let all: Vec<Option<(String, u64)>> = nodes.iter().map(|node| node.digest(committee)).collect();
        if let Some(Some((digest, count))) = all.first()
            && *count >= entries
            && all.iter().all(|one| Some(one) == all.first())
        {
            return digest.clone();
        }
        if Instant::now() >= deadline {
            for node in nodes {
                eprintln!("--- {}\n{}", node.name, node.complaints());
            }
            panic!("no equal digests over at least {entries} entries: {all:?}");
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Writes a file below a folder, folders on the way included.
///
/// # Panics
/// When the disk says no.
pub fn put(path: &Path, text: &str) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("folders can be made");
    }
    fs::write(path, text).expect("files can be written");
}

/// A text field of an answer.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn text(json: &Value, field: &str) -> String {
    let found = json.get(field).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {field} in {json}")).to_owned()
}
