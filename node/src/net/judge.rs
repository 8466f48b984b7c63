//! Gossiped entries go through ingest before they go on to others.
//!
//! Sorted first: what somebody wrote to whom a member has listened goes ahead, within a rate for each; strangers'
//! entries come after it, within a rate for each peer that relays them, and are forwarded within a rate for all of them.
//! A mill of keys fills its own lane.
//!
//! Forwarded is what was new here: the entry, or its body. So no entry is forwarded more than twice, whatever
//! variants of its bytes go around. What names entries that are not here yet is forwarded if these come within
//! [`limit::JUDGING_TIME`]; it is fetched from whoever relayed it. What everybody can see to be wrong counts against
//! the peer. The rest (known, of a committee not followed here, no room) is dropped in silence.

use std::sync::Arc;
use std::time::Instant;

use althing_protocol::entry::{Entry, Header};
use althing_protocol::hash::Id;
use althing_protocol::state::Outcome;
use libp2p::PeerId;
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::driver::Event;
use super::herald::Held;
use super::rate::{Bucket, Buckets};
use super::replica::Node;
use super::tier::{self, Tier};
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

/// Starts whoever sorts and judges; they end with what is answered.
pub(super) fn start(
    node: &Arc<Node>,
    messages: mpsc::Receiver<Message>,
    holds: &mpsc::Sender<Held>,
    events: &mpsc::Sender<Event>,
) -> JoinSet<()> {
    let (first, to_first) = mpsc::channel(limit::JUDGING);
    let (last, to_last) = mpsc::channel(limit::JUDGING);
    let judge = |last| Judge {
        node: Arc::clone(node),
        holds: holds.clone(),
        events: events.clone(),
        last,
        forwarded: Buckets::new(limit::BUCKETS),
        strangers: Bucket::new(limit::STRANGERS, Instant::now()),
    };
    let mut all = JoinSet::new();
    all.spawn(sort(Arc::clone(node), messages, first, last, events.clone()));
    all.spawn(judge(false).run(to_first));
    all.spawn(judge(true).run(to_last));
    all
}

/// Looks who wrote what, or says so, and lets those whom somebody has listened to go first. Whoever only pretends
/// to be one of them is charged for the signature.
async fn sort(
    node: Arc<Node>,
    mut messages: mpsc::Receiver<Message>,
    first: mpsc::Sender<Message>,
    last: mpsc::Sender<Message>,
    events: mpsc::Sender<Event>,
) {
    let own = node.ingest.home().identity();
    let mut known = Buckets::new(limit::BUCKETS);
    let mut strangers = Buckets::new(limit::BUCKETS);
    let mut group = Vec::new();
    while messages.recv_many(&mut group, limit::JUDGED_AT_ONCE).await > 0 {
        let headers: Vec<Option<Header>> = group
            .iter()
            .map(|message| Entry::decode(&message.wire).ok().map(|entry| entry.claims().clone()))
            .collect();
        let tiers: Vec<Option<(Id, Tier)>> = tokio::task::block_in_place(|| {
            node.ingest.read(|state| {
                let who = |header: &Option<Header>| {
                    let identity = tier::claimed(header.as_ref()?, state)?;
                    Some((identity, tier::of(&identity, &own, state)))
                };
                headers.iter().map(who).collect()
            })
        });
        let now = Instant::now();
        for (message, who) in group.drain(..).zip(tiers) {
            let (peer, name) = (message.peer, message.name.clone());
            let sent = match who {
                Some((identity, tier)) if tier > Tier::Stranger && known.take(identity, tier.gossip(), now) => {
                    first.try_send(message).is_ok()
                }
                Some((_, tier)) if tier > Tier::Stranger => last.try_send(message).is_ok(),
                _ => strangers.take(peer, limit::GOSSIP_PEER_STRANGERS, now) && last.try_send(message).is_ok(),
            };
            let acceptance = MessageAcceptance::Ignore;
            if !sent && events.send(Event::Verdict { peer, name, acceptance }).await.is_err() {
                return;
            }
        }
    }
}

/// Judges messages in their order.
struct Judge {
    node: Arc<Node>,
    holds: mpsc::Sender<Held>,
    events: mpsc::Sender<Event>,
    /// Whether what it judges can wait.
    last: bool,
    /// What was forwarded, by the identity that wrote it.
    forwarded: Buckets<Id>,
    /// What was forwarded of strangers.
    strangers: Bucket,
}

impl Judge {
    /// Until no message can come any more, or the node stops.
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
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
            if self.one_peer(group).await.is_none() {
                return;
            }
        }
    }

    /// Messages of one peer. None when the node stops.
    async fn one_peer(&mut self, mut group: Vec<Message>) -> Option<()> {
        let peer = group.first()?.peer;
        let wires = group
            .iter_mut()
            .map(|message| std::mem::take(&mut message.wire))
            .collect();
        let results = match self.last {
            true => self.node.ingest.submit_last(origin(&peer), wires).await,
            false => self.node.ingest.submit(origin(&peer), wires).await,
        };
        for (message, result) in group.into_iter().zip(results.ok()?) {
            let Message { name, committee, .. } = message;
            if let Some(offence) = offence(&result) {
                self.events.send(Event::Offence { peer, offence }).await.ok()?;
            }
            let (verdict, fetch) = self.verdict(&committee, &result);
            if fetch {
                self.events.send(Event::Fetch { peer, committee }).await.ok()?;
            }
            match verdict {
                Verdict::Now(acceptance) => {
                    self.events.send(Event::Verdict { peer, name, acceptance }).await.ok()?;
                }
                Verdict::Hold(id) => self.holds.send(Held { id, peer, name }).await.ok()?,
            }
        }
        Some(())
    }

    /// What to do about a message, and whether its sender has more that is needed for it.
    fn verdict(&mut self, committee: &Id, result: &Result<Accepted, Reject>) -> (Verdict, bool) {
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
        let own = self.node.ingest.home().identity();
        let (author, lacks_body) = tokio::task::block_in_place(|| {
            self.node.ingest.read_wanting(|state, wanted| {
                let graph = state.graph();
                let Some(num) = graph.num(&accepted.id) else {
                    return (None, false);
                };
                let space = graph.id(graph.node(num).space);
                // An identity's entries travel wherever it writes; a committee's only on its own topic.
                let elsewhere = space != *committee && state.committee(&space).is_some();
                let author = graph.id(graph.author(num));
                let author = (!elsewhere).then(|| (author, tier::of(&author, &own, state)));
                (author, wanted.contains(num.0))
            })
        });
        let forward = is_new && author.is_some_and(|(identity, tier)| self.may_forward(identity, tier));
        let acceptance = match forward {
            true => MessageAcceptance::Accept,
            false => MessageAcceptance::Ignore,
        };
        (Verdict::Now(acceptance), lacks_body)
    }

    /// Within what its author, and all strangers together, may have forwarded.
    fn may_forward(&mut self, identity: Id, tier: Tier) -> bool {
        let now = Instant::now();
        self.forwarded.take(identity, tier.gossip(), now) && (tier > Tier::Stranger || self.strangers.take(now))
    }
}
