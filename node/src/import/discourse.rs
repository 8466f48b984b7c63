//! Threads of a Discourse forum, out of the JSON that it serves: `/t/{id}.json`, and further posts as
//! `/t/{id}/posts.json?post_ids[]=…` answers them. One topic becomes one `topic` document.
//!
//! What is kept: number, author, times, version, what it replies to and quotes, and the text of every post that
//! everybody could read. What the forum's people took down (deleted, hidden) or never showed (whispers) is not read,
//! nor are its own notes (closed, moved). The authors signed nothing here: the importer attests what was read.
//!
//! Bounds: [`LARGEST`] bytes of a file, [`POSTS`] posts and [`TOPIC`] bytes of text of a topic, [`TEXT`] bytes of a
//! post, which is cut with a mark above it.

mod file;
mod markdown;
mod quote;
mod topic;

use thiserror::Error;

pub use self::file::{Peek, peek};
pub use self::markdown::Converter;
pub use self::topic::{Read, Reader};

/// Largest file that is read, in bytes. A topic printed whole, with a thousand posts, has a few.
pub const LARGEST: u64 = 32 << 20;

/// Posts of one topic.
pub const POSTS: usize = 20_000;

/// Bytes of text of one post. A forum's own limit is 32,000 characters unless somebody raised it.
pub const TEXT: usize = 96 << 10;

/// Bytes of text of one topic.
pub const TOPIC: usize = 64 << 20;

/// Why a file or a topic is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Skip {
    /// No JSON by its name.
    #[error("not a .json file")]
    NotJson,
    /// No JSON in it.
    #[error("no JSON: {0}")]
    Broken(String),
    /// Something else.
    #[error("no topic and no posts of one: it has no `post_stream` with `posts`")]
    NoTopic,
    /// Posts without the topic's number.
    #[error("its posts do not say to which topic they belong")]
    NoNumber,
    /// Posts without a topic.
    #[error("posts of topic {0}, but no file here is the topic itself (t/{0}.json)")]
    NoTitle(u64),
    /// Posts of several topics.
    #[error("posts of several topics in one file")]
    Mixed,
    /// A conversation between some.
    #[error("topic {0} is a private message, and what is imported can be read by all who follow the committee")]
    Private(u64),
    /// Taken down as a whole.
    #[error("topic {0} was deleted there")]
    Deleted(u64),
    /// Nothing to keep.
    #[error("topic {0} has no post that everybody could read")]
    Empty(u64),
    /// Too many posts.
    #[error("topic {topic} has more than {} posts or {} MiB of text, more than one document takes", POSTS, TOPIC >> 20)]
    TooMuch {
        /// The topic.
        topic: u64,
    },
}

#[cfg(test)]
mod tests;
