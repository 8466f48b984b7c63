//! Acts: a set that only grows, and small rules that say what each of them counts for.
//!
//! In this order: what the body and the kind allow, what other rules say (authority, keys), whether anyone has
//! taken the act up, whether its author may do it, forks, then what the same identity said later.

use std::collections::BTreeMap;

use super::content::Verdict;
use super::{Cause, Document, Effect, Node, Outcome, Said, owns};
use crate::hash::Id;
use crate::kind::state::{Act, Scene, State};
use crate::kind::{Shape, Undo, Value, Who};

impl Document {
    /// What becomes of each entry, by number.
    pub(super) fn reduce(&self, verdicts: Vec<Verdict>) -> Vec<Outcome> {
        let mut out: Vec<Outcome> = self
            .nodes
            .iter()
            .zip(verdicts)
            .enumerate()
            .map(|(n, (node, verdict))| self.outcome_of(n, node, verdict))
            .collect();
        self.judge_retractions(&mut out);
        self.judge_latest(&mut out);
        self.judge_amendments(&mut out);
        out
    }

    /// The state that the kind reads off acts which count.
    pub(super) fn reduced_state(&self) -> Option<State> {
        let reducer = self.kind?.state?;
        let counted = self
            .acts()
            .filter(|act| act.effect == Effect::Effective && act.in_record);
        let acts: Vec<Act<'_>> = counted
            .map(|act| Act {
                entry: act.id,
                by: act.by,
                kind: &act.kind,
                fields: act.fields(),
            })
            .collect();
        let opener = self.nodes.first().filter(|root| root.in_record).map(|root| root.by);
        Some(reducer(&Scene {
            acts: &acts,
            opener,
            holders: &|part, field| self.holders(part, field),
            value: &|field| self.content.fields.get(field)?.single(),
            saw: &|entry, field| self.saw_field(entry, field),
            set_by: &|field| {
                let register = self.content.fields.get(field);
                register.map_or_else(Vec::new, |register| register.values.iter().map(|v| v.by).collect())
            },
        }))
    }

    fn outcome_of(&self, n: usize, node: &Node, verdict: Verdict) -> Outcome {
        let (effect, cause) = self.first_effect(n, node, verdict);
        let is_edit = n == 0 || node.kind.is_some_and(|kind| kind.shape == Shape::Edit);
        let saw = if is_edit {
            Some(Vec::new())
        } else {
            self.versions_seen(n)
        };
        Outcome {
            id: node.id,
            by: node.by,
            kind: node.kind_name.clone(),
            effect,
            cause,
            body: node.status,
            in_record: node.in_record,
            saw,
            amendments: Vec::new(),
            amended: None,
            retracted: None,
            said: node.said.clone(),
        }
    }

    /// What an entry counts for by itself, before what others of its author say.
    fn first_effect(&self, n: usize, node: &Node, verdict: Verdict) -> (Effect, Option<Cause>) {
        if let Said::Nothing(effect, cause) = &*node.said {
            return (*effect, Some(cause.clone()));
        }
        if let Some(ruling) = node.ruling.as_ref().filter(|ruling| ruling.effect != Effect::Effective) {
            return (ruling.effect, ruling.cause.clone());
        }
        if !node.in_record {
            return (Effect::Unauthorised, Some(Cause::Floor));
        }
        match verdict {
            Verdict::Counts { refused } if refused.is_empty() => return (Effect::Effective, None),
            Verdict::Counts { refused } => return (Effect::Effective, Some(Cause::Parts { fields: refused })),
            Verdict::Refused(fields) => return (Effect::Unauthorised, Some(Cause::Parts { fields })),
            Verdict::None => {}
        }
        let Some(kind) = node.kind.filter(|_| n > 0) else {
            return (Effect::Effective, None);
        };
        if (kind.ruled || kind.needs.is_some()) && node.ruling.is_none() {
            return (Effect::Unauthorised, Some(Cause::Unruled));
        }
        if !kind.by.is_empty() && !kind.by.iter().any(|who| self.is(node.by, who)) {
            let theirs = kind.by.iter().flat_map(|who| self.whose(who)).collect();
            return (Effect::Unauthorised, Some(Cause::Author { theirs }));
        }
        match node.forked_from {
            Some(seq) if kind.latest.is_some() && node.seq >= seq => (Effect::Disputed, Some(Cause::Fork { seq })),
            _ => (Effect::Effective, None),
        }
    }

