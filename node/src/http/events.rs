//! What happens, as server-sent events that can be resumed: `GET /api/v1/events`.
//!
//! The sequence of each committee is the truth (`record::sequence`: every entry that was ever in the record here,
//! parents first, at a position that never changes). A listener is a place in it. Notices only wake it: numbered
//! events are always read from the sequence, so none is lost or told twice, however slow the listener is.
//!
//! What has no position (arrivals on the floor, changes of effect, bodies) is told from notices, to whoever listens at
//! that moment; a listener that lost some is told so by `missed`.
//!
//! Bounds: [`limit::http::LISTENERS`] listeners; each holds [`BATCH`] events that wait to be sent and [`BATCH`] notices, and
//! looks at [`LOOK`] entries at a time. A client that does not read is cut off like any other
//! ([`super::listen::SILENCE`]).

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::state::State as Node;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use futures::Stream;
use futures::stream;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use utoipa::{IntoParams, ToSchema};

use super::context::Context;
use super::error::Problem;
use super::input::Params;
use super::query::Hex;
use super::{ids, load};
use crate::ingest::Notice;
use crate::limit;

/// Events, and notices, that wait for one listener.
const BATCH: usize = 256;

/// Places of sequences that are looked at in one go.
const LOOK: usize = 8192;

/// Something is sent at least this often, with the place reached: it keeps the connection alive, and filtered streams
/// resumable.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a browser waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);

/// Hexadecimal digits that name a committee in a place.
const NAME: usize = 16;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only events of this committee.
    committee: Option<String>,
    /// Only events of this document.
    doc: Option<String>,
    /// Where to go on: an event's `id`, or `0` for the beginning. Without it, and without `Last-Event-ID`, from now on.
    from: Option<String>,
}

/// An entry that joined a record, or arrived on the floor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told {
    #[schema(value_type = Hex)]
    id: Id,
    /// Its kind; none where its header cannot be read.
    kind: Option<String>,
    /// Its document.
    #[schema(value_type = Hex)]
    doc: Id,
    #[schema(value_type = Hex)]
    committee: Id,
    /// Its author's identity.
    #[schema(value_type = Hex)]
    by: Id,
    /// Claimed milliseconds since 1970.
    time: Option<u64>,
    /// Its place in the committee's sequence; none on the floor.
    position: Option<u64>,
}

/// A petition has as many signatures as it needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reached {
    #[schema(value_type = Hex)]
    doc: Id,
    #[schema(value_type = Hex)]
    committee: Id,
    /// The signature that completed it.
    #[schema(value_type = Hex)]
    entry: Id,
}

/// Something that changed about an entry that was here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    #[schema(value_type = Hex)]
    id: Id,
    #[schema(value_type = Option<Hex>)]
    doc: Option<Id>,
    #[schema(value_type = Option<Hex>)]
    committee: Option<Id>,
    /// `made`: an act of authority has enough signatures. `left`: it is in the record no more. `back`: it is again.
    /// `body`: its body came. `gone`: it left this node. `forked`: its key signed something else in its place.
    what: &'static str,
}

/// The events of a node
///
/// Numbered events (`event: entry`) are the entries of the records in their order here; their `id` is where to go on.
/// `floor`, `changed` and `missed` have no `id`.
#[utoipa::path(
    get, path = "/events", tag = "events", params(Wanted, ("Last-Event-ID" = Option<String>, Header, description = "Where to go on")),
    responses((status = 200, description = "A stream that ends with the node", body = Told, content_type = "text/event-stream"))
)]
pub(crate) async fn events(
    State(context): State<Arc<Context>>,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = Arc::clone(&context.streams).try_acquire_owned();
    let place = place.map_err(|_| Problem::Streams {
        most: limit::http::LISTENERS,
    })?;
    // Before the places are read, so that nothing falls between.
    let notices = context.ingest.notices();
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let from = last.filter(|id| !id.is_empty()).or(wanted.from.as_deref());
    let (doc, only) = context.ingest.read(|state| {
        let doc = wanted.doc.as_deref().map(|doc| ids::document(state, doc)).transpose()?;
        let within = doc.map(|(num, _)| state.graph().id(state.graph().node(num).space));
        let committee = wanted
            .committee
            .as_deref()
            .map(|id| ids::committee(state, id))
            .transpose()?;
        Ok::<_, Problem>((doc.map(|(_, id)| id), committee.map(|(_, id)| id).or(within)))
    })?;
    let at = context.ingest.read(|state| Places::parse(from, only, state))?;
    let mut listener = Listener {
        closing: context.closing.subscribe(),
        context,
        only,
        doc,
        at,
        notices,
        heard: Vec::new(),
        ready: VecDeque::new(),
        behind: true,
        _place: place,
    };
    listener
        .ready
        .push_back(listener.mark().event("ready").retry(RETRY).data("{}"));
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events))
}

