//! R67, R68, R79: windows, questions and evidence.

use serde_json::json;

use super::programmes::{column, evaluated, words};
use super::town::{Town, noon};
use althing_protocol::hash::Id;

#[test]
fn r67_a_window_follows_from_the_end_and_claims_prove_nothing() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let (doc, evaluation) = evaluated(&mut town, ana);
    let window = |town: &Town| {
        let row = town.at("2026-05-01").rows("windows", Some(evaluation), "windows")[0].clone();
        (row["from"].clone(), row["until"].clone(), row["rule"].clone())
    };
    assert_eq!(
        window(&town),
        (json!("2026-04-01"), json!("2026-04-14"), json!("the committee's"))
    );
    town.edit(doc, ana, "2026-01-21", json!({"evaluation_days": 20}));
    assert_eq!(
        window(&town),
        (json!("2026-04-01"), json!("2026-04-20"), json!("the programme's"))
    );
    let research = |town: &mut Town, day: &str| {
        town.open(
            "research",
            ben,
            day,
            json!({"title": "R", "evaluation": evaluation, "findings": "It helped."}),
        )
    };
    let on_time = research(&mut town, "2026-04-20");
    let claimed = research(&mut town, "2026-04-19");
    let late = research(&mut town, "2026-04-18");
    let admitted = research(&mut town, "2026-04-21");
    let filled = research(&mut town, "2026-04-02");
    let end = noon("2026-04-20") + 12 * 3600 * 1000;
    town.anchored(on_time, None, Some(end - 1));
    town.anchored(claimed, None, Some(end));
    town.anchored(late, Some(end), Some(end + 5));
    town.anchored(filled, None, Some(noon("2026-04-03")));
    let rows = |town: &Town| {
        let rows = town.at("2026-05-01").rows("windows", Some(evaluation), "inputs");
        let find = |id: Id| {
            let row = rows.iter().find(|row| row["research"] == json!(id)).unwrap();
            (row["opened_timely"].clone(), row["timely"].clone())
        };
        [on_time, claimed, late, admitted, filled].map(find)
    };
    let both = |word: &str| (json!(word), json!(word));
    let found = rows(&town);
    assert_eq!(
        found,
        [
            both("on time"),
            both("unproven"),
            both("late"),
            both("late"),
            both("on time")
        ]
    );
    let early = research(&mut town, "2026-04-01");
    let earlier = research(&mut town, "2026-03-31");
    let all = town.at("2026-05-01").rows("windows", Some(evaluation), "inputs");
    let is_early = |id: Id| all.iter().find(|row| row["research"] == json!(id)).unwrap()["early"].clone();
    assert_eq!([early, earlier].map(is_early), [false, true]);
    // Opened in time, and written after it.
    let edit = town.edit(
        filled,
        ben,
        "2026-04-25",
        json!({"findings": "After I saw the others."}),
    );
    assert_eq!(rows(&town)[4], (json!("on time"), json!("late")));
    town.anchored(edit, None, Some(noon("2026-04-10")));
    assert_eq!(
        rows(&town)[4],
        (json!("on time"), json!("on time")),
        "an anchor outweighs a claim"
    );
    // A programme that was ended earlier is evaluated from there; an own window comes first.
    town.act(
        "decide",
        doc,
        town.founder,
        "2026-02-10",
        json!({"action": "stop", "reason": "Enough."}),
    );
    assert_eq!(window(&town).1, "2026-03-02");
    town.edit(
        evaluation,
        ana,
        "2026-02-11",
        json!({"from": "2026-05-01", "until": "2026-05-02"}),
    );
    assert_eq!(
        window(&town),
        (json!("2026-05-01"), json!("2026-05-02"), json!("its own"))
    );
}

