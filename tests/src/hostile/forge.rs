//! What it signs: all of it would be admitted, most of it is of no use to anybody.

use althing_protocol::entry::Verified;
use althing_protocol::hash::{Id, Key, sha256};
use althing_protocol::sync::Head;
use rayon::prelude::*;

use super::{Mode, Options};
use crate::kit::Person;

/// The identity under which it writes where one is enough.
#[must_use]
pub fn identity(name: &str) -> Person {
    Person::new(&format!("hostile/{name}"))
}

/// What it has to offer.
pub(super) struct Goods {
    /// Wire forms in the order in which they are gossiped.
    pub(super) wires: Vec<Vec<u8>>,
    /// The logs to which they belong, as a peer lists them: head, and all of the log's entries as indexes.
    pub(super) logs: Vec<(Head, Vec<usize>)>,
}

impl Goods {
    pub(super) fn new(options: &Options) -> Self {
        let mut goods = Self {
            wires: Vec::new(),
            logs: Vec::new(),
        };
        match options.mode {
            Mode::Keys => {
                let people: Vec<Vec<Vec<Verified>>> = (0..options.keys)
                    .into_par_iter()
                    .map(|n| {
                        stranger(
                            &format!("hostile/{}/{n}", options.name),
                            options.committee,
                            options.each,
                        )
                    })
                    .collect();
                for log in people.into_iter().flatten() {
                    goods.log(&log);
                }
            }
            Mode::Forks => {
                let me = identity(&options.name);
                goods.log(&me.entries);
                for n in 0..600 {
                    let post = me.pen(options.committee).post(&format!("first {n}"), &[]);
                    goods.log(&[post]);
                }
            }
            Mode::Mined => {
                let me = identity(&options.name);
                goods.log(&me.entries);
                let mut pen = me.pen(options.committee);
                let first = pen.post("like this", &[]);
                let mut log = vec![first.clone()];
                for n in 0..250 {
                    let sheet = pen.entry("post").text(&format!("mined {n}"));
                    log.push(sheet.mine(&first.id(), 11).sign());
                }
                goods.log(&log);
            }
            Mode::Wants => {
                let me = identity(&options.name);
                goods.log(&me.entries);
                // Fresh devices would do as well; one log is the deepest.
                let mut last = Id(sha256(&[b"nowhere", options.name.as_bytes()]));
                let mut chain = Vec::new();
                for n in 0..options.keys.max(2000) {
                    let mut pen = me.pen(options.committee);
                    let post = pen.post(&format!("after {n}"), &[last]);
                    last = post.id();
                    chain.push(post);
                }
                // Each is a log of its own, a fork of all others, and waits for the one before.
                for post in chain.iter().rev() {
                    goods.log(std::slice::from_ref(post));
                }
            }
            _ => goods.log(&identity(&options.name).entries),
        }
        goods
    }

    fn log(&mut self, entries: &[Verified]) {
        let begin = self.wires.len();
        self.wires.extend(entries.iter().map(Verified::wire));
        let Some(last) = entries.last() else { return };
        let header = last.header();
        let head = Head {
            by: Key(*header.by.as_bytes()),
            space: header.space.unwrap_or(last.id()),
            seq: header.seq,
            id: last.id(),
        };
        self.logs.push((head, (begin..self.wires.len()).collect()));
    }
}

/// An identity with a device that posts so many entries: the two logs.
#[must_use]
pub fn stranger(name: &str, committee: Id, posts: usize) -> Vec<Vec<Verified>> {
    let me = Person::new(name);
    let mut pen = me.pen(committee);
    let posts = (0..posts).map(|n| pen.post(&format!("{name} says {n}"), &[])).collect();
    vec![me.entries, posts]
}
