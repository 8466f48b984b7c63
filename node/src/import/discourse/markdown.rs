//! The forum's HTML as markdown. Its pages are rendered from markdown and hold few elements, but whoever wrote the
//! file may have put anything into it.
//!
//! Bounds: HTML with elements nested deeper than [`DEEPEST`] is not converted, because the converter recurses; with
//! more than [`OPEN`] of them open at once it is not even parsed, because the parser looks at all open ones at each tag.

use std::sync::{Arc, Mutex, PoisonError};

use htmd::element_handler::{HandlerResult, Handlers};
use htmd::options::{BulletListMarker, Options};
use htmd::{Element, HtmlToMarkdown, Node};

use super::quote::Quote;

/// Elements within one another. Real posts stay below thirty.
const DEEPEST: usize = 200;

/// Elements that are open at once, by a count that knows little of HTML.
const OPEN: usize = 1000;

/// Elements that need no end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements whose content is no text, or steers a browser.
const SKIPPED: &[&str] = &[
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "form", "button", "input",
    "select", "textarea", "head", "link", "meta",
];

/// Makes markdown of HTML; made once, because it is used for every post.
pub struct Converter {
    html: HtmlToMarkdown,
    quotes: Arc<Mutex<Vec<Quote>>>,
}

impl std::fmt::Debug for Converter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Converter").finish_non_exhaustive()
    }
}

impl Default for Converter {
    fn default() -> Self {
        let quotes = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&quotes);
        let options = Options {
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        };
        let html = HtmlToMarkdown::builder()
            .options(options)
            .scripting_enabled(false)
            .skip_tags(SKIPPED.to_vec())
            .add_handler(vec!["aside"], move |handlers: &dyn Handlers, element: Element<'_>| {
                if has_class(&element, "quote") {
                    let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
                    noted.push(quote(&element));
                }
                handlers.fallback(element)
            })
            .add_handler(vec!["img"], image)
            .add_handler(vec!["div"], |handlers: &dyn Handlers, element: Element<'_>| {
                let decoration = has_class(&element, "quote-controls") || has_class(&element, "meta");
                if decoration { None } else { handlers.fallback(element) }
            })
            .build();
        Self { html, quotes }
    }
}

impl Converter {
    /// The markdown of some HTML, and what it quotes. None where it is nested too deep.
    pub(super) fn convert(&self, html: &str) -> Option<(String, Vec<Quote>)> {
        self.take();
        if leaves_open(html) {
            return None;
        }
        let tree = self.html.html_to_tree(html).ok()?;
        if too_deep(&tree) {
            return None;
        }
        let text = self.html.tree_to_markdown(&tree);
        Some((text, self.take()))
    }

    fn take(&self) -> Vec<Quote> {
        let mut quotes = self.quotes.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *quotes)
    }
}

/// Whether more elements are open at once than any post has. An end that fits none of the last few is passed over.
fn leaves_open(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for after in html.split('<').skip(1) {
        let (end, rest) = after.strip_prefix('/').map_or((false, after), |rest| (true, rest));
        let len = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = rest.get(..len).unwrap_or_default();
        if end {
            let last = open
                .iter()
                .rev()
                .take(16)
                .position(|one| one.eq_ignore_ascii_case(name));
            open.truncate(last.map_or(open.len(), |n| open.len() - 1 - n));
        } else if len > 0 && !VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) {
            open.push(name);
        }
        if open.len() > OPEN {
            return true;
        }
    }
    false
}

fn too_deep(tree: &std::rc::Rc<Node>) -> bool {
    let mut open = vec![(std::rc::Rc::clone(tree), 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > DEEPEST {
            return true;
        }
        open.extend(
            node.children
                .borrow()
                .iter()
                .map(|child| (std::rc::Rc::clone(child), depth + 1)),
        );
    }
    false
}

/// Pictures of people are decoration, those of feelings are words; others stay pictures.
fn image(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    if has_class(&element, "avatar") || has_class(&element, "site-icon") {
        return None;
    }
    if has_class(&element, "emoji") {
        let word = attribute(&element, "title").or_else(|| attribute(&element, "alt"))?;
        return Some(word.into());
    }
    handlers.fallback(element)
}

fn quote(element: &Element<'_>) -> Quote {
    let number = |name: &str| attribute(element, name)?.parse().ok();
    Quote {
        author: attribute(element, "data-username").unwrap_or_default(),
        post: number("data-post"),
        topic: number("data-topic"),
    }
}

fn attribute(element: &Element<'_>, name: &str) -> Option<String> {
    let found = element.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    Some(found.value.to_string())
}

fn has_class(element: &Element<'_>, class: &str) -> bool {
    attribute(element, "class").is_some_and(|all| all.split_ascii_whitespace().any(|one| one == class))
}
