//! Files that an entry names: what they are said to be, whether they are here, how to get them.

use althing_protocol::file::Named;
use althing_protocol::hash::Hash;
use althing_protocol::kind::Record;
use maud::{Markup, html};

use super::status::{Tone, chip};
use super::{text, value};
use crate::files::{self, Fetch, Reader, State};
use crate::http::pages::View;
use crate::http::pages::form::press;

/// Files of one list that are shown.
const SHOWN: usize = 256;

/// Files.
pub(crate) fn list<'a>(view: &View<'_>, records: impl Iterator<Item = &'a Record>) -> Markup {
    html! {
        ul.files {
            @for record in records.take(SHOWN) { li { (line(view, record)) } }
        }
    }
}

/// One of them.
pub(crate) fn line(view: &View<'_>, record: &Record) -> Markup {
    let Some(file) = Named::of(record) else {
        return html! {};
    };
    let url = record.get("url").and_then(|url| url.as_text());
    html! {
        div.file {
            (one(view, &file))
            @if let Some(url) = url { p.meta { "Also at " (value::line(url)) } }
        }
    }
}

/// A file as an entry names it.
pub(crate) fn one(view: &View<'_>, file: &Named) -> Markup {
    let name = file.name.clone().unwrap_or_else(|| file.hash.short());
    let reader = view.context.files.open_file(&file.hash).ok();
    html! {
        a.name href={ "/f/" (file.hash) } { bdi { (text::short(&text::visible(&name), 120)) } }
        span.meta { " " (size(file.length)) ", " (text::visible(&file.ty)) }
        " " (standing(view, &file.hash, reader.as_ref(), &file.ty))
        @if let Some(why) = reader.as_ref().and_then(|reader| contradiction(file, reader)) { p.warn { "⚠ " (why) "." } }
    }
}

/// Whether it is here, with what can be done about it.
pub(crate) fn standing(view: &View<'_>, hash: &Hash, reader: Option<&Reader>, said: &str) -> Markup {
    let path = format!("/api/v1/files/{hash}");
    html! {
        @match (reader, view.context.files.state(hash)) {
            (Some(reader), _) => {
                (chip(Tone::Good, "Here")) " " a href=(path) download="" { "Download" }
                @if files::inline(reader.looks(), said) { " " a href={ (path) "?inline" } { "Show" } }
            },
            (None, State::Fetching(Fetch { have, length, .. })) => {
                (chip(Tone::Info, "Being fetched")) " " (size(have)) " of " (size(length)) " are here. "
                a href={ "/f/" (hash) } { "Look again" }
            },
            (None, _) if view.reader.owner => { (chip(Tone::Info, "Not here")) " " (press(&format!("/f/{hash}/fetch"), "Fetch it")) },
            (None, _) => { (chip(Tone::Info, "Not on this node")) },
        }
    }
}

/// What an entry says of a file that the file contradicts.
pub(crate) fn contradiction(file: &Named, reader: &Reader) -> Option<String> {
    if file.length != reader.length() {
        return Some(format!(
            "It has {}, and not as many bytes as is said here",
            size(reader.length())
        ));
    }
    let why = files::agrees(reader.looks(), &file.ty).err()?;
    Some(crate::http::pages::capital(&text::visible(&why.to_string())))
}

/// A length for people.
pub(crate) fn size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let fits = units.into_iter().find(|(_, shift)| bytes >> shift > 0);
    match fits {
        None => text::count(usize::try_from(bytes).unwrap_or(usize::MAX), "byte", "bytes"),
        Some((unit, shift)) => {
            let tenths = (bytes >> (shift - 10)).saturating_mul(10) >> 10;
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        for (bytes, expected) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1\u{202f}023 bytes"),
            (1024, "1.0 KiB"),
            (1_572_864, "1.5 MiB"),
            (u64::MAX, "17179869183.9 GiB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
