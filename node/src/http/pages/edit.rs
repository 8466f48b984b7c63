//! Editing a document: only what one owns, only what one changed, in the sight of what others changed meanwhile.
//!
//! A form carries the entries that it was made from (`_seen`). When the document has moved on, what the editor left alone
//! takes the new values, and what both changed is shown again before anything is signed.

use std::collections::BTreeSet;
use std::sync::Arc;

use althing_protocol::document::diff::{self, Sign};
use althing_protocol::document::{Content, Document};
use althing_protocol::hash::Id;
use althing_protocol::kind::{Field, Kind, Type};
use althing_protocol::limit;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value as Json};

use super::form::{CONSENT, Do, Fault, People, Posted, Show, Turn, Values, changes};
use super::write::{self, owner};
use super::{Page, View, capital, page, part};
use crate::http::api::document;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// The entries that a form was made from.
const SEEN: &str = "_seen";

/// `GET /d/{id}/edit`
pub(super) async fn form(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        owner(view)?;
        let desk = Desk::open(view.context, &id)?;
        let people = People::new(view.context, Some(desk.loaded.space));
        let mut given = desk.held(desk.loaded.document.content(), &people);
        given.set(SEEN, desk.seen());
        let turn = Turn::opened(view.context, &desk.form, given);
        Ok(desk.sheet(view, &turn, &people, None))
    })
    .await
}

/// `POST /d/{id}/edit`
pub(super) async fn send(State(context): State<Arc<Context>>, Path(id): Path<String>, posted: Posted) -> Response {
    let Posted { reader, button, values } = posted;
    let opened = context.blocking(move |context| {
        let desk = Desk::open(context, &id)?;
        let people = People::new(context, Some(desk.loaded.space));
        Ok((desk, people))
    });
    let (desk, people) = match opened.await {
        Ok(found) => found,
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
    };
    if button != Do::Write {
        return page(context, reader, move |view| {
            let dropped = button == Do::Drop;
            let mut turn = Turn::pressed(view.context, &desk.form, &desk.mine, button, values)?;
            if dropped {
                turn.values = desk.held(desk.loaded.document.content(), &people);
                turn.values.set(SEEN, desk.seen());
            }
            Ok(desk.sheet(view, &turn, &people, None))
        })
        .await;
    }
    match desk.read(&context, &people, values) {
        Ok(Ready {
            content,
            seen,
            consent,
            values,
        }) => {
            let id = desk.loaded.document.id();
            match document::edited(&context, id.to_string(), Json::Object(content), Some(seen), consent).await {
                Ok(_) => {
                    let to = write::home_of(&context, id);
                    write::written(context, reader, desk.form, to).await
                }
                Err(problem) => {
                    page(context, reader, move |view| {
                        let turn = Turn::refused(view.context, &desk.form, values, &problem);
                        Ok(desk.sheet(view, &turn, &people, None))
                    })
                    .await
                }
            }
        }
        Err(Unread { values, faults, moved }) => {
            page(context, reader, move |view| {
                let mut turn = Turn::wrong(view.context, &desk.form, values, faults);
                if moved.is_some() {
                    turn.status = StatusCode::CONFLICT;
                }
                Ok(desk.sheet(view, &turn, &people, moved.as_ref()))
            })
            .await
        }
    }
}

/// A form that can be written.
struct Ready {
    content: Map<String, Json>,
    seen: Vec<Id>,
    consent: bool,
    values: Values,
}

/// A form that cannot.
struct Unread {
    values: Values,
    faults: Vec<Fault>,
    /// What others changed since it was made.
    moved: Option<Vec<diff::Field>>,
}

/// The form of one document.
struct Desk {
    loaded: Arc<Loaded>,
    kind: &'static Kind,
    own: Id,
    /// Fields that its reader may edit here.
    mine: Vec<&'static Field>,
    form: String,
}

