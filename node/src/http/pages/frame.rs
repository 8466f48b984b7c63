//! The frame around every page: where one is, search, what waits, who one is, how the node is connected.

use maud::{DOCTYPE, Markup, html};

use super::{Page, View, asset, form, part};

/// A mark for the browser's tab: a ring of stones.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' \
                    cy='8' r='5.5' fill='none' stroke='%231f4e79' stroke-width='3' stroke-dasharray='3.2 2.56'/%3E%3C/svg%3E";

pub(super) fn frame(view: &View<'_>, page: Page) -> Markup {
    let home = view.context.ingest.home();
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
                script defer src=(asset::script()) {}
            }
            body {
                a.skip href="#main" { "Skip to the text" }
                header.top {
                    nav aria-label="Main" {
                        a.brand href="/" { "Althing" }
                        @if let Some((id, name)) = &page.committee {
                            a href={ "/c/" (id) } { (name) }
                            a href={ "/c/" (id) "/views" } { "Views" }
                        }
                    }
                    form.find role="search" aria-label="This node" action="/search" method="get" {
                        label.hidden for="find" { "Search" }
                        input #find type="search" name="q" placeholder="Search" autocomplete="off";
                        button type="submit" { "Search" }
                    }
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
                div.columns {
                    main #main tabindex="-1" { (page.main) }
                    @if let Some(side) = page.side {
                        aside aria-label="Facts" { (side) }
                    }
                }
                @if view.reader.owner { (form::at_once(view)) }
                footer.bottom {
                    p {
                        "Served by this node from what it holds and verified itself. "
                        a href="/api/v1/openapi.json" { "API" }
                    }
                }
            }
        }
    }
}
