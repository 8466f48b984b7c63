//! The index itself: its fields, what goes in, what goes out for good.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use althing_protocol::hash::Id;
use serde::{Deserialize, Serialize};
use tantivy::collector::{Count, DocSetCollector};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::TermQuery;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value as _,
};
use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use super::{Error, Said};
use crate::limit::search::{HEAP, PATIENCE, WORD};

/// What wrote the index. Another one is removed and built anew.
const FORMAT: &str = "althing search 1\n";

/// How words are cut: at whatever is no letter or digit, without case and accents. Not stemmed: people write in many
/// languages, a phrase should be found as it was written, and the beginning of a word finds its forms.
pub(super) const WORDS: &str = "words";

/// The fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) text: Field,
    pub(super) title: Field,
    pub(super) kind: Field,
    pub(super) author: Field,
    pub(super) committee: Field,
    pub(super) doc: Field,
    pub(super) time: Field,
    /// `1` where the body was not here yet.
    pub(super) bare: Field,
    /// `1` for the profile of an identity.
    pub(super) person: Field,
}

/// An entry on its way in.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: Id,
    pub(super) kind: String,
    pub(super) author: Id,
    /// None in an identity's space.
    pub(super) committee: Option<Id>,
    pub(super) doc: Id,
    pub(super) time: u64,
    /// None while its body is not here.
    pub(super) said: Option<Said>,
}

/// How far each committee's sequence was taken in: the next position, and the entry before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Places(pub(super) BTreeMap<Id, (u64, Id)>);

/// The index, open for writing.
pub(super) struct Writing {
    folder: PathBuf,
    index: Index,
    writer: IndexWriter,
    pub(super) reader: IndexReader,
    pub(super) fields: Fields,
    /// Whether nothing was in it when it was opened.
    pub(super) fresh: bool,
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(WORDS)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(words);
    let fields = Fields {
        id: schema.add_text_field("id", STRING | STORED),
        text: schema.add_text_field("text", text.clone()),
        title: schema.add_text_field("title", text),
        kind: schema.add_text_field("kind", STRING),
        author: schema.add_text_field("author", STRING),
        committee: schema.add_text_field("committee", STRING),
        doc: schema.add_text_field("doc", STRING | STORED),
        time: schema.add_u64_field("time", INDEXED | FAST),
        bare: schema.add_text_field("bare", STRING),
        person: schema.add_text_field("person", STRING),
    };
    (schema.build(), fields)
}

/// Cuts texts into words.
pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

