//! `althing show DOC`

use std::fmt::Write as _;

use chrono::DateTime;
use clap::Args;
use serde_json::Value;

use super::call::Node;
use super::failure::Failure;
use super::print::{Answer, person, short, time, word};
use crate::clock;

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The document.
    doc: String,
    /// As it was at this entry.
    #[arg(long, value_name = "ENTRY")]
    at: Option<String>,
    /// Say of each act whether it came by then: a day (to its end, UTC), or a moment such as 2026-11-30T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    by: Option<String>,
}

impl Show {
    pub(super) fn run(self, node: &Node) -> Result<Answer, Failure> {
        let deadline = self.by.as_deref().map(deadline).transpose()?;
        let mut query: Vec<(&str, &str)> = self.at.iter().map(|at| ("at", at.as_str())).collect();
        query.extend(deadline.iter().map(|deadline| ("deadline", deadline.as_str())));
        let json = node.get(&["documents", &self.doc], &query)?;
        let text = text(&json);
        Ok(Answer::new(json, text))
    }
}

/// When an act came to be: between blocks where they are known, else as its author claims; and whether it was in time.
fn when(act: &Value) -> String {
    let side = |name: &str| {
        let seconds = act.get(name)?.get("time")?.as_u64()?;
        let moment = clock::moment(seconds.saturating_mul(1000))?;
        Some(moment.format("%Y-%m-%d %H:%M").to_string())
    };
    let mut out = match (side("not_before"), side("not_after")) {
        (Some(before), Some(after)) => format!("between {before} and {after}"),
        (None, Some(after)) => format!("not after {after}"),
        (Some(before), None) => format!("not before {before}, claimed {}", time(act, "time")),
        (None, None) => time(act, "time"),
    };
    match word(act, "timely").as_str() {
        "" => {}
        timely => out.push_str(&format!(", {}", timely.replace('_', " "))),
    }
    out
}

/// A moment in seconds since 1970.
fn deadline(text: &str) -> Result<String, Failure> {
    let bad = || {
        Failure::Input(format!(
            "{text:?} is neither a day such as 2026-11-30 nor a moment such as 2026-11-30T12:00:00Z"
        ))
    };
    let seconds = match clock::end_of_day(text) {
        Some(seconds) => seconds,
        None => {
            let moment = DateTime::parse_from_rfc3339(text).map_err(|_| bad())?;
            u64::try_from(moment.timestamp()).map_err(|_| bad())?
        }
    };
    Ok(seconds.to_string())
}

fn text(json: &Value) -> String {
    let mut out = format!("{} {} {}\n", short(json, "id"), word(json, "kind"), word(json, "title"));
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        out.write_fmt(text).unwrap_or_default();
        out.push('\n');
    };
    line(format_args!("by {}, {}", person(json, "by"), time(json, "time")));
    let state = json.get("state").map(|state| word(state, "name")).unwrap_or_default();
    if !state.is_empty() {
        line(format_args!("state: {state}"));
    }
    if json.get("record") == Some(&Value::Bool(false)) {
        line(format_args!("nobody has taken this up yet"));
    }
    if json.get("incomplete") == Some(&Value::Bool(true)) {
        line(format_args!("incomplete: some bodies are not here"));
    }
    let body = word(json, "body");
    if matches!(body.as_str(), "absent" | "erased") {
        line(format_args!("body: {body}{}", why(json)));
    }
    for (name, field) in json.get("content").and_then(Value::as_object).into_iter().flatten() {
        for version in all(field, "values") {
            line(format_args!(
                "\n{name}:{}\n{}",
                conflict(field),
                plain(version.get("value"))
            ));
        }
        for item in all(field, "items") {
            for version in all(item, "values") {
                line(format_args!(
                    "\n{name}:{}\n{}",
                    conflict(item),
                    plain(version.get("value"))
                ));
            }
        }
    }
    for act in all(json, "acts") {
        line(format_args!(
            "\n{} {} by {}, {}",
            short(act, "id"),
            word(act, "kind"),
            person(act, "by"),
            when(act)
        ));
        let effect = word(act, "effect");
        if effect != "effective" {
            let cause = act.get("cause").map(|cause| word(cause, "text")).unwrap_or_default();
            line(format_args!("  {effect}: {cause}"));
        }
        for (name, value) in act.as_object().into_iter().flatten() {
            // What its body says stands beside what the node says of it.
            if !OF_THE_NODE.contains(&name.as_str()) && !value.is_null() {
                line(format_args!("  {name}: {}", plain(Some(value)).replace('\n', "\n  ")));
            }
        }
        let body = word(act, "body");
        if matches!(body.as_str(), "absent" | "erased") {
            line(format_args!("  body: {body}{}", why(act)));
        }
    }
    out
}

/// What the node says of an act, and what is shown of it above its own words.
const OF_THE_NODE: [&str; 16] = [
    "id",
    "kind",
    "by",
    "time",
    "not_before",
    "not_after",
    "timely",
    "effect",
    "cause",
    "body",
    "record",
    "saw",
    "amendments",
    "amended",
    "retracted",
    "erased",
];

/// By whom and why a body was erased.
fn why(entry: &Value) -> String {
    match entry.get("erased") {
        Some(notice) => format!(
            " by {}, {}: {}",
            person(notice, "by"),
            time(notice, "time"),
            word(notice, "reason")
        ),
        None => String::new(),
    }
}

fn conflict(field: &Value) -> &'static str {
    if field.get("conflict") == Some(&Value::Bool(true)) {
        " (one of several versions)"
    } else {
        ""
    }
}

fn all<'a>(json: &'a Value, field: &str) -> &'a [Value] {
    json.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn plain(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(fields)) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", plain(Some(value))));
            fields.collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_see_what_an_act_says() {
        let act = json!({
            "id": "ab".repeat(32), "kind": "post", "by": { "identity": "cd".repeat(32), "name": "Ada" }, "time": 0,
            "not_before": null, "not_after": null, "effect": "effective", "cause": null, "body": "here",
            "record": true, "reply_to": null, "text": "Also\nat night.",
        });
        let shown = text(&json!({ "id": "ef".repeat(32), "kind": "topic", "title": "Ferries", "acts": [act] }));
        assert!(
            shown.ends_with("post by Ada (cdcdcdcd), 1970-01-01 00:00\n  text: Also\n  at night.\n"),
            "{shown}"
        );
    }
}
