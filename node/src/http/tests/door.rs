//! Who may ask for what, and what becomes of what is not understood.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use super::*;

#[test]
fn reads_are_open_and_writes_need_the_token() {
    let node = Node::new();
    assert_eq!(node.ok("/status")["name"], "Ada");
    let body = json!({ "name": "Garden" });
    for token in [None, Some(""), Some("0"), Some(&node.home.token()[1..])] {
        let (status, detail) = detail(node.post_with("/committees", &body, token));
        assert_eq!(status, 401);
        assert!(detail.contains("token"), "{detail}");
    }
    assert_eq!(node.ok("/committees")["items"], json!([]));
    assert_eq!(node.post("/committees", &body).0, 200);
}

#[test]
fn other_host_names_are_refused() {
    let node = Node::new();
    let address = node.url.strip_prefix("http://").unwrap();
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /api/v1/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    assert!(ask("evil.example").starts_with("HTTP/1.1 421 "));
    assert!(ask("evil.example:80").contains("application/problem+json"));
    assert!(ask(address).starts_with("HTTP/1.1 200 "));
    assert!(ask("localhost").starts_with("HTTP/1.1 200 "));
}

/// More than the system's buffers of a connection hold, so that whoever sends it must be listened to.
const MUCH: usize = 24 << 20;

#[test]
fn whoever_is_refused_while_sending_is_told_why() {
    let node = Node::new();
    let address = node.url.strip_prefix("http://").unwrap();
    let ask = |path: &str, header: &str, body: &[u8]| {
        let mut stream = TcpStream::connect(address).unwrap();
        let length = MUCH;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{header}\r\n"
        )
        .unwrap();
        // As browsers do it: all is sent before anything is read.
        stream.write_all(body).unwrap();
        let mut text = String::new();
        let mut answer = BufReader::new(stream);
        answer.read_line(&mut text).unwrap();
        text
    };
    let body = vec![b'x'; MUCH];
    let json = format!(
        "Authorization: Bearer {}\r\nContent-Type: application/json\r\n",
        node.home.token()
    );
    for (path, header, status) in [
        ("/api/v1/files", "", "401"),
        ("/api/v1/nothing", "", "404"),
        ("/api/v1/committees", json.as_str(), "413"),
        ("/settings", "Content-Type: multipart/form-data; boundary=x\r\n", "4"),
    ] {
        let answer = ask(path, header, &body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
    // Whoever waits to be called on is refused at once, and not called on first.
    let answer = ask("/api/v1/files", "Expect: 100-continue\r\n", b"");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[test]
fn what_is_not_understood_is_a_problem_with_a_reason() {
    let node = Node::new();
    assert_eq!(detail(node.get("/nothing")).0, 404);
    assert_eq!(detail(read(node.agent().delete(node.at("/status")).call())).0, 405);
    let auth = format!("Bearer {}", node.home.token());
    let json = node.agent().post(node.at("/committees")).header("Authorization", &auth);
    assert_eq!(
        detail(read(json.header("Content-Type", "application/json").send("{"))).0,
        400
    );
    let plain = node.agent().post(node.at("/committees")).header("Authorization", &auth);
    assert!(
        detail(read(plain.header("Content-Type", "text/plain").send("{}")))
            .1
            .contains("application/json")
    );
    let (status, why) = detail(node.post("/committees", &json!({ "name": "x", "purpse": "y" })));
    assert!(status == 400 && why.contains("purpse"), "{why}");
    let large = json!({ "name": "x".repeat(guard::BODY) });
    assert_eq!(detail(node.post("/committees", &large)).0, 413);
    for (text, status) in [
        ("12", 400),
        ("nothex__", 400),
        ("0123456789", 404),
        (&"ab".repeat(32), 404),
    ] {
        assert_eq!(detail(node.get(&format!("/documents/{text}"))).0, status, "{text}");
    }
    let committee = node.committee();
    let open = |kind: &str, content: Value| {
        detail(node.post(
            &format!("/committees/{committee}/documents"),
            &json!({ "kind": kind, "content": content }),
        ))
    };
    let (status, why) = open("post", json!({}));
    assert!(
        status == 422 && why.contains("topic") && why.contains("motion"),
        "{why}"
    );
    let (status, why) = open("topic", json!({ "titel": "x" }));
    assert!(status == 422 && why.contains("titel") && why.contains("title"), "{why}");
    assert_eq!(open("topic", json!({})).0, 422);
    let topic = node.topic(&committee);
    let (status, why) = detail(node.post(&format!("/documents/{topic}/acts"), &json!({ "kind": "accept" })));
    assert!(status == 422 && why.contains("nomination"), "{why}");
}

#[test]
fn status_counts_what_is_here() {
    let node = Node::new();
    let committee = node.committee();
    node.topic(&committee);
    let status = node.ok("/status");
    let found = &status["committees"][0];
    assert_eq!(
        (&found["id"], &found["name"], &found["documents"]),
        (&json!(committee), &json!("Garden"), &json!(1))
    );
    assert!(found["kinds"].as_array().unwrap().contains(&json!("nomination")));
    assert_eq!((&found["floor"], &found["waiting"]), (&json!(0), &json!(0)));
    assert_eq!(node.ok("/peers"), json!({ "items": [], "next": null }));
    assert_eq!(node.ok("/id")["identity"], json!(node.home.identity()));
}

#[test]
fn one_address_cannot_flood() {
    let node = Node::new();
    let context = Context::new(
        node.ingest.clone(),
        Network::none(String::new()),
        "127.0.0.1:1".parse().unwrap(),
    );
    let address = "127.0.0.9".parse().unwrap();
    let admitted = (0..5000).filter(|_| context.admit(address).is_ok()).count();
    assert!((2000..4000).contains(&admitted), "{admitted}");
    assert!(
        context.admit("127.0.0.10".parse().unwrap()).is_ok(),
        "others are not held up"
    );
}
