//! One entry of a thread: who, what, to whom it replies, what it quotes, and one line of facts.
//!
//! Bounds: a thread shows a page of entries at a time; [`QUOTES`] quotes of [`QUOTED`] characters and [`LABELS`] labels
//! stand on one.

use althing_protocol::anchor::time::{Span, Timely};
use althing_protocol::document::{Cause, Effect, Outcome};
use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Kind, Value};
use hashbrown::{HashMap, HashSet};
use maud::{Markup, html};

use super::{control, markdown, person, refer, status, text, time, value, words};
use crate::http::load::Loaded;
use crate::http::pages::View;
use crate::http::query;

/// Quotes of one entry that are shown, and characters of each.
const QUOTES: usize = 16;
const QUOTED: usize = 600;

/// Labels and amendments of one entry that are shown.
const LABELS: usize = 16;

/// Fields of one edit that are named.
const FIELDS: usize = 12;

/// Characters of the text that a reply leads back to.
const GIST: usize = 70;

/// What all entries of one document share.
pub(crate) struct Thread<'a> {
    view: &'a View<'a>,
    loaded: &'a Loaded,
    /// Roles that people hold now.
    roles: HashMap<Id, Vec<String>>,
    /// Labels by the entry that they are on.
    labels: HashMap<Id, Vec<&'a Outcome>>,
    /// Between which blocks they came to be.
    spans: HashMap<Id, Span>,
    /// A moment, in seconds since 1970, by which entries had to come.
    pub(crate) deadline: Option<u64>,
    /// Entries on this page.
    pub(crate) here: HashSet<Id>,
    /// Entries that came since the reader last looked.
    pub(crate) unread: HashSet<Id>,
    /// The owner, if they are reading, and how others name them.
    me: Option<(Id, String)>,
}

impl<'a> Thread<'a> {
    pub(crate) fn new(view: &'a View<'a>, loaded: &'a Loaded) -> Self {
        let mut labels: HashMap<Id, Vec<&Outcome>> = HashMap::new();
        let counting = loaded
            .document
            .acts()
            .filter(|act| act.kind == "label" && act.effect == Effect::Effective);
        for act in counting {
            if let Some(entry) = act.fields().and_then(|fields| fields.get("entry")?.as_id()) {
                labels.entry(entry).or_default().push(act);
            }
        }
        let home = view.context.ingest.home();
        Self {
            view,
            loaded,
            roles: roles(view, loaded.space),
            spans: query::spans(view.context, loaded),
            deadline: None,
            labels,
            here: HashSet::new(),
            unread: HashSet::new(),
            me: view
                .reader
                .owner
                .then(|| (home.identity(), format!("@{}", home.name()))),
        }
    }

    /// An entry; folded away behind a line where the owner's filters say so.
    pub(crate) fn entry(&self, act: &Outcome) -> Markup {
        let labels = self.labels.get(&act.id).into_iter().flatten().copied();
        let filters = &self.view.context.filters;
        let hidden = self.view.reader.owner.then(|| filters.hides(act.id, labels)).flatten();
        match hidden {
            None => self.whole(act),
            Some(hidden) => html! {
                details.filtered {
                    summary {
                        "Hidden here by your filter: an entry labelled “" (text::visible(&hidden.label)) "” by "
                        (person::called(self.view, hidden.by)) ". Show it"
                    }
                    (self.whole(act))
                }
            },
        }
    }

