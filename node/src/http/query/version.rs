//! Versions of a document, conflicts with their proposed merges, and stances as of the version that they saw.
//!
//! Bound: as many as the document has entries.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::document::Outcome;
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use althing_protocol::kind::json::{change as change_to_json, value as to_json};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::question::counting;
use super::{Hex, Person, time};
use crate::http::context::Context;
use crate::http::load::Loaded;

/// A version of the content: the root, or an edit that counts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Version {
    #[schema(value_type = Hex)]
    pub(crate) entry: Id,
    pub(crate) by: Person,
    /// Claimed milliseconds since 1970.
    pub(crate) time: Option<u64>,
    /// The fields that it sets or changes with effect.
    #[schema(value_type = Vec<String>)]
    pub(crate) fields: Vec<&'static str>,
    /// What it changes in these, `{ set, add, replace, remove }`.
    #[schema(value_type = Object)]
    pub(crate) change: Json,
    /// Stances and endorsements whose authors had seen it last.
    #[schema(value_type = Vec<Hex>)]
    pub(crate) stances: Vec<Id>,
}

/// The versions of a document in canonical order.
pub(crate) fn versions(context: &Context, loaded: &Loaded) -> Vec<Version> {
    let document = &loaded.document;
    let mut seen: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for stance in counting(document, "stance") {
        for version in stance.saw.iter().flatten() {
            seen.entry(*version).or_default().push(stance.id);
        }
    }
    let shown = document.versions().into_iter().map(|version| Version {
        entry: version.entry,
        by: Person::new(context, version.by),
        time: time(loaded, version.entry),
        change: change(document.outcome(version.entry), &version.fields),
        fields: version.fields.into_iter().collect(),
        stances: seen.remove(&version.entry).unwrap_or_default(),
    });
    shown.collect()
}

/// What an edit says of these fields, as people would give it.
fn change(edit: Option<&Outcome>, fields: &BTreeSet<&'static str>) -> Json {
    let whole = edit.and_then(Outcome::change).map(change_to_json);
    let Some(Json::Object(mut groups)) = whole else {
        return Json::Null;
    };
    for group in groups.values_mut().filter_map(Json::as_object_mut) {
        group.retain(|field, _| fields.contains(field.as_str()));
    }
    groups.retain(|_, group| group.as_object().is_some_and(|group| !group.is_empty()));
    Json::Object(groups)
}

/// A field whose versions contradict each other.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Conflict {
    #[schema(value_type = String)]
    pub(crate) field: &'static str,
    /// By the edit's id.
    pub(crate) values: Vec<Contradicting>,
    /// A merge that an owner may sign; none where the field holds no text, or too many versions.
    pub(crate) proposal: Option<Merge>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Contradicting {
    #[schema(value_type = Hex)]
    pub(crate) entry: Id,
    pub(crate) by: Person,
    pub(crate) value: Json,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Merge {
    /// The text that all versions come from.
    pub(crate) base: String,
    pub(crate) text: String,
}

/// The fields in conflict.
pub(crate) fn conflicts(context: &Context, loaded: &Loaded) -> Vec<Conflict> {
    let fields = loaded.document.content().fields.iter();
    let contested = fields.filter(|(_, register)| register.values.len() > 1);
    let shown = contested.map(|(field, register)| Conflict {
        field,
        values: register
            .values
            .iter()
            .map(|version| Contradicting {
                entry: version.entry,
                by: Person::new(context, version.by),
                value: to_json(&version.value),
            })
            .collect(),
        proposal: loaded.document.proposal(field).map(|merge| Merge {
            base: merge.base,
            text: merge.text,
        }),
    });
    shown.collect()
}

/// Where people stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Stances {
    /// Counts by the versions that were seen last, then by class; never added across classes.
    pub(crate) tallies: Vec<Tally>,
    pub(crate) items: Vec<Stance>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Tally {
    #[schema(value_type = Vec<Hex>)]
    pub(crate) saw: Vec<Id>,
    /// Whether nothing changed since that version.
    pub(crate) current: bool,
    /// The stakeholder class; null for those who named none.
    pub(crate) class: Option<String>,
    pub(crate) support: usize,
    pub(crate) abstain: usize,
    pub(crate) oppose: usize,
}

/// One stance that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Stance {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    pub(crate) by: Person,
    pub(crate) time: Option<u64>,
    pub(crate) position: String,
    pub(crate) class: Option<String>,
    /// In percent.
    pub(crate) confidence: Option<u64>,
    pub(crate) reason: Option<String>,
    pub(crate) conditions: Option<String>,
    /// The versions that its author had seen last.
    #[schema(value_type = Vec<Hex>)]
    pub(crate) saw: Vec<Id>,
    /// The fields that changed since.
    #[schema(value_type = Vec<String>)]
    pub(crate) changed: Vec<&'static str>,
}

/// The stances that count, and their tallies.
pub(crate) fn stances(context: &Context, loaded: &Loaded) -> Stances {
    let document = &loaded.document;
    let items: Vec<Stance> = counting(document, "stance")
        .filter_map(|act| stance(context, loaded, act))
        .collect();
    let mut tallies: BTreeMap<(Vec<Id>, Option<String>), Tally> = BTreeMap::new();
    for stance in &items {
        let tally = tallies.entry((stance.saw.clone(), stance.class.clone()));
        let tally = tally.or_insert_with(|| Tally {
            saw: stance.saw.clone(),
            current: stance.changed.is_empty(),
            class: stance.class.clone(),
            support: 0,
            abstain: 0,
            oppose: 0,
        });
        match stance.position.as_str() {
            "support" => tally.support += 1,
            "oppose" => tally.oppose += 1,
            _ => tally.abstain += 1,
        }
    }
    let versions = document.versions();
    let place = |saw: &[Id]| {
        let of = |id: &Id| versions.iter().position(|v| v.entry == *id);
        saw.iter().filter_map(of).max()
    };
    let mut tallies: Vec<(Option<usize>, Tally)> = tallies.into_values().map(|t| (place(&t.saw), t)).collect();
    tallies.sort_by(|(a, x), (b, y)| (a, &x.saw, &x.class).cmp(&(b, &y.saw, &y.class)));
    Stances {
        tallies: tallies.into_iter().map(|(_, tally)| tally).collect(),
        items,
    }
}

fn stance(context: &Context, loaded: &Loaded, act: &Outcome) -> Option<Stance> {
    let fields = act.fields()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_text).map(str::to_owned);
    let changed = loaded.document.changed_since(act.id).unwrap_or_default();
    Some(Stance {
        id: act.id,
        by: Person::new(context, act.by),
        time: time(loaded, act.id),
        position: text("position")?,
        class: text("class"),
        confidence: match fields.get("confidence") {
            Some(Value::Int(percent)) => Some(*percent),
            _ => None,
        },
        reason: text("reason"),
        conditions: text("conditions"),
        saw: act.saw.clone().unwrap_or_default(),
        changed: changed.into_iter().collect(),
    })
}
