//! Tables of markdown (GFM): a head, a line of dashes, rows.

/// A table and the heading that it stands under.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table<'a> {
    /// The nearest heading above it.
    pub(super) heading: Option<&'a str>,
    /// The cells of its head.
    pub(super) head: Vec<&'a str>,
    /// The cells of its rows. A row may be shorter than the head.
    pub(super) rows: Vec<Vec<&'a str>>,
}

/// The tables of a text, those in code left out.
pub(super) fn tables(text: &str) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    let (mut heading, mut before, mut fenced, mut open) = (None, None, false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let cells = if fenced { None } else { cells(line) };
        match (cells, before.take()) {
            (Some(row), _) if open => {
                if let Some(table) = tables.last_mut() {
                    table.rows.push(row);
                }
            }
            (Some(dashes), Some(head)) if is_rule(&dashes) => {
                let rows = Vec::new();
                tables.push(Table { heading, head, rows });
                open = true;
            }
            (Some(head), _) => before = Some(head),
            (None, _) => {
                open = false;
                if !fenced && line.starts_with('#') {
                    heading = Some(line.trim_matches(['#', ' ', '*', ':']));
                }
            }
        }
    }
    tables
}

/// The cells of a line that begins with a bar.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?;
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    // A bar behind a backslash is text. Such a line is rare, and no line of a table that can be read.
    (!inner.contains("\\|")).then(|| inner.split('|').map(str::trim).collect())
}

fn is_rule(cells: &[&str]) -> bool {
    let rule = |cell: &&str| cell.contains('-') && cell.bytes().all(|b| matches!(b, b'-' | b':' | b' '));
    !cells.is_empty() && cells.iter().all(rule)
}
