//! With whom to compare which committee, and when: one line per peer and committee that both follow.
//!
//! Pure: time comes as an argument. A line is due at once when it begins, soon after something changed here or the
//! peer stands otherwise, every [`limit::COMPARE`] anyway, and later and later while sessions bring nothing. What was
//! learnt outlives the connection, in a bounded memory, so that a peer that comes back is read from where it was.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use althing_protocol::hash::{Hash, Id};
use althing_protocol::sync::{Place, backoff};
use libp2p::PeerId;

use super::limit;
use super::session::Ended;
use super::tried::Tried;

/// All lines.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    lines: BTreeMap<(PeerId, Id), Line>,
    /// Lines of peers that are gone, and when they went.
    memory: BTreeMap<(PeerId, Id), (Instant, Learnt)>,
}

/// What sessions teach about one peer and committee.
#[derive(Debug, Clone)]
pub(super) struct Learnt {
    pub(super) read: Option<Place>,
    pub(super) floor: Option<Place>,
    pub(super) tried: Tried,
    fruitless: u32,
    /// The last session did not wait for the peer: the next one may.
    pub(super) patient: bool,
    /// Its floor held what found no room here, and is read again from the start at this time.
    again: Option<Instant>,
}

impl Default for Learnt {
    fn default() -> Self {
        Self {
            read: None,
            floor: None,
            tried: Tried::default(),
            fruitless: 0,
            patient: true,
            again: None,
        }
    }
}

#[derive(Debug)]
struct Line {
    learnt: Learnt,
    next: Instant,
    /// Not before this, whatever happens: a peer that brings nothing is left alone.
    earliest: Instant,
    running: Option<Instant>,
    /// Something happened while a session was running.
    again: bool,
    digest: Option<Hash>,
}

impl Pairs {
    /// Both follow it from now on.
    pub(super) fn meet(&mut self, peer: PeerId, committee: Id, now: Instant) {
        let learnt = self
            .memory
            .remove(&(peer, committee))
            .map(|(_, learnt)| learnt)
            .unwrap_or_default();
        self.lines.entry((peer, committee)).or_insert_with(|| Line {
            earliest: now + wait(learnt.fruitless, 0),
            next: now,
            learnt,
            running: None,
            again: false,
            digest: None,
        });
    }

    /// The peer does not follow it any more.
    pub(super) fn part(&mut self, peer: PeerId, committee: Id, now: Instant) {
        if let Some(line) = self.lines.remove(&(peer, committee)) {
            self.memory.insert((peer, committee), (now, line.learnt));
        }
        while self.memory.len() > limit::MEMORY_OF_PAIRS {
            let oldest = self
                .memory
                .iter()
                .min_by_key(|(_, (went, _))| *went)
                .map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            self.memory.remove(&oldest);
        }
    }

    /// The peer is gone.
    pub(super) fn gone(&mut self, peer: PeerId, now: Instant) {
        let all: Vec<Id> = self.of(&peer).map(|(committee, _)| committee).collect();
        for committee in all {
            self.part(peer, committee, now);
        }
    }

    /// What a peer follows too, with the digest that it last stated.
    pub(super) fn of(&self, peer: &PeerId) -> impl Iterator<Item = (Id, Option<Hash>)> {
        let range = (*peer, Id::ZERO)..=(*peer, Id([255; 32]));
        self.lines
            .range(range)
            .map(|((_, committee), line)| (*committee, line.digest))
    }

    /// The peer stated its digest.
    pub(super) fn states(&mut self, peer: PeerId, committee: Id, digest: Hash) {
        if let Some(line) = self.lines.get_mut(&(peer, committee)) {
            line.digest = Some(digest);
        }
    }

    /// There is a reason to ask this peer.
    pub(super) fn hurry(&mut self, peer: PeerId, committee: Id, at: Instant) {
        if let Some(line) = self.lines.get_mut(&(peer, committee)) {
            line.again |= line.running.is_some();
            line.next = line.next.min(at);
        }
    }

    /// Something changed here: peers may want to know, and hear of it when they are asked.
    pub(super) fn changed(&mut self, committee: &Id, at: Instant) {
        for ((_, of), line) in &mut self.lines {
            if of == committee {
                line.again |= line.running.is_some();
                line.next = line.next.min(at);
            }
        }
    }

    /// The session to begin now, if one is due and there is room. It counts as running from then on.
    pub(super) fn due(&mut self, now: Instant) -> Option<(PeerId, Id, Learnt)> {
        let mut running: BTreeMap<Id, Vec<Instant>> = BTreeMap::new();
        for ((_, committee), line) in &self.lines {
            running.entry(*committee).or_default().extend(line.running);
        }
        if running.values().map(Vec::len).sum::<usize>() >= limit::SESSIONS {
            return None;
        }
        // A second peer is asked about the same only once the first turned out to take its time.
        let room = |committee: &Id| {
            running.get(committee).is_none_or(|begun| {
                begun.len() < limit::SESSIONS_PER_COMMITTEE && begun.iter().all(|at| now >= *at + limit::PATIENCE)
            })
        };
        let due = |(key, line): (&(PeerId, Id), &Line)| {
            let at = line.next.max(line.earliest);
            (line.running.is_none() && at <= now && room(&key.1)).then_some((at, *key))
        };
        let (_, key) = self.lines.iter().filter_map(due).min()?;
        let line = self.lines.get_mut(&key)?;
        (line.running, line.again) = (Some(now), false);
        if line.learnt.again.is_some_and(|at| now >= at) {
            (line.learnt.again, line.learnt.floor) = (None, None);
        }
        Some((key.0, key.1, line.learnt.clone()))
    }

