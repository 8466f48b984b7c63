//! `terms`: whose term ends when (R32).

use crate::calendar::Day;
use crate::motions::term::Seat;
use crate::{Cell, Doc, On, Sheet, Table, View, World};

pub(crate) static VIEW: View = View {
    name: "terms",
    title: "Terms",
    about: "Whose term ends when, and who should be reminded?",
    on: On::Committee,
    reads: &["domain", "nomination"],
    requirements: &[32],
    compute,
};

fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let remind = i64::try_from(world.parameter("term_reminder_days")).unwrap_or(i64::MAX);
    let mut rows = Vec::new();
    let (mut soon, mut past) = (0, 0);
    for tenure in world
        .tenures
        .iter()
        .filter(|tenure| tenure.until.is_none_or(|until| until > world.now))
    {
        let here = only.is_none_or(|only| tenure.scope == Some(only.id()));
        if !here || tenure.from > world.now {
            continue;
        }
        let Some(seat) = Seat::of(world, tenure) else { continue };
        let ends = seat.ends(tenure);
        let left = ends.map(|ends| world.today().until(ends));
        let word = match left {
            None => "without end",
            Some(left) if left < 0 => "over",
            Some(left) if left <= remind => "ends soon",
            Some(_) => "runs",
        };
        soon += usize::from(word == "ends soon");
        past += usize::from(word == "over");
        let cells = vec![
            Cell::Person(tenure.holder),
            Cell::Text(tenure.role.clone()),
            Cell::of(tenure.scope, Cell::Doc),
            Cell::Text(seat.name),
            Cell::Day(Day::of(tenure.from)),
            Cell::of(seat.term_days, Cell::Int),
            Cell::of(ends, Cell::Day),
            Cell::of(left, Cell::Signed),
            Cell::Word(word),
        ];
        rows.push(((ends.is_none(), ends, tenure.from, tenure.grant), cells));
    }
    rows.sort_by_key(|(key, _)| *key);
    let mut table = Table::new(
        "terms",
        "Terms",
        &[
            ("holder", "Who"),
            ("role", "Role"),
            ("domain", "For"),
            ("seat", "Seat"),
            ("from", "From"),
            ("term_days", "Days"),
            ("ends", "Last day"),
            ("left_days", "Days left"),
            ("standing", "Standing"),
        ],
        "Nobody holds a seat. A term is optional: a seat of a domain can set `term_days`.",
    );
    table.rows = rows.into_iter().map(|(_, cells)| cells).collect();
    let mut sheet = Sheet::new("Terms");
    if soon + past > 0 {
        sheet = sheet.say(format!(
            "{soon} terms end within {remind} days; {past} are over. The end of a term takes no role: somebody revokes it."
        ));
    }
    sheet.table(table)
}
