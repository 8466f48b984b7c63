//! Writing an act of any kind into a document: a post, an answer, a stance, an acceptance, a grant.

mod control;
mod quote;
mod sealed;
mod titles;

use std::sync::Arc;

use althing_protocol::authority::ROLES;
use althing_protocol::graph::Class;
use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Field, Kind, Shape, Type};
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value as Json, json};

use self::sealed::Sealed;
use super::form::{CONSENT, Do, Fault, Items, People, Posted, Turn, Values, content};
use super::may::May;
use super::write::{Query, owner};
use super::{Page, View, capital, page, part};
use crate::http::api::{act, document};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::load::Loaded;
use crate::http::session::Reader;

/// The passage that a reply quotes, as somebody pasted it.
const QUOTE: &str = "_quote";

/// The field by which somebody grants a role that is not known.
const ODD: &str = "_odd";

/// Kinds that need a root key, have pages of their own or are made by programs.
pub(super) const ELSEWHERE: [&str; 7] = ["enroll", "retire", "rotate", "take_up", "cosign", "anchor", "fraud"];

/// All fields of the form of an act.
fn all_fields(kind: &'static Kind) -> Vec<&'static Field> {
    control::fields(kind).iter().chain(kind.fields).collect()
}

/// The field that names the entry which an act is about or answers.
fn target(kind: &Kind) -> Option<&'static str> {
    let names = ["reply_to", "entry", "grant"];
    let has = |name: &&str| kind.field(name).is_some() || control::fields(kind).iter().any(|field| field.name == *name);
    kind.target.or_else(|| names.into_iter().find(has))
}

/// `GET /d/{id}/act/{kind}?to=ENTRY&field=F&quote=…`
pub(super) async fn form(
    State(context): State<Arc<Context>>,
    reader: Reader,
    Path((id, name)): Path<(String, String)>,
    Query(given): Query,
) -> Response {
    page(context, reader, move |view| {
        owner(view)?;
        let desk = Desk::open(view.context, &id, &name, &given)?;
        let turn = Turn::opened(view.context, &desk.form, desk.given(view.context, &given));
        Ok(desk.sheet(view, turn))
    })
    .await
}

/// `POST /d/{id}/act/{kind}`
pub(super) async fn send(
    State(context): State<Arc<Context>>,
    Path((id, name)): Path<(String, String)>,
    Query(given): Query,
    posted: Posted,
) -> Response {
    let Posted { reader, button, values } = posted;
    let opened = context
        .blocking(move |context| Desk::open(context, &id, &name, &given))
        .await;
    let desk = match opened {
        Ok(desk) => desk,
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
    };
    if button != Do::Write {
        return page(context, reader, move |view| {
            let turn = Turn::pressed(view.context, &desk.form, &all_fields(desk.kind), button, values)?;
            Ok(desk.sheet(view, turn))
        })
        .await;
    }
    let read = context.blocking(move |context| {
        let body = desk.read(context, &values);
        if let Ok(Ready {
            sealed: Some(sealed), ..
        }) = &body
        {
            sealed.keep(context, desk.loaded.document.id(), None)?;
        }
        Ok((desk, values, body))
    });
    let (desk, values, body, sealed) = match read.await {
        Ok((desk, values, Ok(Ready { body, sealed }))) => (desk, values, body, sealed),
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
        Ok((desk, values, Err(faults))) => {
            return page(context, reader, move |view| {
                let turn = Turn::wrong(view.context, &desk.form, values, faults);
                Ok(desk.sheet(view, turn))
            })
            .await;
        }
    };
    let act = act::Act {
        kind: desk.kind.name.to_owned(),
        body,
        text: None,
        consent: values.get(CONSENT) == "yes",
    };
    match act::write(&context, desk.loaded.document.id().to_string(), act).await {
        Ok(answer) => {
            let id = answer.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
            let to = desk.after(&context, &id);
            if let Some(sealed) = sealed
                && let Err(problem) = sealed.keep(&context, desk.loaded.document.id(), Some(&id))
            {
                return page(context, reader, move |_| Err(problem)).await;
            }
            super::write::written(context, reader, desk.form, to).await
        }
        Err(problem) => {
            page(context, reader, move |view| {
                let turn = Turn::refused(view.context, &desk.form, values, &problem);
                Ok(desk.sheet(view, turn))
            })
            .await
        }
    }
}