#[test]
fn r68_questions_are_asked_before_the_vote_and_every_gap_is_shown() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let bare = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "vote_from": "2026-02-01"}),
    );
    let says = |town: &Town, doc| town.at("2026-03-01").view("coverage", Some(doc))["says"].to_string();
    assert!(says(&town, bare).contains("Error: no research question"));
    // Asked once the vote was on: that is too late to count.
    town.edit(bare, ana, "2026-02-01", json!({"questions": [{"text": "Now?"}]}));
    assert!(says(&town, bare).contains("Error: none of its own questions was asked before its vote"));
    assert!(
        words(
            &town.at("2026-03-01").rows("proposals", Some(bare), "proposals")[0],
            "missing"
        )
        .contains(&"questions".to_owned())
    );

    let (doc, evaluation) = evaluated(&mut town, ana);
    town.edit(
        evaluation,
        ana,
        "2026-01-21",
        json!({"questions": [{"text": "For whom?"}, {"text": "Why?"}]}),
    );
    let first = json!({"entry": doc, "n": 0});
    let input = json!({"title": "R", "evaluation": evaluation, "questions": [
        {"text": "in other words", "question": first, "answer": "Yes."}, {"text": " For whom? "}, {"text": "why?", "answer": "?"},
    ]});
    let by_item = town.open("research", ben, "2026-04-02", input);
    let state = |town: &Town| {
        column(
            &town.at("2026-05-01").rows("coverage", Some(evaluation), "questions"),
            "state",
        )
    };
    assert_eq!(state(&town), ["answered", "named only", "unanswered"]);
    let second = json!({"title": "S", "evaluation": evaluation, "questions": [{"text": "Why?", "answer": "So."}]});
    town.open("research", ben, "2026-04-30", second);
    assert_eq!(state(&town), ["answered", "named only", "late only"]);
    let cells = town.at("2026-05-01").rows("coverage", Some(evaluation), "cells");
    assert_eq!(column(&cells, "how"), ["answered", "named", "answered"]);
    let sheet = town.at("2026-05-01").sheet("coverage", Some(evaluation));
    let crate::Plot::Grid { rows, .. } = &sheet.plots[0] else {
        panic!()
    };
    assert_eq!(
        rows.iter().map(|(_, cells)| cells.clone()).collect::<Vec<_>>(),
        [vec![3, 0], vec![1, 0], vec![0, 2]]
    );
    // What was replaced by newer research answers nothing any more.
    town.act("supersede", by_item, ben, "2026-05-01", json!({"doc": by_item}));
    assert_eq!(state(&town), ["unanswered", "unanswered", "late only"]);
}

#[test]
fn r79_sorts_of_evidence_stand_side_by_side() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let doc = town.open(
        "proposal",
        ana,
        "2026-01-05",
        json!({"type": "tpp", "title": "T", "questions": [{"text": "A?"}]}),
    );
    let evaluation = town.open("evaluation", ana, "2026-01-06", json!({"programme": doc}));
    let research = |town: &mut Town, by: Id, kind: &str| {
        let mut fields =
            json!({"title": "R", "evaluation": evaluation, "questions": [{"text": "A?", "answer": "Yes."}]});
        if !kind.is_empty() {
            fields["evidence_kind"] = json!(kind);
        }
        town.open("research", by, "2026-01-07", fields)
    };
    for _ in 0..3 {
        research(&mut town, ana, "survey");
    }
    research(&mut town, ana, "");
    let view = |town: &Town| town.at("2026-02-01").view("inputs", Some(evaluation));
    let row = view(&town)["tables"]["questions"][0].clone();
    assert_eq!(
        (&row["survey"], &row["unsaid"], &row["kinds"], &row["authors"]),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    assert!(view(&town)["says"].to_string().contains("one sort of evidence only"));
    research(&mut town, ben, "experience");
    let row = view(&town)["tables"]["questions"][0].clone();
    assert_eq!(
        (&row["survey"], &row["experience"], &row["kinds"], &row["authors"]),
        (&json!(3), &json!(1), &json!(2), &json!(2))
    );
    let columns = row.as_object().unwrap().keys();
    assert!(
        columns.into_iter().all(|name| !name.contains("score")),
        "never one score"
    );
}
