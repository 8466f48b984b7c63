mod corpus;

use std::collections::BTreeMap;

use super::*;

const NOMINATION: &str = "\
# MIP41c4-SP99: Facilitator Onboarding (Garden Unit)

## Preamble

```
MIP41c4-SP#: #99
Author: Ada
  and Grace
Tags: core-unit, cu-garden-001, facilitator
Date Proposed: 2021-02-28
Date Ratified: 2021-25-03
Budget End Date: 2021-02-29
Date Approved:
---
Extra: see: below
```

## Facilitator name and information

- **Name:** `Ada L.`
- Forum handle: [@ada](https://forum.example/u/ada)

### Not of this section
Name: in a deeper one, so it counts

## Credentials
Name: elsewhere
";

/// The document alone.
fn read(source: &str, bytes: &[u8]) -> Result<Document, Skip> {
    super::read(source, bytes).map(|proposal| proposal.document)
}

fn text<'a>(document: &'a Document, field: &str) -> Option<&'a str> {
    document.content.get(field).and_then(Json::as_str)
}

fn proposal(line: &str) -> String {
    format!("# A\n\n## Preamble\n```\n{line}\nStatus: Accepted\n```\nText\n")
}

#[test]
fn a_nomination_keeps_its_preamble_and_text_word_for_word() {
    let read = read("a/b.md", NOMINATION.as_bytes()).unwrap();
    assert_eq!((read.kind.as_str(), read.source.as_str()), ("nomination", "a/b.md"));
    assert_eq!(read.source_hash, Hash(sha256(&[NOMINATION.as_bytes()])));
    assert_eq!(
        text(&read, "title"),
        Some("MIP41c4-SP99: Facilitator Onboarding (Garden Unit)")
    );
    let preamble = text(&read, "preamble").unwrap();
    assert!(
        preamble.starts_with("MIP41c4-SP#: #99\nAuthor: Ada\n  and Grace\n"),
        "{preamble}"
    );
    assert!(preamble.ends_with("---\nExtra: see: below"), "{preamble}");
    let reasons = text(&read, "reasons").unwrap();
    assert!(reasons.starts_with("## Facilitator name and information\n\n- **Name:** `Ada L.`"));
    assert!(reasons.ends_with("Name: elsewhere"));
    assert_eq!(text(&read, "domain"), Some("GARDEN-001"));
    assert_eq!(text(&read, "seat"), Some("Facilitator"));
    assert_eq!(text(&read, "handle"), Some("@ada"));
}

#[test]
fn names_are_read_only_where_there_is_one() {
    // The section holds two names, so neither is taken.
    assert_eq!(text(&read("a.md", NOMINATION.as_bytes()).unwrap(), "nominee"), None);
    let single = NOMINATION.replace("Name: in a deeper one, so it counts\n", "");
    assert_eq!(
        text(&read("a.md", single.as_bytes()).unwrap(), "nominee"),
        Some("Ada L.")
    );
}

#[test]
fn dates_that_are_no_days_stay_text() {
    let read = read("a.md", NOMINATION.as_bytes()).unwrap();
    assert_eq!(
        read.content.get("dates"),
        Some(&json!([
            { "what": "Date Proposed", "day": "2021-02-28" },
            { "what": "Date Ratified", "text": "2021-25-03" },
            { "what": "Budget End Date", "text": "2021-02-29" },
        ]))
    );
    assert!(is_day("2024-02-29") && is_day("2000-02-29") && is_day("2021-12-31"));
    for no in [
        "2100-02-29",
        "2024-04-31",
        "2022-7-1",
        "N/A",
        "<yyyy-mm-dd>",
        "",
        "2021-06-8",
        "2021-00-10",
        "2021-01-00",
    ] {
        assert!(!is_day(no), "{no}");
    }
}

#[test]
fn keys_of_preambles_vary() {
    for (line, kind, form) in [
        ("MIP7c3-SP#: 6", "nomination", None),
        ("MIP7c4-SP#: #1", "motion", Some("offboard")),
        ("MIP41c5-SP#:2", "motion", Some("offboard")),
        ("MIP39c3-SP: 5", "motion", Some("disband")),
        ("MIP39c2-SP: #5", "statement", Some("mandate")),
        ("MIP40C3-SP#: # 20", "statement", Some("budget")),
    ] {
        let read = read("x.MD", proposal(line).as_bytes()).unwrap();
        assert_eq!((read.kind.as_str(), text(&read, "form")), (kind, form), "{line}");
    }
}