/// What a form holds, as it is written.
struct Ready {
    body: Map<String, Json>,
    /// A text that it commits to.
    sealed: Option<Sealed>,
}

/// A form for one kind of act in one document.
struct Desk {
    loaded: Arc<Loaded>,
    kind: &'static Kind,
    /// The entry that it is about.
    about: Option<Id>,
    /// Its path, with what makes it another form than its neighbours.
    form: String,
}

impl Desk {
    fn open(context: &Context, id: &str, name: &str, given: &[(String, String)]) -> Result<Self, Problem> {
        let is_act = |kind: &Kind| kind.shape == Shape::Act && !ELSEWHERE.contains(&kind.name);
        let kind = kind::find(name)
            .filter(|kind| is_act(kind))
            .ok_or_else(|| Problem::UnknownKind {
                what: "act",
                name: name.chars().take(80).collect(),
                known: document::names(is_act),
            })?;
        let loaded = document::load(context, id)?;
        if !kind.fits(loaded.document.kind_name()) {
            return Err(Problem::Misfit {
                kind: kind.name,
                document: loaded.document.kind_name().to_owned(),
                fits: act::places(kind),
            });
        }
        let param = |name: &str| {
            given
                .iter()
                .find(|(given, _)| given == name)
                .map(|(_, value)| value.as_str())
        };
        // A quote is a passage, or the entry that somebody wants to quote from.
        let whole = param("quote").filter(|quote| quote.parse::<Id>().is_ok());
        let to = target(kind).and_then(|field| param(field).or_else(|| param("to")).or(whole));
        let about = match to.filter(|text| !text.is_empty()) {
            Some(text) => Some(context.ingest.read(|state| ids::num(state, text, "entry"))?.1),
            None => None,
        };
        let mut form = format!("/d/{}/act/{}", loaded.document.id(), kind.name);
        let mut sign = '?';
        if let Some(about) = about {
            form.push_str(&format!("?to={about}"));
            sign = '&';
        }
        // What a question is about makes it another one; other parameters only fill in.
        let plain = |text: &&str| {
            text.len() <= 100
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
        };
        for name in ["field", "item"] {
            if let Some(text) = param(name).filter(plain) {
                form.push_str(&format!("{sign}{name}={text}"));
                sign = '&';
            }
        }
        Ok(Self {
            loaded,
            kind,
            about,
            form,
        })
    }

    /// What the form holds when it is opened.
    fn given(&self, context: &Context, given: &[(String, String)]) -> Values {
        let fields = all_fields(self.kind);
        let mut values = Values::default();
        for (name, value) in given {
            match fields.iter().find(|field| field.name == name).map(|field| field.ty) {
                Some(Type::Ids { .. }) => {
                    values.set(format!("{name}.0._item"), "");
                    values.set(format!("{name}.0.id"), somebody(context, value));
                }
                Some(Type::List { .. }) | None => {}
                Some(_) => values.set(name, value),
            }
        }
        if let Some(quote) = given
            .iter()
            .find(|(name, text)| name == "quote" && text.parse::<Id>().is_err())
        {
            values.set(QUOTE, &quote.1);
        }
        // Who amends begins with what stands there.
        if self.kind.name == "amend"
            && values.get("text").is_empty()
            && let Some(outcome) = self.about.and_then(|id| self.loaded.document.outcome(id))
        {
            let standing = outcome
                .amended
                .and_then(|id| self.loaded.document.outcome(id))
                .unwrap_or(outcome);
            values.set("text", quote::text_of(&self.loaded, standing).unwrap_or_default());
        }
        values
    }

