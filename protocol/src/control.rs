//! What a header carries in the clear for the protocol itself, so that a missing body never splits nodes.
//!
//! Which control an entry may carry is read off its *shape* and, inside a document, off a list of kinds that is
//! frozen per version. It never depends on which other kinds a release knows: an older node would otherwise follow
//! other names than a newer one, and their digests would differ.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::codec::{self, Value};
use crate::entry::Header;
use crate::hash::{Hash, Id, Key};
use crate::limit;

/// A header's control, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// None, or one that nobody follows (an act of any other kind).
    Unread,
    /// `identity`: the root of an identity.
    Identity(Identity),
    /// `committee`: the root of a committee.
    Committee(Committee),
    /// The root of a document of any kind.
    Document(Document),
    /// `enroll`: a device of this identity.
    Enroll(Enroll),
    /// `retire`: what this device signed counts only as far as `last`.
    Retire(Retire),
    /// `rotate`: the next root key takes over.
    Rotate(Rotate),
    /// `grant`: a role.
    Grant(Grant),
    /// `revoke`: ends one grant.
    Revoke(Revoke),
    /// `cosign`: one more signature under an act.
    Cosign(Cosign),
    /// `vouch`: a standing order to the author's own node.
    Vouch(Vouch),
    /// `set_parameter`: a committee parameter.
    SetParameter(SetParameter),
}

/// Commits to the root key that may follow this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// [`crate::hash::key_commitment`] of the next root key.
    pub next: Hash,
}

/// Who founds a committee, and how many of them make an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committee {
    /// Identities, sorted and unique.
    pub founders: Vec<Id>,
    /// Signatures by distinct identities that make an act; 1 to the number of founders.
    pub threshold: u64,
}

/// Who may edit a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Sorted and unique; never empty. Absent control means that the author owns all.
    pub owners: Vec<Owner>,
}

/// An owner of a whole document or of one part: `[identity]` or `[identity, part]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The identity.
    pub identity: Id,
    /// The part, by the name that the kind gives it; none for the whole document.
    pub part: Option<String>,
}

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// A node: logs, cosignatures, standing orders.
    Node,
    /// A person at a device.
    Person,
    /// A program.
    Bot,
}

/// Lets a key sign for the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enroll {
    /// The device's key.
    pub key: Key,
    /// What it is for.
    #[serde(rename = "use")]
    pub usage: Use,
}

/// Ends a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retire {
    /// The device's key.
    pub key: Key,
    /// Its last entries, in any space. No names: they need not be here.
    pub last: Vec<Id>,
}

/// The next root key takes over and says which devices live on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// Commitment to the root key after this one.
    pub next: Hash,
    /// `enroll` entries that live on, sorted and unique.
    pub keep: Vec<Id>,
}

/// Gives a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role's name, `[a-z_]{1,64}`.
    pub role: String,
    /// The identity that gets it.
    pub to: Id,
    /// A document of this committee that bounds it, such as a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Id>,
}

/// Ends one grant for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// The grant.
    pub grant: Id,
}

/// Signs an act that another entry states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosign {
    /// The act.
    pub entry: Id,
}

/// Asks the author's own node to take up a newcomer's next entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vouch {
    /// The newcomer.
    pub identity: Id,
    /// How many entries.
    pub quota: u64,
}

/// Changes a parameter of the committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetParameter {
    /// The parameter's name, `[a-z_]{1,64}`.
    pub name: String,
    /// Its value; durations and thresholds are data.
    pub value: u64,
}

/// Where an entry stands: this decides what its control may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The root of a committee.
    Committee,
    /// The root of an identity.
    Identity,
    /// The root of a document in a committee.
    Document,
    /// An entry in a document, or in an identity's space.
    Entry,
}