    /// An entry, whole.
    fn whole(&self, act: &Outcome) -> Markup {
        let header = self.loaded.header(&act.id);
        let quiet = act.effect != Effect::Effective;
        html! {
            article.entry .unread[self.unread.contains(&act.id)] .off[quiet] #(refer::anchor(act.id)) data-entry=(act.id) tabindex="-1" {
                header {
                    h3 { (self.by(act)) " " span.did { (self.did(act)) } }
                    p.when {
                        @if let Some(header) = header {
                            a href={ "#" (refer::anchor(act.id)) } { (time::ago(self.view, header.time)) }
                        }
                        @if self.unread.contains(&act.id) { " " span.new { "new" } }
                        @if self.names_me(act) { " " span.new { "names you" } }
                    }
                }
                (self.about(act))
                (self.quotes(act))
                (self.words(act))
                (self.marks(act))
                footer {
                    p.facts {
                        span { (status::effect(self.view, self.loaded.document.id(), act)) }
                        span { (status::record(self.view, act)) }
                        @if let Some(header) = header { span { (time::range(self.view, header, self.spans.get(&act.id))) } }
                        @if let Some(deadline) = self.deadline { span.timely { (self.timely(act.id, deadline)) } }
                        span { a href={ "/e/" (act.id) } { (text::id(act.id)) } }
                    }
                    (self.menu(act))
                }
            }
        }
    }

    /// Whether it came by a moment, as far as final blocks show.
    fn timely(&self, id: Id, deadline: u64) -> Markup {
        let span = self.spans.get(&id).copied().unwrap_or_default();
        let moment = time::at(deadline.saturating_mul(1000));
        html! {
            @match span.by(deadline) {
                Timely::OnTime => { "on time for " (moment) },
                Timely::Late => { strong { "late" } " for " (moment) },
                Timely::Unproven => { "unproven whether by " (moment) },
            }
        }
    }

    /// Whether its text names the reader: by `@name`, or by a link to them.
    fn names_me(&self, act: &Outcome) -> bool {
        let Some((me, name)) = &self.me else { return false };
        let text = said(self.loaded, act).filter(|_| act.by != *me);
        text.is_some_and(|text| (name.len() > 1 && text.contains(name.as_str())) || text.contains(&format!("/p/{me}")))
    }

    /// The author, with the roles that they hold now.
    fn by(&self, act: &Outcome) -> Markup {
        html! {
            (person::link(self.view, act.by))
            @for role in self.roles.get(&act.by).into_iter().flatten().take(3) {
                " " span.role title="a role that they hold now" { (text::visible(role)) }
            }
        }
    }

    fn did(&self, act: &Outcome) -> Markup {
        let text = |name: &str| act.fields().and_then(|fields| fields.get(name)?.as_text());
        html! {
            @match (&*act.kind, text("position")) {
                ("stance", Some(position)) => {
                    strong { (words::position(position)) }
                    @if let Some(Value::Int(percent)) = act.fields().and_then(|fields| fields.get("confidence")) {
                        ", " (percent) " % sure"
                    }
                    @if let Some(class) = text("class") { ", as " (text::visible(class)) }
                },
                (kind, _) => (words::did(kind)),
            }
        }
    }

    /// What it replies to, is about, or signs.
    fn about(&self, act: &Outcome) -> Markup {
        let id = |name: &str| act.fields().and_then(|fields| fields.get(name)?.as_id());
        let field = act.fields().and_then(|fields| fields.get("field")?.as_text());
        let header = self.loaded.header(&act.id);
        html! {
            @if let Some(to) = id("reply_to") { p.reply { "↪ in reply to " (self.lead(to)) } }
            @if let Some(entry) = id("entry") { p.reply { "↪ about " (self.lead(entry)) } }
            @if let Some(field) = field {
                p.reply { "↪ about the field " a href={ "/d/" (self.loaded.document.id()) "#f-" (text::visible(field)) } { (words::human(field)) } }
            }
            @if let Some(line) = header.and_then(|header| control::line(self.view, header)) { p.does { (line) } }
            @if let Some(change) = act.change() {
                p.does {
                    "Changed "
                    @for (n, field) in change.fields().iter().take(FIELDS).enumerate() {
                        @if n > 0 { ", " }
                        (words::human(field).to_lowercase())
                    }
                    ": " a href={ "/d/" (self.loaded.document.id()) "/versions?b=" (act.id) } { "see the difference" }
                }
            }
            @if act.kind == "take_up" { @if let Some(header) = header {
                p.does {
                    "Took up "
                    @for (n, entry) in header.after.iter().take(16).enumerate() { @if n > 0 { ", " } (refer::link(self.view, *entry)) }
                }
            } }
        }
    }

    /// A link to another entry of the document, with its author and its first words.
    fn lead(&self, to: Id) -> Markup {
        let document = &self.loaded.document;
        let path = match self.here.contains(&to) {
            true => format!("#{}", refer::anchor(to)),
            false => refer::href(document.id(), to),
        };
        html! {
            @match document.outcome(to) {
                Some(_) if to == document.id() => a href={ "/d/" (to) } { "the document itself" },
                Some(target) => {
                    a.back href=(path) title=(to) {
                        bdi { (person::called(self.view, target.by)) }
                        @if let Some(words) = said(self.loaded, target) { ": “" bdi { (markdown::gist(words, GIST)) } "”" }
                    }
                },
                None => { (refer::link(self.view, to)) " (not in this document)" },
            }
        }
    }

    fn quotes(&self, act: &Outcome) -> Markup {
        let quotes = act.fields().and_then(|fields| fields.get("quotes"));
        let Some(Value::List(quotes)) = quotes else {
            return html! {};
        };
        html! {
            @for quote in quotes.iter().take(QUOTES) {
                @if let (Some(entry), place) = (quote.get("entry").and_then(Value::as_id), place(quote)) {
                    blockquote.quote {
                        @match self.loaded.document.outcome(entry).and_then(|target| said(self.loaded, target)) {
                            Some(words) => p dir="auto" { (text::visible(&passage(words, place))) },
                            None => p.quiet { "The passage quoted is not here." },
                        }
                        footer { "— " (self.lead(entry)) }
                    }
                }
            }
        }
    }

    /// Whether an amendment's text stands where it belongs: then it is not repeated.
    fn stands_elsewhere(&self, act: &Outcome) -> bool {
        let target = act.fields().and_then(|fields| fields.get("entry")?.as_id());
        let target = target.and_then(|target| self.loaded.document.outcome(target));
        act.kind == "amend" && target.is_some_and(|target| target.amended == Some(act.id))
    }

    /// Its text: the one that stands, with the first one beside it if there was another.
    fn words(&self, act: &Outcome) -> Markup {
        let document = &self.loaded.document;
        let first = act_text(act);
        let standing = act.amended.and_then(|id| document.outcome(id));
        let standing = standing.and_then(|amendment| Some((amendment, act_text(amendment)?)));
        html! {
            @if let Some(gone) = status::body(self.view, self.loaded, act) { (gone) }
            @match (standing, first) {
                (Some((amendment, text)), first) => {
                    div.prose dir="auto" { (markdown::html(text)) }
                    details.amended {
                        summary {
                            "Its author put this text in the place of an earlier one"
                            @if let Some(header) = self.loaded.header(&amendment.id) { ", " (time::at(header.time)) }
                        }
                        @if let Some(first) = first { div.prose.was dir="auto" { (markdown::html(first)) } }
                        p { @for (n, id) in act.amendments.iter().take(LABELS).enumerate() { @if n > 0 { ", " } (self.lead(*id)) } }
                    }
                },
                (None, Some(_)) if self.stands_elsewhere(act) => {},
                (None, Some(text)) => {
                    div.prose dir="auto" { (markdown::html(text)) }
                    @if !act.amendments.is_empty() {
                        p.note {
                            "Later texts of its author contradict each other, so the first one stands: "
                            @for (n, id) in act.amendments.iter().take(LABELS).enumerate() { @if n > 0 { ", " } (self.lead(*id)) }
                        }
                    }
                },
                (None, None) => {},
            }
            (self.others(act))
        }
    }

    /// Fields that nothing else here shows.
    fn others(&self, act: &Outcome) -> Markup {
        const SHOWN: [&str; 8] = [
            "reply_to",
            "entry",
            "quotes",
            "position",
            "confidence",
            "class",
            "field",
            "text",
        ];
        let (Some(kind), Some(fields)) = (kind::find(&act.kind), act.fields()) else {
            return html! {};
        };
        let left = kind
            .fields
            .iter()
            .filter(|field| !SHOWN.contains(&field.name) && kind.text != Some(field.name));
        let left: Vec<_> = left
            .filter_map(|field| Some((field, fields.get(field.name)?)))
            .collect();
        html! {
            @if !left.is_empty() {
                dl.facts {
                    @for (field, found) in left { dt { (words::human(field.name)) } dd { (value::value(self.view, field, found)) } }
                }
            }
        }
    }

    /// What was said about it later: labels, and that its author took it back.
    fn marks(&self, act: &Outcome) -> Markup {
        html! {
            @for label in self.labels.get(&act.id).into_iter().flatten().take(LABELS) {
                @let field = |name: &str| label.fields().and_then(|fields| fields.get(name)?.as_text());
                p.label {
                    (status::chip(status::Tone::Warn, &format!("Labelled “{}”", text::visible(field("label").unwrap_or_default()))))
                    " by " (person::link(self.view, label.by)) ": " bdi { (markdown::gist(field("reason").unwrap_or_default(), 200)) } " " (self.at(label.id, "see the label"))
                }
            }
            @if let Some(by) = act.retracted.filter(|_| !matches!(act.cause, Some(Cause::Retracted { .. }))) {
                p.label {
                    (status::chip(status::Tone::Info, "Taken back")) " by its author"
                    @if let Some(header) = self.loaded.header(&by) { ", " (time::at(header.time)) }
                    ". It stays readable. " (self.at(by, "see it"))
                }
            }
        }
    }

    fn at(&self, entry: Id, words: &str) -> Markup {
        html! { a href=(refer::href(self.loaded.document.id(), entry)) { (words) } }
    }

    fn menu(&self, act: &Outcome) -> Markup {
        let doc = self.loaded.document.id();
        let own = self.me.as_ref().is_some_and(|(me, _)| *me == act.by);
        let undo = kind::find(&act.kind).map(|kind: &Kind| kind.undo);
        let act_on = |kind: &str| format!("/d/{doc}/act/{kind}?to={}", act.id);
        html! {
            p.menu {
                @if self.me.is_some() {
                    @if act.kind == "question" { a.answer href=(act_on("answer")) { "Answer" } " " }
                    @for (kind, says) in answers_to(&act.kind) { a href=(act_on(kind)) { (says) } " " }
                    @if own && act.kind == "commit" { a href=(act_on("reveal")) { "Reveal" } " " }
                    a.reply-to href=(act_on("post")) { "Reply" } " "
                    @if said(self.loaded, act).is_some() { a href={ "/d/" (doc) "/act/post?quote=" (act.id) } { "Quote" } " " }
                    a href=(act_on("question")) { "Ask" } " "
                    @if own && undo == Some(kind::Undo::Amend) { a href=(act_on("amend")) { "Amend" } " " }
                    @if own && undo.is_some_and(|undo| undo != kind::Undo::No) && act.retracted.is_none() { a href=(act_on("retract")) { "Take back" } " " }
                    @if self.moderates() { a href=(act_on("label")) { "Label" } " " }
                }
                @if act.in_record && self.view.reader.copy.is_none() { a href={ "/api/v1/entries/" (act.id) "/proof" } download="" title="One file that shows to anybody, without a network, that this existed" { "Proof" } " " }
                a href={ "/e/" (act.id) } { "Raw" }
            }
        }
    }

    fn moderates(&self) -> bool {
        let mine = self.me.as_ref().and_then(|(me, _)| self.roles.get(me));
        mine.is_some_and(|roles| roles.iter().any(|role| role == "moderator"))
    }
}

