//! Stories over several real nodes, written down as people would tell them, and executed.
//!
//! A transcript is a markdown file. What stands in its blocks marked `althing` is run line by line:
//!
//! ```text
//! nodes ana ben cleo dora          four nodes, each with its own data folder
//! day 2026-03-06T10:00             what every clock says from here on (UTC)
//! ana: committee create --name H => C      a command as that person types it; `=> C` keeps the id of what it made
//! join C ana: ben cleo             they follow by ana's invitation, and become members
//! ben! revoke $G ~ no grant        a command that is refused, with these words
//! all? view motions --committee $C | items.0.outcome = removed
//! agree C                          every node that runs has the same digest
//! stop dora / start dora
//! ```
//!
//! `$C` is what was kept, `$ben` an identity. A check (`?`) is asked again until it holds: nodes sync while it waits. Its
//! path has names, places, `[name=value]` for the first item that has that, and `#` at the end for the number of items.
//! Its comparison is `=` (equal, as text), `!=`, `~` (contains), `>=`. A `#` begins a comment, a `\` at the end goes on.
//!
//! The clock is moved by the library in `fault/`, so that a notice over a weekend is over a weekend on any day of the year.

#![expect(
    clippy::panic,
    reason = "a harness: a line that does not do what it says ends the test with that line"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::fault::Shim;
use crate::process::{Node, PATIENCE, Program, agree, text, wait_for};

/// A line of a transcript, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    number: usize,
    text: String,
}

/// Runs a transcript. Nothing is run where the clock cannot be moved (no C compiler, or not Linux): then false.
///
/// # Panics
/// At the first line that does not do what it says, with that line.
#[must_use]
pub fn run(program: &Program, file: &Path) -> bool {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let Some(shim) = Shim::build(dir.path()) else {
        return false;
    };
    let story = fs::read_to_string(file).expect("the transcript can be read");
    let lines = lines(&story);
    assert!(!lines.is_empty(), "{} runs nothing", file.display());
    let calendar = dir.path().join("calendar");
    fs::write(&calendar, 0_i64.to_ne_bytes()).expect("the calendar can be written");
    let mut stage = Stage {
        program: program.clone(),
        dir: dir.path().to_owned(),
        shim,
        calendar,
        nodes: BTreeMap::new(),
        kept: BTreeMap::new(),
    };
    for line in lines {
        let at = format!("{}:{}: {}", file.display(), line.number, line.text);
        if let Err(why) = stage.line(&line.text) {
            panic!("{at}\n{why}");
        }
    }
    true
}

/// The lines that are run, joined where one goes on in the next.
fn lines(story: &str) -> Vec<Line> {
    let (mut out, mut inside, mut open) = (Vec::<Line>::new(), false, false);
    for (n, text) in story.lines().enumerate() {
        let trimmed = text.trim();
        if trimmed.starts_with("```") {
            (inside, open) = (trimmed == "```althing", false);
            continue;
        }
        if !inside || trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (said, goes_on) = match trimmed.strip_suffix('\\') {
            Some(said) => (said.trim_end(), true),
            None => (trimmed, false),
        };
        match out.last_mut().filter(|_| open) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(said);
            }
            None => out.push(Line {
                number: n + 1,
                text: said.to_owned(),
            }),
        }
        open = goes_on;
    }
    out
}

struct Stage {
    program: Program,
    dir: PathBuf,
    shim: Shim,
    calendar: PathBuf,
    nodes: BTreeMap<String, Node>,
    kept: BTreeMap<String, String>,
}

