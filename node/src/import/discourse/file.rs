//! The forum's JSON: the few fields of it that are read.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Skip;

/// A topic, or posts of one.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    id: Option<u64>,
    pub(super) title: Option<String>,
    pub(super) archetype: Option<String>,
    pub(super) deleted_at: Option<String>,
    post_stream: Option<Stream>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    posts: Vec<Post>,
    stream: Option<Vec<IgnoredAny>>,
}

/// A post. Nothing but its number is sure to be there.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Post {
    pub(super) post_number: u64,
    topic_id: Option<u64>,
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) version: Option<u64>,
    pub(super) reply_to_post_number: Option<u64>,
    pub(super) cooked: Option<String>,
    pub(super) raw: Option<String>,
    #[serde(default)]
    pub(super) hidden: Option<bool>,
    #[serde(default)]
    pub(super) user_deleted: Option<bool>,
    pub(super) deleted_at: Option<String>,
    pub(super) post_type: Option<u64>,
}

impl File {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Skip> {
        let file: Self = serde_json::from_slice(bytes).map_err(|why| {
            // Valid JSON of another shape is no damage.
            match serde_json::from_slice::<IgnoredAny>(bytes) {
                Ok(_) => Skip::NoTopic,
                Err(_) => Skip::Broken(why.to_string()),
            }
        })?;
        if file.post_stream.is_none() {
            return Err(Skip::NoTopic);
        }
        Ok(file)
    }

    /// The number of its topic.
    pub(super) fn topic(&self) -> Result<u64, Skip> {
        let posts = self
            .post_stream
            .as_ref()
            .map(|stream| stream.posts.as_slice())
            .unwrap_or_default();
        let mut topics: Vec<u64> = posts.iter().filter_map(|post| post.topic_id).chain(self.id).collect();
        topics.sort_unstable();
        topics.dedup();
        match topics.as_slice() {
            [] => Err(Skip::NoNumber),
            [one] => Ok(*one),
            _ => Err(Skip::Mixed),
        }
    }

    /// How many posts the forum has in this topic, where the file says so.
    pub(super) fn stream(&self) -> Option<usize> {
        self.post_stream.as_ref()?.stream.as_ref().map(Vec::len)
    }

    pub(super) fn posts(self) -> Vec<Post> {
        self.post_stream.map(|stream| stream.posts).unwrap_or_default()
    }
}

/// What a first look at a file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peek {
    /// The topic.
    pub topic: u64,
    /// Whether the file has the topic's title, and not further posts of it only.
    pub titled: bool,
}

/// To which topic a file belongs. `source` is its path.
///
/// # Errors
/// Why it is none of a forum's files, in words for people.
pub fn peek(source: &str, bytes: &[u8]) -> Result<Peek, Skip> {
    let is_json = source
        .rsplit_once('.')
        .is_some_and(|(_, end)| end.eq_ignore_ascii_case("json"));
    if !is_json {
        return Err(Skip::NotJson);
    }
    let file = File::read(bytes)?;
    let titled = file.title.as_ref().is_some_and(|title| !title.trim().is_empty());
    Ok(Peek {
        topic: file.topic()?,
        titled,
    })
}
