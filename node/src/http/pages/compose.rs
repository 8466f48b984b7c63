//! Opening a document of any kind.

use std::sync::Arc;

use althing_protocol::file::Named;
use althing_protocol::hash::Id;
use althing_protocol::kind::{COMMON, Field, Kind};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::form::{Do, Items, People, Posted, Turn, Values, content, name_of};
use super::part::refer;
use super::write::{Query, owner};
use super::{Page, View, capital, page};
use crate::http::api::document::{self, Open};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// `GET /c/{id}/open/{kind}`: parameters fill in fields.
pub(super) async fn form(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path((id, name)): Path<(String, String)>,
    Query(given): Query,
) -> Response {
    page(context, reader, move |view| {
        owner(view)?;
        let (committee, kind) = place(view.context, &id, &name)?;
        let fields: Vec<&'static Field> = kind.all_fields().collect();
        let given = given
            .into_iter()
            .filter(|(name, _)| fields.iter().any(|field| field.name == name));
        let form = path(committee, kind);
        let turn = Turn::opened(view.context, &form, given.collect());
        Ok(sheet(view, committee, kind, turn))
    })
    .await
}

/// `POST /c/{id}/open/{kind}`
pub(super) async fn send(
    State(context): State<Arc<Context>>,
    Path((id, name)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Posted { reader, button, values } = posted;
    let (committee, kind) = match place(&context, &id, &name) {
        Ok(found) => found,
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
    };
    let form = path(committee, kind);
    let fields: Vec<&'static Field> = kind.all_fields().collect();
    if button != Do::Write {
        return page(context, reader, move |view| {
            let turn = Turn::pressed(view.context, &form, &fields, button, values)?;
            Ok(sheet(view, committee, kind, turn))
        })
        .await;
    }
    let read = context.ingest.read(|state| content(state, kind, &fields, &values));
    let content = match read {
        Ok(content) => content,
        Err(faults) => {
            return page(context, reader, move |view| {
                let turn = Turn::wrong(view.context, &form, values, faults);
                Ok(sheet(view, committee, kind, turn))
            })
            .await;
        }
    };
    let open = Open {
        kind: kind.name.to_owned(),
        content: Json::Object(content),
        owners: Vec::new(),
    };
    match document::opened(&context, committee.to_string(), open).await {
        Ok(answer) => {
            let id = answer.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
            super::write::written(context, reader, form, format!("/d/{id}")).await
        }
        Err(problem) => {
            page(context, reader, move |view| {
                let turn = Turn::refused(view.context, &form, values, &problem);
                Ok(sheet(view, committee, kind, turn))
            })
            .await
        }
    }
}

fn place(context: &Context, id: &str, name: &str) -> Result<(Id, &'static Kind), Problem> {
    let (_, committee) = context.ingest.read(|state| ids::committee(state, id))?;
    Ok((committee, document::document_kind(name)?))
}

fn path(committee: Id, kind: &Kind) -> String {
    format!("/c/{committee}/open/{}", kind.name)
}

fn sheet(view: &View<'_>, committee: Id, kind: &'static Kind, mut turn: Turn) -> Page {
    let people = People::new(view.context, Some(committee));
    turn.items = asked(view, &turn.values);
    let form = path(committee, kind);
    let name = kind.name.replace('_', " ");
    let verb = format!("Sign and open the {name}");
    let name_of = view.context.cache.name(&view.context.ingest, committee);
    let main = html! {
        h1 { "New " (name) }
        p.lead { (kind.about) " It becomes part of the record of " (name_of.as_deref().unwrap_or("the committee")) " under your name, and stays there." }
        (super::write::standing(view, committee))
        (turn.sheet(view, &form, &people, &verb, fields(kind, &turn)))
    };
    Page {
        status: turn.status,
        committee: Some((committee, name_of.unwrap_or_else(|| committee.short()))),
        ..Page::new(format!("New {name}"), main)
    }
}

/// The questions that research may answer: those of the evaluation that it is for, and of the programme evaluated.
fn asked(view: &View<'_>, values: &Values) -> Items {
    let context = view.context;
    let load = |text: &str| {
        let (_, id) = context
            .ingest
            .read(|state| ids::document(state, name_of(text.trim())))
            .ok()?;
        context.cache.load(&context.ingest, id).ok()
    };
    let Some(evaluation) = load(values.get("evaluation")) else {
        return Items::default();
    };
    let title = |loaded: &Loaded| refer::title(view, loaded);
    let own = Items::of(&evaluation, Some(&title(&evaluation))).only("questions");
    let programme = evaluation.named("programme");
    let programme = programme.and_then(|id| context.cache.load(&context.ingest, id).ok());
    match programme {
        Some(programme) => own.and(Items::of(&programme, Some(&title(&programme))).only("questions")),
        None => own,
    }
}

/// All fields of a document, part by part; those of imported ones folded away.
fn fields(kind: &'static Kind, turn: &Turn) -> Markup {
    let show = turn.show();
    let handed = |part: &str| kind.hands.iter().find(|(_, to)| *to == part).map(|(field, _)| *field);
    let imported = |field: &&Field| !Named::is_list(field);
    let common: Vec<&Field> = COMMON.iter().filter(imported).collect();
    let (elsewhere, own): (Vec<&Field>, Vec<&Field>) = kind.fields.iter().partition(|field| field.elsewhere);
    let imported = common.iter().chain(&elsewhere).any(|field| show.has(field));
    html! {
        @if kind.parts.is_empty() {
            @for field in &own { (show.field(field)) }
        }
        @for part in kind.parts {
            fieldset.part {
                legend { (capital(part.name)) ": " (part.about) }
                @if let Some(field) = handed(part.name) {
                    p.hint {
                        "If you name somebody with an identity as " (field) ", this part is theirs: leave it empty, they "
                        "write it. It counts from you if you name yourself, or a name that nobody has claimed."
                    }
                }
                @for field in own.iter().filter(|field| kind.part_of(field) == Some(part.name)) { (show.field(field)) }
            }
        }
        @for field in COMMON.iter().filter(|field| Named::is_list(field)) { (show.field(field)) }
        details.imported open[imported] {
            summary { "For documents that come from elsewhere" }
            @for field in elsewhere.iter().chain(&common) { (show.field(field)) }
        }
    }
}
