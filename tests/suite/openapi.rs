//! schemathesis reads the OpenAPI document and asks for whatever it allows and forbids: no server error may come of it,
//! and every answer must have the shape that the document promises.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::node::{World, found, state};

/// Requests for each operation and phase: some thousand in all.
const EXAMPLES: &str = "12";

/// Where it is, if it is here: `.ci/setup test` puts it into the cache and on the path.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("ALTHING_SCHEMATHESIS").map(PathBuf::from);
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|folder| folder.join("schemathesis"))
            .find(|file| file.is_file())
    };
    named.or_else(on_path)
}

#[test]
fn whatever_is_asked_gets_an_answer_of_the_promised_shape() {
    let Some(program) = program() else {
        println!("schemathesis is not here and this test shows nothing: `make setup` installs it");
        return;
    };
    let world = World::new();
    let ada = world.begin("ada");
    let committee = found(&ada);
    let doc = state(&ada, &committee, "Quay");
    ada.cli(&["post", &doc, "something to be found"]);
    ada.cli(&["stance", &doc, "support"]);
    let token = fs::read_to_string(ada.data().join("token")).expect("the node has a token");
    let output = Command::new(program)
        .arg("run")
        .arg(format!("{}/api/v1/openapi.json", ada.api()))
        .arg("--url")
        .arg(format!("{}/api/v1", ada.api()))
        .args(["--header", &format!("Authorization: Bearer {}", token.trim())])
        // A stream has no end to wait for; a link for browsers would be used up.
        .args(["--exclude-path", "/events"])
        .args(["--checks", "not_a_server_error,content_type_conformance,response_schema_conformance"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", EXAMPLES, "--seed", "1", "--request-timeout", "60"])
        .args(["--generation-database", "none", "--no-color"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .env("no_proxy", "*")
        .current_dir(world.dir())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let shown: String = said
        .chars()
        .rev()
        .take(20_000)
        .collect::<Vec<char>>()
        .into_iter()
        .rev()
        .collect();
    assert!(
        output.status.success(),
        "{shown}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(ada.get("/status").is_some(), "the node still serves");
}
