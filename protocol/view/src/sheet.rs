//! What a view says: sentences, tables and plots, for people and for programs alike.

use std::fmt;

use serde_json::{Map, Value as Json, json};

use crate::calendar::Day;
use althing_protocol::hash::Id;

/// What a view says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it is, for people.
    pub title: String,
    /// What follows from the tables, in whole sentences; ends with what is not known.
    pub says: Vec<String>,
    /// The tables, the main one first.
    pub tables: Vec<Table>,
    /// Plots of what the tables hold.
    pub plots: Vec<Plot>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name for programs, `[a-z_]{1,32}`.
    pub name: &'static str,
    /// Its name for people.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// What it says to people when there is no row, and what to do about it.
    pub empty: &'static str,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name for programs, `[a-z0-9_]{1,64}`.
    pub name: String,
    /// Its name for people.
    pub title: String,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known or said.
    Empty,
    /// Text that somebody wrote.
    Text(String),
    /// One of our own words, such as a state: `[a-z0-9_ ]+`.
    Word(&'static str),
    /// A number.
    Int(u64),
    /// A number that may be below zero.
    Signed(i64),
    /// A share, in parts per million.
    Ppm(u64),
    /// Minor units of a currency; below zero in differences.
    Money {
        /// Minor units.
        amount: i128,
        /// Its code.
        currency: String,
    },
    /// A document.
    Doc(Id),
    /// An entry.
    Entry(Id),
    /// An identity.
    Person(Id),
    /// A day.
    Day(Day),
    /// A moment, milliseconds since 1970.
    Time(u64),
    /// Yes or no.
    Flag(bool),
    /// Several.
    List(Vec<Self>),
}

/// A plot. Each is drawn as SVG with its table beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plot {
    /// For each row a bar made of parts, never added up across rows.
    Bars {
        /// What it shows.
        title: String,
        /// The parts that a bar has, by name.
        parts: Vec<String>,
        /// Each bar's name and its parts' sizes.
        bars: Vec<(String, Vec<u64>)>,
    },
    /// Spans of time on lanes, one below the other.
    Spans {
        /// What it shows.
        title: String,
        /// The moment that is marked as now.
        now: Option<Day>,
        /// The spans.
        spans: Vec<Span>,
    },
    /// Values over days, line by line.
    Lines {
        /// What it shows.
        title: String,
        /// Each line's name and its points, in order of days.
        lines: Vec<(String, Vec<(Day, u64)>)>,
    },
    /// A grid of words.
    Grid {
        /// What it shows.
        title: String,
        /// The names of its columns.
        columns: Vec<String>,
        /// Each row's name and its cells: 0 is none, more is darker, up to 4.
        rows: Vec<(String, Vec<u8>)>,
    },
    /// Things and what follows from what, left to right.
    Graph {
        /// What it shows.
        title: String,
        /// The things: name, layer from 0, what it links to.
        nodes: Vec<(String, usize, Cell)>,
        /// What leads to what, by number, and the word for it.
        edges: Vec<(usize, usize, &'static str)>,
    },
}

impl Plot {
    /// Whether it shows nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Bars { bars, .. } => bars.is_empty(),
            Self::Spans { spans, .. } => spans.is_empty(),
            Self::Lines { lines, .. } => lines.iter().all(|(_, points)| points.is_empty()),
            Self::Grid { rows, .. } => rows.is_empty(),
            Self::Graph { nodes, .. } => nodes.is_empty(),
        }
    }
}

/// A span of days on a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its lane's name; spans of one name share a lane.
    pub lane: String,
    /// What it is.
    pub label: String,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub until: Day,
    /// Whether it clashes with another one.
    pub clash: bool,
}

impl Sheet {
    /// A sheet that says nothing yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            says: Vec::new(),
            tables: Vec::new(),
            plots: Vec::new(),
        }
    }

    /// The same, with a sentence more.
    #[must_use]
    pub fn say(mut self, sentence: impl Into<String>) -> Self {
        self.says.push(sentence.into());
        self
    }

    /// The same, with a table more.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }

    /// The same, with a plot more.
    #[must_use]
    pub fn plot(mut self, plot: Plot) -> Self {
        self.plots.push(plot);
        self
    }

    /// `{ title, says, tables: { name: [ { column: value } ] } }`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let tables = self.tables.iter().map(|table| (table.name.to_owned(), table.to_json()));
        json!({ "title": self.title, "says": self.says, "tables": tables.collect::<Map<_, _>>() })
    }
}

