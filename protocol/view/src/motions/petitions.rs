//! `petitions`: how many have signed each petition, and how many it takes (R49).

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "petitions",
    title: "Petitions",
    about: "Which petitions are there, and how far is each from its threshold?",
    on: On::Committee,
    reads: &["motion"],
    requirements: &[49],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "petitions",
        "Petitions",
        &[
            ("petition", "Petition"),
            ("opened", "On"),
            ("signatures", "Signatures"),
            ("earlier", "Of an earlier text only"),
            ("threshold", "Needed"),
            ("missing", "Missing"),
            ("reached", "Reached"),
            ("reached_on", "On"),
            ("state", "State"),
        ],
        "There is no petition: a motion of this form with a threshold.",
    );
    let mut signed = Table::new(
        "signatures",
        "Signatures",
        &[
            ("petition", "Petition"),
            ("by", "By"),
            ("day", "On"),
            ("entry", "Entry"),
        ],
        "Nobody has signed a petition yet.",
    );
    let mut reached = 0;
    let petitions = world.of("motion").filter(|doc| doc.text("form") == Some("petition"));
    for petition in petitions.filter(|doc| only.is_none_or(|only| only.id() == doc.id())) {
        let fact = |name| {
            petition
                .fact(name)
                .and_then(althing_protocol::kind::Value::as_int)
                .unwrap_or(0)
        };
        let (now, needed) = (fact("signatures"), petition.int("threshold").filter(|n| *n > 0));
        let enough = needed.is_some_and(|needed| now >= needed);
        reached += usize::from(enough);
        let acts = signatures(petition);
        // Somebody opens it, and is then the first to have signed it unless they signed it again.
        let opener = now > u64::try_from(acts.len()).unwrap_or(u64::MAX);
        let mut days: Vec<Day> = acts.iter().map(|act| Day::of(act.when.claimed)).collect();
        days.extend(opener.then(|| Day::of(petition.opened().claimed)));
        days.sort_unstable();
        let last = needed.and_then(|needed| days.get(usize::try_from(needed).ok()?.checked_sub(1)?));
        table.row(vec![
            Cell::Doc(petition.id()),
            Cell::Day(Day::of(petition.opened().claimed)),
            Cell::Int(now),
            Cell::Int(fact("signatures_earlier")),
            Cell::of(needed, Cell::Int),
            Cell::of(needed, |needed| Cell::Int(needed.saturating_sub(now))),
            Cell::Flag(enough),
            Cell::of(last.filter(|_| enough), |day| Cell::Day(*day)),
            Cell::of(petition.state(), Cell::Word),
        ]);
        for act in acts {
            signed.row(vec![
                Cell::Doc(petition.id()),
                Cell::Person(act.by),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::Entry(act.id),
            ]);
        }
    }
    let sheet =
        Sheet::new("Petitions").say("A signature counts for the text that its author saw, and each person once.");
    let sheet = match reached {
        0 => sheet,
        n => sheet.say(format!("{n} have as many signatures as they asked for.")),
    };
    sheet.table(table).table(signed)
}

/// Signatures under the petition as it stands, one of each person, by time and entry.
fn signatures<'a>(petition: &Doc<'a>) -> Vec<Act<'a>> {
    let fields = ["form", "subject", "title", "text", "options", "threshold"];
    let mut by_person: BTreeMap<Id, Act<'a>> = BTreeMap::new();
    for act in petition.acts("join") {
        let changed = petition.document.changed_since(act.id);
        if changed.is_some_and(|changed| fields.iter().all(|field| !changed.contains(field))) {
            by_person.entry(act.by).or_insert(act);
        }
    }
    let mut acts: Vec<Act<'a>> = by_person.into_values().collect();
    acts.sort_by_key(|act| (act.when.claimed, act.id));
    acts
}
