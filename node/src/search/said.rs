//! The words of a body: every text in it, whatever its kind.
//!
//! Kinds are not asked: what a newer release wrote can be found too, and what breaks its schema was said all the same.
//!
//! Bound: a body has at most [`althing_protocol::limit::BODY`] bytes and nests as deep as the codec allows.

use althing_protocol::codec::{self, Value};

/// What a body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The title that a root or an edit sets.
    pub(crate) title: Option<String>,
    /// All texts, one below the other.
    pub(crate) text: String,
}

/// Fields that serve as titles, the first one first.
const TITLES: [&str; 3] = ["title", "name", "nominee"];

/// The words of a body; nothing where its bytes are no body.
pub(crate) fn said(body: &[u8]) -> Said {
    let Ok(value) = codec::decode_value(body) else {
        return Said::default();
    };
    let mut out = Said::default();
    if let Value::Map(map) = &value
        && let Some(Value::Map(set)) = map.get("set")
    {
        let titles = TITLES.iter().filter_map(|name| match set.get(*name) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        });
        out.title = titles.into_iter().next();
    }
    gather(&value, &mut out.text);
    out
}

fn gather(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(text);
        }
        Value::List(all) => all.iter().for_each(|one| gather(one, out)),
        Value::Map(map) => map.values().for_each(|one| gather(one, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_is_found_and_keys_are_not() {
        let kind = althing_protocol::kind::find("topic").unwrap();
        let body = althing_protocol::kind::json::body(kind, &json!({ "title": "Weeds", "text": "one two" })).unwrap();
        let found = said(&body);
        assert_eq!(found.title.as_deref(), Some("Weeds"));
        assert!(
            found.text.contains("one two") && !found.text.contains("title"),
            "{found:?}"
        );
        assert_eq!(said(b"junk"), Said::default());
    }
}
