//! Questions: words, "phrases", field:value; and what answers them.
//!
//! ```text
//! question = part …            every part must hold
//! part     = [-] (word | "phrase" | field:value | field:"value")
//! ```
//!
//! A word is found in texts and titles, titles first. The beginning of the last word does while somebody types.
//!
//! Bounds: [`QUESTION`] characters, [`PARTS`] parts, [`ENDINGS`] endings of a beginning, [`ANSWERS`] answers.

use std::ops::Bound;
use std::path::Path;

use althing_protocol::hash::Id;
use tantivy::collector::{Count, DocSetCollector, TopDocs};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, Occur, PhrasePrefixQuery, PhraseQuery, Query, RangeQuery, TermQuery,
    TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Index, IndexReader, Order, TantivyDocument, TantivyError, Term};
use thiserror::Error;

use super::index::{Fields, Writing, analyzer, id_of};
use super::{Error as Unusable, Failed};
use crate::clock;
use crate::limit::search::{ANSWERS, ENDINGS, PARTS, PEOPLE, QUESTION};

/// A title that holds a word says more than a text that does.
const TITLE: f32 = 3.0;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) text: String,
    /// Whether the last word may go on.
    pub(crate) typing: bool,
    /// Only in this committee.
    pub(crate) committee: Option<Id>,
    /// Only of this kind.
    pub(crate) kind: Option<String>,
    pub(crate) sort: Sort,
    pub(crate) skip: usize,
    pub(crate) most: usize,
}

/// Which answers come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Those that fit best.
    #[default]
    Fit,
    /// The newest, by claimed time.
    New,
}

/// What answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    pub(crate) entries: Vec<Id>,
    /// How many there are in all.
    pub(crate) total: usize,
    /// The words to be marked in their texts.
    pub(crate) words: Words,
}

/// Words of a question, as texts are cut.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    whole: Vec<String>,
    beginning: Option<String>,
}

/// A run of a text, and whether it is one of the words that were asked for.
pub(crate) type Run = (String, bool);

/// Looks up what people call things.
pub(crate) trait Names {
    /// The id that begins so, if exactly one does.
    fn id(&self, text: &str) -> Option<Id>;
    /// Committees of this name.
    fn committees(&self, name: &str) -> Vec<Id>;
}

/// Why a question is not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum BadQuestion {
    #[error("nothing is asked: give words, \"a phrase\", or field:value")]
    Empty,
    #[error("the question has more than {QUESTION} characters or {PARTS} parts; ask for less")]
    Long,
    #[error("{value:?} is no day: {field}: takes one like 2026-05-31")]
    Day { field: String, value: String },
    #[error("nothing here is called {value:?}; {field}: takes an id, its first 8 digits, or a name")]
    Nobody { field: String, value: String },
}

/// Fields that a question may name, for people.
const FIELDS: [&str; 8] = ["title", "kind", "by", "committee", "doc", "before", "after", "is"];

#[derive(Debug, PartialEq, Eq)]
struct Part {
    not: bool,
    field: Option<String>,
    text: String,
    phrase: bool,
    /// Whether nothing follows it, not even a space.
    last: bool,
}

/// Reads a question.
fn parts(text: &str) -> Result<Vec<Part>, BadQuestion> {
    if text.chars().count() > QUESTION {
        return Err(BadQuestion::Long);
    }
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let not = rest.starts_with('-') && rest.len() > 1;
        rest = rest.strip_prefix('-').filter(|_| not).unwrap_or(rest);
        let field = rest
            .split_once(':')
            .map(|(name, _)| name)
            .filter(|name| FIELDS.contains(name));
        rest = field.and_then(|name| rest.get(name.len() + 1..)).unwrap_or(rest);
        let (word, after, phrase) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (word, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                (word, after, true)
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (word, after, false)
            }
        };
        if !word.trim().is_empty() {
            out.push(Part {
                not,
                field: field.map(str::to_owned),
                text: word.to_owned(),
                phrase,
                last: after.is_empty(),
            });
        }
        rest = after.trim_start();
    }
    match out.len() {
        0 => Err(BadQuestion::Empty),
        n if n > PARTS => Err(BadQuestion::Long),
        _ => Ok(out),
    }
}

