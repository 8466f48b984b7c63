//! Units: for which unit a document speaks, and who may speak for it.
//!
//! A unit is a `domain` document, or a code or a name in other documents for which nobody has opened one. Imported
//! papers know units by their codes only, so that both have to meet here.

use std::collections::BTreeMap;

use crate::{Cell, Doc, When, World};
use althing_protocol::hash::Id;

/// A unit.
#[derive(Debug, Clone)]
pub(crate) struct Unit<'w, 'a> {
    /// Its code; else its name.
    pub(crate) name: String,
    /// Its document; none where papers name a unit for which there is none.
    pub(crate) domain: Option<&'w Doc<'a>>,
}

impl Unit<'_, '_> {
    /// The id of its document.
    pub(crate) fn id(&self) -> Option<Id> {
        self.domain.map(Doc::id)
    }

    /// Whether a sheet about `only` is about this unit.
    pub(crate) fn wanted(&self, only: Option<&Doc<'_>>) -> bool {
        only.is_none_or(|only| only.kind() != "domain" || self.id() == Some(only.id()))
    }

    fn of(domain: &Doc<'_>) -> String {
        domain.text("code").map_or_else(|| domain.title(), str::to_owned)
    }
}

/// The `domain` documents in the order in which a name finds them: those that a member opened first, so that nobody
/// from outside takes a unit's papers over by opening a second document of its name.
pub(crate) fn domains<'w, 'a>(world: &'w World<'a>) -> Vec<&'w Doc<'a>> {
    let mut all: Vec<&Doc<'a>> = world.of("domain").collect();
    all.sort_by_key(|doc| !opened_by_member(world, doc));
    all
}

/// The units of these documents, each with its own of them in their order: first those that have a document,
/// then the others by name. Documents that name no unit are in none.
pub(crate) fn group<'w, 'a>(
    world: &'w World<'a>,
    docs: impl Iterator<Item = &'w Doc<'a>>,
) -> Vec<(Unit<'w, 'a>, Vec<&'w Doc<'a>>)> {
    let domains = domains(world);
    let whole = |domain: &'w Doc<'a>| Unit {
        name: Unit::of(domain),
        domain: Some(domain),
    };
    let mut out: Vec<_> = domains.iter().map(|domain| (whole(domain), Vec::new())).collect();
    let mut others: BTreeMap<String, Vec<&'w Doc<'a>>> = BTreeMap::new();
    for doc in docs {
        match find(&domains, doc) {
            Some(Ok(n)) => out.get_mut(n).into_iter().for_each(|(_, docs)| docs.push(doc)),
            Some(Err(name)) => others.entry(name).or_default().push(doc),
            None => {}
        }
    }
    out.extend(
        others
            .into_iter()
            .map(|(name, docs)| (Unit { name, domain: None }, docs)),
    );
    out
}