    /// `retract`: by the same author, of what its kind lets go.
    fn judge_retractions(&self, out: &mut [Outcome]) {
        for n in of_kind(out, "retract") {
            let Some(target) = self.judge_target(out, n, |undo| undo != Undo::No) else {
                continue;
            };
            let Some(by) = out.get(n).map(|act| act.id) else {
                continue;
            };
            if let Some(act) = out.get_mut(target)
                && act.retracted.is_none()
            {
                act.retracted = Some(by);
                if act.effect == Effect::Effective {
                    act.effect = Effect::Superseded;
                    act.cause = Some(Cause::Retracted { by });
                }
            }
        }
    }

    /// Acts of which an identity's latest counts.
    fn judge_latest(&self, out: &mut [Outcome]) {
        let mut groups: BTreeMap<(&str, Id), Vec<usize>> = BTreeMap::new();
        for (n, (act, node)) in out.iter().zip(&self.nodes).enumerate().skip(1) {
            // A retracted act still replaces what its author said before it.
            let counted_once = matches!(act.cause, Some(Cause::Retracted { .. }));
            let candidate = act.effect == Effect::Effective || counted_once;
            if let (Some(group), true) = (node.kind.and_then(|kind| kind.latest), candidate) {
                groups.entry((group, act.by)).or_default().push(n);
            }
        }
        let groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
        self.judge_groups(out, &groups);
    }

    /// `amend`: by the same author, of what has a text that may be amended. The latest one's text stands.
    fn judge_amendments(&self, out: &mut [Outcome]) {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for n in of_kind(out, "amend") {
            if let Some(target) = self.judge_target(out, n, |undo| undo == Undo::Amend) {
                groups.entry(target).or_default().push(n);
            }
        }
        let judged: Vec<Vec<usize>> = groups.values().cloned().collect();
        self.judge_groups(out, &judged);
        for (target, group) in groups {
            let acts: Vec<&Outcome> = group.iter().filter_map(|n| out.get(*n)).collect();
            let amendments = acts.iter().map(|act| act.id).collect();
            let stands = acts
                .iter()
                .find(|act| act.effect == Effect::Effective)
                .map(|act| act.id);
            if let Some(act) = out.get_mut(target) {
                act.amendments = amendments;
                act.amended = stands;
            }
        }
    }

    /// In each group of acts by one identity: the last one counts, or the last ones conflict; others are
    /// superseded. Last is what no other of the group is after, by `after` or by the log of one key.
    fn judge_groups(&self, out: &mut [Outcome], groups: &[Vec<usize>]) {
        let touched: Vec<(usize, usize)> = groups
            .iter()
            .enumerate()
            .flat_map(|(g, group)| group.iter().map(move |n| (g, *n)))
            .collect();
        let mut covered = self.graph.covered(&touched, &touched).into_iter();
        for group in groups {
            let covered: Vec<bool> = covered.by_ref().take(group.len()).collect();
            let in_log = self.covered_in_log(group);
            let dominated = covered.iter().zip(in_log).map(|(after, log)| *after || log);
            let (last, earlier): (Vec<_>, Vec<_>) = group.iter().copied().zip(dominated).partition(|(_, d)| !d);
            let stands = |n: &usize| out.get(*n).is_some_and(|act| act.retracted.is_none());
            let standing: Vec<usize> = last.iter().map(|(n, _)| *n).filter(stands).collect();
            let named = if standing.is_empty() {
                last.iter().map(|(n, _)| *n).collect()
            } else {
                standing.clone()
            };
            let ids: Vec<Id> = named.iter().filter_map(|n| Some(out.get(*n)?.id)).collect();
            for (n, _) in earlier {
                set(out, n, Effect::Superseded, Cause::Later { by: ids.clone() });
            }
            if standing.len() > 1 {
                for n in standing {
                    let with = ids
                        .iter()
                        .copied()
                        .filter(|id| out.get(n).is_some_and(|act| act.id != *id))
                        .collect();
                    set(out, n, Effect::Conflict, Cause::Concurrent { with });
                }
            }
        }
    }

