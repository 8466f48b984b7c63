//! What every request passes first: host, time, size, and the token where something is signed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use althing_protocol::hash::sha256;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::context::Context;
use super::error::Problem;

/// How long a request may take.
pub(crate) const TIME: Duration = Duration::from_secs(60);

/// Largest body of a request, in bytes.
pub(crate) const BODY: usize = 8 << 20;

/// How long requests under way may go on when the node stops.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

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

/// Ends what takes too long.
pub(crate) async fn bounded(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::Time {
            seconds: TIME.as_secs(),
        }
        .into_response(),
    }
}

/// Lets through whoever shows the token of the data folder.
pub(crate) async fn token(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let shown = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    if shown.is_some_and(|shown| same(shown, context.ingest.home().token())) {
        next.run(request).await
    } else {
        Problem::Token.into_response()
    }
}

pub(crate) async fn no_such_path(request: Request) -> Problem {
    Problem::Path(request.uri().path().to_owned())
}

pub(crate) async fn no_such_method(request: Request) -> Problem {
    Problem::Method(format!("{} {}", request.method(), request.uri().path()))
}

/// Compares without telling by time how much fits: of two hashes an attacker can steer neither.
fn same(shown: &str, token: &str) -> bool {
    let hash = |text: &str| sha256(&[b"althing/token/1\0", text.as_bytes()]);
    let differences = hash(shown).iter().zip(hash(token)).fold(0, |all, (a, b)| all | (a ^ b));
    differences == 0
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

    #[test]
    fn tokens_are_equal_or_not() {
        assert!(same("abc", "abc"));
        assert!(!same("abd", "abc") && !same("", "abc") && !same("abcd", "abc"));
    }
}