impl Desk {
    fn open(context: &Context, id: &str) -> Result<Self, Problem> {
        let loaded = document::load(context, id)?;
        let kind = document::known(&loaded)?;
        let own = context.ingest.home().identity();
        let free = |field: &&'static Field| {
            owns(&loaded.document, own, kind, field) && !in_conflict(loaded.document.content(), field)
        };
        let mine = kind.all_fields().filter(free).collect();
        let form = format!("/d/{}/edit", loaded.document.id());
        Ok(Self {
            loaded,
            kind,
            own,
            mine,
            form,
        })
    }

    /// The entries that a form made now is made from.
    fn seen(&self) -> String {
        let ids: Vec<String> = self
            .loaded
            .document
            .after(&[])
            .iter()
            .map(ToString::to_string)
            .collect();
        ids.join(",")
    }

    /// What the form holds when nobody touched it.
    fn held(&self, content: &Content, people: &People) -> Values {
        let mut values = Values::default();
        let label = |id: &Id| people.label(id);
        for field in &self.mine {
            if let Some(value) = content.fields.get(field.name).and_then(|register| register.single()) {
                values.put(field.name, field, value, &label);
            }
            let items = content.lists.get(field.name).map_or(&[][..], |list| &list.items);
            for item in items.iter().filter(|item| !item.conflict()) {
                if let Some(version) = item.values.first() {
                    values.row(field.name, field, &item.id.to_string(), &version.value, &label);
                }
            }
        }
        values
    }

    fn read(&self, context: &Context, people: &People, mut values: Values) -> Result<Ready, Unread> {
        let seen: Vec<Id> = values
            .get(SEEN)
            .split(',')
            .take(limit::AFTER)
            .filter_map(|id| id.parse().ok())
            .collect();
        let document = &self.loaded.document;
        let now = self.held(document.content(), people);
        let mut moved = None;
        let mut faults = Vec::new();
        if let Some(base) = document.at_all(&seen).filter(|_| !seen.is_empty()) {
            let before = self.held(base.content(), people);
            let both = rebase(&self.mine, &before, &now, &mut values);
            if !both.is_empty() {
                let names: Vec<String> = both.iter().map(|name| name.replace('_', " ")).collect();
                faults.push(Fault::new(
                    both.first().copied().unwrap_or_default(),
                    format!(
                        "Somebody changed {} while you wrote. Below is yours; look at what changed, then sign again.",
                        names.join(", ")
                    ),
                ));
                moved = Some(diff::documents(&base, document));
            }
        }
        values.set(SEEN, self.seen());
        if !faults.is_empty() {
            return Err(Unread { values, faults, moved });
        }
        let read = context
            .ingest
            .read(|state| changes(state, self.kind, &self.mine, &now, &values));
        match read {
            Ok(content) if content.is_empty() => Err(Unread {
                values,
                faults: vec![Fault::new("", "Nothing is changed, so there is nothing to sign.")],
                moved: None,
            }),
            Ok(content) => Ok(Ready {
                content,
                seen: document.after(&[]),
                consent: values.get(CONSENT) == "yes",
                values,
            }),
            Err(faults) => Err(Unread {
                values,
                faults,
                moved: None,
            }),
        }
    }

    fn sheet(&self, view: &View<'_>, turn: &Turn, people: &People, moved: Option<&Vec<diff::Field>>) -> Page {
        let id = self.loaded.document.id();
        let title = part::refer::title(view, &self.loaded);
        let main = html! {
            h1 { "Edit: " (title) }
            p.lead {
                "Only what you change is signed, as a new version beside the others. "
                a href=(write::home_of(view.context, id)) { "Back to the document" }
            }
            (write::standing(view, self.loaded.space))
            @if let Some(moved) = moved { (changed(moved)) }
            @if self.mine.is_empty() {
                p.note { "Nothing here is yours to edit. You can write a post or ask a question about it instead." }
                p {
                    a.button href={ "/d/" (id) "/act/question" } { "Ask a question" } " "
                    a.button href={ "/d/" (id) "/act/post" } { "Write a post" }
                }
                @for field in self.kind.all_fields() { (self.foreign(view, field)) }
            } @else {
                (turn.sheet(view, &self.form, people, "Sign the changes", self.fields(view, turn.show(), turn)))
            }
        };
        Page {
            status: turn.status,
            committee: write::committee_of(view, self.loaded.space),
            ..Page::new(format!("Edit: {title}"), main)
        }
    }

    fn fields(&self, view: &View<'_>, show: Show<'_>, turn: &Turn) -> Markup {
        let is_mine = |field: &Field| self.mine.iter().any(|mine| mine.name == field.name);
        let imported = |field: &Field| field.elsewhere || self.kind.fields.iter().all(|own| own.name != field.name);
        let one = |field: &'static Field| {
            html! {
                @if is_mine(field) { (show.field(field)) (self.items_in_conflict(field)) } @else { (self.foreign(view, field)) }
            }
        };
        html! {
            input type="hidden" name=(SEEN) value=(turn.values.get(SEEN));
            @for field in self.kind.fields.iter().filter(|field| !field.elsewhere) { (one(field)) }
            @let rest: Vec<&'static Field> = self.kind.all_fields().filter(|field| imported(field)).collect();
            @if !rest.is_empty() {
                details.imported {
                    summary { "For documents that come from elsewhere" }
                    @for field in rest { (one(field)) }
                }
            }
        }
    }

    /// A field that the reader cannot edit here, and why.
    fn foreign(&self, view: &View<'_>, field: &Field) -> Markup {
        let document = &self.loaded.document;
        let text = plain(document.content(), field);
        let conflict = in_conflict(document.content(), field);
        let theirs: Vec<Id> = owners(document, self.kind, field);
        html! {
            @if conflict || text.is_some() {
                div.field.foreign {
                    p.label { (capital(&field.name.replace('_', " "))) }
                    @if conflict {
                        p.note.warn {
                            "⚠ Several versions of this stand beside each other. "
                            @if owns(document, self.own, self.kind, field) { a href={ "/d/" (document.id()) "/merge" } { "Settle it" } " first." }
                        }
                    } @else {
                        p.hint {
                            @if theirs.is_empty() { "Nobody can change this." } @else { "Only " (part::person::links(view, &theirs)) " can change this." }
                        }
                    }
                    @if let Some(text) = text { div.value { (part::text::gist(&text, 400)) } }
                }
            }
        }
    }

    fn items_in_conflict(&self, field: &Field) -> Markup {
        let list = self.loaded.document.content().lists.get(field.name);
        let found = list.map_or(0, |list| list.items.iter().filter(|item| item.conflict()).count());
        html! {
            @if found > 0 {
                p.note.warn { "⚠ " (found) " more of these are in conflict: " a href={ "/d/" (self.loaded.document.id()) "/merge" } { "settle them" } "." }
            }
        }
    }
}