impl Table {
    /// A table without rows: its columns by name and title.
    #[must_use]
    pub fn new(
        name: &'static str,
        title: impl Into<String>,
        columns: &[(&'static str, &'static str)],
        empty: &'static str,
    ) -> Self {
        let columns = columns.iter().map(|(name, title)| Column {
            name: (*name).to_owned(),
            title: (*title).to_owned(),
        });
        Self {
            name,
            title: title.into(),
            columns: columns.collect(),
            rows: Vec::new(),
            empty,
        }
    }

    /// Adds a row, which must be as long as the columns; what is missing is empty.
    pub fn row(&mut self, mut cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row of {}", self.name);
        cells.resize(self.columns.len(), Cell::Empty);
        self.rows.push(cells);
    }

    /// As CSV (RFC 4180) with the columns' names in the first line. A cell that a spreadsheet would take for a formula
    /// is written behind an apostrophe, so that text from strangers computes nothing there.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut out = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            for (n, cell) in cells.enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(cell));
            }
            out.push_str("\r\n");
        };
        line(&mut self.columns.iter().map(|column| column.name.clone()));
        for row in &self.rows {
            line(&mut row.iter().map(Cell::in_csv));
        }
        out
    }

    /// Its rows as objects.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let rows = self.rows.iter().map(|row| {
            let cells = self.columns.iter().zip(row);
            Json::Object(
                cells
                    .map(|(column, cell)| (column.name.clone(), cell.to_json()))
                    .collect(),
            )
        });
        rows.collect()
    }
}

impl Cell {
    /// Some text, or nothing.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    fn in_csv(&self) -> String {
        let text = self.to_string();
        let spoken = matches!(self, Self::Text(_) | Self::List(_));
        if spoken && text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            return format!("'{text}");
        }
        text
    }

    /// What it holds, or nothing.
    #[must_use]
    pub fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// As JSON: ids as hexadecimal, days as `YYYY-MM-DD`, money as `{ amount, currency }`, nothing as null.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Empty => Json::Null,
            Self::Text(text) => json!(text),
            Self::Word(word) => json!(word),
            Self::Int(n) | Self::Ppm(n) | Self::Time(n) => json!(n),
            Self::Signed(n) => json!(n),
            // Sums of more than 2^63 minor units do not exist; were there one, it would be text.
            Self::Money { amount, currency } => match i64::try_from(*amount) {
                Ok(amount) => json!({ "amount": amount, "currency": currency }),
                Err(_) => json!({ "amount": amount.to_string(), "currency": currency }),
            },
            Self::Doc(id) | Self::Entry(id) | Self::Person(id) => json!(id),
            Self::Day(day) => json!(day.to_string()),
            Self::Flag(yes) => json!(yes),
            Self::List(cells) => cells.iter().map(Self::to_json).collect(),
        }
    }
}

/// A field of CSV, in quotes where it has to be.
fn quoted(text: String) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

/// As CSV and terminals show it. Ids are whole; a list is separated by semicolons.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Word(word) => f.write_str(word),
            Self::Int(n) | Self::Ppm(n) | Self::Time(n) => write!(f, "{n}"),
            Self::Signed(n) => write!(f, "{n}"),
            Self::Money { amount, currency } => write!(f, "{amount} {currency}"),
            Self::Doc(id) | Self::Entry(id) | Self::Person(id) => write!(f, "{id}"),
            Self::Day(day) => write!(f, "{day}"),
            Self::Flag(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::List(cells) => {
                for (n, cell) in cells.iter().enumerate() {
                    if n > 0 {
                        f.write_str("; ")?;
                    }
                    write!(f, "{cell}")?;
                }
                Ok(())
            }
        }
    }
}
