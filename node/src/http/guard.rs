//! What every request passes first: host, time, size, and the token where something is signed.

use std::net::IpAddr;
use std::sync::Arc;

use althing_protocol::hash::sha256;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

use super::context::Context;
use super::error::Problem;
use super::session::{self, same};
use crate::limit::files::UPLOAD;
use crate::limit::http::TAGGED;
pub(crate) use crate::limit::http::{BODY, GRACE, TIME};

/// Refuses requests under a host name. A web page can make its own name point at this machine (DNS rebinding) and
/// would read what only this machine may; it cannot make a browser send an IP address or `localhost` instead.
pub(crate) async fn host(request: Request, next: Next) -> Response {
    let named = request.uri().host().map(str::to_owned);
    let named = named.or_else(|| Some(host_of(request.headers())?.to_owned()));
    match named {
        Some(host) if !is_address(&host) => Problem::Host { host }.into_response(),
        None => Problem::Host { host: String::new() }.into_response(),
        Some(_) => next.run(request).await,
    }
}

/// Ends what takes too long. Files may take longer: a connection that is silent ends all the same.
pub(crate) async fn bounded(request: Request, next: Next) -> Response {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let files = request.uri().path().starts_with("/api/v1/files") || form.is_some_and(is_multipart);
    let most = if files { UPLOAD } else { TIME };
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::Time {
            seconds: most.as_secs(),
        }
        .into_response(),
    }
}

/// Whether a content type is that of a form with files.
pub(crate) fn is_multipart(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// What a browser may do with our answers: load nothing from elsewhere, run no script but ours, show them in no frame, and
/// tell nobody where it came from.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Puts the headers that keep browsers safe on every answer.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // The page that checks proofs has one of its own, stricter but for its own script.
    let policy = HeaderValue::from_static(POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    let set = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let dynamic = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(dynamic);
    response
}

/// Puts a digest of the answer on it (`ETag`), and answers whoever has it already with 304 and no body. The answer is
/// made all the same: this saves sending and reading it.
pub(crate) async fn tagged(request: Request, next: Next) -> Response {
    let known = request.headers().get_all(header::IF_NONE_MATCH).iter();
    let known: Vec<String> = known.filter_map(|v| Some(v.to_str().ok()?.to_owned())).collect();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, TAGGED).await else {
        return Problem::Broken.into_response();
    };
    let digest = HEXLOWER.encode(&sha256(&[b"althing/etag/1\0", &bytes]));
    let tag = format!("\"{}\"", digest.get(..32).unwrap_or_default());
    let has = |value: &String| {
        value
            .split(',')
            .any(|t| t.trim().trim_start_matches("W/") == tag || t.trim() == "*")
    };
    let unchanged = known.iter().any(has);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
        // A browser may keep it, and asks each time whether it still holds.
        parts
            .headers
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    if unchanged {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Lets through whoever shows the token of the data folder, and the owner's browser on our own pages.
pub(crate) async fn token(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    if is_owner(&context, request.headers()) {
        next.run(request).await
    } else {
        Problem::Token.into_response()
    }
}

/// Whether a request is the owner's: by the token, or from their browser and our own pages.
pub(crate) fn is_owner(context: &Context, headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    let by_token = shown.is_some_and(|shown| same(shown, context.ingest.home().token()));
    by_token || context.session.is_owner(headers) && !session::is_foreign(headers)
}

pub(crate) async fn no_such_path(request: Request) -> Problem {
    Problem::Path(request.uri().path().to_owned())
}

pub(crate) async fn no_such_method(request: Request) -> Problem {
    Problem::Method(format!("{} {}", request.method(), request.uri().path()))
}

/// The host of the `Host` header without its port.
fn host_of(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(address, _)| address),
        None => Some(host.rsplit_once(':').map_or(host, |(name, _)| name)),
    }
}

fn is_address(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_localhost_are_hosts() {
        let of = |host: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, axum::http::HeaderValue::from_static(host))]);
            host_of(&headers).is_some_and(is_address)
        };
        for yes in [
            "127.0.0.1",
            "127.0.0.1:8420",
            "localhost:1",
            "LOCALHOST",
            "[::1]:8420",
            "[::1]",
            "10.0.0.7:80",
        ] {
            assert!(of(yes), "{yes}");
        }
        for no in [
            "evil.example",
            "evil.example:8420",
            "127.0.0.1.evil.example",
            "localhost.evil",
            "",
            "[::1",
            ":80",
        ] {
            assert!(!of(no), "{no}");
        }
    }
}
