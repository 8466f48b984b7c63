//! The windows of a committee as a calendar (RFC 5545): votes, evaluations, programmes, notices (R73).
//!
//! Bound: as many as the view `calendar` reads documents ([`super::query::view::DOCUMENTS`]).

use std::sync::Arc;

use althing_view::calendar;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate};
use icalendar::{Calendar, Component, Event, EventLike};

use super::context::Context;
use super::error::Problem;
use super::query::view::Material;
use super::{guard, ids};
use crate::clock;

pub(crate) fn router() -> Router<Arc<Context>> {
    Router::new()
        .route("/c/{id}/calendar.ics", get(committee))
        .route_layer(middleware::from_fn(guard::tagged))
}

/// `GET /c/{id}/calendar.ics`
async fn committee(State(context): State<Arc<Context>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let text = context.blocking(move |context| {
        let (_, id) = context.ingest.read(|state| ids::committee(state, &id))?;
        let reads = althing_view::find("calendar").map_or(&[][..], |view| view.reads);
        let material = Material::gather(context, id, reads, None)?;
        let world = material.world(clock::now_ms());
        let mut out = Calendar::new();
        out.name(&world.committee.title());
        for window in calendar::windows(&world) {
            let (Some(first), Some(last)) = (day(window.from), day(window.until)) else {
                continue;
            };
            let opened = world.doc(window.doc).map_or(0, |doc| doc.opened().claimed);
            let mut event = Event::new();
            event
                .uid(&window.uid)
                .summary(&format!("{}: {}", window.kind, window.title))
                .url(&format!("{}/d/{}", context.url, window.doc))
                .starts(first)
                // The end of an event of whole days is the day after it (section 3.6.1).
                .ends(last.checked_add_days(Days::new(1)).unwrap_or(last));
            // Fixed, so that the same record gives the same calendar.
            if let Some(stamp) = i64::try_from(opened).ok().and_then(DateTime::from_timestamp_millis) {
                event.timestamp(stamp);
            }
            out.push(event.done());
        }
        Ok(out.done().to_string())
    });
    let text = text.await?;
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response())
}

fn day(day: calendar::Day) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(&day.to_string(), "%Y-%m-%d").ok()
}
