//! A new store out of what is sound in a damaged one.
//!
//! Everything that can still be read is verified like a stranger's and goes through the door into a new store; that one
//! then takes the place of the damaged one, in one step that a crash cannot leave half done. What was not sound comes
//! from peers again. Until the owner's own lost entries are back, the owner writes nothing: a second entry under a
//! number that is taken would prove the device forked, for ever.
//!
//! Invariant: nothing that could be read is lost by repairing, and the damaged store is kept unless nothing is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use althing_protocol::hash::{Id, Key};
use althing_protocol::state::{Limits, State};
use serde::Serialize;
use thiserror::Error;

use crate::home::Home;
use crate::ingest::{Ingest, Origin, Stopped};
use crate::store::aside::{self, Hold};
use crate::store::fsck::{self, FLOOR, WAITING};
use crate::store::{self, Bodies, Options, Store};

/// Lost entries that are listed; further ones are counted.
const LISTED: usize = 1000;

/// What came of a repair.
#[derive(Debug, Default, Serialize)]
pub struct Repaired {
    /// Entries in the new store.
    pub entries: usize,
    /// Entries that name some that were not sound; they are offered again when those came.
    pub waiting: usize,
    /// Entries whose header, signature or place could not be read, at most 1,000 of them.
    pub lost: Vec<Id>,
    /// How many such places there were.
    pub unreadable: u64,
    /// Bodies that were not sound.
    pub bodies: u64,
    /// Whether writes that were acknowledged may be missing without a trace.
    pub unsure: bool,
    /// Own entries among what was lost.
    pub own: usize,
    /// Where the damaged store is now; none if nothing was missing.
    pub old: Option<PathBuf>,
}

impl fmt::Display for Repaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} entries are in the new store", self.entries)?;
        if self.waiting > 0 {
            writeln!(
                f,
                "{} more name some that were not sound, and wait for them",
                self.waiting
            )?;
        }
        if self.unreadable > 0 || self.bodies > 0 {
            writeln!(
                f,
                "{} entries and {} bodies were not sound",
                self.unreadable, self.bodies
            )?;
        }
        match &self.old {
            None => writeln!(f, "nothing is missing; the damaged store is gone")?,
            Some(old) => writeln!(
                f,
                "the damaged store is kept in {}; remove that folder once nothing in it is missed",
                old.display()
            )?,
        }
        if self.own > 0 {
            writeln!(
                f,
                "{} of your own entries are missing: the node writes again when they came back",
                self.own
            )?;
        }
        if self.unsure {
            writeln!(
                f,
                "writes may be missing that nothing tells of, yours among them: start the node, let it sync until `althing \
                 peers` shows the same digests, stop it, and run `althing fsck --unlock`"
            )?;
        }
        write!(f, "start the node: it fetches from peers what is missing")
    }
}

/// Why a store cannot be repaired.
#[derive(Debug, Error)]
pub enum Error {
    /// Neither can it be read, nor the new one be written.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The new one.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A folder.
    #[error("cannot {doing} {path}: {source}")]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A bug.
    #[error("the new store could not be finished, and the damaged one is as it was. Please report it")]
    Panicked,
}

/// Repairs the store of a data folder that no node uses meanwhile. `progress` is told (done, all) in entries.
///
/// # Errors
/// [`enum@Error`]; the damaged store is as it was then.
pub fn repair(home: &Arc<Home>, progress: impl FnMut(u64, u64)) -> Result<Repaired, Error> {
    let folder = home.store_dir();
    let new = aside::new_folder(&folder);
    let failed = |doing, path: &PathBuf| {
        let path = path.clone();
        move |source| Error::Folder { doing, path, source }
    };
    if new.exists() {
        fs::remove_dir_all(&new).map_err(failed("remove", &new))?;
    }
    let (old, unsure) = Store::open_to_salvage(&folder)?;
    let mut repaired = Repaired {
        unsure,
        ..Repaired::default()
    };
    // Those who may have been lost, while the damaged store still tells whose they are.
    let own = own_entries(&old, home);
    save(&old, &new, home, progress, &mut repaired, own)?;
    drop(old);
    let kept = aside::exchange(&folder).map_err(failed("replace", &folder))?;
    let nothing_missing = repaired.unreadable == 0 && repaired.bodies == 0 && !repaired.unsure && repaired.waiting == 0;
    match nothing_missing {
        true => fs::remove_dir_all(&kept).map_err(failed("remove", &kept))?,
        false => repaired.old = Some(kept),
    }
    Ok(repaired)
}

