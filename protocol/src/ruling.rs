//! What authority and keys say about an entry, before its document is asked: the first half of every effect.
//!
//! A ruling is a function of the graph alone, no body needed. Acts of authority stand by their signatures; every other
//! entry stands by the key that signed it and, where its kind needs a role, by that role (`docs/spec/authority.md`).

use std::cell::RefCell;

use hashbrown::HashMap;

use crate::authority::{Lost, STEWARD, Signing, Why};
use crate::committee::Committee;
use crate::document::{Cause, Effect};
use crate::graph::{Class, Graph, Num};
use crate::hash::Id;
use crate::identity::{Fallen, Standing};
use crate::kind::{Kind, Needs};
use crate::state::State;

/// A verdict of rules outside the document. Anything but [`Effect::Effective`] takes the entry out of content,
/// acts and state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// What the entry counts for.
    pub effect: Effect,
    /// Why, unless it simply counts.
    pub cause: Option<Cause>,
}

/// Rulings on the entries of one state. What is asked again is remembered.
#[derive(Debug)]
pub struct Rulings<'a> {
    state: &'a State,
    /// By identity, as a committee knows it or as all that is here tells.
    standings: RefCell<HashMap<(Num, Option<Num>), Standing>>,
}

impl<'a> Rulings<'a> {
    /// Nothing is computed before it is asked for.
    #[must_use]
    pub fn new(state: &'a State) -> Self {
        Self {
            state,
            standings: RefCell::default(),
        }
    }

    /// The ruling on an entry of this kind.
    #[must_use]
    pub fn of(&self, num: Num, kind: Option<&Kind>) -> Ruling {
        let graph = self.graph();
        let class = graph.node(num).class;
        let committee = self.state.committee(&graph.id(graph.node(num).space));
        let judged = match (committee, class) {
            (Some(committee), Class::Grant | Class::Revoke | Class::SetParameter) => self.act(committee, num),
            (Some(committee), Class::Cosign) => self.cosign(committee, num),
            (None, Class::Enroll | Class::Retire | Class::Rotate) => self.key_act(num),
            // Founding is an act of authority: what became of the founder's keys plays no part.
            (_, Class::Committee) => Ok(()),
            (committee, _) => self.plain(committee, num, kind),
        };
        match judged {
            Ok(()) => Ruling {
                effect: Effect::Effective,
                cause: None,
            },
            Err((effect, cause)) => Ruling {
                effect,
                cause: Some(cause),
            },
        }
    }

    /// How the keys of an identity stand: as far as a committee's record tells, or by all that is here.
    pub fn standing<T>(&self, identity: Num, committee: Option<&Committee>, ask: impl FnOnce(&Standing) -> T) -> T {
        let graph = self.graph();
        let mut standings = self.standings.borrow_mut();
        let standing = standings
            .entry((identity, committee.map(Committee::root)))
            .or_insert_with(|| {
                let known = |num| committee.is_none_or(|c| c.record().contains(num, graph));
                Standing::new(identity, known, self.state.identities(), graph)
            });
        ask(standing)
    }

    /// Whether what an identity wrote as this entry counts under a role: of this name, or under any if none is named.
    /// A grant for one document covers what stands in that document.
    ///
    /// # Errors
    /// The way in which they lost the role, or that they never had it.
    pub fn may(&self, committee: &Committee, entry: Num, role: Option<&str>) -> Result<(), Lost> {
        let graph = self.graph();
        let author = graph.author(entry);
        let written = committee.written_by(author);
        let document = graph.node(entry).doc;
        let authority = committee.authority();
        authority.may((entry, author), (role, &[document]), written, graph)
    }

