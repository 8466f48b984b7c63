//! Views as JSON and CSV, and what they are computed from.

use std::sync::Arc;

use althing_protocol::hash::Id;
use althing_view::{Cell, On, Sheet, Table, View};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::clock;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::input::{List, OfId, Params};
use crate::http::query::{Named, Person, view as query};

/// A view that can be asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    name: &'static str,
    title: &'static str,
    /// The question that it answers.
    about: &'static str,
    /// The kinds of documents of which it is a view; none for views of the committee.
    of: &'static [&'static str],
    /// The requirements that it meets.
    requirements: &'static [u8],
}

/// What can be asked
#[utoipa::path(get, path = "/views", tag = "views", responses((status = 200, body = List<Listed>)))]
pub(crate) async fn list() -> Json<List<Listed>> {
    let items = althing_view::all().iter().map(|view| Listed {
        name: view.name,
        title: view.title,
        about: view.about,
        of: match view.on {
            On::Committee => &[],
            On::Document(kinds) => kinds,
        },
        requirements: view.requirements,
    });
    Json(List {
        items: items.collect(),
        next: None,
    })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OfView {
    /// The committee, or the document: an id, or at least 8 of its first digits.
    #[allow(dead_code, reason = "for the OpenAPI document")]
    id: String,
    /// The view.
    #[allow(dead_code, reason = "for the OpenAPI document")]
    name: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// One document to which a committee's view is narrowed down.
    doc: Option<String>,
    /// As of the end of this day, `YYYY-MM-DD` in UTC.
    at: Option<String>,
    /// `json`, `csv` for one table, or `dot` for a graph.
    #[param(inline)]
    format: Option<Format>,
    /// For CSV: which table; the first if it is missing.
    table: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    Json,
    Csv,
    Dot,
}

/// A view of a committee: `{ view, title, as_of, says, items, tables, names }`
///
/// `items` are the rows of its first table, `names` what people call the identities and documents in them. With `format=csv` one table, as RFC 4180 says; with `format=dot` a graph for GraphViz.
#[utoipa::path(get, path = "/committees/{id}/views/{name}", tag = "views", params(OfView, Asked), responses((status = 200, body = Object)))]
pub(crate) async fn of_committee(
    State(context): State<Arc<Context>>,
    Path((id, name)): Path<(String, String)>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let work = move |context: &Context| {
        let (committee, doc) = context.ingest.read(|state| {
            let doc = asked.doc.as_deref().map(|doc| ids::document(state, doc)).transpose()?;
            Ok::<_, Problem>((ids::committee(state, &id)?.1, doc.map(|(_, id)| id)))
        })?;
        answer(context, &name, committee, doc, &asked)
    };
    context.blocking(work).await
}

/// A view of a document, in the same form
#[utoipa::path(get, path = "/documents/{id}/views/{name}", tag = "views", params(OfView, Asked), responses((status = 200, body = Object)))]
pub(crate) async fn of_document(
    State(context): State<Arc<Context>>,
    Path((id, name)): Path<(String, String)>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let work = move |context: &Context| {
        let (doc, committee) = context.ingest.read(|state| {
            let (num, doc) = ids::document(state, &id)?;
            let graph = state.graph();
            Ok::<_, Problem>((doc, graph.id(graph.node(num).space)))
        })?;
        answer(context, &name, committee, Some(doc), &asked)
    };
    context.blocking(work).await
}

fn answer(context: &Context, name: &str, committee: Id, doc: Option<Id>, asked: &Asked) -> Result<Response, Problem> {
    let view = find(name)?;
    let at = asked.at.as_deref().map(moment).transpose()?;
    let sheet = query::sheet(context, view, committee, doc, at)?;
    match asked.format {
        Some(Format::Csv) => csv(&sheet, asked.table.as_deref()),
        Some(Format::Dot) => dot(view, &sheet),
        Some(Format::Json) | None => {
            let now = at.unwrap_or_else(clock::now_ms);
            let mut out = to_json(view, &sheet, committee, doc, now);
            if let Some(map) = out.as_object_mut() {
                map.insert("names".to_owned(), names(context, &sheet));
            }
            Ok(Json(out).into_response())
        }
    }
}

/// The view of this name.
pub(crate) fn find(name: &str) -> Result<&'static View, Problem> {
    althing_view::find(name).ok_or_else(|| {
        let mut names: Vec<&str> = althing_view::all().iter().map(|view| view.name).collect();
        names.sort_unstable();
        let shown: String = name.chars().take(40).collect();
        Problem::Input(format!("there is no view {shown:?}; there are {}", names.join(", ")))
    })
}