#[test]
fn what_is_skipped_says_why() {
    let skip = |line: &str| read("x.md", proposal(line).as_bytes()).unwrap_err();
    let number = |text: &str| text.to_owned();
    assert_eq!(skip("MIP#: 41"), Skip::Framework { number: number("41") });
    assert_eq!(skip("MIP41c4-SP#: #"), Skip::Template { number: number("#") });
    assert_eq!(skip("MIP41c4-SP#: <#>"), Skip::Template { number: number("<#>") });
    assert_eq!(skip("MIP6c2-SP#: 1"), Skip::OtherSort { sort: number("MIP6c2") });
    assert_eq!(skip("Author: x"), Skip::NoNumber);
    assert_eq!(read("x.txt", b""), Err(Skip::NotMarkdown));
    assert_eq!(read("x.md", b"# only text"), Err(Skip::NoPreamble));
    assert_eq!(
        read("x.md", b"# A\n```\nMIP7c3-SP: 1\n"),
        Err(Skip::NoPreamble),
        "never closed"
    );
    assert_eq!(read("x.md", &[0xff]), Err(Skip::NotText));
    let size = LARGEST + 1;
    assert_eq!(read("x.md", &vec![b'a'; size]), Err(Skip::TooLarge { size }));
}

#[test]
fn the_fence_may_be_longer_and_the_text_may_hold_fences() {
    let file = "# A\n## Preamble\n````\nMIP7c3-SP: 1\n```\nStatus: x\n````\n## B\n```\n# no heading\n```\n";
    let read = read("a.md", file.as_bytes()).unwrap();
    assert_eq!(text(&read, "preamble"), Some("MIP7c3-SP: 1\n```\nStatus: x"));
    assert_eq!(text(&read, "reasons"), Some("## B\n```\n# no heading\n```"));
}

const OFFBOARDING: &str = "\
# MIP41c5-SP98: Facilitator Offboarding - Ada L. (GARDEN-001)

