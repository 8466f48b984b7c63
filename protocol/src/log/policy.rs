//! Which cosigners satisfy a reader of checkpoints: a text of lines, after C2SP tlog-policy.
//!
//! ```text
//! witness NAME KEY            a node's key, 64 hexadecimal digits
//! group NAME K MEMBER…        K of these: a number, `any` or `all`
//! quorum NAME                 a witness or group, or `none`
//! ```
//!
//! Invariant: members are named above the group, so no group holds itself, and one pass tells who is satisfied.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use thiserror::Error;

use crate::hash::Key;

/// Longest policy in bytes.
pub const LONGEST: usize = 64 << 10;

/// Most witnesses and groups.
pub const MOST: usize = 256;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Witnesses and groups as they were named.
    parts: Vec<Part>,
    /// Which of them has to be satisfied; none asks for nobody.
    quorum: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Witness(Key),
    Group { least: usize, members: Vec<usize> },
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {why}")]
pub struct BadPolicy {
    /// Which line, from 1; one past the last where something is missing.
    pub line: usize,
    /// What is wrong there.
    pub why: Wrong,
}

/// What can be wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Wrong {
    /// Too long a text.
    #[error("a policy has at most {LONGEST} bytes and {MOST} witnesses and groups")]
    Long,
    /// Another first word, or too few of them.
    #[error("a line is `witness NAME KEY`, `group NAME K MEMBER…` or `quorum NAME`")]
    Form,
    /// `none` as a name.
    #[error("`none` is no name: it says that a quorum asks for nobody")]
    Reserved,
    /// A name that comes twice.
    #[error("{0:?} was named above already")]
    Twice(String),
    /// A key that is none.
    #[error("a key is 64 digits of 0-9 and a-f")]
    Key,
    /// A key that comes twice: one witness would count as two.
    #[error("this key was given above under another name")]
    KeyTwice,
    /// A name that is not there.
    #[error("{0:?} is named nowhere above")]
    Unknown(String),
    /// A member twice in one group.
    #[error("{0:?} is in this group twice")]
    MemberTwice(String),
    /// A number out of its bounds.
    #[error("how many are needed is `any`, `all` or a number from 1 to that of the members, {members}")]
    Least {
        /// How many members the group has.
        members: usize,
    },
    /// A second quorum.
    #[error("a policy has one quorum")]
    Quorums,
    /// No quorum.
    #[error("a policy ends with `quorum NAME`, or `quorum none`")]
    NoQuorum,
}

impl Policy {
    /// Whether these keys together satisfy it.
    #[must_use]
    pub fn satisfied(&self, by: &BTreeSet<Key>) -> bool {
        let Some(quorum) = self.quorum else { return true };
        let mut met: Vec<bool> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            met.push(match part {
                Part::Witness(key) => by.contains(key),
                Part::Group { least, members } => {
                    let of = members.iter().filter(|n| met.get(**n) == Some(&true));
                    of.count() >= *least
                }
            });
        }
        met.get(quorum) == Some(&true)
    }

    /// The keys of its witnesses, in the order of the text.
    pub fn witnesses(&self) -> impl Iterator<Item = Key> {
        self.parts.iter().filter_map(|part| match part {
            Part::Witness(key) => Some(*key),
            Part::Group { .. } => None,
        })
    }
}

impl FromStr for Policy {
    type Err = BadPolicy;

    fn from_str(text: &str) -> Result<Self, BadPolicy> {
        if text.len() > LONGEST {
            return Err(BadPolicy {
                line: 1,
                why: Wrong::Long,
            });
        }
        let mut reader = Reader::default();
        let mut count = 0;
        for (n, line) in text.lines().enumerate() {
            count = n + 1;
            let line = line.split_once('#').map_or(line, |(before, _)| before);
            reader.line(line).map_err(|why| BadPolicy { line: count, why })?;
        }
        let missing = BadPolicy {
            line: count + 1,
            why: Wrong::NoQuorum,
        };
        Ok(Self {
            quorum: reader.quorum.ok_or(missing)?,
            parts: reader.parts,
        })
    }
}

#[derive(Default)]
struct Reader<'a> {
    parts: Vec<Part>,
    names: BTreeMap<&'a str, usize>,
    keys: BTreeSet<Key>,
    quorum: Option<Option<usize>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), Wrong> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            [] => Ok(()),
            ["witness", name, key] => {
                let key: Key = key.parse().map_err(|_| Wrong::Key)?;
                if self.keys.contains(&key) {
                    return Err(Wrong::KeyTwice);
                }
                self.add(name, Part::Witness(key))?;
                self.keys.insert(key);
                Ok(())
            }
            ["group", name, least, members @ ..] if !members.is_empty() => {
                let part = self.group(least, members)?;
                self.add(name, part)
            }
            ["quorum", name] => {
                if self.quorum.is_some() {
                    return Err(Wrong::Quorums);
                }
                self.quorum = Some(match *name {
                    "none" => None,
                    name => Some(self.find(name)?),
                });
                Ok(())
            }
            _ => Err(Wrong::Form),
        }
    }

    fn group(&self, least: &str, members: &[&str]) -> Result<Part, Wrong> {
        let mut found = Vec::new();
        for name in members {
            let n = self.find(name)?;
            if found.contains(&n) {
                return Err(Wrong::MemberTwice((*name).to_owned()));
            }
            found.push(n);
        }
        let count = found.len();
        let least = match least {
            "any" => Some(1),
            "all" => Some(count),
            number => number.parse().ok().filter(|n: &usize| n.to_string() == number),
        };
        let least = least.filter(|n| (1..=count).contains(n));
        Ok(Part::Group {
            least: least.ok_or(Wrong::Least { members: count })?,
            members: found,
        })
    }

    fn find(&self, name: &str) -> Result<usize, Wrong> {
        let found = self.names.get(name).copied();
        found.ok_or_else(|| Wrong::Unknown(name.to_owned()))
    }

    fn add(&mut self, name: &'a str, part: Part) -> Result<(), Wrong> {
        if name == "none" {
            return Err(Wrong::Reserved);
        }
        if self.parts.len() == MOST {
            return Err(Wrong::Long);
        }
        if self.names.insert(name, self.parts.len()).is_some() {
            return Err(Wrong::Twice(name.to_owned()));
        }
        self.parts.push(part);
        Ok(())
    }
}
