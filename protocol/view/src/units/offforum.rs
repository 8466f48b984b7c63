//! `offforum`: talks that were held elsewhere, and who agreed that they are shown here (R85).

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::units::unit;
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "offforum",
    title: "Talks from elsewhere",
    about: "Which threads were held elsewhere, and did those who spoke agree that they are shown here?",
    on: On::Committee,
    reads: &["topic"],
    requirements: &[85],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "topics",
        "Threads from elsewhere",
        &[
            ("topic", "Thread"),
            ("origin", "Held at"),
            ("source", "Read from"),
            ("by", "Attested by"),
            ("day", "Brought on"),
            ("posts", "Posts"),
            ("authors", "Speakers"),
            ("consent", "Consent"),
            ("endorsed", "Endorsed by"),
            ("objections", "Objections"),
            ("state", "State"),
        ],
        "No thread was brought here from elsewhere.",
    );
    let mut without = 0;
    for doc in world
        .of("topic")
        .filter(|doc| only.is_none_or(|only| only.id() == doc.id()))
    {
        let posts = doc.items("posts");
        let elsewhere = doc.text("origin").is_some() || doc.text("source").is_some() || !posts.is_empty();
        if !elsewhere {
            continue;
        }
        let consent = doc.text("consent");
        without += usize::from(consent.is_none());
        let mut authors: Vec<&str> = posts.iter().filter_map(|post| post.text("author")).collect();
        authors.sort_unstable();
        authors.dedup();
        let endorsed: BTreeSet<_> = doc
            .acts("endorse")
            .filter(|act| act.by != doc.by())
            .map(|act| act.by)
            .collect();
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::text(doc.text("origin")),
            Cell::text(doc.text("source")),
            Cell::Person(doc.by()),
            Cell::Day(Day::of(doc.opened().claimed)),
            unit::count(posts.len()),
            Cell::List(authors.into_iter().map(|name| Cell::Text(name.to_owned())).collect()),
            Cell::text(consent),
            Cell::List(endorsed.into_iter().map(Cell::Person).collect()),
            unit::count(doc.acts("objection").count()),
            Cell::Word(match (consent, doc.text("origin")) {
                (None, _) => "no consent",
                (_, None) => "no origin",
                _ => "consent as said",
            }),
        ]);
    }
    let mut sheet = Sheet::new("Talks from elsewhere")
        .say(format!("{} threads were held elsewhere.", table.rows.len()))
        .say(
            "Those who spoke there have not signed here: whoever brought a thread attests its words, and the consent.",
        );
    if without > 0 {
        sheet = sheet.say(format!(
            "{without} of them do not say who agreed that they are shown here."
        ));
    }
    sheet.table(table)
}
