//! Moments and days in words. The markup holds the moment in UTC; the script puts the reader's zone in its place.

use althing_protocol::anchor::time::{Fact, Span};
use althing_protocol::entry::Header;
use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use crate::clock;
use crate::http::pages::View;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How far ahead of this node's clock a claimed time may be before that is said.
const AHEAD: u64 = 10 * MINUTE;

/// A moment, in milliseconds since 1970: day and minute.
pub(crate) fn at(ms: u64) -> Markup {
    match clock::moment(ms) {
        Some(moment) => {
            html! { time datetime=(iso(moment)) title={ (words(moment)) " UTC" } { (words(moment)) " UTC" } }
        }
        None => html! { span.time { "no time that a calendar has" } },
    }
}

/// A moment, as how long ago it was: `4 min ago`.
pub(crate) fn ago(view: &View<'_>, ms: u64) -> Markup {
    match clock::moment(ms) {
        Some(moment) if view.reader.copy.is_none() => {
            html! { time.ago datetime=(iso(moment)) title={ (words(moment)) " UTC" } { (since(view.now, ms)) } }
        }
        _ => at(ms),
    }
}

/// The two sides of when an entry was written, as final blocks show them; what its author claims where they do not.
pub(crate) fn range(view: &View<'_>, header: &Header, span: Option<&Span>) -> Markup {
    let side = |fact: Option<Fact>| fact.map(|fact| at(fact.time.saturating_mul(1000)));
    let before = side(span.and_then(|span| span.not_before));
    let after = side(span.and_then(|span| span.not_after));
    html! {
        @match (before, after) {
            (Some(before), Some(after)) => { "not before " (before) ", not after " (after) " · anchored" },
            (None, Some(after)) => { "not after " (after) " · anchored, claimed " (at(header.time)) },
            (Some(before), None) => { "not before " (before) ", claimed " (at(header.time)) },
            (None, None) => (claimed(view, header)),
        }
    }
}

/// What its author claims, and the block that they name.
pub(crate) fn claimed(view: &View<'_>, header: &Header) -> Markup {
    html! {
        @if let Some(block) = &header.not_before {
            "not before block " (super::text::grouped(block.height)) " of chain " (block.chain) ", "
        }
        "claimed " (at(header.time))
        @if header.time > view.now.saturating_add(AHEAD) {
            " " span.warn { "(ahead of this node’s clock)" }
        }
    }
}

/// A calendar day `YYYY-MM-DD`, as `12 May 2026`.
pub(crate) fn day(text: &str) -> Markup {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => html! { time.day datetime=(text) { (day.format(DATE).to_string()) } },
        Err(_) => html! { (super::text::visible(text)) },
    }
}

/// `now`, `4 min ago`, `3 h ago`, `2 days ago`, or the day.
pub(crate) fn since(now: u64, ms: u64) -> String {
    let passed = now.saturating_sub(ms);
    match passed {
        _ if ms > now.saturating_add(AHEAD) => clock::moment(ms).map_or_else(String::new, words),
        0..MINUTE => "now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", passed / MINUTE),
        HOUR..DAY => format!("{} h ago", passed / HOUR),
        _ if passed < 2 * DAY => "yesterday".to_owned(),
        _ if passed < 14 * DAY => format!("{} days ago", passed / DAY),
        _ => clock::moment(ms).map_or_else(String::new, date),
    }
}

/// `21 Nov 2026`
const DATE: &str = "%-d %b %Y";

/// `2026-11-21T09:30Z`
fn iso(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%MZ").to_string()
}

/// `21 Nov 2026`
fn date(moment: DateTime<Utc>) -> String {
    moment.format(DATE).to_string()
}

/// `21 Nov 2026, 09:30`
fn words(moment: DateTime<Utc>) -> String {
    moment.format("%-d %b %Y, %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_hold_utc_in_the_markup() {
        let markup = at(1_795_253_400_000).into_string();
        assert!(markup.contains(r#"datetime="2026-11-21T09:30Z""#) && markup.contains("21 Nov 2026, 09:30 UTC"));
        assert!(!at(u64::MAX).into_string().contains("datetime"));
        assert_eq!(
            day("2024-02-29").into_string(),
            r#"<time class="day" datetime="2024-02-29">29 Feb 2024</time>"#
        );
        assert_eq!(day("2024-13-<b>").into_string(), "2024-13-&lt;b&gt;");
    }

    #[test]
    fn what_passed_is_told_in_words() {
        let now = 1_795_253_400_000;
        for (before, words) in [
            (0, "now"),
            (59_999, "now"),
            (4 * MINUTE, "4 min ago"),
            (23 * HOUR, "23 h ago"),
            (DAY + HOUR, "yesterday"),
            (3 * DAY, "3 days ago"),
            (40 * DAY, "12 Oct 2026"),
        ] {
            assert_eq!(since(now, now - before), words);
        }
        assert_eq!(since(now, now + DAY), "22 Nov 2026, 09:30");
        assert_eq!(since(now, now + MINUTE), "now", "clocks differ a little");
    }
}
