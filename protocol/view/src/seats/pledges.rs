//! `pledges`: promises of money, and what was claimed on them (R13 to R15). Nothing is held here.

use std::collections::BTreeMap;

use crate::DOCUMENTS;
use crate::calendar::Day;
use crate::seats::lookup::{age, cash, evidence, money, person};
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::document::{Cause, Effect};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "pledges",
    title: "Pledges and claims",
    about: "Who promised what under which condition, and what was claimed on it?",
    on: On::Committee,
    reads: DOCUMENTS,
    requirements: &[13, 14, 15],
    compute,
};

/// A pledge, one that was taken back too: claims on it stay.
struct Pledge<'w, 'a> {
    doc: &'w Doc<'a>,
    act: Act<'a>,
    back: Option<Id>,
}

/// A claim, and what became of it.
struct Claim<'w, 'a> {
    doc: &'w Doc<'a>,
    act: Act<'a>,
    replies: Vec<Act<'a>>,
}

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut pledges: BTreeMap<Id, Pledge<'_, '_>> = BTreeMap::new();
    let mut claims = Vec::new();
    let here = |doc: &Doc<'_>| narrow.is_none_or(|narrow| narrow.id() == doc.id());
    let mut void = 0;
    for doc in world.everything() {
        let broken = doc
            .document
            .acts()
            .filter(|act| act.kind == "pledge" && act.effect == Effect::Void && act.in_record);
        void += if here(doc) { broken.count() } else { 0 };
        pledges.extend(given(doc).map(|pledge| (pledge.act.id, pledge)));
        let found = doc.acts("claim").filter(|act| act.fields.is_some());
        claims.extend(found.map(|act| Claim {
            replies: replies(doc, &act),
            doc,
            act,
        }));
    }
    let first = pledge_table(world, pledges.values().filter(|pledge| here(pledge.doc)), &claims);
    let second = claim_table(world, claims.iter().filter(|claim| here(claim.doc)), &pledges);
    let silent = second
        .rows
        .iter()
        .filter(|row| row.contains(&Cell::Word("waits for a reply")))
        .count();
    let mut sheet = Sheet::new("Pledges and claims")
        .say("Pledges are recorded here; nothing is held, and nothing is paid out.")
        .say(format!("{} pledges, {} claims.", first.rows.len(), second.rows.len()));
    if void > 0 {
        sheet = sheet.say(format!(
            "{void} pledges are void and not listed: they do not say for whom, how much, where the means are, or when they are released."
        ));
    }
    if silent > 0 {
        sheet = sheet.say(format!("{silent} claims wait for a reply of whom they are about."));
    }
    sheet.table(first).table(second)
}

/// Pledges that count, and those that their authors took back.
fn given<'w, 'a>(doc: &'w Doc<'a>) -> impl Iterator<Item = Pledge<'w, 'a>> {
    let document = doc.document;
    let all = document.acts().filter(|act| act.kind == "pledge" && act.in_record);
    all.filter_map(move |outcome| {
        let back = match &outcome.cause {
            Some(Cause::Retracted { by }) => Some(*by),
            None => None,
            Some(_) => return None,
        };
        let fields = Some(outcome.fields()?);
        let act = Act {
            id: outcome.id,
            by: outcome.by,
            when: doc.when(outcome.id),
            fields,
            outcome,
        };
        Some(Pledge { doc, act, back })
    })
}

/// The right of reply: `reply_right` about the claim, or an answer or post in reply to it, by whom it is about.
fn replies<'a>(doc: &Doc<'a>, claim: &Act<'a>) -> Vec<Act<'a>> {
    let about = claim.named("about");
    let own = doc.all_acts().filter(|act| {
        let field = match &*act.outcome.kind {
            "reply_right" => "entry",
            "answer" | "post" => "reply_to",
            _ => return false,
        };
        Some(act.by) == about && act.named(field) == Some(claim.id)
    });
    own.collect()
}

