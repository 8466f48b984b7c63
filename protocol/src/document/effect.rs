//! What an entry counts for, and why. Nothing here ever keeps an entry from being shown.

use std::fmt;

use serde_json::{Value as Json, json};

use crate::hash::Id;
use crate::kind::read::Breach;

/// What an entry counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It counts.
    Effective,
    /// Its author may not do this, or not yet.
    Unauthorised,
    /// Its key signed two entries in one place: nobody can say which one was meant.
    Disputed,
    /// Two devices of one identity said different things at once; counts for nothing until a later one names both.
    Conflict,
    /// Its author said something else later.
    Superseded,
    /// Its body breaks the schema, or it does not fit its document.
    Void,
    /// Of a kind that this release does not know.
    Unknown,
}

impl Effect {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Effective => "effective",
            Self::Unauthorised => "unauthorised",
            Self::Disputed => "disputed",
            Self::Conflict => "conflict",
            Self::Superseded => "superseded",
            Self::Void => "void",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why an entry has the effect that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Its body breaks its kind's schema.
    Body(Breach),
    /// It has to prove itself, and does not.
    Proof {
        /// What is wrong, in words.
        text: &'static str,
    },
    /// Its kind does not belong into this kind of document.
    Misfit {
        /// The document's kind.
        document: String,
    },
    /// This release does not know its kind.
    Kind,
    /// This release does not know the document's kind.
    Document {
        /// The document's kind.
        kind: String,
    },
    /// These fields belong to parts that its author does not own; they have no effect on content.
    Parts {
        /// The fields; none when the body is not here and its author owns nothing.
        fields: Vec<&'static str>,
    },
    /// It counts only from somebody else.
    Author {
        /// Identities from whom it would count.
        theirs: Vec<Id>,
    },
    /// Its key forked at this place or before.
    Fork {
        /// The lowest forked place in the key's log.
        seq: u64,
    },
    /// The same identity's other acts of the same sort, neither before nor after it.
    Concurrent {
        /// Those acts.
        with: Vec<Id>,
    },
    /// The same identity's later act, or acts.
    Later {
        /// Those acts.
        by: Vec<Id>,
    },
    /// Its author took it back.
    Retracted {
        /// The `retract`.
        by: Id,
    },
    /// It is about an entry that is not in this document.
    Target {
        /// That entry.
        entry: Id,
    },
    /// It is about another one's entry.
    Foreign {
        /// That entry.
        entry: Id,
    },
    /// It would undo what cannot be undone this way.
    Final {
        /// That entry.
        entry: Id,
    },
    /// Nobody in the committee has taken it up yet.
    Floor,
    /// It counts by the committee's authority, about which nothing was said.
    Unruled,
    /// Too few founders and stewards have signed it.
    Open {
        /// How many have.
        have: usize,
        /// How many it takes.
        need: usize,
        /// Their signatures.
        by: Vec<Id>,
    },
    /// Enough signed this grant, but some of them had lost their own role.
    Shaky {
        /// The signatures that do not count.
        lost: Vec<Id>,
    },
    /// This grant was revoked.
    Revoked {
        /// The revocations.
        by: Vec<Id>,
    },
    /// The same parameter was set again later.
    Overtaken {
        /// By these.
        by: Vec<Id>,
    },
    /// The same parameter was set at the same time.
    Contested {
        /// By these.
        with: Vec<Id>,
    },
    /// It signs what is no grant, revocation or parameter.
    NoAct,
    /// Its author did not have the role that it needs.
    NoRole {
        /// The role; none for that of any member.
        role: Option<&'static str>,
    },
    /// Its author's role had been taken by then, or whoever took it had not seen this.
    RoleTaken {
        /// The role; none for that of any member.
        role: Option<&'static str>,
        /// The revocations.
        by: Vec<Id>,
    },
    /// Those who had given its author the role had lost their own.
    RoleShaky {
        /// The role; none for that of any member.
        role: Option<&'static str>,
        /// The grants.
        grants: Vec<Id>,
    },
    /// Its device was retired, and it is not among what the retirement lets count.
    KeyRetired {
        /// The retirements.
        by: Vec<Id>,
    },
    /// Its device was not kept when the root key changed, or it was signed by a root key after that was replaced.
    KeyDropped {
        /// The rotation.
        by: Id,
    },
    /// Its author's root key was replaced twice: nobody can say who the identity is.
    Dead {
        /// The rotations.
        by: Vec<Id>,
    },
}

