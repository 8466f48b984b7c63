//! Anchors of a committee: what the bot is given, what it brings back, and what everybody sees of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::anchor::{Anchor, Anchored, HEADS, Head};
use althing_protocol::author::Draft;
use althing_protocol::entry::{Block, Body};
use althing_protocol::hash::{Hash, Id};
use althing_protocol::kind;
use althing_protocol::limit;
use althing_protocol::log::checkpoint::{Checkpoint, Origin};
use althing_protocol::log::{Leaf, inclusion, keeper};
use hashbrown::HashSet;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Hex, Person};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::ingest::{LogView, Signer};
use crate::store;
use crate::times::Known;

/// `anchor` entries that one transaction makes in one committee, where one has too little room for all heads.
const ENTRIES: usize = 16;

/// Leaves that are read in one go.
const PORTION: usize = 4096;

/// An anchor of a committee.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Anchor)]
pub(crate) struct Shown {
    /// The `anchor` entry.
    #[schema(value_type = Hex)]
    pub(crate) entry: Id,
    /// EIP-155 chain id.
    pub(crate) chain: u64,
    /// The contract's address, 0x and 40 digits.
    pub(crate) contract: String,
    /// Who called it.
    pub(crate) anchorer: String,
    /// The block's number.
    pub(crate) height: u64,
    /// The block's hash.
    #[schema(value_type = Hex)]
    pub(crate) hash: Hash,
    /// When the block was made, seconds since 1970.
    pub(crate) time: u64,
    /// What was anchored.
    #[schema(value_type = Hex)]
    digest: Hash,
    /// The logs that it dates, the writer's own first.
    pub(crate) logs: Vec<Logged>,
    /// Entries that it dates itself, with all in their past.
    heads: usize,
    /// Whether this node believes that the block is final.
    #[serde(rename = "final")]
    pub(crate) is_final: bool,
}

/// A log in an anchor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Logged {
    /// Whose node keeps it, as far as this node knows.
    pub(crate) by: Option<Person>,
    /// The log's name.
    origin: String,
    /// Leaves that are dated.
    pub(crate) size: u64,
}

/// One committee as the bot is offered it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Offer {
    #[schema(value_type = Hex)]
    committee: Id,
    /// This node's own checkpoint, a cut its last leaf.
    checkpoint: String,
    /// The latest of others' logs that this node cosigned.
    others: Vec<String>,
    /// Whether anything but `anchor` entries joined or left the record since the last anchored checkpoint.
    changed: bool,
}

/// All anchors, in the order in which they joined the record.
pub(crate) fn all(context: &Context, committee: Id) -> Result<Vec<Shown>, Problem> {
    let anchors = context.times.of(&context.ingest, committee)?;
    Ok(anchors
        .known
        .iter()
        .map(|known| shown(context, committee, known))
        .collect())
}

/// The chains and heights of all blocks in which something is anchored.
pub(crate) fn blocks(context: &Context) -> Result<BTreeSet<(u64, u64)>, Problem> {
    let followed: Vec<Id> = context.ingest.read(|state| state.followed().collect());
    let mut blocks = BTreeSet::new();
    for committee in followed {
        let anchors = context.times.of(&context.ingest, committee)?;
        let of = |known: &Known| {
            let block = known.anchored.anchoring.block;
            (block.chain, block.height)
        };
        blocks.extend(anchors.known.iter().map(|known| of(known)));
    }
    Ok(blocks)
}

