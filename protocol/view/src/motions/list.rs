//! `motions`: every motion, on what footing it stands, and what is wrong with it (R21, R22, R24, R28, R29, R33, R34, R36).

use crate::calendar::Day;
use crate::motions::procedure::Procedure;
use crate::motions::shared::{count, lists_of, meant, plain, same};
use crate::{Cell, Doc, On, Sheet, Table, View, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

pub(crate) static VIEW: View = View {
    name: "motions",
    title: "Motions",
    about: "Which motions are there, on what footing does each stand, and how did it end?",
    on: On::Committee,
    reads: &["motion", "nomination", "concern", "domain"],
    requirements: &[21, 22, 23, 24, 26, 27, 28, 29, 33, 34, 36],
    compute,
};

/// Forms by which somebody loses something: they need reasons and an earlier concern.
const AGAINST: &[&str] = &["offboard", "disband", "split", "oversight", "second"];

/// One row for each motion. A domain narrows it down to its motions, a motion or a concern to what it is about.
fn compute(world: &World<'_>, only: Option<&Doc<'_>>) -> Sheet {
    let mut table = Table::new(
        "motions",
        "Motions",
        &[
            ("motion", "Motion"),
            ("form", "Form"),
            ("subject", "About"),
            ("by", "Opened by"),
            ("member", "By a member"),
            ("opened", "On"),
            ("voluntary", "Voluntary"),
            ("reasons", "Reasons"),
            ("notice_until", "Notice until"),
            ("reply", "Reply"),
            ("concern", "Concern before"),
            ("concerns", "Concerns"),
            ("replacement", "Replacement"),
            ("replacement_word", "The replacement"),
            ("options", "Options"),
            ("options_max", "At most"),
            ("outcome", "Outcome"),
            ("effects", "Effect"),
            ("waits_for", "Waits for"),
            ("flags", "Flagged"),
        ],
        "There is no motion. Anyone with a key can open one.",
    );
    let shown: Vec<&Doc<'_>> = world.of("motion").filter(|motion| belongs(motion, only)).collect();
    let (mut flagged, mut advice) = (0, 0);
    for motion in &shown {
        let case = Case::of(world, motion);
        flagged += usize::from(!case.flags.is_empty());
        advice += usize::from(case.form == "recommend");
        table.row(case.row(world, motion));
    }
    let mut sheet = Sheet::new("Motions");
    if !shown.is_empty() {
        sheet = sheet.say(format!(
            "{} of {} motions are flagged. A flag stops nothing: it says what the record shows.",
            flagged,
            shown.len()
        ));
    }
    if advice > 0 {
        sheet = sheet.say(format!(
            "{advice} are recommendations: they have no effect, whatever comes of them."
        ));
    }
    sheet.table(table).table(alternatives(world, &shown))
}

fn belongs(motion: &Doc<'_>, only: Option<&Doc<'_>>) -> bool {
    let Some(only) = only else { return true };
    match only.kind() {
        "concern" => {
            same(motion.value("subject"), only.value("about")) || lists_of(motion, "concerns").contains(&only.id())
        }
        _ => [
            Some(motion.id()),
            motion.named("domain"),
            motion.named("subject"),
            motion.named("replacement"),
        ]
        .contains(&Some(only.id())),
    }
}

/// What the record shows of one motion.
struct Case {
    form: &'static str,
    at: Procedure,
    voluntary: Option<&'static str>,
    reasons: bool,
    options: u64,
    most: u64,
    concern: &'static str,
    concerns: Vec<Id>,
    replacement: Option<&'static str>,
    flags: Vec<&'static str>,
}

impl Case {
    fn of(world: &World<'_>, motion: &Doc<'_>) -> Self {
        let form = form(motion.text("form").unwrap_or_default());
        let concerns = concerns(world, motion);
        let mut case = Self {
            form,
            at: Procedure::of(world, motion),
            voluntary: motion.fact("voluntary").and_then(Value::as_text).and_then(voluntary),
            reasons: reasons(motion),
            options: match motion.value("options") {
                Some(Value::Lines(lines)) => count(lines.len()),
                _ => 2,
            },
            most: world.parameter_for("options_max", form),
            concern: "not needed",
            concerns,
            replacement: replacement(world, motion),
            flags: Vec::new(),
        };
        if AGAINST.contains(&form) && case.voluntary != Some("yes") {
            case.concern = if case.concerns.is_empty() {
                "no earlier concern"
            } else {
                "raised before"
            };
        }
        case.flags = case.flags(motion);
        case
    }

    fn flags(&self, motion: &Doc<'_>) -> Vec<&'static str> {
        let against = AGAINST.contains(&self.form);
        let involuntary = matches!(self.form, "offboard" | "disband") && self.voluntary != Some("yes");
        let resigned = self
            .at
            .conclusions
            .iter()
            .any(|conclusion| conclusion.outcome == "resigned");
        let vote = motion.day("vote_from").zip(self.at.free);
        let conflict = |field| {
            motion
                .document
                .content()
                .fields
                .get(field)
                .is_some_and(|r| r.values.len() > 1)
        };
        let all = [
            (against && motion.value("subject").is_none(), "names nobody"),
            (
                against && motion.named("subject").is_none() && motion.value("subject").is_some(),
                "names somebody without an identity",
            ),
            (conflict("subject") || conflict("form"), "contradicts itself"),
            (
                self.voluntary == Some("not signed by the subject"),
                "voluntary but not signed by the subject",
            ),
            (involuntary && !self.reasons, "no reasons"),
            (self.concern == "no earlier concern", "no earlier concern"),
            (self.replacement == Some(UNHEARD), UNHEARD),
            (self.options > self.most, "too many options"),
            (self.options < 2, "no choice"),
            (
                vote.is_some_and(|(from, free)| from < Day::of(free)),
                "vote before the reply or the end of notice",
            ),
            (
                self.at.conclusions.iter().any(|conclusion| conclusion.premature),
                "premature conclusion",
            ),
            (
                resigned && self.voluntary != Some("yes"),
                "resigned without the signature of the subject",
            ),
        ];
        all.into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, word)| word)
            .collect()
    }

    fn row(&self, world: &World<'_>, motion: &Doc<'_>) -> Vec<Cell> {
        let words = |words: &[&'static str]| Cell::List(words.iter().map(|word| Cell::Word(word)).collect());
        vec![
            Cell::Doc(motion.id()),
            Cell::Word(self.form),
            meant(world, motion.value("subject")),
            Cell::Person(motion.by()),
            Cell::Flag(world.was_member(motion.by(), motion.opened().claimed)),
            Cell::Day(Day::of(motion.opened().claimed)),
            Cell::of(self.voluntary, Cell::Word),
            Cell::Flag(self.reasons),
            Cell::of(self.at.notice.as_ref().and_then(|notice| notice.until), Cell::Day),
            Cell::Word(self.at.reply),
            Cell::Word(self.concern),
            Cell::List(self.concerns.iter().map(|id| Cell::Doc(*id)).collect()),
            meant(world, motion.value("replacement")),
            Cell::of(self.replacement, Cell::Word),
            Cell::Int(self.options),
            Cell::Int(self.most),
            Cell::of(self.at.outcome, Cell::Word),
            Cell::Word(if self.form == "recommend" {
                "none"
            } else {
                "as concluded"
            }),
            Cell::Word(self.at.waits),
            words(&self.flags),
        ]
    }
}

/// R22: reasons are what stands in their own field. Thanks put there a second time are still thanks.
fn reasons(motion: &Doc<'_>) -> bool {
    let thanks = motion.text("thanks").map(plain);
    motion
        .text("reasons")
        .is_some_and(|reasons| Some(plain(reasons)) != thanks)
}

/// R36: concerns about the same subject that were raised before the motion, and those that it lists, unless they are
/// about somebody else. By id.
fn concerns(world: &World<'_>, motion: &Doc<'_>) -> Vec<Id> {
    let subject = motion.value("subject");
    let about = |concern: &Doc<'_>| {
        let unclear = matches!(concern.value("about"), Some(Value::Text(_))) || matches!(subject, Some(Value::Text(_)));
        let listed = lists_of(motion, "concerns").contains(&concern.id());
        same(concern.value("about"), subject) || (listed && unclear)
    };
    let before = world
        .of("concern")
        .filter(|concern| concern.opened().earliest() < motion.opened().claimed);
    let mut found: Vec<Id> = before.filter(|concern| about(concern)).map(Doc::id).collect();
    found.sort_unstable();
    found
}

