//! Fills the index: behind everything else, a little at a time, from where it was.
//!
//! Records are read from their sequences; what is in no record (the floor, profiles) is found by going through the
//! numbers once after the start, and by notices from then on. A listener that lost notices goes through them again.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::Ordering;
use std::time::Duration;

use althing_protocol::graph::{Class, Num};
use althing_protocol::hash::Id;
use althing_protocol::state::State;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{mpsc, watch};

use super::index::{Item, Places, Writing};
use super::query::Finder;
use super::{Command, Error, Forget, Search, said};
use crate::ingest::{Ingest, Notice};
use crate::limit::search::{BARE, COMMIT, GROUP, GROUP_BYTES, SCAN, SOON};
use crate::store::BodyState;

/// Notices that are looked at between two groups.
const NOTICES: usize = 4096;

/// Until the node stops, or the index fails: then every question and order is told why.
pub(super) async fn run(
    search: Search,
    ingest: Ingest,
    mut commands: mpsc::Receiver<Command>,
    closing: watch::Receiver<bool>,
) {
    if let Err(why) = fill(&search, ingest, &mut commands, closing).await {
        tracing::error!(%why, "search stops");
        // Before the orders that wait are dropped: whoever gave them asks for this.
        drop(search.0.failed.set(why));
    }
}

async fn fill(
    search: &Search,
    ingest: Ingest,
    commands: &mut mpsc::Receiver<Command>,
    mut closing: watch::Receiver<bool>,
) -> Result<(), Error> {
    let mut notices = ingest.notices();
    let folder = search.0.folder.clone();
    let mut filling = blocking(move || Filling::open(&folder, ingest)).await?;
    drop(search.0.open.set(Finder::new(&filling.writing)));
    loop {
        if *closing.borrow() {
            break;
        }
        for _ in 0..NOTICES {
            match notices.try_recv() {
                Ok(notice) => filling.hear(&notice),
                Err(TryRecvError::Lagged(_)) => filling.again(),
                Err(_) => break,
            }
        }
        while let Ok(command) = commands.try_recv() {
            filling = obey(filling, command).await?;
        }
        search.0.done.store(filling.done(), Ordering::Relaxed);
        search.0.total.store(filling.total(), Ordering::Relaxed);
        search
            .0
            .busy
            .store(filling.has_work() || filling.dirty > 0, Ordering::Relaxed);
        if filling.has_work() {
            filling = blocking(move || filling.step().map(|()| filling)).await?;
            continue;
        }
        let soon = if filling.dirty > 0 {
            SOON
        } else {
            Duration::from_secs(3600)
        };
        let woken = tokio::select! {
            notice = notices.recv() => Woken::Notice(notice),
            command = commands.recv() => Woken::Command(command),
            () = tokio::time::sleep(soon) => Woken::Quiet,
            _ = closing.wait_for(|closing| *closing) => Woken::Closing,
        };
        match woken {
            Woken::Notice(Ok(notice)) => filling.hear(&notice),
            Woken::Notice(Err(RecvError::Lagged(_))) => filling.again(),
            Woken::Command(Some(command)) => filling = obey(filling, command).await?,
            Woken::Quiet => filling = blocking(move || filling.commit().map(|()| filling)).await?,
            Woken::Closing | Woken::Command(None) | Woken::Notice(Err(RecvError::Closed)) => break,
        }
    }
    // What was taken in is kept, so that the next start goes on from here.
    blocking(move || filling.commit()).await
}

/// Why the task goes on.
enum Woken {
    Notice(Result<std::sync::Arc<Notice>, RecvError>),
    Command(Option<Command>),
    Quiet,
    Closing,
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
}

async fn obey(mut filling: Filling, Command { what, answer }: Command) -> Result<Filling, Error> {
    blocking(move || {
        let done = filling.forget(what);
        // Whoever asked may have gone.
        drop(answer.send(done));
        Ok(filling)
    })
    .await
}

/// What is taken in, and from where on.
struct Filling {
    ingest: Ingest,
    writing: Writing,
    places: Places,
    /// Whether sequences may hold more than was taken in.
    behind: bool,
    /// The next number to look at for what is in no record.
    scan: Option<u32>,
    /// Entries that came, or whose body did.
    due: VecDeque<Id>,
    /// Whether the index was new and the sequences were not gone through yet: then nothing of them can be there before.
    first: bool,
    /// Changes since the last commit.
    dirty: usize,
}

