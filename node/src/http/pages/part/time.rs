//! Moments and days in words. The markup holds the moment in UTC; the script puts the reader's zone in its place.

use std::fmt;

use althing_protocol::entry::Header;
use maud::{Markup, html};

use crate::clock;
use crate::http::pages::View;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The first moment of the year 10000: nobody means a later one.
const END: u64 = 253_402_300_800_000;

/// How far ahead of this node's clock a claimed time may be before that is said.
const AHEAD: u64 = 10 * MINUTE;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment, in milliseconds since 1970: day and minute.
pub(crate) fn at(ms: u64) -> Markup {
    match Moment::of(ms) {
        Some(moment) => html! { time datetime=(moment.iso()) title={ (moment) " UTC" } { (moment) " UTC" } },
        None => html! { span.time { "no time that a calendar has" } },
    }
}

/// A moment, as how long ago it was: `4 min ago`.
pub(crate) fn ago(view: &View<'_>, ms: u64) -> Markup {
    match Moment::of(ms) {
        Some(moment) => {
            html! { time.ago datetime=(moment.iso()) title={ (moment) " UTC" } { (since(view.now, ms)) } }
        }
        None => at(ms),
    }
}

/// The two sides of when an entry was written: what its author claims, what a chain shows.
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
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<usize>().ok());
    match (parts.next().flatten(), parts.next().flatten(), parts.next().flatten()) {
        (Some(year), Some(month @ 1..=12), Some(day)) => {
            let month = MONTHS.get(month - 1).copied().unwrap_or_default();
            html! { time.day datetime=(text) { (day) " " (month) " " (year) } }
        }
        _ => html! { (super::text::visible(text)) },
    }
}

/// `now`, `4 min ago`, `3 h ago`, `2 days ago`, or the day.
pub(crate) fn since(now: u64, ms: u64) -> String {
    let passed = now.saturating_sub(ms);
    match passed {
        _ if ms > now.saturating_add(AHEAD) => Moment::of(ms).map_or_else(String::new, |m| m.to_string()),
        0..MINUTE => "now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", passed / MINUTE),
        HOUR..DAY => format!("{} h ago", passed / HOUR),
        _ if passed < 2 * DAY => "yesterday".to_owned(),
        _ if passed < 14 * DAY => format!("{} days ago", passed / DAY),
        _ => Moment::of(ms).map_or_else(String::new, |m| m.day()),
    }
}

/// A moment as calendars and clocks have it, in UTC.
struct Moment {
    year: u64,
    month: u64,
    day: u64,
    minute: u64,
}

impl Moment {
    fn of(ms: u64) -> Option<Self> {
        if ms >= END {
            return None;
        }
        let (year, month, day) = clock::date(ms / DAY);
        Some(Self {
            year,
            month,
            day,
            minute: ms % DAY / MINUTE,
        })
    }

    fn iso(&self) -> String {
        let Self {
            year,
            month,
            day,
            minute,
        } = self;
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}Z", minute / 60, minute % 60)
    }

    fn day(&self) -> String {
        let month = usize::try_from(self.month)
            .ok()
            .and_then(|m| MONTHS.get(m.checked_sub(1)?));
        format!("{} {} {}", self.day, month.copied().unwrap_or_default(), self.year)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:02}:{:02}", self.day(), self.minute / 60, self.minute % 60)
    }
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
