//! What the owner decides about this node alone: which texts to keep, whom to refuse, what to hide, keys, figures.
//!
//! Bounds: [`NOTICES`] erasures and as many refusals are listed; the data folder is measured over [`FILES`] files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use althing_protocol::hash::Id;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value as Json;

use super::form::{People, Posted, button, name_of};
use super::write::{self, owner};
use super::{Page, View, page, part, start};
use crate::drafts;
use crate::filters::Filter;
use crate::http::api::identity;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ids;
use crate::http::session::Reader;
use crate::store::Bodies;
use crate::store::withheld::Act;

/// Notices that are listed.
const NOTICES: usize = 200;

/// Files of the data folder that are measured, at most this many folders deep.
const FILES: usize = 20_000;
const DEEP: usize = 6;

/// Documents that are offered one by one.
const DOCS: usize = 200;

/// `GET /settings`
pub(super) async fn settings(State(context): State<Arc<Context>>, reader: Reader) -> Response {
    page(context, reader, |view| {
        owner(view)?;
        Ok(Page::new("Settings", whole(view, None)?))
    })
    .await
}

async fn again(context: Arc<Context>, reader: Reader, problem: Problem) -> Response {
    page(context, reader, move |view| {
        let mut page = Page::new("Settings", whole(view, Some(&problem))?);
        page.status = problem.status().0;
        Ok(page)
    })
    .await
}

/// `POST /settings/bodies`: which texts of a committee are kept.
pub(super) async fn bodies(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let Posted { reader, values, .. } = posted;
    let chosen = context.ingest.read(|state| {
        let (_, id) = ids::committee(state, values.get("committee"))?;
        let bodies = match values.get("bodies") {
            "none" => Bodies::None,
            "docs" => {
                let docs = values.get("docs").split_whitespace().take(crate::ingest::DOCS);
                let ticked = values
                    .pairs()
                    .into_iter()
                    .filter_map(|(name, _)| name.strip_prefix("doc.").map(str::to_owned));
                let all: BTreeSet<Id> = docs
                    .map(str::to_owned)
                    .chain(ticked)
                    .map(|doc| ids::id(state, &doc))
                    .collect::<Result<_, _>>()?;
                Bodies::Docs(all)
            }
            _ => Bodies::All,
        };
        Ok::<_, Problem>((id, bodies))
    });
    let done = match chosen {
        Ok((id, bodies)) => context.ingest.follow(id, bodies).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => write::go("/settings#follow"),
        Err(problem) => again(context, reader, problem).await,
    }
}

/// `POST /settings/filters`: one filter more or less.
pub(super) async fn filters(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let Posted { reader, values, .. } = posted;
    let done = context.blocking(move |context| {
        let by = match values.get("by").trim() {
            "" => None,
            text => Some(
                context
                    .ingest
                    .read(|state| ids::num(state, name_of(text), "identity"))?
                    .1,
            ),
        };
        let filter = Filter {
            label: values.get("label").to_owned(),
            by,
        };
        match values.get("remove") {
            "yes" => context.filters.remove(&filter)?,
            _ => context.filters.add(filter)?,
        }
        Ok(())
    });
    match done.await {
        Ok(()) => write::go("/settings#filters"),
        Err(problem) => again(context, reader, problem).await,
    }
}

/// `POST /settings/accept`: an identity's texts are taken again.
pub(super) async fn accept(State(context): State<Arc<Context>>, posted: Posted) -> Response {
    let identity = context
        .ingest
        .read(|state| ids::id(state, posted.values.get("identity")));
    let done = match identity {
        Ok(identity) => context.ingest.accept(identity).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => write::go("/settings#refused"),
        Err(problem) => again(context, posted.reader, problem).await,
    }
}

fn whole(view: &View<'_>, problem: Option<&Problem>) -> Result<Markup, Problem> {
    Ok(html! {
        h1 { "Settings" }
        @if let Some(problem) = problem { p.fault role="alert" { "⚠ " (super::capital(&problem.say())) "." } }
        p.lead { "All of this is about this node alone. Nobody else sees it, and no record changes by it." }
        nav.contents aria-label="Settings" {
            a href="#follow" { "Committees" } " · " a href="#refused" { "Refused and erased" } " · " a href="#filters" { "Filters" } " · "
            a href="#keys" { "Keys and devices" } " · " a href="#node" { "This node" }
        }
        section #follow { h2 { "Committees and their texts" } (followed(view)) }
        section #refused { h2 { "Refused and erased" } (withheld(view)?) }
        section #filters { h2 { "Filters" } (hidden(view)) }
        section #keys { h2 { "Keys and devices" } (start::keys(view)) (devices(view)?) }
        section #node { h2 { "This node" } (node(view)) }
    })
}

