//! The text of a document as it was signed: every field of its kind, conflicts with all their versions.
//!
//! Bounds: [`ROWS`] items of a list and [`SIDES`] versions of a field are laid out; the entries have the rest.

use std::collections::BTreeMap;

use althing_protocol::document::{Document, Item, List, Register, Version};
use althing_protocol::file::Named;
use althing_protocol::hash::Id;
use althing_protocol::kind::{COMMON, Field, Kind, Record, Shape, Type, Value};
use hashbrown::HashMap;
use maud::{Markup, html};

use super::{file, person, refer, text, time, value, words};
use crate::http::load::Loaded;
use crate::http::pages::View;

/// Items of a list that are laid out.
const ROWS: usize = 1024;

/// Versions of one field that are laid out.
const SIDES: usize = 8;

/// How a document's text is shown.
#[derive(Default)]
pub(crate) struct Shown {
    /// Whether this is how it is now: then it can be asked about and settled.
    pub(crate) now: bool,
    /// Questions by field: how many there are, and how many of them nobody has answered.
    pub(crate) questions: HashMap<String, (usize, usize)>,
}

/// The fields of a document.
pub(crate) fn fields(view: &View<'_>, loaded: &Loaded, shown: &Shown) -> Markup {
    let document = &loaded.document;
    let Some(kind) = document.kind() else {
        return html! {
            p.note {
                "This release does not know documents of kind “" (text::visible(document.kind_name())) "”. A newer one may. \
                 Its entries are kept and passed on all the same."
            }
        };
    };
    // Files belong to the text, wherever it came from.
    let common = |field: &&Field| !Named::is_list(field) && COMMON.iter().any(|one| one.name == field.name);
    let all: Vec<&Field> = kind.all_fields().filter(|field| is_set(document, field)).collect();
    let own = |field: &&&Field| !common(field) && !is_title(document, field);
    let short: Vec<&Field> = all
        .iter()
        .filter(own)
        .filter(|field| is_short(field))
        .copied()
        .collect();
    let long: Vec<&Field> = all
        .iter()
        .filter(own)
        .filter(|field| !is_short(field))
        .copied()
        .collect();
    let alone = long.len() == 1;
    let origin: Vec<&Field> = all.iter().filter(|field| common(field)).copied().collect();
    html! {
        (imported(view, loaded))
        @if document.incomplete() {
            p.note { "Texts that belong here are not on this node (yet), so what follows may be incomplete." }
        }
        @if !short.is_empty() {
            dl.facts {
                @for field in short {
                    dt id={ "f-" (field.name) } { (words::human(field.name)) }
                    dd { (one(view, loaded, kind, field, shown)) (asked(document, field, shown)) }
                }
            }
        }
        @for field in long {
            section.field id={ "f-" (field.name) } {
                h2 .hidden[alone && kind.text == Some(field.name)] { (words::human(field.name)) }
                (one(view, loaded, kind, field, shown))
                @if shown.now { p.tools { (ask(view, document, field)) (asked(document, field, shown)) } }
            }
        }
        @if all.iter().all(|field| is_title(document, field)) && kind.shape == Shape::Document && !document.incomplete() {
            p.quiet { "Nothing but its title was written." }
        }
        @if !origin.is_empty() {
            details.origin {
                summary { "Where this was imported from" }
                dl.facts {
                    @for field in origin {
                        dt { (words::human(field.name)) }
                        dd { (one(view, loaded, kind, field, shown)) }
                    }
                }
            }
        }
    }
}

/// Whose word an imported document is.
fn imported(view: &View<'_>, loaded: &Loaded) -> Markup {
    html! {
        @if let Some(by) = loaded.importer() {
            p.note {
                "Imported, and attested by the importer, " (person::link(view, by)) ": the authors of what was imported did not sign."
            }
        }
    }
}

/// Whether parts belong to different people: then each says to whom.
fn several_own(document: &Document) -> bool {
    let mut owners = document.owners().iter().map(|owner| owner.identity);
    let first = owners.next();
    owners.any(|owner| Some(owner) != first)
}

fn is_set(document: &Document, field: &Field) -> bool {
    let content = document.content();
    content.fields.contains_key(field.name) || content.lists.contains_key(field.name)
}

/// Whether the page's heading says it already.
fn is_title(document: &Document, field: &Field) -> bool {
    let register = document.content().fields.get(field.name);
    let single = register.filter(|r| !r.incomplete).and_then(Register::single);
    let shown = single.and_then(Value::as_text).map(str::to_owned);
    matches!(field.name, "title" | "name") && shown.is_some() && shown == document.title()
}

fn is_short(field: &Field) -> bool {
    !matches!(
        field.ty,
        Type::Text { .. } | Type::List { .. } | Type::Ids { .. } | Type::Lines { .. }
    )
}

