//! What delegates think the inputs of an evaluation are worth, as several views read it.
//!
//! Bounds: at most [`MOST`] acts of an evaluation are weighed, the first ones in canonical order.

use std::collections::BTreeMap;

use crate::programmes::input::{Input, inputs};
use crate::programmes::programme::{fallen, held};
use crate::{Act, Doc, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

/// Acts that are weighed: more delegates than any committee has had.
pub(crate) const MOST: usize = 1_000;

/// One delegate's valuation.
#[derive(Debug, Clone)]
pub(crate) struct Appraisal<'a> {
    pub(crate) act: Act<'a>,
    /// `counted`, or why not.
    pub(crate) standing: &'static str,
    /// Points for each input, by its place; those for one's own research, and for research of another evaluation, left out.
    pub(crate) points: BTreeMap<usize, u64>,
    /// The sum of these.
    pub(crate) sum: u64,
    /// The appraiser's weight.
    pub(crate) weight: u64,
    /// Points that were left out, and why.
    pub(crate) refused: Vec<(Id, u64, &'static str)>,
}

/// An evaluation's inputs by id, and the valuations of them in canonical order.
#[derive(Debug)]
pub(crate) struct Appraised<'w, 'a> {
    pub(crate) inputs: Vec<Input<'w, 'a>>,
    pub(crate) appraisals: Vec<Appraisal<'a>>,
    /// The register that weighs delegates; none if all weigh the same.
    pub(crate) register: Option<Id>,
    /// Whether there are more than [`MOST`].
    pub(crate) cut: bool,
}

/// The valuations of an evaluation.
pub(crate) fn appraised<'w, 'a>(world: &'w World<'a>, evaluation: &Doc<'a>) -> Appraised<'w, 'a> {
    let mut inputs = inputs(world, evaluation);
    inputs.sort_by_key(|input| input.doc.id());
    let scopes: Vec<Id> = [Some(evaluation.id()), evaluation.named("programme")]
        .into_iter()
        .flatten()
        .collect();
    let mut appraisals = Vec::new();
    let mut acts = evaluation.acts("value");
    for act in acts.by_ref().take(MOST) {
        let mut appraisal = Appraisal {
            act,
            standing: "counted",
            points: BTreeMap::new(),
            sum: 0,
            weight: 1,
            refused: Vec::new(),
        };
        weigh(&mut appraisal, &inputs);
        if !held(world, Some("delegate"), act.by, &scopes, act.when) {
            appraisal.standing = "not a delegate";
        } else if appraisal.sum == 0 {
            appraisal.standing = "no points that count";
        }
        appraisals.push(appraisal);
    }
    let cut = acts.next().is_some();
    let register = registered(world, &mut appraisals);
    Appraised {
        inputs,
        appraisals,
        register,
        cut,
    }
}

fn weigh(appraisal: &mut Appraisal<'_>, inputs: &[Input<'_, '_>]) {
    for record in appraisal.act.list("points") {
        let research = record.get("research").and_then(Value::as_id).unwrap_or(Id::ZERO);
        let points = record.get("points").and_then(Value::as_int).unwrap_or(0);
        let place = inputs.iter().position(|input| input.doc.id() == research);
        let own = |n: usize| {
            inputs
                .get(n)
                .is_some_and(|input| is_author(input.doc, appraisal.act.by))
        };
        match place {
            None => appraisal.refused.push((research, points, "not an input")),
            Some(n) if own(n) => appraisal.refused.push((research, points, "own research")),
            Some(n) => {
                let held = appraisal.points.entry(n).or_default();
                *held = held.saturating_add(points);
                appraisal.sum = appraisal.sum.saturating_add(points);
            }
        }
    }
}

/// Whoever opened research, or owns it.
fn is_author(doc: &Doc<'_>, who: Id) -> bool {
    doc.by() == who || doc.document.owners().iter().any(|owner| owner.identity == who)
}

/// Weighs delegates by the latest register that has holders of the class `delegates` or `delegate`, if any of those whose
/// valuation counts is in it; the others then weigh nothing. Else all weigh the same.
fn registered(world: &World<'_>, appraisals: &mut [Appraisal<'_>]) -> Option<Id> {
    let class = |item: &crate::Item<'_>| matches!(item.text("class").map(str::trim), Some("delegates" | "delegate"));
    let registers = world
        .of("register")
        .filter(|doc| fallen(doc).is_none() && doc.items("holders").iter().any(class));
    let register = registers.max_by_key(|doc| (doc.day("day"), doc.int("block"), doc.opened().claimed, doc.id()))?;
    let holders: Vec<_> = register.items("holders").into_iter().filter(class).collect();
    let weight = |who: Id| {
        let addresses = world.people.get(&who).map_or(&[][..], |person| &person.addresses);
        let theirs = holders.iter().filter(|item| match item.value("holder") {
            Some(Value::Id(id)) => *id == who,
            Some(Value::Text(name)) => addresses.contains(&name.trim().to_lowercase()),
            _ => false,
        });
        theirs.fold(0_u64, |sum, item| sum.saturating_add(item.int("weight").unwrap_or(0)))
    };
    let weights: Vec<u64> = appraisals.iter().map(|appraisal| weight(appraisal.act.by)).collect();
    let counted = |appraisal: &&mut Appraisal<'_>| appraisal.standing == "counted";
    let known = appraisals
        .iter()
        .zip(&weights)
        .any(|(a, weight)| a.standing == "counted" && *weight > 0);
    if !known {
        return None;
    }
    for (appraisal, weight) in appraisals.iter_mut().zip(weights) {
        appraisal.weight = weight;
        if counted(&&mut *appraisal) && weight == 0 {
            appraisal.standing = "not in the register";
        }
    }
    Some(register.id())
}