/// Whether somebody may edit a field.
pub(super) fn owns(document: &Document, identity: Id, kind: &Kind, field: &Field) -> bool {
    owners(document, kind, field).contains(&identity)
}

fn owners(document: &Document, kind: &Kind, field: &Field) -> Vec<Id> {
    let part = kind.part_of(field);
    let of_it = document
        .owners()
        .iter()
        .filter(|owner| owner.part.is_none() || owner.part.as_deref() == part);
    let all: BTreeSet<Id> = of_it.map(|owner| owner.identity).collect();
    all.into_iter().collect()
}

/// Whether a field with a whole value has several.
fn in_conflict(content: &Content, field: &Field) -> bool {
    content
        .fields
        .get(field.name)
        .is_some_and(|register| register.values.len() > 1)
}

/// A field as plain text.
fn plain(content: &Content, field: &Field) -> Option<String> {
    let json = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let values = content
        .fields
        .get(field.name)
        .map_or(&[][..], |register| &register.values);
    let mut all: Vec<String> = values
        .iter()
        .map(|v| json(&althing_protocol::kind::json::value(&v.value)))
        .collect();
    let items = content.lists.get(field.name).map_or(&[][..], |list| &list.items);
    let texts = items.iter().filter_map(|item| item.values.first()).map(|version| {
        let words: Vec<String> = version
            .value
            .values()
            .filter_map(|value| value.as_text())
            .map(str::to_owned)
            .collect();
        words.join(" · ")
    });
    all.extend(texts);
    (!all.is_empty()).then(|| all.join(" ⁄ "))
}

/// What changed meanwhile, with words added and removed.
pub(super) fn changed(fields: &[diff::Field]) -> Markup {
    html! {
        section.moved aria-label="What changed meanwhile" {
            h2 { "What changed meanwhile" }
            @for field in fields {
                h3 { (capital(&field.field.replace('_', " "))) }
                p.diff {
                    @for run in &field.changes {
                        @match run.sign {
                            Sign::Same => span { (part::text::visible(&run.text)) },
                            Sign::Gone => del { (part::text::visible(&run.text)) },
                            Sign::New => ins { (part::text::visible(&run.text)) },
                        }
                    }
                }
            }
        }
    }
}

