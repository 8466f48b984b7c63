//! Values of fields, each as its declaration says what it is.

use althing_protocol::file::Named;
use althing_protocol::kind::{Field, ItemId, Record, Type, Value};
use maud::{Markup, html};

use super::{file, markdown, refer, text, time, words};
use crate::http::pages::View;

/// Entries or lines of one value that are shown.
const SHOWN: usize = 200;

/// A value.
pub(crate) fn value(view: &View<'_>, field: &Field, value: &Value) -> Markup {
    match (field.ty, value) {
        (Type::Text { .. }, Value::Text(text)) => html! { div.prose dir="auto" { (markdown::html(text)) } },
        (Type::Date, Value::Text(text)) => time::day(text),
        (Type::Choice(_), Value::Text(word)) => html! { (words::human(word)) },
        (_, Value::Text(text)) => line(text),
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
    let currency = text::visible(currency);
    html! {
        span.money title={ (amount) " of the smallest unit of " (currency) ", as signed" } {
            @match &*currency {
                "AUD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "INR" | "MXN" | "NOK" | "NZD" | "PLN" | "SEK" | "USD" => {
                    (text::grouped(amount / 100)) "." (format!("{:02}", amount % 100)) " " (currency)
                },
                _ => { (text::grouped(amount)) " " (currency) },
            }
        }
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
