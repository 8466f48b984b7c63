//! Signs this node's checkpoints now and then, and has the nodes of other members cosign them.
//!
//! Bounds: one peer of each identity, at most [`WITNESSES`] of them, all within [`PATIENCE`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use althing_protocol::author::Draft;
use althing_protocol::entry::Body;
use althing_protocol::fraud::Fraud;
use althing_protocol::hash::Id;
use althing_protocol::log::checkpoint::{Checkpoint, Origin};
use althing_protocol::log::keeper;
use althing_protocol::log::note::{Line, Note, Use, Verifier};
use althing_protocol::log::{consistency, witness};
use futures::stream::{FuturesUnordered, StreamExt as _};

use crate::ingest::{Ingest, Signer, Unsigned, Witnessed};
use crate::net::{Net, PeerId};
use crate::store::log::Signed;

/// Witnesses that are asked for one checkpoint.
pub const WITNESSES: usize = 16;

/// How long one checkpoint waits for cosignatures.
const PATIENCE: Duration = Duration::from_secs(5);

/// Peers and committees of which it is remembered how far they cosigned. Forgetting costs one more question.
const REMEMBERED: usize = 4096;

/// How often a changed log is signed without being asked.
const PERIOD: Duration = Duration::from_secs(60);

/// Keeps this node's checkpoints signed and cosigned.
#[derive(Debug, Clone)]
pub struct Witnesses {
    ingest: Ingest,
    net: Net,
    /// How many leaves each peer said it had cosigned of this node's log of a committee.
    known: Arc<std::sync::Mutex<BTreeMap<(PeerId, Id), u64>>>,
}

impl Witnesses {
    /// For a node whose network part runs.
    #[must_use]
    pub fn new(ingest: Ingest, net: Net) -> Self {
        Self {
            ingest,
            net,
            known: Arc::default(),
        }
    }

    /// Until the node stops.
    pub async fn run(self) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while self.ingest.is_alive() {
            tick.tick().await;
            let committees: Vec<Id> = self.ingest.read(|state| state.followed().collect());
            for committee in committees {
                match self.checkpoint(committee, false).await {
                    Ok(_) | Err(Unsigned::NotFollowed(_) | Unsigned::NotEnrolled) => {}
                    Err(why) => tracing::warn!(%committee, %why, "no checkpoint"),
                }
            }
        }
    }

    /// Signs a committee's log as it is and asks for cosignatures. Answers it with those that came.
    ///
    /// # Errors
    /// [`Unsigned`]: cosignatures that do not come are none.
    pub async fn checkpoint(&self, committee: Id, cut: bool) -> Result<Signed, Unsigned> {
        let signed = self.ingest.checkpoint(committee, cut).await?;
        let note = Note::read(&signed.note)?;
        let lines = self.gather(committee, &note, signed.size).await;
        if lines.is_empty() {
            return Ok(signed);
        }
        let with = self.ingest.cosigned(committee, &note.text, lines).await?;
        Ok(with.unwrap_or(signed))
    }

    /// One peer of each identity that follows the committee and has not cosigned yet.
    fn asked(&self, committee: Id, note: &Note) -> Vec<PeerId> {
        let own = self.ingest.home().identity();
        let have: BTreeSet<Id> = self
            .ingest
            .read(|state| keeper::cosigners(note, &committee, state))
            .into_iter()
            .map(|(_, identity, _)| identity)
            .collect();
        let mut of = BTreeMap::new();
        for peer in self.net.peers() {
            let follows = peer.committees.iter().any(|(id, _)| *id == committee);
            if let Some(identity) = peer.identity.filter(|id| follows && *id != own && !have.contains(id)) {
                of.entry(identity).or_insert(peer.peer);
            }
        }
        of.into_values().take(WITNESSES).collect()
    }

    async fn gather(&self, committee: Id, note: &Note, size: u64) -> Vec<Line> {
        let peers = self.asked(committee, note);
        let asks = peers.into_iter().map(|peer| self.ask(peer, committee, note, size));
        let mut asks: FuturesUnordered<_> = asks.collect();
        let mut lines = Vec::new();
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        // Whoever is slow is asked again with the next checkpoint; the others' word is taken meanwhile.
        loop {
            tokio::select! {
                line = asks.next() => match line {
                    Some(line) => lines.extend(line),
                    None => break,
                },
                () = &mut patience => break,
            }
        }
        lines
    }

    /// One witness's cosignature, if it gives one.
    async fn ask(&self, peer: PeerId, committee: Id, note: &Note, size: u64) -> Option<Line> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut old = known().get(&(peer, committee)).copied().unwrap_or(0).min(size);
        // The second time with the size that the witness told.
        for _ in 0..2 {
            let proof = self.ingest.look_at_log(&committee, |log| {
                let tree = log.tree();
                consistency(&tree, old, size).ok().flatten()
            });
            let request = witness::Request::new(old, proof??, note.clone()).ok()?;
            let answer = self.net.ask_witness(peer, request.to_string().into_bytes()).await?;
            let answer = String::from_utf8(answer).ok()?;
            let (status, body) = answer.split_once('\n')?;
            match status {
                "200" => {
                    let line = self.check(committee, &note.text, body)?;
                    let mut known = known();
                    if known.len() >= REMEMBERED {
                        known.clear();
                    }
                    known.insert((peer, committee), size);
                    return Some(line);
                }
                "409" | "422" => {
                    let (told, evidence) = body.split_once('\n')?;
                    if let Some(note) = evidence.strip_prefix('\n').and_then(|note| Note::read(note).ok()) {
                        let generation = self.ingest.origin(committee).generation;
                        if self.contradicts(committee, &note)? {
                            self.renew(committee, generation).await;
                            return None;
                        }
                    }
                    let told: u64 = told.parse().ok().filter(|told| *told != old && *told <= size)?;
                    old = told;
                }
                other => {
                    tracing::debug!(%peer, %committee, status = other, "not cosigned: {}", body.trim_end());
                    return None;
                }
            }
        }
        None
    }

    /// Whether this node signed that checkpoint under the name that its log has now, and its log is not one that grew out of
    /// it: then this data folder is an old copy of another.
    fn contradicts(&self, committee: Id, note: &Note) -> Option<bool> {
        let origin = self.ingest.origin(committee);
        let checkpoint: Checkpoint = note.text.parse().ok()?;
        let verifier = origin.verifier().ok()?;
        if checkpoint.origin != origin || !matches!(note.signed_by(&verifier), Ok(Some(_))) {
            return Some(false);
        }
        let root = self.ingest.look_at_log(&committee, |log| {
            let tree = log.tree();
            (tree.size() >= checkpoint.size).then(|| tree.root_at(checkpoint.size).ok())
        });
        Some(root?.flatten() != Some(checkpoint.root))
    }

    async fn renew(&self, committee: Id, generation: u32) {
        tracing::warn!(%committee, "this node signed another log under the same name before: its data is an old copy");
        if let Err(why) = self.ingest.begin_generation(generation).await {
            tracing::warn!(%why, "no new generation");
        }
    }

    /// The cosignature in an answer, if it is one by the node of another member.
    fn check(&self, committee: Id, text: &str, body: &str) -> Option<Line> {
        let note = Note::read(&format!("{text}\n{body}")).ok()?;
        let [line] = note.signatures.as_slice() else {
            return None;
        };
        let key = witness::node(&line.name)?;
        let verifier = Verifier::new(&line.name, Use::Cosignature, key).ok()?;
        let own = self.ingest.home().identity();
        let member = self.ingest.read(|state| {
            let of = keeper::of(state.committee(&committee)?, &key, state)?;
            Some(state.graph().id(of.identity))
        });
        member.filter(|identity| *identity != own)?;
        note.signed_by(&verifier).ok()??;
        Some(line.clone())
    }
}

