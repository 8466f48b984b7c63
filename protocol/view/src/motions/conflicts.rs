//! `conflicts`: interests that people disclosed, and conflicts of interest that others alleged (R35, R41).

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::motions::shared::{count, meant, same};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "conflicts",
    title: "Conflicts of interest",
    about: "Who disclosed which interest, and which conflicts were alleged, on what evidence, with what reply?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[35, 41],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let allegations = allegations(world, only);
    let bare = allegations.rows.len() - backed(&allegations);
    let mut sheet = Sheet::new("Conflicts of interest");
    if bare > 0 {
        sheet = sheet.say(format!(
            "{bare} allegations name nothing that others could look at: an entry, an address or a file."
        ));
    }
    sheet.table(disclosures(world, only)).table(allegations)
}

fn backed(allegations: &Table) -> usize {
    let found = allegations
        .rows
        .iter()
        .filter(|row| row.contains(&Cell::Word("with evidence")));
    found.count()
}

fn disclosures(world: &World<'_>, only: Option<&Doc<'_>>) -> Table {
    let mut table = Table::new(
        "disclosures",
        "Disclosed",
        &[
            ("doc", "In"),
            ("by", "By"),
            ("about", "About"),
            ("text", "Interest"),
            ("since", "Since"),
            ("until", "Until"),
            ("holds", "Holds today"),
            ("day", "Disclosed on"),
            ("entry", "Entry"),
        ],
        "Nobody has disclosed an interest.",
    );
    let mut rows = Vec::new();
    for doc in world.everything() {
        for act in doc.acts("disclose") {
            let about = act.named("about");
            if only.is_some_and(|only| only.id() != doc.id() && about != Some(only.id())) {
                continue;
            }
            let (since, until) = (act.day("since"), act.day("until"));
            let today = world.today();
            let holds = since.is_none_or(|since| since <= today) && until.is_none_or(|until| today <= until);
            let cells = vec![
                Cell::Doc(doc.id()),
                Cell::Person(act.by),
                meant(world, act.value("about")),
                Cell::text(doc.words(&act)),
                Cell::of(since, Cell::Day),
                Cell::of(until, Cell::Day),
                Cell::Flag(holds),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::Entry(act.id),
            ];
            rows.push((act.when.claimed, cells));
        }
    }
    rows.sort_by_key(|(time, _)| *time);
    table.rows = rows.into_iter().map(|(_, cells)| cells).collect();
    table
}

fn allegations(world: &World<'_>, only: Option<&Doc<'_>>) -> Table {
    let mut table = Table::new(
        "allegations",
        "Alleged",
        &[
            ("concern", "Concern"),
            ("about", "About"),
            ("by", "By"),
            ("opened", "On"),
            ("items", "Items of evidence"),
            ("evidence", "Evidence"),
            ("reply", "Reply"),
            ("replied", "Replied on"),
            ("disclosed", "They had disclosed"),
        ],
        "Nobody has alleged a conflict of interest.",
    );
    for concern in world.of("concern").filter(|doc| doc.text("form") == Some("conflict")) {
        let about = concern.value("about");
        if only.is_some_and(|only| only.id() != concern.id() && !same(about, only.value("subject"))) {
            continue;
        }
        let items = concern.items("evidence");
        let backed = items.iter().any(|item| {
            let said = item.text("url").is_some();
            said || matches!(item.value("entry"), Some(Value::Id(_))) || item.value("hash").is_some()
        });
        let replied = concern.acts("reply_right").map(|act| Day::of(act.when.claimed)).min();
        let accused = concern.named("about");
        let before = world
            .everything()
            .flat_map(|doc| doc.acts("disclose").collect::<Vec<_>>());
        let before = before.filter(|act| Some(act.by) == accused && act.when.claimed <= concern.opened().claimed);
        table.row(vec![
            Cell::Doc(concern.id()),
            meant(world, about),
            Cell::Person(concern.by()),
            Cell::Day(Day::of(concern.opened().claimed)),
            Cell::Int(count(items.len())),
            Cell::Word(match (backed, items.is_empty()) {
                (true, _) => "with evidence",
                (false, true) => "without evidence",
                (false, false) => "words only",
            }),
            Cell::Word(match (replied, accused) {
                (Some(_), _) => "given",
                (None, Some(_)) => "waiting",
                (None, None) => "nobody can reply",
            }),
            Cell::of(replied, Cell::Day),
            Cell::Int(count(before.count())),
        ]);
    }
    table
}
