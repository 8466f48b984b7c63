//! Items of documents that a field of a form may name: the lines of a budget, the questions of a programme.
//!
//! Bounds: [`MOST`] items of one list and [`LISTS`] lists are offered; of others the id can be typed.

use althing_protocol::kind::{Field, Record, Type, Value};

use crate::http::load::Loaded;
use crate::http::pages::part::{markdown, value, words};

/// Items of one list that are offered.
const MOST: usize = 300;

/// Lists that are offered.
const LISTS: usize = 16;

/// Characters by which one is known.
const LETTERS: usize = 80;

/// What can be named, list by list.
#[derive(Debug, Default)]
pub(crate) struct Items(Vec<Group>);

/// The items of one list.
#[derive(Debug)]
pub(crate) struct Group {
    list: &'static str,
    /// Whether its items are lines with amounts.
    paid: bool,
    /// What stands above them.
    pub(crate) title: String,
    /// Each as a form sends it, `entry:n`, and as people know it.
    pub(crate) items: Vec<(String, String)>,
}

impl Items {
    /// Those of a document.
    pub(crate) fn of(loaded: &Loaded, of: Option<&str>) -> Self {
        let fields = loaded.document.kind().into_iter().flat_map(|kind| kind.all_fields());
        let groups = fields.filter_map(|field| {
            let Type::List { item, .. } = field.ty else { return None };
            let list = loaded.document.content().lists.get(field.name)?;
            let items = list.items.iter().filter_map(|one| {
                let version = one.values.first()?;
                Some((one.id.to_string(), known_by(item, &version.value)))
            });
            let items: Vec<_> = items.take(MOST).collect();
            let title = words::human(field.name);
            (!items.is_empty()).then(|| Group {
                list: field.name,
                paid: item.iter().any(|field| matches!(field.ty, Type::Money)),
                title: of.map_or_else(|| title.clone(), |of| format!("{title} of {of}")),
                items,
            })
        });
        Self(groups.take(LISTS).collect())
    }

    /// Together with others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self.0.truncate(LISTS);
        self
    }

    /// Those of one list alone, if there is a list of that name.
    pub(crate) fn only(mut self, list: &str) -> Self {
        if self.0.iter().any(|group| group.list == list) {
            self.0.retain(|group| group.list == list);
        }
        self
    }

    /// What a field of this name may name.
    pub(crate) fn fitting(&self, field: &str) -> Vec<&Group> {
        let fits = |group: &&Group| match field {
            "line" => group.paid,
            "kpi" => group.list == "kpis",
            "threat" => group.list == "threats",
            "claim" => group.list == "claims",
            "question" => group.list == "questions",
            _ => true,
        };
        self.0.iter().filter(fits).collect()
    }
}

/// The first of its texts, and its amount.
fn known_by(declared: &[Field], record: &Record) -> String {
    let mut text = declared.iter().filter_map(|field| match record.get(field.name)? {
        Value::Text(text) if !text.trim().is_empty() => Some(markdown::gist(text, LETTERS)),
        _ => None,
    });
    let amount = declared.iter().find_map(|field| match record.get(field.name)? {
        Value::Money { amount, currency } => Some(value::amount(*amount, currency)),
        _ => None,
    });
    let text = text.next().unwrap_or_else(|| "an item without text".to_owned());
    amount.map_or_else(|| text.clone(), |amount| format!("{text}, {amount}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(list: &'static str, paid: bool) -> Group {
        Group {
            list,
            paid,
            title: list.to_owned(),
            items: vec![("e:0".to_owned(), "x".to_owned())],
        }
    }

    #[test]
    fn fields_are_offered_what_they_may_name() {
        let items = Items(vec![group("budget", true), group("goals", false), group("kpis", false)]);
        let lists = |field: &str| items.fitting(field).iter().map(|group| group.list).collect::<Vec<_>>();
        assert_eq!(lists("line"), ["budget"]);
        assert_eq!(lists("kpi"), ["kpis"]);
        assert_eq!(lists("item"), ["budget", "goals", "kpis"]);
        assert!(lists("threat").is_empty());
        let alone = items.only("goals");
        assert_eq!(alone.fitting("item").len(), 1);
        assert_eq!(
            alone.only("nothing").fitting("item").len(),
            1,
            "an unknown list takes nothing away"
        );
    }
}
