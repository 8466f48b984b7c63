//! Views: what they are computed from, gathered from state and documents, and the sheets that they make.
//!
//! Bounds: a view reads [`DOCUMENTS`] documents, the newest, and knows [`PEOPLE`] people by name; a committee's kinds of
//! documents are remembered for [`ROOTS`] roots.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use althing_protocol::anchor::time::Span;
use althing_protocol::authority::{Authority, Does, Why};
use althing_protocol::control::Control;
use althing_protocol::document::{Effect, Outcome};
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;
use althing_view::{Doc, On, Person, Sheet, Tenure, View, When, World};

use crate::clock;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::{self, Loaded};
use crate::http::query;

/// Documents that a view reads, the newest.
pub(crate) const DOCUMENTS: usize = 20_000;

/// People whose names and addresses a view knows, those with the most entries.
pub(crate) const PEOPLE: usize = 5_000;

/// Roots whose kinds are remembered.
const ROOTS: usize = 1 << 18;

/// The kinds of documents, by root: they never change.
#[derive(Debug, Default)]
pub(crate) struct Kinds(Mutex<HashMap<Id, Box<str>>>);

impl Kinds {
    fn is_any(&self, context: &Context, num: Num, id: Id, wanted: &[&str]) -> bool {
        let held = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = held().get(&id) {
            return wanted.contains(&&**known);
        }
        // A damaged header is asked for again, and the document is missing until it has come.
        let Ok(stored) = load::header(&context.ingest, num, &id) else {
            return false;
        };
        let fits = wanted.contains(&stored.header.kind.as_str());
        let mut kinds = held();
        if kinds.len() >= ROOTS {
            kinds.clear();
        }
        kinds.insert(id, stored.header.kind.into());
        fits
    }
}

/// A view of a committee, or of one of its documents, as of now or of another moment (milliseconds since 1970).
///
/// A moment before now leaves out what claims to have been written or signed later: documents, roles, parameters, names
/// and addresses are those of then.
pub(crate) fn sheet(
    context: &Context,
    view: &'static View,
    committee: Id,
    doc: Option<Id>,
    at: Option<u64>,
) -> Result<Arc<Sheet>, Problem> {
    let now = clock::now_ms();
    let earlier = at.filter(|at| *at < now);
    let material = Material::gather_at(context, committee, &[view.reads], doc, earlier)?;
    let world = material.world(at.unwrap_or(now));
    let about = match doc {
        Some(doc) if doc == committee => Some(world.committee.clone()),
        Some(doc) => Some(world.doc(doc).cloned().ok_or_else(|| misfit(context, view, doc))?),
        None => None,
    };
    match (view.on, &about) {
        (On::Document(kinds), None) => Err(Problem::Input(format!(
            "{} is a view of one document: name one of kind {}",
            view.name,
            kinds.join(" or ")
        ))),
        (On::Document(kinds), Some(doc)) if !kinds.contains(&doc.kind()) => Err(misfit(context, view, doc.id())),
        _ => Ok(Arc::new((view.compute)(&world, about.as_ref()))),
    }
}

