//! Markdown that people wrote, as markup that can do nothing but be read.
//!
//! Three walls. What hides or turns text is written out before anything is parsed ([`super::text::visible`]). The
//! emitter below writes only the elements that it knows, shows raw HTML as text, and links only where a link may lead.
//! Then a sanitiser that shares no code with it goes over the result with its own list.
//!
//! Nothing is loaded from elsewhere: an image is a link. Headings begin two levels down, below those of the page.
//!
//! Bounds: [`TEXT`] bytes are read, [`EVENTS`] pieces and [`OUT`] bytes written, [`NEST`] levels nested, tables have
//! [`COLUMNS`] columns; whatever is beyond is left out, and a line says so.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use maud::{Escaper, Markup, PreEscaped};
use pulldown_cmark::{Alignment, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::text;

/// Bytes of markdown that are read: as much as a body holds.
const TEXT: usize = 256 << 10;

/// Pieces (words between marks, ends and beginnings) that are written.
const EVENTS: usize = 40_000;

/// Bytes of markup that are written, about.
const OUT: usize = 1 << 20;

/// Elements within each other.
const NEST: usize = 20;

/// Columns of a table.
const COLUMNS: usize = 32;

/// The markup of a text.
pub(crate) fn html(text: &str) -> Markup {
    let cut = match text.len() > TEXT {
        true => text
            .char_indices()
            .map(|(at, _)| at)
            .take_while(|at| *at <= TEXT)
            .last(),
        false => None,
    };
    let read = text.get(..cut.unwrap_or(text.len())).unwrap_or_default();
    let read = text::visible(read);
    let mut writer = Writer::default();
    writer.write(&read);
    if cut.is_some() {
        writer.cut = true;
    }
    let mut out = CLEANER.clean(&writer.finish()).to_string();
    if out.trim().is_empty() {
        out.push_str("<p class=\"quiet\">Nothing is written here.</p>");
    }
    PreEscaped(out)
}

/// The first words of a text, without its marks, on one line.
pub(crate) fn gist(text: &str, most: usize) -> String {
    // What is cut off here is far behind what is shown; only marks can make it shorter.
    let head: String = text.chars().take(most.saturating_mul(4)).collect();
    let mut words = String::new();
    for event in Parser::new_ext(&head, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text)
            }
            Event::SoftBreak
            | Event::HardBreak
            | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::TableCell) => {
                words.push(' ');
            }
            _ => {}
        }
    }
    text::gist(&words, most)
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "div",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let attributes = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("ol", HashSet::from(["start"])),
        ("th", HashSet::from(["scope"])),
    ]);
    let classes = HashMap::from([
        ("div", HashSet::from(["wide"])),
        ("span", HashSet::from(["target"])),
        ("p", HashSet::from(["cut"])),
        ("th", HashSet::from(["right", "middle"])),
        ("td", HashSet::from(["right", "middle"])),
    ]);
    builder
        .tags(HashSet::from(tags))
        .tag_attributes(attributes)
        .allowed_classes(classes)
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener noreferrer"))
        .strip_comments(true);
    builder
});

/// Writes what it knows.
#[derive(Default)]
struct Writer {
    out: String,
    /// What closes the elements that are open; nothing for those that were left out.
    open: Vec<&'static str>,
    /// How many of them were written.
    depth: usize,
    /// Alignments of the table's columns.
    columns: Vec<&'static str>,
    column: usize,
    head: bool,
    links: Vec<Link>,
    /// The level of the first heading in the text, and how deep the last one was set.
    headings: Option<(usize, usize)>,
    code: bool,
    cut: bool,
}

/// A link or an image that is open.
struct Link {
    /// Where it leads.
    to: String,
    /// Whether an `a` was written.
    live: bool,
    /// Where its words begin.
    from: usize,
}