    /// Fields that people fill in: those that the page's address gave are sent along, quotes are pasted.
    fn shown(&self) -> Vec<&'static Field> {
        let given = self.about.and(target(self.kind));
        let shown = |field: &&Field| Some(field.name) != given && field.name != "quotes";
        all_fields(self.kind).into_iter().filter(shown).collect()
    }

    fn read(&self, context: &Context, values: &Values) -> Result<Ready, Vec<Fault>> {
        let commits = self.kind.name == "commit";
        let mut shown = self.shown();
        if commits {
            // It is computed from the text, or asked for in words of its own.
            shown.retain(|field| !sealed::is_own(self.kind, field) || !values.get(field.name).trim().is_empty());
        }
        let read = context.ingest.read(|state| content(state, self.kind, &shown, values));
        let mut faults = read.as_ref().err().cloned().unwrap_or_default();
        let mut body = read.unwrap_or_default();
        if let (Some(about), Some(field)) = (self.about, target(self.kind)) {
            body.insert(field.to_owned(), json!(about));
        }
        let role = values.get("role").trim();
        let known = role.is_empty() || ROLES.iter().any(|(name, _)| *name == role);
        if self.kind.name == "grant" && !known && values.get(ODD) != "yes" {
            faults.push(Fault::new(
                "role",
                "This release knows no such role. Choose one that is suggested, or say below that you mean it.",
            ));
        }
        let passage = values.get(QUOTE).trim();
        if let (Some(about), false, true) = (self.about, passage.is_empty(), self.quotes()) {
            let text = quote::said(context, about);
            match text.and_then(|text| quote::find(&text, passage)) {
                Some((start, end)) => {
                    let quote = json!([{ "entry": about, "start": start, "end": end }]);
                    drop(body.insert("quotes".to_owned(), quote));
                }
                None => faults.push(Fault::new(
                    QUOTE,
                    "This passage is not in the entry above; copy it from there, or leave this empty.",
                )),
            }
        }
        let sealed = commits.then(|| sealed::read(values, &mut body, &mut faults)).flatten();
        if faults.is_empty() {
            Ok(Ready { body, sealed })
        } else {
            Err(faults)
        }
    }

    fn quotes(&self) -> bool {
        self.kind.field("quotes").is_some()
    }

    /// Where one goes when it is written.
    fn after(&self, context: &Context, entry: &str) -> String {
        let id = self.loaded.document.id();
        let short = entry.get(..8).unwrap_or_default();
        match super::write::class_of(context, id) {
            Some(Class::Committee) if self.kind.ruled || self.kind.name == "vouch" => format!("/c/{id}/people"),
            Some(Class::Identity) => format!("/p/{id}"),
            _ => format!("/d/{id}#e-{short}"),
        }
    }

    fn sheet(&self, view: &View<'_>, mut turn: Turn) -> Page {
        let space = self.loaded.space;
        let people = People::new(view.context, Some(space));
        turn.items = self.items(&turn.values);
        let (title, verb) = titles::of(self.kind);
        let main = html! {
            h1 { (title) }
            p.lead {
                (self.kind.about) " In "
                a href=(super::write::home_of(view.context, self.loaded.document.id())) { (part::refer::title(view, &self.loaded)) }
                "."
            }
            @if let Some(about) = self.about { (entry(view, about)) }
            (super::write::standing(view, space))
            @for warning in self.warnings(view) { p.note.warn role="note" { "⚠ " (warning) } }
            (turn.sheet(view, &self.form, &people, &verb, self.fields(&turn)))
        };
        Page {
            status: turn.status,
            committee: super::write::committee_of(view, space),
            ..Page::new(title, main)
        }
    }

    /// What of this document its fields may name.
    fn items(&self, values: &Values) -> Items {
        let all = Items::of(&self.loaded, None);
        match values.get("field").trim() {
            "" => all,
            list => all.only(list),
        }
    }

    fn fields(&self, turn: &Turn) -> Markup {
        let show = turn.show();
        let fault = turn.faults.iter().find(|fault| fault.at == QUOTE);
        html! {
            @if self.quotes() && self.about.is_some() {
                div.field {
                    label for="f--quote" { "Quote" }
                    p.hint #f--quote-hint { "A passage of the entry above, copied from there. It is shown with your words and leads back to it." }
                    @if let Some(fault) = fault { p.fault { "⚠ " (fault.say) } }
                    textarea #f--quote name=(QUOTE) rows="2" aria-describedby="f--quote-hint" { "\n" (turn.values.get(QUOTE)) }
                }
            }
            @if self.kind.name == "commit" { (sealed::fields(turn, self.kind)) }
            @for field in self.shown().into_iter().filter(|field| !sealed::is_own(self.kind, field)) { (show.field(field)) }
            @if self.kind.name == "grant" && turn.faults.iter().any(|fault| fault.at == "role") {
                div.field.flag {
                    label { input type="checkbox" name=(ODD) value="yes"; " I mean this role, though this release does not know it: it makes a member" }
                }
            }
        }
    }

    /// What the author should know before signing: that it will not count, and why.
    fn warnings(&self, view: &View<'_>) -> Vec<String> {
        let own = view.context.ingest.home().identity();
        let mut out = Vec::new();
        out.extend(May::new(view, &self.loaded).not(self.kind));
        if matches!(self.kind.name, "amend" | "retract")
            && let Some(outcome) = self.about.and_then(|id| self.loaded.document.outcome(id))
            && outcome.by != own
        {
            out.push("Only its author can do this; from you it will not count.".to_owned());
        }
        if self.kind.name == "revoke"
            && let Some(grant) = self.about
            && let Ok(Some(warning)) = act::warning(view.context, &grant.to_string())
        {
            out.push(capital(&warning) + ".");
        }
        out
    }
}

