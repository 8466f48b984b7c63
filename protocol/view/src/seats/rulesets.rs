//! `rulesets`: the versions of each domain's rules (R9).

use data_encoding::HEXLOWER;

use crate::calendar::Day;
use crate::seats::lookup::within;
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::sha256;

pub(crate) static VIEW: View = View {
    name: "rulesets",
    title: "Rulesets",
    about: "By which rules does each domain work, and how did they change?",
    on: On::Committee,
    reads: &["domain"],
    requirements: &[9],
    compute,
};

/// One row for each entry that set the field `ruleset` with effect, in canonical order.
fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut domains = Table::new(
        "domains",
        "Rules in force",
        &[
            ("domain", "Domain"),
            ("versions", "Versions"),
            ("current", "In force"),
            ("since", "Since"),
            ("conflict", "Versions contradict each other"),
        ],
        "There is no domain yet.",
    );
    let mut versions = Table::new(
        "versions",
        "Versions",
        &[
            ("domain", "Domain"),
            ("version", "Version"),
            ("entry", "Entry"),
            ("by", "By"),
            ("day", "On"),
            ("bytes", "Bytes"),
            ("sha256", "SHA-256 of the text"),
            ("current", "In force"),
        ],
        "No domain has rules of its own yet. Its owner sets the field `ruleset`.",
    );
    let (mut with, mut torn, mut unknown) = (0, 0, 0);
    for domain in world.of("domain").filter(|domain| within(world, domain, narrow)) {
        let register = domain.document.content().fields.get("ruleset");
        let values = register.map_or(&[][..], |register| &register.values);
        unknown += usize::from(register.is_some_and(|register| register.incomplete));
        let mut n = 0;
        for edit in domain.document.versions() {
            let change = domain.document.outcome(edit.entry).and_then(|outcome| outcome.change());
            let text = change.and_then(|change| change.set.get("ruleset")?.as_text());
            let Some(text) = text.filter(|_| edit.fields.contains("ruleset")) else {
                continue;
            };
            n += 1;
            versions.row(vec![
                Cell::Doc(domain.id()),
                Cell::Int(n),
                Cell::Entry(edit.entry),
                Cell::Person(edit.by),
                Cell::Day(Day::of(domain.when(edit.entry).claimed)),
                Cell::Int(u64::try_from(text.len()).unwrap_or(u64::MAX)),
                Cell::Text(HEXLOWER.encode(&sha256(&[text.as_bytes()]))),
                Cell::Flag(values.iter().any(|value| value.entry == edit.entry)),
            ]);
        }
        with += usize::from(n > 0);
        torn += usize::from(values.len() > 1);
        domains.row(vec![
            Cell::Doc(domain.id()),
            Cell::Int(n),
            Cell::List(values.iter().map(|value| Cell::Entry(value.entry)).collect()),
            match values {
                [one] => Cell::Day(Day::of(domain.when(one.entry).claimed)),
                _ => Cell::Empty,
            },
            Cell::Flag(values.len() > 1),
        ]);
    }
    let all = domains.rows.len();
    let mut sheet = Sheet::new("Rulesets").say(format!("{with} of {all} domains have rules of their own."));
    if torn > 0 {
        sheet = sheet.say(format!(
            "In {torn} domains two versions were made at the same time; an edit in the sight of both settles it."
        ));
    }
    if unknown > 0 {
        sheet = sheet.say(format!(
            "In {unknown} domains a text is not here that may have changed the rules."
        ));
    }
    sheet.table(domains).table(versions)
}
