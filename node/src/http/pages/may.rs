//! Whether what the owner of this node would do in a document counts, as far as their standing tells. Nobody is kept
//! from anything: what will not count is shown all the same, and forms say so before somebody signs.

use althing_protocol::control::Owner;
use althing_protocol::hash::Id;
use althing_protocol::kind::{Kind, Needs, Who};

use super::View;
use crate::http::load::Loaded;

/// The owner of this node in one document.
pub(super) struct May<'a> {
    loaded: &'a Loaded,
    pub(super) me: Id,
    /// None where the document stands in no committee.
    member: Option<bool>,
    roles: Vec<String>,
    steward: bool,
}

impl<'a> May<'a> {
    pub(super) fn new(view: &View<'_>, loaded: &'a Loaded) -> Self {
        let me = view.context.ingest.home().identity();
        let found = view.context.ingest.read(|state| {
            let committee = state.committee(&loaded.space)?;
            let graph = state.graph();
            let Some(num) = graph.num(&me) else {
                return Some((false, false, Vec::new()));
            };
            let authority = committee.authority();
            let scope = graph.num(&loaded.document.id());
            let mine = authority.roles(graph).into_iter();
            let mine = mine.filter(|role| role.to == num && (role.scope.is_none() || role.scope == scope));
            let roles = mine.map(|role| role.role).collect();
            let steward = authority.holds(num, Some("steward"), graph);
            Some((committee.is_member(num), steward, roles))
        });
        let (steward, roles) = found.as_ref().map_or((false, Vec::new()), |(_, s, r)| (*s, r.clone()));
        Self {
            loaded,
            me,
            member: found.map(|(member, ..)| member),
            roles,
            steward,
        }
    }

    /// Why an act of this kind will not count from them; none where nothing speaks against it.
    pub(super) fn not(&self, kind: &Kind) -> Option<String> {
        match kind.needs {
            Some(Needs::Role(role)) if self.member.is_some() && !self.roles.iter().any(|mine| mine == role) => {
                return Some(format!(
                    "You do not hold the role {role} in this committee, so this will be shown but will not count."
                ));
            }
            Some(Needs::Member) if self.member == Some(false) => {
                return Some(
                    "You are no member of this committee, so this will be shown but will not count.".to_owned(),
                );
            }
            _ => {}
        }
        if kind.ruled && self.member.is_some() && !self.steward {
            return Some(
                "You are neither founder nor steward here, so your signature under this will not count.".to_owned(),
            );
        }
        if kind.by.is_empty() || kind.by.iter().any(|who| self.is(who)) {
            return None;
        }
        let whose: Vec<&str> = kind.by.iter().map(whose).collect();
        let mut distinct = whose.clone();
        distinct.dedup();
        Some(format!("This counts only from {}.", distinct.join(" or ")))
    }

    /// Whether it is theirs by name: an act that only few may do.
    pub(super) fn by_right(&self, kind: &Kind) -> bool {
        !kind.by.is_empty() && kind.by.iter().any(|who| self.is(who))
    }

    pub(super) fn owns(&self) -> bool {
        self.loaded
            .document
            .owners()
            .iter()
            .any(|owner| owner.identity == self.me)
    }

    fn is(&self, who: &Who) -> bool {
        let document = &self.loaded.document;
        let mine = || document.owners().iter().filter(|owner| owner.identity == self.me);
        match who {
            Who::Owner(part) => mine().any(|owner| owner.part.as_deref().is_none_or(|own| own == *part)),
            Who::Holder { part, field } => {
                let of_part = |owner: &&Owner| owner.part.as_deref() == Some(*part);
                if document.owners().iter().any(|owner| of_part(&owner)) {
                    return mine().any(|owner| of_part(&owner));
                }
                let named = document
                    .content()
                    .fields
                    .get(field)
                    .and_then(|register| register.single());
                named.and_then(|value| value.as_id()) == Some(self.me)
            }
        }
    }
}

fn whose(who: &Who) -> &'static str {
    match who {
        Who::Owner("case") => "whoever opened it",
        Who::Owner(_) => "its owner",
        Who::Holder { field: "nominee", .. } => "the nominee",
        Who::Holder { .. } => "whom it is about",
    }
}
