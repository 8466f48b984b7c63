//! `timeline`: what happened to a motion, and what it waits for (R23, R25, R26).

use crate::calendar::Day;
use crate::motions::procedure::{Notice, Procedure};
use crate::motions::shared::{meant, same};
use crate::sheet::Span;
use crate::{Cell, Doc, On, Plot, Sheet, Table, View, World};
use althing_protocol::hash::Id;

pub(crate) static VIEW: View = View {
    name: "timeline",
    title: "Timeline",
    about: "What has happened to this motion, and what does it wait for?",
    on: On::Document(&["motion"]),
    reads: &["motion", "statement", "concern"],
    requirements: &[23, 25, 26],
    compute,
};

fn compute(world: &World<'_>, motion: Option<&Doc<'_>>) -> Sheet {
    let Some(motion) = motion else {
        return Sheet::new("Timeline").say("Choose a motion: each has a timeline of its own.");
    };
    let at = Procedure::of(world, motion);
    let mut sheet = Sheet::new("Timeline").say(format!("It waits for {}.", at.waits));
    if let Some(notice) = &at.notice {
        sheet = sheet.say(told(world, &at, notice));
    }
    let early = at.conclusions.iter().filter(|conclusion| conclusion.premature).count();
    if early > 0 {
        sheet = sheet.say(format!(
            "Premature: {early} of its {} conclusions came before the reply and before the end of the notice. The motion \
             has not gone on by them.",
            at.conclusions.len()
        ));
    }
    let spans = spans(world, motion, &at);
    sheet = sheet
        .table(replies(motion))
        .table(now(world, motion, &at))
        .table(events(world, motion, &at))
        .table(counted(world, at.notice.as_ref()));
    if spans.is_empty() {
        return sheet;
    }
    sheet.plot(Plot::Spans {
        title: "Notice, vote and polls".to_owned(),
        now: Some(world.today()),
        spans,
    })
}

fn told(world: &World<'_>, at: &Procedure, notice: &Notice) -> String {
    let days = notice.days;
    match (notice.until, notice.left(world)) {
        (Some(until), Some(0)) => format!("The notice of {days} working days ended with {until}."),
        (Some(until), Some(left)) if at.spoken.is_some() => {
            format!("Whom it is about has spoken; {left} of {days} working days of notice are left, until {until}.")
        }
        (Some(until), Some(left)) => {
            format!("{left} of {days} working days of notice are left: the last one is {until}.")
        }
        _ => format!("The notice of {days} working days ends more than twenty years from now."),
    }
}

/// Before everything else: the right of reply.
fn replies(motion: &Doc<'_>) -> Table {
    let columns = [("by", "By"), ("day", "On"), ("text", "Reply"), ("entry", "Entry")];
    let mut table = Table::new(
        "replies",
        "Replies of whom it is about",
        &columns,
        "Whom it is about has not replied. `reply_right` is theirs alone and stands before everything else.",
    );
    for act in motion.acts("reply_right") {
        table.row(vec![
            Cell::Person(act.by),
            Cell::Day(Day::of(act.when.claimed)),
            Cell::text(motion.words(&act)),
            Cell::Entry(act.id),
        ]);
    }
    table
}

fn now(world: &World<'_>, motion: &Doc<'_>, at: &Procedure) -> Table {
    let columns = [
        ("motion", "Motion"),
        ("subject", "About"),
        ("notice_from", "Notice from"),
        ("notice_days", "Working days"),
        ("notice_until", "Until"),
        ("notice_left", "Left"),
        ("reply", "Reply"),
        ("free_from", "Goes on from"),
        ("outcome", "Outcome"),
        ("premature", "Premature"),
        ("waits_for", "Waits for"),
    ];
    let mut table = Table::new("now", "Where it stands", &columns, "");
    let notice = at.notice.as_ref();
    table.row(vec![
        Cell::Doc(motion.id()),
        meant(world, motion.value("subject")),
        Cell::of(notice, |notice| Cell::Day(notice.from)),
        Cell::of(notice, |notice| Cell::Int(notice.days)),
        Cell::of(notice.and_then(|notice| notice.until), Cell::Day),
        Cell::of(notice.and_then(|notice| notice.left(world)), Cell::Int),
        Cell::Word(at.reply),
        Cell::of(at.free.filter(|_| notice.is_some()), |free| Cell::Day(Day::of(free))),
        Cell::of(at.outcome, Cell::Word),
        Cell::Flag(at.conclusions.iter().any(|conclusion| conclusion.premature)),
        Cell::Word(at.waits),
    ]);
    table
}

