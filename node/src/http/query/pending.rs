//! Acts of authority that wait for signatures, and what each of them would change.
//!
//! Bound: [`MOST`] acts; those in the record come first, so strangers, whose drafts stay on the floor, crowd out
//! none of them.

use althing_protocol::authority::{Authority, Does, ROLES, STEWARD, Why};
use althing_protocol::committee::Committee;
use althing_protocol::document::Cause;
use althing_protocol::graph::{Graph, Num};
use althing_protocol::hash::Id;
use althing_protocol::ruling::Rulings;
use althing_protocol::state::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Hex, Named, Person, time, words};
use crate::http::context::Context;
use crate::http::error::Problem;

/// Acts that are looked at.
pub(crate) const MOST: usize = 500;

/// A grant, a revocation or a parameter that too few have signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Pending {
    #[schema(value_type = Hex)]
    pub(crate) id: Id,
    /// `grant`, `revoke` or `set_parameter`.
    pub(crate) kind: String,
    #[schema(value_type = Hex)]
    pub(crate) committee: Id,
    /// Whoever wrote it.
    pub(crate) by: Person,
    /// Claimed milliseconds since 1970.
    pub(crate) time: Option<u64>,
    /// What its author says about it.
    pub(crate) note: Option<String>,
    /// Whether it is in the record. Elsewhere nobody who has a say has signed or named it yet.
    pub(crate) record: bool,
    /// `open`: too few have signed. `shaky`: enough have, but too few of them still have a say.
    pub(crate) state: &'static str,
    /// Signatures that count, one of each signer.
    pub(crate) signed: Vec<Signed>,
    /// Signatures that do not, and why.
    pub(crate) lost: Vec<Lost>,
    /// Signatures by distinct people that it takes.
    pub(crate) need: usize,
    /// How many of those are missing.
    pub(crate) missing: usize,
    /// Founders and stewards who have not signed it.
    pub(crate) open_to: Vec<Person>,
    /// Whether this node's owner is one of them.
    pub(crate) can_sign: bool,
    pub(crate) change: Change,
}

/// A signature under an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Signed {
    /// The act itself, or a `cosign`.
    #[schema(value_type = Hex)]
    pub(crate) entry: Id,
    pub(crate) by: Person,
}

/// A signature that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Lost {
    #[serde(flatten)]
    pub(crate) signature: Signed,
    pub(crate) why: String,
}

/// What an act changes once enough have signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "does", rename_all = "snake_case")]
pub(crate) enum Change {
    Grant {
        role: String,
        to: Person,
        /// The document that bounds it; none for the whole committee.
        scope: Option<Named>,
        /// Whether they become a member by it.
        joins: bool,
        /// Entries on the floor that come into the record with them.
        takes_up: usize,
    },
    Revoke {
        #[schema(value_type = Hex)]
        grant: Id,
        role: String,
        from: Person,
        scope: Option<Named>,
        /// Whether the grant is in force now.
        held: bool,
        /// Whether they cease to be a member by it.
        leaves: bool,
        /// Entries of theirs that the record holds: of these stay what the revocation or other members saw.
        wrote: usize,
    },
    Set {
        name: String,
        value: u64,
        /// What it is now; none where it was never set, or is contested.
        now: Option<u64>,
    },
}

