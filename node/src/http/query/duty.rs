//! What waits for somebody: acts to cosign, nominations to answer, questions, conflicts, newcomers.
//!
//! Looked for in documents that somebody has to do with: their own, those whose root names them, and those in which
//! they wrote. A question that is put to them by name elsewhere is seen where it was asked.
//!
//! Bounds: [`DOCUMENTS`] documents of one committee are looked at, the newest; [`NEWCOMERS`] newcomers are listed.

use std::collections::BTreeMap;

use althing_protocol::document::Document;
use althing_protocol::graph::Num;
use althing_protocol::hash::Id;
use althing_protocol::state::State;
use althing_view::Cell;
use hashbrown::HashSet;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hex, Named, Person, pending, question, time, view, words};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::load::{self, Loaded};

/// Documents of one committee that are looked at.
pub(crate) const DOCUMENTS: usize = 1000;

/// Newcomers of one committee that are listed.
pub(crate) const NEWCOMERS: usize = 100;

/// Characters of a text that are shown.
const EXCERPT: usize = 280;

/// Something that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Duty {
    pub(crate) what: What,
    #[schema(value_type = Hex)]
    pub(crate) committee: Id,
    /// The document in which it is done.
    pub(crate) doc: Named,
    /// The entry that it is about: the act, the nomination, the question, the newcomer's first entry.
    #[schema(value_type = Hex)]
    pub(crate) entry: Id,
    /// Who waits for it.
    pub(crate) by: Person,
    /// Since when: the claimed time of that entry, milliseconds since 1970.
    pub(crate) time: Option<u64>,
    /// What it is about, in words.
    pub(crate) text: Option<String>,
    /// For conflicts, the fields; for newcomers, how many entries wait.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<String>,
    pub(crate) count: usize,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// An act of authority waits for one's signature.
    Cosign,
    /// Somebody nominated one, who has neither accepted nor declined.
    Accept,
    /// A motion or a concern is about one, who has not replied yet (R23, R36).
    Reply,
    /// The term of a seat that one holds ends soon (R32).
    Term,
    /// A question to one, or about one's document, has no answer.
    Answer,
    /// Versions of one's document contradict each other.
    Merge,
    /// A newcomer's entries wait for a member to take them up.
    TakeUp,
}

/// What waits for this node's owner in one committee, the oldest first.
pub(crate) fn duties(context: &Context, committee: Id) -> Result<Vec<Duty>, Problem> {
    let me = context.ingest.home().identity();
    let home = Named::find(context, committee);
    let mut out = Vec::new();
    let acts = pending::pending(context, committee)?;
    out.extend(
        acts.into_iter()
            .filter(|act| act.can_sign && act.record)
            .map(|act| Duty {
                what: What::Cosign,
                committee,
                doc: home.clone(),
                entry: act.id,
                time: act.time,
                text: Some(act.change.say()),
                by: act.by,
                fields: Vec::new(),
                count: 1,
            }),
    );
    for doc in context.ingest.read(|state| mine(state, committee, me)) {
        // It may have left meanwhile, or be damaged: then it says so itself.
        if let Ok(loaded) = context.cache.load(&context.ingest, doc) {
            in_document(context, &loaded, me, &mut out);
        }
    }
    replies(context, committee, me, &mut out)?;
    terms(context, committee, me, &mut out)?;
    newcomers(context, committee, me, &home, &mut out)?;
    out.sort_by_key(|duty| (duty.time, duty.entry));
    Ok(out)
}

/// The documents that somebody has to do with, the newest.
fn mine(state: &State, committee: Id, me: Id) -> Vec<Id> {
    let graph = state.graph();
    let (Some(found), Some(me)) = (state.committee(&committee), graph.num(&me)) else {
        return Vec::new();
    };
    let mut docs: HashSet<Num> = found.written_by(me).iter().map(|n| graph.node(*n).doc).collect();
    let roots = graph.roots(found.root()).iter();
    docs.extend(roots.filter(|n| graph.names(**n).contains(&me)));
    let mut docs: Vec<Num> = docs
        .into_iter()
        .filter(|n| found.record().contains(*n, graph))
        .collect();
    docs.sort_unstable_by_key(|n| std::cmp::Reverse(graph.rank(*n)));
    docs.truncate(DOCUMENTS);
    docs.into_iter().map(|n| graph.id(n)).collect()
}

fn in_document(context: &Context, loaded: &Loaded, me: Id, out: &mut Vec<Duty>) {
    let document = &loaded.document;
    let duty = |what, entry, by, text| Duty {
        what,
        committee: loaded.space,
        doc: Named::of(loaded),
        entry,
        by: Person::new(context, by),
        time: time(loaded, entry),
        text,
        fields: Vec::new(),
        count: 1,
    };
    let nominated = document.state().filter(|state| state.name == "open");
    let nominated = nominated.and_then(|state| state.facts.get("nominee"));
    if nominated.is_some_and(|who| who.as_ids().contains(&me)) {
        let by = loaded.author().unwrap_or(me);
        let seat = loaded.text("seat").map(excerpt);
        out.push(duty(What::Accept, document.id(), by, seat));
    }
    let answers = question::answers(document);
    let open = question::counting(document, "question").filter(|q| q.by != me && !answers.contains_key(&q.id));
    for asked in open.filter(|q| question::whom(document, q).contains(&me)) {
        let text = words(document, asked).map(excerpt);
        out.push(duty(What::Answer, asked.id, asked.by, text));
    }
    let fields = conflicts(document, Some(me));
    if let Some((_, entry, by)) = fields.first() {
        let mut merge = duty(What::Merge, *entry, *by, None);
        merge.fields = fields.iter().map(|(field, ..)| (*field).to_owned()).collect();
        merge.count = fields.len();
        out.push(merge);
    }
}

