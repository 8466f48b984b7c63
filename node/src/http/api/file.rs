//! Files that entries name: added by the owner, given to whoever reads, fetched from peers when the owner asks.
//!
//! Invariant: nothing that others wrote runs in a browser under this node's address. A file is told to be what it looks
//! like or plain bytes, is saved and not shown unless asked for and harmless, and gets a policy that allows nothing.

use std::sync::Arc;

use althing_protocol::file::span;
use althing_protocol::hash::Hash;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use futures::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::files::{self, Added, Claim, Fetch, Files, Reader};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::guard;
use crate::http::input::Params;
use crate::http::query::Hex;
use crate::limit::files::WAIT;

/// A file may do nothing at all in a browser.
const POLICY: &str = "sandbox; default-src 'none'";

/// Endings by which a system may run a file, or a browser read it as a page.
const ACTIVE: [&str; 34] = [
    "app", "bat", "chm", "cmd", "com", "cpl", "desktop", "dll", "exe", "hta", "htm", "html", "jar", "js", "jse", "lnk",
    "mht", "mhtml", "mjs", "msi", "pif", "ps1", "reg", "scr", "sh", "svg", "url", "vb", "vbe", "vbs", "ws", "wsf",
    "xhtml", "xml",
];

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Given {
    /// What it is called.
    #[param(max_length = 300)]
    name: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Fetch it from peers if it is not here, and wait for it a while. For the owner.
    fetch: Option<String>,
    /// Let a browser show it, if it is a picture or text.
    inline: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what handlers take as text")]
pub(crate) struct OfHash {
    /// SHA-256 of the file.
    #[param(pattern = "^[0-9a-f]{64}$", max_length = 64)]
    hash: String,
}

/// What is known of a file, and where it stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Known {
    #[schema(value_type = Hex)]
    hash: Hash,
    /// `here`, `fetching` or `absent`.
    state: &'static str,
    /// Its length; where it is not here, as the first entry below says.
    length: Option<u64>,
    /// What it looks like, if it is here.
    #[serde(rename = "type")]
    ty: Option<String>,
    /// How the fetch goes.
    fetch: Option<Fetch>,
    /// Why it did not come when it was fetched last.
    why: Option<String>,
    /// Entries that name it, at most 16.
    named: Vec<Naming>,
}

/// An entry that names a file, and what it says of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Naming {
    #[schema(value_type = Hex)]
    entry: String,
    #[schema(value_type = Hex)]
    committee: String,
    record: bool,
    length: u64,
    #[serde(rename = "type")]
    ty: String,
    name: Option<String>,
    /// What is wrong with that, as far as the file itself tells.
    contradiction: Option<String>,
}

/// Adds a file, so that entries can name it
#[utoipa::path(post, path = "/files", tag = "files", params(Given), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = Added)))]
pub(crate) async fn add(
    State(context): State<Arc<Context>>,
    Params(given): Params<Given>,
    request: Request,
) -> Result<Json<Added>, Problem> {
    let files = context.files.clone();
    let mut adding = blocking(move || files.add(given.name.as_deref())).await?;
    let mut body = request.into_body().into_data_stream();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| Problem::Input("the request's body ended early".to_owned()))?;
        adding = blocking(move || adding.push(&bytes).map(|()| adding)).await?;
    }
    Ok(Json(blocking(move || adding.finish()).await?))
}