/// Answers questions.
#[derive(Clone)]
pub(super) struct Finder {
    index: Index,
    reader: IndexReader,
    fields: Fields,
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Finder")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl Finder {
    pub(super) fn new(writing: &Writing) -> Self {
        Self {
            index: writing.index().clone(),
            reader: writing.reader.clone(),
            fields: writing.fields,
        }
    }

    pub(super) fn find(&self, ask: &Ask, names: &dyn Names, folder: &Path) -> Result<Hits, Failed> {
        let parts = parts(&ask.text)?;
        let failed = |why: TantivyError| Unusable::Index {
            folder: folder.to_owned(),
            why: why.to_string(),
        };
        let mut words = Words::default();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut scored = false;
        for part in &parts {
            let query = match part.field.as_deref() {
                None => {
                    scored |= !part.not;
                    let typing = ask.typing && part.last && !part.phrase;
                    self.words(part, typing, &mut words)
                }
                Some("title") => Some(self.of(self.fields.title, &cut(&part.text), false)),
                Some(field) => Some(self.field(field, &part.text, names).map_err(|why| match why {
                    Failed2::Question(why) => Failed::Question(why),
                    Failed2::Index(why) => Failed::Index(failed(why)),
                })?),
            };
            let occur = if part.not { Occur::MustNot } else { Occur::Must };
            clauses.extend(query.map(|query| (occur, query)));
        }
        if clauses.is_empty() {
            return Err(BadQuestion::Empty.into());
        }
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        let term = |field: Field, value: &str| -> Box<dyn Query> {
            Box::new(TermQuery::new(
                Term::from_field_text(field, value),
                IndexRecordOption::Basic,
            ))
        };
        clauses.push((Occur::MustNot, term(self.fields.bare, "1")));
        if let Some(committee) = ask.committee {
            clauses.push((Occur::Must, term(self.fields.committee, &committee.to_string())));
        }
        if let Some(kind) = &ask.kind {
            clauses.push((Occur::Must, term(self.fields.kind, kind)));
        }
        let query = BooleanQuery::new(clauses);
        let (skip, most) = (ask.skip.min(ANSWERS), ask.most.clamp(1, ANSWERS));
        let top = TopDocs::with_limit(most).and_offset(skip);
        let searcher = self.reader.searcher();
        let newest = ask.sort == Sort::New || !scored;
        let (found, total): (Vec<DocAddress>, usize) = if newest {
            let top = top.order_by_fast_field::<u64>("time", Order::Desc);
            let (found, total) = searcher.search(&query, &(top, Count)).map_err(failed)?;
            (found.into_iter().map(|(_, at)| at).collect(), total)
        } else {
            let (found, total) = searcher
                .search(&query, &(top.order_by_score(), Count))
                .map_err(failed)?;
            (found.into_iter().map(|(_, at)| at).collect(), total)
        };
        let mut entries = Vec::with_capacity(found.len());
        for at in found {
            let document = searcher.doc::<TantivyDocument>(at).map_err(failed)?;
            entries.extend(id_of(&document, self.fields.id));
        }
        Ok(Hits { entries, total, words })
    }

    /// A word or phrase in texts and titles.
    fn words(&self, part: &Part, typing: bool, words: &mut Words) -> Option<Box<dyn Query>> {
        let cut = cut(&part.text);
        let (last, before) = cut.split_last()?;
        if !part.not {
            words.whole.extend(before.iter().cloned());
            if typing {
                words.beginning = Some(last.clone());
            } else {
                words.whole.push(last.clone());
            }
        }
        let title = BoostQuery::new(self.of(self.fields.title, &cut, typing), TITLE);
        let either: Vec<Box<dyn Query>> = vec![self.of(self.fields.text, &cut, typing), Box::new(title)];
        Some(Box::new(BooleanQuery::union(either)))
    }