/// Motions and concerns about somebody who has not replied to them, the newest [`DOCUMENTS`].
fn replies(context: &Context, committee: Id, me: Id, out: &mut Vec<Duty>) -> Result<(), Problem> {
    for loaded in view::documents(context, committee, &["motion", "concern"], DOCUMENTS)? {
        let document = &loaded.document;
        let open = document.state().is_some_and(|state| state.name == "open");
        let about = [loaded.named("subject"), loaded.named("about")];
        let replied = question::counting(document, "reply_right").any(|reply| reply.by == me);
        let mine = loaded.author() == Some(me);
        if open && about.contains(&Some(me)) && !replied && !mine {
            out.push(Duty {
                what: What::Reply,
                committee,
                doc: Named::of(&loaded),
                entry: document.id(),
                by: Person::new(context, loaded.author().unwrap_or(me)),
                time: time(&loaded, document.id()),
                text: Some(super::title(document)),
                fields: Vec::new(),
                count: 1,
            });
        }
    }
    Ok(())
}

/// Terms of somebody's own that end soon, by the view `terms`.
fn terms(context: &Context, committee: Id, me: Id, out: &mut Vec<Duty>) -> Result<(), Problem> {
    let Some(view) = althing_view::find("terms") else {
        return Ok(());
    };
    let sheet = view::sheet(context, view, committee, None, None)?;
    for row in sheet.tables.first().map_or(&[][..], |table| &table.rows) {
        let [
            Cell::Person(holder),
            _,
            Cell::Doc(domain),
            seat,
            _,
            _,
            ends,
            _,
            Cell::Word("ends soon"),
        ] = row.as_slice()
        else {
            continue;
        };
        if *holder == me {
            out.push(Duty {
                what: What::Term,
                committee,
                doc: Named::find(context, *domain),
                entry: *domain,
                by: Person::new(context, me),
                time: None,
                text: Some(format!("{seat}, until {ends}")),
                fields: Vec::new(),
                count: 1,
            });
        }
    }
    Ok(())
}

/// The fields in conflict, each with the last of the edits that contradict each other and its author. With `owner`,
/// only those that they own.
pub(crate) fn conflicts(document: &Document, owner: Option<Id>) -> Vec<(&'static str, Id, Id)> {
    let Some(kind) = document.kind() else {
        return Vec::new();
    };
    let owns = |name: &str| {
        let part = kind.field(name).and_then(|field| kind.part_of(field));
        owner.is_none_or(|me| {
            let mut mine = document.owners().iter().filter(|o| o.identity == me);
            mine.any(|o| o.part.is_none() || o.part.as_deref() == part)
        })
    };
    let fields = document.content().fields.iter().filter_map(|(name, register)| {
        let last = register.values.last().filter(|_| register.values.len() > 1)?;
        Some((*name, last.entry, last.by))
    });
    let lists = document.content().lists.iter().filter_map(|(name, list)| {
        let item = list.items.iter().find(|item| item.conflict())?;
        let last = item.values.last()?;
        Some((*name, last.entry, last.by))
    });
    fields.chain(lists).filter(|(name, ..)| owns(name)).collect()
}

/// Newcomers whose entries nobody took up, one line for each, for members.
fn newcomers(context: &Context, committee: Id, me: Id, home: &Named, out: &mut Vec<Duty>) -> Result<(), Problem> {
    let found = context.ingest.read(|state| {
        let graph = state.graph();
        let Some(found) = state.committee(&committee) else {
            return Ok(Vec::new());
        };
        if !graph.num(&me).is_some_and(|me| found.is_member(me)) {
            return Ok(Vec::new());
        }
        let mut by_author: BTreeMap<Num, Vec<Num>> = BTreeMap::new();
        for num in state.floor_of(found) {
            by_author.entry(graph.author(num)).or_default().push(num);
        }
        // What somebody wrote before they were removed is not a newcomer's.
        by_author.retain(|author, _| !found.was_member(*author));
        let mut all: Vec<(Num, Num, usize)> = by_author
            .into_iter()
            .filter_map(|(author, all)| {
                let first = all.iter().copied().min_by_key(|n| graph.rank(*n))?;
                Some((author, first, all.len()))
            })
            .collect();
        all.sort_unstable_by_key(|(_, first, _)| graph.rank(*first));
        let lines = all.into_iter().take(NEWCOMERS).map(|(author, first, count)| {
            let id = graph.id(first);
            let time = load::header(&context.ingest, first, &id)?.header.time;
            Ok((graph.id(author), id, graph.id(graph.node(first).doc), time, count))
        });
        lines.collect::<Result<Vec<_>, Problem>>()
    })?;
    out.extend(found.into_iter().map(|(author, entry, doc, time, count)| Duty {
        what: What::TakeUp,
        committee,
        doc: if doc == committee {
            home.clone()
        } else {
            Named::find(context, doc)
        },
        entry,
        by: Person::new(context, author),
        time: Some(time),
        text: None,
        fields: Vec::new(),
        count,
    }));
    Ok(())
}

/// The beginning of a text.
pub(crate) fn excerpt(text: &str) -> String {
    let mut out: String = text.chars().take(EXCERPT).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