/// A file
#[utoipa::path(get, path = "/files/{hash}", tag = "files", params(OfHash, Wanted), responses((status = 200, description = "The file, or a part of it (`Range`)", body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, description = "A part of it", body = Vec<u8>, content_type = "application/octet-stream"), (status = 304, description = "As it was")))]
pub(crate) async fn read(
    State(context): State<Arc<Context>>,
    Path(hash): Path<String>,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let hash = of(&hash)?;
    let owner = guard::is_owner(&context, &headers);
    if wanted.fetch.is_some() && context.files.find(&hash).is_none() {
        if !owner {
            return Err(Problem::Token);
        }
        fetched(&context.files, hash).await?;
    }
    let files = context.files.clone();
    let (claims, reader) = blocking(move || Ok((files.claims(&hash), files.open_file(&hash)))).await?;
    // What nobody named yet is its owner's own business.
    let reader = match reader {
        _ if claims.is_empty() && !owner => return Err(absent(&context.files, hash, false)),
        Err(files::Error::NotHere(_)) => return Err(absent(&context.files, hash, !claims.is_empty())),
        other => other?,
    };
    let said = claims.iter().find(|claim| claim.file.length == reader.length());
    let mut response = part(reader, hash, &headers).await?;
    let (reader_looks, name) = response.1;
    let name = said.and_then(|claim| claim.file.name.clone()).or(name);
    let said = said.map(|claim| claim.file.ty.as_str());
    let ty = files::served(&reader_looks, said);
    let inline = wanted.inline.is_some() && files::inline(&reader_looks, said.unwrap_or(&reader_looks));
    let headers = response.0.headers_mut();
    let ty = if ty.starts_with("text/") {
        format!("{ty}; charset=utf-8")
    } else {
        ty.to_owned()
    };
    let set = [
        (header::CONTENT_TYPE, ty),
        (
            header::CONTENT_DISPOSITION,
            disposition(inline, &hash, name.as_deref(), &reader_looks),
        ),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::ETAG, format!("\"{hash}\"")),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    for (name, value) in set {
        let value = HeaderValue::from_str(&value).map_err(|_| Problem::Broken)?;
        headers.insert(name, value);
    }
    let own = HeaderValue::from_static("same-origin");
    headers.insert("cross-origin-resource-policy", own);
    Ok(response.0)
}

/// Where a file stands, and which entries name it
#[utoipa::path(get, path = "/files/{hash}/status", tag = "files", params(OfHash), responses((status = 200, body = Known)))]
pub(crate) async fn status(
    State(context): State<Arc<Context>>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Known>, Problem> {
    let hash = of(&hash)?;
    let owner = guard::is_owner(&context, &headers);
    let files = context.files.clone();
    let known = blocking(move || Ok(known(&files, hash))).await?;
    if known.named.is_empty() && !owner {
        return Err(absent(&context.files, hash, false));
    }
    Ok(Json(known))
}

/// Fetches a file from peers: returns at once
#[utoipa::path(post, path = "/files/{hash}/fetch", tag = "files", params(OfHash), responses((status = 200, body = Known)))]
pub(crate) async fn fetch(
    State(context): State<Arc<Context>>,
    Path(hash): Path<String>,
) -> Result<Json<Known>, Problem> {
    let hash = of(&hash)?;
    let files = context.files.clone();
    let known = blocking(move || {
        files.want(&hash)?;
        Ok(known(&files, hash))
    });
    Ok(Json(known.await?))
}

/// Removes a file from this node
#[utoipa::path(delete, path = "/files/{hash}", tag = "files", params(OfHash), responses((status = 200, body = Removed)))]
pub(crate) async fn remove(
    State(context): State<Arc<Context>>,
    Path(hash): Path<String>,
) -> Result<Json<Removed>, Problem> {
    let hash = of(&hash)?;
    let files = context.files.clone();
    let removed = blocking(move || files.remove(&hash)).await?;
    Ok(Json(Removed { hash, removed }))
}

/// Whether something was removed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Removed {
    #[schema(value_type = Hex)]
    hash: Hash,
    removed: bool,
}

/// The hash that a text is.
pub(crate) fn of(text: &str) -> Result<Hash, Problem> {
    let short = || text.chars().take(80).collect::<String>();
    text.parse().map_err(|why| {
        Problem::Input(format!(
            "{:?} names no file: a SHA-256 has 64 hexadecimal digits ({why})",
            short()
        ))
    })
}

/// Works with files where that may take a while.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, files::Error> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| Problem::Broken)??)
}

/// Fetches a file and waits for it a while.
async fn fetched(files: &Files, hash: Hash) -> Result<(), Problem> {
    let held = files.clone();
    blocking(move || held.want(&hash)).await?;
    match files.wait(&hash, WAIT).await {
        files::State::Here { .. } => Ok(()),
        files::State::Fetching(Fetch { have, length, .. }) => Err(Problem::Fetching { hash, have, length }),
        files::State::Absent { why } => Err(Problem::Unfetched {
            hash,
            why: why.unwrap_or_else(|| "it was removed meanwhile".to_owned()),
        }),
    }
}

fn absent(files: &Files, hash: Hash, named: bool) -> Problem {
    match files.state(&hash) {
        _ if !named => files::Error::NotHere(hash).into(),
        files::State::Fetching(Fetch { have, length, .. }) => Problem::Fetching { hash, have, length },
        _ => Problem::Fetchable(hash),
    }
}

