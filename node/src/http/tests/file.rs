//! Files over HTTP: added, named, given whole and in part, erased; and chosen in a form.

use althing_protocol::hash::sha256;
use data_encoding::HEXLOWER;
use ureq::http::Response;

use super::browser::{Answer, Browser, acts, answer, form, text};
use super::*;

/// More than one chunk, and nothing that looks like anything.
fn content() -> Vec<u8> {
    let words = (0_u64..).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    [0xff, 0xfe].into_iter().chain(words).take(600_000).collect()
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&sha256(&[bytes]))
}

impl Node {
    fn add(&self, bytes: &[u8], query: &str) -> Value {
        let request = self.agent().post(self.at(&format!("/files{query}")));
        let request = request.header("Authorization", format!("Bearer {}", self.home.token()));
        let (status, added) = read(request.send(bytes));
        assert_eq!(status, 200, "{added}");
        added
    }

    /// A post that names a file as it was added.
    fn name(&self, doc: &str, file: &Value) -> String {
        let body = json!({ "kind": "post", "body": { "text": "see", "files": [file] } });
        id(&self.write(&format!("/documents/{doc}/acts"), &body))
    }

    fn file(&self, path: &str, headers: &[(&str, &str)]) -> (Response<ureq::Body>, Vec<u8>) {
        let mut request = self.agent().get(self.at(&format!("/files/{path}")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = request.call().unwrap();
        let bytes = answer.body_mut().read_to_vec().unwrap();
        (answer, bytes)
    }
}

fn header(answer: &Response<ureq::Body>, name: &str) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

#[test]
fn a_file_is_added_named_and_given_to_whoever_reads() {
    let node = Node::new();
    let doc = node.topic(&node.committee());
    let bytes = content();
    let (status, why) = detail(read(node.agent().post(node.at("/files")).send(&bytes[..])));
    assert_eq!(status, 401, "{why}");
    let added = node.add(&bytes, "?name=/home/ada/tides.bin");
    let hash = hash(&bytes);
    let expected = json!({ "hash": hash, "length": 600_000, "type": "application/octet-stream", "name": "tides.bin" });
    assert_eq!(added, expected);

    // Nobody named it: it is its owner's own business.
    let (answer, _) = node.file(&hash, &[]);
    assert_eq!(answer.status(), 404);
    let token = format!("Bearer {}", node.home.token());
    let own = [("Authorization", token.as_str())];
    assert_eq!(node.file(&hash, &own).1, bytes);

    node.name(&doc, &added);
    let (answer, given) = node.file(&hash, &[]);
    assert_eq!((answer.status().as_u16(), given == bytes), (200, true));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        (
            "content-disposition",
            "attachment; filename=\"tides.bin\"; filename*=UTF-8''tides.bin",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("accept-ranges", "bytes"),
        ("content-length", "600000"),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
    let tag = header(&answer, "etag");
    assert_eq!(tag, format!("\"{hash}\""));
    assert_eq!(node.file(&hash, &[("If-None-Match", &tag)]).0.status(), 304);

    // Parts, over the edge of a chunk too.
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=262140-262150", 262_140, 262_151),
        ("bytes=-5", 599_995, 600_000),
        ("bytes=599999-", 599_999, 600_000),
        ("bytes=1-599998", 1, 599_999),
    ] {
        let (answer, given) = node.file(&hash, &[("Range", range)]);
        assert_eq!(answer.status(), 206, "{range}");
        assert_eq!(
            header(&answer, "content-range"),
            format!("bytes {from}-{}/600000", to - 1)
        );
        assert!(given == bytes[from..to], "{range}");
    }
    let (answer, _) = node.file(&hash, &[("Range", "bytes=600000-")]);
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "content-range")),
        (416, "bytes */600000".to_owned())
    );
    assert_eq!(
        node.file(&hash, &[("Range", "bytes=0-1"), ("If-Range", "\"other\"")])
            .1
            .len(),
        600_000
    );
    let head = node.agent().head(node.at(&format!("/files/{hash}"))).call().unwrap();
    assert_eq!(
        (head.status().as_u16(), header(&head, "content-length")),
        (200, "600000".to_owned())
    );
}