fn shown(context: &Context, committee: Id, known: &Known) -> Shown {
    let Anchored {
        anchoring,
        contract,
        checkpoints,
        heads,
    } = &known.anchored;
    let Block { chain, height, hash } = anchoring.block;
    let log = |checkpoint: &Checkpoint| {
        let by = context.ingest.read(|state| {
            let of = keeper::of(state.committee(&committee)?, &checkpoint.origin.node, state)?;
            Some(state.graph().id(of.identity))
        });
        Logged {
            by: by.map(|identity| Person::new(context, identity)),
            origin: checkpoint.origin.to_string(),
            size: checkpoint.size,
        }
    };
    Shown {
        entry: known.entry,
        chain,
        contract: contract.to_string(),
        anchorer: anchoring.anchorer.to_string(),
        height,
        hash,
        time: anchoring.time,
        digest: anchoring.digest,
        logs: checkpoints.iter().map(log).collect(),
        heads: heads.len(),
        is_final: context.ingest.facts(|facts| facts.time(&anchoring.block)) == Some(anchoring.time),
    }
}

/// How many leaves of this node's log were anchored, by what this node wrote down itself: checkpoints in a batch are not
/// signed, and anybody can put one of another's log on a chain.
fn anchored(known: &[Arc<Known>], origin: &Origin) -> u64 {
    let own = known.iter().filter(|known| known.by == origin.node);
    let first = own.filter_map(|known| known.anchored.checkpoints.first());
    let own = first.filter(|checkpoint| checkpoint.origin == *origin);
    own.map(|checkpoint| checkpoint.size).max().unwrap_or(0)
}

/// Whether leaves from a place on say more than that something was anchored.
pub(crate) fn changed(context: &Context, committee: Id) -> Result<bool, Problem> {
    let anchors = context.times.of(&context.ingest, committee)?;
    let from = anchored(&anchors.known, &context.ingest.origin(committee));
    let own: HashSet<Id> = anchors.known.iter().map(|known| known.entry).collect();
    let changed = context
        .ingest
        .look_at_log(&committee, |log| -> Result<bool, store::Error> {
            for index in from..log.size() {
                match log.leaf(index)? {
                    Some(Leaf::Entry(id)) if own.contains(&id) => {}
                    Some(Leaf::Cut(_)) | None => {}
                    Some(Leaf::Entry(_) | Leaf::Left(_)) => return Ok(true),
                }
            }
            Ok(false)
        });
    Ok(changed.transpose()?.unwrap_or(false))
}

/// A committee for the bot; `note` is the checkpoint that was made for it.
pub(crate) fn offer(context: &Context, committee: Id, note: String, changed: bool) -> Result<Offer, Problem> {
    let others = context.ingest.others_logs(committee)?;
    Ok(Offer {
        committee,
        checkpoint: note,
        others: others.into_iter().map(|(_, seen)| seen.note).collect(),
        changed,
    })
}

/// Reads what the bot brings back: an `anchor` entry's body without heads.
pub(crate) fn read(context: &Context, committee: Id, body: &Value) -> Result<Anchor, Problem> {
    let kind = kind::find("anchor").ok_or(Problem::Broken)?;
    let bytes = kind::json::body(kind, body)?;
    let anchor = crate::times::anchor(&bytes).ok_or(Problem::Broken)?;
    let anchored = anchor.verify(committee).map_err(Problem::Anchor)?;
    let own = context.ingest.origin(committee).node;
    let first = anchored.checkpoints.first().map(|checkpoint| checkpoint.origin.node);
    if first != Some(own) {
        return Err(Problem::Input(
            "the first checkpoint is not of this node's log; the bot hands each anchor to the node whose checkpoint it is"
                .to_owned(),
        ));
    }
    Ok(anchor)
}

/// The entries that hold this anchor already: the same transaction in the same block.
pub(crate) fn recorded(context: &Context, committee: Id, anchor: &Anchor) -> Result<Vec<Id>, Problem> {
    let anchored = anchor.verify(committee).map_err(Problem::Anchor)?;
    let anchors = context.times.of(&context.ingest, committee)?;
    let own = context.ingest.origin(committee).node;
    let same = anchors.known.iter().filter(|known| {
        (known.by, known.index, known.anchored.anchoring) == (own, anchor.evidence.index, anchored.anchoring)
    });
    Ok(same.map(|known| known.entry).collect())
}