/// Somebody who listens.
struct Listener {
    context: Arc<Context>,
    only: Option<Id>,
    doc: Option<Id>,
    at: Places,
    notices: broadcast::Receiver<Arc<Notice>>,
    closing: watch::Receiver<bool>,
    /// Notices about what has no position.
    heard: Vec<Arc<Notice>>,
    /// What waits to be sent.
    ready: VecDeque<Event>,
    /// Whether sequences may hold more than was told.
    behind: bool,
    _place: OwnedSemaphorePermit,
}

/// What a look at the state found.
struct Found {
    at: Places,
    told: Vec<(String, Told)>,
    floor: Vec<Told>,
    changed: Vec<Changed>,
    more: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.closing.borrow() {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.behind || !self.heard.is_empty() {
                self.look().await?;
                continue;
            }
            tokio::select! {
                _ = self.closing.changed() => return None,
                notice = self.notices.recv() => match notice {
                    Ok(notice) => {
                        self.hear(notice);
                        self.drain();
                    }
                    Err(RecvError::Lagged(_)) => self.missed(),
                    Err(RecvError::Closed) => return None,
                },
                () = tokio::time::sleep(HEARTBEAT) => return Some(self.mark().comment("")),
            }
        }
    }

    /// What came together is looked at together.
    fn drain(&mut self) {
        while self.heard.len() < BATCH {
            match self.notices.try_recv() {
                Ok(notice) => self.hear(notice),
                Err(TryRecvError::Lagged(_)) => self.missed(),
                Err(_) => break,
            }
        }
    }

    fn hear(&mut self, notice: Arc<Notice>) {
        match &*notice {
            Notice::Joined { position: Some(_), .. } => self.behind = true,
            Notice::Waiting { .. } | Notice::Rejected { .. } | Notice::Followed { .. } => {}
            _ => self.heard.push(notice),
        }
    }

    fn missed(&mut self) {
        self.behind = true;
        self.ready.push_back(Event::default().event("missed").data("{}"));
    }

    /// Reads what is due. None when the node fails at it: then the client comes back where it was.
    async fn look(&mut self) -> Option<()> {
        let heard = std::mem::take(&mut self.heard);
        let (at, only, doc) = (self.at.clone(), self.only, self.doc);
        let found = self.context.blocking(move |context| {
            Ok(context.ingest.read(|state| {
                let mut found = Found::read(context, state, at, only, doc);
                for notice in &heard {
                    found.note(context, state, notice, only, doc);
                }
                found
            }))
        });
        let found = found.await.ok()?;
        self.behind = found.more;
        self.at = found.at;
        let data = |event: Event, data: &dyn Fn(Event) -> Result<Event, axum::Error>| data(event).ok();
        for told in &found.floor {
            let event = Event::default().event("floor");
            self.ready.extend(data(event, &|event| event.json_data(told)));
        }
        for (id, told) in &found.told {
            let event = Event::default().event("entry").id(id);
            self.ready.extend(data(event, &|event| event.json_data(told)));
        }
        for (_, told) in &found.told {
            if let Some(reached) = self.reached(told).await {
                let event = Event::default().event("reached");
                self.ready.extend(data(event, &|event| event.json_data(&reached)));
            }
        }
        for changed in &found.changed {
            let event = Event::default().event("changed");
            self.ready.extend(data(event, &|event| event.json_data(changed)));
        }
        Some(())
    }

    /// Whether a signature completed a petition: the last one that its state rests on (R49).
    async fn reached(&self, told: &Told) -> Option<Reached> {
        if told.kind.as_deref() != Some("join") {
            return None;
        }
        let (doc, committee, entry) = (told.doc, told.committee, told.id);
        let work = move |context: &Context| {
            let loaded = context.cache.load(&context.ingest, doc)?;
            let state = loaded.document.state();
            let by_it = state.is_some_and(|state| state.name == "reached" && state.by.last() == Some(&entry));
            Ok(by_it.then_some(Reached { doc, committee, entry }))
        };
        self.context.blocking(work).await.ok().flatten()
    }

    /// An event that says how far this listener is.
    fn mark(&self) -> Event {
        Event::default().id(self.at.text(self.only))
    }
}

impl Found {
    /// Entries from these places on.
    fn read(context: &Context, state: &Node, at: Places, only: Option<Id>, doc: Option<Id>) -> Self {
        let mut found = Self {
            at,
            told: Vec::new(),
            floor: Vec::new(),
            changed: Vec::new(),
            more: false,
        };
        let graph = state.graph();
        let mut left = LOOK;
        for committee in state.committees() {
            let id = graph.id(committee.root());
            if only.is_some_and(|only| only != id) {
                continue;
            }
            let sequence = committee.record().sequence();
            loop {
                let place = found.at.0.entry(id).or_insert(0);
                let position = *place;
                let Some(num) = usize::try_from(position).ok().and_then(|at| sequence.get(at)) else {
                    break;
                };
                if left == 0 || found.told.len() >= BATCH {
                    found.more = true;
                    return found;
                }
                left -= 1;
                *place = position + 1;
                if doc.is_none_or(|doc| graph.id(graph.node(*num).doc) == doc) {
                    let told = tell(context, state, *num, id, Some(position));
                    found.told.push((found.at.text(only), told));
                }
            }
        }
        found
    }