    /// One key's log is in order by itself, up to where it forked.
    fn covered_in_log(&self, group: &[usize]) -> Vec<bool> {
        let log = |n: &usize| {
            let node = self.node(*n)?;
            node.forked_from
                .is_none_or(|seq| node.seq < seq)
                .then_some((node.key, node.seq))
        };
        let mut last = BTreeMap::new();
        for (key, seq) in group.iter().filter_map(log) {
            let highest = last.entry(key).or_insert(seq);
            *highest = seq.max(*highest);
        }
        let earlier = |n| log(n).is_some_and(|(key, seq)| last.get(&key).is_some_and(|highest| seq < *highest));
        group.iter().map(earlier).collect()
    }

    /// The entry that an act is about, if the act may touch it; otherwise says why not.
    fn judge_target(&self, out: &mut [Outcome], n: usize, allowed: impl Fn(Undo) -> bool) -> Option<usize> {
        let act = out.get(n).filter(|act| act.effect == Effect::Effective)?;
        let author = act.by;
        let field = self.node(n)?.kind?.target?;
        // Without the body nobody can say what it is about: it waits, and the document is incomplete.
        let entry = act.fields()?.get(field).and_then(Value::as_id)?;
        let target = self
            .number(entry)
            .filter(|t| self.node(*t).is_some_and(|node| node.in_record));
        let Some(target) = target else {
            set(out, n, Effect::Void, Cause::Target { entry });
            return None;
        };
        let (by, kind) = self.node(target).map(|node| (node.by, node.kind))?;
        if by != author {
            set(out, n, Effect::Unauthorised, Cause::Foreign { entry });
            return None;
        }
        if !kind.is_some_and(|kind| allowed(kind.undo)) {
            set(out, n, Effect::Void, Cause::Final { entry });
            return None;
        }
        Some(target)
    }

    fn is(&self, identity: Id, who: &Who) -> bool {
        match who {
            Who::Owner(part) => owns(&self.owners, identity, Some(part)),
            Who::Holder { part, field } => self.holders(part, field).contains(&identity),
        }
    }

    fn whose(&self, who: &Who) -> Vec<Id> {
        match who {
            Who::Owner(part) => {
                let owners = self.owners.iter().map(|owner| owner.identity);
                owners
                    .filter(|identity| owns(&self.owners, *identity, Some(part)))
                    .collect()
            }
            Who::Holder { part, field } => self.holders(part, field),
        }
    }

    /// Whether an entry's author had seen all values that a field has now.
    fn saw_field(&self, entry: Id, field: &str) -> bool {
        let Some(register) = self.content.fields.get(field) else {
            return true;
        };
        let saw = |edit| self.clocks.saw(self.number(entry)?, self.number(edit)?);
        !register.incomplete
            && register
                .values
                .iter()
                .all(|v| v.entry == entry || saw(v.entry) == Some(true))
    }

    /// The owners of exactly this part; without any, the identity that this field holds without conflict. A part that
    /// the kind does not have has no owners: whoever opens a motion could otherwise name somebody else to be the one
    /// whom it is about, beside the field that everybody reads.
    fn holders(&self, part: &str, field: &str) -> Vec<Id> {
        let known = self
            .kind
            .is_some_and(|kind| kind.parts.iter().any(|known| known.name == part));
        let named = self
            .owners
            .iter()
            .filter(|owner| known && owner.part.as_deref() == Some(part));
        let named: Vec<Id> = named.map(|owner| owner.identity).collect();
        if !named.is_empty() {
            return named;
        }
        let value = self.content.fields.get(field).and_then(|register| register.single());
        value.and_then(Value::as_id).into_iter().collect()
    }
}

/// Entries of a kind that count so far, in canonical order.
fn of_kind(out: &[Outcome], kind: &str) -> Vec<usize> {
    let counted = out.iter().enumerate().skip(1);
    counted
        .filter(|(_, act)| act.kind == kind && act.effect == Effect::Effective)
        .map(|(n, _)| n)
        .collect()
}

fn set(out: &mut [Outcome], n: usize, effect: Effect, cause: Cause) {
    if let Some(act) = out.get_mut(n) {
        act.effect = effect;
        act.cause = Some(cause);
    }
}
