//! The OpenAPI document: what the handlers say of themselves, and what holds for all of them.
//!
//! A path is registered and described in one step ([`utoipa_axum::routes`]), so none can be forgotten.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::context::Context;

/// Where the paths stand.
pub(crate) const BASE: &str = "/api/v1";

/// Paths that take entries which somebody signed already: no token.
const OPEN: &[&str] = &["/entries"];

/// Reads that need the token.
const CLOSED: [&str; 1] = ["/committees/{id}/archive"];

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "node", responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
pub(crate) async fn document(State(context): State<Arc<Context>>) -> Response {
    let text = context.openapi.get().map_or("{}", String::as_str).to_owned();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The document of these paths as JSON, with errors and security.
pub(crate) fn finished(api: &utoipa::openapi::OpenApi) -> String {
    let mut doc = serde_json::to_value(api).unwrap_or_default();
    put(
        &mut doc,
        &["info"],
        json!({
            "title": "Althing",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The API of one node. docs/http.md says more.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        }),
    );
    put(&mut doc, &["servers"], json!([{ "url": BASE }]));
    put(
        &mut doc,
        &["components", "responses"],
        json!({ "Problem": {
            "description": "Why it was not done (RFC 9457)",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        }}),
    );
    put(
        &mut doc,
        &["components", "securitySchemes"],
        json!({
            "token": { "type": "http", "scheme": "bearer", "description": "The file `token` of the data folder" },
            "browser": {
                "type": "apiKey", "in": "cookie", "name": "althing_8420",
                "description": "What the link that `run` prints buys; its name holds the port. Same origin only",
            },
        }),
    );
    let paths = doc.get_mut("paths").and_then(Value::as_object_mut);
    for (path, operations) in paths.into_iter().flatten() {
        let open = OPEN.contains(&path.as_str());
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            put(
                operation,
                &["responses", "default"],
                json!({ "$ref": "#/components/responses/Problem" }),
            );
            if method != "get" && !open || CLOSED.contains(&path.as_str()) {
                put(operation, &["security"], json!([{ "token": [] }, { "browser": [] }]));
            }
            if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
                once(parameters);
            }
            // Two handlers of one name are two operations.
            let id = format!(
                "{method}{}",
                path.replace(['/', '{', '}', '-', '.'], "_").replace("__", "_")
            );
            put(operation, &["operationId"], json!(id.trim_end_matches('_')));
        }
    }
    doc.to_string()
}

/// One parameter of each name and place: arguments of handlers are noticed too, beside what describes them better.
fn once(parameters: &mut Vec<Value>) {
    let mut kept: Vec<Value> = Vec::new();
    for parameter in parameters.drain(..) {
        let same =
            |other: &&mut Value| other.get("name") == parameter.get("name") && other.get("in") == parameter.get("in");
        match kept.iter_mut().find(same) {
            None => kept.push(parameter),
            Some(other) if other.get("description").is_none() => *other = parameter,
            Some(_) => {}
        }
    }
    *parameters = kept;
}

fn put(doc: &mut Value, place: &[&str], value: Value) {
    let Some((last, above)) = place.split_last() else {
        return;
    };
    let mut at = doc;
    for name in above {
        let Some(map) = at.as_object_mut() else { return };
        at = map.entry(*name).or_insert_with(|| json!({}));
    }
    if let Some(map) = at.as_object_mut() {
        map.insert((*last).to_owned(), value);
    }
}