/// An entry that the state knows, before it is read.
struct Found {
    num: Num,
    id: Id,
    author: Id,
    /// None in an identity's space.
    committee: Option<Id>,
    doc: Id,
}

impl Filling {
    fn open(folder: &std::path::Path, ingest: Ingest) -> Result<Self, Error> {
        let (writing, mut places) = Writing::open(folder)?;
        // A store that was made anew has other sequences.
        ingest.read(|state| {
            places.0.retain(|committee, (at, last)| {
                let sequence = state.committee(committee).map_or(&[][..], |c| c.record().sequence());
                let before = usize::try_from(*at)
                    .ok()
                    .and_then(|at| sequence.get(at.checked_sub(1)?));
                before.is_some_and(|num| state.graph().id(*num) == *last)
            });
        });
        let mut filling = Self {
            first: writing.fresh,
            ingest,
            due: writing.with(writing.fields.bare, "1", BARE)?.into(),
            writing,
            places,
            behind: true,
            scan: Some(0),
            dirty: 0,
        };
        filling.finish_forgetting()?;
        Ok(filling)
    }

    /// What was erased or refused while the index did not look, or just before a crash.
    fn finish_forgetting(&mut self) -> Result<(), Error> {
        if self.writing.fresh {
            return Ok(());
        }
        let (erased, refused) = {
            let withheld = self.ingest.store().withheld();
            (withheld.erased(), withheld.refused())
        };
        let mut found = false;
        for id in erased {
            if self.writing.holds(&id)? {
                self.writing.remove(&id);
                found = true;
            }
        }
        for author in refused {
            found |= self.remove_absent(&author)?;
        }
        if found {
            self.writing.purge(&self.places)?;
        }
        Ok(())
    }

    fn has_work(&self) -> bool {
        self.behind || self.scan.is_some() || !self.due.is_empty()
    }

    fn done(&self) -> u64 {
        self.places.0.values().map(|(at, _)| at).sum()
    }

    fn total(&self) -> u64 {
        self.ingest.read(|state| {
            let lengths = state.committees().map(|c| c.record().sequence().len());
            u64::try_from(lengths.sum::<usize>()).unwrap_or(u64::MAX)
        })
    }

    fn hear(&mut self, notice: &Notice) {
        match notice {
            Notice::Joined { position: Some(_), .. } => self.behind = true,
            Notice::Admitted { id, .. } | Notice::Body { id } => self.due.push_back(*id),
            Notice::Evicted { id } => {
                self.writing.remove(id);
                self.dirty += 1;
            }
            _ => {}
        }
        if self.due.len() > SCAN {
            // Going through the numbers is cheaper than remembering them all.
            self.again();
        }
    }

    /// Notices were lost: everything is gone through again.
    fn again(&mut self) {
        self.behind = true;
        self.scan = Some(0);
        self.due.clear();
    }

