//! Settling conflicts: every version beside the others with its author, a proposed merge below, one button to sign.

use std::sync::Arc;

use althing_protocol::document::{Item, Register, Version};
use althing_protocol::hash::Id;
use althing_protocol::kind::{Field, Kind, Record, Type, json as values};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value as Json, json};

use super::edit::owns;
use super::form::{CONSENT, Do, Fault, People, Posted, Turn, Values, content};
use super::write::{self, owner};
use super::{Page, View, capital, page, part};
use crate::http::api::document;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// Conflicts that one page shows.
const SHOWN: usize = 32;

/// The field that a form settles, its item if it is a list, and whether the item goes.
const FIELD: &str = "_field";
const ITEM: &str = "_item";
const REMOVE: &str = "_remove";

/// The versions that its reader saw.
const SEEN: &str = "_seen";

/// `GET /d/{id}/merge`
pub(super) async fn form(State(context): State<Arc<Context>>, reader: Reader, Path(id): Path<String>) -> Response {
    page(context, reader, move |view| {
        owner(view)?;
        let desk = Desk::open(view.context, &id)?;
        Ok(desk.page(view, None))
    })
    .await
}

/// `POST /d/{id}/merge`
pub(super) async fn send(State(context): State<Arc<Context>>, Path(id): Path<String>, posted: Posted) -> Response {
    let Posted { reader, button, values } = posted;
    let opened = context.blocking(move |context| Desk::open(context, &id)).await;
    let desk = match opened {
        Ok(desk) => desk,
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
    };
    if button != Do::Write {
        return page(context, reader, move |view| {
            let turn = Turn::pressed(view.context, &desk.path(), &[], Do::Preview, values)?;
            Ok(desk.page(view, Some(&turn)))
        })
        .await;
    }
    let read = desk.read(&context, &values);
    let (edit, seen) = match read {
        Ok(read) => read,
        Err(faults) => {
            return page(context, reader, move |view| {
                let turn = Turn::wrong(view.context, &desk.path(), values, faults);
                Ok(desk.page(view, Some(&turn)))
            })
            .await;
        }
    };
    let id = desk.loaded.document.id();
    let consent = values.get(CONSENT) == "yes";
    match document::edited(&context, id.to_string(), edit, Some(seen), consent).await {
        Ok(_) => {
            let left =
                context.blocking(move |context| Ok(!Desk::open(context, &id.to_string())?.conflicts().is_empty()));
            let to = match left.await {
                Ok(true) => format!("/d/{id}/merge"),
                _ => write::home_of(&context, id),
            };
            write::go(&to)
        }
        Err(problem) => {
            page(context, reader, move |view| {
                let turn = Turn::refused(view.context, &desk.path(), values, &problem);
                Ok(desk.page(view, Some(&turn)))
            })
            .await
        }
    }
}

/// One conflict.
enum Conflict<'a> {
    Field(&'static Field, &'a Register),
    Item(&'static Field, &'a Item),
}

impl Conflict<'_> {
    fn field(&self) -> &'static Field {
        match self {
            Self::Field(field, _) | Self::Item(field, _) => field,
        }
    }

    fn item(&self) -> String {
        match self {
            Self::Field(..) => String::new(),
            Self::Item(_, item) => item.id.to_string(),
        }
    }

    /// The edits that stand against each other.
    fn seen(&self) -> String {
        let ids: Vec<String> = match self {
            Self::Field(_, register) => register
                .values
                .iter()
                .map(|version| version.entry.to_string())
                .collect(),
            Self::Item(_, item) => {
                let values = item.values.iter().map(|version| version.entry);
                values
                    .chain(item.removed.iter().map(|removal| removal.entry))
                    .map(|id| id.to_string())
                    .collect()
            }
        };
        ids.join(",")
    }
}

struct Desk {
    loaded: Arc<Loaded>,
    kind: &'static Kind,
    own: Id,
}

impl Desk {
    fn open(context: &Context, id: &str) -> Result<Self, Problem> {
        let loaded = document::load(context, id)?;
        let kind = document::known(&loaded)?;
        Ok(Self {
            loaded,
            kind,
            own: context.ingest.home().identity(),
        })
    }

