//! Gossiped entries go through ingest before they go on to others.
//!
//! Forwarded is what was new here: the entry, or its body. So no entry is forwarded more than twice, whatever
//! variants of its bytes go around. What names entries that are not here yet is forwarded if these come within
//! [`limit::JUDGING_TIME`]; it is fetched from whoever relayed it. What everybody can see to be wrong counts against
//! the peer. The rest (known, of a committee not followed here, no room) is dropped in silence.

use std::sync::Arc;

use althing_protocol::hash::Id;
use althing_protocol::state::Outcome;
use libp2p::PeerId;
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use tokio::sync::mpsc;

use super::driver::Event;
use super::herald::Held;
use super::replica::Node;
use super::{limit, offence, origin};
use crate::ingest::{Accepted, Landed, Reject};

/// A gossiped message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) peer: PeerId,
    pub(super) name: MessageId,
    /// Whose topic it came on.
    pub(super) committee: Id,
    pub(super) wire: Vec<u8>,
}

/// What to do about a message.
enum Verdict {
    Now(MessageAcceptance),
    /// When it is here.
    Hold(Id),
}

/// Judges messages in their order until none can come any more, or the node stops.
pub(super) async fn judge(
    node: Arc<Node>,
    mut messages: mpsc::Receiver<Message>,
    holds: mpsc::Sender<Held>,
    events: mpsc::Sender<Event>,
) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(message) => message,
            None => match messages.recv().await {
                Some(message) => message,
                None => return,
            },
        };
        let mut group = vec![first];
        while group.len() < limit::JUDGED_AT_ONCE
            && let Ok(message) = messages.try_recv()
        {
            if group.first().is_some_and(|first| first.peer != message.peer) {
                next = Some(message);
                break;
            }
            group.push(message);
        }
        if one_peer(&node, group, &holds, &events).await.is_none() {
            return;
        }
    }
}

/// Messages of one peer. None when the node stops.
async fn one_peer(
    node: &Arc<Node>,
    mut group: Vec<Message>,
    holds: &mpsc::Sender<Held>,
    events: &mpsc::Sender<Event>,
) -> Option<()> {
    let peer = group.first()?.peer;
    let wires = group
        .iter_mut()
        .map(|message| std::mem::take(&mut message.wire))
        .collect();
    let results = node.ingest.submit(origin(&peer), wires).await.ok()?;
    for (message, result) in group.into_iter().zip(results) {
        let Message { name, committee, .. } = message;
        if let Some(offence) = offence(&result) {
            events.send(Event::Offence { peer, offence }).await.ok()?;
        }
        let (verdict, fetch) = verdict(node, &committee, &result);
        if fetch {
            events.send(Event::Fetch { peer, committee }).await.ok()?;
        }
        match verdict {
            Verdict::Now(acceptance) => events.send(Event::Verdict { peer, name, acceptance }).await.ok()?,
            Verdict::Hold(id) => holds.send(Held { id, peer, name }).await.ok()?,
        }
    }
    Some(())
}

/// What to do about a message, and whether its sender has more that is needed for it.
fn verdict(node: &Node, committee: &Id, result: &Result<Accepted, Reject>) -> (Verdict, bool) {
    let accepted = match result {
        Ok(accepted) => accepted,
        Err(reject) if reject.is_fault() => return (Verdict::Now(MessageAcceptance::Reject), false),
        Err(_) => return (Verdict::Now(MessageAcceptance::Ignore), false),
    };
    let is_new = match accepted.outcome {
        Outcome::Rejected(_) => return (Verdict::Now(MessageAcceptance::Reject), false),
        Outcome::Waiting(_) => return (Verdict::Hold(accepted.id), true),
        Outcome::Refused(_) => false,
        Outcome::Admitted(_) => true,
        Outcome::Known(_) => accepted.body == Landed::Stored,
    };
    if accepted.body == Landed::Mismatch {
        return (Verdict::Now(MessageAcceptance::Reject), false);
    }
    let (belongs, lacks_body) = tokio::task::block_in_place(|| {
        node.ingest.read_wanting(|state, wanted| {
            let graph = state.graph();
            let Some(num) = graph.num(&accepted.id) else {
                return (false, false);
            };
            let space = graph.id(graph.node(num).space);
            // An identity's entries travel wherever it writes; a committee's only on its own topic.
            let elsewhere = space != *committee && state.committee(&space).is_some();
            (!elsewhere, wanted.contains(num.0))
        })
    });
    let acceptance = if is_new && belongs {
        MessageAcceptance::Accept
    } else {
        MessageAcceptance::Ignore
    };
    (Verdict::Now(acceptance), lacks_body)
}