impl Change {
    /// One sentence for people, without its full stop.
    pub(crate) fn say(&self) -> String {
        let within = |scope: &Option<Named>| {
            let title = scope.as_ref().map(|s| s.title.clone().unwrap_or_else(|| s.id.short()));
            title.map(|title| format!(" for {title:?}")).unwrap_or_default()
        };
        match self {
            Self::Grant {
                role,
                to,
                scope,
                joins,
                takes_up,
            } => {
                let about = ROLES.iter().find(|(name, _)| name == role);
                let about = about.map_or("a role that this release does not know", |(_, about)| about);
                let joins = if *joins { "; they become a member" } else { "" };
                let brings = match takes_up {
                    0 => String::new(),
                    1 => "; one entry of theirs comes into the record".to_owned(),
                    n => format!("; {n} entries come into the record with them"),
                };
                format!(
                    "{} becomes {role}{} ({about}){joins}{brings}",
                    to.called(),
                    within(scope)
                )
            }
            Self::Revoke {
                role,
                from,
                scope,
                held,
                leaves,
                wrote,
                ..
            } => {
                let moot = if *held { "" } else { ", which they do not hold now" };
                let left = match (leaves, wrote) {
                    (false, _) => "",
                    (true, 0) => "; they are no member any more",
                    (true, n) => &format!(
                        "; they are no member any more, and of their {n} entries the record keeps what this revocation or \
                         other members' entries build on"
                    ),
                };
                format!(
                    "{} is no longer {role}{}, for ever{moot}{left}",
                    from.called(),
                    within(scope)
                )
            }
            Self::Set { name, value, now } => {
                let now = now.map_or_else(|| "it is not set now".to_owned(), |now| format!("it is {now} now"));
                format!("The parameter {name} becomes {value}; {now}")
            }
        }
    }
}

/// What is read under the lock; names of people are looked up after it.
struct Raw {
    id: Id,
    state: &'static str,
    record: bool,
    signed: Vec<(Id, Id)>,
    lost: Vec<(Id, Id, Cause)>,
    open_to: Vec<Id>,
    change: RawChange,
}

enum RawChange {
    Grant(String, Id, Option<Id>, bool, usize),
    Revoke(Id, String, Id, Option<Id>, bool, bool, usize),
    Set(String, u64, Option<u64>),
}

/// The acts of a committee that wait for signatures: those in the record first, the oldest first.
pub(crate) fn pending(context: &Context, committee: Id) -> Result<Vec<Pending>, Problem> {
    find(context, committee, None)
}

/// One of them; none if it does not wait.
pub(crate) fn one(context: &Context, committee: Id, act: Id) -> Result<Option<Pending>, Problem> {
    Ok(find(context, committee, Some(act))?.pop())
}

fn find(context: &Context, committee: Id, only: Option<Id>) -> Result<Vec<Pending>, Problem> {
    let own = context.ingest.home().identity();
    let loaded = context.cache.load(&context.ingest, committee)?;
    let (need, raw) = context.ingest.read(|state| read(state, committee, only))?;
    let person = |id: Id| Person::new(context, id);
    let scope = |id: Option<Id>| id.map(|id| Named::find(context, id));
    let made = raw.into_iter().filter_map(|raw| {
        // It may have come after the document was computed: then it waits for the next look.
        let outcome = loaded.document.outcome(raw.id)?;
        let change = match raw.change {
            RawChange::Grant(role, to, within, joins, takes_up) => Change::Grant {
                role,
                to: person(to),
                scope: scope(within),
                joins,
                takes_up,
            },
            RawChange::Revoke(grant, role, from, within, held, leaves, wrote) => Change::Revoke {
                grant,
                role,
                from: person(from),
                scope: scope(within),
                held,
                leaves,
                wrote,
            },
            RawChange::Set(name, value, now) => Change::Set { name, value, now },
        };
        let signature = |(entry, by)| Signed { entry, by: person(by) };
        let lost = raw.lost.into_iter().map(|(entry, by, cause)| Lost {
            signature: signature((entry, by)),
            why: cause.to_string(),
        });
        Some(Pending {
            id: raw.id,
            kind: outcome.kind.to_string(),
            committee,
            by: person(outcome.by),
            time: time(&loaded, raw.id),
            note: words(&loaded.document, outcome).map(str::to_owned),
            record: raw.record,
            state: raw.state,
            missing: need.saturating_sub(raw.signed.len()),
            signed: raw.signed.into_iter().map(signature).collect(),
            lost: lost.collect(),
            need,
            can_sign: raw.open_to.contains(&own),
            open_to: raw.open_to.into_iter().map(person).collect(),
            change,
        })
    });
    Ok(made.collect())
}

