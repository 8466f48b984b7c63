//! Writing an act of any kind into a document: a post, an answer, a stance, an acceptance, a grant.

use std::sync::Arc;

use althing_protocol::authority::ROLES;
use althing_protocol::control::Owner;
use althing_protocol::document::Outcome;
use althing_protocol::graph::Class;
use althing_protocol::hash::Id;
use althing_protocol::kind::{self, Field, Kind, Needs, Shape, Type, Value};
use althing_protocol::limit;
use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value as Json, json};

use super::form::{CONSENT, Do, Fault, People, Posted, Turn, Values, content};
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

/// Letters of a passage that is looked for.
const PASSAGE: usize = 2000;

/// The field by which somebody grants a role that is not known.
const ODD: &str = "_odd";

/// Kinds that need a root key, have pages of their own or are made by programs.
const ELSEWHERE: [&str; 7] = ["enroll", "retire", "rotate", "take_up", "cosign", "anchor", "fraud"];

/// What acts of authority say in their headers, as fields of a form.
const GRANT: &[Field] = &[
    Field::new(
        "role",
        Type::Line { max: limit::NAME },
        "The role. Other names than those that are suggested are possible; they make a member.",
    )
    .required(),
    Field::new("to", Type::Id, "Who gets it.").required(),
    Field::new(
        "scope",
        Type::Id,
        "The document to which it is bound; empty for the whole committee.",
    ),
];
const REVOKE: &[Field] = &[Field::new("grant", Type::Id, "The grant that ends.").required()];
const VOUCH: &[Field] = &[
    Field::new("identity", Type::Id, "The newcomer.").required(),
    Field::new(
        "quota",
        Type::Int { max: limit::VOUCH },
        "How many of their next entries your node takes up by itself.",
    )
    .required(),
];
const PARAMETER: &[Field] = &[
    Field::new(
        "name",
        Type::Line { max: limit::NAME },
        "The parameter, such as notice_days.",
    )
    .required(),
    Field::new("value", Type::Int { max: limit::INT }, "Its value.").required(),
];

/// What an act says in its header, as fields.
fn control(kind: &Kind) -> &'static [Field] {
    match kind.name {
        "grant" => GRANT,
        "revoke" => REVOKE,
        "vouch" => VOUCH,
        "set_parameter" => PARAMETER,
        _ => &[],
    }
}