/// Takes over what changed in fields that the editor left alone. Answers the names of fields that both changed.
fn rebase(fields: &[&'static Field], base: &Values, now: &Values, mine: &mut Values) -> Vec<&'static str> {
    let mut both = Vec::new();
    for field in fields {
        if let Type::List { .. } = field.ty {
            if rebase_rows(field, base, now, mine) {
                both.push(field.name);
            }
            continue;
        }
        let (old, new, own) = (held(field, base), held(field, now), held(field, mine));
        if old == new || own == new {
            continue;
        }
        if own == old {
            own.keys().for_each(|name| drop(mine.take(name)));
            new.into_iter().for_each(|(name, value)| mine.set(name, value));
        } else {
            both.push(field.name);
        }
    }
    both
}

type Held = std::collections::BTreeMap<String, String>;

/// What is filled in under a field's name.
fn held(field: &Field, values: &Values) -> Held {
    let prefix = format!("{}.", field.name);
    let own = values
        .pairs()
        .into_iter()
        .filter(|(name, _)| name == field.name || name.starts_with(&prefix));
    own.collect()
}

/// The rows of a list by the item that they edit; new ones by their place.
fn rows(field: &Field, values: &Values) -> Vec<(String, Held)> {
    let row = |n: usize| {
        let prefix = format!("{}.{n}.", field.name);
        let mut held: Held = values
            .pairs()
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value)))
            .collect();
        (held.remove("_item").unwrap_or_default(), held)
    };
    (0..values.rows(field.name)).map(row).collect()
}

fn rebase_rows(field: &Field, base: &Values, now: &Values, mine: &mut Values) -> bool {
    let (old, new, own) = (rows(field, base), rows(field, now), rows(field, mine));
    if old == new {
        return false;
    }
    let find = |rows: &[(String, Held)], item: &str| {
        rows.iter()
            .find(|(other, _)| other == item)
            .map(|(_, held)| held.clone())
    };
    let mut both = false;
    let mut out: Vec<(String, Held)> = Vec::new();
    for (item, held) in own {
        if item.is_empty() {
            out.push((item, held));
            continue;
        }
        let touched = find(&old, &item).as_ref() != Some(&held);
        match find(&new, &item) {
            Some(theirs) if !touched => out.push((item, theirs)),
            Some(theirs) => {
                both |= find(&old, &item) != Some(theirs.clone()) && theirs != held;
                out.push((item, held));
            }
            None if touched => {
                both = true;
                out.push((String::new(), held));
            }
            None => {}
        }
    }
    let added = new
        .into_iter()
        .filter(|(item, _)| find(&old, item).is_none() && find(&out, item).is_none());
    let added: Vec<(String, Held)> = added.collect();
    out.extend(added);
    for n in (0..mine.rows(field.name)).rev() {
        mine.remove(field.name, n);
    }
    for (n, (item, held)) in out.into_iter().enumerate() {
        mine.set(format!("{}.{n}._item", field.name), item);
        held.into_iter()
            .for_each(|(name, value)| mine.set(format!("{}.{n}.{name}", field.name), value));
    }
    both
}

#[cfg(test)]
mod tests {
    use althing_protocol::kind;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_others_changed_is_taken_over_unless_both_did() {
        let kind = kind::find("nomination").unwrap();
        let fields: Vec<&'static Field> = kind.all_fields().collect();
        let base = values(&[("title", "A"), ("seat", "one"), ("reasons", "r")]);
        let now = values(&[("title", "B"), ("seat", "two"), ("reasons", "r")]);
        let mut mine = values(&[("title", "A"), ("seat", "three"), ("reasons", "mine")]);
        assert_eq!(rebase(&fields, &base, &now, &mut mine), ["seat"]);
        assert_eq!(
            (mine.get("title"), mine.get("seat"), mine.get("reasons")),
            ("B", "three", "mine")
        );
    }

    #[test]
    fn rows_of_lists_likewise() {
        let kind = kind::find("nomination").unwrap();
        let fields: Vec<&'static Field> = kind.all_fields().collect();
        let row = |n: usize, item: &str, text: &str| {
            [
                (format!("goals.{n}._item"), item.to_owned()),
                (format!("goals.{n}.text"), text.to_owned()),
            ]
        };
        let of = |rows: &[(&str, &str)]| -> Values {
            rows.iter().enumerate().flat_map(|(n, (i, t))| row(n, i, t)).collect()
        };
        let base = of(&[("e:0", "a"), ("e:1", "b"), ("e:2", "c")]);
        // Others changed the first, removed the second, added one.
        let now = of(&[("e:0", "A"), ("e:2", "c"), ("f:0", "d")]);
        let mut mine = of(&[("e:0", "a"), ("e:1", "b"), ("e:2", "mine"), ("", "new")]);
        assert!(rebase(&fields, &base, &now, &mut mine).is_empty());
        let expected = of(&[("e:0", "A"), ("e:2", "mine"), ("", "new"), ("f:0", "d")]);
        assert_eq!(
            rows(kind.field("goals").unwrap(), &mine),
            rows(kind.field("goals").unwrap(), &expected)
        );
        let mut mine = of(&[("e:0", "mine"), ("e:1", "b"), ("e:2", "c")]);
        assert_eq!(rebase(&fields, &base, &now, &mut mine), ["goals"]);
    }
}
