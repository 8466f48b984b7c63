//! A topic put together out of its files, and cut into parts that entries can hold.

use std::collections::{BTreeMap, BTreeSet};

use althing_protocol::hash::{Hash, sha256};
use serde_json::{Map, Value as Json, json};

use super::file::{File, Post};
use super::markdown::Converter;
use super::{POSTS, Skip, TEXT, TOPIC, quote};
use crate::import::{Document, parts};

/// Posts of one entry, a little less than the kind allows.
const PART: usize = 1000;

/// Kinds of posts that everybody wrote and read: ordinary ones, and those that moderators marked.
const WORDS: [u64; 2] = [1, 2];

/// A topic that is being read, file by file.
#[derive(Debug)]
pub struct Reader<'a> {
    topic: u64,
    site: Option<&'a str>,
    converter: &'a Converter,
    title: Option<String>,
    posts: BTreeMap<u64, (u64, Json)>,
    /// Whatever another file shows of them: what was taken down at any time is not read.
    left_out: BTreeSet<u64>,
    files: Vec<[u8; 32]>,
    stream: usize,
    bytes: usize,
}

/// A topic that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its parts, in the order in which they are to be written. At least one.
    pub parts: Vec<Document>,
    /// Posts that were read.
    pub posts: usize,
    /// Posts that nobody but staff can read, or that have no words.
    pub left_out: usize,
    /// Posts that the forum has, as far as the files say.
    pub stream: usize,
}

impl<'a> Reader<'a> {
    /// Begins a topic. `site` is the forum's address, such as `https://forum.example`.
    #[must_use]
    pub fn new(topic: u64, site: Option<&'a str>, converter: &'a Converter) -> Self {
        Self {
            topic,
            site,
            converter,
            title: None,
            posts: BTreeMap::new(),
            left_out: BTreeSet::new(),
            files: Vec::new(),
            stream: 0,
            bytes: 0,
        }
    }

    /// Reads one file of the topic. Of two versions of a post the later one counts.
    ///
    /// # Errors
    /// Why the topic cannot be read.
    pub fn file(&mut self, bytes: &[u8]) -> Result<(), Skip> {
        let file = File::read(bytes)?;
        if file.archetype.as_deref() == Some("private_message") {
            return Err(Skip::Private(self.topic));
        }
        if file.deleted_at.is_some() {
            return Err(Skip::Deleted(self.topic));
        }
        self.files.push(sha256(&[bytes]));
        self.stream = self.stream.max(file.stream().unwrap_or(0));
        let title = file.title.as_deref().map(|title| line(title, 300));
        self.title = self.title.take().or(title.filter(|title| !title.is_empty()));
        for post in file.posts() {
            let (number, version) = (post.post_number, post.version.unwrap_or(1));
            if number > althing_protocol::limit::INT {
                continue;
            }
            let older = self.posts.get(&number).is_some_and(|(known, _)| *known > version);
            match self.post(&post) {
                Some(_) if older => {}
                Some(item) => {
                    self.bytes += item.to_string().len();
                    self.posts.insert(number, (version, item));
                }
                None => drop(self.left_out.insert(number)),
            }
            if self.posts.len() > POSTS || self.bytes > TOPIC {
                return Err(Skip::TooMuch { topic: self.topic });
            }
        }
        Ok(())
    }