#[test]
fn a_browser_is_told_what_a_file_looks_like_and_shows_only_what_is_harmless() {
    let node = Node::new();
    let doc = node.topic(&node.committee());
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
    let page = b"<html><script>alert(document.cookie)</script>";
    for (bytes, said, name, ty, inline, ends) in [
        (&png[..], "image/png", "a.png", "image/png", true, "a.png"),
        (&png[..], "text/html", "a.html", "image/png", false, "a.html.png"),
        (
            &page[..],
            "text/html",
            "b.html",
            "text/plain; charset=utf-8",
            true,
            "b.html.txt",
        ),
        (
            &page[..],
            "image/png",
            "c.png",
            "text/plain; charset=utf-8",
            false,
            "c.png",
        ),
        (
            b"a,b\n1,2\n",
            "text/csv",
            "d.csv",
            "text/csv; charset=utf-8",
            true,
            "d.csv",
        ),
        (
            b"MZ\0\0\x01\xff",
            "image/png",
            "e.exe",
            "application/octet-stream",
            false,
            "e.exe.txt",
        ),
    ] {
        // Each is said to be something in a node's life only once: the first entry that names it speaks.
        let bytes = [bytes, said.as_bytes(), name.as_bytes()].concat();
        let hash = hash(&bytes);
        node.add(&bytes, "");
        node.name(
            &doc,
            &json!({ "hash": hash, "length": bytes.len(), "type": said, "name": name }),
        );
        let (answer, _) = node.file(&format!("{hash}?inline"), &[]);
        let how = header(&answer, "content-disposition");
        assert_eq!(header(&answer, "content-type"), ty, "{name}");
        assert_eq!(how.starts_with("inline;"), inline, "{name}: {how}");
        assert!(how.ends_with(&format!("''{ends}")), "{how}");
        assert_eq!(
            header(&answer, "content-security-policy"),
            "sandbox; default-src 'none'"
        );
        let known = node.ok(&format!("/files/{hash}/status"));
        let contradiction = &known["named"][0]["contradiction"];
        let agrees = matches!(
            (said, name),
            ("image/png", "a.png") | ("text/html", "b.html") | ("text/csv", _)
        );
        assert_eq!(contradiction.is_null(), agrees, "{name}: {contradiction}");
    }
}

#[test]
fn what_is_not_here_can_be_fetched_by_the_owner_and_what_nobody_names_by_nobody() {
    let node = Node::new();
    let doc = node.topic(&node.committee());
    let named = "ab".repeat(32);
    node.name(
        &doc,
        &json!({ "hash": named, "length": 5, "type": "text/csv", "name": "x.csv" }),
    );
    let (status, why) = detail(node.get(&format!("/files/{named}")));
    assert_eq!(status, 404);
    assert!(why.contains("fetch it from peers") && why.contains(&named), "{why}");
    let (status, _) = detail(node.get(&format!("/files/{named}?fetch")));
    assert_eq!(status, 401);
    let known = node.ok(&format!("/files/{named}/status"));
    assert_eq!(
        (&known["state"], &known["named"][0]["name"]),
        (&json!("absent"), &json!("x.csv"))
    );
    assert_eq!(
        node.write(&format!("/files/{named}/fetch"), &json!({}))["state"],
        json!("fetching")
    );

    let unknown = "cd".repeat(32);
    assert_eq!(detail(node.get(&format!("/files/{unknown}"))).0, 404);
    let (status, why) = detail(node.post(&format!("/files/{unknown}/fetch"), &json!({})));
    assert!(status == 404 && why.contains("no entry here names"), "{why}");
    let (status, why) = detail(node.get("/files/xyz"));
    assert!(status == 400 && why.contains("64 hexadecimal digits"), "{why}");
    let large = "ef".repeat(32);
    node.name(
        &doc,
        &json!({ "hash": large, "length": 1_u64 << 40, "type": "text/csv" }),
    );
    let (status, why) = detail(node.post(&format!("/files/{large}/fetch"), &json!({})));
    assert!(status == 413 && why.contains("--file-size"), "{why}");
}

