//! R1 to R20.

use serde_json::json;

use super::town::Town;

#[test]
fn r02_only_the_nominees_word_puts_them_on_the_ballot() {
    let mut town = Town::new();
    let (ana, ben) = (town.person("Ana"), town.person("Ben"));
    let domain = town.open(
        "domain",
        town.founder,
        "2026-01-05",
        json!({"name": "Risk", "seats": ["lead"]}),
    );
    let of = |nominee| json!({"domain": domain, "seat": "lead", "nominee": nominee});
    let first = town.open("nomination", ana, "2026-02-01", of(ben));
    // The nominator and a bystander accept for somebody else.
    town.act("accept", first, ana, "2026-02-02", json!({}));
    town.act("accept", first, town.founder, "2026-02-02", json!({}));
    let standing = |town: &Town, day: &str| {
        let rows = town.at(day).rows("ballot", None, "nominations");
        rows.iter()
            .map(|row| row["standing"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(standing(&town, "2026-02-15"), ["waiting"], "the last day of the term");
    assert_eq!(standing(&town, "2026-02-16"), ["silent past the term"]);
    town.act("accept", first, ben, "2026-02-20", json!({}));
    assert_eq!(standing(&town, "2026-02-21"), ["on the ballot"], "late words count");
    town.act("decline", first, ben, "2026-02-22", json!({}));
    assert_eq!(standing(&town, "2026-02-23"), ["declined"]);
}
