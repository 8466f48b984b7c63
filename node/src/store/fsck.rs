//! Reads everything again and checks it as if a stranger had sent it. Changes nothing.
//!
//! Every stored entry is put back into its wire form and goes through the same decoding, verification and admission
//! as on the day it came, into a state of its own. What that state says must be what the store says: rows, records,
//! sequences, digests. So damage is found wherever it is, and a mistake in the incremental bookkeeping too.

mod column;
mod compare;
pub mod report;

use std::path::Path;

use althing_protocol::entry::{Carried, Entry, Verified, wire};
use althing_protocol::graph::{Num, Row};
use althing_protocol::hash::Id;
use althing_protocol::state::{LOCAL, Limits, Outcome, State};
use althing_protocol::{file, floor, limit, waiting};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use self::column::Column;
use self::report::Place;
pub use self::report::Report;
use super::batch::{ABSENT, HERE, WITHOUT};
use super::{BODY, Error, HEADER, Options, ROW, Store};

/// Numbers that are read and verified together.
const CHUNK: u32 = 4096;

/// Room for entries whose parents come later in the order of numbers, or are damaged.
pub(crate) const WAITING: waiting::Limits = waiting::Limits {
    per_source: usize::MAX,
    total: usize::MAX,
    bytes: 1 << 30,
    entitled: 0,
    entitled_bytes: 0,
    rejected: usize::MAX,
};

/// Everything fits on this floor: what is kept was decided when it came.
pub(crate) const FLOOR: floor::Limits = floor::Limits {
    per_key: u32::MAX,
    total: u32::MAX,
    per_member: u32::MAX,
};