impl Writing {
    /// Opens the index, or begins it anew where it is missing, of another version, or not readable.
    pub(super) fn open(folder: &Path) -> Result<(Self, Places), Error> {
        let format = folder.join("FORMAT");
        if fs::read_to_string(&format).is_ok_and(|found| found == FORMAT)
            && let Ok(opened) = Self::open_in(folder, false)
        {
            return Ok(opened);
        }
        let failed = |why: std::io::Error| Error::Index {
            folder: folder.to_owned(),
            why: why.to_string(),
        };
        match fs::remove_dir_all(folder) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => return Err(failed(why)),
            _ => {}
        }
        fs::create_dir_all(folder).map_err(failed)?;
        let opened = Self::open_in(folder, true).map_err(|why| Error::Index {
            folder: folder.to_owned(),
            why: why.to_string(),
        })?;
        fs::write(&format, FORMAT).map_err(failed)?;
        Ok(opened)
    }

    fn open_in(folder: &Path, fresh: bool) -> Result<(Self, Places), tantivy::TantivyError> {
        let (schema, fields) = schema();
        let index = if fresh {
            Index::create_in_dir(folder, schema)?
        } else {
            Index::open_in_dir(folder)?
        };
        index.tokenizers().register(WORDS, analyzer());
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(HEAP)
            .build();
        let writer = index.writer_with_options(options)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let places: Places = serde_json::from_str(&payload).unwrap_or_default();
        let writing = Self {
            folder: folder.to_owned(),
            fresh: fresh || places == Places::default(),
            index,
            writer,
            reader,
            fields,
        };
        Ok((writing, places))
    }

    pub(super) fn failed(&self, why: &tantivy::TantivyError) -> Error {
        Error::Index {
            folder: self.folder.clone(),
            why: why.to_string(),
        }
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Takes an entry in; in the place of what was there of it, if `known` says that something may be.
    pub(super) fn put(&self, item: Item, known: bool) -> Result<(), Error> {
        if known {
            self.remove(&item.id);
        }
        let fields = &self.fields;
        let mut document = TantivyDocument::new();
        document.add_text(fields.id, item.id.to_string());
        document.add_text(fields.author, item.author.to_string());
        match item.said {
            None => document.add_text(fields.bare, "1"),
            Some(said) if said.text.is_empty() => return Ok(()),
            Some(said) => {
                document.add_text(fields.text, &said.text);
                if let Some(title) = &said.title {
                    document.add_text(fields.title, title);
                    if item.committee.is_none() {
                        document.add_text(fields.person, "1");
                    }
                }
                document.add_text(fields.kind, &item.kind);
                document.add_text(fields.doc, item.doc.to_string());
                if let Some(committee) = item.committee {
                    document.add_text(fields.committee, committee.to_string());
                }
                document.add_u64(fields.time, item.time);
            }
        }
        self.writer.add_document(document).map_err(|why| self.failed(&why))?;
        Ok(())
    }

    /// An entry that left this node.
    pub(super) fn remove(&self, id: &Id) {
        self.writer
            .delete_term(Term::from_field_text(self.fields.id, &id.to_string()));
    }

    /// Writes everything down, with how far it is, and lets it be found.
    pub(super) fn commit(&mut self, places: &Places) -> Result<(), Error> {
        let payload = serde_json::to_string(places).unwrap_or_default();
        let committed = (|| {
            let mut prepared = self.writer.prepare_commit()?;
            prepared.set_payload(&payload);
            prepared.commit()?;
            self.reader.reload()
        })();
        committed.map_err(|why| self.failed(&why))
    }

    /// Whether an entry is in it.
    pub(super) fn holds(&self, id: &Id) -> Result<bool, Error> {
        let term = Term::from_field_text(self.fields.id, &id.to_string());
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = self.reader.searcher().search(&query, &Count);
        Ok(found.map_err(|why| self.failed(&why))? > 0)
    }

    /// Entries with this value in a field, at most `most`.
    pub(super) fn with(&self, field: Field, value: &str, most: usize) -> Result<Vec<Id>, Error> {
        let query = TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic);
        let searcher = self.reader.searcher();
        let found = (|| {
            let hits = searcher.search(&query, &DocSetCollector)?;
            hits.into_iter()
                .take(most)
                .map(|at| Ok(id_of(&searcher.doc::<TantivyDocument>(at)?, self.fields.id)))
                .collect::<Result<Vec<Option<Id>>, tantivy::TantivyError>>()
        })();
        let found = found.map_err(|why| self.failed(&why))?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Makes what was removed leave the files: writes anew the parts that held it, and waits until the old ones are gone.
    pub(super) fn purge(&mut self, places: &Places) -> Result<(), Error> {
        let mut seen: BTreeSet<String> = self.parts()?.into_keys().collect();
        self.commit(places)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let parts = self.parts()?;
            let with: Vec<SegmentId> = parts
                .values()
                .filter(|(_, deletes)| *deletes)
                .map(|(id, _)| *id)
                .collect();
            seen.extend(parts.into_keys());
            for id in &with {
                // One that is being merged already is looked at again.
                drop(self.writer.merge(&[*id]).wait());
            }
            self.reader.reload().map_err(|why| self.failed(&why))?;
            // What a reader still uses is left for the next time.
            drop(self.writer.garbage_collect_files().wait());
            let now = self.parts()?;
            let clean = now.values().all(|(_, deletes)| !deletes);
            let left = self.left(seen.iter().filter(|part| !now.contains_key(*part)));
            match left {
                None if clean => return Ok(()),
                left if Instant::now() > deadline => {
                    return Err(Error::Left(left.unwrap_or_else(|| self.folder.display().to_string())));
                }
                _ => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// The parts of the index by the beginning of their files' names, and whether something was removed from them.
    fn parts(&self) -> Result<BTreeMap<String, (SegmentId, bool)>, Error> {
        let metas = self.index.searchable_segment_metas().map_err(|why| self.failed(&why))?;
        let part = |meta: &SegmentMeta| (meta.id().uuid_string(), (meta.id(), meta.has_deletes()));
        Ok(metas.iter().map(part).collect())
    }

    /// A file of one of these parts that is still there.
    fn left<'a>(&self, parts: impl Iterator<Item = &'a String>) -> Option<String> {
        let parts: Vec<&String> = parts.collect();
        let files = fs::read_dir(&self.folder).ok()?.flatten();
        let mut names = files.filter_map(|file| file.file_name().into_string().ok());
        names.find(|name| parts.iter().any(|part| name.starts_with(&***part)))
    }
}

/// The entry of a found document.
pub(super) fn id_of(document: &TantivyDocument, field: Field) -> Option<Id> {
    document.get_first(field)?.as_str()?.parse().ok()
}