impl Stage {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "nodes" => rest.split_whitespace().for_each(|name| self.begin(name)),
            "day" => self.day(rest.trim())?,
            "join" => self.join(rest)?,
            "agree" => self.agree(rest.trim())?,
            "stop" => {
                let ended = self.node_mut(rest.trim())?.stop();
                ended
                    .filter(std::process::ExitStatus::success)
                    .ok_or("it did not end well")?;
            }
            "start" => self.node_mut(rest.trim())?.start(&[]),
            _ => match word.split_at_checked(word.len().saturating_sub(1)) {
                Some((name, ":")) => self.command(name, rest)?,
                Some((name, "!")) => self.refused(name, rest)?,
                Some((name, "?")) => self.check(name, rest)?,
                _ => return Err("no line of a transcript begins so".to_owned()),
            },
        }
        Ok(())
    }

    fn begin(&mut self, name: &str) {
        let mut node = Node::bare(&self.program, &self.dir, name);
        node.set_env("LD_PRELOAD", &self.shim.library().to_string_lossy());
        node.set_env("ALTHING_FAIL_CALENDAR", &self.calendar.to_string_lossy());
        node.cli(&["init", "--name", name]);
        node.learn();
        node.start(&[]);
        self.kept.insert(name.to_owned(), node.identity().to_owned());
        self.nodes.insert(name.to_owned(), node);
    }

    /// Moves every clock. They go on from there at their own pace.
    fn day(&self, text: &str) -> Result<(), String> {
        let (day, time) = text.split_once('T').unwrap_or((text, "12:00"));
        let day = althing_view::Day::read(day).ok_or("no day such as 2026-03-06")?;
        let (hours, minutes) = time.split_once(':').ok_or("no time such as 10:00")?;
        let number = |text: &str| text.parse::<u64>().map_err(|why| why.to_string());
        let wanted = day.begins() / 1000 + number(hours)? * 3600 + number(minutes)? * 60;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|why| why.to_string())?;
        let offset = i64::try_from(wanted).unwrap_or(0) - i64::try_from(now.as_secs()).unwrap_or(0);
        // Never cut to nothing: the nodes look into it all the time.
        let mut file = File::options()
            .write(true)
            .open(&self.calendar)
            .map_err(|why| why.to_string())?;
        file.write_all(&offset.to_ne_bytes()).map_err(|why| why.to_string())
    }

    /// `C ana: ben cleo`
    fn join(&self, rest: &str) -> Result<(), String> {
        let (of, names) = rest.split_once(':').ok_or("join COMMITTEE HOST: NAMES")?;
        let (committee, host) = of.split_once(' ').ok_or("join COMMITTEE HOST: NAMES")?;
        let committee = self.kept.get(committee).ok_or("nothing was kept under that name")?;
        let host = self.node(host.trim())?;
        for name in names.split_whitespace() {
            let node = self.node(name)?;
            let link = text(&host.cli(&["committee", "invite", committee]), "invitation");
            node.write(&["committee", "follow", &link]);
            let grant = ["grant", "voice", node.identity(), "--committee", committee];
            wait_for("the identity of a new member", || host.try_cli(&grant).ok());
        }
        Ok(())
    }

    fn agree(&self, committee: &str) -> Result<(), String> {
        let committee = self.kept.get(committee).ok_or("nothing was kept under that name")?;
        let running: Vec<&Node> = self.nodes.values().filter(|node| node.is_started()).collect();
        let most = || {
            running
                .iter()
                .filter_map(|node| node.digest(committee))
                .map(|(_, n)| n)
                .max()
        };
        // Whoever is behind catches up; what is on no other node yet is counted there first.
        agree(&running, committee, most().unwrap_or(0));
        Ok(())
    }

    fn command(&mut self, name: &str, rest: &str) -> Result<(), String> {
        let (said, keep) = match rest.rsplit_once("=>") {
            Some((said, keep)) => (said, Some(keep.trim())),
            None => (rest, None),
        };
        let args = self.words(said)?;
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let node = self.node(name)?;
        // What another node just wrote may not have come yet.
        let mut last = String::new();
        let answer = wait_for(&format!("{name}: {said}"), || match node.try_cli(&args) {
            Ok(answer) => Some(Ok(answer)),
            Err(why) if is_early(&why) => {
                last = why;
                None
            }
            Err(why) => Some(Err(why)),
        })?;
        if let Some(keep) = keep {
            let id = answer
                .get("id")
                .and_then(Value::as_str)
                .ok_or_else(|| format!("no id in {answer}"))?;
            self.kept.insert(keep.to_owned(), id.to_owned());
        }
        Ok(())
    }

    fn refused(&self, name: &str, rest: &str) -> Result<(), String> {
        let (said, wanted) = rest
            .rsplit_once(" ~ ")
            .ok_or("say with ~ in which words it is refused")?;
        let args = self.words(said)?;
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        match self.node(name)?.try_cli(&args) {
            Ok(answer) => Err(format!("it was not refused: {answer}")),
            Err(why) if why.contains(wanted.trim()) => Ok(()),
            Err(why) => Err(format!("it was refused in other words: {why}")),
        }
    }

    fn check(&self, name: &str, rest: &str) -> Result<(), String> {
        let (said, claim) = rest.rsplit_once(" | ").ok_or("a check is COMMAND | PATH = VALUE")?;
        let claim = Claim::read(&self.filled(claim.trim())?)?;
        let args = self.words(said)?;
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let nodes: Vec<&Node> = match name {
            "all" => self.nodes.values().filter(|node| node.is_started()).collect(),
            name => vec![self.node(name)?],
        };
        for node in nodes {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let seen = match node.try_cli(&args) {
                    Ok(answer) if claim.holds(&answer) => break,
                    Ok(answer) => format!("{} in {answer}", claim.found(&answer)),
                    Err(why) => why,
                };
                if Instant::now() > deadline {
                    return Err(format!("{} says: {seen}", node.name()));
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(())
    }

    fn node(&self, name: &str) -> Result<&Node, String> {
        self.nodes.get(name).ok_or_else(|| format!("there is no node {name}"))
    }

    fn node_mut(&mut self, name: &str) -> Result<&mut Node, String> {
        self.nodes
            .get_mut(name)
            .ok_or_else(|| format!("there is no node {name}"))
    }

    fn words(&self, text: &str) -> Result<Vec<String>, String> {
        let words = shlex::split(text).ok_or("a quote is not closed")?;
        words.iter().map(|word| self.filled(word)).collect()
    }

    /// With what was kept in place of its name.
    fn filled(&self, text: &str) -> Result<String, String> {
        let mut parts = text.split('$');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            let kept = self
                .kept
                .get(name)
                .ok_or_else(|| format!("nothing was kept as ${name}"))?;
            out.push_str(kept);
            out.push_str(rest);
        }
        Ok(out)
    }
}

