//! What a post quotes, as markdown (`[quote="name, post:3, topic:12"]`) and as HTML say it.

/// Quotes that are noted of one post, and the longest of them, as the kind has it.
const QUOTES: usize = 64;
const LONGEST: usize = 300;

/// A quote of a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) author: String,
    pub(super) post: Option<u64>,
    pub(super) topic: Option<u64>,
}

impl Quote {
    /// `3, ada`; of another topic `12/3, ada`; without a number `ada`.
    fn line(&self, topic: u64) -> String {
        let author = super::topic::line(&self.author, 200);
        match (self.post, self.topic.filter(|other| *other != topic)) {
            (Some(post), None) => format!("{post}, {author}"),
            (Some(post), Some(other)) => format!("{other}/{post}, {author}"),
            (None, _) => author,
        }
    }
}

/// The lines that say what a post in this topic quotes, each once.
pub(super) fn lines(quotes: &[Quote], topic: u64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for quote in quotes {
        let line = quote.line(topic);
        if !line.is_empty() && line.len() <= LONGEST && !lines.contains(&line) {
            lines.push(line);
        }
        if lines.len() == QUOTES {
            break;
        }
    }
    lines
}

/// The quotes of a text in the forum's markdown.
pub(super) fn of_raw(text: &str) -> Vec<Quote> {
    let tags = text.split("[quote=").skip(1).filter_map(|rest| rest.split_once(']'));
    tags.filter_map(|(tag, _)| of_tag(tag)).take(QUOTES).collect()
}

/// `"name, post:3, topic:12"`, with quotation marks of either shape or none. Names may hold commas.
fn of_tag(tag: &str) -> Option<Quote> {
    if tag.len() > LONGEST || tag.contains('\n') {
        return None;
    }
    let tag = tag.trim_matches(['"', '“', '”', '\'', ' ']);
    let mut quote = Quote::default();
    let mut author: Vec<&str> = Vec::new();
    for part in tag.split(',') {
        let part = part.trim();
        let number = |label: &str| part.strip_prefix(label).map(str::trim);
        if let Some(post) = number("post:") {
            quote.post = post.parse().ok();
        } else if let Some(topic) = number("topic:") {
            quote.topic = topic.parse().ok();
        } else if !(part.starts_with("full:") || part.starts_with("username:")) {
            author.push(part);
        }
    }
    quote.author = author.join(", ");
    (quote.post.is_some() || !quote.author.is_empty()).then_some(quote)
}
