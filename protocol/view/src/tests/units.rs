//! R50 to R63, R80, R82, R83 and R85 to R89: what units and programmes show, and what they leave out.

mod openness;
mod papers;
mod programmes;
mod promises;

use serde_json::Value as Json;

/// One column of all rows, as text.
fn column(rows: &[Json], name: &str) -> Vec<String> {
    let cell = |row: &Json| match &row[name] {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.iter().map(cell).collect()
}

/// The row in which a column holds this.
fn row(rows: &[Json], name: &str, value: impl Into<Json>) -> Json {
    let value = value.into();
    let found = rows.iter().find(|row| row[name] == value);
    found
        .unwrap_or_else(|| panic!("no row with {name} {value}: {rows:#?}"))
        .clone()
}
