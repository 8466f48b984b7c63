//! `appraisers`: whether delegates gave their points to research that was cited by later decisions (R78).

use std::collections::{BTreeMap, BTreeSet};

use crate::programmes::appraisal::{Appraisal, Appraised, appraised};
use crate::programmes::programme::count;
use crate::programmes::uptake::cited;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "appraisers",
    title: "Appraisers",
    about: "How much did each appraiser give to research that a decision cited later?",
    on: On::Committee,
    reads: &["evaluation", "proposal", "research", "register", "decision"],
    requirements: &[78],
    compute,
};

/// One appraiser's record.
#[derive(Default)]
struct Record {
    valuations: usize,
    settled: usize,
    cited: u64,
    base: u64,
}

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut records: BTreeMap<Id, Record> = BTreeMap::new();
    let mut table = Table::new(
        "valuations",
        "Valuations",
        &[
            ("evaluation", "Evaluation"),
            ("entry", "Entry"),
            ("appraiser", "By"),
            ("cited", "Inputs cited later"),
            ("inputs", "Of inputs"),
            ("given", "Given to them"),
            ("even", "If it had been given evenly"),
            ("outcome", "Outcome"),
        ],
        "Nobody valued an input yet.",
    );
    let cited = cited(world);
    for evaluation in world
        .of("evaluation")
        .filter(|doc| only.is_none_or(|only| only.kind() != "evaluation" || only.id() == doc.id()))
    {
        let appraised = appraised(world, evaluation);
        for appraisal in appraised
            .appraisals
            .iter()
            .filter(|appraisal| appraisal.standing == "counted")
        {
            let found = outcome(&appraised, appraisal, &cited);
            let record = records.entry(appraisal.act.by).or_default();
            record.valuations += 1;
            if let Some(found) = &found {
                record.settled += 1;
                record.cited += found.given;
                record.base += found.even;
            }
            table.row(vec![
                Cell::Doc(evaluation.id()),
                Cell::Entry(appraisal.act.id),
                Cell::Person(appraisal.act.by),
                count(found.as_ref().map_or(0, |found| found.cited)),
                count(appraised.inputs.len()),
                Cell::of(found.as_ref(), |found| Cell::Ppm(found.given)),
                Cell::of(found.as_ref(), |found| Cell::Ppm(found.even)),
                Cell::Word(if found.is_some() { "known" } else { "not yet" }),
            ]);
        }
    }
    let mut people = Table::new(
        "appraisers",
        "Appraisers",
        &[
            ("appraiser", "Appraiser"),
            ("valuations", "Valuations"),
            ("settled", "With an outcome"),
            ("given", "Given to what was cited, on average"),
            ("even", "If it had been given evenly"),
        ],
        "Nobody valued an input yet.",
    );
    for (id, record) in records {
        let settled = u64::try_from(record.settled).unwrap_or(u64::MAX);
        people.row(vec![
            Cell::Person(id),
            count(record.valuations),
            count(record.settled),
            Cell::of(record.cited.checked_div(settled), Cell::Ppm),
            Cell::of(record.base.checked_div(settled), Cell::Ppm),
        ]);
    }
    Sheet::new("Appraisers")
        .say("Outcomes are known once a decision made after the valuation cites an input of the evaluation.")
        .say("To be cited is not to be right: this shows whose valuations decisions bore out, and nothing else.")
        .table(people)
        .table(table)
}

struct Outcome {
    cited: usize,
    given: u64,
    even: u64,
}

/// What a valuation gave to inputs that decisions cited which were made after it. The appraiser's own research is no input
/// here, as it is none to the valuation.
fn outcome(
    appraised: &Appraised<'_, '_>,
    appraisal: &Appraisal<'_>,
    cited: &BTreeMap<Id, Vec<(u64, Id)>>,
) -> Option<Outcome> {
    let own: BTreeSet<Id> = appraisal
        .refused
        .iter()
        .filter(|(.., why)| *why == "own research")
        .map(|(id, ..)| *id)
        .collect();
    let later = |id: &Id| {
        cited
            .get(id)
            .is_some_and(|all| all.iter().any(|(time, _)| *time > appraisal.act.when.claimed))
    };
    let open = appraised
        .inputs
        .iter()
        .enumerate()
        .filter(|(_, input)| !own.contains(&input.doc.id()));
    let (mut all, mut hit, mut points) = (0_u64, 0_u64, 0_u64);
    for (n, input) in open {
        all += 1;
        if later(&input.doc.id()) {
            hit += 1;
            points = points.saturating_add(appraisal.points.get(&n).copied().unwrap_or(0));
        }
    }
    let share =
        |part: u64, of: u64| u64::try_from(u128::from(part) * 1_000_000 / u128::from(of.max(1))).unwrap_or(u64::MAX);
    (hit > 0).then(|| Outcome {
        cited: usize::try_from(hit).unwrap_or(usize::MAX),
        given: share(points, appraisal.sum),
        even: share(hit, all),
    })
}