fn read(state: &State, id: Id, only: Option<Id>) -> Result<(usize, Vec<Raw>), Problem> {
    let committee = state.committee(&id).ok_or(Problem::NotHere { what: "committee", id })?;
    let (graph, authority) = (state.graph(), committee.authority());
    let waits = |n: Num| match authority.why(n, graph) {
        Some(Why::Open) => Some("open"),
        Some(Why::Shaky) if !authority.is_revoked(n) => Some("shaky"),
        _ => None,
    };
    let rulings = Rulings::new(state);
    let mut open: Vec<(bool, Num, &'static str)> = authority
        .acts()
        .filter(|(n, _)| only.is_none_or(|only| graph.id(*n) == only))
        .filter_map(|(n, _)| Some((!committee.record().contains(n, graph), n, waits(n)?)))
        .collect();
    open.sort_unstable_by_key(|(floor, n, _)| (*floor, graph.rank(*n)));
    let mut stewards: Vec<Num> = authority.founders().to_vec();
    let granted = authority.roles(graph).into_iter();
    stewards.extend(granted.filter(|r| r.role == STEWARD && r.scope.is_none()).map(|r| r.to));
    stewards.sort_unstable();
    stewards.dedup();
    let raw = open.into_iter().take(MOST).filter_map(|(floor, n, word)| {
        let explained = authority.explain(n, graph)?;
        let counts = explained.signatures.iter().filter(|s| s.lost.is_none());
        let signers: Vec<Num> = counts.clone().map(|s| s.signer).collect();
        let left = stewards.iter().filter(|s| !signers.contains(s));
        let lost = explained.signatures.iter().filter_map(|s| {
            let cause = rulings.lost(Some(STEWARD), s.lost.clone()?);
            Some((graph.id(s.entry), graph.id(s.signer), cause))
        });
        Some(Raw {
            id: graph.id(n),
            state: word,
            record: !floor,
            signed: counts.map(|s| (graph.id(s.entry), graph.id(s.signer))).collect(),
            lost: lost.collect(),
            open_to: left.map(|s| graph.id(*s)).collect(),
            change: change(state, committee, n)?,
        })
    });
    Ok((authority.threshold(), raw.collect()))
}

fn change(state: &State, committee: &Committee, act: Num) -> Option<RawChange> {
    let (graph, authority) = (state.graph(), committee.authority());
    let scope = |scope: &Option<Num>| scope.map(|n| graph.id(n));
    Some(match &authority.act(act)?.does {
        Does::Grant {
            to,
            role,
            scope: within,
        } => {
            let joins = !committee.is_member(*to);
            let takes_up = if joins {
                state.would_take_up(committee, committee.written_by(*to))
            } else {
                0
            };
            RawChange::Grant(role.clone(), graph.id(*to), scope(within), joins, takes_up)
        }
        Does::Revoke { grant } => {
            let Does::Grant {
                to,
                role,
                scope: within,
            } = &authority.act(*grant)?.does
            else {
                return None;
            };
            let held = authority.why(*grant, graph) == Some(Why::Standing);
            let leaves = committee.is_member(*to)
                && !authority.founders().contains(to)
                && !keeps_another(authority, *to, *grant, graph);
            let in_record = |n: &&Num| committee.record().contains(**n, graph);
            let wrote = committee.written_by(*to).iter().filter(in_record).count();
            RawChange::Revoke(
                graph.id(*grant),
                role.clone(),
                graph.id(*to),
                scope(within),
                held,
                leaves,
                wrote,
            )
        }
        Does::Set { name, value } => {
            let now = authority.parameters(graph).find(|(known, _)| known == name);
            let now = now.filter(|(_, p)| p.last.len() == 1).and_then(|(_, p)| p.value);
            RawChange::Set(name.clone(), *value, now)
        }
    })
}

/// Whether somebody holds another made grant that nobody took.
fn keeps_another(authority: &Authority, holder: Num, grant: Num, graph: &Graph) -> bool {
    let granted = authority.holding(graph).granted();
    let grants = granted.get(&holder).copied().unwrap_or_default();
    grants.iter().any(|g| *g != grant && !authority.is_revoked(*g))
}