    /// A post as an item of the document; none if it is not one that everybody could read.
    fn post(&self, post: &Post) -> Option<Json> {
        let taken_down = post.hidden == Some(true) || post.user_deleted == Some(true) || post.deleted_at.is_some();
        if taken_down || !post.post_type.is_none_or(|sort| WORDS.contains(&sort)) {
            return None;
        }
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (read, text, quotes) = match (given(&post.raw), given(&post.cooked)) {
            (Some(raw), _) => {
                let quotes = quote::of_raw(&raw);
                (raw.clone(), raw, quotes)
            }
            (None, Some(html)) if html.len() <= 4 * TEXT => {
                let (text, quotes) = self.converter.convert(&html).unwrap_or_else(|| (unread(), Vec::new()));
                (html, text, quotes)
            }
            (None, Some(html)) => (html, unread(), Vec::new()),
            (None, None) => return None,
        };
        let text = cut(clean(&text), TEXT);
        if text.trim().is_empty() {
            return None;
        }
        let author = post
            .username
            .as_deref()
            .or(post.name.as_deref())
            .map(|name| line(name, 200));
        let mut item = Map::new();
        item.insert("number".to_owned(), json!(post.post_number));
        item.insert(
            "author".to_owned(),
            json!(
                author
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| "(not named)".to_owned())
            ),
        );
        let version = post.version.filter(|v| (1..=althing_protocol::limit::INT).contains(v));
        let edited = post.updated_at.as_ref().filter(|_| version.is_some_and(|v| v > 1));
        let time = |text: &String| line(text, 64);
        let reply = post.reply_to_post_number.filter(|n| *n <= althing_protocol::limit::INT);
        let quotes = quote::lines(&quotes, self.topic);
        let optional = [
            ("time", post.created_at.as_ref().map(|t| json!(time(t)))),
            ("edited", edited.map(|t| json!(time(t)))),
            ("version", version.map(|v| json!(v))),
            ("reply_to", reply.map(|n| json!(n))),
            ("quotes", (!quotes.is_empty()).then(|| json!(quotes))),
            (
                "url",
                self.url()
                    .filter(|_| self.site.is_some())
                    .map(|url| json!(format!("{url}/{}", post.post_number))),
            ),
            ("hash", Some(json!(Hash(sha256(&[read.as_bytes()]))))),
            ("text", Some(json!(text))),
        ];
        item.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
        Some(Json::Object(item))
    }

    /// Where the topic is. Without the site, its path there. The slug is left out: it changes with the title.
    fn url(&self) -> Option<String> {
        let path = format!("t/{}", self.topic);
        let url = self
            .site
            .map_or_else(|| path.clone(), |site| format!("{}/{path}", site.trim_end_matches('/')));
        (url.len() <= 900).then_some(url)
    }

    /// The topic as documents.
    ///
    /// # Errors
    /// Why there is none.
    pub fn finish(mut self) -> Result<Read, Skip> {
        let title = self.title.take().ok_or(Skip::NoTitle(self.topic))?;
        self.posts.retain(|number, _| !self.left_out.contains(number));
        if self.posts.is_empty() {
            return Err(Skip::Empty(self.topic));
        }
        self.files.sort_unstable();
        let hashes: Vec<&[u8]> = self.files.iter().map(|hash| hash.as_slice()).collect();
        let hash = match self.files.as_slice() {
            [only] => *only,
            _ => sha256(&hashes),
        };
        let source = self.url().unwrap_or_else(|| format!("t/{}", self.topic));
        let mut content = Map::from_iter([
            ("title".to_owned(), json!(title)),
            ("label".to_owned(), json!("discussion")),
        ]);
        if self.site.is_some() {
            content.insert("origin".to_owned(), json!(source));
        }
        let document = Document {
            source,
            source_hash: Hash(hash),
            kind: "topic".to_owned(),
            content,
            more: false,
        };
        let posts = self.posts.len();
        let left_out = self.left_out.len();
        let items = self.posts.into_values().map(|(_, item)| item).collect();
        Ok(Read {
            parts: parts(document, "posts", items, PART),
            posts,
            left_out,
            stream: self.stream,
        })
    }
}

/// What stands for a text that cannot be converted.
fn unread() -> String {
    "*The importer could not read this post: its HTML is too large or nested too deep.*".to_owned()
}

/// Text without control characters but line feeds and tabs.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

/// A text of at most so many bytes, with a mark where it was cut.
fn cut(mut text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let whole = text.len();
    let mut end = most.saturating_sub(100);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push_str(&format!(
        "\n\n*Cut by the importer: {} of {whole} bytes are here.*",
        end
    ));
    text
}

/// One line of at most so many bytes, without control characters.
pub(super) fn line(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().trim().to_owned()
}
