//! The frame around every page: where one is, search, what waits, who one is, how the node is connected.

use maud::{DOCTYPE, Markup, html};

use super::{Page, View, asset, form, part};

/// A mark for the browser's tab: a ring of stones.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' \
                    cy='8' r='5.5' fill='none' stroke='%231f4e79' stroke-width='3' stroke-dasharray='3.2 2.56'/%3E%3C/svg%3E";

pub(super) fn frame(view: &View<'_>, page: Page) -> Markup {
    let copied = || view.reader.copy.map(|id| (id, part::refer::committee(view, id)));
    let committee = page.committee.clone().or_else(copied);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · Althing" }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href=(asset::style());
                @if let Some(feed) = &page.feed {
                    link rel="alternate" type="application/atom+xml" href=(feed) title=(page.title);
                }
                @if view.reader.copy.is_some() { (kept()) } @else { script defer src=(asset::script()) {} }
            }
            body {
                a.skip href="#main" { "Skip to the text" }
                header.top {
                    nav aria-label="Main" {
                        @if view.reader.copy.is_none() { a.brand href="/" { "Althing" } }
                        @if let Some((id, name)) = &committee {
                            a href={ "/c/" (id) } { (name) }
                            a href={ "/c/" (id) "/views" } { "Views" }
                        }
                    }
                    @if view.reader.copy.is_some() {
                        nav.me aria-label="This copy" { a href="/search" { "Search" } }
                    } @else {
                        (find())
                        (me(view, &page))
                    }
                }
                div.columns.broad[page.broad] {
                    main #main tabindex="-1" { (page.main) }
                    @if let Some(side) = page.side {
                        aside aria-label="Facts" { (side) }
                    }
                }
                @if view.reader.owner { (form::at_once(view)) }
                footer.bottom {
                    @if view.reader.copy.is_some() {
                        p {
                            "A copy of what a node held and had verified on " (part::time::at(view.now)) ". It asks nobody and can be checked: "
                            a href="/README.txt" { "how" } "."
                        }
                    } @else {
                        p {
                            "Served by this node from what it holds and verified itself. "
                            a href="/api/v1/openapi.json" { "API" }
                        }
                    }
                }
            }
        }
    }
}

/// What a browser may do with a page that is kept: in a folder nobody sends headers.
fn kept() -> Markup {
    html! {
        meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src 'self' file: data:; base-uri 'none'; form-action 'none'";
        meta name="referrer" content="no-referrer";
    }
}

fn find() -> Markup {
    html! {
        form.find role="search" aria-label="This node" action="/search" method="get" {
            label.hidden for="find" { "Search" }
            input #find type="search" name="q" placeholder="Search" autocomplete="off";
            button type="submit" { "Search" }
        }
    }
}

fn me(view: &View<'_>, page: &Page) -> Markup {
    let home = view.context.ingest.home();
    html! {
        nav.me aria-label="You and this node" {
            a href="/network" { (part::sync::line(view, page.committee.as_ref().map(|(id, _)| *id))) }
            @if view.reader.owner {
                a href={ "/p/" (home.identity()) } { (home.name()) }
                a href="/settings" { "Settings" }
            } @else {
                span.quiet { "Reading only" }
            }
        }
    }
}
