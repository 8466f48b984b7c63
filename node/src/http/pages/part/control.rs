//! What an act of authority or of keys does, in a sentence: the part of an entry that the protocol itself reads.

use althing_protocol::admit;
use althing_protocol::control::{Control, Use};
use althing_protocol::entry::Header;
use maud::{Markup, html};

use super::{person, refer, text};
use crate::http::pages::View;

/// Entries that one act names, of which each gets a link.
const NAMED: usize = 16;

/// What a header's control does; nothing for entries without one.
pub(crate) fn line(view: &View<'_>, header: &Header) -> Option<Markup> {
    let (_, control) = admit::read(header).ok()?;
    let key = |key: &althing_protocol::hash::Key| html! { code.id title=(key) data-whole=(key) { (key.short().to_string()) } };
    Some(match control {
        Control::Grant(grant) => html! {
            "The role " strong { (text::visible(&grant.role)) } " for " (person::link(view, grant.to))
            @if let Some(scope) = grant.scope { ", within " (refer::link(view, scope)) }
        },
        Control::Revoke(revoke) => html! { "Ends the grant " (refer::link(view, revoke.grant)) },
        Control::Cosign(cosign) => html! { "Signs " (refer::link(view, cosign.entry)) },
        Control::Vouch(vouch) => html! {
            "Takes up to " (text::grouped(vouch.quota)) " entries of " (person::link(view, vouch.identity)) " into the record"
        },
        Control::SetParameter(set) => {
            html! { "Sets " strong { (text::visible(&set.name)) } " to " (text::grouped(set.value)) }
        }
        Control::Enroll(enroll) => html! {
            "The key " (key(&enroll.key)) " may sign for "
            @match enroll.usage { Use::Node => "a node", _ => "the person" }
        },
        Control::Retire(retire) => html! {
            "The key " (key(&retire.key)) " signs no more"
            @if !retire.last.is_empty() { "; its last entries that count: " (links(view, &retire.last)) }
        },
        Control::Rotate(rotate) => html! {
            "A new root key; devices that stay: " @if rotate.keep.is_empty() { "none" } @else { (links(view, &rotate.keep)) }
        },
        _ => return None,
    })
}

fn links(view: &View<'_>, ids: &[althing_protocol::hash::Id]) -> Markup {
    html! {
        @for (n, id) in ids.iter().take(NAMED).enumerate() {
            @if n > 0 { ", " }
            (refer::link(view, *id))
        }
        @if ids.len() > NAMED { " and " (ids.len() - NAMED) " more" }
    }
}