/// What one does about an act of a kind, beside replying.
fn answers_to(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "objection" => &[("dispose", "Dispose of it")],
        "agreement" => &[("endorse", "Sign it")],
        "promise" => &[("resolve", "Kept or broken?")],
        "pledge" => &[("claim", "Claim it")],
        _ => &[],
    }
}

/// Roles that people hold now in a committee; founders first.
pub(crate) fn roles(view: &View<'_>, committee: Id) -> HashMap<Id, Vec<String>> {
    view.context.ingest.read(|state| {
        let mut out: HashMap<Id, Vec<String>> = HashMap::new();
        let (graph, Some(committee)) = (state.graph(), state.committee(&committee)) else {
            return out;
        };
        for founder in committee.authority().founders() {
            out.entry(graph.id(*founder)).or_default().push("founder".to_owned());
        }
        for role in committee.authority().roles(graph) {
            let roles = out.entry(graph.id(role.to)).or_default();
            if !roles.contains(&role.role) {
                roles.push(role.role);
            }
        }
        out
    })
}

/// What an entry says in words: its last amendment, else its own text; of the document itself, its main text.
pub(crate) fn said<'a>(loaded: &'a Loaded, outcome: &'a Outcome) -> Option<&'a str> {
    let document = &loaded.document;
    if outcome.id == document.id() {
        return loaded.text(document.kind()?.text?);
    }
    let amended = outcome.amended.and_then(|id| act_text(document.outcome(id)?));
    amended.or_else(|| act_text(outcome))
}

