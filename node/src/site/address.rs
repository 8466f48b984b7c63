//! Which paths of a node belong to a committee's site, and what they are called there.
//!
//! ```text
//! /c/ID                                   index.html
//! /c/ID?kind=motion                       kind-motion.html
//! /c/ID/views/NAME                        views/NAME.html
//! /d/ID  /p/ID  /e/ID  /f/HASH            d/ID.html  p/ID.html  e/ID.html  f/HASH.html
//! /api/v1/documents/ID                    d/ID.json
//! /api/v1/committees/ID/views/NAME?…      views/NAME.csv, views/NAME.TABLE.csv, views/NAME.json
//! /api/v1/files/HASH                      files/HASH
//! ```
//!
//! What is not listed has no place there, and a link to it becomes plain text.

use std::collections::HashSet;

use althing_protocol::hash::{Hash, Id};

/// A file of the site, and where the node has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Path and query at the node.
    pub(crate) path: String,
    /// Path in the folder.
    pub(crate) file: String,
    /// What becomes of it on the way.
    pub(super) sort: Sort,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// HTML with links.
    Page,
    /// Atom or iCalendar, with absolute links.
    Feed,
    /// Bytes as they are.
    File,
    /// The folder has it without anybody asking the node.
    Given,
}

/// The addresses of one site.
pub(super) struct Addresses<'a> {
    committee: Id,
    entries: &'a HashSet<Id>,
}

impl<'a> Addresses<'a> {
    pub(super) fn new(committee: Id, entries: &'a HashSet<Id>) -> Self {
        Self { committee, entries }
    }

    /// The place of a link without its fragment; none if it is not in the site.
    pub(super) fn place(&self, link: &str) -> Option<Place> {
        let (path, query) = link.split_once('?').unwrap_or((link, ""));
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let query: Vec<(&str, &str)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        match parts.as_slice() {
            [""] | ["c", _] => {
                if let ["c", id] = parts.as_slice() {
                    self.is_committee(id)?;
                }
                let asked = kept(&query, &["kind", "state", "cursor"])?;
                let name = if asked.is_empty() {
                    "index".to_owned()
                } else {
                    named(&asked)
                };
                Some(self.page(&format!("/c/{}", self.committee), &asked, &name))
            }
            ["search"] => Some(self.page("/search", &[], "search")),
            ["c", id, rest @ ..] => {
                self.is_committee(id)?;
                self.of_committee(path, rest, &query)
            }
            [sort @ ("d" | "p" | "e"), id, rest @ ..] => {
                self.is_here(id)?;
                self.of_entry(path, sort, id, rest, &query)
            }
            ["f", hash] => {
                hash.parse::<Hash>().ok()?;
                Some(self.page(path, &[], &format!("f/{hash}")))
            }
            ["web", name] => plain(name).then(|| file(path, &format!("web/{name}"))),
            ["api", "v1", "files", hash] => {
                hash.parse::<Hash>().ok()?;
                Some(given(path, &format!("files/{hash}")))
            }
            ["api", "v1", "documents", id] => {
                self.is_here(id)?;
                Some(file(path, &format!("d/{id}.json")))
            }
            ["api", "v1", "committees", id] => {
                self.is_committee(id)?;
                Some(file(path, "committee.json"))
            }
            ["api", "v1", "committees", id, "views", name] => {
                self.is_committee(id)?;
                self.table(link, name, &query)
            }
            ["log", id, "checkpoint"] => {
                self.is_committee(id)?;
                Some(given(path, &format!("log/{id}/checkpoint")))
            }
            ["verify"] => Some(file(path, "verify.html")),
            ["README.txt"] => Some(given(path, "README.txt")),
            _ => None,
        }
    }

    fn of_committee(&self, path: &str, rest: &[&str], query: &[(&str, &str)]) -> Option<Place> {
        match rest {
            ["floor"] => {
                let asked = kept(query, &["cursor"])?;
                let name = if asked.is_empty() {
                    String::new()
                } else {
                    format!("-{}", named(&asked))
                };
                Some(self.page(path, &asked, &format!("floor{name}")))
            }
            ["log"] | ["people"] => Some(self.page(path, &[], rest.first()?)),
            ["views"] => Some(self.page(path, &[], "views/index")),
            ["views", name] if plain(name) && query.is_empty() => Some(self.page(path, &[], &format!("views/{name}"))),
            [name @ ("feed.atom" | "decisions.atom" | "calendar.ics")] => Some(Place {
                sort: Sort::Feed,
                ..file(path, name)
            }),
            _ => None,
        }
    }

    fn of_entry(&self, path: &str, sort: &str, id: &str, rest: &[&str], query: &[(&str, &str)]) -> Option<Place> {
        let known: &[&str] = match (sort, rest) {
            // Which entry to jump to: its fragment says that, and all of the thread is on one page.
            ("d", []) => &["from"],
            _ => &[],
        };
        match (sort, rest) {
            (_, []) => {
                let asked: Vec<(&str, &str)> = query.iter().copied().filter(|(name, _)| known.contains(name)).collect();
                kept(&asked, known)?;
                let name = if asked.is_empty() {
                    String::new()
                } else {
                    format!("-{}", named(&asked))
                };
                Some(self.page(path, &asked, &format!("{sort}/{id}{name}")))
            }
            ("d", ["versions"]) => Some(self.page(path, &[], &format!("d/{id}/versions"))),
            ("d", ["at", entry]) => {
                self.is_here(entry)?;
                Some(self.page(path, &[], &format!("d/{id}/at/{entry}")))
            }
            ("d", ["views", name]) if plain(name) && query.is_empty() => {
                Some(self.page(path, &[], &format!("d/{id}/views/{name}")))
            }
            _ => None,
        }
    }