/// Checks the store in a folder that no node uses meanwhile. `progress` is told (done, all) in entries.
///
/// # Errors
/// When the store cannot be opened at all; everything else is in the report.
pub fn fsck(folder: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Report, Error> {
    let store = Store::open_to_read(folder, Options::default())?;
    let mut report = Report::default();
    let followed = store.followed()?;
    let mut fresh = State::new(Limits {
        floor: FLOOR,
        waiting: WAITING,
        own: None,
    });
    for (committee, _) in &followed {
        fresh.follow(*committee);
    }
    walk(&store, &mut progress, |checked| {
        for entry in checked {
            names(&entry, &store, &mut report)?;
            enter(entry, &mut fresh, &mut report);
        }
        Ok::<_, Error>(())
    })?;
    compare::states(&store, &fresh, &mut report);
    Ok(report)
}

/// Reads and checks everything, in the order of numbers. `each` gets it in bounded portions.
pub(crate) fn walk<E>(
    store: &Store,
    mut progress: impl FnMut(u64, u64),
    mut each: impl FnMut(Vec<Checked>) -> Result<(), E>,
) -> Result<(), E> {
    let mut columns = [HEADER, BODY, ROW].map(|name| Column::new(store, name));
    let end = columns.iter().filter_map(Column::last).max().map_or(0, |last| last + 1);
    let mut from = 0;
    // Straight to the next number that is there: a damaged one may be far away.
    while let Some(next) = columns
        .iter()
        .filter_map(|c| c.next(from))
        .min()
        .filter(|next| *next < end)
    {
        let chunk = next..end.min(next.saturating_add(CHUNK));
        from = chunk.end;
        let read: Vec<Raw> = chunk.clone().map(|num| Raw::read(num, &mut columns)).collect();
        let checked: Vec<Checked> = read.into_par_iter().map(Raw::check).collect();
        each(checked)?;
        progress(chunk.end.into(), end.into());
    }
    Ok(())
}

/// What is stored under one number.
struct Raw {
    num: Num,
    header: Read,
    body: Read,
    row: Read,
}

type Read = Result<Option<Vec<u8>>, rocksdb::Error>;

/// The same, checked for itself.
pub(crate) struct Checked {
    num: Num,
    /// As far as it can be known.
    pub(crate) id: Option<Id>,
    /// None if header or signature are not sound. With its body if that is.
    pub(crate) entry: Option<Verified>,
    body: Option<bool>,
    /// What is damaged.
    pub(crate) found: Vec<(Place, String)>,
}

impl Raw {
    fn read(num: u32, [header, body, row]: &mut [Column<'_>; 3]) -> Self {
        Self {
            num: Num(num),
            header: header.at(num),
            body: body.at(num),
            row: row.at(num),
        }
    }

    fn check(self) -> Checked {
        let mut found = Vec::new();
        let mut take = |place, read: Read| {
            read.unwrap_or_else(|error| {
                found.push((place, format!("cannot be read: {error}")));
                None
            })
        };
        let unreadable = self.header.is_err() || self.body.is_err() || self.row.is_err();
        let (header, body, row) = (
            take(Place::Header, self.header),
            take(Place::Body, self.body),
            take(Place::Row, self.row),
        );
        let id = row.as_deref().and_then(row_id);
        let mut checked = Checked {
            num: self.num,
            id,
            entry: None,
            body: None,
            found,
        };
        match (&header, &row) {
            (None, None) if body.is_none() || unreadable => {}
            (None, None) => checked.find(Place::Body, "belongs to no entry"),
            (None, Some(_)) if unreadable => {}
            (None, Some(_)) => checked.find(Place::Header, "is missing"),
            (Some(_), None) if !unreadable => checked.find(Place::Row, "is missing"),
            _ => {}
        }
        if let Some(header) = header {
            checked.verify(&header, body.as_deref(), row.as_deref());
        }
        checked
    }
}

impl Checked {
    fn find(&mut self, place: Place, what: impl Into<String>) {
        self.found.push((place, what.into()));
    }

    fn verify(&mut self, header: &[u8], body: Option<&[u8]>, row: Option<&[u8]>) {
        let Some((header, signature)) = header.split_last_chunk::<64>() else {
            return self.find(Place::Header, "is too short");
        };
        let body_parts = body.map(|b| b.split_first_chunk::<{ limit::SALT }>());
        let body = match body_parts {
            Some(None) => {
                self.find(Place::Body, "is too short");
                None
            }
            Some(Some((salt, bytes))) => Some(althing_protocol::entry::Body {
                salt: *salt,
                bytes: bytes.to_vec(),
            }),
            None => None,
        };
        let entry = match Entry::decode(&wire(header, signature, body.as_ref())) {
            Ok(entry) => entry,
            Err(error) => return self.find(Place::Header, error.to_string()),
        };
        if self.id.is_some_and(|id| id != entry.id()) {
            return self.find(Place::Header, "is that of another entry");
        }
        let entry = match entry.verify() {
            Ok(entry) => entry,
            Err(error) => return self.find(Place::Header, error.to_string()),
        };
        let status = match entry.body() {
            Carried::Bodiless => WITHOUT,
            Carried::Here(_) => HERE,
            Carried::Absent => ABSENT,
            Carried::Mismatch => {
                self.find(Place::Body, "is not the one that was signed");
                HERE
            }
        };
        match row.and_then(|r| r.first()) {
            Some(stored) if *stored == status => {}
            Some(&HERE) => self.find(Place::Body, "is missing"),
            Some(_) => self.find(Place::Row, "says something else about the body than what is stored"),
            None => {}
        }
        self.body = (status != WITHOUT).then_some(status == HERE);
        self.id = Some(entry.id());
        self.entry = Some(entry);
    }
}

/// Whether the files that a body names are found under their names.
fn names(checked: &Checked, store: &Store, report: &mut Report) -> Result<(), Error> {
    let Some(Carried::Here(body)) = checked.entry.as_ref().map(Verified::body) else {
        return Ok(());
    };
    for file in file::named(&body.bytes) {
        if !store.is_naming(&file.hash, checked.num)? {
            let what = format!("names the file {} and is not found under it", file.hash);
            report.find(Place::Row, checked.num, checked.id, what);
        }
    }
    Ok(())
}

/// Offers a checked entry to the fresh state.
fn enter(checked: Checked, fresh: &mut State, report: &mut Report) {
    let Checked {
        num,
        id,
        entry,
        body,
        found,
    } = checked;
    for (place, what) in found {
        report.find(place, num, id, what);
    }
    report.bodies += u64::from(body == Some(true));
    report.absent += u64::from(body == Some(false));
    let Some(mut entry) = entry else { return };
    entry.take_body();
    report.entries += 1;
    match fresh.offer(entry, LOCAL, &mut Vec::new()) {
        Outcome::Admitted(_) | Outcome::Waiting(_) => {}
        Outcome::Known(_) => report.find(Place::Header, num, id, "is stored under another number too"),
        Outcome::Rejected(fault) => report.find(Place::Header, num, id, fault.to_string()),
        Outcome::Refused(why) => report.find(Place::Header, num, id, why.to_string()),
    }
}

/// The id in a stored row, behind the body's status.
fn row_id(row: &[u8]) -> Option<Id> {
    Row::id(row.get(1..)?)
}