fn pledge_table<'w, 'a: 'w>(
    world: &World<'_>,
    pledges: impl Iterator<Item = &'w Pledge<'w, 'a>>,
    claims: &[Claim<'_, '_>],
) -> Table {
    let mut table = Table::new(
        "pledges",
        "Pledges",
        &[
            ("document", "Document"),
            ("pledge", "Pledge"),
            ("by", "By"),
            ("to", "For"),
            ("amount", "Amount"),
            ("reference", "Where the means are"),
            ("condition", "Released when"),
            ("until", "Holds until"),
            ("made", "On"),
            ("claims", "Claims"),
            ("taken_back", "Taken back by"),
            ("state", "State"),
        ],
        "Nobody has pledged anything yet. A pledge says for whom, how much, where the means are, and when it is released.",
    );
    let mut rows: Vec<_> = pledges.collect();
    rows.sort_by_key(|pledge| (pledge.act.when.claimed, pledge.act.id));
    for Pledge { doc, act, back } in rows {
        let amount = money(act.value("amount"));
        let on_it = claims.iter().filter(|claim| claim.act.named("entry") == Some(act.id));
        let on_it: Vec<Cell> = on_it.map(|claim| Cell::Entry(claim.act.id)).collect();
        let state = match (back, on_it.is_empty()) {
            (Some(_), true) => "taken back",
            (Some(_), false) => "taken back under a claim",
            _ if amount.is_none_or(|(amount, _)| amount == 0) => "of nothing",
            (None, false) => "claimed",
            _ if act.day("until").is_some_and(|until| until < world.today()) => "over",
            _ => "stands",
        };
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::Entry(act.id),
            Cell::Person(act.by),
            person(act.value("to")),
            Cell::of(amount, |(amount, currency)| cash(amount, currency)),
            Cell::text(act.text("reference")),
            Cell::text(act.text("condition")),
            Cell::of(act.day("until"), Cell::Day),
            Cell::Day(Day::of(act.when.claimed)),
            Cell::List(on_it),
            Cell::of(*back, Cell::Entry),
            Cell::Word(state),
        ]);
    }
    table
}

fn claim_table<'w, 'a: 'w>(
    world: &World<'_>,
    claims: impl Iterator<Item = &'w Claim<'w, 'a>>,
    pledges: &BTreeMap<Id, Pledge<'_, '_>>,
) -> Table {
    let mut table = Table::new(
        "claims",
        "Claims",
        &[
            ("document", "Document"),
            ("claim", "Claim"),
            ("form", "Form"),
            ("by", "By"),
            ("about", "About"),
            ("amount", "Amount"),
            ("text", "Claim in words"),
            ("evidence", "Evidence"),
            ("pledge", "Pledge"),
            ("fits", "Against the pledge"),
            ("made", "On"),
            ("age", "Days"),
            ("replies", "Replies of whom it is about"),
            ("state", "State"),
        ],
        "Nothing was claimed yet. A claim names the pledge and brings evidence; whom it is about may reply.",
    );
    let mut rows: Vec<_> = claims.collect();
    rows.sort_by_key(|claim| (claim.act.when.claimed, claim.act.id));
    for Claim { doc, act, replies } in rows {
        let proof = evidence(act.list("evidence"));
        let state = match (&proof, act.named("about")) {
            (Cell::List(none), _) if none.is_empty() => "without evidence",
            (_, None) => "nobody can reply yet",
            _ if replies.is_empty() => "waits for a reply",
            _ => "replied to",
        };
        table.row(vec![
            Cell::Doc(doc.id()),
            Cell::Entry(act.id),
            Cell::text(act.text("form")),
            Cell::Person(act.by),
            person(act.value("about")),
            Cell::of(money(act.value("amount")), |(amount, currency)| cash(amount, currency)),
            Cell::text(doc.words(act)),
            proof,
            Cell::of(act.named("entry"), Cell::Entry),
            Cell::Word(fits(act, pledges)),
            Cell::Day(Day::of(act.when.claimed)),
            Cell::Int(age(world, act.when.earliest())),
            Cell::List(replies.iter().map(|reply| Cell::Entry(reply.id)).collect()),
            Cell::Word(state),
        ]);
    }
    table
}

/// What the pledge says to the claim: a slashing is of the pledger, a reward goes to whom it was promised, and neither
/// is more than the pledge, where both are of one currency.
fn fits(claim: &Act<'_>, pledges: &BTreeMap<Id, Pledge<'_, '_>>) -> &'static str {
    let Some(entry) = claim.named("entry") else {
        return "names no pledge";
    };
    let Some(Pledge { act, .. }) = pledges.get(&entry) else {
        return "no such pledge";
    };
    let about = claim.value("about");
    let meant = match claim.text("form") {
        Some("slash") => claim.named("about") == Some(act.by),
        _ => about.is_some() && about == act.value("to"),
    };
    match (meant, money(claim.value("amount")), money(act.value("amount"))) {
        (false, ..) => "about somebody else",
        (_, Some((_, a)), Some((_, b))) if a != b => "another currency",
        (_, Some((claimed, _)), Some((pledged, _))) if claimed > pledged => "more than was pledged",
        _ => "fits",
    }
}