    /// These words in a row in a field; the last one may only be beginning.
    fn of(&self, field: Field, words: &[String], typing: bool) -> Box<dyn Query> {
        let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
        match terms.as_slice() {
            [] => Box::new(BooleanQuery::new(Vec::new())),
            _ if typing => {
                let mut query = PhrasePrefixQuery::new(terms);
                query.set_max_expansions(ENDINGS);
                Box::new(query)
            }
            [one] => Box::new(TermQuery::new(one.clone(), IndexRecordOption::WithFreqs)),
            _ => Box::new(PhraseQuery::new(terms)),
        }
    }

    fn field(&self, field: &str, value: &str, names: &dyn Names) -> Result<Box<dyn Query>, Failed2> {
        let nobody = || BadQuestion::Nobody {
            field: field.to_owned(),
            value: value.to_owned(),
        };
        let any = |field: Field, ids: Vec<Id>| -> Box<dyn Query> {
            Box::new(TermSetQuery::new(
                ids.into_iter()
                    .map(move |id| Term::from_field_text(field, &id.to_string())),
            ))
        };
        let day = || {
            clock::day(value).ok_or_else(|| BadQuestion::Day {
                field: field.to_owned(),
                value: value.to_owned(),
            })
        };
        let time = |ms: u64| Term::from_field_u64(self.fields.time, ms);
        Ok(match field {
            "kind" if value == "person" => self.term(self.fields.person, "1"),
            "kind" => self.term(self.fields.kind, &value.to_lowercase()),
            "is" if value == "person" => self.term(self.fields.person, "1"),
            "is" => self.term(self.fields.kind, value),
            "by" => match names.id(value) {
                Some(id) => any(self.fields.author, vec![id]),
                None => {
                    let people = self.people(value)?;
                    if people.is_empty() {
                        return Err(nobody().into());
                    }
                    any(self.fields.author, people)
                }
            },
            "committee" => match names.id(value).map_or_else(|| names.committees(value), |id| vec![id]) {
                none if none.is_empty() => return Err(nobody().into()),
                some => any(self.fields.committee, some),
            },
            "doc" => any(self.fields.doc, vec![names.id(value).ok_or_else(nobody)?]),
            "before" => Box::new(RangeQuery::new(Bound::Unbounded, Bound::Excluded(time(day()?)))),
            // The whole day is after itself: people ask for what happened since.
            _ => Box::new(RangeQuery::new(Bound::Included(time(day()?)), Bound::Unbounded)),
        })
    }

    fn term(&self, field: Field, value: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(
            Term::from_field_text(field, value),
            IndexRecordOption::Basic,
        ))
    }

    /// Identities whose profile has these words in its name.
    fn people(&self, name: &str) -> Result<Vec<Id>, TantivyError> {
        let words = cut(name);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let both: Vec<(Occur, Box<dyn Query>)> = vec![
            (Occur::Must, self.term(self.fields.person, "1")),
            (Occur::Must, self.of(self.fields.title, &words, false)),
        ];
        let searcher = self.reader.searcher();
        let found = searcher.search(&BooleanQuery::new(both), &DocSetCollector)?;
        let mut out = Vec::new();
        for at in found.into_iter().take(PEOPLE) {
            out.extend(id_of(&searcher.doc::<TantivyDocument>(at)?, self.fields.doc));
        }
        Ok(out)
    }
}

/// Why a field is not understood, before the folder is known.
enum Failed2 {
    Question(BadQuestion),
    Index(TantivyError),
}

impl From<BadQuestion> for Failed2 {
    fn from(why: BadQuestion) -> Self {
        Self::Question(why)
    }
}

impl From<TantivyError> for Failed2 {
    fn from(why: TantivyError) -> Self {
        Self::Index(why)
    }
}