/// The unit that a document names: the number of its domain, or its folded name.
fn find(domains: &[&Doc<'_>], doc: &Doc<'_>) -> Option<Result<usize, String>> {
    let named = doc.named("domain").or_else(|| doc.named("subject"));
    if let Some(n) = named.and_then(|id| domains.iter().position(|domain| domain.id() == id)) {
        return Some(Ok(n));
    }
    let known = |text: &str| {
        let text = folded(text);
        let same = |known: Option<&str>| known.is_some_and(|known| folded(known) == text);
        domains
            .iter()
            .position(|domain| same(domain.text("code")) || same(domain.text("name")))
    };
    if let Some(text) = doc.text("domain") {
        return Some(known(text).ok_or_else(|| folded(text)));
    }
    let subject = doc.text("subject");
    if let Some(n) = subject.and_then(known) {
        return Some(Ok(n));
    }
    let title = doc.text("title").unwrap_or_default();
    let parts = |text: &str| -> Vec<String> {
        let cut = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        cut.filter_map(code).collect()
    };
    let codes = subject.map(parts).unwrap_or_default().into_iter().chain(parts(title));
    if let Some(code) = codes.into_iter().next() {
        return Some(known(&code).ok_or(code));
    }
    let capitals = title.split(|c: char| !c.is_ascii_alphanumeric());
    let mut capitals = capitals.filter(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase()));
    let letters = |domain: &Doc<'_>| Some(code(domain.text("code")?)?.rsplit_once('-')?.0.to_owned());
    let abbreviated = capitals.find_map(|word| {
        domains
            .iter()
            .position(|domain| letters(domain).as_deref() == Some(word))
    });
    if let Some(n) = abbreviated {
        return Some(Ok(n));
    }
    let title = words(title);
    let mut named: Vec<(usize, usize)> = Vec::new();
    for (n, domain) in domains.iter().enumerate() {
        let name = words(domain.text("name").unwrap_or_default());
        if !name.is_empty() && title.windows(name.len()).any(|part| part == name) {
            named.push((name.len(), n));
        }
    }
    let longest = named.iter().map(|(length, _)| *length).max()?;
    let first = named.iter().find(|(length, _)| *length == longest);
    first.map(|(_, n)| Ok(*n))
}

/// A unit's name as it is compared: without blanks around it and the `CU-` of tags, in capitals.
fn folded(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    text.strip_prefix("CU-").unwrap_or(&text).to_owned()
}

/// A word that is a unit's code, such as `RISK-001`.
fn code(word: &str) -> Option<String> {
    let word = folded(word);
    let (name, number) = word.rsplit_once('-')?;
    let letters = !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase());
    let digits = number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit());
    (letters && digits).then_some(word)
}

/// The words of a name in small letters: everything in ASCII but letters and digits parts them.
fn words(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let cut = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
    cut.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a member opened a document.
pub(crate) fn opened_by_member(world: &World<'_>, doc: &Doc<'_>) -> bool {
    world.was_member(doc.by(), doc.opened().claimed)
}

/// Whether somebody owns a document or a part of it.
pub(crate) fn owns(doc: &Doc<'_>, who: Id) -> bool {
    doc.document.owners().iter().any(|owner| owner.identity == who)
}

/// The document that its owner put in place of this one.
pub(crate) fn superseded(doc: &Doc<'_>) -> Option<Id> {
    doc.acts("supersede").last().and_then(|act| act.named("doc"))
}

/// When something was written, as far as one can tell: not before the block that its author had seen, whatever day it
/// claims, and not after the block that holds its anchor.
pub(crate) fn written(when: When) -> u64 {
    let claimed = when.claimed.max(when.not_before.unwrap_or(0));
    claimed.min(when.not_after.unwrap_or(u64::MAX))
}

/// When a document stopped being a draft: by its first `publish`, and for one that was imported when it was opened.
pub(crate) fn published(doc: &Doc<'_>) -> Option<u64> {
    let imported = doc.text("source").map(|_| written(doc.opened()));
    doc.acts("publish").map(|act| written(act.when)).chain(imported).min()
}

/// Whether somebody could speak for a unit at a moment: an owner of its document, or a facilitator of it or of the whole
/// committee. For a unit without a document there is nothing to hold anybody against: members speak for it.
pub(crate) fn speaks(world: &World<'_>, unit: &Unit<'_, '_>, who: Id, at: u64) -> bool {
    let Some(domain) = unit.domain else {
        return world.was_member(who, at);
    };
    let leads = |t: &&crate::Tenure| {
        t.role == "facilitator" && t.holder == who && (t.scope.is_none() || t.scope == Some(domain.id()))
    };
    owns(domain, who) || world.tenures.iter().filter(leads).any(|t| held(t.from, t.until, at))
}

/// How many, as a number of its own.
pub(crate) fn size(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// How many, as a cell.
pub(crate) fn count(n: usize) -> Cell {
    Cell::Int(size(n))
}

fn held(from: u64, until: Option<u64>, at: u64) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}