impl Cause {
    /// One word for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Body(_) => "body",
            Self::Proof { .. } => "proof",
            Self::Misfit { .. } => "misfit",
            Self::Kind => "kind",
            Self::Document { .. } => "document",
            Self::Parts { .. } => "parts",
            Self::Author { .. } => "author",
            Self::Fork { .. } => "fork",
            Self::Concurrent { .. } => "concurrent",
            Self::Later { .. } => "later",
            Self::Retracted { .. } => "retracted",
            Self::Target { .. } => "target",
            Self::Foreign { .. } => "foreign",
            Self::Final { .. } => "final",
            Self::Floor => "floor",
            Self::Unruled => "unruled",
            Self::Open { .. } => "open",
            Self::Shaky { .. } => "shaky",
            Self::Revoked { .. } => "revoked",
            Self::Overtaken { .. } => "overtaken",
            Self::Contested { .. } => "contested",
            Self::NoAct => "no_act",
            Self::NoRole { .. } => "no_role",
            Self::RoleTaken { .. } => "role_taken",
            Self::RoleShaky { .. } => "role_shaky",
            Self::KeyRetired { .. } => "key_retired",
            Self::KeyDropped { .. } => "key_dropped",
            Self::Dead { .. } => "dead_identity",
        }
    }

    /// The entries or identities that it names.
    #[must_use]
    pub fn entries(&self) -> Vec<Id> {
        match self {
            Self::Concurrent { with: ids }
            | Self::Later { by: ids }
            | Self::Author { theirs: ids }
            | Self::Open { by: ids, .. }
            | Self::Shaky { lost: ids }
            | Self::Revoked { by: ids }
            | Self::Overtaken { by: ids }
            | Self::Contested { with: ids }
            | Self::RoleTaken { by: ids, .. }
            | Self::RoleShaky { grants: ids, .. }
            | Self::KeyRetired { by: ids }
            | Self::Dead { by: ids } => ids.clone(),
            Self::Retracted { by: id }
            | Self::Target { entry: id }
            | Self::Foreign { entry: id }
            | Self::KeyDropped { by: id }
            | Self::Final { entry: id } => vec![*id],
            _ => Vec::new(),
        }
    }

    /// As JSON: a word, a sentence for people, and the entries.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({ "rule": self.name(), "text": self.to_string(), "entries": self.entries() })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof { text } => f.write_str(text),
            Self::Body(breach) => write!(f, "its body breaks the rules of its kind: {breach}"),
            Self::Misfit { document } => write!(f, "an entry of this kind has no place in a {document}"),
            Self::Kind => f.write_str("this release does not know its kind; a newer one may"),
            Self::Document { kind } => write!(
                f,
                "this release does not know documents of kind {kind}; a newer one may"
            ),
            Self::Parts { fields } if fields.is_empty() => f.write_str("its author owns no part of this document"),
            Self::Parts { fields } => write!(f, "its author does not own {}", fields.join(", ")),
            Self::Author { theirs } if theirs.is_empty() => {
                f.write_str("nobody has been named yet from whom it would count")
            }
            Self::Author { .. } => f.write_str("it counts only from the person that it is about"),
            Self::Fork { seq } => write!(f, "its key signed two different entries in place {seq} of its log"),
            Self::Concurrent { .. } => {
                f.write_str("the same identity said something else at the same time; an act that names both settles it")
            }
            Self::Later { .. } => f.write_str("the same identity said something else later"),
            Self::Retracted { .. } => f.write_str("its author took it back"),
            Self::Target { entry } => write!(f, "it is about {}, which is not in this document", entry.short()),
            Self::Foreign { entry } => write!(f, "only the author of {} can do this", entry.short()),
            Self::Final { entry } => write!(f, "{} cannot be undone this way", entry.short()),
            Self::Floor => f.write_str("nobody has taken this up yet"),
            Self::Unruled => f.write_str("the committee's authority has not been asked"),
            Self::Open { have, need, .. } => write!(f, "{have} of {need} founders and stewards have signed it so far"),
            Self::Shaky { .. } => f.write_str("too few of those who signed it still had the role to do so"),
            Self::Revoked { .. } => f.write_str("it was revoked"),
            Self::Overtaken { .. } => f.write_str("the parameter was set again later"),
            Self::Contested { .. } => f.write_str(
                "the parameter was set differently at the same time; setting it once more in the sight of both settles it",
            ),
            Self::NoAct => f.write_str("it signs an entry that is no grant, revocation or parameter"),
            Self::NoRole { role } => write!(f, "its author was no {} when it was written", member(*role)),
            Self::RoleTaken { role, .. } => write!(
                f,
                "its author was no {} any more when it was written, or those who took the role had not seen it",
                member(*role)
            ),
            Self::RoleShaky { role, .. } => write!(
                f,
                "those who had made its author a {} had lost their own role",
                member(*role)
            ),
            Self::KeyRetired { .. } => {
                f.write_str("its device was retired, and it is not among the last entries that the retirement names")
            }
            Self::KeyDropped { .. } => f.write_str("its key was replaced when the identity's root key changed"),
            Self::Dead { .. } => {
                f.write_str("its author's root key was replaced twice, so nobody can say who speaks for the identity")
            }
        }
    }
}

/// The word for the holder of a role.
fn member(role: Option<&'static str>) -> &'static str {
    match role {
        None => "member",
        Some(crate::authority::STEWARD) => "founder or steward",
        Some(role) => role,
    }
}