fn followed(view: &View<'_>) -> Markup {
    let followed: Vec<Id> = view.context.ingest.read(|state| state.followed().collect());
    html! {
        @if followed.is_empty() { p { "None yet: " a href="/start" { "begin here" } "." } }
        @for id in &followed { (committee(view, *id)) }
        p { a.button href="/committees/follow" { "Follow another" } " " a.button href="/committees/new" { "Found one" } }
        p.hint { "A followed committee stays: its record is what your node vouches for to others. To keep less, keep no texts of it." }
    }
}

fn committee(view: &View<'_>, id: Id) -> Markup {
    let chosen = view.context.ingest.bodies_of(&id);
    let name = view.context.cache.name(&view.context.ingest, id);
    let kept: BTreeSet<Id> = match &chosen {
        Some(Bodies::Docs(docs)) => docs.clone(),
        _ => BTreeSet::new(),
    };
    let docs: Vec<Id> = view.context.ingest.read(|state| {
        let graph = state.graph();
        let of_it = graph.num(&id).into_iter().flat_map(|space| graph.roots(space));
        of_it.take(DOCS).map(|num| graph.id(*num)).collect()
    });
    let (all, none, some) = (
        matches!(chosen, None | Some(Bodies::All)),
        matches!(chosen, Some(Bodies::None)),
        matches!(chosen, Some(Bodies::Docs(_))),
    );
    let beyond: Vec<String> = kept
        .iter()
        .filter(|doc| !docs.contains(doc))
        .map(ToString::to_string)
        .collect();
    html! {
        form.sheet.small method="post" action="/settings/bodies" {
            input type="hidden" name="_secret" value=(view.context.session.form());
            input type="hidden" name="committee" value=(id);
            fieldset.field.choice {
                legend { a href={ "/c/" (id) } { (name.unwrap_or_else(|| id.short())) } }
                div.options {
                    label { input type="radio" name="bodies" value="all" checked[all]; " All texts" }
                    label { input type="radio" name="bodies" value="none" checked[none]; " No texts" }
                    label { input type="radio" name="bodies" value="docs" checked[some]; " Some documents" }
                }
                @if !docs.is_empty() {
                    details open[some] {
                        summary { "Which documents" }
                        @for doc in &docs {
                            label.line {
                                input type="checkbox" name={ "doc." (doc) } value="yes" checked[kept.contains(doc)]; " "
                                (part::refer::titled(view, *doc)) " " span.quiet title=(doc) { (doc.short()) }
                            }
                        }
                        input type="hidden" name="docs" value=(beyond.join(" "));
                        p.hint { "Texts that are here already stay here." }
                    }
                }
                button type="submit" name="_do" value="write" { "Keep it so" }
            }
        }
    }
}

fn withheld(view: &View<'_>) -> Result<Markup, Problem> {
    let store = view.context.ingest.store();
    let notices = |act| view.context.ingest.read(|_| store.notices(act, None, NOTICES));
    let (refused, erased) = (notices(Act::Refuse)?, notices(Act::Erase)?);
    Ok(html! {
        h3 { "Refused people" }
        @if refused.is_empty() { p.quiet { "Nobody. Their page has the button." } }
        ul.list {
            @for notice in &refused {
                li {
                    (part::person::link(view, notice.of)) " · " (part::time::ago(view, notice.time)) ": " (part::text::visible(&notice.reason))
                    " " (button(view, "/settings/accept", &[("identity", &notice.of.to_string())], "Take their texts again"))
                }
            }
        }
        h3 { "Erased texts" }
        @if erased.is_empty() { p.quiet { "None." } }
        ul.list {
            @for notice in &erased {
                li {
                    a href={ "/e/" (notice.of) } title=(notice.of) { (notice.of.short()) } " · " (part::time::ago(view, notice.time)) ": "
                    (part::text::visible(&notice.reason))
                }
            }
        }
        @if !erased.is_empty() { p.hint { "An erasure stands: the text is gone, and this node takes it from nobody." } }
    })
}