    /// A session ended; none if it could not even run. `spread` is a random number.
    pub(super) fn ended(&mut self, peer: PeerId, committee: Id, ended: Option<Ended>, spread: u64, now: Instant) {
        let Some(line) = self.lines.get_mut(&(peer, committee)) else {
            return;
        };
        line.running = None;
        line.earliest = now + limit::GAP;
        let quarter = u64::try_from(limit::COMPARE.as_millis() / 4).unwrap_or(1).max(1);
        line.next = now + limit::COMPARE + Duration::from_millis(spread % quarter);
        let Some(Ended {
            report,
            tried,
            digest,
            full,
            yielded,
        }) = ended
        else {
            return;
        };
        line.digest = digest.or(line.digest);
        line.learnt.tried = tried;
        line.learnt.patient = !yielded;
        if yielded {
            // Whatever happened meanwhile is compared then, too.
            (line.next, line.again) = (now + limit::YIELD, false);
            return;
        }
        line.learnt.read = report.read;
        line.learnt.floor = report.floor;
        if full {
            line.learnt.again.get_or_insert(now + limit::FLOOR_AGAIN);
        }
        // Much was read and nothing gained: neither does an honest peer do that twice.
        let in_vain = report.gained == 0 && report.received > limit::IN_VAIN;
        if in_vain || (report.fruitless() && !report.complete) {
            line.learnt.fruitless = line.learnt.fruitless.saturating_add(1);
            line.earliest = now + wait(line.learnt.fruitless, spread).max(limit::GAP);
        } else {
            line.learnt.fruitless = 0;
        }
        // What came may let more come; and what happened meanwhile was not compared.
        let more = report.gained > 0 && !report.same;
        if more || std::mem::take(&mut line.again) {
            line.next = line.earliest;
        }
    }
}

fn wait(fruitless: u32, spread: u64) -> Duration {
    if fruitless == 0 {
        return Duration::ZERO;
    }
    Duration::from_millis(backoff(fruitless - 1, spread)).min(limit::FRUITLESS)
}

#[cfg(test)]
mod tests {
    use althing_protocol::sync::{End, Report};

    use super::*;

    fn ended(same: bool, complete: bool, gained: u64) -> Option<Ended> {
        let report = Report {
            end: End::Finished,
            same,
            complete,
            gained,
            read: Some(Place {
                generation: 7,
                at: gained,
            }),
            floor: None,
            requests: 1,
            sent: 1,
            received: 1,
        };
        Some(Ended {
            report,
            tried: Tried::default(),
            digest: Some(Hash([1; 32])),
            full: false,
            yielded: false,
        })
    }

    fn one() -> (Pairs, PeerId, Id, Instant) {
        let (mut pairs, peer, id, now) = (Pairs::default(), PeerId::random(), Id([3; 32]), Instant::now());
        pairs.meet(peer, id, now);
        (pairs, peer, id, now)
    }

    #[test]
    fn at_once_then_now_and_then_and_soon_after_a_change() {
        let (mut pairs, peer, id, mut now) = one();
        assert!(pairs.due(now).is_some());
        assert!(pairs.due(now + limit::COMPARE * 100).is_none(), "one at a time");
        pairs.ended(peer, id, ended(true, true, 0), 0, now);
        assert!(pairs.due(now + limit::COMPARE / 2).is_none());
        now += limit::COMPARE * 2;
        assert!(pairs.due(now).is_some());
        pairs.changed(&id, now);
        pairs.ended(peer, id, ended(true, true, 0), 0, now);
        assert!(pairs.due(now).is_none());
        assert!(
            pairs.due(now + limit::GAP).is_some(),
            "a change during a session asks for another"
        );
    }

    #[test]
    fn whoever_brings_nothing_is_left_alone_longer_and_longer() {
        let (mut pairs, peer, id, mut now) = one();
        for round in 0..20 {
            assert!(pairs.due(now).is_some(), "round {round}");
            pairs.ended(peer, id, ended(false, false, 0), u64::MAX, now);
            pairs.hurry(peer, id, now);
            let pause = pairs.lines[&(peer, id)].earliest - now;
            assert!(pause <= limit::FRUITLESS);
            assert!(round < 10 || pause >= limit::FRUITLESS / 2, "{pause:?}");
            assert!(pairs.due(now + pause / 2).is_none() || pause <= limit::GAP);
            now += pause;
        }
        // Coming back does not help it.
        pairs.gone(peer, now);
        pairs.meet(peer, id, now);
        assert!(pairs.due(now + limit::GAP).is_none());
        let much_later = now + limit::FRUITLESS;
        assert!(pairs.due(much_later).is_some());
        pairs.ended(peer, id, ended(true, true, 5), 0, much_later);
        assert_eq!(pairs.lines[&(peer, id)].learnt.fruitless, 0);
    }

