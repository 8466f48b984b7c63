//! Answering peers: a function of what this node holds, on a thread that may wait, so many at a time.

use std::sync::Arc;

use althing_protocol::hash::{Hash, Id};
use althing_protocol::sync::{self, Answer, Ask, Replica as _, Request, respond};

use super::replica::Node;

/// What came of a peer's request.
#[derive(Debug)]
pub(super) enum Served {
    /// The frame to send.
    Answer {
        /// It.
        frame: Vec<u8>,
        /// How the peer stands, if it said so.
        hello: Option<Hello>,
    },
    /// The request is no frame: the peer is at fault.
    Bad,
    /// The node stops.
    Stopped,
}

/// A peer told its digest.
#[derive(Debug)]
pub(super) struct Hello {
    pub(super) committee: Id,
    pub(super) digest: Hash,
    /// Whether this node has a reason to ask in turn.
    pub(super) worth_asking: bool,
}

pub(super) async fn serve(node: &Arc<Node>, bytes: &[u8]) -> Served {
    let request = match Request::decode(bytes) {
        Ok(request) => request,
        Err(why) => {
            tracing::debug!(%why, "a request that is no frame");
            return Served::Bad;
        }
    };
    let committee = request.committee;
    let answer = node.look(committee, None, move |view| {
        if !view.is_followed() {
            return (Answer::Unknown, None);
        }
        let hello = match &request.ask {
            Ask::Hello { digest, .. } => Some(Hello {
                committee,
                digest: *digest,
                worth_asking: *digest != view.tree().root() || view.lacks_bodies(),
            }),
            _ => None,
        };
        (respond(view, &request.ask, sync::FRAME), hello)
    });
    match answer.await {
        Some((answer, hello)) => Served::Answer {
            frame: answer.encode(),
            hello,
        },
        None => Served::Stopped,
    }
}