/// Fills the heads in: the entries that joined since the last anchored checkpoint of this log and that no other of them
/// names. As many anchors as it takes, at most [`ENTRIES`].
pub(crate) fn with_heads(context: &Context, committee: Id, anchor: &Anchor) -> Result<Vec<Anchor>, Problem> {
    let anchored_now = anchor.verify(committee).map_err(Problem::Anchor)?;
    let checkpoint = anchored_now.checkpoints.first().ok_or(Problem::Broken)?;
    let anchors = context.times.of(&context.ingest, committee)?;
    let from = anchored(&anchors.known, &checkpoint.origin);
    let heads = heads(context, committee, from, checkpoint.size)?;
    // One look for each: nobody waits for all of them.
    let proved = heads.into_iter().map(|(id, index)| {
        let head = context
            .ingest
            .look_at_log(&committee, |log| head(log, id, index, checkpoint.size));
        head.ok_or(Problem::Broken)?
    });
    let heads = proved.collect::<Result<Vec<Head>, Problem>>()?;
    let with = |heads: &[Head]| Anchor {
        heads: heads.to_vec(),
        ..anchor.clone()
    };
    Ok(match heads.is_empty() {
        true => vec![anchor.clone()],
        false => heads.chunks(HEADS).map(with).collect(),
    })
}

/// The entries among these leaves that no other of them names, with their leaves' numbers. Goes through them in portions, so
/// that nobody waits long for the state.
fn heads(context: &Context, committee: Id, from: u64, to: u64) -> Result<Vec<(Id, u64)>, Problem> {
    let (mut joined, mut named) = (Vec::new(), HashSet::new());
    let mut at = from;
    while at < to {
        let most = usize::try_from(to - at).unwrap_or(usize::MAX).min(PORTION);
        let leaves = context.ingest.look_at_log(&committee, |log| -> Result<_, Problem> {
            let leaves = log.leaves(at, most)?;
            let entries = leaves.iter().filter_map(|leaf| match leaf {
                Leaf::Entry(id) => Some(id),
                Leaf::Left(_) | Leaf::Cut(_) => None,
            });
            named.extend(log.named_by(entries));
            Ok(leaves)
        });
        let leaves = leaves
            .transpose()?
            .filter(|leaves| !leaves.is_empty())
            .ok_or(Problem::Broken)?;
        for (index, leaf) in (at..).zip(&leaves) {
            if let Leaf::Entry(id) = leaf {
                joined.push((*id, index));
            }
        }
        at = at.saturating_add(u64::try_from(leaves.len()).unwrap_or(u64::MAX));
    }
    let heads = joined.into_iter().filter(|(id, _)| !named.contains(id));
    Ok(heads.take(ENTRIES * HEADS).collect())
}

fn head(log: &LogView<'_>, entry: Id, index: u64, size: u64) -> Result<Head, Problem> {
    let path = inclusion(&log.tree(), index, size).map_err(|_| Problem::Broken)?;
    Ok(Head {
        entry,
        index,
        path: path.ok_or(Problem::Broken)?,
    })
}

/// Writes them, all in one batch.
pub(crate) async fn write(context: &Context, committee: Id, anchors: &[Anchor]) -> Result<Vec<Id>, Problem> {
    let bodies: Vec<Vec<u8>> = anchors.iter().map(Anchor::body).collect::<Result<_, _>>()?;
    let written = context.ingest.write(move |author| {
        let each = bodies.into_iter().map(|bytes| {
            let draft = Draft {
                doc: Some(committee),
                kind: "anchor".to_owned(),
                body: Some(Body {
                    salt: [0; limit::SALT],
                    bytes,
                }),
                ..Draft::default()
            };
            author.write_as(Signer::Node, committee, draft)
        });
        each.collect::<Result<Vec<Id>, _>>()
    });
    Ok(written.await??)
}
