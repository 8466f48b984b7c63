//! Proof bundles: the strongest that this node can make for an entry.

use althing_protocol::bundle::{self, Anchorage, Parts, Signed};
use althing_protocol::hash::Id;
use althing_protocol::log::checkpoint::Checkpoint;
use althing_protocol::log::note::Note;
use althing_protocol::log::{inclusion, keeper};

use crate::http::context::Context;
use crate::http::error::Problem;
use crate::store::{self, BodyState};

/// The page that checks a bundle on its reader's own machine.
pub(crate) const PAGE: &str = include_str!("../../../verifier/verify.html");

/// A bundle for an entry: by this node's log of a committee that has it, with the earliest anchor in a believed block, else
/// with one that this node wrote down itself, else with the latest checkpoint alone. Anchors of others whose block nobody
/// vouches for are passed over: anybody can write down a block that never was.
pub(crate) fn make(context: &Context, entry: Id) -> Result<Vec<u8>, Problem> {
    let committees: Vec<Id> = context.ingest.read(|state| {
        let graph = state.graph();
        let Some(num) = graph.num(&entry) else {
            return Vec::new();
        };
        let holds = state.committees().filter(|c| c.record().contains(num, graph));
        holds.map(|c| graph.id(c.root())).collect()
    });
    let mut made = Err(Problem::NotInRecord(entry));
    for committee in committees {
        made = of(context, committee, entry);
        if made.is_ok() {
            break;
        }
    }
    made
}

/// A checkpoint of this node that covers the entry.
struct Cover {
    note: String,
    checkpoint: Checkpoint,
    anchor: Option<Anchorage>,
}

fn of(context: &Context, committee: Id, entry: Id) -> Result<Vec<u8>, Problem> {
    let ingest = &context.ingest;
    let index = ingest.look_at_log(&committee, |log| log.place(&entry));
    let index = index.transpose()?.flatten().ok_or(Problem::NotInRecord(entry))?;
    let cover = cover(context, committee, index)?.ok_or(Problem::NoCheckpoint(committee))?;
    let size = cover.checkpoint.size;
    let path = ingest.look_at_log(&committee, |log| inclusion(&log.tree(), index, size));
    let path = path.and_then(Result::ok).flatten().ok_or(Problem::Broken)?;
    let note = Note::read(&cover.note).map_err(|_| Problem::Broken)?;
    let enrolls = ingest.read(|state| cosigners(&note, &cover.checkpoint, &committee, state));
    let (note, mut enrolls) = enrolls;
    enrolls.extend(ingest.home().node_cert());
    let (signed, body) = ingest.read(|state| -> Result<_, Problem> {
        let num = state.graph().num(&entry).ok_or(Problem::NotInRecord(entry))?;
        let stored = ingest.store().header(num, &entry)?.ok_or(Problem::Broken)?;
        let body = match ingest.store().body(num, &stored.header)? {
            BodyState::Here(body) => Some(body),
            BodyState::None | BodyState::Absent => None,
        };
        Ok((signed(stored), body))
    })?;
    let parts = Parts {
        entry: signed,
        body: body.as_ref(),
        note: note.write(),
        enrolls,
        index,
        path,
        anchor: cover.anchor,
        page: Some(PAGE.as_bytes()),
    };
    let look = |id: &Id| {
        ingest.read(|state| {
            let num = state.graph().num(id)?;
            ingest.store().header(num, id).ok().flatten().map(self::signed)
        })
    };
    Ok(bundle::make(&parts, look)?)
}

fn signed(stored: store::Stored) -> Signed {
    Signed {
        header: stored.bytes,
        signature: stored.signature,
    }
}

/// The note with the cosignatures of which this node knows whose they are, and the enrolments of their keys.
fn cosigners(
    note: &Note,
    checkpoint: &Checkpoint,
    committee: &Id,
    state: &althing_protocol::state::State,
) -> (Note, Vec<Id>) {
    let graph = state.graph();
    let mut known = note.clone();
    let mut enrolls = Vec::new();
    let Some(of) = state.committee(committee) else {
        return (known, enrolls);
    };
    let cosigners = keeper::cosigners(note, committee, state);
    let name = checkpoint.origin.to_string();
    known.signatures.retain(|line| {
        line.name == name
            || cosigners
                .iter()
                .any(|(key, ..)| line.name == althing_protocol::log::witness::name(key))
    });
    for (key, ..) in &cosigners {
        enrolls.extend(keeper::of(of, key, state).map(|keeper| graph.id(keeper.enroll)));
    }
    (known, enrolls)
}

/// The checkpoint to prove it with.
fn cover(context: &Context, committee: Id, index: u64) -> Result<Option<Cover>, Problem> {
    let ingest = &context.ingest;
    let own = ingest.origin(committee).node;
    let anchors = context.times.of(ingest, committee)?;
    let dated = anchors.known.iter().flat_map(|known| {
        let checkpoints = known.anchored.checkpoints.iter().enumerate();
        checkpoints
            .filter(|(_, checkpoint)| checkpoint.origin.node == own && checkpoint.size > index)
            .map(move |(place, checkpoint)| (known, place, *checkpoint))
    });
    let is_final = |block| ingest.facts(|facts| facts.time(block).is_some());
    let mut dated: Vec<_> = dated
        .filter(|(known, ..)| known.by == own || is_final(&known.anchored.anchoring.block))
        .collect();
    dated.sort_by_key(|(known, ..)| {
        let anchoring = &known.anchored.anchoring;
        (!is_final(&anchoring.block), anchoring.time)
    });
    let latest = ingest.signed(&committee)?;
    for (known, place, checkpoint) in dated {
        // It must still be a beginning of this log: a generation may have begun anew.
        let root = ingest.look_at_log(&committee, |log| log.tree().root_at(checkpoint.size).ok());
        if root.flatten() != Some(checkpoint.root) {
            continue;
        }
        let Some(anchor) = crate::times::load(ingest, known)? else {
            continue;
        };
        let Some(placed) = anchor.checkpoints.get(place) else {
            continue;
        };
        // Where the note is forgotten the log signs the same text again; cosignatures are gone then.
        let noted = ingest.store().noted(&committee, checkpoint.size)?;
        let note = match noted.filter(|note| note.starts_with(&placed.text)) {
            Some(note) => note,
            None => {
                let note = checkpoint.origin.sign(&placed.text, ingest.home().node_key());
                note.map_err(|_| Problem::Broken)?.write()
            }
        };
        let anchorage = Anchorage {
            evidence: anchor.evidence.clone(),
            size: anchor.size,
            place: placed.index,
            path: placed.path.clone(),
        };
        return Ok(Some(Cover {
            note,
            checkpoint,
            anchor: Some(anchorage),
        }));
    }
    let latest = latest.and_then(|latest| {
        let checkpoint: Checkpoint = Note::read(&latest.note).ok()?.text.parse().ok()?;
        (checkpoint.size > index).then_some(Cover {
            note: latest.note,
            checkpoint,
            anchor: None,
        })
    });
    Ok(latest)
}