fn known(files: &Files, hash: Hash) -> Known {
    let claims = files.claims(&hash);
    let (mut fetch, mut why) = (None, None);
    let state = match files.state(&hash) {
        files::State::Here { .. } => "here",
        files::State::Fetching(how) => {
            fetch = Some(how);
            "fetching"
        }
        files::State::Absent { why: reason } => {
            why = reason;
            "absent"
        }
    };
    let reader = files.open_file(&hash).ok();
    let naming = |claim: &Claim| Naming {
        entry: claim.entry.to_string(),
        committee: claim.committee.to_string(),
        record: claim.in_record,
        length: claim.file.length,
        ty: claim.file.ty.clone(),
        name: claim.file.name.clone(),
        contradiction: reader.as_ref().and_then(|reader| contradiction(claim, reader)),
    };
    Known {
        hash,
        state,
        length: reader
            .as_ref()
            .map(Reader::length)
            .or(claims.first().map(|claim| claim.file.length)),
        ty: reader.as_ref().map(|reader| reader.looks().to_owned()),
        fetch,
        why,
        named: claims.iter().map(naming).collect(),
    }
}

/// What an entry says of a file that the file itself contradicts.
fn contradiction(claim: &Claim, reader: &Reader) -> Option<String> {
    if claim.file.length != reader.length() {
        let (said, found) = (claim.file.length, reader.length());
        return Some(format!("it is said to have {said} bytes, and has {found}"));
    }
    files::agrees(reader.looks(), &claim.file.ty)
        .err()
        .map(|why| why.to_string())
}

/// A file, or the part of it that is asked for; with what it looks like and what its owner called it.
async fn part(
    reader: Reader,
    hash: Hash,
    headers: &HeaderMap,
) -> Result<(Response, (String, Option<String>)), Problem> {
    let about = (reader.looks().to_owned(), reader.name().map(str::to_owned));
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let tag = format!("\"{hash}\"");
    let has = text(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    if has {
        return Ok((StatusCode::NOT_MODIFIED.into_response(), about));
    }
    let length = reader.length();
    let same = text(header::IF_RANGE).is_none_or(|known| known.trim() == tag);
    let asked = text(header::RANGE)
        .filter(|_| same)
        .and_then(|range| range_of(range, length));
    let (status, from, to) = match asked {
        None => (StatusCode::OK, 0, length),
        Some(Some((from, to))) => (StatusCode::PARTIAL_CONTENT, from, to),
        Some(None) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            let range = HeaderValue::from_str(&format!("bytes */{length}")).map_err(|_| Problem::Broken)?;
            response.headers_mut().insert(header::CONTENT_RANGE, range);
            return Ok((response, about));
        }
    };
    let sending = Sending { reader, at: from, to };
    // The first chunk is read before anything is said, so that damage becomes an answer of its own.
    let first = sending.next().await?;
    let rest = stream::unfold(first, |state| async move {
        let (bytes, sending) = state?;
        let next = match sending.next().await {
            Ok(next) => next,
            // The connection ends early, which whoever reads notices by the length.
            Err(why) => {
                tracing::warn!(%why, "a file could not be given to its end");
                None
            }
        };
        Some((Ok::<_, Problem>(bytes), next))
    });
    let mut response = (status, Body::from_stream(rest)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to.saturating_sub(from)));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{length}", to.saturating_sub(1));
        let range = HeaderValue::from_str(&range).map_err(|_| Problem::Broken)?;
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok((response, about))
}

/// What is left to be sent of a file.
struct Sending {
    reader: Reader,
    at: u64,
    to: u64,
}

impl Sending {
    /// The next bytes; none at the end.
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, Problem> {
        if self.at >= self.to {
            return Ok(None);
        }
        let read = blocking(move || {
            let size = span(self.reader.length(), 0).map_or(1, |(_, size)| size.max(1));
            let n = self.at / u64::try_from(size).unwrap_or(u64::MAX);
            let mut bytes = self.reader.chunk(n)?.into_bytes();
            let (start, _) = span(self.reader.length(), n).unwrap_or_default();
            let skip = usize::try_from(self.at.saturating_sub(start)).unwrap_or(usize::MAX);
            let mut bytes = bytes.split_off(skip.min(bytes.len()));
            let most = usize::try_from(self.to.saturating_sub(self.at)).unwrap_or(usize::MAX);
            bytes.truncate(most);
            self.at = self.at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            Ok((bytes, self))
        });
        read.await.map(Some)
    }
}

