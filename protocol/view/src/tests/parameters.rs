//! The parameters that views read are those that the specification lists.
#![expect(clippy::disallowed_methods, reason = "a test that reads and writes a generated file")]

use std::fmt::Write as _;
use std::path::Path;

use crate::PARAMETERS;

const HEAD: &str = "# Parameters

This file is written by the program from its declarations (`protocol/view/src/parameter.rs`). A test holds both equal;
`ALTHING_BLESS=1 cargo test -p althing-view` writes it anew.

Durations, caps and thresholds are data of the committee: `althing set NAME VALUE --committee ID`. Until it sets one, the value
below holds. A word after a name, such as `options_max_offboard`, sets it for that word alone.

| parameter | value | what it is for |
|---|---|---|
";

#[test]
fn parameters_are_those_of_the_specification() {
    let mut out = HEAD.to_owned();
    for (name, value, about) in PARAMETERS {
        writeln!(out, "| `{name}` | {value} | {about} |").unwrap();
        assert!(
            althing_protocol::control::is_name(name, althing_protocol::limit::NAME),
            "{name} can be set"
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/views/parameters.md");
    if std::env::var_os("ALTHING_BLESS").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == out,
        "{} is out of date: run with ALTHING_BLESS=1",
        path.display()
    );
}
