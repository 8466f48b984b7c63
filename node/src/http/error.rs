//! What goes wrong, as problem details (RFC 9457). Only this file decides status codes.
//!
//! `title` says what happened in two or three words, `detail` what, why and what to do, in sentences for people.

use althing_protocol::anchor::BadAnchor;
use althing_protocol::author::Refused;
use althing_protocol::bundle::Unmade;
use althing_protocol::hash::{Hash, Id};
use althing_protocol::kind;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use thiserror::Error;

use crate::archive;
use crate::drafts;
use crate::files;
use crate::filters;
use crate::ingest::{Reject, Stopped, Unbelieved, Unerased, Unsigned, Unwritten};
use crate::invitation::{BadInvitation, Invitation};
use crate::policy;
use crate::search;
use crate::store;

/// Why a request is not answered.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    #[error("no {what} {id} is here; follow its committee and let the node sync, or check the id")]
    NotHere { what: &'static str, id: Id },
    #[error("{id} is {found}, not {wanted}; check the id")]
    WrongSort {
        id: Id,
        found: String,
        wanted: &'static str,
    },
    #[error(
        "{text:?} is no id: give 64 hexadecimal digits (0-9, a-f), or at least the first {}",
        super::ids::SHORTEST
    )]
    BadId { text: String },
    #[error("nothing here has an id that begins with {prefix}; check it, or let the node sync")]
    NoSuchId { prefix: String },
    #[error("several ids begin with {prefix}; give more of its digits")]
    Ambiguous { prefix: String },
    #[error("there is no {entry} in document {doc}; `althing log` lists its entries")]
    NotInDocument { entry: Id, doc: Id },
    #[error(
        "no signed checkpoint of committee {0} reaches that far yet; a node signs within a minute after something changed, or \
         at once with `althing checkpoint --committee {0}`"
    )]
    NoCheckpoint(Id),
    #[error("there is no such tile: the signed log has {size} leaves")]
    NoTile { size: u64 },
    #[error("entry {0} is in no record here: nobody has taken it up yet")]
    NotInRecord(Id),
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    #[error("this anchors nothing: {0}")]
    Anchor(BadAnchor),
    #[error(transparent)]
    Unmade(#[from] Unmade),
    #[error(transparent)]
    Unbelieved(#[from] Unbelieved),
    #[error(transparent)]
    Policy(#[from] policy::Error),
    #[error("{0}")]
    Input(String),
    #[error("this release knows no {what} {name:?}; it knows: {known}")]
    UnknownKind {
        what: &'static str,
        name: String,
        known: String,
    },
    #[error("{kind} has no place in a {document}; it belongs into: {fits}")]
    Misfit {
        kind: &'static str,
        document: String,
        fits: String,
    },
    #[error("this release does not know documents of kind {kind}, so it cannot write in them; a newer one may")]
    UnknownDocument { kind: String },
    #[error(transparent)]
    Content(#[from] kind::json::Error),
    #[error(
        "the founder {0} is not known here. Ask them for the file that `althing id export FILE` writes, and take it in \
         with `althing id import FILE`"
    )]
    UnknownFounder(Id),
    #[error(
        "a committee has 1 to {} founders and a threshold of 1 to their number; here are {founders} and {threshold}",
        althing_protocol::limit::FOUNDERS
    )]
    Founding { founders: usize, threshold: u64 },
    #[error("one request takes up at most {most} entries, these are {found}; send several")]
    TooManyEntries { found: usize, most: usize },
    #[error(transparent)]
    Invitation(#[from] BadInvitation),
    #[error(transparent)]
    Unwritten(#[from] Unwritten),
    #[error(transparent)]
    Unerased(#[from] Unerased),
    #[error("these bytes are no entry: {0}")]
    Reject(#[from] Reject),
    #[error("the entry {id} can never be admitted: {why}")]
    Inadmissible { id: Id, why: String },
    #[error("the entry {id} is fine but is not kept here: {why}")]
    NotKept { id: Id, why: String },
    #[error(transparent)]
    Archive(#[from] archive::Incomplete),
    #[error("this node is writing an archive already; ask again when that is done")]
    Archiving,
    #[error(transparent)]
    Automerge(#[from] super::api::automerge::Error),
    #[error(transparent)]
    Search(#[from] search::Error),
    #[error(transparent)]
    Question(#[from] search::BadQuestion),
    #[error(transparent)]
    Draft(#[from] drafts::Error),
    #[error(transparent)]
    Filter(#[from] filters::Error),
    #[error(transparent)]
    File(#[from] files::Error),
    #[error(
        "the file {0} is not on this node; its owner can fetch it from peers: `althing file {0} -o FILE`, or the button where \
         it is named"
    )]
    Fetchable(Hash),
    #[error("the file {hash} is being fetched, {have} of {length} bytes are here; try again in a moment")]
    Fetching { hash: Hash, have: u64, length: u64 },
    #[error("the file {hash} did not come: {why}")]
    Unfetched { hash: Hash, why: String },
    #[error(
        "only the owner of this node writes here, in a browser that was let in: open the link that the node printed \
         when it started (`make run`), or a new one from `althing page` on that machine"
    )]
    Stranger,
    #[error("this request did not come from a form of this node; open the page again and send it from there")]
    Forged,
    #[error("a form has at most {fields} fields and {bytes} bytes; write in several steps")]
    FormSize { fields: usize, bytes: usize },
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("the node failed at this request; its log says more. Please report it")]
    Broken,
    #[error(
        "this changes something in your name, so it needs the token in the data folder of the node; give --data the same folder that the node runs on"
    )]
    Token,
    #[error(
        "the request names the host {host:?}; ask by IP address or as localhost. This keeps web pages from reaching the node under another name"
    )]
    Host { host: String },
    #[error(
        "this link was used already, or is not from this run of the node; `althing page` gives a new one on the machine \
         where the node runs"
    )]
    Link,
    #[error("there is no {0} here; docs/http.md lists the paths")]
    Path(String),
    #[error("{0} is not possible here")]
    Method(String),
    #[error("the request has more than the {max} bytes that are taken at once; send it in parts")]
    TooLarge { max: usize },
    #[error("the node did not get this done in {seconds} seconds; try again later, or ask for less")]
    Time { seconds: u64 },
    #[error("the committee is followed now, but too many addresses are being tried; wait a moment and follow it again")]
    Dials,
    #[error("too many entries come from this address; wait a moment and send the rest")]
    Rate,
    #[error(
        "{most} listeners have this node's events already, and it serves no more; ask for lists instead, or come back later"
    )]
    Streams { most: usize },
}