/// All fields of the form of an act.
fn all_fields(kind: &'static Kind) -> Vec<&'static Field> {
    control(kind).iter().chain(kind.fields).collect()
}

/// The field that names the entry which an act is about or answers.
fn target(kind: &Kind) -> Option<&'static str> {
    let names = ["reply_to", "entry", "grant"];
    let has = |name: &&str| kind.field(name).is_some() || control(kind).iter().any(|field| field.name == *name);
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
        Ok(desk.sheet(view, &turn))
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
            Ok(desk.sheet(view, &turn))
        })
        .await;
    }
    let read = context.blocking(move |context| {
        let body = desk.read(context, &values);
        Ok((desk, values, body))
    });
    let (desk, values, body) = match read.await {
        Ok((desk, values, Ok(body))) => (desk, values, body),
        Err(problem) => return page(context, reader, move |_| Err(problem)).await,
        Ok((desk, values, Err(faults))) => {
            return page(context, reader, move |view| {
                let turn = Turn::wrong(view.context, &desk.form, values, faults);
                Ok(desk.sheet(view, &turn))
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
            super::write::written(context, reader, desk.form, to).await
        }
        Err(problem) => {
            page(context, reader, move |view| {
                let turn = Turn::refused(view.context, &desk.form, values, &problem);
                Ok(desk.sheet(view, &turn))
            })
            .await
        }
    }
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
            values.set("text", text_of(&self.loaded, standing).unwrap_or_default());
        }
        values
    }

    /// Fields that people fill in: those that the page's address gave are sent along, quotes are pasted.
    fn shown(&self) -> Vec<&'static Field> {
        let given = self.about.and(target(self.kind));
        let shown = |field: &&Field| Some(field.name) != given && field.name != "quotes";
        all_fields(self.kind).into_iter().filter(shown).collect()
    }

    fn read(&self, context: &Context, values: &Values) -> Result<Map<String, Json>, Vec<Fault>> {
        let read = context
            .ingest
            .read(|state| content(state, self.kind, &self.shown(), values));
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
            let text = said(context, about);
            match text.and_then(|text| find(&text, passage)) {
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
        if faults.is_empty() { Ok(body) } else { Err(faults) }
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

    fn sheet(&self, view: &View<'_>, turn: &Turn) -> Page {
        let space = self.loaded.space;
        let people = People::new(view.context, Some(space));
        let (title, verb) = words(self.kind);
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
            (turn.sheet(view, &self.form, &people, &verb, self.fields(turn)))
        };
        Page {
            status: turn.status,
            committee: super::write::committee_of(view, space),
            ..Page::new(title, main)
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
            @for field in self.shown() { (show.field(field)) }
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
        let holds = |role: Option<&str>| {
            view.context.ingest.read(|state| {
                let (committee, num) = (state.committee(&self.loaded.space)?, state.graph().num(&own)?);
                Some(
                    committee.authority().holds(num, role, state.graph())
                        || (role.is_none() && committee.is_member(num)),
                )
            })
        };
        match self.kind.needs {
            Some(Needs::Role(role)) if holds(Some(role)) == Some(false) => out.push(format!(
                "You do not hold the role {role} in this committee, so this will be shown but will not count."
            )),
            Some(Needs::Member) if holds(None) == Some(false) => {
                out.push("You are no member of this committee, so this will be shown but will not count.".to_owned());
            }
            _ => {}
        }
        if self.kind.ruled && holds(Some("steward")) == Some(false) {
            out.push(
                "You are neither founder nor steward here, so your signature under this will not count.".to_owned(),
            );
        }
        if matches!(self.kind.name, "amend" | "retract")
            && let Some(outcome) = self.about.and_then(|id| self.loaded.document.outcome(id))
            && outcome.by != own
        {
            out.push("Only its author can do this; from you it will not count.".to_owned());
        }
        if matches!(self.kind.name, "accept" | "decline") && !self.is_nominee(own) {
            out.push("This counts only from the nominee.".to_owned());
        }
        if self.kind.name == "revoke"
            && let Some(grant) = self.about
            && let Ok(Some(warning)) = act::warning(view.context, &grant.to_string())
        {
            out.push(capital(&warning) + ".");
        }
        out
    }

    fn is_nominee(&self, own: Id) -> bool {
        let document = &self.loaded.document;
        let of_part = |owner: &&Owner| owner.part.as_deref() == Some("platform");
        let named: Vec<Id> = document
            .owners()
            .iter()
            .filter(of_part)
            .map(|owner| owner.identity)
            .collect();
        if !named.is_empty() {
            return named.contains(&own);
        }
        let field = document
            .content()
            .fields
            .get("nominee")
            .and_then(|register| register.single());
        field.and_then(Value::as_id) == Some(own)
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

/// The title of a form and what its button says.
fn words(kind: &Kind) -> (String, String) {
    let (title, verb) = match kind.name {
        "post" => ("Write a post", "Sign and post"),
        "question" => ("Ask a question", "Sign and ask"),
        "answer" => ("Answer a question", "Sign the answer"),
        "stance" => ("Say where you stand", "Sign the stance"),
        "accept" => ("Accept the nomination", "Sign the acceptance"),
        "decline" => ("Decline the nomination", "Sign the refusal"),
        "withdraw" => ("Withdraw", "Sign the withdrawal"),
        "amend" => ("Amend your own words", "Sign the new text"),
        "retract" => ("Take your own words back", "Sign the retraction"),
        "label" => ("Put a label on an entry", "Sign the label"),
        "vouch" => ("Vouch for a newcomer", "Sign the vouch"),
        "disclose" => ("Disclose an interest", "Sign the disclosure"),
        "grant" => ("Grant a role", "Sign the grant"),
        "revoke" => ("Revoke a grant", "Sign the revocation"),
        "set_parameter" => ("Set a parameter", "Sign the parameter"),
        "link" => ("Add another name of yours", "Sign the link"),
        other => return (capital(&other.replace('_', " ")), "Sign".to_owned()),
    };
    (title.to_owned(), verb.to_owned())
}

/// An entry as it is shown above a form that is about it.
pub(super) fn entry(view: &View<'_>, id: Id) -> Markup {
    let found = super::write::outcome_of(view.context, id);
    html! {
        blockquote.about {
            @match &found {
                Some((loaded, outcome)) => {
                    p.by { (part::person::link(view, outcome.by)) " · " (outcome.kind.replace('_', " ")) " · " a href={ "/e/" (id) } title=(id) { (id.short()) } }
                    @match text_of(loaded, outcome) {
                        Some(text) => div.text { (part::markdown::html(&text)) },
                        None => p.quiet { "It has no text here." },
                    }
                }
                None => p { "The entry " a href={ "/e/" (id) } title=(id) { (id.short()) } " is not here yet." },
            }
        }
    }
}

/// The main text that an entry says itself.
fn text_of(loaded: &Loaded, outcome: &Outcome) -> Option<String> {
    let name = if outcome.id == loaded.document.id() {
        loaded.document.kind()?.text?
    } else {
        kind::find(&outcome.kind)?.text?
    };
    let act = outcome
        .fields()
        .and_then(|fields| fields.get(name))
        .and_then(Value::as_text);
    let root = || {
        outcome
            .change()
            .and_then(|change| change.set.get(name))
            .and_then(|value| value.as_text())
    };
    act.or_else(root).map(str::to_owned)
}

fn said(context: &Context, id: Id) -> Option<String> {
    let (loaded, outcome) = super::write::outcome_of(context, id)?;
    text_of(&loaded, &outcome)
}

/// Where a passage stands in a text, in code points. Spaces and the signs of markdown may differ: what is copied from
/// a page has none.
fn find(text: &str, passage: &str) -> Option<(usize, usize)> {
    let letters =
        |text: &str| -> Vec<(usize, char)> { text.chars().enumerate().filter(|(_, c)| c.is_alphanumeric()).collect() };
    let (text, passage) = (letters(text), letters(passage));
    let wanted: Vec<char> = passage.into_iter().map(|(_, c)| c).collect();
    if wanted.is_empty() || wanted.len() > PASSAGE {
        return None;
    }
    let found = text
        .windows(wanted.len())
        .find(|window| window.iter().map(|(_, c)| c).eq(wanted.iter()))?;
    Some((found.first()?.0, found.last()?.0 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_found_as_it_was_copied_from_the_page() {
        let text = "Ä *bold* claim,\nand more.";
        assert_eq!(find(text, "bold claim, and"), Some((3, 19)));
        assert_eq!(text.chars().skip(3).take(16).collect::<String>(), "bold* claim,\nand");
        assert_eq!(find(text, "nothing like it"), None);
        assert_eq!(find(text, " … "), None);
    }

    #[test]
    fn every_act_has_a_form_and_says_what_its_button_does() {
        for kind in kind::all()
            .iter()
            .filter(|kind| kind.shape == Shape::Act && !ELSEWHERE.contains(&kind.name))
        {
            assert!(!words(kind).0.is_empty());
            assert!(!all_fields(kind).is_empty(), "{}", kind.name);
        }
        assert_eq!(target(kind::find("post").unwrap()), Some("reply_to"));
        assert_eq!(target(kind::find("label").unwrap()), Some("entry"));
        assert_eq!(target(kind::find("stance").unwrap()), None);
    }
}
