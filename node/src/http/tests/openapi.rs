//! Every path is served, described and documented; answers carry tags.

use std::collections::BTreeSet;

use althing_protocol::entry::Entry;

use super::*;

/// Paths with their methods, as the OpenAPI document has them.
fn operations(node: &Node) -> Vec<(String, String, Value)> {
    let doc = node.ok("/openapi.json");
    let mut out = Vec::new();
    for (path, operations) in doc["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            out.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    out
}

#[test]
fn every_path_is_documented_and_served() {
    let node = Node::new();
    let docs = include_str!("../../../../docs/http.md");
    let all = operations(&node);
    assert!(all.len() > 50, "{}", all.len());
    for (path, method, _) in &all {
        let line = docs.lines().find(|line| line.starts_with(&format!("| `{path}` |")));
        let lines: Vec<&str> = docs
            .lines()
            .filter(|line| line.starts_with(&format!("| `{path}` |")))
            .collect();
        assert!(line.is_some(), "{path} is not in docs/http.md");
        assert!(
            lines.iter().any(|line| line.contains(&method.to_uppercase())),
            "{method} {path} is not in docs/http.md"
        );
        // A path that nobody serves says so in these words.
        let at = node.at(&path.replace("{id}", &"00".repeat(32)));
        let answer = match method.as_str() {
            "get" if path == "/events" => continue,
            "get" => read(node.agent().get(at).call()),
            "delete" => read(node.agent().delete(at).call()),
            _ => read(node.agent().post(at).send_empty()),
        };
        assert_ne!(answer.0, 405, "{method} {path}");
        assert!(
            !answer.1.to_string().contains("there is no /"),
            "{method} {path}: {}",
            answer.1
        );
    }
    // Nothing is served that is not described: routes are registered in one way only.
    let source = include_str!("../api.rs");
    assert!(
        !source.contains(".route("),
        "a path was registered without its description"
    );
    let registered = source.matches(".routes(routes!(").count();
    assert_eq!(
        registered,
        all.len(),
        "a handler is registered twice, or under the path of another one"
    );
    let described: BTreeSet<&String> = all.iter().map(|(path, ..)| path).collect();
    for line in docs.lines().filter_map(|line| line.strip_prefix("| `/")) {
        let path = format!("/{}", line.split('`').next().unwrap());
        assert!(described.contains(&path), "docs/http.md has {path}, which is not there");
    }
}

#[test]
fn operations_say_what_they_take_give_and_need() {
    let node = Node::new();
    let doc = node.ok("/openapi.json");
    assert!(doc["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(doc["components"]["schemas"]["Problem"]["properties"]["detail"].is_object());
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&node) {
        assert!(
            operation["summary"].as_str().is_some_and(|text| text.len() > 5),
            "{method} {path}"
        );
        assert!(operation["responses"]["200"]["content"].is_object(), "{method} {path}");
        assert_eq!(
            operation["responses"]["default"]["$ref"],
            "#/components/responses/Problem"
        );
        let open = method == "get" && !path.ends_with("/archive") || path == "/entries";
        assert_eq!(operation["security"].is_array(), !open, "{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
        let named = path.matches('{').count();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = parameters.iter().filter(|p| p["in"] == "path").count();
        assert_eq!(in_path, named, "{method} {path}: {parameters:?}");
        // What needs the token says so by asking for it.
        if method == "post" && !open {
            let at = node.at(&path.replace("{id}", &"00".repeat(32)));
            assert_eq!(read(node.agent().post(at).send_empty()).0, 401, "{path}");
        }
    }
    let text = doc.to_string();
    let pointers = text.split("\"$ref\":\"#").skip(1);
    let dangling: BTreeSet<&str> = pointers
        .filter_map(|reference| reference.split('"').next())
        .filter(|pointer| doc.pointer(pointer).is_none())
        .collect();
    assert!(dangling.is_empty(), "nowhere: {dangling:?}");
}

#[test]
fn who_has_an_answer_is_not_sent_it_again() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let at = node.at(&format!("/documents/{topic}"));
    let first = node.agent().get(&at).call().unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let ask = || node.agent().get(&at).header("If-None-Match", &tag).call().unwrap();
    let mut again = ask();
    assert_eq!(again.status(), 304);
    assert_eq!(again.headers()["etag"], tag.as_str());
    assert!(again.body_mut().read_to_vec().unwrap().is_empty());
    node.write(
        &format!("/documents/{topic}/acts"),
        &json!({ "kind": "post", "text": "new" }),
    );
    let changed = ask();
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()["etag"], tag.as_str());
}

#[test]
fn an_entry_is_bytes_or_facts() {
    let node = Node::new();
    let committee = node.committee();
    let topic = node.topic(&committee);
    let post = json!({ "kind": "post", "text": "said" });
    let post = id(&node.write(&format!("/documents/{topic}/acts"), &post));
    let facts = node.ok(&format!("/entries/{post}?format=json"));
    assert_eq!(
        (&facts["kind"], &facts["fields"]["text"]),
        (&json!("post"), &json!("said"))
    );
    assert_eq!(
        (&facts["doc"]["id"], &facts["doc"]["title"]),
        (&json!(topic), &json!("Weeds"))
    );
    assert_eq!(
        (&facts["space"]["title"], &facts["record"]),
        (&json!("Garden"), &json!(true))
    );
    assert_eq!(
        (&facts["effect"], &facts["body"]),
        (&json!("effective"), &json!("here"))
    );
    assert_eq!(facts["by"]["name"], "Ada");
    let accept = node
        .agent()
        .get(node.at(&format!("/entries/{post}")))
        .header("Accept", "application/json");
    assert_eq!(read(accept.call()).1, facts);
    let root = node.ok(&format!("/entries/{topic}?format=json"));
    assert_eq!(root["fields"]["set"]["title"], "Weeds");
    let mut bytes = node.agent().get(node.at(&format!("/entries/{post}"))).call().unwrap();
    let wire = bytes.body_mut().read_to_vec().unwrap();
    assert_eq!(Entry::decode(&wire).unwrap().verify().unwrap().id().to_string(), post);
    assert_eq!(
        detail(node.get(&format!("/entries/{}?format=json", "ab".repeat(32)))).0,
        404
    );
}
