//! What it answers when the node asks.

use althing_protocol::hash::{Hash, Id, sha256};
use althing_protocol::sync::{Answer, Ask, Mark, Part, Place, Request, Summary, claimed_id};
use hashbrown::HashMap;

use super::forge::Goods;
use super::{Mode, Options};

/// A generation that no honest node has.
const GENERATION: u64 = 666;

/// Answers a question, by heart.
pub(super) struct Answers {
    mode: Mode,
    goods: Goods,
    by_id: HashMap<Id, usize>,
    /// Logs by their head.
    heads: HashMap<Id, usize>,
    asked: u64,
}

impl Answers {
    pub(super) fn new(options: &Options) -> Self {
        let goods = Goods::new(options);
        let ids = goods.wires.iter().enumerate();
        let by_id = ids.filter_map(|(at, wire)| Some((claimed_id(wire)?, at))).collect();
        let heads = goods
            .logs
            .iter()
            .enumerate()
            .map(|(at, (head, _))| (head.id, at))
            .collect();
        Self {
            mode: options.mode,
            goods,
            by_id,
            heads,
            asked: 0,
        }
    }

    /// What it gossips, in order.
    pub(super) fn wires(&self) -> &[Vec<u8>] {
        &self.goods.wires
    }

    /// The frame for a request.
    pub(super) fn to(&mut self, request: &[u8]) -> Vec<u8> {
        self.asked += 1;
        let Ok(Request { ask, .. }) = Request::decode(request) else {
            return Answer::Unknown.encode();
        };
        match self.mode {
            Mode::Trees => self.lie(&ask),
            _ => self.offer(&ask),
        }
        .encode()
    }

    /// The same record as the asker, and a floor of its own.
    fn offer(&self, ask: &Ask) -> Answer {
        let end = |len: usize| Place {
            generation: GENERATION,
            at: u64::try_from(len).unwrap(),
        };
        let floor = end(self.goods.logs.len());
        match ask {
            Ask::Hello { digest, count } => Answer::Hello(Summary {
                digest: *digest,
                count: *count,
                sequence: end(0),
                floor,
                marks: Vec::new(),
            }),
            Ask::Floor { from } => {
                let from = usize::try_from(*from).unwrap().min(self.goods.logs.len());
                let heads: Vec<_> = self.goods.logs[from..]
                    .iter()
                    .take(256)
                    .map(|(head, _)| *head)
                    .collect();
                Answer::Floor {
                    end: floor,
                    next: end(from + heads.len()).at,
                    heads,
                }
            }
            Ask::Chains { chains, .. } => {
                let logs = chains.iter().filter_map(|chain| {
                    let (_, log) = &self.goods.logs[*self.heads.get(&chain.head)?];
                    Some(log.iter().skip(usize::try_from(chain.from).unwrap()))
                });
                entries(logs.flatten().map(|at| self.goods.wires[*at].clone()))
            }
            Ask::Entries { ids, .. } => {
                let here = ids.iter().filter_map(|id| self.by_id.get(id));
                entries(here.map(|at| self.goods.wires[*at].clone()))
            }
            Ask::Sequence { from, .. } | Ask::Index { from } => Answer::Index {
                end: end(0),
                next: *from,
                ids: Vec::new(),
            },
            Ask::Tree { .. } => Answer::Unknown,
        }
    }

    /// A record that does not exist: another one each time, wherever one looks.
    fn lie(&self, ask: &Ask) -> Answer {
        let noise = |n: u64| sha256(&[b"noise", &self.asked.to_be_bytes(), &n.to_be_bytes()]);
        let marks = || (0..32).map(|n| Mark::of(&Hash(noise(n)))).collect();
        // Now a sequence without entries, now a tree without leaves.
        let end = Place {
            generation: GENERATION,
            at: if self.asked.is_multiple_of(2) { 1_000_000 } else { 0 },
        };
        match ask {
            Ask::Hello { .. } => Answer::Hello(Summary {
                digest: Hash(noise(99)),
                count: 1_000_000,
                sequence: end,
                floor: Place { at: 0, ..end },
                marks: marks(),
            }),
            Ask::Tree { prefixes } => Answer::Tree {
                parts: prefixes.iter().map(|_| Part::Marks(marks())).collect(),
            },
            Ask::Index { from } => {
                let mut ids: Vec<Id> = (0..4096).map(|n| Id(noise(n))).collect();
                ids.sort_unstable();
                Answer::Index {
                    end,
                    next: from + 4096,
                    ids,
                }
            }
            Ask::Sequence { from, .. } => Answer::Sequence {
                end,
                next: from + 1,
                wires: Vec::new(),
            },
            _ => entries(std::iter::empty()),
        }
    }
}

/// As many as an honest frame holds.
fn entries(wires: impl Iterator<Item = Vec<u8>>) -> Answer {
    let mut size = 0;
    let mut rest = false;
    let mut all = Vec::new();
    for wire in wires {
        size += wire.len() + 5;
        if size > althing_protocol::sync::FRAME {
            rest = true;
            break;
        }
        all.push(wire);
    }
    Answer::Entries { wires: all, rest }
}
