//! Figures for Prometheus (`/metrics`) and a word for whoever watches the process (`/healthz`).
//!
//! Requests are counted by class, never by path: paths hold ids, and nobody may make figures grow.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;

use super::context::Context;
use super::error::Problem;
use crate::limit::http::{LISTENERS, READERS};

/// Where a request went, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    class: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Committee {
    committee: String,
}

/// What is counted as it happens.
#[derive(Clone)]
pub(crate) struct Metrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Class, Histogram, fn() -> Histogram>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            // From half a millisecond to half a minute.
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 17))),
        }
    }
}

fn class(method: &axum::http::Method, path: &str) -> &'static str {
    match path.strip_prefix("/api/v1") {
        Some("/events") => "events",
        Some("/search") => "search",
        Some(_) if method == axum::http::Method::GET => "read",
        Some("/entries") => "entries",
        Some(_) => "write",
        None if path.ends_with("/feed.atom") => "feed",
        None if path.starts_with("/web/") => "asset",
        None if matches!(path, "/metrics" | "/healthz") => "watch",
        None if method == axum::http::Method::GET => "page",
        None => "form",
    }
}

/// Counts a request and the time until its answer began.
pub(crate) async fn counted(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let class = class(request.method(), request.uri().path());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let metrics = &context.metrics;
    metrics.requests.get_or_create(&Answered { class, status }).inc();
    metrics
        .seconds
        .get_or_create(&Class { class })
        .observe(start.elapsed().as_secs_f64());
    response
}

/// `GET /metrics`
pub(crate) async fn metrics(State(context): State<Arc<Context>>) -> Result<Response, Problem> {
    let text = context.blocking(|context| {
        let mut registry = Registry::with_prefix("althing");
        let (requests, seconds) = (context.metrics.requests.clone(), context.metrics.seconds.clone());
        registry.register(
            "http_requests",
            "Requests that were answered, by class and status",
            requests,
        );
        registry.register("http_seconds", "Seconds until an answer began", seconds);
        held(context, &mut registry);
        let mut out = String::new();
        text::encode(&mut out, &registry).map_err(|_| Problem::Broken)?;
        Ok(out)
    });
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text.await?).into_response())
}

/// What the node holds now.
fn held(context: &Context, registry: &mut Registry) {
    let figure = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let taken = |places: &Semaphore, all: usize| figure(all.saturating_sub(places.available_permits()));
    let (entries, waiting) = context
        .ingest
        .read(|state| (state.graph().len(), state.waiting().ids().len()));
    let floor = context.ingest.read(|state| state.floor().len());
    gauge("entries", "Entries that are here", figure(entries));
    gauge("waiting", "Entries that wait for others", figure(waiting));
    gauge("floor", "Entries that are in no record", figure(floor));
    gauge("peers", "Connected peers", figure((context.network.peers)().len()));
    gauge("listeners", "Listeners to events", taken(&context.streams, LISTENERS));
    gauge(
        "readers",
        "Requests that read or compute",
        taken(context.readers(), READERS),
    );
    gauge(
        "store_bytes",
        "Bytes of the store's files",
        i64::try_from(context.ingest.store().size()).unwrap_or(i64::MAX),
    );
    let search = context.search.progress();
    gauge(
        "search_done",
        "Record entries in the search index",
        i64::try_from(search.done).unwrap_or(i64::MAX),
    );
    gauge(
        "alive",
        "1 while entries can be written",
        i64::from(context.ingest.is_alive()),
    );
    let (records, floors) = (
        Family::<Committee, Gauge>::default(),
        Family::<Committee, Gauge>::default(),
    );
    context.ingest.read(|state| {
        for committee in state.committees() {
            let label = Committee {
                committee: state.graph().id(committee.root()).short(),
            };
            records.get_or_create(&label).set(figure(committee.record().len()));
            floors
                .get_or_create(&label)
                .set(figure(state.floor_of(committee).len()));
        }
    });
    registry.register("record_entries", "Entries of a committee's record", records);
    registry.register(
        "floor_entries",
        "Entries of a committee that nobody has taken up",
        floors,
    );
}

/// `GET /healthz`: 200 as long as entries can be written.
pub(crate) async fn health(State(context): State<Arc<Context>>) -> Response {
    if context.ingest.is_alive() {
        (StatusCode::OK, "well\n").into_response()
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "nothing can be written; the log says why\n",
        )
            .into_response()
    }
}
