//! Which seat somebody holds by a role, and when its term ends (R31, R32).

use crate::calendar::Day;
use crate::motions::shared::plain;
use crate::{Doc, Tenure, World};

/// A seat, and its term for one holder.
pub(crate) struct Seat {
    pub(crate) name: String,
    pub(crate) term_days: Option<u64>,
}

impl Seat {
    /// The seat of the tenure's domain that bears the role's name; for a facilitator else that of their accepted
    /// nomination there, else the only one that the domain has.
    pub(crate) fn of(world: &World<'_>, tenure: &Tenure) -> Option<Self> {
        let domain = world.doc(tenure.scope?).filter(|doc| doc.kind() == "domain")?;
        let seats = domain.items("seats");
        let named = |name: &str| {
            seats
                .iter()
                .find(|seat| seat.text("name").map(word) == Some(word(name)))
        };
        let nominated = || named(nomination(world, tenure)?.text("seat")?);
        let only = || seats.first().filter(|_| seats.len() == 1);
        let facilitates = tenure.role == "facilitator";
        let implied = || nominated().or_else(only).filter(|_| facilitates);
        let seat = named(&tenure.role).or_else(implied)?;
        Some(Self {
            name: seat.text("name")?.to_owned(),
            term_days: seat.int("term_days"),
        })
    }

    /// The last day of the term.
    pub(crate) fn ends(&self, tenure: &Tenure) -> Option<Day> {
        Some(Day::of(tenure.from).after(self.term_days?))
    }
}

/// The last nomination of the holder for the domain that they accepted.
fn nomination<'w, 'a>(world: &'w World<'a>, tenure: &Tenure) -> Option<&'w Doc<'a>> {
    let accepted = world.of("nomination").filter(|doc| {
        let there = doc.named("domain") == tenure.scope && doc.named("nominee") == Some(tenure.holder);
        there && doc.state() == Some("accepted")
    });
    accepted.last()
}

/// A name as roles spell it.
fn word(name: &str) -> String {
    plain(name).replace([' ', '-'], "_")
}
