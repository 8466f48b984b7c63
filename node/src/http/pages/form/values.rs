//! What the fields of a form hold, as text.
//!
//! Names: `field`, `field.amount` and `field.currency` of money, `list.2.field` in row 2 of a list. A row is there when
//! `list.2._item` is: empty for a new one, the item's id for one that is edited. Names with a `_` in front are our own.

use std::collections::BTreeMap;

use althing_protocol::kind::{Field, Record, Type, Value};

/// Rows of ids that have fields of their own; longer lists of ids are typed line by line.
pub(crate) const IDS: usize = 64;

/// The mark of a row.
pub(crate) const ITEM: &str = "_item";

/// Names and values of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Values(BTreeMap<String, String>);

impl FromIterator<(String, String)> for Values {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        // Browsers end lines as forms of old did.
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name, value.replace("\r\n", "\n")));
        Self(pairs.collect())
    }
}

impl Values {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Names and values, without those that are empty.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let filled = self
            .0
            .iter()
            .filter(|(name, value)| !value.is_empty() || name.ends_with(ITEM));
        filled.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Our own fields alone.
    pub(crate) fn own(self) -> Self {
        Self(self.0.into_iter().filter(|(name, _)| name.starts_with('_')).collect())
    }

    /// Whether nothing was typed or chosen.
    pub(crate) fn is_blank(&self) -> bool {
        self.0
            .iter()
            .all(|(name, value)| value.trim().is_empty() || name.starts_with('_') || name.ends_with(ITEM))
    }

    /// Rows of a list.
    pub(crate) fn rows(&self, list: &str) -> usize {
        (0..super::FIELDS)
            .take_while(|n| self.has(&format!("{list}.{n}.{ITEM}")))
            .count()
    }

    /// One more row, with nothing in it.
    pub(crate) fn add(&mut self, list: &str, most: usize) {
        let rows = self.rows(list);
        if rows < most {
            self.set(format!("{list}.{rows}.{ITEM}"), "");
        }
    }

    /// Takes a row out; those after it move up.
    pub(crate) fn remove(&mut self, list: &str, row: usize) {
        let prefix = format!("{list}.");
        let old = std::mem::take(&mut self.0);
        for (name, value) in old {
            let place = name.strip_prefix(&prefix).and_then(|rest| {
                let (n, rest) = rest.split_once('.')?;
                Some((n.parse::<usize>().ok()?, rest.to_owned()))
            });
            match place {
                Some((n, _)) if n == row => {}
                Some((n, rest)) if n > row => drop(self.0.insert(format!("{prefix}{}.{rest}", n - 1), value)),
                _ => drop(self.0.insert(name, value)),
            }
        }
    }

    /// Fills in a value; what shows an id gives its text.
    pub(crate) fn put(
        &mut self,
        name: &str,
        field: &Field,
        value: &Value,
        id: &dyn Fn(&althing_protocol::hash::Id) -> String,
    ) {
        match value {
            Value::Text(text) => self.set(name, text),
            Value::Int(ppm) if is_share(field) => self.set(name, per_cent(*ppm)),
            Value::Int(n) => self.set(name, n.to_string()),
            Value::Flag(yes) => self.set(name, if *yes { "yes" } else { "" }),
            Value::Id(one) => self.set(name, id(one)),
            Value::Key(key) => self.set(name, key.to_string()),
            Value::Hash(hash) => self.set(name, hash.to_string()),
            Value::Bytes(_) => {
                self.set(
                    name,
                    althing_protocol::kind::json::value(value).as_str().unwrap_or_default(),
                );
            }
            Value::Money { amount, currency } => {
                self.set(format!("{name}.amount"), amount.to_string());
                self.set(format!("{name}.currency"), currency);
            }
            Value::Ids(ids) => match field.ty {
                Type::Ids { max } if max <= IDS => {
                    for (n, one) in ids.iter().enumerate() {
                        self.set(format!("{name}.{n}.{ITEM}"), "");
                        self.set(format!("{name}.{n}.id"), id(one));
                    }
                }
                _ => self.set(name, lines(ids.iter().map(ToString::to_string))),
            },
            Value::Lines(all) => self.set(name, lines(all.iter().cloned())),
            Value::Item(item) => self.set(name, item.to_string()),
            Value::List(rows) => {
                for record in rows {
                    self.row(name, field, "", record, id);
                }
            }
        }
    }

    /// Fills in one more row of a list.
    pub(crate) fn row(
        &mut self,
        list: &str,
        field: &Field,
        item: &str,
        record: &Record,
        id: &dyn Fn(&althing_protocol::hash::Id) -> String,
    ) {
        let row = format!("{list}.{}", self.rows(list));
        self.set(format!("{row}.{ITEM}"), item);
        let Type::List { item: fields, .. } = field.ty else {
            return;
        };
        for field in fields {
            if let Some(value) = record.get(field.name) {
                self.put(&format!("{row}.{}", field.name), field, value, id);
            }
        }
    }
}

/// Whether a number is a share, which people write in per cent.
pub(crate) fn is_share(field: &Field) -> bool {
    matches!(field.ty, Type::Int { max: 1_000_000 }) && field.about.contains("parts per million")
}

/// Parts per million as people type per cent: `12.5`.
fn per_cent(ppm: u64) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Per cent as parts per million; none where it is no number of at most four decimals.
pub(crate) fn parts(per_cent: &str) -> Option<u64> {
    let text = per_cent.trim().trim_end_matches('%').trim_end().replace(',', ".");
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let decimals = format!("{decimals:0<4}");
    Some(whole.parse::<u64>().ok()? * 10_000 + decimals.parse::<u64>().ok()?)
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_and_taken_out() {
        let mut values = Values::default();
        for (n, text) in ["a", "b", "c"].into_iter().enumerate() {
            values.add("goals", 8);
            values.set(format!("goals.{n}.text"), text);
        }
        values.set("title", "T");
        values.remove("goals", 1);
        assert_eq!(values.rows("goals"), 2);
        assert_eq!((values.get("goals.0.text"), values.get("goals.1.text")), ("a", "c"));
        assert_eq!(values.get("title"), "T");
        values.add("goals", 2);
        assert_eq!(values.rows("goals"), 2, "no more than the kind allows");
        values.remove("goals", 7);
        assert_eq!(values.rows("goals"), 2);
    }

    #[test]
    fn shares_are_typed_in_per_cent() {
        for (ppm, text) in [(0, "0"), (1, "0.0001"), (125_000, "12.5"), (1_000_000, "100")] {
            assert_eq!((per_cent(ppm), parts(text)), (text.to_owned(), Some(ppm)));
        }
        assert_eq!(
            (parts("12,5 %"), parts("33.33333"), parts("-1"), parts("")),
            (Some(125_000), None, None, None)
        );
        let delegate = althing_protocol::kind::find("delegate").unwrap();
        assert!(is_share(delegate.field("share").unwrap()));
    }

    #[test]
    fn lines_end_as_they_do_everywhere_else() {
        let values: Values = [("text".to_owned(), "a\r\nb".to_owned())].into_iter().collect();
        assert_eq!(values.get("text"), "a\nb");
        assert!(!values.is_blank());
        let own: Values = [("_seen".to_owned(), "x".to_owned())].into_iter().collect();
        assert!(own.is_blank());
    }
}