impl Problem {
    /// The status code and the words that programs may rely on.
    pub(crate) fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotHere { .. }
            | Self::NoSuchId { .. }
            | Self::NotInDocument { .. }
            | Self::NoCheckpoint(_)
            | Self::NoTile { .. }
            | Self::NotInRecord(_)
            | Self::Path(_) => (StatusCode::NOT_FOUND, "not here"),
            Self::Unsigned(why) => match why {
                Unsigned::NotFollowed(_) => (StatusCode::NOT_FOUND, "not here"),
                Unsigned::NotEnrolled => (StatusCode::CONFLICT, "key not at hand"),
                Unsigned::Stopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
                _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            },
            Self::Policy(_) => (StatusCode::CONFLICT, "refused"),
            Self::Anchor(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not acceptable"),
            Self::Unmade(_) => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            Self::Unbelieved(why) => match why {
                Unbelieved::Contradiction(_) | Unbelieved::Many => (StatusCode::CONFLICT, "refused"),
                Unbelieved::Stopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
                Unbelieved::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            },
            Self::BadId { .. } | Self::Ambiguous { .. } | Self::Input(_) | Self::Invitation(_) | Self::Question(_) => {
                (StatusCode::BAD_REQUEST, "not understood")
            }
            Self::WrongSort { .. }
            | Self::UnknownKind { .. }
            | Self::Misfit { .. }
            | Self::UnknownDocument { .. }
            | Self::Content(_)
            | Self::Founding { .. }
            | Self::TooManyEntries { .. }
            | Self::Reject(_)
            | Self::Automerge(_)
            | Self::Inadmissible { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "not acceptable"),
            Self::UnknownFounder(_) | Self::NotKept { .. } => (StatusCode::CONFLICT, "refused"),
            Self::Unwritten(why) => match why {
                Unwritten::Refused(Refused::Absent { .. }) | Unwritten::Waiting(_) => {
                    (StatusCode::CONFLICT, "not here yet")
                }
                Unwritten::Key(_) => (StatusCode::CONFLICT, "key not at hand"),
                Unwritten::Lost(_) | Unwritten::Unsure => (StatusCode::CONFLICT, "not here yet"),
                Unwritten::Signature(_) | Unwritten::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
                _ => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            },
            Self::Unerased(why) => match why {
                Unerased::NotHere(_) | Unerased::NotRefused(_) => (StatusCode::NOT_FOUND, "not here"),
                Unerased::Reason { .. } => (StatusCode::BAD_REQUEST, "not understood"),
                Unerased::NoBody(_) | Unerased::Birth(_) | Unerased::Own(_) | Unerased::NoIdentity(_) => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "not acceptable")
                }
                Unerased::Many => (StatusCode::CONFLICT, "refused"),
                Unerased::Stopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
                Unerased::Store(_) | Unerased::Unscrubbed(_) | Unerased::Panicked => {
                    (StatusCode::INTERNAL_SERVER_ERROR, "failed")
                }
            },
            Self::Archive(why) => match why {
                archive::Incomplete::NotFollowed(_) => (StatusCode::NOT_FOUND, "not here"),
                _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            },
            Self::Search(search::Error::Closed) => (StatusCode::CONFLICT, "not here yet"),
            Self::Search(_) => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            Self::Draft(drafts::Error::Io { .. }) | Self::Filter(filters::Error::Io { .. }) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "failed")
            }
            Self::Draft(_) | Self::Filter(_) => (StatusCode::CONFLICT, "refused"),
            Self::File(why) => match why {
                files::Error::NotHere(_) | files::Error::NotNamed(_) | files::Error::Damaged(_) => {
                    (StatusCode::NOT_FOUND, "not here")
                }
                files::Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
                files::Error::NoRoom { .. } | files::Error::Many | files::Error::Removed(_) => {
                    (StatusCode::CONFLICT, "refused")
                }
                files::Error::Busy => (StatusCode::TOO_MANY_REQUESTS, "too fast"),
                files::Error::Io { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            },
            Self::Fetchable(_) | Self::Fetching { .. } | Self::Unfetched { .. } => {
                (StatusCode::NOT_FOUND, "not here yet")
            }
            Self::Stranger => (StatusCode::UNAUTHORIZED, "only for the owner"),
            Self::Forged => (StatusCode::FORBIDDEN, "not allowed"),
            Self::FormSize { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Self::Stopped(_) => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
            Self::Store(_) | Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            Self::Token => (StatusCode::UNAUTHORIZED, "not allowed"),
            Self::Link => (StatusCode::FORBIDDEN, "not allowed"),
            Self::Host { .. } => (StatusCode::MISDIRECTED_REQUEST, "other host"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "not possible"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Self::Time { .. } => (StatusCode::SERVICE_UNAVAILABLE, "out of time"),
            Self::Rate | Self::Dials | Self::Streams { .. } | Self::Archiving => {
                (StatusCode::TOO_MANY_REQUESTS, "too fast")
            }
        }
    }
}

impl Problem {
    /// What, why and what to do, for people.
    pub(crate) fn say(&self) -> String {
        match self {
            Self::Unwritten(Unwritten::Refused(Refused::TakesUp { .. })) => {
                format!("{self} (`\"consent\": true`, or --consent on the command line)")
            }
            Self::Invitation(_) => format!("{self}; an invitation looks like {}", Invitation::EXAMPLE),
            _ => self.to_string(),
        }
    }
}

impl From<search::Failed> for Problem {
    fn from(why: search::Failed) -> Self {
        match why {
            search::Failed::Index(why) => why.into(),
            search::Failed::Question(why) => why.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, title) = self.status();
        if status.is_server_error() {
            tracing::error!(error = ?self, "request failed");
        }
        let detail = self.say();
        let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