/// An answer to a request for a cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// As over HTTP.
    pub status: u16,
    /// What C2SP tlog-witness says with that status.
    pub text: String,
    /// The checkpoint of this log that was cosigned before, where the new one does not go on from it: the asker knows its
    /// own signature.
    pub evidence: Option<String>,
}

impl Answer {
    /// As peers are told: the status and its text, and after an empty line the evidence.
    #[must_use]
    pub fn frame(&self) -> String {
        match &self.evidence {
            Some(note) => format!("{}\n{}\n{note}", self.status, self.text),
            None => format!("{}\n{}", self.status, self.text),
        }
    }
}

/// Answers a request for a cosignature.
pub async fn answer(ingest: &Ingest, request: &str) -> Answer {
    let plain = |status, text| Answer {
        status,
        text,
        evidence: None,
    };
    let request = match request.parse::<witness::Request>() {
        Ok(request) => request,
        Err(why) => return plain(400, format!("{why}\n")),
    };
    let origin = request.checkpoint.origin;
    match ingest.witness(request).await {
        Ok(Witnessed::Cosigned(line)) => plain(200, line),
        Ok(Witnessed::Refused(refusal, evidence)) => Answer {
            evidence,
            ..refused(refusal)
        },
        Ok(Witnessed::Fork(fraud, refusal, before)) => {
            accuse(ingest, origin, &fraud).await;
            Answer {
                evidence: Some(before),
                ..refused(refusal)
            }
        }
        Err(why) => plain(503, format!("{why}\n")),
    }
}

/// Tells everybody, once for each log: a fraud is an act on the committee, signed by the node that noticed it.
async fn accuse(ingest: &Ingest, origin: Origin, fraud: &Fraud) {
    let known = ingest.store().is_accused(&origin.to_string());
    let (Ok(false), Ok(bytes)) = (known, fraud.body()) else {
        return;
    };
    let committee = origin.committee;
    let written = ingest.write(move |author| {
        let draft = Draft {
            doc: Some(committee),
            kind: "fraud".to_owned(),
            body: Some(Body {
                salt: [0; althing_protocol::limit::SALT],
                bytes,
            }),
            ..Draft::default()
        };
        author.write_as(Signer::Node, committee, draft)
    });
    let written = match written.await {
        Ok(written) => written.map_err(|why| why.to_string()),
        Err(why) => Err(why.to_string()),
    };
    match written {
        Ok(id) => {
            tracing::warn!(%committee, entry = %id.short(), "a node has two histories; the proof is published");
            if let Err(why) = ingest.note_accused(origin).await {
                tracing::warn!(%why, "that is not written down");
            }
        }
        Err(why) => tracing::warn!(%committee, why, "a node has two histories, and the proof cannot be written"),
    }
}

fn refused(refusal: witness::Refusal) -> Answer {
    Answer {
        status: refusal.status(),
        text: match refusal {
            witness::Refusal::Conflict(size) => format!("{size}\n"),
            other => format!("{other}\n"),
        },
        evidence: None,
    }
}