/// Several views of a committee as of now, from one reading of its documents.
pub(crate) fn sheets(context: &Context, views: &[&'static View], committee: Id) -> Result<Vec<Sheet>, Problem> {
    let reads: Vec<&[&str]> = views.iter().map(|view| view.reads).collect();
    let material = Material::gather_at(context, committee, &reads, None, None)?;
    let now = clock::now_ms();
    let sheets = views.iter().map(|view| {
        let world = material.world_of(now, |kind| view.reads.contains(&kind));
        (view.compute)(&world, None)
    });
    Ok(sheets.collect())
}

fn misfit(context: &Context, view: &View, doc: Id) -> Problem {
    let kinds = match view.on {
        On::Document(kinds) => kinds,
        On::Committee => view.reads,
    };
    let found = query::Named::find(context, doc).kind;
    Problem::Input(format!(
        "{} is no view of this document, which is a {}: it is one of a {}",
        view.name,
        found.as_deref().unwrap_or("document that is not here"),
        kinds.join(", ")
    ))
}

/// What views are computed from.
pub(crate) struct Material {
    pub(crate) home: Arc<Loaded>,
    pub(crate) loaded: Vec<Arc<Loaded>>,
    pub(crate) times: BTreeMap<Id, When>,
    pub(crate) parameters: BTreeMap<String, u64>,
    pub(crate) tenures: Vec<Tenure>,
    pub(crate) people: BTreeMap<Id, Person>,
}

impl Material {
    /// Gathers the committee's documents of these kinds, and `also` whatever kind that one is.
    pub(crate) fn gather(context: &Context, committee: Id, reads: &[&str], also: Option<Id>) -> Result<Self, Problem> {
        Self::gather_at(context, committee, &[reads], also, None)
    }

    /// The same for several sets of kinds, each with its newest documents, and as of an earlier moment, milliseconds since
    /// 1970.
    fn gather_at(
        context: &Context,
        committee: Id,
        reads: &[&[&str]],
        also: Option<Id>,
        at: Option<u64>,
    ) -> Result<Self, Problem> {
        let mut home = context.cache.gist(&context.ingest, committee)?;
        let mut wanted = BTreeSet::new();
        for reads in reads {
            wanted.extend(newest(context, committee, reads, DOCUMENTS)?);
        }
        let mut loaded = gists(context, &wanted);
        if let Some(also) = also.filter(|also| *also != committee && !wanted.contains(also)) {
            let one = context.cache.gist(&context.ingest, also)?;
            loaded.extend(Some(one).filter(|one| one.in_record && one.space == committee));
        }
        if let Some(at) = at {
            let opened = |loaded: &Loaded| query::time(loaded, loaded.document.id()).unwrap_or(0);
            loaded.retain(|loaded| opened(loaded) <= at);
            for loaded in loaded.iter_mut().chain([&mut home]) {
                *loaded = Arc::new(loaded.as_of(at));
            }
        }
        loaded.sort_by_cached_key(|loaded| {
            let id = loaded.document.id();
            (query::time(loaded, id), id)
        });
        let mut times = BTreeMap::new();
        for one in loaded.iter().chain([&home]) {
            let spans = query::spans(context, one);
            for outcome in one.document.outcomes() {
                let span = spans.get(&outcome.id).copied().unwrap_or_default();
                times.insert(outcome.id, when(one, outcome, span));
            }
        }
        let mut people = people(context, committee)?;
        people.retain(|_, person| at.is_none_or(|at| person.first.is_none_or(|first| first <= at)));
        vouches(&home, &mut people);
        for (id, person) in &mut people {
            describe(context, *id, person, at);
        }
        Ok(Self {
            parameters: parameters(context, committee, &home, at),
            tenures: tenures(context, committee, &home, at),
            people,
            times,
            loaded,
            home,
        })
    }

    /// As views see it.
    pub(crate) fn world(&self, now: u64) -> World<'_> {
        self.world_of(now, |_| true)
    }

    /// The same of some kinds of documents.
    fn world_of(&self, now: u64, reads: impl Fn(&str) -> bool) -> World<'_> {
        let wanted = self.loaded.iter().filter(|loaded| reads(loaded.document.kind_name()));
        let mut documents: Vec<Doc<'_>> = wanted.map(|loaded| self.doc(loaded)).collect();
        // Another view may have asked for more of these kinds. The newest are the last.
        documents.drain(..documents.len().saturating_sub(DOCUMENTS));
        let mut world = World::new(now, self.doc(&self.home), documents);
        world.parameters.clone_from(&self.parameters);
        world.tenures.clone_from(&self.tenures);
        world.people.clone_from(&self.people);
        world
    }

    fn doc<'a>(&'a self, loaded: &'a Loaded) -> Doc<'a> {
        Doc {
            document: &loaded.document,
            times: &self.times,
        }
    }
}

/// The [gists](althing_protocol::document::Document::gist) of the committee's documents of these kinds in the record,
/// the newest `most`, the newest first.
pub(crate) fn documents(
    context: &Context,
    committee: Id,
    kinds: &[&str],
    most: usize,
) -> Result<Vec<Arc<Loaded>>, Problem> {
    Ok(gists(context, &newest(context, committee, kinds, most)?))
}

/// Their ids.
fn newest(context: &Context, committee: Id, kinds: &[&str], most: usize) -> Result<Vec<Id>, Problem> {
    let roots = roots(context, committee)?.into_iter();
    let wanted = roots.filter(|(num, id)| context.kinds.is_any(context, *num, *id, kinds));
    Ok(wanted.take(most).map(|(_, id)| id).collect())
}

