//! Fetches files from peers, when somebody asks for one: chunk after chunk, from the end to the beginning, from one peer at a
//! time and from another when that one stops.
//!
//! What a chunk must lead to is known before it is asked for, so a wrong one is noticed at once, costs its sender, and
//! spoils nothing. Bounds: [`limit::FETCHES`] at a time; a chunk each [`limit::CHUNK_TIME`]; [`limit::PATIENCE`] without
//! any, [`limit::LONGEST`] in all. What is here then stays, and the next fetch goes on from there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use althing_protocol::file::{Chunk, Request};
use althing_protocol::hash::{Hash, Id};
use tokio::sync::Semaphore;

use crate::files::{self, Fetch, Files, Part};
use crate::limit::files as limit;
use crate::net::{Got, Net, PeerId};

/// How long to wait for a peer that has it to turn up before it is looked again.
const LOOK: Duration = Duration::from_millis(500);

/// Carries out what is asked for until the node stops, and clears away what nothing names any more.
pub(crate) async fn run(files: Files, net: Net) {
    let Some(mut wants) = files.wants() else { return };
    let places = Arc::new(Semaphore::new(limit::FETCHES));
    let mut sweep = tokio::time::interval(limit::SWEEP);
    loop {
        tokio::select! {
            Some(hash) = wants.recv() => {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let (files, net) = (files.clone(), net.clone());
                tokio::spawn(async move {
                    // Spawned once more, so that one that panics still ends.
                    let ended = tokio::spawn(one(files.clone(), net, hash)).await;
                    let ended = ended.unwrap_or_else(|_| Err("the node failed at it; please report it".to_owned()));
                    if let Err(why) = &ended {
                        tracing::info!(file = %hash, why, "not fetched");
                    }
                    files.ended(&hash, ended);
                    drop(place);
                });
            }
            _ = sweep.tick() => {
                let files = files.clone();
                let swept = tokio::task::spawn_blocking(move || files.sweep()).await;
                if let Ok(Err(why)) = swept {
                    tracing::warn!(%why, "files that nothing names stay");
                }
            }
            else => return,
        }
    }
}

/// Fetches one file, by each length that entries give it.
async fn one(files: Files, net: Net, hash: Hash) -> Result<(), String> {
    let held = files.clone();
    let claims = blocking(move || Ok(held.claims(&hash))).await?;
    let committees: BTreeSet<Id> = claims.iter().map(|claim| claim.committee).collect();
    let mut lengths: Vec<u64> = Vec::new();
    for claim in &claims {
        if !lengths.contains(&claim.file.length) && lengths.len() < limit::LENGTHS {
            lengths.push(claim.file.length);
        }
    }
    let mut why = files::Error::NotNamed(hash).to_string();
    for length in lengths {
        if files.find(&hash).is_some() {
            return Ok(());
        }
        let held = files.clone();
        let part = match blocking(move || held.part(hash, length)).await {
            Ok(part) => part,
            Err(error) => {
                why = error;
                continue;
            }
        };
        let fetching = Fetching {
            files: files.clone(),
            net: net.clone(),
            committees: committees.clone(),
            hash,
            length,
            known: BTreeMap::new(),
        };
        match tokio::time::timeout(limit::LONGEST, fetching.run(part)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => why = error,
            Err(_) => why = "it goes too slowly; ask again, and it goes on from where it is".to_owned(),
        }
    }
    Err(why)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, files::Error> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|why| why.to_string()),
        Err(_) => Err("the node failed at it; please report it".to_owned()),
    }
}

/// One fetch by one length.
struct Fetching {
    files: Files,
    net: Net,
    committees: BTreeSet<Id>,
    hash: Hash,
    length: u64,
    known: BTreeMap<PeerId, Known>,
}

/// What is known of a peer.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Not to be asked before.
    next: Instant,
    /// How long its last chunk took.
    took: Duration,
    /// It gave something wrong: it is not asked again.
    liar: bool,
}