    /// What a notice says that has no position.
    fn note(&mut self, context: &Context, state: &Node, notice: &Notice, only: Option<Id>, doc: Option<Id>) {
        let graph = state.graph();
        let (id, what, of) = match notice {
            Notice::Admitted {
                committee: Some(of),
                id,
                ..
            } => {
                let floor = |num: &Num| state.committee(of).is_some_and(|c| !c.record().contains(*num, graph));
                let wanted = only.is_none_or(|only| only == *of);
                if let Some(num) = graph.num(id).filter(floor).filter(|_| wanted) {
                    let told = tell(context, state, num, *of, None);
                    self.floor
                        .extend(Some(told).filter(|t| doc.is_none_or(|doc| t.doc == doc)));
                }
                return;
            }
            Notice::Joined {
                committee,
                id,
                position: None,
                ..
            } => (*id, "back", Some(*committee)),
            Notice::Left { committee, id } => (*id, "left", Some(*committee)),
            Notice::Made { committee, act } => (*act, "made", Some(*committee)),
            Notice::Forked { second, .. } => (*second, "forked", None),
            Notice::Evicted { id } => (*id, "gone", None),
            Notice::Body { id } => (*id, "body", None),
            _ => return,
        };
        let num = graph.num(&id);
        let in_doc = num.map(|num| graph.id(graph.node(num).doc));
        let committee = of.or_else(|| num.map(|num| graph.id(graph.node(num).space)));
        // What left this node stood nobody knows where: everybody is told.
        let fits = |wanted: Option<Id>, found: Option<Id>| wanted.is_none() || found.is_none() || wanted == found;
        if fits(only, committee) && fits(doc, in_doc) {
            self.changed.push(Changed {
                id,
                doc: in_doc,
                committee,
                what,
            });
        }
    }
}

fn tell(context: &Context, state: &Node, num: Num, committee: Id, position: Option<u64>) -> Told {
    let graph = state.graph();
    let id = graph.id(num);
    let header = load::header(&context.ingest, num, &id).ok().map(|stored| stored.header);
    Told {
        id,
        time: header.as_ref().map(|header| header.time),
        kind: header.map(|header| header.kind),
        doc: graph.id(graph.node(num).doc),
        committee,
        by: graph.id(graph.author(num)),
        position,
    }
}

/// The next position in the sequence of each committee.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Places(BTreeMap<Id, u64>);

impl Places {
    /// `42` for one committee; `0123456789abcdef:42,…` for several, each by the first digits of its id.
    fn parse(text: Option<&str>, only: Option<Id>, state: &Node) -> Result<Self, Problem> {
        let length = |id: &Id| state.committee(id).map_or(0, |c| c.record().sequence().len());
        let length = |id: &Id| u64::try_from(length(id)).unwrap_or(u64::MAX);
        let all = state.committees().map(|c| state.graph().id(c.root()));
        let all: Vec<Id> = all.filter(|id| only.is_none_or(|only| only == *id)).collect();
        let strange = |text: &str| {
            let shown: String = text.chars().take(80).collect();
            Problem::Input(format!(
                "{shown:?} is no place: take the `id` of an event, or 0 for the beginning"
            ))
        };
        // A place behind the end is of a store that is no more: everything may be new then.
        let known = |id: &Id, at: u64| if at > length(id) { 0 } else { at };
        Ok(Self(match text.map(str::trim) {
            None => all.iter().map(|id| (*id, length(id))).collect(),
            Some("0") => BTreeMap::new(),
            Some(text) if !text.contains(':') => {
                let at = text.parse().map_err(|_| strange(text))?;
                match all.as_slice() {
                    [one] => BTreeMap::from([(*one, known(one, at))]),
                    _ => return Err(strange(text)),
                }
            }
            Some(text) => {
                let mut places = BTreeMap::new();
                for pair in text.split(',').take(limit::TOPICS) {
                    let (name, at) = pair.split_once(':').ok_or_else(|| strange(text))?;
                    let at = at.parse().map_err(|_| strange(text))?;
                    if name.len() != NAME {
                        return Err(strange(text));
                    }
                    // A committee that is not here any more is nobody's loss.
                    let named = all.iter().filter(|id| id.to_string().starts_with(name));
                    places.extend(named.map(|id| (*id, known(id, at))));
                }
                places
            }
        }))
    }

    fn text(&self, only: Option<Id>) -> String {
        if let Some(only) = only {
            return self.0.get(&only).copied().unwrap_or(0).to_string();
        }
        if self.0.is_empty() {
            return "0".to_owned();
        }
        let pair = |(id, at): (&Id, &u64)| format!("{}:{at}", id.to_string().get(..NAME).unwrap_or_default());
        self.0.iter().map(pair).collect::<Vec<_>>().join(",")
    }
}