## Preamble
```
MIP41c5-SP#: 98
Tags: cu-facilitator, gradne-001
Status: Accepted
Date Ratified: N/A
Extra: This was a voluntary offboarding.
```
## Sentence Summary
Offboards. If [MIP41c4-SP99](https://forum.example/t/1) passes, it is MIP41c4-SP99 that follows.
## Specification
### Motivation

Thanks, and two reasons.

#### One

It is time.

### Core Unit ID

- GARDEN-001
";

#[test]
fn an_offboarding_says_whom_why_and_who_follows_and_never_that_it_is_voluntary() {
    let read = read("a.md", OFFBOARDING.as_bytes()).unwrap();
    assert_eq!(text(&read, "subject"), Some("Ada L."));
    assert_eq!(text(&read, "domain"), Some("GARDEN-001"));
    assert_eq!(text(&read, "replacement"), Some("MIP41c4-SP99"));
    assert_eq!(text(&read, "source_status"), Some("Accepted"));
    assert_eq!(
        text(&read, "reasons"),
        Some("Thanks, and two reasons.\n\n#### One\n\nIt is time.")
    );
    assert!(
        text(&read, "text").unwrap().contains("It is time."),
        "the text stays whole"
    );
    assert_eq!(read.content.get("voluntary"), None);
    assert_eq!(
        read.content.get("effective"),
        None,
        "no preamble says from when it holds"
    );
}

#[test]
fn whom_an_offboarding_is_about_is_read_only_where_one_person_is_named() {
    let subject = |title: &str, sentence: &str| {
        let file = format!("# MIP41c5-SP1: {title}\n```\nMIP41c5-SP#: 1\n```\n## Sentence Summary\n{sentence}\n");
        text(&read("a.md", file.as_bytes()).unwrap(), "subject").map(str::to_owned)
    };
    let unit = "Facilitator Offboarding (GARDEN-001)";
    let office = Some("Facilitator of GARDEN-001".to_owned());
    assert_eq!(
        subject("Facilitator Offboarding - Ada (GARDEN-001)", ""),
        Some("Ada".to_owned())
    );
    assert_eq!(
        subject(unit, "It offboards @ada_l. At once."),
        Some("@ada_l".to_owned())
    );
    assert_eq!(
        subject(unit, "This offboards Ada Lovelace from it."),
        Some("Ada Lovelace".to_owned())
    );
    assert_eq!(
        subject(unit, "It will offboard me, Ada Lovelace, as is."),
        Some("Ada Lovelace".to_owned())
    );
    assert_eq!(
        subject(unit, "It relieves the Facilitator, @ada, of it."),
        Some("@ada".to_owned())
    );
    assert_eq!(
        subject(unit, "This is @ada's voluntary offboarding."),
        Some("@ada".to_owned())
    );
    assert_eq!(subject(unit, "It offboards @ada and offboards @eve."), office);
    assert_eq!(subject(unit, "It offboards the Facilitator."), office);
    assert_eq!(
        subject("Facilitator Offboarding", "It offboards the Facilitator."),
        None
    );
}

#[test]
fn a_unit_is_told_by_the_places_that_name_one_code() {
    let codes = |title: &str, tags: &str, id: &str| {
        let file = format!(
            "# {title}\n```\nMIP39c2-SP#: 1\nTags: {tags}\n```\n## Core Unit ID\n\n{id}\n\n## Core Unit Name\n\n**Name:** The Garden\n"
        );
        super::read("a.md", file.as_bytes()).unwrap().unit
    };
    let unit = codes("Adding (GARDEN-001)", "core-unit, cu-graden-001", "* GARDEN-001");
    assert_eq!(unit.codes, ["GARDEN-001", "GRADEN-001"]);
    assert_eq!(unit.name.as_deref(), Some("The Garden"));
    assert_eq!(
        codes("A-001 out of B-001", "c-001, d-001", "").codes,
        Vec::<String>::new(),
        "two in one place name none"
    );
    let stem = codes("Removing", "", "SES");
    assert_eq!((stem.codes.len(), stem.stem.as_deref()), (0, Some("SES")));
    assert_eq!(codes("x", "", "RWF-0x, a split").stem, None);
    let other = codes("Creating RWF-0x from a split of RWF-001", "rwf-001", "RWF-0x");
    assert_eq!((other.codes.len(), other.stem), (0, None), "a unit of its own");
}

#[test]
fn a_folder_has_one_domain_for_each_unit_and_links_what_speaks_of_each_other() {
    let proposal = |text: &str| super::read("a.md", text.as_bytes()).unwrap();
    let onboarding = proposal(NOMINATION);
    let offboarding = proposal(OFFBOARDING);
    // Only a tag names this unit otherwise, and most proposals name it as here.
    let by_stem = proposal("# Removing\n```\nMIP39c3-SP#: 4\n```\n## Core Unit ID\nGARDEN\n");
    let mut folder = Folder::default();
    for one in [&onboarding, &offboarding, &by_stem] {
        folder.note(one);
    }
    let units = folder.units();
    let domains = units.domains();
    let [(code, domain)] = domains.as_slice() else {
        panic!("{domains:?}")
    };
    assert_eq!(
        (code.as_str(), domain.source.as_str()),
        ("GARDEN-001", "unit GARDEN-001")
    );
    assert_eq!(
        json!(domain.content),
        json!({ "name": "GARDEN-001", "code": "GARDEN-001", "form": "unit" })
    );
    let id = |n: u8| althing_protocol::hash::Id([n; 32]);
    let links = Links {
        domains: BTreeMap::from([("GARDEN-001".to_owned(), id(1))]),
        nominations: BTreeMap::from([(onboarding.number.clone(), id(2))]),
    };
    let linked = units.linked(offboarding.clone(), &links);
    assert_eq!(linked.content.get("domain"), Some(&json!(id(1))));
    assert_eq!(linked.content.get("replacement"), Some(&json!(id(2))));
    assert_eq!(units.linked(by_stem, &links).content.get("domain"), Some(&json!(id(1))));
    let unlinked = units.linked(offboarding, &Links::default());
    assert_eq!(
        unlinked.content.get("domain"),
        Some(&json!("GARDEN-001")),
        "what has no document stays a name"
    );
    assert_eq!(unlinked.content.get("replacement"), Some(&json!("MIP41c4-SP99")));
}

#[test]
fn another_spelling_of_a_code_is_the_same_unit_unless_it_has_a_mandate() {
    let proposal = |number: &str, title: &str, tags: &str| {
        let file = format!("# {title}\n```\n{number}\nTags: {tags}\n```\n");
        super::read("a.md", file.as_bytes()).unwrap()
    };
    let both = proposal("MIP41c5-SP#: 1", "Offboarding (PECU-001)", "pe-001");
    let common = proposal("MIP40c3-SP#: 1", "Budget (PE-001)", "");
    let other = proposal("MIP41c4-SP#: 1", "Onboarding (PECU-001)", "");
    let mandate = proposal("MIP39c2-SP#: 1", "Adding (PECU-001)", "");
    let codes = |all: &[&Proposal]| {
        let mut folder = Folder::default();
        all.iter().for_each(|one| folder.note(one));
        let units = folder.units();
        (units.code(&other.unit).unwrap(), units.domains().len())
    };
    assert_eq!(codes(&[&both, &common, &common, &other]), ("PE-001".to_owned(), 1));
    assert_eq!(
        codes(&[&both, &common, &common, &common, &other, &mandate]),
        ("PECU-001".to_owned(), 2)
    );
}

#[test]
fn statuses_that_statements_have_a_word_for() {
    let level = |status: &str| {
        let file = format!("# A\n```\nMIP40c3-SP#: 1\nStatus: {status}\n```\n");
        let read = read("a.md", file.as_bytes()).unwrap();
        assert_eq!(text(&read, "source_status"), Some(status));
        text(&read, "level").map(str::to_owned)
    };
    for word in ["accepted", "rejected", "obsolete", "withdrawn"] {
        assert_eq!(level(&word.to_uppercase()).as_deref(), Some(word));
    }
    assert_eq!(level("RFC").as_deref(), Some("draft"));
    assert_eq!(level("Formal Submission").as_deref(), Some("submitted"));
    assert_eq!(level("Accepted, mostly"), None);
}