/// Something that happened: its day, its place among others of that day, what it was, who did it, the entry, a remark.
type Event = (Day, u8, Id, &'static str, Option<Id>, Cell);

fn events(world: &World<'_>, motion: &Doc<'_>, at: &Procedure) -> Table {
    let mut events = acts(motion, at);
    events.extend(before(world, motion));
    let set = |days: &mut Vec<Event>, day: Option<Day>, rank, what| {
        days.extend(day.map(|day| (day, rank, Id::ZERO, what, None, Cell::Empty)));
    };
    let over = at.notice.as_ref().and_then(|notice| notice.until);
    set(&mut events, over, 6, "notice ends");
    set(&mut events, motion.day("vote_from"), 4, "vote opens");
    set(&mut events, motion.day("vote_until"), 7, "vote closes");
    events.sort_by_key(|event| (event.0, event.1, event.2));
    let columns = [
        ("day", "Day"),
        ("what", "What"),
        ("by", "By"),
        ("entry", "Entry"),
        ("note", "Remark"),
        ("past", "Past"),
    ];
    let mut table = Table::new("events", "What happened and what is set", &columns, "");
    for (day, _, entry, what, by, note) in events {
        table.row(vec![
            Cell::Day(day),
            Cell::Word(what),
            Cell::of(by, Cell::Person),
            Cell::of((entry != Id::ZERO).then_some(entry), Cell::Entry),
            note,
            Cell::Flag(day <= world.today()),
        ]);
    }
    table
}

/// What stands in the motion itself.
fn acts(motion: &Doc<'_>, at: &Procedure) -> Vec<Event> {
    let root = motion.id();
    let opened = Day::of(motion.opened().claimed);
    let mut out: Vec<Event> = vec![(opened, 2, root, "opened", Some(motion.by()), Cell::Empty)];
    for field in ["subject", "form"] {
        let register = motion.document.content().fields.get(field);
        let set = register.and_then(|register| register.values.first());
        if let Some(version) = set.filter(|version| version.entry != root) {
            let day = Day::of(motion.when(version.entry).earliest());
            let what = if field == "subject" {
                "subject changed"
            } else {
                "form changed"
            };
            out.push((day, 2, version.entry, what, Some(version.by), Cell::Empty));
        }
    }
    for act in motion.all_acts() {
        let day = Day::of(act.when.claimed);
        let event = match act.outcome.kind.as_ref() {
            "reply_right" => (3, "reply", Cell::Empty),
            "join" => (3, "signed", Cell::Empty),
            "poll" => (5, "poll linked", Cell::text(act.text("url"))),
            "handover" => (8, "handover", Cell::Empty),
            "withdraw" => (8, "withdrawn", Cell::Empty),
            "execute" => (9, "carried out", Cell::text(act.text("reference"))),
            _ => continue,
        };
        out.push((day, event.0, act.id, event.1, Some(act.by), event.2));
    }
    out.extend(at.conclusions.iter().map(|conclusion| {
        let what = if conclusion.premature {
            "premature conclusion"
        } else {
            "concluded"
        };
        let note = Cell::Word(conclusion.outcome);
        (conclusion.day, 8, conclusion.entry, what, Some(conclusion.by), note)
    }));
    out
}

/// What stands elsewhere about the same subject: concerns, and talks off the record.
fn before(world: &World<'_>, motion: &Doc<'_>) -> Vec<Event> {
    let subject = motion.value("subject");
    let mut out = Vec::new();
    for concern in world
        .of("concern")
        .filter(|concern| same(concern.value("about"), subject))
    {
        let day = Day::of(concern.opened().claimed);
        out.push((
            day,
            0,
            concern.id(),
            "concern",
            Some(concern.by()),
            Cell::Text(concern.title()),
        ));
    }
    for talk in world
        .of("statement")
        .filter(|doc| doc.text("form") == Some("off_record"))
    {
        let about = same(talk.value("about"), subject);
        let said = talk.day("start").unwrap_or_else(|| Day::of(talk.opened().claimed));
        let items = talk.items("items");
        let named: Vec<_> = items
            .iter()
            .filter(|item| about || same(item.value("who"), subject))
            .collect();
        if named.is_empty() && about {
            out.push((
                said,
                1,
                talk.id(),
                "talk off the record",
                Some(talk.by()),
                Cell::text(talk.text("text")),
            ));
        }
        out.extend(named.into_iter().map(|item| {
            let day = item.day("day").unwrap_or(said);
            (
                day,
                1,
                talk.id(),
                "talk off the record",
                Some(talk.by()),
                Cell::text(item.text("text")),
            )
        }));
    }
    out
}

/// R26: the notice counted out loud, day by day.
fn counted(world: &World<'_>, notice: Option<&Notice>) -> Table {
    let columns = [
        ("day", "Day"),
        ("weekday", "Weekday"),
        ("works", "Working day"),
        ("n", "Working days so far"),
        ("past", "Past"),
    ];
    let mut table = Table::new(
        "notice",
        "The notice, day by day",
        &columns,
        "It needs no notice: it is about nobody.",
    );
    let Some((notice, until)) = notice.and_then(|notice| Some((notice, notice.until?))) else {
        return table;
    };
    let calendar = world.calendar();
    let (mut day, mut n) = (notice.from, 0);
    while day < until {
        day = day.after(1);
        let works = calendar.works(day);
        n += u64::from(works);
        table.row(vec![
            Cell::Day(day),
            Cell::Word(day.weekday()),
            Cell::Flag(works),
            Cell::Int(n),
            Cell::Flag(day < world.today()),
        ]);
    }
    table
}

fn spans(world: &World<'_>, motion: &Doc<'_>, at: &Procedure) -> Vec<Span> {
    let span = |lane: &str, label: String, from: Day, until: Day, clash: bool| Span {
        lane: lane.to_owned(),
        label,
        from,
        until,
        clash,
    };
    let over = at.notice.as_ref().and_then(|notice| Some((notice, notice.until?)));
    let mut out: Vec<Span> = over
        .map(|(notice, until)| {
            span(
                "notice",
                format!("{} working days", notice.days),
                notice.from,
                until,
                false,
            )
        })
        .into_iter()
        .collect();
    let free = Day::of(at.free.unwrap_or(world.now));
    if let (Some(from), Some(until)) = (motion.day("vote_from"), motion.day("vote_until")) {
        out.push(span(
            "vote",
            "vote".to_owned(),
            from,
            until,
            at.notice.is_some() && from < free,
        ));
    }
    for poll in motion.acts("poll") {
        if let (Some(from), Some(until)) = (poll.day("from"), poll.day("until")) {
            let label = poll.text("url").unwrap_or("poll").to_owned();
            out.push(span("polls", label, from, until, at.notice.is_some() && from < free));
        }
    }
    out
}
