//! A proposal's file, taken apart without losing a line.

/// A file with a preamble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Markdown<'a> {
    /// The first heading of level 1, without its `#`.
    pub(super) title: Option<&'a str>,
    /// What stands in the first code fence, word for word.
    pub(super) preamble: &'a str,
    /// Everything else, word for word, without the heading of the preamble and blank lines at both ends.
    pub(super) text: String,
}

/// A heading and what stands below it, up to the next heading of its level or above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section<'a> {
    /// The heading without its `#`.
    pub(super) heading: &'a str,
    /// Its lines, deeper headings included.
    pub(super) lines: Vec<&'a str>,
}

/// Lines in front of the preamble that are looked at. Real files have fewer than ten.
const TOP: usize = 50;

impl<'a> Markdown<'a> {
    /// Takes a file apart; none without a closed code fence at the top that holds at least one `Key: value` line.
    pub(super) fn read(file: &'a str) -> Option<Self> {
        let file = file.strip_prefix('\u{feff}').unwrap_or(file);
        let mut at = 0;
        let mut lines = file.split_inclusive('\n').map(|line| {
            let start = at;
            at += line.len();
            (start, line.trim_end())
        });
        let mut title = None;
        let mut before = Vec::new();
        let opened = lines.by_ref().take(TOP).find_map(|(start, line)| {
            let fence = fence(line);
            match (fence, heading(line)) {
                (0, Some((1, text))) if title.is_none() => title = Some(text),
                (0, Some((_, text))) if text.eq_ignore_ascii_case("preamble") => {}
                (0, _) => before.push(line),
                _ => {}
            }
            (fence > 0).then_some((start, fence))
        });
        let (opened, fence_len) = opened?;
        let (closed, _) = lines.find(|(_, line)| fence(line) >= fence_len)?;
        let inside = file.get(opened..closed)?;
        let preamble = inside.split_once('\n').map_or("", |(_, rest)| rest).trim_end();
        let after = file.get(closed..)?.split_once('\n').map_or("", |(_, rest)| rest);
        before.push(after);
        let read = Self {
            title,
            preamble,
            text: before.join("\n").trim_matches(['\n', '\r', ' ', '\t']).to_owned(),
        };
        (!read.pairs().is_empty()).then_some(read)
    }

    /// The preamble's `Key: value` lines, trimmed; a line that is indented goes on with the value above it.
    pub(super) fn pairs(&self) -> Vec<(&'a str, String)> {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for line in self.preamble.lines() {
            let continues = line.starts_with([' ', '\t']) && !line.trim().is_empty();
            match (line.split_once(':'), pairs.last_mut()) {
                (_, Some((_, value))) if continues => {
                    if !value.is_empty() {
                        value.push(' ');
                    }
                    value.push_str(line.trim());
                }
                (Some((key, value)), _) => pairs.push((key.trim(), value.trim().to_owned())),
                _ => {}
            }
        }
        pairs
    }

    /// The value of the first pair with this key, in whatever case; none when it is empty.
    pub(super) fn value(&self, key: &str) -> Option<String> {
        let pairs = self.pairs().into_iter();
        let mut found = pairs.filter(|(k, v)| k.eq_ignore_ascii_case(key) && !v.is_empty());
        found.next().map(|(_, value)| value)
    }

    /// The sections of the text, nested ones by themselves as well.
    pub(super) fn sections(&self) -> Vec<Section<'_>> {
        let mut sections: Vec<(usize, Section<'_>)> = Vec::new();
        let mut done = Vec::new();
        let mut fenced = 0;
        for line in self.text.lines() {
            let ticks = fence(line);
            let heading = if fenced == 0 { heading(line) } else { None };
            if fenced == 0 {
                fenced = ticks;
            } else if ticks >= fenced {
                fenced = 0;
            }
            if let Some((level, _)) = heading {
                while sections.last().is_some_and(|(open, _)| *open >= level) {
                    done.extend(sections.pop().map(|(_, section)| section));
                }
            }
            for (_, section) in &mut sections {
                section.lines.push(line);
            }
            if let Some((level, heading)) = heading {
                let lines = Vec::new();
                sections.push((level, Section { heading, lines }));
            }
        }
        done.extend(sections.into_iter().rev().map(|(_, section)| section));
        done
    }
}

/// How many backticks open or close a code fence on this line; 0 when it is none.
fn fence(line: &str) -> usize {
    let ticks = line.bytes().take_while(|b| *b == b'`').count();
    if ticks >= 3 { ticks } else { 0 }
}

/// Level and text of a heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let text = line.get(level..)?;
    ((1..=6).contains(&level) && text.starts_with([' ', '\t'])).then_some((level, text.trim()))
}