fn one(view: &View<'_>, loaded: &Loaded, kind: &Kind, field: &Field, shown: &Shown) -> Markup {
    let content = loaded.document.content();
    let several = several_own(&loaded.document);
    html! {
        @if let Some(register) = content.fields.get(field.name) { (whole(view, loaded, field, register, shown)) }
        @if let (Some(list), Type::List { item, .. }) = (content.lists.get(field.name), field.ty) {
            (table(view, loaded, item, list, shown))
        }
        @if let Some(part) = kind.part_of(field).filter(|_| several && !is_short(field)) {
            @let owners: Vec<Id> = loaded.document.owners().iter().filter(|o| o.part.as_deref().is_none_or(|p| p == part)).map(|o| o.identity).collect();
            p.part { (words::human(part)) ", by " (person::links(view, owners.get(..4).unwrap_or(&owners))) }
        }
    }
}

fn whole(view: &View<'_>, loaded: &Loaded, field: &Field, register: &Register, shown: &Shown) -> Markup {
    html! {
        @match register.values.as_slice() {
            [] => {},
            [only] => (value::value(view, field, &only.value)),
            several => (conflict(loaded, several.len(), shown, html! {
                @for version in several.iter().take(SIDES) {
                    div.side { (signed(view, loaded, version)) (value::value(view, field, &version.value)) }
                }
            })),
        }
        @if register.incomplete { (incomplete()) }
    }
}

/// Several versions side by side.
fn conflict(loaded: &Loaded, count: usize, shown: &Shown, sides: Markup) -> Markup {
    html! {
        div.conflict role="group" aria-label="Versions in conflict" {
            p {
                (super::status::chip(super::status::Tone::Warn, "In conflict"))
                ": " (text::count(count, "version was", "versions were")) " signed without knowing of each other. None of them is lost. "
                @if shown.now { a href={ "/d/" (loaded.document.id()) "/merge" } { "Settle it" } }
            }
            div.sides { (sides) }
            @if count > SIDES { p.quiet { "and " (count - SIDES) " more" } }
        }
    }
}

fn signed<T>(view: &View<'_>, loaded: &Loaded, version: &Version<T>) -> Markup {
    let time = loaded.header(&version.entry).map(|header| header.time);
    html! {
        p.by {
            (person::link(view, version.by))
            @if let Some(time) = time { ", " (time::at(time)) }
            " " a href={ "/e/" (version.entry) } { "entry" }
        }
    }
}

fn incomplete() -> Markup {
    html! { p.gone { "A text that is not on this node (yet) may change this." } }
}

fn table(view: &View<'_>, loaded: &Loaded, declared: &'static [Field], list: &List, shown: &Shown) -> Markup {
    let used = |field: &&Field| {
        let mut records = list.items.iter().take(ROWS).flat_map(|item| &item.values);
        records.any(|version| version.value.contains_key(field.name))
    };
    let columns: Vec<&Field> = declared.iter().filter(used).collect();
    html! {
        @if Named::is_item(declared) {
            ul.files {
                @for item in list.items.iter().take(ROWS) {
                    li { (cells(view, loaded, item, shown, &|record| file::line(view, record))) }
                }
            }
        } @else if let [only] = columns.as_slice() {
            ul.items {
                @for item in list.items.iter().take(ROWS) {
                    li { (cells(view, loaded, item, shown, &|record| cell(view, only, record))) }
                }
            }
        } @else {
            div.wide tabindex="0" {
                table {
                    thead { tr { @for field in &columns { th scope="col" .right[is_number(field)] { (words::human(field.name)) } } } }
                    tbody {
                        @for item in list.items.iter().take(ROWS) {
                            @if item.conflict() {
                                tr { td colspan=(columns.len()) { (cells(view, loaded, item, shown, &|record| value::fields(view, declared, record))) } }
                            } @else if let Some(version) = item.values.first() {
                                tr { @for field in &columns { td .right[is_number(field)] { (cell(view, field, &version.value)) } } }
                            }
                        }
                    }
                    (totals(&columns, list))
                }
            }
        }
        @if list.items.len() > ROWS { p.quiet { "and " (list.items.len() - ROWS) " more" } }
        @if list.incomplete { (incomplete()) }
    }
}

fn cell(view: &View<'_>, field: &Field, record: &Record) -> Markup {
    record
        .get(field.name)
        .map_or_else(|| html! {}, |found| value::value(view, field, found))
}

fn is_number(field: &Field) -> bool {
    matches!(field.ty, Type::Money | Type::Int { .. })
}

