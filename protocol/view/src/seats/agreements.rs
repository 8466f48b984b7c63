//! `agreements`: work agreed between facilitators and others, without a vote (R8).

use crate::calendar::Day;
use crate::seats::lookup::{cash, money, person, within};
use crate::seats::seat::tenures;
use crate::{Act, Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "agreements",
    title: "Work agreements",
    about: "Which work was agreed with whom, and did both sign?",
    on: On::Committee,
    reads: &["domain"],
    requirements: &[8],
    compute,
};

fn compute(world: &World<'_>, narrow: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "agreements",
        "Agreements",
        &[
            ("domain", "Domain"),
            ("agreement", "Agreement"),
            ("facilitator", "Facilitator"),
            ("worker", "Worker"),
            ("scope", "Work"),
            ("pay", "Pay"),
            ("period", "For how long"),
            ("from", "From"),
            ("until", "Until"),
            ("made", "Offered on"),
            ("signed", "The worker's signature"),
            ("signed_on", "On"),
            ("state", "State"),
            ("holds", "Still facilitator"),
        ],
        "No work was agreed yet. A facilitator offers it with `agreement` in the domain; the worker signs with `endorse`.",
    );
    let mut signed = 0;
    for domain in world.of("domain").filter(|domain| within(world, domain, narrow)) {
        for act in domain.acts("agreement").filter(|act| act.fields.is_some()) {
            let signature = signature(domain, &act);
            let state = match (act.named("worker"), &signature) {
                (None, _) => "the worker has no key",
                (_, Signature::None) => "waits for the worker",
                (_, Signature::Earlier) => "signed another text",
                _ if act.day("until").is_some_and(|until| until < world.today()) => "over",
                _ => "signed",
            };
            let found = match signature {
                Signature::Stands(found) => Some(found),
                _ => None,
            };
            signed += usize::from(state == "signed");
            let holds = tenures(world, domain.id()).any(|t| t.holder == act.by && t.until.is_none());
            table.row(vec![
                Cell::Doc(domain.id()),
                Cell::Entry(act.id),
                Cell::Person(act.by),
                person(act.value("worker")),
                Cell::text(domain.words(&act)),
                Cell::of(money(act.value("pay")), |(amount, currency)| cash(amount, currency)),
                Cell::text(act.text("period")),
                Cell::of(act.day("from"), Cell::Day),
                Cell::of(act.day("until"), Cell::Day),
                Cell::Day(Day::of(act.when.claimed)),
                Cell::of(found, |found| Cell::Entry(found.id)),
                Cell::of(found, |found| Cell::Day(Day::of(found.when.claimed))),
                Cell::Word(state),
                Cell::Flag(holds),
            ]);
        }
    }
    let all = table.rows.len();
    let sheet = Sheet::new("Work agreements").say(match all {
        0 => "No work was agreed yet.".to_owned(),
        _ => format!("{signed} of {all} agreements are signed by both and not over."),
    });
    sheet.table(table)
}

/// The worker's signature under an agreement.
enum Signature<'a> {
    None,
    /// Under a text that the facilitator has amended since, or that its author had not seen.
    Earlier,
    Stands(Act<'a>),
}

/// The worker's own `endorse` that names the agreement. It signs the text that its author had seen.
fn signature<'a>(domain: &Doc<'a>, agreement: &Act<'a>) -> Signature<'a> {
    let own = domain
        .acts("endorse")
        .filter(|act| Some(act.by) == agreement.named("worker") && act.named("entry") == Some(agreement.id));
    let mut out = Signature::None;
    for act in own {
        let now = agreement.outcome;
        // Both texts of an amendment in conflict stand for nothing.
        let seen = || Some(domain.document.at(act.id)?.outcome(now.id)?.amended == now.amended);
        if now.amendments.is_empty() || (now.amended.is_some() && seen() == Some(true)) {
            return Signature::Stands(act);
        }
        out = Signature::Earlier;
    }
    out
}
