//! What several views share: all documents of a committee, who is who in it, and whether two names mean the same.

use crate::calendar::Day;
use crate::{Act, Cell, Doc, When, World};
use althing_protocol::document::{Cause, Effect};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

/// All documents of a committee, or only the one that a view was asked about.
pub(crate) fn chosen<'w, 'a>(world: &'w World<'a>, only: Option<&'w Doc<'a>>) -> impl Iterator<Item = &'w Doc<'a>> {
    world
        .everything()
        .filter(move |doc| only.is_none_or(|only| only.id() == doc.id()))
}

/// Whether somebody owns a document or a part of it.
pub(crate) fn owner(doc: &Doc<'_>, who: Id) -> bool {
    doc.document.owners().iter().any(|owner| owner.identity == who)
}

/// In which capacity an act was made: by the author of what it is about, an owner of the document, a member, or
/// anybody else.
pub(crate) fn capacity(world: &World<'_>, doc: &Doc<'_>, author: Option<Id>, act: &Act<'_>) -> &'static str {
    match () {
        () if author == Some(act.by) => "its author",
        () if owner(doc, act.by) => "an owner",
        () if world.was_member(act.by, act.when.claimed) => "a member",
        () => "somebody else",
    }
}

/// Whom or what a field names.
pub(crate) fn meant(world: &World<'_>, value: Option<&Value>) -> Cell {
    match value {
        Some(Value::Id(id)) if world.doc(*id).is_some() => Cell::Doc(*id),
        Some(Value::Id(id)) => Cell::Person(*id),
        Some(Value::Text(text)) => Cell::Text(text.clone()),
        _ => Cell::Empty,
    }
}

/// Whether two fields name the same: the same id, or the same name but for case and outer blanks. A name never means an
/// identity: anybody can take any name.
pub(crate) fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(Value::Id(a)), Some(Value::Id(b))) => a == b,
        (Some(Value::Text(a)), Some(Value::Text(b))) => plain(a) == plain(b),
        _ => false,
    }
}

/// A name as it is compared.
pub(crate) fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether an act had been made by the day that a view is asked about. Whoever dates something ahead waits for that day;
/// clocks that are a little fast make no difference.
pub(crate) fn made(world: &World<'_>, when: When) -> bool {
    when.claimed < world.today().ends()
}

/// Whole days from one moment's day to a later one's; 0 where that is not later.
pub(crate) fn days(from: Day, until: Day) -> u64 {
    u64::try_from(from.until(until)).unwrap_or(0)
}

/// The acts of a kind that count, or did until their author took them back, or said something else later.
pub(crate) fn once<'d, 'a>(doc: &'d Doc<'a>, kind: &'d str) -> impl Iterator<Item = Act<'a>> + 'd {
    let document = doc.document;
    let said = document.acts().filter(move |act| act.in_record && act.kind == kind);
    let counted = said.filter(|act| {
        let undone = matches!(act.cause, Some(Cause::Retracted { .. } | Cause::Later { .. }));
        act.effect == Effect::Effective || (act.effect == Effect::Superseded && undone)
    });
    counted.map(|outcome| Act {
        id: outcome.id,
        by: outcome.by,
        when: doc.when(outcome.id),
        fields: outcome.fields(),
        outcome,
    })
}

/// A count as cells hold it.
pub(crate) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// A share in parts per million, rounded down; none of nothing.
pub(crate) fn ppm(part: u64, whole: u64) -> Option<u64> {
    let share = u128::from(part) * 1_000_000;
    u64::try_from(share.checked_div(u128::from(whole))?).ok()
}

/// The ids that a field of a document lists.
pub(crate) fn lists_of<'a>(doc: &Doc<'a>, field: &str) -> &'a [Id] {
    doc.value(field).map_or(&[], Value::as_ids)
}
