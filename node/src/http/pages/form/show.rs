//! Fields as a browser shows them: a label, what it is about, its limits, what was typed, what is wrong with it.

use althing_protocol::authority::ROLES;
use althing_protocol::file::Named;
use althing_protocol::kind::{Field, NAMED, Type};
use maud::{Markup, html};

use super::values::{IDS, ITEM, is_share};
use super::{FILE, Fault, Items, Values, anchor};
use crate::http::pages::{capital, part};
use crate::limit::files::FORM;

/// The mark of a field by which files are chosen: what people wrote never holds it, it is escaped.
pub(super) const UPLOAD: &str = "type=\"file\"";

/// Words of a choice up to which all are shown at once.
const RADIO: usize = 4;

/// Bytes that somebody may type, such as a salt.
const TYPED: usize = 64;

/// Everything that fields are shown with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Show<'a> {
    pub(crate) values: &'a Values,
    pub(crate) faults: &'a [Fault],
    /// Whether texts are shown as they will look.
    pub(crate) preview: bool,
    /// The list to which a row was just added.
    pub(crate) added: Option<&'a str>,
    /// Items of documents that fields may name.
    pub(crate) items: &'a Items,
}

/// The id, or its beginning, of what stands as `name · id8` in a field; else the text itself.
pub(crate) fn name_of(text: &str) -> &str {
    let last = text.rsplit_once(" · ").map(|(_, last)| last.trim());
    last.filter(|id| id.len() >= 8 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        .unwrap_or(text)
}

/// The name of a field for people.
pub(crate) fn label_of(name: &str) -> String {
    capital(&name.replace('_', " "))
}

impl Show<'_> {
    /// A field, named as in its declaration.
    pub(crate) fn field(&self, field: &Field) -> Markup {
        self.named(field, field.name)
    }

    /// Whether something was filled in for a field.
    pub(crate) fn has(&self, field: &Field) -> bool {
        self.values.rows(field.name) > 0 || !self.values.get(field.name).is_empty()
    }

    /// A field that is sent without being shown.
    pub(crate) fn hidden(&self, name: &str) -> Markup {
        html! { input type="hidden" name=(name) value=(self.values.get(name)); }
    }

    fn named(&self, field: &Field, name: &str) -> Markup {
        match field.ty {
            Type::List { item, max } => self.list(field, name, item, max),
            Type::Ids { max } if max <= IDS => self.ids(field, name, max),
            Type::Choice(words) if words.len() <= RADIO => self.radio(field, name, words),
            Type::Money => self.money(field, name),
            Type::Flag => self.flag(field, name),
            // Programs make these, nobody types them.
            Type::Bytes { max } if max > TYPED => html! {},
            Type::Item if !self.items.fitting(field.name).is_empty() => self.item(field, name),
            _ => self.plain(field, name),
        }
    }

    /// Hint and fault under a label, and the ids by which the input names them.
    fn beside(&self, field: &Field, name: &str) -> (Markup, String) {
        let id = anchor(name);
        let limit = limit_of(field);
        let fault = self.fault(name);
        let described = match fault {
            Some(_) => format!("{id}-hint {id}-fault"),
            None => format!("{id}-hint"),
        };
        let markup = html! {
            p.hint id={ (id) "-hint" } {
                (field.about)
                @if let Some(limit) = limit { " " (limit) }
            }
            @if let Some(fault) = fault { p.fault id={ (id) "-fault" } { "⚠ " (fault) } }
        };
        (markup, described)
    }

    fn fault(&self, name: &str) -> Option<&str> {
        self.faults
            .iter()
            .find(|fault| fault.at == name)
            .map(|fault| fault.say.as_str())
    }

    fn plain(&self, field: &Field, name: &str) -> Markup {
        let id = anchor(name);
        let value = self.values.get(name);
        let (beside, described) = self.beside(field, name);
        let wrong = self.fault(name).map(|_| "true");
        html! {
            div.field {
                label for=(id) { (label_of(field.name)) (required(field)) }
                (beside)
                @match field.ty {
                    Type::Text { max } => {
                        textarea #(id) name=(name) rows=(rows(max)) maxlength=(max) data-markdown required[field.required]
                            aria-describedby=(described) aria-invalid=[wrong] { "\n" (value) }
                        @if self.preview && !value.trim().is_empty() {
                            div.preview aria-label={ "How " (label_of(field.name)) " will look" } { (part::markdown::html(value)) }
                        }
                    }
                    Type::Ids { .. } | Type::Lines { .. } => {
                        textarea #(id) name=(name) rows="4" required[field.required]
                            aria-describedby=(described) aria-invalid=[wrong] { "\n" (value) }
                    }
                    Type::Choice(words) => {
                        select #(id) name=(name) required[field.required] aria-describedby=(described) aria-invalid=[wrong] {
                            option value="" { @if field.required { "Choose one" } @else { "None" } }
                            @for word in words {
                                option value=(word) selected[*word == value] { (label_of(word)) }
                            }
                        }
                    }
                    _ => {
                        input #(id) name=(name) value=(value) type=(input_type(&field.ty)) list=[suggestions(field)]
                            maxlength=[max_length(&field.ty)] min=[matches!(field.ty, Type::Int { .. }).then_some("0")]
                            max=[max_value(field)] step=[is_share(field).then_some("0.0001")] required[field.required] autocomplete="off"
                            aria-describedby=(described) aria-invalid=[wrong];
                    }
                }
            }
        }
    }

    /// An item of a list, to be chosen; one that was typed and is not offered stays.
    fn item(&self, field: &Field, name: &str) -> Markup {
        let id = anchor(name);
        let value = self.values.get(name).trim();
        let (beside, described) = self.beside(field, name);
        let groups = self.items.fitting(field.name);
        let offered = groups
            .iter()
            .any(|group| group.items.iter().any(|(item, _)| item == value));
        html! {
            div.field {
                label for=(id) { (label_of(field.name)) (required(field)) }
                (beside)
                select #(id) name=(name) required[field.required] aria-describedby=(described) aria-invalid=[self.fault(name).map(|_| "true")] {
                    option value="" { @if field.required { "Choose one" } @else { "None" } }
                    @if !value.is_empty() && !offered { option value=(value) selected { (value) } }
                    @for group in groups {
                        optgroup label=(group.title) {
                            @for (item, known_by) in &group.items { option value=(item) selected[item == value] { (known_by) } }
                        }
                    }
                }
            }
        }
    }

    fn radio(&self, field: &Field, name: &str, words: &[&str]) -> Markup {
        let id = anchor(name);
        let value = self.values.get(name);
        let (beside, described) = self.beside(field, name);
        html! {
            fieldset.field.choice #(id) tabindex="-1" aria-describedby=(described) {
                legend { (label_of(field.name)) (required(field)) }
                (beside)
                div.options {
                    @if !field.required {
                        label { input type="radio" name=(name) value="" checked[value.is_empty()]; " Not said" }
                    }
                    @for word in words {
                        label {
                            input type="radio" name=(name) value=(word) checked[*word == value] required[field.required];
                            " " (label_of(word))
                        }
                    }
                }
            }
        }
    }

    fn flag(&self, field: &Field, name: &str) -> Markup {
        let id = anchor(name);
        let (beside, described) = self.beside(field, name);
        html! {
            div.field.flag {
                label for=(id) {
                    input #(id) type="checkbox" name=(name) value="yes" checked[self.values.get(name) == "yes"]
                        aria-describedby=(described);
                    " " (label_of(field.name))
                }
                (beside)
            }
        }
    }

    fn money(&self, field: &Field, name: &str) -> Markup {
        let id = anchor(name);
        let (beside, described) = self.beside(field, name);
        let (amount, currency) = (format!("{name}.amount"), format!("{name}.currency"));
        let wrong = self.fault(name).map(|_| "true");
        html! {
            fieldset.field.money #(id) tabindex="-1" aria-describedby=(described) {
                legend { (label_of(field.name)) (required(field)) }
                (beside)
                label {
                    "Smallest units "
                    input type="number" min="0" name=(amount) value=(self.values.get(&amount)) autocomplete="off"
                        aria-invalid=[wrong];
                }
                label {
                    "Currency "
                    input name=(currency) value=(self.values.get(&currency)) maxlength="12" size="6" autocomplete="off"
                        aria-invalid=[wrong];
                }
            }
        }
    }

    /// Ids one by one, with one empty place for the next.
    fn ids(&self, field: &Field, name: &str, max: usize) -> Markup {
        let id = anchor(name);
        let (beside, described) = self.beside(field, name);
        let rows = self.values.rows(name);
        html! {
            fieldset.field.ids #(id) tabindex="-1" aria-describedby=(described) {
                legend { (label_of(field.name)) (required(field)) }
                (beside)
                @for n in 0..rows.max(1).min(max) {
                    @let one = format!("{name}.{n}.id");
                    div.row {
                        input type="hidden" name={ (name) "." (n) "." (ITEM) } value="";
                        input #(anchor(&one)) name=(one) value=(self.values.get(&one)) list=[suggestions(field)] autocomplete="off"
                            aria-label={ (label_of(field.name)) " " (n + 1) } autofocus[self.added == Some(name) && n + 1 == rows]
                            aria-invalid=[self.fault(&one).map(|_| "true")];
                        @if rows > 0 { (remove(name, n, &label_of(field.name))) }
                        @if let Some(fault) = self.fault(&one) { p.fault { "⚠ " (fault) } }
                    }
                }
                @if rows < max { (add(name, "another")) }
            }
        }
    }

    /// Files of one's own: chosen, they are taken in with whatever button is pressed next.
    fn upload(&self, list: &str) -> Markup {
        let id = format!("{}-choose", anchor(list));
        html! {
            div.field.upload {
                label for=(id) { "Choose files" }
                p.hint id={ (id) "-hint" } {
                    "They are added to this node with the next button that you press, and given to others who follow the committee "
                    "once you signed. Up to " (FORM) " at a time."
                }
                input #(id) type="file" multiple name={ (FILE) (list) } aria-describedby={ (id) "-hint" };
            }
        }
    }

    fn list(&self, field: &Field, name: &str, item: &[Field], max: usize) -> Markup {
        let id = anchor(name);
        let (beside, described) = self.beside(field, name);
        let rows = self.values.rows(name);
        let one = singular(&label_of(field.name));
        html! {
            fieldset.field.list #(id) tabindex="-1" aria-describedby=(described) {
                legend { (label_of(field.name)) (required(field)) }
                (beside)
                @if Named::is_item(item) && rows < max { (self.upload(name)) }
                @for n in 0..rows.min(max) {
                    fieldset.row.item {
                        legend { (one) " " (n + 1) }
                        (self.hidden(&format!("{name}.{n}.{ITEM}")))
                        @if self.added == Some(name) && n + 1 == rows {
                            span.here tabindex="-1" autofocus {}
                        }
                        @for field in item {
                            (self.named(field, &format!("{name}.{n}.{}", field.name)))
                        }
                        (remove(name, n, &one))
                    }
                }
                @if rows < max { (add(name, &one.to_lowercase())) }
            }
        }
    }
}