    #[test]
    fn whoever_sends_much_that_is_of_no_use_is_left_alone_too() {
        let (mut pairs, peer, id, now) = one();
        let mut end = ended(true, true, 0);
        end.as_mut().unwrap().report.received = limit::IN_VAIN + 1;
        for _ in 0..5 {
            pairs.ended(peer, id, end.take(), 0, now);
            end = ended(true, true, 0);
            end.as_mut().unwrap().report.received = limit::IN_VAIN + 1;
        }
        pairs.hurry(peer, id, now);
        assert!(pairs.due(now + limit::GAP * 4).is_none());
    }

    #[test]
    fn what_found_no_room_is_looked_for_again() {
        let (mut pairs, peer, id, mut now) = one();
        pairs.due(now).unwrap();
        let mut end = ended(true, true, 1);
        let ended = end.as_mut().unwrap();
        ended.report.floor = Some(Place { generation: 1, at: 9 });
        ended.full = true;
        pairs.ended(peer, id, end, 0, now);
        now += limit::FLOOR_AGAIN / 2;
        let (_, _, learnt) = pairs.due(now).unwrap();
        assert_eq!(learnt.floor, Some(Place { generation: 1, at: 9 }), "not at once");
        pairs.lines.get_mut(&(peer, id)).unwrap().running = None;
        now += limit::FLOOR_AGAIN;
        let (_, _, learnt) = pairs.due(now).unwrap();
        assert_eq!(learnt.floor, None);
    }

    #[test]
    fn being_ahead_of_a_peer_is_not_fruitless() {
        let (mut pairs, peer, id, now) = one();
        pairs.due(now).unwrap();
        pairs.ended(peer, id, ended(false, true, 0), 0, now);
        pairs.hurry(peer, id, now);
        assert!(pairs.due(now + limit::GAP).is_some());
    }

    #[test]
    fn whoever_holds_less_goes_first_but_once() {
        let (mut pairs, peer, id, now) = one();
        let mut end = ended(false, false, 0);
        end.as_mut().unwrap().yielded = true;
        assert!(pairs.due(now).is_some_and(|(_, _, learnt)| learnt.patient));
        pairs.ended(peer, id, end, 0, now);
        assert!(pairs.due(now + limit::GAP).is_none(), "the peer asks meanwhile");
        let now = now + limit::YIELD;
        assert!(
            pairs.due(now).is_some_and(|(_, _, learnt)| !learnt.patient),
            "it counts as no failure"
        );
        pairs.ended(peer, id, ended(true, true, 0), 0, now);
        let now = now + limit::COMPARE * 2;
        assert!(pairs.due(now).is_some_and(|(_, _, learnt)| learnt.patient));
    }

    #[test]
    fn a_second_peer_is_asked_when_the_first_takes_its_time() {
        let (mut pairs, _, id, now) = one();
        for _ in 0..100 {
            pairs.meet(PeerId::random(), id, now);
        }
        assert!(pairs.due(now).is_some());
        assert!(pairs.due(now).is_none());
        assert!(pairs.due(now + limit::PATIENCE).is_some());
        let later = now + limit::PATIENCE * 10;
        let more = std::iter::from_fn(|| pairs.due(later)).count();
        assert!(more < limit::SESSIONS_PER_COMMITTEE);
        for n in 0..100 {
            pairs.meet(PeerId::random(), Id([n; 32]), now);
        }
        let all = std::iter::from_fn(|| pairs.due(later)).count();
        assert!(all <= limit::SESSIONS, "{all}");
    }

    #[test]
    fn what_was_learnt_outlives_the_connection() {
        let (mut pairs, peer, id, now) = one();
        pairs.due(now).unwrap();
        pairs.ended(peer, id, ended(true, true, 9), 0, now);
        pairs.gone(peer, now);
        assert_eq!(pairs.of(&peer).count(), 0);
        pairs.meet(peer, id, now + limit::COMPARE);
        let (_, _, learnt) = pairs.due(now + limit::COMPARE).unwrap();
        assert_eq!(learnt.read, Some(Place { generation: 7, at: 9 }));
        for n in 0..2 * limit::MEMORY_OF_PAIRS {
            let (stranger, id) = (PeerId::random(), Id([1; 32]));
            pairs.meet(stranger, id, now + Duration::from_millis(u64::try_from(n).unwrap()));
            pairs.gone(stranger, now);
        }
        assert!(pairs.memory.len() <= limit::MEMORY_OF_PAIRS);
    }
}