/// What is flagged of a replacement who was not asked.
const UNHEARD: &str = "nominated by someone else has not spoken yet";

/// R24: whether who follows has said so.
fn replacement(world: &World<'_>, motion: &Doc<'_>) -> Option<&'static str> {
    let named = motion.value("replacement")?;
    let Some(id) = named.as_id() else {
        return Some("a name without a nomination");
    };
    if motion.by() == id || motion.acts("join").any(|act| act.by == id) {
        return Some("has signed this motion");
    }
    let of_them = |doc: &&Doc<'_>| doc.id() == id || doc.named("nominee") == Some(id);
    let nomination = world.of("nomination").filter(of_them).last();
    let Some(nomination) = nomination else {
        return Some("not nominated");
    };
    let nominee = nomination.named("nominee");
    let wrote = |who: Id| {
        nomination
            .document
            .outcomes()
            .iter()
            .any(|entry| entry.by == who && entry.in_record)
    };
    Some(match nomination.state() {
        Some("accepted") => "stands",
        Some("declined") => "declined",
        Some("withdrawn") => "withdrawn",
        _ if nominee.is_some_and(wrote) => "has not accepted yet",
        _ => UNHEARD,
    })
}

/// R28: alternatives are motions of their own.
fn alternatives(world: &World<'_>, shown: &[&Doc<'_>]) -> Table {
    let mut table = Table::new(
        "alternatives",
        "Alternatives",
        &[
            ("motion", "Motion"),
            ("alternative", "Alternative"),
            ("form", "Form"),
            ("outcome", "Outcome"),
            ("linked", "Linked"),
        ],
        "No motion names an alternative. A second facilitator, a split or oversight is a motion of its own.",
    );
    for motion in shown {
        for id in lists_of(motion, "alternatives") {
            let other = world.doc(*id).filter(|doc| doc.kind() == "motion");
            let linked = match other {
                None => "not a motion here",
                Some(other) if lists_of(other, "alternatives").contains(&motion.id()) => "by both",
                Some(_) => "by this one",
            };
            table.row(vec![
                Cell::Doc(motion.id()),
                Cell::Doc(*id),
                Cell::of(other, |other| Cell::Word(form(other.text("form").unwrap_or_default()))),
                Cell::of(other.and_then(|other| Procedure::of(world, other).outcome), Cell::Word),
                Cell::Word(linked),
            ]);
        }
    }
    table
}

/// A form, as a word of ours.
fn form(text: &str) -> &'static str {
    let known = [
        "onboard",
        "offboard",
        "disband",
        "split",
        "oversight",
        "second",
        "recommend",
        "petition",
    ];
    known.into_iter().find(|word| *word == text).unwrap_or("other")
}

fn voluntary(text: &str) -> Option<&'static str> {
    let known = ["yes", "no", "unknown", "not signed by the subject"];
    known.into_iter().find(|word| *word == text)
}