fn add(list: &str, one: &str) -> Markup {
    html! { button.more type="submit" name="_do" value={ "add:" (list) } formnovalidate { "+ Add " (one) } }
}

fn remove(list: &str, n: usize, one: &str) -> Markup {
    html! {
        button.less type="submit" name="_do" value={ "remove:" (list) "." (n) } formnovalidate
            aria-label={ "Remove " (one) " " (n + 1) } { "Remove" }
    }
}

fn required(field: &Field) -> Markup {
    html! { @if field.required { span.needed { " (needed)" } } }
}

fn rows(max: usize) -> usize {
    match max {
        0..=4096 => 3,
        4097..=65_536 => 6,
        _ => 12,
    }
}

fn limit_of(field: &Field) -> Option<String> {
    // Many declarations say so already.
    let told = field.about.contains("markdown");
    Some(match &field.ty {
        Type::Text { max } if told => format!("Up to {} characters.", thousands(*max)),
        Type::Line { max } => format!("Up to {max} characters."),
        Type::Text { max } => format!("Markdown, up to {} characters.", thousands(*max)),
        Type::Int { .. } if is_share(field) => "In per cent, with up to four decimals.".to_owned(),
        Type::Int { max } if *max < 1_000_000 => format!("A whole number from 0 to {max}."),
        Type::Int { .. } => "A whole number.".to_owned(),
        Type::Id => "An id, or at least its first 8 digits; known people are suggested by name.".to_owned(),
        Type::Named => format!("A known person, an id, or a name of up to {NAMED} characters."),
        Type::Key | Type::Hash => "64 digits of 0-9 and a-f.".to_owned(),
        Type::Ids { max } if *max <= IDS => format!("Up to {max}."),
        Type::Ids { max } => format!("One id on each line, up to {max}."),
        Type::Lines { max, each } => format!("One on each line, up to {max} of {each} characters."),
        Type::Money => "In the smallest unit of the currency, such as cents: 12500 EUR are 125 euros.".to_owned(),
        Type::List { max, .. } => format!("Up to {max}."),
        Type::Item => "An item of the document, or its id:place.".to_owned(),
        Type::Bytes { max } => format!("{} digits of 0-9 and a-f.", max * 2),
        Type::Flag | Type::Choice(_) | Type::Date => return None,
    })
}

fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn input_type(ty: &Type) -> &'static str {
    match ty {
        Type::Int { .. } => "number",
        Type::Date => "date",
        _ => "text",
    }
}

fn max_length(ty: &Type) -> Option<usize> {
    match ty {
        Type::Line { max } => Some(*max),
        Type::Key | Type::Hash => Some(64),
        Type::Named => Some(NAMED),
        _ => None,
    }
}

fn max_value(field: &Field) -> Option<u64> {
    match field.ty {
        Type::Int { .. } if is_share(field) => Some(100),
        Type::Int { max } => Some(max),
        _ => None,
    }
}

/// The list of suggestions for a field: people, or documents of the kind that it takes.
fn suggestions(field: &Field) -> Option<&'static str> {
    if !matches!(field.ty, Type::Id | Type::Named | Type::Ids { .. }) {
        return (field.name == "role").then_some("roles");
    }
    Some(match (field.ty, field.name) {
        (Type::Id, "entry" | "reply_to" | "grant" | "continues") => return None,
        (_, "domain" | "parent") => "docs-domain",
        (_, "evaluation") => "docs-evaluation",
        (_, "programme" | "predecessor") => "docs-proposal",
        (_, "research") => "docs-research",
        (_, "replacement") => "docs-nomination",
        (_, "concerns") => "docs-concern",
        (_, "alternatives") => "docs-motion",
        (Type::Id, "decision") => "docs-decision",
        (Type::Id, "doc" | "about" | "scope" | "fork_of" | "bundle") | (Type::Ids { .. }, "bundle" | "ratifies") => {
            "docs"
        }
        _ => "people",
    })
}

