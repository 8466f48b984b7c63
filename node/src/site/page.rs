//! A page of the node as a page of the folder: links lead within it, forms are gone, and its words are taken out for
//! search.
//!
//! The pages are our own: of what people wrote nothing but escaped text and links is in them, and a link that leads out of the
//! folder stays as it is.

use std::cell::RefCell;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str, text};

use super::address::{Addresses, Place, relative};

/// What a page says, for whoever searches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Its heading.
    pub(super) title: String,
    /// What it is: the line above the heading.
    pub(super) kind: String,
    /// What people wrote in it.
    pub(super) prose: String,
    /// All of its text.
    pub(super) text: String,
}

/// Elements that part words.
const BREAKS: &str = "main p, main li, main td, main th, main div, main section, main h2, main h3, main br, main dt, main dd, main summary";

/// A rewritten page.
pub(super) struct Rewritten {
    pub(super) html: String,
    /// Where its links lead, as far as that is in the folder.
    pub(super) links: Vec<Place>,
    pub(super) said: Said,
}

/// Rewrites the page that will be at `file`.
pub(super) fn rewrite(bytes: &[u8], file: &str, addresses: &Addresses<'_>) -> Rewritten {
    let links = RefCell::new(Vec::new());
    let said = RefCell::new(Said::default());
    let lead = |element: &mut Element<'_, '_>, name: &str| {
        let Some(link) = element.get_attribute(name) else {
            return;
        };
        // The attribute is as it stands in the markup.
        let link = unescaped(&link);
        if !link.starts_with('/') || link.starts_with("//") {
            return;
        }
        let (path, fragment) = link
            .split_once('#')
            .map_or((link.as_str(), ""), |(path, rest)| (path, rest));
        match addresses.place(path) {
            Some(place) => {
                let mut way = relative(file, &place.file);
                if !fragment.is_empty() {
                    way.push('#');
                    way.push_str(fragment);
                }
                if let Err(error) = element.set_attribute(name, &way) {
                    tracing::error!(%error, name, "no name of an attribute");
                }
                links.borrow_mut().push(place);
            }
            None if element.tag_name() == "link" => element.remove(),
            None => element.remove_attribute(name),
        }
    };
    let title = |chunk: &str| said.borrow_mut().title.push_str(chunk);
    let kind = |chunk: &str| said.borrow_mut().kind.push_str(chunk);
    let prose = |chunk: &str| said.borrow_mut().prose.push_str(chunk);
    let words = |chunk: &str| said.borrow_mut().text.push_str(chunk);
    let handlers = [
        element!("form, [data-events], template", |el| {
            el.remove();
            Ok(())
        }),
        element!("[href]", |el| {
            lead(el, "href");
            Ok(())
        }),
        element!("[src]", |el| {
            lead(el, "src");
            Ok(())
        }),
        text!("main h1", |chunk| {
            title(chunk.as_str());
            Ok(())
        }),
        text!("main p.kicker", |chunk| {
            kind(chunk.as_str());
            Ok(())
        }),
        text!("main .prose", |chunk| {
            prose(chunk.as_str());
            Ok(())
        }),
        element!(BREAKS, |_| {
            prose(" ");
            words(" ");
            Ok(())
        }),
        text!("main", |chunk| {
            words(chunk.as_str());
            Ok(())
        }),
    ];
    let settings = handlers.into_iter().fold(
        RewriteStrSettings::new(),
        RewriteStrSettings::append_element_content_handler,
    );
    let page = String::from_utf8_lossy(bytes);
    let html = rewrite_str(&page, settings).unwrap_or_else(|error| {
        // Only memory limits and our own handlers could stop it, and neither does.
        tracing::error!(%error, file, "a page could not be rewritten");
        String::new()
    });
    let mut said = said.into_inner();
    for text in [&mut said.title, &mut said.kind, &mut said.prose, &mut said.text] {
        *text = unescaped(text).split_whitespace().collect::<Vec<_>>().join(" ");
    }
    Rewritten {
        html,
        links: links.into_inner(),
        said,
    }
}

/// Text as it was before our own templates escaped it.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // The ampersand last: what it stands before was escaped.
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use althing_protocol::hash::Id;

    use super::*;

    #[test]
    fn links_lead_within_the_folder_and_forms_are_gone() {
        let doc = Id([2; 32]);
        let entries: HashSet<Id> = [Id([1; 32]), doc].into();
        let addresses = Addresses::new(Id([1; 32]), &entries);
        let page = format!(
            "<html><body><form class=\"find\"><input></form><main><p class=\"kicker\">Motion</p><h1>Tom &amp; Ada</h1>\
             <p>See <a href=\"/d/{doc}?entry={doc}#e-1\">it</a>, <a href=\"/settings\">not</a> and \
             <a href=\"https://else.example/?a=1&amp;b=2\">out</a></p><div data-events=\"/x\"></div>\
             <p>&lt;a href=\"/d/{doc}\"&gt; href=\"/settings\"</p></main></body></html>"
        );
        let read = rewrite(page.as_bytes(), "e/x.html", &addresses);
        assert!(
            read.html.contains(&format!("href=\"../d/{doc}.html#e-1\"")),
            "{}",
            read.html
        );
        assert!(read.html.contains("<a>not</a>"), "{}", read.html);
        assert!(read.html.contains("https://else.example/?a=1&amp;b=2"), "{}", read.html);
        assert!(
            !read.html.contains("<form") && !read.html.contains("data-events"),
            "{}",
            read.html
        );
        // What somebody wrote is text, and stays it.
        assert!(
            read.html
                .contains(&format!("&lt;a href=\"/d/{doc}\"&gt; href=\"/settings\"")),
            "{}",
            read.html
        );
        assert_eq!(read.links.len(), 1);
        assert_eq!(
            (read.said.title.as_str(), read.said.kind.as_str()),
            ("Tom & Ada", "Motion")
        );
        assert!(read.said.text.contains("See it, not and out"), "{}", read.said.text);
    }
}
