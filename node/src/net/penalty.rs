//! What a peer's fault costs it: the one place that decides.
//!
//! Faults are points. Points halve every minute, count against the peer in gossip, and lead to a ban at [`BAN`]; the
//! ban doubles each time. A peer that relays what everybody can see to be wrong is at fault; one that is slow, far
//! behind or newer than this release is not.

use std::time::Duration;

/// Points at which a peer is disconnected and banned.
pub(super) const BAN: f64 = 100.0;

/// After this long a peer's points are half.
const HALVES: Duration = Duration::from_secs(60);

const FIRST_BAN: Duration = Duration::from_secs(60);
const LONGEST_BAN: Duration = Duration::from_secs(24 * 60 * 60);

/// What a peer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offence {
    /// Bytes that are no entry of any version.
    Malformed,
    /// An entry whose signature does not stand.
    Signature,
    /// A validly signed header that can never be admitted.
    Inadmissible,
    /// A body that is not the one its header commits to.
    WrongBody,
    /// A chunk that is no part of the file that was asked for.
    WrongFile,
    /// A sync frame that is no answer, or a wrong one.
    BadFrame,
    /// More requests or messages than granted.
    Flood,
    /// An answer did not come in time.
    Silent,
    /// It does not take the answers that it asked for.
    Slow,
    /// It does not take gossip as fast as it comes, for a second.
    Behind,
}

/// Points for an offence: the only place that says so. Ten entries that nobody can admit, or three broken frames, are a ban.
pub(super) fn points(offence: Offence) -> f64 {
    match offence {
        Offence::BadFrame => 40.0,
        Offence::Malformed | Offence::Signature | Offence::WrongBody | Offence::WrongFile => 20.0,
        Offence::Inadmissible => 10.0,
        Offence::Slow => 18.0,
        Offence::Behind => 4.0,
        Offence::Flood => 2.0,
        Offence::Silent => 1.0,
    }
}

/// One peer's account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Account {
    points: f64,
    bans: u32,
}

impl Account {
    /// Adds an offence's points. Answers for how long the peer is to be banned, if it is.
    pub(super) fn charge(&mut self, offence: Offence) -> Option<Duration> {
        self.points += points(offence);
        if self.points < BAN {
            return None;
        }
        let ban = FIRST_BAN.saturating_mul(2_u32.saturating_pow(self.bans.min(16)));
        self.points = 0.0;
        self.bans = self.bans.saturating_add(1);
        Some(ban.min(LONGEST_BAN))
    }

    /// Lets time pass.
    pub(super) fn rest(&mut self, elapsed: Duration) {
        self.points *= 0.5_f64.powf(elapsed.as_secs_f64() / HALVES.as_secs_f64());
    }

    /// What gossip is told: as bad as the points, never better than nothing.
    pub(super) fn score(&self) -> f64 {
        -self.points
    }

    /// Whether nothing is held against the peer, so that the account can be forgotten.
    pub(super) fn is_clear(&self) -> bool {
        self.points < 0.5 && self.bans == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offences_add_up_to_longer_and_longer_bans() {
        let mut account = Account::default();
        assert_eq!(account.charge(Offence::BadFrame), None);
        assert_eq!(account.charge(Offence::BadFrame), None);
        assert!(account.score() < -79.0 && !account.is_clear());
        assert_eq!(account.charge(Offence::BadFrame), Some(FIRST_BAN));
        let mut last = FIRST_BAN;
        for _ in 0..40 {
            let ban = (0..3).find_map(|_| account.charge(Offence::BadFrame)).unwrap();
            assert!(ban == last * 2 || ban == LONGEST_BAN, "{ban:?} after {last:?}");
            last = ban;
        }
        assert_eq!(last, LONGEST_BAN);
    }

    #[test]
    fn time_forgives() {
        let mut account = Account::default();
        for _ in 0..1000 {
            assert_eq!(account.charge(Offence::Signature), None);
            account.rest(HALVES);
        }
        account.rest(HALVES * 10);
        assert!(account.is_clear());
    }
}