/// Suggestions for the field `role`.
pub(crate) fn roles() -> Markup {
    html! {
        datalist #roles {
            @for (name, about) in ROLES { option value=(name) { (about) } }
        }
    }
}

/// One of what a list holds.
fn singular(label: &str) -> String {
    let cut = match label {
        "Data" | "Budget" => None,
        _ => label.strip_suffix('s'),
    };
    cut.map_or_else(|| format!("{label} line"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use althing_protocol::kind;

    use super::*;

    #[test]
    fn what_is_suggested_becomes_an_id_and_other_text_stays() {
        assert_eq!(name_of("Carol · 1a2b3c4d"), "1a2b3c4d");
        assert_eq!(name_of("Carol · of the harbour"), "Carol · of the harbour");
        assert_eq!(name_of("Carol"), "Carol");
    }

    #[test]
    fn what_was_typed_is_text_and_every_input_has_a_label() {
        let mut values = Values::default();
        values.set("title", "\"><script>alert(1)</script>");
        values.set("reasons", "</textarea><script>");
        values.add("goals", 1);
        let faults = [Fault::new("title", "This has 301 bytes.")];
        let show = Show {
            values: &values,
            faults: &faults,
            preview: false,
            added: None,
            items: &Items::default(),
        };
        let nomination = kind::find("nomination").unwrap();
        let page: String = nomination
            .all_fields()
            .map(|field| show.field(field).into_string())
            .collect();
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("aria-invalid=\"true\"") && page.contains("This has 301 bytes."));
        for id in page.split("for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
        assert!(page.contains("name=\"goals.0.text\"") && page.contains("value=\"remove:goals.0\""));
    }

    #[test]
    fn every_list_of_suggestions_is_on_the_page() {
        let page = super::super::People::default().list().into_string() + &roles().into_string();
        fn all(fields: &'static [Field], out: &mut Vec<&'static Field>) {
            for field in fields {
                out.push(field);
                if let Type::List { item, .. } = field.ty {
                    all(item, out);
                }
            }
        }
        for kind in kind::all() {
            let mut fields = Vec::new();
            all(kind.fields, &mut fields);
            for list in fields.into_iter().filter_map(suggestions) {
                assert!(page.contains(&format!("id=\"{list}\"")), "{}: {list}", kind.name);
            }
        }
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(
            (thousands(999), thousands(245_760)),
            ("999".to_owned(), "245,760".to_owned())
        );
    }
}