/// Whether a command may be done a moment later, when the entries of others have come.
fn is_early(why: &str) -> bool {
    why.contains("is here") || why.contains("begins with") || why.contains("not here")
}

/// What a check says of an answer.
struct Claim {
    path: Vec<String>,
    compare: String,
    value: String,
}

impl Claim {
    fn read(text: &str) -> Result<Self, String> {
        for compare in [" != ", " >= ", " = ", " ~ "] {
            if let Some((path, value)) = text.split_once(compare) {
                return Ok(Self {
                    path: steps(path.trim()),
                    compare: compare.trim().to_owned(),
                    value: value.trim().to_owned(),
                });
            }
        }
        Err("a check compares with =, !=, ~ or >=".to_owned())
    }

    fn found(&self, answer: &Value) -> String {
        let mut at = answer.clone();
        for step in &self.path {
            at = match step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
                Some(wanted) => first_with(&at, wanted),
                None if step == "#" => Value::from(at.as_array().map_or(0, Vec::len)),
                None => match step.parse::<usize>() {
                    Ok(n) if at.is_array() => at.get(n).cloned().unwrap_or_default(),
                    _ => at.get(step).cloned().unwrap_or_default(),
                },
            };
        }
        plain(&at)
    }

    fn holds(&self, answer: &Value) -> bool {
        let found = self.found(answer);
        match self.compare.as_str() {
            "=" => found == self.value,
            "!=" => found != self.value,
            ">=" => matches!((found.parse::<i64>(), self.value.parse::<i64>()), (Ok(a), Ok(b)) if a >= b),
            _ => found.contains(&self.value),
        }
    }
}

/// `a.b[c=d].0.#` in its steps. A value in brackets may hold dots.
fn steps(path: &str) -> Vec<String> {
    let (mut out, mut now, mut deep) = (Vec::new(), String::new(), false);
    for c in path.chars() {
        match c {
            '[' if !deep => {
                out.push(std::mem::take(&mut now));
                deep = true;
                now.push(c);
            }
            ']' if deep => {
                now.push(c);
                out.push(std::mem::take(&mut now));
                deep = false;
            }
            '.' if !deep => out.push(std::mem::take(&mut now)),
            c => now.push(c),
        }
    }
    out.push(now);
    out.retain(|step| !step.is_empty());
    out
}

fn first_with(list: &Value, wanted: &str) -> Value {
    let (name, value) = wanted.split_once('=').unwrap_or((wanted, ""));
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    let found = items
        .iter()
        .find(|item| item.get(name).is_some_and(|it| plain(it) == value));
    found.cloned().unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_outside_of_the_blocks_is_not_run() {
        let story = "# A\nana: no\n```althing\n# nor this\nana: post \\\n  x\n```\n```\nben: no\n```\n";
        let run: Vec<String> = lines(story).into_iter().map(|line| line.text).collect();
        assert_eq!(run, ["ana: post x"]);
    }

    #[test]
    fn checks_find_what_they_name() {
        let answer = json!({"items": [{"id": "a.b", "n": 3}, {"id": "c", "who": {"name": "Ben"}}], "ok": true});
        for (claim, holds) in [
            ("items.# = 2", true),
            ("items[id=a.b].n = 3", true),
            ("items[id=a.b].n >= 4", false),
            ("items.1.who.name ~ Be", true),
            ("items[id=z] = null", true),
            ("ok != true", false),
        ] {
            assert_eq!(Claim::read(claim).unwrap().holds(&answer), holds, "{claim}");
        }
        assert!(Claim::read("items").is_err());
    }
}
