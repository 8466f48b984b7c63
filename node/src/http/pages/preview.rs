//! How a text will look.

use axum::response::{Html, IntoResponse, Response};

use super::form::Posted;
use super::part;

/// `POST /preview`: the markup of the field `text`. Only for the owner: rendering costs, and reads are open.
pub(super) async fn preview(posted: Posted) -> Response {
    let text = posted.values.get("text").to_owned();
    let rendered = tokio::task::spawn_blocking(move || part::markdown::html(&text).into_string()).await;
    Html(rendered.unwrap_or_default()).into_response()
}