/// Why a control is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Larger than [`limit::CONTROL`].
    #[error("a control of {size} bytes is larger than the {} allowed", limit::CONTROL)]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// The kind needs a control and has none, or has another one.
    #[error("the control does not fit the kind {kind}: {why}")]
    Shape {
        /// The entry's kind.
        kind: String,
        /// The reader's words.
        why: String,
    },
    /// A list is unsorted, has duplicates, is empty where it may not be, or too long.
    #[error("{what} must be sorted, unique and between {min} and {max} long")]
    List {
        /// Which list.
        what: &'static str,
        /// Least length.
        min: usize,
        /// Greatest length.
        max: usize,
    },
    /// A number or a name out of its bounds.
    #[error("{0} is out of bounds")]
    Bounds(&'static str),
}

/// Kinds inside a space whose control the protocol reads, frozen per version.
pub const KINDS: [&str; 8] = [
    "enroll",
    "retire",
    "rotate",
    "grant",
    "revoke",
    "cosign",
    "vouch",
    "set_parameter",
];

/// Reads the control of a header that has this shape.
///
/// # Errors
/// Says which bound or form the control breaks. A control that is not followed is only bounded in size.
pub fn read(header: &Header, shape: Shape) -> Result<Control, Fault> {
    let size = header.control.as_ref().map_or(0, |c| codec::encode(c).len());
    if size > limit::CONTROL {
        return Err(Fault::TooLarge { size });
    }
    let control = match (shape, header.kind.as_str()) {
        (Shape::Identity, _) => Control::Identity(typed(header)?),
        (Shape::Committee, _) => Control::Committee(committee(typed(header)?)?),
        (Shape::Document, _) if header.control.is_none() => Control::Unread,
        (Shape::Document, _) => Control::Document(document(typed(header)?)?),
        (Shape::Entry, "enroll") => Control::Enroll(typed(header)?),
        (Shape::Entry, "retire") => Control::Retire(retire(typed(header)?)?),
        (Shape::Entry, "rotate") => Control::Rotate(rotate(typed(header)?)?),
        (Shape::Entry, "grant") => Control::Grant(grant(typed(header)?)?),
        (Shape::Entry, "revoke") => Control::Revoke(typed(header)?),
        (Shape::Entry, "cosign") => Control::Cosign(typed(header)?),
        (Shape::Entry, "vouch") => Control::Vouch(vouch(typed(header)?)?),
        (Shape::Entry, "set_parameter") => Control::SetParameter(parameter(typed(header)?)?),
        (Shape::Entry, _) => Control::Unread,
    };
    Ok(control)
}

impl Control {
    /// The entry ids in it that are names: what must be here before this entry can be. `retire`'s `last` are none.
    #[must_use]
    pub fn names(&self) -> Vec<Id> {
        match self {
            Self::Committee(c) => c.founders.clone(),
            Self::Document(d) => d.owners.iter().map(|o| o.identity).collect(),
            Self::Rotate(r) => r.keep.clone(),
            Self::Grant(g) => std::iter::once(g.to).chain(g.scope).collect(),
            Self::Revoke(r) => vec![r.grant],
            Self::Cosign(c) => vec![c.entry],
            Self::Vouch(v) => vec![v.identity],
            Self::Unread | Self::Identity(_) | Self::Enroll(_) | Self::Retire(_) | Self::SetParameter(_) => Vec::new(),
        }
    }

    /// The value that a header carries for this control.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Unread => None,
            Self::Identity(c) => Some(codec::to_value(c)),
            Self::Committee(c) => Some(codec::to_value(c)),
            Self::Document(c) => Some(codec::to_value(c)),
            Self::Enroll(c) => Some(codec::to_value(c)),
            Self::Retire(c) => Some(codec::to_value(c)),
            Self::Rotate(c) => Some(codec::to_value(c)),
            Self::Grant(c) => Some(codec::to_value(c)),
            Self::Revoke(c) => Some(codec::to_value(c)),
            Self::Cosign(c) => Some(codec::to_value(c)),
            Self::Vouch(c) => Some(codec::to_value(c)),
            Self::SetParameter(c) => Some(codec::to_value(c)),
        }
    }
}

