//! A whole form: where it goes, the list of mistakes, its buttons.

use maud::{Markup, html};

use super::post::{DO, SECRET};
use super::show::{UPLOAD, roles};
use super::{Fault, People, anchor};
use crate::drafts::Draft;
use crate::http::pages::{View, part};

/// A form around some fields.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    /// Its path, which also names its draft.
    pub(crate) action: &'a str,
    pub(crate) faults: &'a [Fault],
    pub(crate) fields: Markup,
    /// What the button that writes says.
    pub(crate) verb: &'a str,
    /// Whether it holds text that can be looked at before it is signed.
    pub(crate) text: bool,
    /// Whether what is typed is kept as a draft.
    pub(crate) drafts: bool,
    /// Whether a draft was just kept.
    pub(crate) kept: bool,
    /// The draft that is kept for it, when the form shows it.
    pub(crate) draft: Option<&'a Draft>,
    pub(crate) people: &'a People,
}

impl Sheet<'_> {
    pub(crate) fn render(&self, view: &View<'_>) -> Markup {
        html! {
            (self.summary())
            @if let Some(draft) = self.draft {
                p.note role="status" {
                    @if self.kept { "Kept as a draft on this node. It stays until you sign or drop it." }
                    @else { "This is your draft, kept " (part::time::ago(view, draft.time)) "." }
                }
            }
            // Files come along only this way; without any the form is sent as ever.
            @let files = self.fields.0.contains(UPLOAD);
            form.sheet method="post" action=(self.action) enctype=[files.then_some("multipart/form-data")] data-draft=[self.drafts.then_some(self.action)] {
                input type="hidden" name=(SECRET) value=(view.context.session.form());
                // The first button is the one that Enter presses: it signs nothing.
                @if self.text { button.enter type="submit" name=(DO) value="preview" formnovalidate tabindex="-1" aria-hidden="true" { "Preview" } }
                (self.fields)
                div.buttons {
                    button.main type="submit" name=(DO) value="write" { (self.verb) }
                    @if self.text {
                        button type="submit" name=(DO) value="preview" formnovalidate { "Preview" }
                        @if self.drafts { button type="submit" name=(DO) value="draft" formnovalidate { "Keep as draft" } }
                        @if self.draft.is_some() {
                            button type="submit" name=(DO) value="drop" formnovalidate { "Drop the draft" }
                        }
                    }
                }
                @if self.drafts { p.hint.saved role="status" data-saved {} }
            }
            (self.people.list())
            (roles())
        }
    }

    /// What is wrong, with links to the fields.
    fn summary(&self) -> Markup {
        html! {
            @if !self.faults.is_empty() {
                div.faults role="alert" tabindex="-1" autofocus {
                    h2 {
                        @match self.faults.len() {
                            1 => "Nothing was written yet: one thing to look at",
                            n => { "Nothing was written yet: " (n) " things to look at" },
                        }
                    }
                    ul {
                        @for fault in self.faults {
                            li {
                                @if fault.at.is_empty() { (fault.say) }
                                @else { a href={ "#" (anchor(&fault.at)) } { (words(&fault.at)) ": " (fault.say) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One button that does one thing, with what it needs hidden.
pub(crate) fn button(view: &View<'_>, action: &str, hidden: &[(&str, &str)], says: &str) -> Markup {
    html! {
        form.one method="post" action=(action) {
            input type="hidden" name=(SECRET) value=(view.context.session.form());
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            button type="submit" name=(DO) value="write" { (says) }
        }
    }
}

/// The same within a sentence, where no form may stand: it belongs to the one that [`at_once`] puts on every page.
pub(crate) fn press(action: &str, says: &str) -> Markup {
    html! {
        button.link type="submit" form=(ONCE) formaction=(action) name=(DO) value="write" { (says) }
    }
}

/// The form of such buttons.
pub(crate) fn at_once(view: &View<'_>) -> Markup {
    html! {
        form id=(ONCE) hidden method="post" {
            input type="hidden" name=(SECRET) value=(view.context.session.form());
        }
    }
}

const ONCE: &str = "at-once";

/// `goals.1.text` for people, who count from one.
fn words(at: &str) -> String {
    let part = |part: &str| match part.parse::<usize>() {
        Ok(n) => (n + 1).to_string(),
        Err(_) => part.replace('_', " "),
    };
    let words: Vec<String> = at.split('.').filter(|part| *part != "id").map(part).collect();
    crate::http::pages::capital(&words.join(" "))
}
