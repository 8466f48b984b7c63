//! How far a motion has come: whom it is about, their notice and their reply, what it waits for, and which of its
//! conclusions came too early (R23, R26, R29).

use crate::calendar::Day;
use crate::motions::shared::{made, once};
use crate::{Doc, World};
use althing_protocol::hash::Id;
use althing_protocol::kind::Value;

/// Forms that are about somebody even if they do not say about whom.
const ABOUT: &[&str] = &["offboard", "disband", "split", "oversight", "second"];

/// Where a motion stands.
pub(crate) struct Procedure {
    /// The identities that it is about.
    pub(crate) subjects: Vec<Id>,
    /// The notice that they have; none for a motion that is about nobody.
    pub(crate) notice: Option<Notice>,
    /// Whether they have spoken, in a word.
    pub(crate) reply: &'static str,
    /// When the last of them had.
    pub(crate) spoken: Option<u64>,
    /// The moment from which it may go on; none while nothing says when.
    pub(crate) free: Option<u64>,
    /// What was said of its end, in canonical order.
    pub(crate) conclusions: Vec<Conclusion>,
    /// How it ended: by the last conclusion that did not come too early.
    pub(crate) outcome: Option<&'static str>,
    /// What it waits for.
    pub(crate) waits: &'static str,
}

/// Working days in which whom a motion is about can speak before it goes on.
pub(crate) struct Notice {
    /// The day on which it was given, which does not count.
    pub(crate) from: Day,
    /// How many.
    pub(crate) days: u64,
    /// The last of them; none where that is more than twenty years ahead.
    pub(crate) until: Option<Day>,
}

/// A `conclude`.
pub(crate) struct Conclusion {
    pub(crate) entry: Id,
    pub(crate) by: Id,
    pub(crate) day: Day,
    pub(crate) outcome: &'static str,
    /// Whether it came before the reply and before the end of the notice.
    pub(crate) premature: bool,
}

impl Procedure {
    pub(crate) fn of(world: &World<'_>, motion: &Doc<'_>) -> Self {
        let form = motion.text("form").unwrap_or("other");
        let subjects = motion.fact("subject").map_or(&[][..], Value::as_ids).to_vec();
        let about = motion.value("subject").is_some() || ABOUT.contains(&form);
        let notice = about.then(|| Notice::of(world, motion));
        let spoken = spoken(motion, &subjects);
        let over = notice.as_ref().map(|notice| notice.until.map(Day::ends));
        let free = match (over, spoken) {
            (None, _) => Some(0),
            (Some(over), spoken) => over.into_iter().chain(spoken).min(),
        };
        let conclusions = conclusions(world, motion, free);
        let ended = conclusions.iter().rev().find(|conclusion| !conclusion.premature);
        let withdrawn = motion.acts("withdraw").next().is_some();
        let outcome = ended.map(|conclusion| conclusion.outcome);
        let outcome = outcome.or_else(|| withdrawn.then_some("withdrawn"));
        let mut out = Self {
            reply: "",
            waits: "",
            subjects,
            notice,
            spoken,
            free,
            conclusions,
            outcome,
        };
        out.reply = out.reply_word(world, motion);
        out.waits = out.waits_for(world, motion, form);
        out
    }

    /// Whether it may go on.
    pub(crate) fn is_free(&self, now: u64) -> bool {
        self.free.is_some_and(|free| now >= free)
    }

    fn reply_word(&self, world: &World<'_>, motion: &Doc<'_>) -> &'static str {
        let replied = |who: &Id| once(motion, "reply_right").any(|act| act.by == *who);
        match &self.notice {
            None => "not needed",
            _ if self.subjects.is_empty() => "nobody can reply",
            _ if self.subjects.iter().all(replied) => "given",
            _ if self.spoken.is_some() => "signed it",
            _ if self.is_free(world.now) => "silent",
            _ => "waiting",
        }
    }

    fn waits_for(&self, world: &World<'_>, motion: &Doc<'_>, form: &str) -> &'static str {
        let today = world.today();
        match () {
            () if self.outcome.is_some() => "nothing",
            () if !self.is_free(world.now) && self.subjects.is_empty() => "the end of the notice",
            () if !self.is_free(world.now) => "the reply or the end of the notice",
            () if form == "petition" && motion.state() != Some("reached") => "signatures",
            () if motion.day("vote_from").is_some_and(|from| today < from) => "its vote",
            () if motion.day("vote_until").is_some_and(|until| today <= until) => "the end of its vote",
            () => "a conclusion",
        }
    }
}

impl Notice {
    /// It begins when the motion first named whom it is about, in this form: an edit that puts another name into an old
    /// motion begins it anew. A motion can lengthen it, never shorten it.
    fn of(world: &World<'_>, motion: &Doc<'_>) -> Self {
        let content = motion.document.content();
        let set = ["subject", "form"].into_iter();
        let set = set.filter_map(|field| Some(content.fields.get(field)?.values.first()?.entry));
        let given = set.chain([motion.id()]).map(|entry| motion.when(entry).earliest());
        let from = Day::of(given.max().unwrap_or(0));
        let own = motion.int("notice_days").unwrap_or(0);
        let days = own.max(world.parameter("notice_working_days"));
        let until = world.calendar().after(from, days);
        Self { from, days, until }
    }

    /// Working days that are left after today.
    pub(crate) fn left(&self, world: &World<'_>) -> Option<u64> {
        let from = world.today().max(self.from);
        Some(world.calendar().between(from, self.until?))
    }
}

/// When the last of those whom it is about had opened it, signed it or replied to it. A reply that its author took back
/// has been given all the same: taking it back does not make a conclusion early that was not.
fn spoken(motion: &Doc<'_>, subjects: &[Id]) -> Option<u64> {
    let first = |who: &Id| {
        let opened = (motion.by() == *who).then(|| motion.opened().earliest());
        let acts = once(motion, "reply_right").chain(once(motion, "join"));
        let said = acts.filter(|act| act.by == *who).map(|act| act.when.earliest());
        said.chain(opened).min()
    };
    let all: Option<Vec<u64>> = subjects.iter().map(first).collect();
    all?.into_iter().max()
}

fn conclusions(world: &World<'_>, motion: &Doc<'_>, free: Option<u64>) -> Vec<Conclusion> {
    let acts = motion.acts("conclude").filter(|act| made(world, act.when));
    let said = acts.filter_map(|act| {
        Some(Conclusion {
            entry: act.id,
            by: act.by,
            day: Day::of(act.when.claimed),
            outcome: word(act.text("outcome")?)?,
            premature: free.is_none_or(|free| act.when.latest() < free),
        })
    });
    said.collect()
}

/// The outcomes of motions, as words of ours.
fn word(outcome: &str) -> Option<&'static str> {
    let known = [
        "retained",
        "removed",
        "resigned",
        "onboarded",
        "carried",
        "rejected",
        "withdrawn",
        "lapsed",
    ];
    known.into_iter().find(|word| *word == outcome)
}