/// Whether a name holds only `a` to `z` and `_`, and 1 to `max` of them.
#[must_use]
pub fn is_name(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Whether a list is strictly ascending, hence sorted and without duplicates.
#[must_use]
pub fn ascending<T: Ord>(list: &[T]) -> bool {
    list.is_sorted_by(|a, b| a < b)
}

/// Reads the one form that this control has. The reader alone would also take an enrolment's `use` as a map of one key;
/// what exists must not hang on how lenient a reader is.
fn typed<T: DeserializeOwned + Serialize>(header: &Header) -> Result<T, Fault> {
    let shape = |why: String| Fault::Shape {
        kind: header.kind.clone(),
        why,
    };
    let value = header.control.as_ref().ok_or_else(|| shape("it is missing".into()))?;
    let read: T = codec::from_value(value.clone()).map_err(|e| shape(e.to_string()))?;
    if codec::to_value(&read) == *value {
        Ok(read)
    } else {
        Err(shape("it has another form than this kind writes".into()))
    }
}

fn list<T: Ord>(list: &[T], what: &'static str, min: usize, max: usize) -> Result<(), Fault> {
    if ascending(list) && (min..=max).contains(&list.len()) {
        Ok(())
    } else {
        Err(Fault::List { what, min, max })
    }
}

fn committee(control: Committee) -> Result<Committee, Fault> {
    list(&control.founders, "founders", 1, limit::FOUNDERS)?;
    let most = u64::try_from(control.founders.len()).unwrap_or(u64::MAX);
    if (1..=most).contains(&control.threshold) {
        Ok(control)
    } else {
        Err(Fault::Bounds("threshold"))
    }
}

fn document(control: Document) -> Result<Document, Fault> {
    list(&control.owners, "owners", 1, limit::OWNERS)?;
    let parts_fit = control
        .owners
        .iter()
        .all(|o| o.part.as_ref().is_none_or(|p| is_name(p, limit::PART)));
    if parts_fit {
        Ok(control)
    } else {
        Err(Fault::Bounds("part"))
    }
}

fn retire(control: Retire) -> Result<Retire, Fault> {
    list(&control.last, "last", 0, limit::CONTROL)?;
    Ok(control)
}

fn rotate(control: Rotate) -> Result<Rotate, Fault> {
    list(&control.keep, "keep", 0, limit::DEVICES)?;
    Ok(control)
}

fn grant(control: Grant) -> Result<Grant, Fault> {
    if is_name(&control.role, limit::NAME) {
        Ok(control)
    } else {
        Err(Fault::Bounds("role"))
    }
}

fn vouch(control: Vouch) -> Result<Vouch, Fault> {
    if (1..=limit::VOUCH).contains(&control.quota) {
        Ok(control)
    } else {
        Err(Fault::Bounds("quota"))
    }
}

fn parameter(control: SetParameter) -> Result<SetParameter, Fault> {
    if !is_name(&control.name, limit::NAME) {
        return Err(Fault::Bounds("name"));
    }
    if control.value > limit::INT {
        return Err(Fault::Bounds("value"));
    }
    Ok(control)
}

impl Serialize for Owner {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.part {
            None => [self.identity].serialize(serializer),
            Some(part) => (self.identity, part).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> serde::de::Visitor<'de> for Read {
            type Value = Owner;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[identity] or [identity, part]")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Owner, A::Error> {
                let identity = seq
                    .next_element()?
                    .ok_or_else(|| serde::de::Error::invalid_length(0, &self))?;
                let part = seq.next_element()?;
                match seq.next_element::<serde::de::IgnoredAny>()? {
                    None => Ok(Owner { identity, part }),
                    Some(_) => Err(serde::de::Error::invalid_length(3, &self)),
                }
            }
        }
        deserializer.deserialize_seq(Read)
    }
}
