//! Seats of a domain and who holds them, for the views that ask (R5).
//!
//! A seat is what the domain's list says; a holder is whoever holds the role `facilitator` for exactly that domain. A
//! grant names no seat: a holder sits where they were nominated last before it and accepted, or in the only seat.

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::seats::lookup::domain_of;
use crate::{Doc, Tenure, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

/// The role that fills seats.
pub(crate) const ROLE: &str = "facilitator";

/// A seat of a domain. Items of one name are one seat.
#[derive(Debug)]
pub(crate) struct Seat<'a> {
    pub(crate) name: &'a str,
    /// How many may hold it: the sum over its items.
    pub(crate) places: u64,
    /// The term of its first item that has one.
    pub(crate) term_days: Option<u64>,
    /// The functions that its holders provide.
    pub(crate) functions: BTreeSet<&'a str>,
}

/// The seats of a domain, in the order of their first items.
pub(crate) fn seats<'a>(domain: &Doc<'a>) -> Vec<Seat<'a>> {
    let mut out: Vec<Seat<'a>> = Vec::new();
    for item in domain.items("seats") {
        let Some(name) = item.text("name") else { continue };
        let at = out.iter().position(|seat| seat.name == name);
        let at = at.unwrap_or_else(|| {
            out.push(Seat {
                name,
                places: 0,
                term_days: None,
                functions: BTreeSet::new(),
            });
            out.len() - 1
        });
        if let Some(seat) = out.get_mut(at) {
            seat.places += item.int("count").unwrap_or(1);
            seat.term_days = seat.term_days.or_else(|| item.int("term_days"));
            seat.functions.extend(item.text("function"));
        }
    }
    out
}

/// Everybody who holds or held the role for a domain, in the order of their grants.
pub(crate) fn tenures<'w>(world: &'w World<'_>, domain: Id) -> impl Iterator<Item = &'w Tenure> {
    world
        .tenures
        .iter()
        .filter(move |t| t.role == ROLE && t.scope == Some(domain))
}

/// The seat in which a tenure is held: that of the holder's latest accepted nomination in the domain that was opened
/// before the grant and names a seat of it; else the domain's only seat.
pub(crate) fn seat_of<'a>(world: &World<'a>, domain: &Doc<'_>, seats: &[Seat<'a>], tenure: &Tenure) -> Option<&'a str> {
    let accepted = world.of("nomination").filter(|doc| {
        doc.state() == Some("accepted")
            && nominees(doc).contains(&tenure.holder)
            && doc.opened().claimed <= tenure.from
            && domain_of(world, doc).is_some_and(|found| found.id() == domain.id())
    });
    let named = accepted.filter_map(|doc| {
        let seat = doc.text("seat")?;
        let seat = seats.iter().find(|known| known.name == seat)?;
        Some(((doc.opened().claimed, doc.id()), seat.name))
    });
    let latest = named.max_by_key(|(order, _)| *order).map(|(_, name)| name);
    latest.or(match seats {
        [only] => Some(only.name),
        _ => None,
    })
}

/// The holders of a seat now, each once.
pub(crate) fn holders(world: &World<'_>, domain: &Doc<'_>, seats: &[Seat<'_>], seat: &str) -> BTreeSet<Id> {
    let standing = tenures(world, domain.id()).filter(|tenure| tenure.until.is_none());
    let here = standing.filter(|tenure| seat_of(world, domain, seats, tenure) == Some(seat));
    here.map(|tenure| tenure.holder).collect()
}

/// Whom a nomination names with effect: identities only.
pub(crate) fn nominees<'a>(doc: &Doc<'a>) -> &'a [Id] {
    doc.fact("nominee").map_or(&[], Value::as_ids)
}

/// The last day on which a nominee accepts or declines.
pub(crate) fn answer_by(world: &World<'_>, doc: &Doc<'_>) -> Day {
    Day::of(doc.opened().claimed).after(world.parameter("nomination_term_days"))
}

/// R2: silence past the term is shown as what it is.
pub(crate) fn standing(world: &World<'_>, doc: &Doc<'_>) -> &'static str {
    match doc.state() {
        Some("accepted") => "on the ballot",
        Some("declined") => "declined",
        Some("withdrawn") => "withdrawn",
        _ if doc.document.incomplete() => "unknown",
        _ if world.today() > answer_by(world, doc) => "silent past the term",
        _ => "waiting",
    }
}