/// The owner says that the node has caught up with its peers, and may write again.
///
/// # Errors
/// What the store says.
pub fn unlock(home: &Home) -> Result<(), Error> {
    let store = Store::open(&home.store_dir(), Options::default())?;
    Ok(store.set_hold(&Hold::default())?)
}

fn save(
    old: &Store,
    new: &std::path::Path,
    home: &Arc<Home>,
    progress: impl FnMut(u64, u64),
    repaired: &mut Repaired,
    own: Option<BTreeSet<Id>>,
) -> Result<(), Error> {
    let fresh = Store::open(new, Options::default())?;
    if let Err(error) = fresh.adopt_withheld(old) {
        tracing::warn!(%error, "what was erased and refused could not all be taken over");
    }
    let limits = Limits {
        floor: FLOOR,
        waiting: WAITING,
        own: Some(home.identity()),
    };
    let (ingest, thread) = Ingest::start(fresh, State::new(limits), Arc::clone(home))?;
    for (committee, bodies) in followed(old)? {
        ingest.follow_blocking(committee, bodies)?;
    }
    let mut lost = BTreeSet::new();
    fsck::walk(old, progress, |checked| {
        let mut wires = Vec::new();
        for one in checked {
            let damaged = |place| one.found.iter().any(|(p, _)| *p == place);
            repaired.bodies += u64::from(damaged(fsck::report::Place::Body));
            match &one.entry {
                Some(entry) => wires.push(entry.wire()),
                None if one.found.is_empty() => {}
                None => {
                    repaired.unreadable += 1;
                    lost.extend(one.id);
                }
            }
        }
        ingest
            .submit_blocking(Origin::Local, wires)
            .map(drop)
            .map_err(Error::from)
    })?;
    let left = ingest.read(|state| {
        repaired.entries = state.graph().len();
        let waiting = state.waiting();
        let wires = waiting
            .ids()
            .iter()
            .filter_map(|id| Some(waiting.entry(id)?.wire()))
            .collect::<Vec<_>>();
        // A damaged number may hide an entry that is sound under another.
        lost.retain(|id| state.graph().num(id).is_none() && !waiting.contains(id));
        wires
    });
    repaired.waiting = left.len();
    ingest.store().set_left(&left)?;
    // Without the names of all own entries, any lost one may be one.
    let hold = Hold {
        lost: lost
            .iter()
            .filter(|id| own.as_ref().is_some_and(|own| own.contains(id)))
            .copied()
            .collect(),
        unsure: repaired.unsure || (own.is_none() && repaired.unreadable > 0),
    };
    repaired.own = hold.lost.len();
    repaired.unsure = hold.unsure;
    repaired.lost = lost.into_iter().take(LISTED).collect();
    ingest.store().set_hold(&hold)?;
    ingest.stop_blocking();
    drop(ingest);
    let ended = thread.join().map_err(|_| Error::Panicked)?;
    ended.map_err(|why| Error::Stopped(Stopped { why: Some(why) }))
}

/// Ids of all entries that this folder's keys signed, if the rows can be read.
fn own_entries(old: &Store, home: &Home) -> Option<BTreeSet<Id>> {
    let rows = old.rows().ok()?;
    let own = [home.device(), home.node_key()].map(|key| Key(key.verifying_key().to_bytes()));
    let own = rows.iter().filter(|num| own.contains(&rows.key(*num)));
    Some(own.map(|num| rows.id(num)).collect())
}

/// What was followed. Where that cannot be read, every committee whose root is there.
fn followed(old: &Store) -> Result<BTreeMap<Id, Bodies>, Error> {
    if let Ok(followed) = old.followed() {
        return Ok(followed.into_iter().collect());
    }
    let mut roots = BTreeMap::new();
    fsck::walk(
        old,
        |_, _| {},
        |checked| {
            let entries = checked.iter().filter_map(|one| one.entry.as_ref());
            let found = entries.filter(|e| e.header().space.is_none() && e.header().kind == "committee");
            roots.extend(found.map(|e| (e.id(), Bodies::All)));
            Ok::<_, Error>(())
        },
    )?;
    Ok(roots)
}
