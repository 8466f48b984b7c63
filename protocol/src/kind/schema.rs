//! What a kind is made of: declarations only. Reading and writing by them is in the sibling modules.

use super::Record;
use super::state::{Scene, State};
use crate::hash::Id;
use crate::limit;

/// Largest long text, in bytes of UTF-8: a long report, with 16 KiB left in the body for other fields.
pub const LONG: usize = limit::BODY - 16 * 1024;

/// Largest name in a [`Type::Named`], in bytes of UTF-8.
pub const NAMED: usize = 200;

/// Fields that every kind of document in a committee has, for those that were imported.
pub const COMMON: &[Field] = &[
    Field::new(
        "source",
        Type::Line { max: 1000 },
        "Where an imported document was read: a relative path or a URL.",
    ),
    Field::new("source_hash", Type::Hash, "SHA-256 of the bytes that were read there."),
    Field::new(
        "preamble",
        Type::Text { max: 32 * 1024 },
        "Its preamble, word for word, whatever was read from it.",
    ),
    Field::new(
        "dates",
        Type::List { item: DATE, max: 64 },
        "The dates that its preamble gives.",
    ),
    Field::new("files", super::common::FILES, "Files that belong to it."),
    Field::new(
        "fork_of",
        Type::Id,
        "The document, or the entry of one, from which it carries on.",
    ),
    Field::new(
        "source_status",
        Type::Line { max: 100 },
        "How it stood where it was read, in the word used there.",
    ),
];

/// A date that an importer read: never one that it guessed.
const DATE: &[Field] = &[
    Field::new("what", Type::Line { max: 200 }, "Of what, as written there.").required(),
    Field::new("day", Type::Date, "The day, where it was written in this form."),
    Field::new(
        "text",
        Type::Line { max: 1000 },
        "What was written, where it was no day in this form.",
    ),
];

/// A kind of entry.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name in headers, `[a-z_]{1,32}`.
    pub name: &'static str,
    /// What an entry of this kind is.
    pub shape: Shape,
    /// One sentence for people.
    pub about: &'static str,
    /// Parts with owners of their own; empty for most. Fields that name no part belong to the first.
    pub parts: &'static [Part],
    /// The fields of its body, without those that all documents have.
    pub fields: &'static [Field],
    /// Fields that may serve as the title; the first one that is set does.
    pub title: &'static [&'static str],
    /// The field that a plain text argument means.
    pub text: Option<&'static str>,
    /// The documents in which an act of this kind may stand; elsewhere it is void.
    pub on: On,
    /// Whose act it must be to count; empty for anyone's.
    pub by: &'static [Who],
    /// Acts of one identity with the same word here replace each other: only the latest counts.
    pub latest: Option<&'static str>,
    /// The field that names the entry which this act is about, when its effect depends on that entry.
    pub target: Option<&'static str>,
    /// What its author may undo later, and how.
    pub undo: Undo,
    /// Identities named in these fields when a document opens become owners of these parts: `(field, part)`.
    pub hands: &'static [(&'static str, &'static str)],
    /// What its author must be in the committee for it to count.
    pub needs: Option<Needs>,
    /// Whether only the committee's authority can say what it counts for: the caller hands the ruling in.
    pub ruled: bool,
    /// What an act must prove beyond its form to be more than void, given the space in which it stands; answers why
    /// it does not. Pure, and costly at most as a few signatures and one pass
    /// over the body.
    pub proof: Option<Proof>,
    /// How the document's state follows from its acts.
    pub state: Option<fn(&Scene<'_>) -> State>,
}

/// See [`Kind::proof`].
pub type Proof = fn(&Record, Id) -> Result<(), &'static str>;

/// What an entry of a kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The root of a space, which is a document as well.
    Space,
    /// The root of a document in a committee.
    Document,
    /// A change to a document's content.
    Edit,
    /// Anything else that stands in a document.
    Act,
}

/// A part of a document that may have owners of its own.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its name, as owners in a document's control spell it.
    pub name: &'static str,
    /// One sentence for people.
    pub about: &'static str,
}