    fn path(&self) -> String {
        format!("/d/{}/merge", self.loaded.document.id())
    }

    fn conflicts(&self) -> Vec<Conflict<'_>> {
        let content = self.loaded.document.content();
        let mut out = Vec::new();
        for field in self.kind.all_fields() {
            if let Some(register) = content
                .fields
                .get(field.name)
                .filter(|register| register.values.len() > 1)
            {
                out.push(Conflict::Field(field, register));
            }
            let items = content.lists.get(field.name).map_or(&[][..], |list| &list.items);
            out.extend(
                items
                    .iter()
                    .filter(|item| item.conflict())
                    .map(|item| Conflict::Item(field, item)),
            );
        }
        out.truncate(SHOWN);
        out
    }

    /// The edit that settles one conflict, and what its author saw.
    fn read(&self, context: &Context, values: &Values) -> Result<(Json, Vec<Id>), Vec<Fault>> {
        let whole = |say: &str| vec![Fault::new("", say)];
        let conflicts = self.conflicts();
        let of_form = conflicts
            .iter()
            .find(|one| one.field().name == values.get(FIELD) && one.item() == values.get(ITEM));
        let Some(conflict) = of_form else {
            return Err(whole("This conflict is settled already, by you or somebody else."));
        };
        if conflict.seen() != values.get(SEEN) {
            return Err(whole(
                "Another version came while you read. Look at all of them below, then sign again.",
            ));
        }
        let field = conflict.field();
        let edit = match conflict {
            Conflict::Item(_, item) if values.get(REMOVE) == "yes" => {
                json!({ "remove": { field.name: [[item.id.entry, item.id.n]] } })
            }
            Conflict::Item(_, item) => {
                let mut list = self.set(context, field, values)?;
                let with = list
                    .remove(field.name)
                    .and_then(|mut rows| rows.get_mut(0).map(Json::take));
                let with = with.ok_or_else(|| whole("Nothing is filled in. To take the item away choose so below."))?;
                json!({ "replace": { field.name: [[item.id.entry, item.id.n, with]] } })
            }
            Conflict::Field(..) => {
                let set = self.set(context, field, values)?;
                let empty = matches!(field.ty, Type::Text { .. } | Type::Line { .. } | Type::Named).then(|| json!(""));
                match set.get(field.name).cloned().or(empty) {
                    Some(value) => json!({ "set": { field.name: value } }),
                    None => return Err(vec![Fault::new(field.name, "Choose or write a value.")]),
                }
            }
        };
        Ok((edit, self.loaded.document.after(&[])))
    }

    fn set(&self, context: &Context, field: &'static Field, values: &Values) -> Result<Map<String, Json>, Vec<Fault>> {
        context.ingest.read(|state| content(state, self.kind, &[field], values))
    }

    fn page(&self, view: &View<'_>, turn: Option<&Turn>) -> Page {
        let title = part::refer::title(view, &self.loaded);
        let conflicts = self.conflicts();
        let people = People::new(view.context, Some(self.loaded.space));
        let mine = |turn: &&Turn, conflict: &Conflict<'_>| {
            turn.values.get(FIELD) == conflict.field().name && turn.values.get(ITEM) == conflict.item()
        };
        let any = conflicts
            .iter()
            .any(|conflict| turn.is_some_and(|turn| mine(&turn, conflict)));
        let main = html! {
            h1 { "Settle: " (title) }
            @if !conflicts.is_empty() {
                p.lead {
                    "Two people, or two of your devices, changed the same thing without having seen each other. Nothing is lost: "
                    "every version below stays in the record. What you sign becomes the text."
                }
            }
            @if let Some(turn) = turn.filter(|_| !any) {
                @for fault in &turn.faults { p.fault role="alert" { "⚠ " (fault.say) } }
            }
            @if conflicts.is_empty() {
                p.note { "Nothing is in conflict here. " a href=(write::home_of(view.context, self.loaded.document.id())) { "Back to the document" } }
            }
            @for conflict in &conflicts {
                (self.conflict(view, conflict, turn.filter(|turn| mine(turn, conflict)), &people))
            }
        };
        Page {
            status: turn.map_or(axum::http::StatusCode::OK, |turn| turn.status),
            committee: write::committee_of(view, self.loaded.space),
            ..Page::new(format!("Settle: {title}"), main)
        }
    }

    fn conflict(&self, view: &View<'_>, conflict: &Conflict<'_>, turn: Option<&Turn>, people: &People) -> Markup {
        let field = conflict.field();
        let name = capital(&field.name.replace('_', " "));
        let mine = owns(&self.loaded.document, self.own, self.kind, field);
        let fresh;
        let turn = match turn {
            Some(turn) => turn,
            None => {
                fresh = Turn::given(self.proposed(conflict, people));
                &fresh
            }
        };
        let show = turn.show();
        let fields = html! {
            input type="hidden" name=(FIELD) value=(field.name);
            input type="hidden" name=(ITEM) value=(conflict.item());
            input type="hidden" name=(SEEN) value=(conflict.seen());
            (show.field(field))
            @if let Conflict::Item(..) = conflict {
                div.field.flag { label { input type="checkbox" name=(REMOVE) value="yes"; " Take this item away instead" } }
            }
        };
        html! {
            section.conflict aria-label={ "Conflict: " (name) } {
                h2 { (name) }
                div.versions {
                    @match conflict {
                        Conflict::Field(_, register) => @for version in &register.values {
                            (self.version(view, version.by, version.entry, &text(&values::value(&version.value)), matches!(field.ty, Type::Text { .. })))
                        },
                        Conflict::Item(_, item) => {
                            @for Version { value, by, entry } in &item.values {
                                (self.version(view, *by, *entry, &record(value), false))
                            }
                            @for removal in &item.removed {
                                (self.version(view, removal.by, removal.entry, "Taken away.", false))
                            }
                        }
                    }
                }
                @if mine {
                    h3 {
                        @if matches!(field.ty, Type::Text { .. }) { "Proposed merge" } @else { "What shall stand" }
                    }
                    @if matches!(field.ty, Type::Text { .. }) {
                        p.hint { "Made by this node from both; nobody signed it. Read it, change it, then sign it." }
                    }
                    (turn.sheet(view, &self.path(), people, "Sign this", fields))
                } @else {
                    p.note { "Only an owner of this part can settle it." }
                }
            }
        }
    }

    fn version(&self, view: &View<'_>, by: Id, entry: Id, text: &str, markdown: bool) -> Markup {
        let header = self.loaded.header(&entry);
        html! {
            article.version {
                p.by {
                    (part::person::link(view, by))
                    @if let Some(header) = header { " · " (part::time::claimed(view, header)) }
                    " · " a href={ "/e/" (entry) } title=(entry) { (entry.short()) }
                }
                @if markdown { (part::markdown::html(text)) } @else { p.value { (part::text::visible(text)) } }
            }
        }
    }

    /// What the form begins with: the merge that the protocol proposes, or the first version.
    fn proposed(&self, conflict: &Conflict<'_>, people: &People) -> Values {
        let label = |id: &Id| people.label(id);
        let mut values = Values::default();
        let field = conflict.field();
        match conflict {
            Conflict::Field(_, register) => match self.loaded.document.proposal(field.name) {
                Some(proposal) => values.set(field.name, proposal.text),
                None => {
                    if let Some(first) = register.values.first() {
                        values.put(field.name, field, &first.value, &label);
                    }
                }
            },
            Conflict::Item(_, item) => {
                let none = Arc::new(Record::new());
                let first = item.values.first().map_or(&none, |version| &version.value);
                values.row(field.name, field, "", first, &label);
            }
        }
        values
    }
}

/// A value as text.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(all) => all.iter().map(text).collect::<Vec<_>>().join("\n"),
        Json::Object(map) => map.values().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn record(value: &Record) -> String {
    let fields = value
        .iter()
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), text(&values::value(value))));
    fields.collect::<Vec<_>>().join(" · ")
}