impl Fetching {
    async fn run(mut self, mut part: Part) -> Result<(), String> {
        let mut last = Instant::now();
        while let Some((chunk, after)) = part.next() {
            let peers = self.peers();
            let have = part.have();
            let (length, count) = (self.length, peers.len());
            self.files.goes(
                &self.hash,
                Fetch {
                    have,
                    length,
                    peers: count,
                },
            );
            let Some((peer, committee)) = self.choose(&peers) else {
                if last.elapsed() > limit::PATIENCE {
                    return Err(self.gave_up(count, have));
                }
                tokio::time::sleep(LOOK).await;
                continue;
            };
            if let Some(chunk) = self.ask(peer, committee, chunk, after).await {
                last = Instant::now();
                part = self.take(part, chunk).await?;
            }
        }
        blocking(move || part.finish()).await
    }

    async fn take(&self, mut part: Part, chunk: Chunk) -> Result<Part, String> {
        blocking(move || part.take(&chunk).map(|()| part)).await
    }

    /// Peers that follow a committee of which an entry names the file, with that committee.
    fn peers(&self) -> Vec<(PeerId, Id)> {
        let shared = |of: &[(Id, Option<Hash>)]| of.iter().map(|(id, _)| *id).find(|id| self.committees.contains(id));
        let peers = self.net.peers().into_iter();
        peers
            .filter_map(|peer| Some((peer.peer, shared(&peer.committees)?)))
            .collect()
    }

    /// Whom to ask: of those that may be asked now, the one that was fastest; those not asked yet first.
    fn choose(&self, peers: &[(PeerId, Id)]) -> Option<(PeerId, Id)> {
        let now = Instant::now();
        let may = |(peer, _): &&(PeerId, Id)| {
            self.known
                .get(peer)
                .is_none_or(|known| !known.liar && now >= known.next)
        };
        let took = |(peer, _): &&(PeerId, Id)| self.known.get(peer).map_or(Duration::ZERO, |known| known.took);
        peers.iter().filter(may).min_by_key(took).copied()
    }

    /// Asks a peer for a chunk, and notes what it did.
    async fn ask(&mut self, peer: PeerId, committee: Id, chunk: u64, after: Hash) -> Option<Chunk> {
        let request = Request {
            committee,
            hash: self.hash,
            length: self.length,
            chunk,
        };
        let asked = Instant::now();
        let got = tokio::time::timeout(limit::CHUNK_TIME, self.net.ask_file(peer, request, after)).await;
        let known = self.known.entry(peer).or_insert(Known {
            next: asked,
            took: Duration::ZERO,
            liar: false,
        });
        match got {
            Ok(Got::Chunk(chunk)) => {
                known.took = asked.elapsed();
                return Some(chunk);
            }
            Ok(Got::Busy(wait)) => known.next = Instant::now() + wait.clamp(Duration::from_millis(20), limit::BUSY),
            Ok(Got::Wrong) => known.liar = true,
            Ok(Got::Nothing) | Err(_) => {
                (known.next, known.took) = (Instant::now() + limit::AGAIN, limit::CHUNK_TIME);
            }
        }
        None
    }

    fn gave_up(&self, peers: usize, have: u64) -> String {
        let length = self.length;
        let so_far = match have {
            0 => String::new(),
            have => format!(" {have} of {length} bytes are here, and stay for the next time."),
        };
        let liars = self.known.values().filter(|known| known.liar).count();
        match (peers, liars) {
            (0, _) => format!(
                "nobody who follows the committee is connected; try again when `althing peers` shows somebody.{so_far}"
            ),
            (peers, 0) => format!(
                "none of the {peers} connected nodes that follow the committee has it, or gives it; try again when others are \
                 there.{so_far}"
            ),
            (peers, liars) => format!(
                "none of the {peers} connected nodes that follow the committee gives it, and {liars} gave something else \
                 instead; try again when others are there.{so_far}"
            ),
        }
    }
}
