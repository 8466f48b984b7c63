//! Days, weeks and working days, in UTC.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

pub use crate::programmes::agenda::{Window, windows};
use crate::world::Doc;
use althing_protocol::kind::Value;

/// Milliseconds of a day.
pub const DAY: u64 = 24 * 3600 * 1000;

/// Working days are counted over at most as many calendar days.
const FAR: u32 = 366 * 20;

/// A calendar day, from 1970-01-01 to 9999-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

impl Day {
    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        (text.len() == 10 && (1970..=9999).contains(&day.year())).then_some(Self(day))
    }

    /// The day of a moment, in milliseconds since 1970; the last day there is for moments after it.
    #[must_use]
    pub fn of(ms: u64) -> Self {
        let moment = i64::try_from(ms).ok().and_then(chrono::DateTime::from_timestamp_millis);
        let day = moment
            .map(|moment| moment.date_naive())
            .filter(|day| day.year() <= 9999);
        Self(day.unwrap_or_else(last))
    }

    /// When it begins, in milliseconds since 1970.
    #[must_use]
    pub fn begins(self) -> u64 {
        u64::try_from(self.0.signed_duration_since(first()).num_days()).unwrap_or(0) * DAY
    }

    /// When it ends: the first millisecond after it.
    #[must_use]
    pub fn ends(self) -> u64 {
        self.begins() + DAY
    }

    /// So many days later; the last day there is at most.
    #[must_use]
    pub fn after(self, days: u64) -> Self {
        let later = self.0.checked_add_days(Days::new(days));
        Self(later.filter(|day| day.year() <= 9999).unwrap_or_else(last))
    }

    /// Days from this one to a later one; negative to an earlier one.
    #[must_use]
    pub fn until(self, later: Self) -> i64 {
        later.0.signed_duration_since(self.0).num_days()
    }

    /// Its week by ISO 8601: `2026-W47`.
    #[must_use]
    pub fn week(self) -> String {
        let week = self.0.iso_week();
        format!("{:04}-W{:02}", week.year(), week.week())
    }

    /// Its month: `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    /// Its year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The name of its day of the week, in small letters.
    #[must_use]
    pub fn weekday(self) -> &'static str {
        match self.0.weekday() {
            Weekday::Mon => "monday",
            Weekday::Tue => "tuesday",
            Weekday::Wed => "wednesday",
            Weekday::Thu => "thursday",
            Weekday::Fri => "friday",
            Weekday::Sat => "saturday",
            Weekday::Sun => "sunday",
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default()
}

fn last() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default()
}

/// The committee's working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    weekend: BTreeSet<String>,
    holidays: BTreeSet<Day>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            weekend: ["saturday", "sunday"].map(str::to_owned).into(),
            holidays: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// The calendar in a committee's content.
    #[must_use]
    pub fn of(committee: &Doc<'_>) -> Self {
        let mut out = Self::default();
        if let Some(Value::Lines(days)) = committee.value("weekend") {
            out.weekend = days.iter().map(|day| day.trim().to_lowercase()).collect();
        }
        let days = committee.items("holidays");
        out.holidays = days.iter().filter_map(|item| item.day("day")).collect();
        out
    }

    /// Whether people work on a day.
    #[must_use]
    pub fn works(&self, day: Day) -> bool {
        !self.weekend.contains(day.weekday()) && !self.holidays.contains(&day)
    }

    /// The day on which so many working days are over, counted from the day after `from`. Requirement R26: the day
    /// itself does not count, since most of it may be over. None where that is more than twenty years ahead.
    #[must_use]
    pub fn after(&self, from: Day, working_days: u64) -> Option<Day> {
        let mut left = working_days;
        let mut day = from;
        for _ in 0..FAR {
            if left == 0 {
                return Some(day);
            }
            day = day.after(1);
            left -= u64::from(self.works(day));
        }
        None
    }

    /// Working days after `from`, up to and with `until`; 0 where that is not later.
    #[must_use]
    pub fn between(&self, from: Day, until: Day) -> u64 {
        let days = u64::try_from(from.until(until)).unwrap_or(0).min(u64::from(FAR));
        (1..=days).map(|n| u64::from(self.works(from.after(n)))).sum()
    }
}
