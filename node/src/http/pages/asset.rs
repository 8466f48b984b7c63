//! Style and script. Their paths hold a digest of what they are, so that browsers may keep them for ever.

use std::sync::LazyLock;

use althing_protocol::hash::sha256;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

use crate::http::error::Problem;

struct Asset {
    /// As in the path: `style.0123456789abcdef.css`.
    name: String,
    mime: &'static str,
    text: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, mime: &'static str, parts: &[&str]) -> Self {
        let text = parts.concat();
        let digest = HEXLOWER.encode(&sha256(&[text.as_bytes()]));
        let name = format!("{stem}.{}.{extension}", digest.get(..16).unwrap_or_default());
        Self { name, mime, text }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let parts = [
        include_str!("../../../web/style.css"),
        include_str!("../../../web/form.css"),
        include_str!("../../../web/view.css"),
    ];
    Asset::new("style", "css", "text/css; charset=utf-8", &parts)
});

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let parts = [
        include_str!("../../../web/live.js"),
        include_str!("../../../web/form.js"),
    ];
    Asset::new("script", "js", "text/javascript; charset=utf-8", &parts)
});

static FIND: LazyLock<Asset> = LazyLock::new(|| {
    let parts = [include_str!("../../../web/find.js")];
    Asset::new("find", "js", "text/javascript; charset=utf-8", &parts)
});

/// The path of the script that searches in a copy.
pub(super) fn find() -> String {
    format!("/web/{}", FIND.name)
}

/// The path of the style.
pub(super) fn style() -> String {
    format!("/web/{}", STYLE.name)
}

/// The path of the script.
pub(super) fn script() -> String {
    format!("/web/{}", SCRIPT.name)
}

/// `GET /web/{name}`
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let found = [&*STYLE, &*SCRIPT, &*FIND].into_iter().find(|asset| asset.name == name);
    match found {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.mime),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.text.as_str()).into_response()
        }
        None => Problem::Path(format!("/web/{name}")).into_response(),
    }
}
