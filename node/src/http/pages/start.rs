//! The first page of a new node: who am I, where are my keys, how do I begin.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::write::owner;
use super::{Page, View, page, part};
use crate::http::context::Context;
use crate::http::session::Reader;

/// `GET /start`
pub(super) async fn start(State(context): State<Arc<Context>>, reader: Reader) -> Response {
    page(context, reader, |view| {
        owner(view)?;
        let home = view.context.ingest.home();
        let main = html! {
            h1 { "Welcome, " (part::text::visible(home.name())) }
            p.lead { "This is your own node. It keeps the records of the committees that you follow, and signs what you write." }
            section {
                h2 { "1. Who you are" }
                p { "To others you are " (part::person::link(view, home.identity())) ". The eight digits tell you from others of the same name." }
                p.hint { "Your whole identity, which others may ask for: " code.whole { (home.identity()) } }
                p { a href={ "/d/" (home.identity()) "/edit" } { "Say more about yourself" } }
            }
            section #keys {
                h2 { "2. Your keys" }
                (keys(view))
            }
            section {
                h2 { "3. Begin" }
                div.choices {
                    a.button.main href="/committees/new" { "Found a committee" }
                    a.button href="/committees/follow" { "Follow an invitation" }
                }
                p.hint { "An invitation is a link that a member of a committee sends you." }
            }
        };
        Ok(Page::new("Welcome", main))
    })
    .await
}

/// Where the root keys lie and what to do about them.
pub(super) fn keys(view: &View<'_>) -> Markup {
    let home = view.context.ingest.home();
    // As a command run from elsewhere needs it.
    let dir = std::path::absolute(home.dir()).unwrap_or_else(|_| home.dir().to_owned());
    let folder = dir.join("keys");
    // A look at what is there, never at what it holds.
    let here: Vec<&str> = ["root", "next"]
        .into_iter()
        .filter(|key| folder.join(key).exists())
        .collect();
    let data = dir.display();
    html! {
        @if here.is_empty() {
            p.note.good {
                "✓ Your root keys are not on this machine, as it should be. Commands that need them are told where they are: "
                code { "--keys FILE" } "."
            }
        } @else {
            p.note.warn {
                "⚠ Your root keys still lie in " code { (folder.display()) } " (" (here.join(" and ")) "). With them you replace a lost or "
                "stolen machine; whoever copies them can do that too. Move them to a safe place:"
            }
            pre.command { code { "althing --data '" (data) "' id export-keys my-keys.age --remove" } }
            p {
                "It asks for a passphrase twice and writes an encrypted file. Copy that file to two places that are not this "
                "machine: a USB stick in a drawer, another person's safe, a password manager. You need both, file and passphrase; "
                "nobody can restore either for you. The node runs without them."
            }
        }
        details {
            summary { "Which keys there are" }
            dl {
                dt { "Root key, and the next one" } dd { "say which machines are yours. They sign nothing else." }
                dt { "Device key" } dd { "one on each machine, never copied; signs what you write there." }
                dt { "Node key" } dd { "signs what this node does by itself." }
                dt { "Network key" } dd { "lets peers recognise this node." }
            }
        }
    }
}