    /// A little work.
    fn step(&mut self) -> Result<(), Error> {
        if self.behind {
            self.follow_sequences()?;
        } else if !self.due.is_empty() {
            let some: Vec<Id> = self.due.drain(..self.due.len().min(GROUP)).collect();
            self.take(&some)?;
        } else if let Some(from) = self.scan {
            self.go_through(from)?;
        }
        if self.dirty >= COMMIT {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        if mem::take(&mut self.dirty) > 0 {
            self.writing.commit(&self.places)?;
        }
        Ok(())
    }

    fn follow_sequences(&mut self) -> Result<(), Error> {
        let places = &self.places;
        let found = self.ingest.read(|state| {
            let graph = state.graph();
            state.committees().find_map(|committee| {
                let id = graph.id(committee.root());
                let at = places.0.get(&id).map_or(0, |(at, _)| *at);
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                let some = committee.record().sequence().get(from..).unwrap_or_default();
                let some: Vec<Found> = some.iter().take(GROUP).map(|num| Found::new(state, *num)).collect();
                (!some.is_empty()).then_some((id, at, some))
            })
        });
        let Some((committee, mut at, group)) = found else {
            // Everything is in: from now on something may be there before.
            self.behind = false;
            self.first = false;
            return Ok(());
        };
        let mut bytes = 0;
        for found in group {
            if bytes >= GROUP_BYTES {
                break;
            }
            at += 1;
            self.places.0.insert(committee, (at, found.id));
            self.dirty += 1;
            if let Some(item) = self.read(found, &mut bytes) {
                // Keys of people are in the records of several committees.
                let known = !self.first || item.committee.is_none();
                self.writing.put(item, known)?;
            }
        }
        Ok(())
    }

    /// Entries that are in no record, or whose body came.
    fn take(&mut self, ids: &[Id]) -> Result<(), Error> {
        let group: Vec<Found> = self.ingest.read(|state| {
            let nums = ids.iter().filter_map(|id| state.graph().num(id));
            nums.map(|num| Found::new(state, num)).collect()
        });
        for found in group {
            if let Some(item) = self.read(found, &mut 0) {
                self.writing.put(item, true)?;
                self.dirty += 1;
            }
        }
        Ok(())
    }

    /// What there is to find of an entry. The state is not held meanwhile: it may be evicted, which a notice tells, and
    /// its number another's, which its id shows.
    fn read(&self, found: Found, bytes: &mut usize) -> Option<Item> {
        let store = self.ingest.store();
        // What is damaged is fetched again, and comes with a notice then.
        let header = store.header(found.num, &found.id).ok()??.header;
        let said = match store.body(found.num, &header) {
            Ok(BodyState::Here(body)) => {
                *bytes += body.bytes.len();
                Some(said(&body.bytes))
            }
            Ok(BodyState::None) => return None,
            Ok(BodyState::Absent) | Err(_) if store.withheld().holds(&found.id, &found.author) => return None,
            Ok(BodyState::Absent) | Err(_) => None,
        };
        Some(Item {
            id: found.id,
            kind: header.kind,
            author: found.author,
            committee: found.committee,
            doc: found.doc,
            time: header.time,
            said,
        })
    }

    /// Looks among some numbers for what is in no record and not in the index.
    fn go_through(&mut self, from: u32) -> Result<(), Error> {
        let (some, next) = self.ingest.read(|state| {
            let graph = state.graph();
            let to = from.saturating_add(u32::try_from(SCAN).unwrap_or(u32::MAX));
            let loose = |num: &Num| graph.contains(*num) && graph.node(*num).records == 0;
            let some: Vec<Id> = (from..to).map(Num).filter(loose).map(|num| graph.id(num)).collect();
            let more = usize::try_from(to).is_ok_and(|to| to < graph.numbers());
            (some, more.then_some(to))
        });
        for id in some {
            if !self.writing.holds(&id)? {
                self.due.push_back(id);
            }
        }
        self.scan = next;
        Ok(())
    }

    fn forget(&mut self, what: Forget) -> Result<(), Error> {
        match what {
            Forget::Entry(id) => {
                self.due.retain(|due| *due != id);
                self.writing.remove(&id);
            }
            Forget::Author(author) => {
                // What was taken in just now is found only once it is written down.
                self.writing.commit(&self.places)?;
                self.remove_absent(&author)?;
            }
        }
        self.dirty = 0;
        self.writing.purge(&self.places)
    }

    /// Removes what somebody wrote whose body is not here.
    fn remove_absent(&mut self, author: &Id) -> Result<bool, Error> {
        let all = self
            .writing
            .with(self.writing.fields.author, &author.to_string(), usize::MAX >> 8)?;
        let ingest = self.ingest.clone();
        let gone: Vec<Id> = ingest.read(|state| {
            let absent = ingest.store().absent();
            let is_gone = |id: &Id| state.graph().num(id).is_none_or(|num| absent.contains(num.0));
            all.into_iter().filter(is_gone).collect()
        });
        gone.iter().for_each(|id| self.writing.remove(id));
        Ok(!gone.is_empty())
    }
}

impl Found {
    fn new(state: &State, num: Num) -> Self {
        let graph = state.graph();
        let node = graph.node(num);
        Self {
            num,
            id: graph.id(num),
            author: graph.id(graph.author(num)),
            committee: (graph.node(node.space).class == Class::Committee).then(|| graph.id(node.space)),
            doc: graph.id(node.doc),
        }
    }
}