/// A field of a body.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, `[a-z_]{1,64}`.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// Whether a body without it is void. In documents this binds the root only.
    pub required: bool,
    /// The part that it belongs to; none means the kind's first part, or the document.
    pub part: Option<&'static str>,
    /// One sentence for people.
    pub about: &'static str,
    /// Whether only what comes from elsewhere has it; forms keep such fields out of the way.
    pub elsewhere: bool,
    /// Whether only the document's own page shows it: no view reads it, and neither effects nor state depend on it. See
    /// [`gist`](crate::document::Document::gist).
    pub local: bool,
}

/// What a field holds. Lengths are bytes of UTF-8; no text holds control characters, other than line feed,
/// carriage return and tab in [`Type::Text`], so that nothing shown on a terminal can steer it.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// One line of text.
    Line {
        /// Greatest length.
        max: usize,
    },
    /// Text of many lines, markdown where people read it.
    Text {
        /// Greatest length.
        max: usize,
    },
    /// A whole number from 0.
    Int {
        /// Greatest value.
        max: u64,
    },
    /// Yes or no.
    Flag,
    /// An entry's id, and so also an identity, a document or a committee.
    Id,
    /// A public key.
    Key,
    /// A SHA-256.
    Hash,
    /// Bytes, hexadecimal wherever people read them.
    Bytes {
        /// Greatest number.
        max: usize,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A calendar day in UTC, `YYYY-MM-DD`.
    Date,
    /// Integer minor units and a currency of 2 to 12 capital letters and digits.
    Money,
    /// An entry's id, or a name of one line of at most [`NAMED`] as long as nobody has claimed it.
    Named,
    /// Distinct entry ids.
    Ids {
        /// Greatest number.
        max: usize,
    },
    /// Distinct lines.
    Lines {
        /// Greatest number.
        max: usize,
        /// Greatest length of each.
        each: usize,
    },
    /// An item of a document's list: `[entry, n]`.
    Item,
    /// A list of records. In documents its items are keyed by (entry, n) and edited one by one; in acts it is
    /// a plain list.
    List {
        /// What each item holds.
        item: &'static [Field],
        /// Greatest number of items in one body.
        max: usize,
    },
}

/// The documents in which an act may stand.
#[derive(Debug, Clone, Copy)]
pub enum On {
    /// In all, those of unknown kinds too.
    All,
    /// In documents of these kinds.
    Documents(&'static [&'static str]),
}

/// Whose act it is.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// An owner of this part. An owner of the whole document owns its parts.
    Owner(&'static str),
    /// Whoever the document is about: the owners of exactly this part, or, when nobody was made its owner, the
    /// identity that this field holds without conflict.
    Holder {
        /// The part.
        part: &'static str,
        /// The field.
        field: &'static str,
    },
}

/// What the author of an entry must be in the committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A founder, or the holder of any role.
    Member,
    /// The holder of this role, for the committee or for the document that the entry stands in.
    Role(&'static str),
}

/// What the author of an act may undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// Nothing: the kind has acts of its own for that.
    No,
    /// `retract` takes it back.
    Retract,
    /// `retract` takes it back, `amend` puts another text beside the first one.
    Amend,
}

impl Kind {
    /// Whether its entries are roots that hold content.
    #[must_use]
    pub const fn is_document(&self) -> bool {
        matches!(self.shape, Shape::Space | Shape::Document)
    }

    /// All fields of its body, in the order in which people see them.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        let common = if self.shape == Shape::Document { COMMON } else { &[] };
        self.fields.iter().chain(common)
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.all_fields().find(|field| field.name == name)
    }

    /// The part that a field belongs to; none in kinds without parts.
    #[must_use]
    pub fn part_of(&self, field: &Field) -> Option<&'static str> {
        field.part.or_else(|| self.parts.first().map(|part| part.name))
    }

    /// Whether an act of this kind may stand in a document of that kind.
    #[must_use]
    pub fn fits(&self, document: &str) -> bool {
        match self.on {
            On::All => true,
            On::Documents(kinds) => kinds.contains(&document),
        }
    }
}