    fn graph(&self) -> &'a Graph {
        self.state.graph()
    }

    fn ids(&self, nums: impl IntoIterator<Item = Num>) -> Vec<Id> {
        let mut ids: Vec<Id> = nums.into_iter().map(|n| self.graph().id(n)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn act(&self, committee: &Committee, num: Num) -> Result<(), (Effect, Cause)> {
        let authority = committee.authority();
        let graph = self.graph();
        let Some(explained) = authority.explain(num, graph) else {
            return Ok(());
        };
        // Those on the floor are not known to everybody.
        let in_record = |entry| committee.record().contains(entry, graph);
        let signatures: Vec<Signing> = explained
            .signatures
            .into_iter()
            .filter(|s| in_record(s.entry))
            .collect();
        match explained.why {
            Why::Standing => Ok(()),
            Why::Open => Err((
                Effect::Unauthorised,
                Cause::Open {
                    have: signatures.len(),
                    need: authority.threshold(),
                    by: self.ids(signatures.iter().map(|s| s.entry)),
                },
            )),
            Why::Shaky => {
                let lost = signatures.iter().filter(|s| s.lost.is_some());
                Err((
                    Effect::Unauthorised,
                    Cause::Shaky {
                        lost: self.ids(lost.map(|s| s.entry)),
                    },
                ))
            }
            Why::Revoked => Err((
                Effect::Superseded,
                Cause::Revoked {
                    by: self.ids(explained.revoked_by),
                },
            )),
            Why::Overtaken | Why::Contested => {
                let holding = authority.holding(graph);
                let parameter = holding.parameter_of(num, authority);
                let last = parameter.map_or(&[][..], |p| p.last.as_slice());
                let others = self.ids(last.iter().copied().filter(|n| *n != num));
                Err(if explained.why == Why::Overtaken {
                    (Effect::Superseded, Cause::Overtaken { by: others })
                } else {
                    (Effect::Conflict, Cause::Contested { with: others })
                })
            }
        }
    }

    fn cosign(&self, committee: &Committee, num: Num) -> Result<(), (Effect, Cause)> {
        let graph = self.graph();
        let authority = committee.authority();
        if authority.signed(num).is_some() {
            // Signatures on revocations and parameters are valid for good.
            let is_grant = |act: Num| graph.node(act).class == Class::Grant;
            return match authority.counts(num, graph) {
                Err(lost) if authority.signed(num).is_some_and(is_grant) => {
                    Err((Effect::Unauthorised, self.lost(Some(STEWARD), lost)))
                }
                _ => Ok(()),
            };
        }
        match authority.grounds(graph.author(num), graph.seen(num)) {
            Some(_) => Err((Effect::Void, Cause::NoAct)),
            None => {
                let lost = self.may(committee, num, Some(STEWARD)).err().unwrap_or(Lost::Never);
                Err((Effect::Unauthorised, self.lost(Some(STEWARD), lost)))
            }
        }
    }

    fn key_act(&self, num: Num) -> Result<(), (Effect, Cause)> {
        let (state, graph) = (self.state, self.graph());
        let (class, identity) = (graph.node(num).class, graph.node(num).space);
        let judged = self.standing(identity, None, |standing| match class {
            Class::Enroll => standing.device(num, state.identities()),
            _ => standing.entry(num, identity, state.identities(), graph),
        });
        judged.map_err(|fallen| {
            let effect = match (&fallen, class) {
                (Fallen::Dead { .. }, Class::Rotate) => Effect::Disputed,
                (Fallen::Retired { .. } | Fallen::Dropped { .. }, Class::Enroll) => Effect::Superseded,
                _ => Effect::Unauthorised,
            };
            (effect, self.fallen(fallen))
        })
    }

    fn plain(&self, committee: Option<&Committee>, num: Num, kind: Option<&Kind>) -> Result<(), (Effect, Cause)> {
        let (state, graph) = (self.state, self.graph());
        let author = graph.author(num);
        let keys = self.standing(author, committee, |standing| {
            standing.entry(num, author, state.identities(), graph)
        });
        keys.map_err(|fallen| (Effect::Unauthorised, self.fallen(fallen)))?;
        let acts = matches!(graph.node(num).class, Class::Vouch | Class::Other);
        let needs = kind.filter(|_| acts).and_then(|kind| kind.needs);
        let (Some(committee), Some(needs)) = (committee, needs) else {
            return Ok(());
        };
        let role = match needs {
            Needs::Member => None,
            Needs::Role(role) => Some(role),
        };
        let may = self.may(committee, num, role);
        may.map_err(|lost| (Effect::Unauthorised, self.lost(role, lost)))
    }

    /// A lost role as a cause.
    #[must_use]
    pub fn lost(&self, role: Option<&'static str>, lost: Lost) -> Cause {
        match lost {
            Lost::Never => Cause::NoRole { role },
            Lost::Revoked { by } => Cause::RoleTaken { role, by: self.ids(by) },
            Lost::Shaky { grants } => Cause::RoleShaky {
                role,
                grants: self.ids(grants),
            },
        }
    }

    fn fallen(&self, fallen: Fallen) -> Cause {
        match fallen {
            Fallen::Dead { by } => Cause::Dead { by: self.ids(by) },
            Fallen::Dropped { by } => Cause::KeyDropped {
                by: self.graph().id(by),
            },
            Fallen::Retired { by } => Cause::KeyRetired { by: self.ids(by) },
        }
    }
}