    /// A view's data.
    fn table(&self, link: &str, view: &str, query: &[(&str, &str)]) -> Option<Place> {
        let asked = kept(query, &["doc", "format", "table"])?;
        let value = |name: &str| asked.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
        let folder = match value("doc") {
            Some(doc) => {
                self.is_here(doc)?;
                format!("d/{doc}/views")
            }
            None => "views".to_owned(),
        };
        let end = match (value("format"), value("table")) {
            (Some("csv"), Some(table)) => format!(".{table}.csv"),
            (Some("csv"), None) => ".csv".to_owned(),
            (Some("json") | None, None) => ".json".to_owned(),
            (Some("dot"), None) => ".dot".to_owned(),
            _ => return None,
        };
        plain(view).then(|| file(link, &format!("{folder}/{view}{end}")))
    }

    fn page(&self, path: &str, query: &[(&str, &str)], name: &str) -> Place {
        let asked: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = match asked.as_slice() {
            [] => path.to_owned(),
            asked => format!("{path}?{}", asked.join("&")),
        };
        Place {
            path,
            file: format!("{name}.html"),
            sort: Sort::Page,
        }
    }

    fn is_committee(&self, id: &str) -> Option<()> {
        (id.parse() == Ok(self.committee)).then_some(())
    }

    fn is_here(&self, id: &str) -> Option<()> {
        id.parse().is_ok_and(|id: Id| self.entries.contains(&id)).then_some(())
    }
}

fn file(path: &str, name: &str) -> Place {
    Place {
        path: path.to_owned(),
        file: name.to_owned(),
        sort: Sort::File,
    }
}

fn given(path: &str, name: &str) -> Place {
    Place {
        sort: Sort::Given,
        ..file(path, name)
    }
}

/// The pairs of a query if all are known and have values that file names can have.
fn kept<'a>(query: &[(&'a str, &'a str)], known: &[&str]) -> Option<Vec<(&'a str, &'a str)>> {
    let fits = |(name, value): &(&str, &str)| known.contains(name) && plain(value);
    query.iter().all(fits).then(|| query.to_vec())
}

/// `kind-motion-state-open`
fn named(query: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}-{value}")).collect();
    pairs.join("-")
}

/// Whether it is a name that every file system takes, and that leads nowhere else.
fn plain(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.bytes().all(fits)
}

/// The way from one file of the folder to another.
pub(super) fn relative(from: &str, to: &str) -> String {
    let (mut from, mut to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    from.pop();
    let name = to.pop().unwrap_or_default();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.len() - common;
    let mut way: Vec<&str> = vec![".."; up];
    way.extend(to.iter().skip(common));
    way.push(name);
    way.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Id {
        Id([n; 32])
    }

    #[test]
    fn every_path_has_one_place_or_none() {
        let entries: HashSet<Id> = [id(1), id(2), id(3)].into();
        let addresses = Addresses::new(id(1), &entries);
        let (committee, doc, entry, absent) = (id(1), id(2), id(3), id(9));
        let hash = Hash([7; 32]);
        let placed = |link: String| addresses.place(&link).map(|place| place.file);
        for (link, file) in [
            ("/".to_owned(), Some("index.html".to_owned())),
            (format!("/c/{committee}"), Some("index.html".to_owned())),
            (
                format!("/c/{committee}?kind=motion&state=open"),
                Some("kind-motion-state-open.html".to_owned()),
            ),
            (format!("/c/{committee}?kind=../../x"), None),
            (format!("/c/{committee}/open/motion"), None),
            (format!("/c/{absent}"), None),
            (format!("/c/{committee}/views/gaps"), Some("views/gaps.html".to_owned())),
            (format!("/d/{doc}?entry={entry}"), Some(format!("d/{doc}.html"))),
            (format!("/d/{doc}?from=5000"), Some(format!("d/{doc}-from-5000.html"))),
            (format!("/d/{doc}/act/post"), None),
            (format!("/d/{absent}"), None),
            (format!("/d/{doc}/at/{entry}"), Some(format!("d/{doc}/at/{entry}.html"))),
            (
                format!("/d/{doc}/versions?a={entry}"),
                Some(format!("d/{doc}/versions.html")),
            ),
            (format!("/api/v1/files/{hash}?inline"), Some(format!("files/{hash}"))),
            (
                format!("/api/v1/committees/{committee}/views/payouts?doc={doc}&format=csv&table=lines"),
                Some(format!("d/{doc}/views/payouts.lines.csv")),
            ),
            (
                format!("/api/v1/committees/{committee}/views/gaps"),
                Some("views/gaps.json".to_owned()),
            ),
            ("/settings".to_owned(), None),
            ("/network".to_owned(), None),
            ("https://elsewhere.example/d/1".to_owned(), None),
            ("//elsewhere.example".to_owned(), None),
        ] {
            assert_eq!(placed(link.clone()), file, "{link}");
        }
    }

    #[test]
    fn ways_lead_up_and_down() {
        for (from, to, way) in [
            ("index.html", "d/a.html", "d/a.html"),
            ("d/a.html", "index.html", "../index.html"),
            ("d/a.html", "d/b.html", "b.html"),
            ("d/a/at/b.html", "d/a.html", "../../a.html"),
            ("d/a/views/x.html", "views/x.html", "../../../views/x.html"),
        ] {
            assert_eq!(relative(from, to), way, "{from} {to}");
        }
    }
}