fn act_text(outcome: &Outcome) -> Option<&str> {
    outcome.fields()?.get(kind::find(&outcome.kind)?.text?)?.as_text()
}

/// Where a quote begins and ends, in characters.
fn place(quote: &kind::Record) -> Option<(usize, usize)> {
    let number = |name: &str| match quote.get(name) {
        Some(Value::Int(n)) => usize::try_from(*n).ok(),
        _ => None,
    };
    Some((number("start")?, number("end")?))
}

/// A passage of a text, by characters; its beginning where none is named.
fn passage(words: &str, place: Option<(usize, usize)>) -> String {
    let (start, end) = place.unwrap_or((0, QUOTED));
    let passage: String = words
        .chars()
        .skip(start)
        .take(end.saturating_sub(start).min(QUOTED + 1))
        .collect();
    text::short(&passage, QUOTED).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_cut_by_characters_and_never_too_long() {
        assert_eq!(passage("äöü and more", Some((1, 3))), "öü");
        assert_eq!(passage("abc", Some((5, 9))), "");
        assert_eq!(passage("abc", Some((2, 1))), "");
        assert_eq!(passage("abc", None), "abc");
        assert!(passage(&"x".repeat(9000), Some((0, usize::MAX))).chars().count() <= QUOTED + 1);
    }
}
