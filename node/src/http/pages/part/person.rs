//! People, by name and by the first digits of who they are.

use althing_protocol::hash::Id;
use maud::{Markup, html};

use super::text;
use crate::http::pages::View;

/// Characters of a name that are shown beside other things.
const NAME: usize = 60;

/// A link to an identity: its name, and eight digits that no two people share.
pub(crate) fn link(view: &View<'_>, id: Id) -> Markup {
    let name = name(view, id);
    html! {
        a.person href={ "/p/" (id) } title=(id) {
            @match &name {
                Some(name) => { bdi { (text::visible(&text::short(name, NAME))) } " " (text::id(id)) },
                None => (text::id(id)),
            }
        }
        @if name.as_deref().is_some_and(is_mixed) {
            " " span.flag.warn title="A letter of one alphabet can look like one of another: check the eight digits." {
                "mixed alphabets"
            }
        }
    }
}

/// Several of them.
pub(crate) fn links(view: &View<'_>, ids: &[Id]) -> Markup {
    html! {
        @for (n, id) in ids.iter().enumerate() {
            @if n > 0 { ", " }
            (link(view, *id))
        }
    }
}

/// What somebody calls themselves, if their profile is here.
pub(crate) fn name(view: &View<'_>, id: Id) -> Option<String> {
    let context = view.context;
    context
        .cache
        .name(&context.ingest, id)
        .filter(|name| !name.trim().is_empty())
}

/// What to call somebody in plain text: the name, or the first digits.
pub(crate) fn called(view: &View<'_>, id: Id) -> String {
    name(view, id).map_or_else(
        || id.short().to_string(),
        |name| text::visible(&text::short(&name, NAME)).into_owned(),
    )
}

/// Whether one word holds letters of alphabets that are easily taken for each other.
pub(crate) fn is_mixed(name: &str) -> bool {
    name.split(|c: char| !c.is_alphabetic()).any(|word| {
        let mut found: Option<Alphabet> = None;
        word.chars().filter_map(Alphabet::of).any(|alphabet| match found {
            Some(before) => before != alphabet,
            None => {
                found = Some(alphabet);
                false
            }
        })
    })
}

/// What a name looks like: two names with the same skeleton are easily taken for each other.
pub(crate) fn skeleton(name: &str) -> String {
    let folded = name.chars().flat_map(|c| unwidened(c).to_lowercase());
    let seen = folded.filter(|c| !c.is_whitespace() && !text::visible(&c.to_string()).starts_with('⟨'));
    seen.map(like)
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .replace("rn", "m")
        .replace("vv", "w")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
}

impl Alphabet {
    fn of(c: char) -> Option<Self> {
        Some(match u32::from(c) {
            0x41..=0x5a | 0x61..=0x7a | 0xc0..=0x24f | 0x1e00..=0x1eff | 0xff21..=0xff5a => Self::Latin,
            0x370..=0x3ff | 0x1f00..=0x1fff => Self::Greek,
            0x400..=0x52f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Self::Cyrillic,
            0x530..=0x58f => Self::Armenian,
            0x13a0..=0x13ff | 0xab70..=0xabbf => Self::Cherokee,
            _ => return None,
        })
    }
}

/// Full-width forms as their plain ones.
fn unwidened(c: char) -> char {
    match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// The plain Latin letter that a lower-case letter or digit looks like, or itself.
fn like(c: char) -> char {
    match c {
        'а' | 'ɑ' | 'α' | 'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' | 'ā' => 'a',
        'Ь' | 'ь' | 'Ꮟ' => 'b',
        'с' | 'ϲ' | 'ç' | 'ć' | 'č' => 'c',
        'ԁ' | 'ɗ' => 'd',
        'е' | 'ё' | 'ε' | 'є' | 'è' | 'é' | 'ê' | 'ë' | 'ē' => 'e',
        'ƒ' => 'f',
        'ɡ' | 'ց' | 'ğ' => 'g',
        'һ' | 'հ' => 'h',
        'і' | 'ї' | 'ı' | 'ι' | 'ì' | 'í' | 'î' | 'ï' | 'l' | '1' | '|' | 'ӏ' | 'ł' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'п' | 'ո' | 'η' | 'ñ' | 'ń' => 'n',
        'о' | 'ο' | 'օ' | 'σ' | '0' | 'ò' | 'ó' | 'ô' | 'ö' | 'õ' | 'ø' | 'ō' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' | 'ʀ' => 'r',
        'ѕ' | 'ś' | 'š' | '5' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' | 'ц' | 'ù' | 'ú' | 'û' | 'ü' | 'ū' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ω' | 'ш' | 'ա' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ý' | 'ÿ' => 'y',
        'ʐ' | 'ž' => 'z',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alike_names_have_one_skeleton() {
        for other in [
            "ada lovelace",
            "Аdа Lоvеlасе",
            "ADA  LOVELACE",
            "Ａｄａ Lovelace",
            "Ada\u{200b} Love1ace",
            "Ada Lovelàce",
        ] {
            assert_eq!(skeleton(other), skeleton("Ada Lovelace"), "{other}");
        }
        for different in ["Ada Lovelock", "Ida Lovelace", ""] {
            assert_ne!(skeleton(different), skeleton("Ada Lovelace"), "{different}");
        }
        assert_eq!(skeleton("Kim Morn"), skeleton("Kim Mom"));
    }

    #[test]
    fn letters_of_two_alphabets_in_one_word_are_noticed() {
        assert!(is_mixed("Аda") && is_mixed("Bob Pαul"));
        assert!(!is_mixed("Ada") && !is_mixed("Ада Lovelace") && !is_mixed("Zoë") && !is_mixed("李 Wei"));
    }
}