/// Gists by id. One that left meanwhile, or is damaged, says so itself when it is opened.
fn gists<'a>(context: &Context, ids: impl IntoIterator<Item = &'a Id>) -> Vec<Arc<Loaded>> {
    let loaded = ids
        .into_iter()
        .filter_map(|id| context.cache.gist(&context.ingest, *id).ok());
    loaded.filter(|loaded| loaded.in_record).collect()
}

/// Roots of the committee's documents in the record, the newest first.
fn roots(context: &Context, committee: Id) -> Result<Vec<(Num, Id)>, Problem> {
    context.ingest.read(|state| {
        let graph = state.graph();
        let what = "committee";
        let found = state
            .committee(&committee)
            .ok_or(Problem::NotHere { what, id: committee })?;
        let all = graph.roots(found.root()).iter().copied();
        let mut all: Vec<Num> = all.filter(|n| found.record().contains(*n, graph)).collect();
        all.sort_unstable_by_key(|n| Reverse(graph.rank(*n)));
        Ok(all.into_iter().map(|n| (n, graph.id(n))).collect())
    })
}

fn when(loaded: &Loaded, outcome: &Outcome, span: Span) -> When {
    let ms = |seconds: u64| seconds.saturating_mul(1000);
    When {
        claimed: query::time(loaded, outcome.id).unwrap_or(0),
        not_before: span.not_before.map(|fact| ms(fact.time)),
        not_after: span.not_after.map(|fact| ms(fact.time)),
    }
}

/// The parameters that hold, or held at a moment: by the signatures in the committee's document as of then.
fn parameters(context: &Context, committee: Id, home: &Loaded, at: Option<u64>) -> BTreeMap<String, u64> {
    context.ingest.read(|state| {
        let graph = state.graph();
        let Some(found) = state.committee(&committee) else {
            return BTreeMap::new();
        };
        if at.is_none() {
            let set = found.authority().parameters(graph);
            let set = set.filter_map(|(name, parameter)| Some((name.to_owned(), parameter.value?)));
            return set.collect();
        }
        let by_then = |num| home.document.outcome(graph.id(num)).is_some();
        let set = found.authority().parameters_by(graph, by_then).into_iter();
        set.filter_map(|(name, parameter)| Some((name, parameter.value?)))
            .collect()
    })
}

/// A grant that was made and still stands, or was ended by a revocation; and what made and ended it.
struct Held {
    grant: Id,
    role: String,
    holder: Id,
    scope: Option<Id>,
    made_by: Vec<Id>,
    ended_by: Vec<(Id, Vec<Id>)>,
}

/// Who held which role and when, as known at a moment. A role begins when the signature is claimed to be made that completed its grant.
fn tenures(context: &Context, committee: Id, home: &Loaded, at: Option<u64>) -> Vec<Tenure> {
    let (threshold, held) = context.ingest.read(|state| {
        let graph = state.graph();
        let Some(found) = state.committee(&committee) else {
            return (1, Vec::new());
        };
        let authority = found.authority();
        let mut held: Vec<Held> = authority
            .acts()
            .filter_map(|(num, _)| one_held(authority, num, graph))
            .collect();
        held.sort_unstable_by_key(|held| held.grant);
        (authority.threshold(), held)
    });
    let made = |signatures: &[Id]| {
        let mut times: Vec<u64> = signatures.iter().filter_map(|id| query::time(home, *id)).collect();
        times.sort_unstable();
        times.get(threshold.saturating_sub(1)).or(times.last()).copied()
    };
    let mut out: Vec<Tenure> = held
        .into_iter()
        .map(|held| Tenure {
            from: made(&held.made_by).unwrap_or(0),
            until: held.ended_by.iter().filter_map(|(_, by)| made(by)).min(),
            ended_by: held.ended_by.iter().map(|(id, _)| *id).collect(),
            grant: held.grant,
            role: held.role,
            holder: held.holder,
            scope: held.scope,
        })
        .collect();
    if let Some(at) = at {
        out.retain(|tenure| tenure.from <= at);
        for tenure in out
            .iter_mut()
            .filter(|tenure| tenure.until.is_some_and(|until| until > at))
        {
            tenure.until = None;
            tenure.ended_by.clear();
        }
    }
    out.sort_by_key(|tenure| (tenure.from, tenure.grant));
    out
}

