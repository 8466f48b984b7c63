//! Values of fields, each as its declaration says what it is.

use althing_protocol::file::Named;
use althing_protocol::kind::{Field, ItemId, Record, Type, Value};
use maud::{Markup, html};

use super::{file, markdown, refer, text, time, words};
use crate::http::pages::View;
use crate::http::pages::form::is_share;

/// Entries or lines of one value that are shown.
const SHOWN: usize = 200;

/// A value.
pub(crate) fn value(view: &View<'_>, field: &Field, value: &Value) -> Markup {
    match (field.ty, value) {
        (Type::Text { .. }, Value::Text(text)) => html! { div.prose dir="auto" { (markdown::html(text)) } },
        (Type::Date, Value::Text(text)) => time::day(text),
        (Type::Choice(_), Value::Text(word)) => html! { (words::human(word)) },
        (_, Value::Text(text)) => line(text),
        (_, Value::Int(ppm)) if is_share(field) => {
            html! { span title={ (ppm) " parts per million" } { (per_cent(*ppm)) } }
        }
        (_, Value::Int(n)) => html! { (text::grouped(n)) },
        (_, Value::Flag(yes)) => html! { (if *yes { "yes" } else { "no" }) },
        (_, Value::Id(id)) => refer::link(view, *id),
        (_, Value::Key(key)) => html! { code.id title=(key) data-whole=(key) { (key.short().to_string()) } },
        (_, Value::Hash(hash)) => html! { code.id title=(hash) data-whole=(hash) { (hash.short().to_string()) } },
        (_, Value::Bytes(bytes)) => html! { (text::grouped(bytes.len())) " bytes" },
        (_, Value::Money { amount, currency }) => money(*amount, currency),
        (_, Value::Ids(ids)) => html! {
            ul.plain {
                @for id in ids.iter().take(SHOWN) { li { (refer::link(view, *id)) } }
                (rest(ids.len()))
            }
        },
        (_, Value::Lines(lines)) => html! {
            ul.plain {
                @for one in lines.iter().take(SHOWN) { li { (line(one)) } }
                (rest(lines.len()))
            }
        },
        (_, Value::Item(item)) => this_item(*item),
        (Type::List { item, .. }, Value::List(records)) if Named::is_item(item) => file::list(view, records.iter()),
        (Type::List { item, .. }, Value::List(records)) => {
            let records: Vec<&Record> = records.iter().take(SHOWN).collect();
            let more = records.len();
            html! {
                ul.plain {
                    @for record in records { li { (fields(view, item, record)) } }
                    @if more == SHOWN { li.quiet { "and more" } }
                }
            }
        }
        (_, Value::List(_)) => html! { span.quiet { "a list" } },
    }
}

/// The fields of a record, as a list of facts.
pub(crate) fn fields(view: &View<'_>, declared: &[Field], record: &Record) -> Markup {
    html! {
        dl.facts {
            @for field in declared {
                @if let Some(found) = record.get(field.name) {
                    dt { (words::human(field.name)) }
                    dd { (value(view, field, found)) }
                }
            }
        }
    }
}

/// An amount. Well-known currencies have hundredths; of others nobody can say what the smallest unit is.
pub(crate) fn money(amount: u64, currency: &str) -> Markup {
    html! {
        span.money title={ (amount) " of the smallest unit of " (text::visible(currency)) ", as signed" } { (self::amount(amount, currency)) }
    }
}

/// The same in plain text.
pub(crate) fn amount(amount: u64, currency: &str) -> String {
    let currency = text::visible(currency);
    match &*currency {
        "AUD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "INR" | "MXN" | "NOK" | "NZD"
        | "PLN" | "SEK" | "USD" => format!("{}.{:02} {currency}", text::grouped(amount / 100), amount % 100),
        _ => format!("{} {currency}", text::grouped(amount)),
    }
}

/// Parts per million, as `12.5 %`.
pub(crate) fn per_cent(ppm: u64) -> String {
    let whole = text::grouped(ppm / 10_000);
    match ppm % 10_000 {
        0 => format!("{whole}\u{a0}%"),
        rest => format!("{whole}.{}\u{a0}%", format!("{rest:04}").trim_end_matches('0')),
    }
}

/// A line: a link where it is nothing but an address on the web.
pub(crate) fn line(line: &str) -> Markup {
    let shown = text::visible(line);
    let web = line.starts_with("https://") || line.starts_with("http://");
    let plain = line
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`'));
    html! {
        @if web && plain {
            a href=(line) rel="nofollow noopener noreferrer" { (text::short(&shown, 100)) }
        } @else {
            bdi { (shown) }
        }
    }
}

fn this_item(item: ItemId) -> Markup {
    html! { "item " (item.n + 1) " added by " (text::id(item.entry)) }
}

fn rest(len: usize) -> Markup {
    html! {
        @if len > SHOWN { li.quiet { "and " (len - SHOWN) " more" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_per_million_are_exact_in_per_cent() {
        for (ppm, words) in [
            (0, "0"),
            (125_000, "12.5"),
            (1, "0.0001"),
            (1_000_000, "100"),
            (333_333, "33.3333"),
        ] {
            assert_eq!(per_cent(ppm), format!("{words}\u{a0}%"));
        }
    }
}