#[test]
fn erasing_the_text_that_names_a_file_takes_the_file() {
    let node = Node::new();
    let doc = node.topic(&node.committee());
    let added = node.add(b"somebody's address", "?name=address.txt");
    let hash = added["hash"].as_str().unwrap();
    let post = node.name(&doc, &added);
    let path = node.home.files_dir().join(&hash[..2]).join(hash);
    assert!(path.exists());
    node.write("/erasures", &json!({ "entry": post, "reason": "a court said so" }));
    assert!(!path.exists() && !path.with_extension("about").exists());
    assert_eq!(node.get(&format!("/files/{hash}")).0, 404);
    // The owner may remove one by itself, too.
    let other = node.add(b"other", "");
    let path = format!("/files/{}", other["hash"].as_str().unwrap());
    let delete = |token: &str| {
        let request = node.agent().delete(node.at(&path));
        read(request.header("Authorization", format!("Bearer {token}")).call())
    };
    assert_eq!(delete("nobody's").0, 401);
    assert_eq!(delete(node.home.token()).1["removed"], json!(true));
    assert_eq!(delete(node.home.token()).1["removed"], json!(false));
    assert_eq!(node.ok("/status")["files"]["count"], json!(0));
}

/// A form as a browser sends it that has files to send.
fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    for (name, called, bytes) in files {
        let head = format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{called}\"\r\n");
        body.extend(head.bytes());
        body.extend(b"Content-Type: application/octet-stream\r\n\r\n");
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--line--\r\n");
    ("multipart/form-data; boundary=line".to_owned(), body)
}

impl Browser<'_> {
    /// Sends the form on a page with chosen files.
    fn send_files(&self, node: &Node, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let page = self.page(path);
        assert!(page.contains("enctype=\"multipart/form-data\""), "{path}");
        let (action, mut values) = form(&page, path);
        values.remove("_file:files");
        for (name, value) in fields {
            values.insert((*name).to_owned(), (*value).to_owned());
        }
        // The secret comes first, as it does in a browser.
        let secret = values.remove("_secret").unwrap();
        let all: Vec<(&str, &str)> = [("_secret", secret.as_str())]
            .into_iter()
            .chain(values.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .collect();
        self.send_raw(node, &action, &all, files)
    }

    fn send_raw(&self, node: &Node, action: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let (ty, body) = multipart(fields, files);
        let request = self.agent.post(format!("{}{action}", node.url));
        let request = request.header("Cookie", &self.cookie).header("Content-Type", ty);
        answer(request.send(&body[..]))
    }
}

