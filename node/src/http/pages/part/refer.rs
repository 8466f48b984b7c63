//! Links to what an id names.

use althing_protocol::graph::Class;
use althing_protocol::hash::Id;
use maud::{Markup, html};

use super::{person, text};
use crate::http::load::Loaded;
use crate::http::pages::View;

/// Characters of a title that are shown beside other things.
const TITLE: usize = 120;

/// What an id names here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Identity,
    Committee,
    Document,
    /// An entry of this document.
    Entry(Id),
    Absent,
}

/// Looks an id up.
pub(crate) fn sort(view: &View<'_>, id: Id) -> Sort {
    view.context.ingest.read(|state| {
        let graph = state.graph();
        let Some(num) = graph.num(&id) else { return Sort::Absent };
        match graph.node(num).class {
            Class::Identity => Sort::Identity,
            Class::Committee => Sort::Committee,
            Class::Document => Sort::Document,
            _ => Sort::Entry(graph.id(graph.node(num).doc)),
        }
    })
}

/// A link to whatever an id names.
pub(crate) fn link(view: &View<'_>, id: Id) -> Markup {
    match sort(view, id) {
        Sort::Identity => person::link(view, id),
        Sort::Committee => html! { a href={ "/c/" (id) } { bdi { (committee(view, id)) } } },
        Sort::Document => html! { a href={ "/d/" (id) } { bdi { (titled(view, id)) } } },
        Sort::Entry(doc) => html! { a href=(href(doc, id)) { "entry " (text::id(id)) } },
        Sort::Absent => html! { span.quiet { (text::id(id)) " (not here)" } },
    }
}

/// The path of an entry in its document's thread, whatever page of it that is.
pub(crate) fn href(doc: Id, entry: Id) -> String {
    if doc == entry {
        return format!("/d/{doc}");
    }
    format!("/d/{doc}?entry={entry}#{}", anchor(entry))
}

/// The name of an entry within a page.
pub(crate) fn anchor(entry: Id) -> String {
    format!("e-{}", entry.short())
}

/// What a committee calls itself.
pub(crate) fn committee(view: &View<'_>, id: Id) -> String {
    let name = view.context.cache.name(&view.context.ingest, id);
    let name = name.filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| format!("committee {}", id.short()));
    text::visible(&text::short(&name, TITLE)).into_owned()
}

/// The title of a document, by its id.
pub(crate) fn titled(view: &View<'_>, id: Id) -> String {
    let loaded = view.context.cache.gist(&view.context.ingest, id);
    loaded.map_or_else(|_| format!("document {}", id.short()), |loaded| title(view, &loaded))
}

/// What to call a document. A nomination without a title is called after whom it nominates.
pub(crate) fn title(view: &View<'_>, loaded: &Loaded) -> String {
    let document = &loaded.document;
    let named = document.title().map(|title| match document.kind_name() {
        "statement" if loaded.text("title").is_none() => super::words::human(&title),
        _ => title,
    });
    let about = || {
        let fields = document.kind()?.title.iter();
        let mut ids = fields.filter_map(|field| document.content().fields.get(field)?.values.first()?.value.as_id());
        let id = ids.next()?;
        match sort(view, id) {
            Sort::Identity => Some(person::called(view, id)),
            _ => None,
        }
    };
    let title = named.or_else(about);
    let title = title.unwrap_or_else(|| {
        format!(
            "{} {}",
            super::words::human(document.kind_name()),
            document.id().short()
        )
    });
    text::visible(&text::short(title.trim(), TITLE)).into_owned()
}
