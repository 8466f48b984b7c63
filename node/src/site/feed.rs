//! Feeds and calendars of a folder: a node writes its own address into them, which means nothing elsewhere.

use super::address::{Addresses, relative};

/// Bytes of a line of a calendar (RFC 5545, 3.1).
const LINE: usize = 75;

/// A feed in which every link leads to the same page of the folder: absolute where it is known where the folder will be, else as
/// seen from the feed (RFC 4287 takes the feed's own address as the base). A calendar has absolute links or none.
pub(super) fn relocate(bytes: &[u8], node: &str, url: Option<&str>, file: &str, addresses: &Addresses<'_>) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lead = |path: &str| match (addresses.place(path), url) {
        (Some(place), Some(url)) => format!("{}/{}", url.trim_end_matches('/'), place.file),
        (Some(place), None) => relative(file, &place.file),
        (None, _) => String::new(),
    };
    if file.ends_with(".ics") {
        // Long lines go on after a line break and a space.
        let whole = text.replace("\r\n ", "");
        let lines = whole.lines().filter_map(|line| match line.strip_prefix("URL:") {
            Some(_) if url.is_none() => None,
            Some(link) => Some(format!("URL:{}", lead(link.strip_prefix(node)?))),
            None => Some(line.to_owned()),
        });
        return lines.map(|line| folded(&line)).collect();
    }
    let mut out = String::new();
    let mut rest = &*text;
    while let Some((before, after)) = rest.split_once(node) {
        out.push_str(before);
        let end = after.find(|c: char| !is_path(c)).unwrap_or(after.len());
        let (path, beyond) = after.split_at(end);
        out.push_str(&lead(path));
        rest = beyond;
    }
    out.push_str(rest);
    out
}

fn is_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '?' | '=')
}

/// A line of a calendar, broken where it is too long, never within a character.
fn folded(line: &str) -> String {
    let (mut out, mut length) = (String::new(), 0);
    for c in line.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use althing_protocol::hash::Id;

    use super::*;

    #[test]
    fn feeds_and_calendars_lead_to_the_folder() {
        let doc = Id([2; 32]);
        let entries: HashSet<Id> = [Id([1; 32]), doc].into();
        let addresses = Addresses::new(Id([1; 32]), &entries);
        let node = "http://127.0.0.1:8420";
        let feed = format!("<link href=\"{node}/d/{doc}\"/><uri>{node}/p/{doc}</uri>");
        let here = relocate(feed.as_bytes(), node, None, "d/x.atom", &addresses);
        assert_eq!(here, format!("<link href=\"{doc}.html\"/><uri>../p/{doc}.html</uri>"));
        let there = relocate(
            feed.as_bytes(),
            node,
            Some("https://a.example/b/"),
            "feed.atom",
            &addresses,
        );
        assert!(
            there.contains(&format!("\"https://a.example/b/d/{doc}.html\"")),
            "{there}"
        );
        let calendar = format!(
            "BEGIN:VEVENT\r\nSUMMARY:{}\r\nURL:{node}/d/\r\n {doc}\r\nEND:VEVENT\r\n",
            "é".repeat(60)
        );
        let calendar = calendar.replace(&"é".repeat(60), &format!("{}\r\n {}", "é".repeat(30), "é".repeat(30)));
        let without = relocate(calendar.as_bytes(), node, None, "calendar.ics", &addresses);
        assert!(
            !without.contains("URL") && without.lines().all(|line| line.len() <= LINE),
            "{without}"
        );
        assert_eq!(without.replace("\r\n ", "").matches('é').count(), 60);
        let with = relocate(
            calendar.as_bytes(),
            node,
            Some("https://a.example"),
            "calendar.ics",
            &addresses,
        );
        let whole = with.replace("\r\n ", "");
        assert!(
            whole.contains(&format!("URL:https://a.example/d/{doc}.html\r\n")),
            "{whole}"
        );
    }
}