/// A text cut into words.
fn cut(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut out = Vec::new();
    while stream.advance() && out.len() < PARTS {
        out.push(stream.token().text.clone());
    }
    out
}

impl Words {
    /// The part of a text around the first of the words, at most about `most` bytes, cut into runs.
    pub(crate) fn mark(&self, text: &str, most: usize) -> Vec<Run> {
        let mut analyzer = analyzer();
        let mut stream = analyzer.token_stream(text);
        let mut found: Vec<(usize, usize)> = Vec::new();
        while stream.advance() {
            let token = stream.token();
            let begins = self
                .beginning
                .as_deref()
                .is_some_and(|beginning| token.text.starts_with(beginning));
            if begins || self.whole.contains(&token.text) {
                found.push((token.offset_from, token.offset_to));
            }
            if found.first().is_some_and(|(first, _)| token.offset_from > first + most) {
                break;
            }
        }
        let first = found.first().map_or(0, |(from, _)| *from);
        let from = edge(text, first.saturating_sub(most / 4));
        let to = edge(text, from.saturating_add(most));
        let mut out = Vec::new();
        let mut push = |from: usize, to: usize, hit: bool| {
            let run = text.get(from..to).filter(|run| !run.is_empty());
            out.extend(run.map(|run| (run.to_owned(), hit)));
        };
        if from > 0 {
            push(from, from, false);
        }
        let mut at = from;
        for (start, end) in found.into_iter().filter(|(start, end)| *start >= from && *end <= to) {
            push(at, start, false);
            push(start, end, true);
            at = end;
        }
        push(at, to, false);
        if from > 0 {
            out.insert(0, ("… ".to_owned(), false));
        }
        if to < text.len() {
            out.push((" …".to_owned(), false));
        }
        out
    }
}

/// The next place at or after this byte where a character begins.
fn edge(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(bool, Option<String>, String, bool)> {
        let parts = parts(text).unwrap().into_iter();
        parts.map(|p| (p.not, p.field, p.text, p.phrase)).collect()
    }

    #[test]
    fn questions_are_words_phrases_and_fields() {
        let word = |text: &str| (false, None, text.to_owned(), false);
        assert_eq!(read("one  two"), [word("one"), word("two")]);
        assert_eq!(
            read("\"a b\" -c by:\"Ada L\" x:y kind:post"),
            [
                (false, None, "a b".to_owned(), true),
                (true, None, "c".to_owned(), false),
                (false, Some("by".to_owned()), "Ada L".to_owned(), true),
                word("x:y"),
                (false, Some("kind".to_owned()), "post".to_owned(), false),
            ]
        );
        assert_eq!(read("\"open"), [(false, None, "open".to_owned(), true)]);
        for empty in ["", "  ", "\"\"", "kind:"] {
            assert_eq!(parts(empty), Err(BadQuestion::Empty), "{empty}");
        }
        assert_eq!(parts(&"a ".repeat(PARTS + 1)), Err(BadQuestion::Long));
        assert_eq!(parts(&"a".repeat(QUESTION + 1)), Err(BadQuestion::Long));
    }

    #[test]
    fn words_are_marked_whatever_their_case_and_accents() {
        let words = Words {
            whole: vec!["cafe".to_owned()],
            beginning: Some("gard".to_owned()),
        };
        let marked = words.mark("the Café in the garden", 100);
        let hits: Vec<&str> = marked
            .iter()
            .filter(|(_, hit)| *hit)
            .map(|(run, _)| run.as_str())
            .collect();
        assert_eq!(hits, ["Café", "garden"]);
        let whole: String = marked.iter().map(|(run, _)| run.as_str()).collect();
        assert_eq!(whole, "the Café in the garden");
        let long = format!("{} café {}", "é".repeat(500), "x ".repeat(500));
        let marked = words.mark(&long, 60);
        assert!(marked.iter().any(|(_, hit)| *hit) && marked.iter().map(|(run, _)| run.len()).sum::<usize>() < 100);
    }
}