impl Writer {
    fn write(&mut self, text: &str) {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let events = TextMergeStream::new(Parser::new_ext(text, options));
        for (n, event) in events.enumerate() {
            if n == EVENTS || self.out.len() > OUT {
                self.cut = true;
                return;
            }
            match event {
                Event::Start(tag) => self.start(&tag),
                Event::End(end) => self.end(end),
                Event::Text(text) if self.code || !self.links.is_empty() => self.escape(&text),
                Event::Text(text) => self.linked(&text),
                Event::Html(text) | Event::InlineHtml(text) => self.escape(&text),
                Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                    self.out.push_str("<code>");
                    self.escape(&text);
                    self.out.push_str("</code>");
                }
                Event::FootnoteReference(name) => self.escape(&name),
                Event::TaskListMarker(done) => self.out.push_str(if done { "☑ " } else { "☐ " }),
                Event::SoftBreak => self.out.push('\n'),
                Event::HardBreak => self.out.push_str("<br>"),
                Event::Rule => self.out.push_str("<hr>"),
            }
        }
    }

    fn finish(mut self) -> String {
        while let Some(close) = self.open.pop() {
            self.out.push_str(close);
        }
        if self.cut {
            self.out.push_str(
                "<p class=\"cut\">The rest of this text is too large or too deep to be laid out here; \
                 its entry has it whole, as it was signed.</p>",
            );
        }
        self.out
    }

    fn escape(&mut self, text: &str) {
        Escaper::new(&mut self.out)
            .write_str(text)
            .expect("a string takes everything");
    }

    fn push(&mut self, open: &str, close: &'static str) {
        if self.depth >= NEST && !close.is_empty() {
            self.cut = true;
            self.open.push("");
            return;
        }
        self.depth += usize::from(!close.is_empty());
        self.out.push_str(open);
        self.open.push(close);
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.push("<p>", "</p>\n"),
            Tag::Heading { level, .. } => self.heading(*level),
            Tag::BlockQuote(_) => self.push("<blockquote>", "</blockquote>\n"),
            Tag::CodeBlock(_) => {
                self.code = true;
                self.push("<pre><code>", "</code></pre>\n");
            }
            Tag::List(None) => self.push("<ul>", "</ul>\n"),
            Tag::List(Some(start)) => self.push(&format!("<ol start=\"{start}\">"), "</ol>\n"),
            Tag::Item => self.push("<li>", "</li>\n"),
            Tag::Table(columns) => {
                self.columns = columns.iter().map(align).collect();
                if columns.len() > COLUMNS {
                    self.cut = true;
                }
                self.push("<div class=\"wide\"><table>", "</tbody></table></div>\n");
            }
            Tag::TableHead => {
                (self.head, self.column) = (true, 0);
                self.push("<thead><tr>", "</tr></thead><tbody>\n");
            }
            Tag::TableRow => {
                (self.head, self.column) = (false, 0);
                self.push("<tr>", "</tr>\n");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.push("<em>", "</em>"),
            Tag::Strong => self.push("<strong>", "</strong>"),
            Tag::Strikethrough => self.push("<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.link(dest_url, ""),
            Tag::Image { dest_url, .. } => self.link(dest_url, "Image: "),
            _ => self.push("", ""),
        }
    }

    /// The first heading is two levels down, others follow it without leaving a level out.
    fn heading(&mut self, level: HeadingLevel) {
        let level = match level {
            HeadingLevel::H1 => 1_usize,
            HeadingLevel::H2 => 2,
            HeadingLevel::H3 => 3,
            HeadingLevel::H4 => 4,
            HeadingLevel::H5 => 5,
            HeadingLevel::H6 => 6,
        };
        let (base, before) = *self.headings.get_or_insert((level, 0));
        let level = (level.saturating_sub(base) + 1).min(before + 1);
        self.headings = Some((base, level));
        match level {
            1 => self.push("<h3>", "</h3>\n"),
            2 => self.push("<h4>", "</h4>\n"),
            3 => self.push("<h5>", "</h5>\n"),
            _ => self.push("<h6>", "</h6>\n"),
        }
    }

    fn end(&mut self, end: TagEnd) {
        if end == TagEnd::CodeBlock {
            self.code = false;
        }
        if matches!(end, TagEnd::Link | TagEnd::Image) {
            self.unlink();
            return;
        }
        if let Some(close) = self.open.pop() {
            self.depth -= usize::from(!close.is_empty());
            self.out.push_str(close);
        }
    }

    /// Cells beyond the last column keep their words, not their place.
    fn cell(&mut self) {
        let class = self.columns.get(self.column).copied().unwrap_or_default();
        self.column += 1;
        if self.column > COLUMNS {
            return self.push(" ", "");
        }
        let (name, close) = if self.head {
            ("th scope=\"col\"", "</th>")
        } else {
            ("td", "</td>")
        };
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        };
        self.push(&format!("<{name}{class}>"), close);
    }

    /// Opens a link. Where it may not lead anywhere, or stands in another one, its words stay.
    fn link(&mut self, to: &str, before: &str) {
        let live = self.links.is_empty() && may_lead(to) && self.depth < NEST;
        if live {
            self.out.push_str("<a href=\"");
            self.escape(to);
            self.out.push_str("\">");
        }
        self.out.push_str(before);
        let (to, from) = (to.to_owned(), self.out.len());
        self.links.push(Link { to, live, from });
    }

    /// Closes a link, and says where it leads if its words say something else, or if it was not let lead there.
    fn unlink(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let words = self.out.get(link.from..).unwrap_or_default();
        let empty = words.trim().is_empty();
        let pretends = host(words.trim()).is_some_and(|shown| host(&link.to) != Some(shown));
        if empty {
            self.escape(text::short(&link.to, 80).as_ref());
        }
        if link.live {
            self.out.push_str("</a>");
        }
        let odd = host(&link.to).is_some_and(|host| !host.is_ascii() || host.contains("xn--"));
        let elsewhere = self.links.is_empty() && !link.live && !link.to.is_empty();
        if !empty && (pretends || odd || elsewhere) {
            self.out.push_str(" <span class=\"target\">(");
            self.out.push_str(if link.live { "leads to " } else { "" });
            self.escape(text::short(&link.to, 80).as_ref());
            self.out.push_str(")</span>");
        }
    }

    /// Text in which addresses become links.
    fn linked(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find("http").filter(|_| self.depth < NEST) {
            let (before, from) = rest.split_at(at);
            self.escape(before);
            let scheme = ["https://", "http://"]
                .into_iter()
                .find(|scheme| from.starts_with(scheme));
            let inside = before.chars().next_back().is_some_and(char::is_alphanumeric);
            let len = match scheme {
                Some(scheme) if !inside => address(from).filter(|len| *len > scheme.len()),
                _ => None,
            };
            let Some(len) = len else {
                self.escape("http");
                rest = from.get("http".len()..).unwrap_or_default();
                continue;
            };
            let (to, after) = from.split_at(len);
            self.link(to, "");
            self.escape(to);
            self.unlink();
            rest = after;
        }
        self.escape(rest);
    }
}

