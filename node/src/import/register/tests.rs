use super::*;

fn options() -> Options {
    Options {
        title: "Holders".to_owned(),
        chain: 1,
        block: 18_000_000,
        source: "a node of our own".to_owned(),
        ..Options::default()
    }
}

fn holders(parts: &[Document]) -> Vec<(String, String, u64)> {
    let items = parts
        .iter()
        .filter_map(|part| part.content.get("holders")?.as_array())
        .flatten();
    let word = |item: &Json, name: &str| item[name].as_str().unwrap().to_owned();
    items
        .map(|item| {
            (
                word(item, "holder"),
                word(item, "class"),
                item["weight"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn list(text: &str, decimals: u8, class: Option<&str>) -> Result<Vec<(String, String, u64)>, Wrong> {
    let options = Options {
        decimals,
        class: class.map(str::to_owned),
        ..options()
    };
    let is_json = text.trim_start().starts_with(['[', '{']);
    read(text.as_bytes(), is_json, &options).map(|parts| holders(&parts))
}

fn row(holder: &str, class: &str, weight: u64) -> (String, String, u64) {
    (holder.to_owned(), class.to_owned(), weight)
}

const ADDRESS: &str = "0xAbCdEf0123456789aBcDeF0123456789AbCdEf01";

#[test]
fn csv_and_json_say_the_same() {
    let expected = vec![
        row(&ADDRESS.to_ascii_lowercase(), "holders", 1250),
        row("Ada, \"the\" L.", "delegates", 300),
    ];
    let csv = format!(
        "\u{feff}Class, Address ,extra,Balance\nholders,{ADDRESS},x,12.5\ndelegates,\"Ada, \"\"the\"\" L.\",,3\n"
    );
    assert_eq!(list(&csv, 2, None).unwrap(), expected);
    let json = format!(
        "[{{\"address\": \"{ADDRESS}\", \"class\": \"holders\", \"balance\": 12.5}},\n \
         {{\"holder\": \"Ada, \\\"the\\\" L.\", \"weight\": \"3.00\", \"class\": \"delegates\"}}]"
    );
    assert_eq!(list(&json, 2, None).unwrap(), expected);
}

#[test]
fn a_class_may_stand_for_all() {
    let csv = "holder,class,weight\na,,1\nb,delegates,2\n";
    assert_eq!(
        list(csv, 0, Some("holders")).unwrap(),
        [row("a", "holders", 1), row("b", "delegates", 2)]
    );
    let none = list(csv, 0, None).unwrap_err();
    assert_eq!(
        none.to_string(),
        "line 2: there is no class; add a column `class`, or give one for all with --class"
    );
}

#[test]
fn weights_are_exact_or_refused() {
    for (text, decimals, expected) in [
        ("0", 0, Some(0)),
        ("007", 0, Some(7)),
        ("1.50", 1, Some(15)),
        ("0.000000000000001", 15, Some(1)),
        ("9.007199254740991", 15, Some(9_007_199_254_740_991)),
        ("9007199254740992", 0, None),
        ("99999999999999999999999", 0, None),
        ("0.05", 1, None),
        ("1e5", 0, None),
        ("1,000", 0, None),
        ("-1", 0, None),
        ("+1", 0, None),
        ("1.", 0, None),
        (".5", 1, None),
        ("", 0, None),
    ] {
        assert_eq!(weight::scaled(text, decimals).ok(), expected, "{text}");
    }
}

#[test]
fn whoever_stands_there_twice_is_named_with_both_lines() {
    let csv = format!(
        "holder,class,weight\n{ADDRESS},a,1\n{ADDRESS},b,1\n\n{},a,2\n",
        ADDRESS.to_ascii_lowercase()
    );
    let why = list(&csv, 0, None).unwrap_err();
    let holder = ADDRESS.to_ascii_lowercase();
    let class = "a".to_owned();
    assert_eq!(
        why,
        Wrong::Twice {
            first: 2,
            second: 5,
            holder,
            class
        }
    );
    let json = "[\n{\"holder\": \"a\", \"weight\": 1},\n\n{\"holder\": \"a\", \"weight\": 1}]";
    let why = list(json, 0, Some("c")).unwrap_err();
    assert!(
        why.to_string().starts_with("lines 2 and 4: a (c) stands in both"),
        "{why}"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, says) in [
        ("", "its first line has to name"),
        ("name,weight\n", "its first line has to name"),
        ("holder,weight,balance\na,1,2\n", "its first line has to name"),
        ("holder,weight\n", "it names no holder"),
        (
            "holder,weight\na,1\nb\n",
            "line 3: it has 1 fields where the head has 2",
        ),
        ("holder,weight\na,1\nb,x\n", "line 3: \"x\" is no weight"),
        ("holder,weight\n ,1\n", "line 2: the holder must be"),
        ("[]", "it names no holder"),
        ("{}", "it must be a JSON array"),
        ("[{\"holder\": \"a\"}]", "line 1: it must be an object with"),
        (
            "[{\"holder\": \"a\", \"weight\": 1},\n 5]",
            "line 2: it must be an object with",
        ),
        ("[{\"holder\": \"a\", \"weight\": {}}]", "line 1: \"{}\" is no weight"),
    ] {
        let why = list(text, 0, Some("c")).unwrap_err().to_string();
        assert!(why.starts_with(says), "{text:?}: {why}");
    }
    assert_eq!(read(&[0xff], false, &options()), Err(Wrong::NotText));
}

#[test]
fn a_hundred_thousand_holders_come_in_parts_and_no_more_are_taken() {
    let mut csv = "holder,class,weight\n".to_owned();
    for n in 0..HOLDERS {
        csv.push_str(&format!("0x{n:040x},holders,{n}\n"));
    }
    let parts = read(csv.as_bytes(), false, &options()).unwrap();
    assert!((25..100).contains(&parts.len()), "{}", parts.len());
    let kind = althing_protocol::kind::find("register").unwrap();
    for part in &parts {
        althing_protocol::kind::json::body(kind, &Json::Object(part.content.clone())).unwrap();
    }
    let (last, before) = parts.split_last().unwrap();
    assert!(!last.more && before.iter().all(|part| part.more));
    assert_eq!(holders(&parts).len(), HOLDERS);
    csv.push_str("one more,holders,1\n");
    assert_eq!(read(csv.as_bytes(), false, &options()), Err(Wrong::TooMany));
}

#[test]
fn another_block_another_file_or_another_reading_is_another_register() {
    let csv = "holder,class,weight\na,b,1\n";
    let source = |text: &str, options: &Options| read(text.as_bytes(), false, options).unwrap()[0].source.clone();
    let first = source(csv, &options());
    assert_eq!(source(csv, &options()), first);
    let renamed = Options {
        title: "Other".to_owned(),
        ..options()
    };
    assert_eq!(source(csv, &renamed), first, "its title does not make it another one");
    let others = [
        source(csv, &Options { block: 1, ..options() }),
        source(csv, &Options { chain: 2, ..options() }),
        source(
            csv,
            &Options {
                decimals: 1,
                ..options()
            },
        ),
        source("holder,class,weight\na,b,2\n", &options()),
    ];
    for other in others {
        assert_ne!(other, first);
    }
}