fn hidden(view: &View<'_>) -> Markup {
    let people = People::new(view.context, None);
    let filters = view.context.filters.all();
    html! {
        p { "Entries under these labels are folded away. A line in their place says so, with the label and who put it there; one click shows them." }
        @if filters.is_empty() { p.quiet { "Nothing is hidden." } }
        ul.list {
            @for filter in &filters {
                li {
                    "“" (part::text::visible(&filter.label)) "” "
                    @match filter.by { Some(by) => { "by " (part::person::link(view, by)) }, None => "by any moderator" }
                    " "
                    @let by = filter.by.map(|by| by.to_string()).unwrap_or_default();
                    (button(view, "/settings/filters", &[("label", &filter.label), ("by", &by), ("remove", "yes")], "Remove"))
                }
            }
        }
        form.sheet.small method="post" action="/settings/filters" {
            input type="hidden" name="_secret" value=(view.context.session.form());
            div.field {
                label for="f-label" { "Label" }
                input #f-label name="label" maxlength="64" required placeholder="spam" autocomplete="off";
            }
            div.field {
                label for="f-by" { "Put there by" }
                p.hint #f-by-hint { "A moderator whom you trust with it; empty for every moderator." }
                input #f-by name="by" list="people" autocomplete="off" aria-describedby="f-by-hint";
            }
            button type="submit" name="_do" value="write" { "Hide them" }
        }
        (people.list())
    }
}

fn devices(view: &View<'_>) -> Result<Markup, Problem> {
    let told = identity::list(view.context, view.context.ingest.home().identity())?;
    let items = told.get("items").and_then(Json::as_array).cloned().unwrap_or_default();
    let text = |item: &Json, name: &str| item.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    Ok(html! {
        table {
            caption { "Devices that sign for you" }
            thead { tr { th scope="col" { "Machine" } th scope="col" { "For" } th scope="col" { "State" } th scope="col" { "Entries" } } }
            tbody {
                @for item in &items {
                    tr {
                        th scope="row" {
                            (part::text::visible(&text(item, "title"))) " "
                            span.quiet title=(text(item, "id")) { (text(item, "id").get(..8).unwrap_or_default()) }
                            @if !text(item, "here").is_empty() { " (this machine)" }
                        }
                        td { (text(item, "use")) }
                        td { (text(item, "status")) }
                        td { (item.get("entries").and_then(Json::as_u64).unwrap_or(0)) }
                    }
                }
            }
        }
        p { "These need the root key, so they are commands: a page never sees it." }
        dl.commands {
            dt { "Another machine of yours" } dd { code { "althing id enroll REQUEST --keys FILE" } }
            dt { "A machine is stolen, sold or lost" } dd { code { "althing id retire MACHINE --keys FILE" } }
            dt { "Somebody else may have the root key" } dd { code { "althing id rotate --keys FILE --output NEW-FILE" } }
        }
    })
}

fn node(view: &View<'_>) -> Markup {
    let context = view.context;
    let home = context.ingest.home();
    let addresses: Vec<String> = (context.network.addresses)().iter().map(ToString::to_string).collect();
    let peers = (context.network.peers)().len();
    let (bytes, files) = size(home.dir());
    let drafts = context.drafts.all().len();
    html! {
        dl.facts {
            dt { "Version" } dd { (env!("CARGO_PKG_VERSION")) }
            dt { "Data folder" } dd { code { (home.dir().display()) } " · " (amount(bytes)) " in " (files) " files" @if files >= FILES { " or more" } }
            dt { "Entries" } dd { (context.ingest.read(|state| state.graph().len())) }
            dt { "Page" } dd { code { (context.url) } }
            dt { "Known to peers as" } dd { code { (context.network.peer) } }
            dt { "Reached at" } dd {
                @if addresses.is_empty() { "no address" }
                @for address in &addresses { code { (address) } br; }
            }
            dt { "Peers" } dd { a href="/network" { (peers) " connected" } }
            dt { "Drafts" } dd { a href="/drafts" { (drafts) " of " (drafts::MOST) } }
        }
    }
}

/// Bytes and number of the files in a folder, as far as they are counted.
fn size(dir: &Path) -> (u64, usize) {
    let (mut bytes, mut files) = (0u64, 0);
    let mut open = vec![(dir.to_owned(), 0)];
    while let Some((dir, deep)) = open.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok) {
            if files >= FILES {
                return (bytes, files);
            }
            match entry.metadata() {
                Ok(meta) if meta.is_dir() && deep < DEEP => open.push((entry.path(), deep + 1)),
                Ok(meta) if meta.is_file() => {
                    bytes = bytes.saturating_add(meta.len());
                    files += 1;
                }
                _ => {}
            }
        }
    }
    (bytes, files)
}

/// Bytes for people.
fn amount(bytes: u64) -> String {
    match bytes {
        0..=1_048_575 => format!("{} KiB", bytes.div_ceil(1024)),
        1_048_576..=1_073_741_823 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}