/// Whoever is asked: the author, where the address names an entry of theirs.
fn somebody(context: &Context, text: &str) -> String {
    let author = context.ingest.read(|state| {
        let (num, _) = ids::num(state, text, "entry").ok()?;
        Some(state.graph().id(state.graph().author(num)))
    });
    match author {
        Some(author) => People::of(context, author).label(&author),
        None => text.to_owned(),
    }
}

/// What a form for this kind of act is called.
pub(super) fn title(kind: &Kind) -> String {
    titles::of(kind).0
}

/// An entry as it is shown above a form that is about it.
pub(super) fn entry(view: &View<'_>, id: Id) -> Markup {
    let found = super::write::outcome_of(view.context, id);
    html! {
        blockquote.about {
            @match &found {
                Some((loaded, outcome)) => {
                    p.by { (part::person::link(view, outcome.by)) " · " (outcome.kind.replace('_', " ")) " · " a href={ "/e/" (id) } title=(id) { (id.short()) } }
                    @match quote::text_of(loaded, outcome) {
                        Some(text) => div.text { (part::markdown::html(&text)) },
                        None => p.quiet { "It has no text here." },
                    }
                }
                None => p { "The entry " a href={ "/e/" (id) } title=(id) { (id.short()) } " is not here yet." },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_a_form() {
        for kind in kind::all()
            .iter()
            .filter(|kind| kind.shape == Shape::Act && !ELSEWHERE.contains(&kind.name))
        {
            assert!(!all_fields(kind).is_empty(), "{}", kind.name);
        }
        assert_eq!(target(kind::find("post").unwrap()), Some("reply_to"));
        assert_eq!(target(kind::find("label").unwrap()), Some("entry"));
        assert_eq!(target(kind::find("stance").unwrap()), None);
    }
}