/// The last millisecond of a day.
pub(crate) fn moment(day: &str) -> Result<u64, Problem> {
    let day = althing_view::Day::read(day);
    let day = day.ok_or_else(|| Problem::Input("at must be a day in UTC such as 2026-11-21".to_owned()))?;
    Ok(day.ends() - 1)
}

fn to_json(view: &View, sheet: &Sheet, committee: Id, doc: Option<Id>, now: u64) -> Value {
    let mut out = sheet.to_json();
    if let Some(map) = out.as_object_mut() {
        map.insert("view".to_owned(), json!(view.name));
        map.insert("committee".to_owned(), json!(committee));
        map.insert("doc".to_owned(), json!(doc));
        map.insert("as_of".to_owned(), json!(now));
        let items = sheet.tables.first().map_or_else(|| json!([]), Table::to_json);
        map.insert("items".to_owned(), items);
        map.insert("next".to_owned(), Value::Null);
    }
    out
}

/// What people call the identities and documents of a sheet, by id.
fn names(context: &Context, sheet: &Sheet) -> Value {
    let mut out = Map::new();
    let rows = sheet.tables.iter().flat_map(|table| &table.rows);
    for cell in rows.flatten() {
        name(context, cell, &mut out);
    }
    Value::Object(out)
}

fn name(context: &Context, cell: &Cell, out: &mut Map<String, Value>) {
    let (id, name) = match cell {
        Cell::Person(id) => (id, Person::new(context, *id).name),
        Cell::Doc(id) => (id, Named::find(context, *id).title),
        Cell::List(cells) => {
            cells.iter().for_each(|cell| name(context, cell, out));
            return;
        }
        _ => return,
    };
    if let Some(name) = name {
        out.insert(id.to_string(), json!(name));
    }
}

/// A graph for GraphViz.
fn dot(view: &View, sheet: &Sheet) -> Result<Response, Problem> {
    let text = sheet.to_dot();
    let text =
        text.ok_or_else(|| Problem::Input(format!("the view {} has no graph; provenance has one", view.name)))?;
    let name = format!("attachment; filename=\"{}.dot\"", view.name);
    let headers = [
        (header::CONTENT_TYPE, "text/vnd.graphviz; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}

fn csv(sheet: &Sheet, wanted: Option<&str>) -> Result<Response, Problem> {
    let table = match wanted {
        Some(name) => sheet.tables.iter().find(|table| table.name == name),
        None => sheet.tables.first(),
    };
    let table = table.ok_or_else(|| {
        let names: Vec<&str> = sheet.tables.iter().map(|table| table.name).collect();
        Problem::Input(format!(
            "there is no such table in this view; there are {}",
            names.join(", ")
        ))
    })?;
    let name = format!("attachment; filename=\"{}.csv\"", table.name);
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, table.to_csv()).into_response())
}

/// What views of a committee are computed from, beside its documents: the moment, parameters, roles, people
#[utoipa::path(get, path = "/committees/{id}/facts", tag = "views", params(OfId), responses((status = 200, body = Object)))]
pub(crate) async fn facts(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let out = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let material = query::Material::gather(context, id, &[], None)?;
        Ok(facts_json(&material))
    });
    Ok(Json(out.await?))
}

fn facts_json(material: &query::Material) -> Value {
    let tenures = material.tenures.iter().map(|tenure| {
        json!({
            "grant": tenure.grant,
            "role": tenure.role,
            "holder": tenure.holder,
            "scope": tenure.scope,
            "from": tenure.from,
            "until": tenure.until,
            "ended_by": tenure.ended_by,
        })
    });
    let people = material.people.iter().map(|(id, person)| {
        json!({
            "identity": id,
            "name": person.name,
            "addresses": person.addresses,
            "first": person.first,
            "known_by": person.known_by,
            "vouched_by": person.vouched_by,
            "founder": person.founder,
        })
    });
    json!({
        "now": clock::now_ms(),
        "parameters": material.parameters,
        "tenures": tenures.collect::<Vec<_>>(),
        "people": people.collect::<Vec<_>>(),
    })
}