#[test]
fn a_form_brings_files_along_without_any_script() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let doc = browser.topic(&browser.committee());
    let path = format!("/d/{doc}/act/post");
    let bytes = content();
    // Another button than the one that signs: the file is here, and stands in the form.
    let shown = browser.send_files(
        &node,
        &path,
        &[("text", "the tides"), ("_do", "preview")],
        &[("_file:files", "tides.bin", &bytes), ("_file:files", "", b"")],
    );
    assert_eq!(shown.status, 200);
    let (action, mut values) = form(&shown.html, &path);
    assert_eq!(values["files.0.hash"], hash(&bytes));
    assert_eq!(
        (values["files.0.length"].as_str(), values["files.0.name"].as_str()),
        ("600000", "tides.bin")
    );
    values.insert("_do".to_owned(), "write".to_owned());
    values.remove("_file:files");
    let written = browser.post(&action, &values);
    assert_eq!(written.status, 303, "{}", text(&written.html));
    let post = acts(&node, &doc).pop().unwrap();
    assert_eq!(post["files"][0]["hash"], json!(hash(&bytes)), "{post}");

    let page = browser.page(&format!("/d/{doc}"));
    assert!(
        text(&page).contains("tides.bin") && text(&page).contains("585.9 KiB"),
        "{}",
        text(&page)
    );
    assert!(page.contains(&format!("/api/v1/files/{}\" download", hash(&bytes))));
    let page = browser.page(&format!("/f/{}", hash(&bytes)));
    assert!(
        text(&page).contains("Here") && text(&page).contains(&hash(&bytes)),
        "{}",
        text(&page)
    );

    // In one step, with a text file that is said to be what it is.
    let sent = browser.send_files(
        &node,
        &path,
        &[("text", "and a table"), ("_do", "write")],
        &[("_file:files", "t.csv", b"a,b\n1,2\n")],
    );
    assert_eq!(sent.status, 303, "{}", text(&sent.html));
    let post = acts(&node, &doc).pop().unwrap();
    assert_eq!(post["files"][0]["type"], json!("text/csv"), "{post}");

    // One that is not here has a button that fetches it.
    let absent = "ab".repeat(32);
    node.name(
        &doc,
        &json!({ "hash": absent, "length": 5, "type": "text/csv", "name": "x.csv" }),
    );
    let page = browser.page(&format!("/d/{doc}"));
    assert!(
        page.contains(&format!("formaction=\"/f/{absent}/fetch\"")),
        "{}",
        text(&page)
    );
    let (_, values) = form(&browser.page(&path), &path);
    let secret = [
        ("_secret".to_owned(), values["_secret"].clone()),
        ("_do".to_owned(), "write".to_owned()),
    ];
    let sent = browser.post(&format!("/f/{absent}/fetch"), &secret.into_iter().collect());
    assert_eq!((sent.status, sent.location), (303, format!("/f/{absent}")));
    assert!(text(&browser.page(&format!("/f/{absent}"))).contains("Being fetched"));
}

#[test]
fn a_form_with_files_is_read_from_the_owner_and_our_own_pages_only() {
    let node = Node::new();
    let browser = Browser::new(&node);
    let doc = browser.topic(&browser.committee());
    let path = format!("/d/{doc}/act/post");
    let (_, values) = form(&browser.page(&path), &path);
    let secret = values["_secret"].as_str();
    let file = [("_file:files", "x.csv", &b"a,b"[..])];
    let forged = browser.send_raw(&node, &path, &[("_secret", "made up"), ("text", "x")], &file);
    assert_eq!(forged.status, 403);
    // Behind the file it is too late.
    let (ty, mut body) = multipart(&[], &file);
    body.truncate(body.len() - b"--line--\r\n".len());
    body.extend(multipart(&[("_secret", secret), ("_do", "write")], &[]).1);
    let request = browser.agent.post(format!("{}{path}", node.url));
    let late = answer(
        request
            .header("Cookie", &browser.cookie)
            .header("Content-Type", ty)
            .send(&body[..]),
    );
    assert_eq!(late.status, 403);
    assert_eq!(node.ok("/status")["files"]["count"], json!(0), "nothing was taken in");
    // More than a form takes: it comes back whole, and says so.
    let many: Vec<(String, Vec<u8>)> = (0..17_u8).map(|n| (format!("{n}.csv"), vec![b'a' + n; 4])).collect();
    let many: Vec<(&str, &str, &[u8])> = many
        .iter()
        .map(|(name, bytes)| ("_file:files", name.as_str(), &bytes[..]))
        .collect();
    let sent = browser.send_raw(
        &node,
        &path,
        &[("_secret", secret), ("text", "kept"), ("_do", "write")],
        &many,
    );
    assert_eq!(sent.status, 422);
    assert!(text(&sent.html).contains("16 files at a time"), "{}", text(&sent.html));
    assert_eq!(form(&sent.html, &path).1["text"], "kept");
}
