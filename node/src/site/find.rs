//! Search in a folder: which pages hold a word, in files of words that begin alike, so that a browser reads a few of them and
//! no server is asked.
//!
//! A page that was opened from a disk may load scripts and nothing else, so each file is a script that hands over its part:
//! `find/ab.js` the words that begin with "ab" and the numbers of their pages, `find/names-0.js` what the first pages are called.
//! `web/find.js` reads them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tantivy::tokenizer::TokenStream as _;

use super::address::Place;
use super::page::Said;
use crate::search::analyzer;

/// Pages that one file names.
const NAMES: usize = 500;

/// Characters that are shown of a page.
const GIST: usize = 200;

/// Characters of a word that count.
const WORD: usize = 40;

/// Words of many pages, and what the pages are called.
#[derive(Default)]
pub(super) struct Index {
    pages: Vec<Value>,
    words: BTreeMap<String, Vec<usize>>,
}

impl Index {
    /// Takes in a page, if it is one that people look for: a document, a person, or the committee itself.
    pub(super) fn take(&mut self, place: &Place, said: &Said) {
        let folder = place
            .file
            .split_once('/')
            .map(|(folder, rest)| (folder, rest.contains('/')));
        let sought = matches!(folder, Some(("d" | "p", false))) || place.file == "index.html";
        if !sought {
            return;
        }
        let number = self.pages.len();
        let gist: String = said.prose.chars().take(GIST).collect();
        self.pages.push(json!([place.file, said.title, said.kind, gist]));
        let words: BTreeSet<String> = words(&format!("{} {}", said.title, said.text)).into_iter().collect();
        for word in words {
            self.words.entry(word).or_default().push(number);
        }
    }

    /// The files, each with its path.
    pub(super) fn files(self) -> Vec<(String, String)> {
        let mut shelves: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        for (word, pages) in self.words {
            shelves.entry(shelf(&word)).or_default().insert(word, pages);
        }
        let names: Vec<&String> = shelves.keys().collect();
        let about = json!({ "pages": self.pages.len(), "names": NAMES, "shelves": names });
        let mut files = vec![("find/about.js".to_owned(), script("about", &[about]))];
        for (n, pages) in self.pages.chunks(NAMES).enumerate() {
            files.push((format!("find/names-{n}.js"), script("names", &[json!(n), json!(pages)])));
        }
        for (name, words) in &shelves {
            files.push((format!("find/{name}.js"), script("words", &[json!(name), json!(words)])));
        }
        files
    }
}

/// A call of the page's own script. JSON is JavaScript, and no text in it can end the file it stands in.
fn script(name: &str, values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(Value::to_string).collect();
    format!("althingFind.{name}({});\n", values.join(","))
}

/// The words of a text as they are compared: small, Latin letters without their marks.
fn words(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut words = Vec::new();
    let mut tokens = analyzer.token_stream(text);
    while let Some(token) = tokens.next() {
        let word: String = token.text.chars().take(WORD).collect();
        if word.chars().nth(1).is_some() || word.chars().all(|c| !c.is_ascii()) {
            words.push(word);
        }
    }
    words
}

/// The file of a word: its first two characters, or the number of the first where file systems could mind.
fn shelf(word: &str) -> String {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(a), Some(b)) if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => format!("{a}{b}"),
        (Some(a), _) => format!("u{:x}", u32::from(a)),
        (None, _) => "u0".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::Sort;
    use super::*;

    #[test]
    fn words_are_on_the_shelf_where_a_browser_looks() {
        assert_eq!(words("The Café, MIP-40c3!"), ["the", "cafe", "mip", "40c3"]);
        assert_eq!(words("水 x"), ["水"]);
        assert_eq!((shelf("cafe").as_str(), shelf("水道").as_str()), ("ca", "u6c34"));
    }

    #[test]
    fn files_hold_each_page_once_under_each_word() {
        let mut index = Index::default();
        let place = |file: &str| Place {
            path: String::new(),
            file: file.to_owned(),
            sort: Sort::Page,
        };
        let said = |title: &str, text: &str| Said {
            title: title.to_owned(),
            text: text.to_owned(),
            ..Said::default()
        };
        index.take(&place("d/a.html"), &said("Water", "water </script> wells"));
        index.take(&place("d/a/versions.html"), &said("Versions", "water"));
        index.take(&place("p/b.html"), &said("Ada", "wells"));
        let files: BTreeMap<String, String> = index.files().into_iter().collect();
        let wa = files.get("find/wa.js").unwrap();
        assert_eq!(wa, "althingFind.words(\"wa\",{\"water\":[0]});\n");
        assert!(files.get("find/we.js").unwrap().contains("{\"wells\":[0,1]}"));
        assert!(files.get("find/about.js").unwrap().contains("\"pages\":2"));
        assert!(files.get("find/names-0.js").unwrap().contains("\"p/b.html\""));
    }
}
