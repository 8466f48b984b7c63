//! Files that entries name: added by the owner, given to whoever reads, fetched from peers when the owner asks.
//!
//! Invariant: nothing that others wrote runs in a browser under this node's address. A file is told to be what it looks
//! like or plain bytes, is saved and not shown unless asked for and harmless, and gets a policy that allows nothing.

mod name;
mod send;

use std::sync::Arc;

use althing_protocol::hash::Hash;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::name::disposition;
pub(crate) use self::name::safe_name;
use self::send::part;
use crate::files::{self, Added, Claim, Fetch, Files, Reader};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::guard;
use crate::http::input::Params;
use crate::http::query::Hex;
use crate::limit::files::WAIT;

/// A file may do nothing at all in a browser.
const POLICY: &str = "sandbox; default-src 'none'";

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
    id: String,
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
#[utoipa::path(get, path = "/files/{id}", tag = "files", params(OfHash, Wanted), responses((status = 200, description = "The file, or a part of it (`Range`)", body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, description = "A part of it", body = Vec<u8>, content_type = "application/octet-stream"), (status = 304, description = "As it was")))]
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
    let looks = reader.looks().to_owned();
    let name = said.and_then(|claim| claim.file.name.as_deref()).or(reader.name());
    let disposed = |inline| disposition(inline, &hash, name, &looks);
    let said = said.map(|claim| claim.file.ty.as_str());
    let ty = files::served(&looks, said);
    let disposition = disposed(wanted.inline.is_some() && files::inline(&looks, said.unwrap_or(&looks)));
    let mut response = part(reader, hash, &headers).await?;
    let headers = response.headers_mut();
    let ty = if ty.starts_with("text/") {
        format!("{ty}; charset=utf-8")
    } else {
        ty.to_owned()
    };
    let set = [
        (header::CONTENT_TYPE, ty),
        (header::CONTENT_DISPOSITION, disposition),
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
    Ok(response)
}

/// Where a file stands, and which entries name it
#[utoipa::path(get, path = "/files/{id}/status", tag = "files", params(OfHash), responses((status = 200, body = Known)))]
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
#[utoipa::path(post, path = "/files/{id}/fetch", tag = "files", params(OfHash), responses((status = 200, body = Known)))]
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
#[utoipa::path(delete, path = "/files/{id}", tag = "files", params(OfHash), responses((status = 200, body = Removed)))]
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