/// The first byte and the one after the last of a `Range`; none if there are no such bytes. Outside none if it is nothing
/// that has to be understood (RFC 9110, 14.2), and then all is sent.
fn range_of(text: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (from, to) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => Some(Some(digits.parse().unwrap_or(u64::MAX))),
        _ => None,
    };
    let range = match (number(from)?, number(to)?) {
        (None, None) => return None,
        (None, Some(last)) => (length.saturating_sub(last), length),
        (Some(from), None) => (from, length),
        (Some(from), Some(to)) if from > to => return None,
        (Some(from), Some(to)) => (from, to.saturating_add(1).min(length)),
    };
    Some((range.0 < range.1).then_some(range))
}

/// How a browser is to save a file, and under which name (RFC 6266).
fn disposition(inline: bool, hash: &Hash, name: Option<&str>, looks: &str) -> String {
    let name = safe_name(name, hash, looks);
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let escaped: String = name
        .bytes()
        .map(|b| match b {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    let how = if inline { "inline" } else { "attachment" };
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{escaped}")
}

/// The name under which a file is saved: no folders, nothing hidden, and no ending that makes something else of it.
pub(crate) fn safe_name(name: Option<&str>, hash: &Hash, looks: &str) -> String {
    let last = name
        .and_then(|name| name.rsplit(['/', '\\']).next())
        .unwrap_or_default();
    let steers = |c: &char| {
        c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = last.chars().filter(|c| !steers(c)).take(150).collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let usual: &[&str] = match looks {
        "application/pdf" => &["pdf"],
        "application/zip" => &["zip"],
        "image/gif" => &["gif"],
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        _ => &[],
    };
    let ending = clean
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    let clean = if clean.is_empty() {
        hash.short()
    } else {
        clean.to_owned()
    };
    match usual {
        [first, ..] if !usual.contains(&ending.as_str()) => format!("{clean}.{first}"),
        [] if ACTIVE.contains(&ending.as_str()) => format!("{clean}.txt"),
        _ => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_rfc_9110_has_them() {
        for (text, length, expected) in [
            ("bytes=0-0", 10, Some(Some((0, 1)))),
            ("bytes=2-5", 10, Some(Some((2, 6)))),
            ("bytes=2-500", 10, Some(Some((2, 10)))),
            ("bytes=2-", 10, Some(Some((2, 10)))),
            ("bytes=-3", 10, Some(Some((7, 10)))),
            ("bytes=-30", 10, Some(Some((0, 10)))),
            ("bytes=10-", 10, Some(None)),
            ("bytes=0-", 0, Some(None)),
            ("bytes=-0", 10, Some(None)),
            ("bytes=99999999999999999999-", 10, Some(None)),
            ("bytes=5-2", 10, None),
            ("bytes=0-1,4-5", 10, None),
            ("bytes=x-1", 10, None),
            ("bytes=-", 10, None),
            ("lines=0-1", 10, None),
        ] {
            assert_eq!(range_of(text, length), expected, "{text}");
        }
    }

    #[test]
    fn names_are_saved_as_what_they_are() {
        let hash = Hash([0xab; 32]);
        let name = |name: &str, looks: &str| safe_name(Some(name), &hash, looks);
        assert_eq!(name("report.pdf", "application/pdf"), "report.pdf");
        assert_eq!(name("report.exe", "application/pdf"), "report.exe.pdf");
        assert_eq!(name("run.exe", "application/octet-stream"), "run.exe.txt");
        assert_eq!(name("page.HTML", "text/plain"), "page.HTML.txt");
        assert_eq!(name("../../etc/passwd", "text/plain"), "passwd");
        assert_eq!(name(".bashrc", "text/plain"), "bashrc");
        assert_eq!(
            name("data\u{202e}fdp.exe", "application/octet-stream"),
            "datafdp.exe.txt"
        );
        assert_eq!(name("a.parquet", "application/octet-stream"), "a.parquet");
        assert_eq!(name("...", "image/png"), "abababab.png");
        assert_eq!(safe_name(None, &hash, "text/plain"), "abababab");
        let text = disposition(false, &hash, Some("größe \"1\"\r\n.csv"), "text/plain");
        assert_eq!(
            text,
            "attachment; filename=\"gr__e _1_.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.csv"
        );
        assert!(HeaderValue::from_str(&text).is_ok());
    }
}
