//! Drafts: kept while somebody types, listed, dropped.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::form::{self, Posted};
use super::write::{self, owner};
use super::{Page, page, part};
use crate::drafts::MOST;
use crate::http::context::Context;
use crate::http::session::Reader;

/// The form that a draft is of, as the script names it.
const FORM: &str = "_form";

/// Longest path of a form.
const PATH: usize = 512;

/// `POST /drafts`: what the script sends when typing stops. Answers nothing but a status.
pub(super) async fn keep(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let mut values = posted.values;
    let path = values.take(FORM).unwrap_or_default();
    if !is_form(&path) {
        return (StatusCode::BAD_REQUEST, "the form is not named").into_response();
    }
    let kept = context
        .blocking(move |context| form::keep(context, &path, &values))
        .await;
    match kept {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (problem.status().0, super::capital(&problem.say()) + ".").into_response(),
    }
}

/// `POST /drafts/drop`
pub(super) async fn drop(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let path = posted.values.get(FORM).to_owned();
    let dropped = context.blocking(move |context| Ok(context.drafts.drop(&path)?)).await;
    match dropped {
        Ok(()) => write::go("/drafts"),
        Err(problem) => page(context, posted.reader, move |_| Err(problem)).await,
    }
}

/// `GET /drafts`
pub(super) async fn list(State(context): State<Arc<Context>>, reader: Reader) -> Response {
    page(context, reader, |view| {
        owner(view)?;
        let drafts = view.context.drafts.all();
        let gist = |fields: &[(String, String)]| {
            let longest = fields
                .iter()
                .filter(|(name, _)| !name.starts_with('_'))
                .max_by_key(|(_, value)| value.len());
            longest.map_or_else(String::new, |(_, text)| part::text::gist(text, 160))
        };
        let main = html! {
            h1 { "Drafts" }
            p.lead {
                "What you typed and have not signed. Drafts lie in the data folder of this node and go nowhere else. "
                (drafts.len()) " of at most " (MOST) "."
            }
            @if drafts.is_empty() { p.quiet { "There is none." } }
            ul.list {
                @for draft in &drafts {
                    li {
                        // Only our own forms are named in drafts.
                        a href=(draft.form) { (what(&draft.form)) } " · kept " (part::time::ago(view, draft.time))
                        p.quiet { (gist(&draft.fields)) }
                        (form::button(view, "/drafts/drop", &[(FORM, &draft.form)], "Drop"))
                    }
                }
            }
        };
        Ok(Page::new("Drafts", main))
    })
    .await
}

/// What a form's path means.
fn what(path: &str) -> String {
    let plain = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["d", id, "act", kind] => format!(
            "{} in {}",
            super::capital(&kind.replace('_', " ")),
            id.get(..8).unwrap_or_default()
        ),
        ["d", id, "edit"] => format!("Edit of {}", id.get(..8).unwrap_or_default()),
        ["c", _, "open", kind] => format!("New {}", kind.replace('_', " ")),
        ["committees", "new"] => "A new committee".to_owned(),
        _ => "A form".to_owned(),
    }
}

/// A path on this node, and nothing else: it becomes a link.
fn is_form(path: &str) -> bool {
    let known = ["/d/", "/c/", "/committees/"]
        .iter()
        .any(|begin| path.starts_with(begin));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/_-?=&:".contains(&b);
    known && path.len() <= PATH && path.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_forms_are_taken() {
        let id = "0123456789abcdef".repeat(4);
        assert!(is_form(&format!("/d/{id}/act/post?to={id}")));
        assert_eq!(
            what(&format!("/d/{id}/act/set_parameter?to={id}")),
            "Set parameter in 01234567"
        );
        for no in [
            "",
            "javascript:alert(1)",
            "//evil.example/d/",
            "/d/\"><script>",
            "/settings",
        ] {
            assert!(!is_form(no), "{no}");
        }
    }
}