/// The versions of an item: one, or a conflict.
fn cells(view: &View<'_>, loaded: &Loaded, item: &Item, shown: &Shown, show: &dyn Fn(&Record) -> Markup) -> Markup {
    if !item.conflict() {
        return item
            .values
            .first()
            .map_or_else(|| html! {}, |version| show(&version.value));
    }
    let count = item.values.len() + item.removed.len();
    conflict(
        loaded,
        count,
        shown,
        html! {
            @for version in item.values.iter().take(SIDES) {
                div.side { (signed(view, loaded, version)) (show(&version.value)) }
            }
            @for removal in item.removed.iter().take(SIDES) {
                div.side { p.by { (person::link(view, removal.by)) " " a href={ "/e/" (removal.entry) } { "entry" } } p { "took it out." } }
            }
        },
    )
}

/// What the amounts of each column come to, where nothing contradicts; currencies are never added up.
fn totals(columns: &[&Field], list: &List) -> Markup {
    let certain = !list.incomplete && list.items.len() <= ROWS && !list.items.iter().any(Item::conflict);
    let sums = |field: &Field| {
        let mut sums: BTreeMap<String, Option<u64>> = BTreeMap::new();
        let values = list
            .items
            .iter()
            .filter_map(|item| item.values.first()?.value.get(field.name));
        for value in values {
            if let Value::Money { amount, currency } = value {
                let sum = sums.entry(currency.clone()).or_insert(Some(0));
                *sum = sum.and_then(|sum| sum.checked_add(*amount));
            }
        }
        sums
    };
    if !certain || list.items.len() < 2 || !columns.iter().any(|field| matches!(field.ty, Type::Money)) {
        return html! {};
    }
    html! {
        tfoot {
            tr {
                @for (n, field) in columns.iter().enumerate() {
                    @if matches!(field.ty, Type::Money) {
                        td.right {
                            @for (currency, sum) in sums(field).iter().take(8) {
                                @if let Some(sum) = sum { div { (value::money(*sum, currency)) } }
                            }
                        }
                    } @else if n == 0 {
                        th scope="row" { "Together" }
                    } @else {
                        td {}
                    }
                }
            }
        }
    }
}

fn ask(view: &View<'_>, document: &Document, field: &Field) -> Markup {
    html! {
        @if view.reader.owner {
            a href={ "/d/" (document.id()) "/act/question?field=" (field.name) } { "Ask about this" }
        }
    }
}

fn asked(document: &Document, field: &Field, shown: &Shown) -> Markup {
    let Some((all, open)) = shown.questions.get(field.name).filter(|_| shown.now) else {
        return html! {};
    };
    html! {
        " " a.chip href={ "/d/" (document.id()) "#questions" } {
            (text::count(*all, "question", "questions")) @if *open > 0 { ", " (open) " without an answer" }
        }
    }
}

/// Who owns which part.
pub(crate) fn owners(view: &View<'_>, document: &Document) -> Markup {
    html! {
        @for owner in document.owners().iter().take(64) {
            div {
                (person::link(view, owner.identity))
                @if let Some(part) = &owner.part { " (" (text::visible(part)) ")" }
            }
        }
    }
}

/// A link to a document, its kind and its state: one line of a list.
pub(crate) fn line(view: &View<'_>, loaded: &Loaded) -> Markup {
    entry(view, loaded, true)
}

/// The same without its author, where that is clear.
pub(crate) fn own_line(view: &View<'_>, loaded: &Loaded) -> Markup {
    entry(view, loaded, false)
}

/// The same, leading elsewhere than to the document.
pub(crate) fn led(view: &View<'_>, loaded: &Loaded, path: &str) -> Markup {
    entry_to(view, loaded, true, path)
}

fn entry(view: &View<'_>, loaded: &Loaded, author: bool) -> Markup {
    entry_to(view, loaded, author, &format!("/d/{}", loaded.document.id()))
}

fn entry_to(view: &View<'_>, loaded: &Loaded, author: bool, path: &str) -> Markup {
    let document = &loaded.document;
    let last = loaded
        .headers()
        .map(|header| header.time)
        .filter(|time| *time <= view.now)
        .max();
    let acts = document.acts().count();
    html! {
        a.title href=(path) { bdi { (refer::title(view, loaded)) } }
        span.meta {
            @if let Some(state) = document.state() { (super::status::state(state.name)) " " }
            @if !loaded.in_record { (super::status::chip(super::status::Tone::Info, "Not taken up yet")) " " }
            @if let Some(by) = loaded.author().filter(|_| author) { (person::link(view, by)) " · " }
            @if acts > 0 { (text::count(acts, "entry", "entries")) " · last " } @else { "opened " }
            @if let Some(last) = last { (time::ago(view, last)) }
        }
    }
}