/// The length of an address at the beginning of a text, without what ends a sentence.
fn address(text: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '⟨');
    let whole = text.get(..text.find(ends).unwrap_or(text.len()))?;
    let trimmed = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']']);
    let trimmed = match trimmed.contains('(') {
        true => trimmed,
        false => trimmed.trim_end_matches(')'),
    };
    Some(trimmed.len())
}

/// Whether a link may lead there: the web, mail, or a page of this node that shows something.
fn may_lead(to: &str) -> bool {
    let lower = to.trim().to_ascii_lowercase();
    let web = ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme));
    let own = ["/d/", "/c/", "/p/", "/e/"].iter().any(|path| lower.starts_with(path));
    let shown = own && !lower.contains(['?', '\\']) && !lower.contains("..");
    (web || shown) && !lower.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// The host of an address on the web, or of words that look like one.
fn host(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.or_else(|| text.starts_with("www.").then_some(text))?;
    let end = rest.find(['/', '?', '#', ' ', '&', '<']).unwrap_or(rest.len());
    let host = rest.get(..end)?;
    Some(host.rsplit_once('@').map_or(host, |(_, host)| host))
}

fn align(column: &Alignment) -> &'static str {
    match column {
        Alignment::Right => "right",
        Alignment::Center => "middle",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn of(text: &str) -> String {
        html(text).into_string()
    }

    #[test]
    fn plain_markdown_reads_well() {
        assert_eq!(
            of("# A\n\n*b* **c** ~~d~~ `e`"),
            "<h3>A</h3>\n<p><em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n"
        );
        assert_eq!(of("1. a\n2. b"), "<ol start=\"1\"><li>a</li>\n<li>b</li>\n</ol>\n");
        let table = of("|a|b|\n|-|-:|\n|1|2|");
        assert!(
            table.contains("<th scope=\"col\">a</th><th scope=\"col\" class=\"right\">b</th>"),
            "{table}"
        );
        assert!(table.contains("<td>1</td><td class=\"right\">2</td>"), "{table}");
        let link = of("see [x](https://a.example/b?c=1&d)");
        assert!(
            link.contains(r#"<a href="https://a.example/b?c=1&amp;d" rel="nofollow noopener noreferrer">x</a>"#),
            "{link}"
        );
        let bare = of("see https://a.example/b. (http://c.example)");
        assert!(
            bare.contains(r#"href="https://a.example/b""#) && bare.contains(r#"href="http://c.example""#),
            "{bare}"
        );
        assert!(of("x").contains("<p>x</p>") && of("").contains("Nothing"));
        assert!(of("[d](/d/0123)").contains(r#"href="/d/0123""#));
    }

    #[test]
    fn hostile_text_can_do_nothing_and_is_seen() {
        let corpus = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "a <b onclick=\"x\">b</b>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "<javascript:alert(1)>",
            "![x](https://spy.example/pixel.png)",
            "![x](javascript:alert(1))",
            "[![a](https://b.example)](https://c.example)",
            "[x](//evil.example)",
            "[x](/enter/key)",
            "[x](/d/../enter/key)",
            "[x](/d/\\..\\enter)",
            "[x](/c/1?form=post)",
            "[x](https://a.example \"onmouseover=alert(1)\")",
            "[x]: javascript:alert(1)\n\n[x]",
            "<style>*{display:none}</style>",
            "<iframe src=//evil.example>",
            "<a href=\"https://evil.example\" style=\"position:fixed\">x</a>",
            "<form action=/settings><button>go</button></form>",
            "```<script>\n</code></pre><script>alert(1)</script>\n```",
            "`</code><script>alert(1)</script>`",
            "# <img src=x onerror=1>",
            "|<script>|\n|-|\n|<img src=x onerror=1>|",
            "<!-- --><script>alert(1)</script>",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "https://a.example/\"onmouseover=alert(1)",
        ];
        let allowed = CLEANER.clone_tags();
        for text in corpus {
            let out = of(text);
            for tag in out.split('<').skip(1) {
                let name: String = tag
                    .trim_start_matches('/')
                    .chars()
                    .take_while(|c| c.is_alphanumeric())
                    .collect();
                assert!(allowed.contains(name.as_str()), "{text}\n{out}");
                let inside = tag.split('>').next().unwrap();
                for bad in [
                    " on",
                    "style=",
                    "src=",
                    "id=",
                    "javascript",
                    "data:",
                    "vbscript",
                    "/enter",
                ] {
                    assert!(!inside.to_lowercase().contains(bad), "{bad} in {text}\n{out}");
                }
            }
            assert!(!out.contains("href=\"//"), "{out}");
        }
        assert!(
            of("<script>alert(1)</script>").contains("&lt;script&gt;"),
            "raw HTML is shown"
        );
        assert!(
            of("[x](javascript:alert(1))").contains("(javascript:alert(1))"),
            "so is where a link would lead"
        );
        assert!(of("![a](https://b.example/c)").contains(">Image: a</a>"));
    }

    #[test]
    fn headings_leave_no_level_out() {
        let levels = |text: &str| {
            let out = of(text);
            out.split("<h")
                .skip(1)
                .map(|rest| rest.chars().next().unwrap())
                .collect::<String>()
        };
        assert_eq!(levels("## a\n\n## b\n\n#### c\n\n# d"), "3343");
        assert_eq!(levels("# a\n\n## b\n\n### c\n\n#### d\n\n##### e"), "34566");
    }

    #[test]
    fn a_gist_has_words_and_no_marks() {
        assert_eq!(
            gist("# Weeds\n\nsome *words* and [a link](https://a.example)\n- x", 80),
            "Weeds some words and a link x"
        );
        assert_eq!(gist("<b>\u{202e}x", 80), "<b>⟨U+202E⟩x");
        assert!(gist(&"word ".repeat(100_000), 40).chars().count() <= 41);
    }

    #[test]
    fn tricks_are_made_visible() {
        assert!(of("a\u{202e}b").contains("⟨U+202E⟩"));
        assert!(of("[https://bank.example](https://evil.example/x)").contains("(leads to https://evil.example/x)"));
        assert!(
            of("[pay](https://bаnk.example)").contains("(leads to "),
            "a Cyrillic letter in the host"
        );
        assert!(of("[https://bank.example](https://bank.example@evil.example)").contains("leads to"));
        assert!(!of("[https://bank.example](https://bank.example/x)").contains("leads to"));
    }

    #[test]
    fn bombs_end_soon_and_small() {
        let large = |text: &str| text.repeat(TEXT / text.len() + 1);
        let wide = format!(
            "{}\n{}\n{}",
            "|a".repeat(20_000),
            "|-".repeat(20_000),
            "|\n".repeat(80_000)
        );
        for text in [
            large(">"),
            large("> "),
            large("* "),
            large("*a_ "),
            large("["),
            large("![a]("),
            large("<a"),
            large("**a"),
            large("`a``"),
            large("[a](b)"),
            large("a\n- "),
            large("http"),
            large("https://a.b "),
            large("&amp;"),
            large("\u{301}"),
            large("|a"),
            format!("[a]: /{}\n\n{}", "x".repeat(50_000), "[a] ".repeat(50_000)),
            wide,
            (0..2000).map(|n| format!("{}- a\n", " ".repeat(n.min(120)))).collect(),
        ] {
            let start = Instant::now();
            let out = of(&text);
            let took = start.elapsed();
            assert!(
                out.len() < 4 * OUT,
                "{} bytes out of {}",
                out.len(),
                text.get(..20).unwrap_or_default()
            );
            assert!(
                took.as_secs() < 3,
                "{took:?} for {}",
                text.get(..20).unwrap_or_default()
            );
            let (mut depth, mut deepest) = (0_i64, 0);
            for tag in out
                .split('<')
                .skip(1)
                .filter(|tag| !tag.starts_with("br") && !tag.starts_with("hr"))
            {
                depth += if tag.starts_with('/') { -1 } else { 1 };
                deepest = deepest.max(depth);
            }
            assert!(deepest < 60, "{deepest} levels");
        }
    }
}