fn one_held(authority: &Authority, num: Num, graph: &Graph) -> Option<Held> {
    let Does::Grant { to, role, scope } = &authority.act(num)?.does else {
        return None;
    };
    let explained = authority.explain(num, graph)?;
    if !matches!(explained.why, Why::Standing | Why::Revoked) {
        return None;
    }
    let signed = |act: Num| {
        let all = authority.explain(act, graph).map(|e| e.signatures).unwrap_or_default();
        let counting = all.into_iter().filter(|signing| signing.lost.is_none());
        counting.map(|signing| graph.id(signing.entry)).collect::<Vec<Id>>()
    };
    Some(Held {
        grant: graph.id(num),
        role: role.clone(),
        holder: graph.id(*to),
        scope: scope.map(|n| graph.id(n)),
        made_by: signed(num),
        ended_by: explained
            .revoked_by
            .iter()
            .map(|n| (graph.id(*n), signed(*n)))
            .collect(),
    })
}

/// Somebody who wrote in the record.
struct Author {
    entries: usize,
    id: Id,
    founder: bool,
    first: Option<(Num, Id)>,
}

/// Everybody who wrote in the record, with the times of their first entry; those with the most entries, if there are
/// too many.
fn people(context: &Context, committee: Id) -> Result<BTreeMap<Id, Person>, Problem> {
    let anchors = context.times.of(&context.ingest, committee)?;
    let found = context.ingest.read(|state| {
        let graph = state.graph();
        let Some(found) = state.committee(&committee) else {
            return Vec::new();
        };
        let founders = found.authority().founders();
        let mut all: Vec<Author> = found
            .authors()
            .map(|(author, written)| {
                let kept = || written.iter().copied().filter(|n| found.record().contains(*n, graph));
                let first = kept().min_by_key(|n| graph.rank(*n));
                Author {
                    entries: kept().count(),
                    id: graph.id(author),
                    founder: founders.contains(&author),
                    first: first.map(|n| (n, graph.id(n))),
                }
            })
            .filter(|author| author.entries > 0)
            .collect();
        all.sort_unstable_by_key(|author| (Reverse(author.entries), author.id));
        all.truncate(PEOPLE);
        all
    });
    let people = found.into_iter().map(|author| {
        let claimed = author
            .first
            .and_then(|(num, id)| load::header(&context.ingest, num, &id).ok());
        let known_by = author.first.and_then(|(num, _)| anchors.not_after(num));
        let person = Person {
            first: claimed.map(|stored| stored.header.time),
            known_by: known_by.map(|fact| fact.time.saturating_mul(1000)),
            founder: author.founder,
            ..Person::default()
        };
        (author.id, person)
    });
    Ok(people.collect())
}

/// Who vouched for whom, from the committee's own document.
fn vouches(home: &Loaded, people: &mut BTreeMap<Id, Person>) {
    let acts = home
        .document
        .acts()
        .filter(|act| act.kind == "vouch" && act.effect == Effect::Effective);
    for act in acts {
        let header = home.header(&act.id);
        let control =
            header.map(|header| althing_protocol::control::read(header, althing_protocol::control::Shape::Entry));
        if let Some(Ok(Control::Vouch(vouch))) = control
            && let Some(person) = people.get_mut(&vouch.identity)
            && !person.vouched_by.contains(&act.by)
        {
            person.vouched_by.push(act.by);
        }
    }
    for person in people.values_mut() {
        person.vouched_by.sort_unstable();
    }
}

/// Name and linked addresses, from somebody's own identity.
fn describe(context: &Context, id: Id, person: &mut Person, at: Option<u64>) {
    let Ok(mut loaded) = context.cache.identity(&context.ingest, id) else {
        return;
    };
    if let Some(at) = at {
        loaded = Arc::new(loaded.as_of(at));
    }
    person.name = loaded.text("name").map(str::to_owned);
    let links = loaded
        .document
        .acts()
        .filter(|act| act.kind == "link" && act.effect == Effect::Effective);
    let addresses = links.filter_map(|act| act.fields()?.get("address").and_then(Value::as_text).map(str::to_owned));
    person.addresses = addresses.collect();
    person.addresses.sort_unstable();
    person.addresses.dedup();
}
