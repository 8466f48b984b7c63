use althing_protocol::hash::{Hash, sha256};
use althing_protocol::kind;
use serde_json::{Value as Json, json};

use super::*;
use crate::import::Document;

fn post(number: u64, raw: &str) -> Json {
    json!({
        "id": number.wrapping_add(1000), "topic_id": 12, "post_number": number, "post_type": 1, "version": 1,
        "username": "ada", "name": "Ada L.", "created_at": "2021-05-27T10:00:00.000Z",
        "updated_at": "2021-05-28T10:00:00.000Z", "raw": raw, "cooked": "<p>not this</p>", "reply_to_post_number": null,
    })
}

fn cooked(number: u64, html: &str) -> Json {
    let mut post = post(number, "");
    post["cooked"] = json!(html);
    post
}

fn topic(posts: &[Json]) -> Json {
    json!({
        "id": 12, "title": "Offboarding &amp; <thanks>", "slug": "offboarding", "views": 7,
        "post_stream": { "posts": posts, "stream": (0..posts.len()).collect::<Vec<_>>() },
    })
}

fn read_files(files: &[Json], site: Option<&str>) -> Result<Read, Skip> {
    let converter = Converter::default();
    let mut reader = Reader::new(12, site, &converter);
    for file in files {
        reader.file(file.to_string().as_bytes())?;
    }
    reader.finish()
}

fn read(posts: &[Json]) -> Read {
    read_files(&[topic(posts)], None).unwrap()
}

fn posts(read: &Read) -> Vec<Json> {
    let lists = read
        .parts
        .iter()
        .filter_map(|part| part.content.get("posts")?.as_array());
    lists.flatten().cloned().collect()
}

fn text(post: &Json) -> &str {
    post["text"].as_str().unwrap()
}

/// What the node does with it: the bounds of the kind hold.
fn fits(part: &Document) {
    let kind = kind::find(&part.kind).unwrap();
    let mut content = part.content.clone();
    content.insert("source".to_owned(), json!(part.source));
    kind::json::body(kind, &Json::Object(content)).unwrap();
}

#[test]
fn a_topic_keeps_what_its_posts_say_of_themselves() {
    let mut answer = post(2, "I agree.");
    answer["reply_to_post_number"] = json!(1);
    answer["version"] = json!(3);
    let found = read_files(
        &[topic(&[post(1, "Hello\r\nall"), answer])],
        Some("https://forum.example/"),
    )
    .unwrap();
    let [part] = found.parts.as_slice() else {
        panic!("{found:?}")
    };
    fits(part);
    assert_eq!(
        (part.kind.as_str(), part.source.as_str(), part.more),
        ("topic", "https://forum.example/t/12", false)
    );
    assert_eq!(
        part.content["title"], "Offboarding &amp; <thanks>",
        "a title is plain text already"
    );
    assert_eq!(part.content["label"], "discussion");
    assert_eq!(part.content["origin"], "https://forum.example/t/12");
    let all = posts(&found);
    assert_eq!(
        all[0],
        json!({
            "number": 1, "author": "ada", "time": "2021-05-27T10:00:00.000Z", "version": 1,
            "url": "https://forum.example/t/12/1",
            "hash": Hash(sha256(&[b"Hello\r\nall"])), "text": "Hello\nall",
        })
    );
    assert_eq!((&all[1]["reply_to"], &all[1]["version"]), (&json!(1), &json!(3)));
    assert_eq!(
        all[1]["edited"], "2021-05-28T10:00:00.000Z",
        "only a later version was edited"
    );
    assert_eq!((found.posts, found.left_out, found.stream), (2, 0, 2));
    // Without the site there are no addresses, and nobody makes one up.
    let bare = read(&[post(1, "x")]);
    assert_eq!(bare.parts[0].source, "t/12");
    assert_eq!(
        (bare.parts[0].content.get("origin"), posts(&bare)[0].get("url")),
        (None, None)
    );
}

#[test]
fn quotes_are_noted_with_post_and_author() {
    let quotes = |post: Json| posts(&read(&[post]))[0]["quotes"].clone();
    let raw = "[quote=\"eve, post:3, topic:12\"]\nx\n[/quote]\n[quote=\"o'neil, jr, post:4, topic:99, full:true\"]y[/quote]\n\
               [quote=eve, post:3, topic:12]again[/quote] [quote]nobody[/quote] [quote=\"\"]x[/quote] [quote=“bob”]z[/quote]";
    assert_eq!(quotes(post(1, raw)), json!(["3, eve", "99/4, o'neil, jr", "bob"]));
    assert_eq!(text(&posts(&read(&[post(1, raw)]))[0]), raw, "markdown stays as it is");
    let html = "<aside class=\"quote no-group\" data-username=\"eve\" data-post=\"3\" data-topic=\"12\"><div class=\"title\">\
                <div class=\"quote-controls\">…</div><img class=\"avatar\" src=\"/a.png\"> eve:</div>\
                <blockquote><p>The &lt;quay&gt; &amp; the sea</p></blockquote></aside><p>Yes.</p>";
    assert_eq!(quotes(cooked(1, html)), json!(["3, eve"]));
    let shown = posts(&read(&[cooked(1, html)]));
    assert_eq!(text(&shown[0]), "eve:\n\n> The \\<quay> & the sea\n\nYes.");
    let none = "<aside class=\"onebox\" data-username=\"eve\"><p>a link</p></aside>";
    assert_eq!(quotes(cooked(1, none)), Json::Null);
}

#[test]
fn html_becomes_markdown_and_nothing_of_it_runs() {
    let shown = |html: &str| text(&posts(&read(&[cooked(1, html)]))[0]).to_owned();
    assert_eq!(
        shown("<p>a <strong>b</strong> <a href=\"https://x.example/\">c</a></p><ul><li>d</li><li>e</li></ul>"),
        "a **b** [c](https://x.example/)\n\n- d\n- e"
    );
    assert_eq!(
        shown("<p>a<script>alert(1)</script></p><style>p{}</style><iframe src=x></iframe><p>b</p>"),
        "a\n\nb"
    );
    assert_eq!(
        shown("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        "\\<script>alert(1)\\</script>"
    );
    assert_eq!(
        shown("<p>ok <img class=\"emoji\" title=\":smile:\" src=\"s.png\"></p>"),
        "ok :smile:"
    );
    assert_eq!(shown("<pre><code>let a = 1;\n</code></pre>"), "```\nlet a = 1;\n```");
    assert!(shown("<p>a\u{1b}[2Jb\u{0}</p>").chars().all(|c| !c.is_control()));
}

#[test]
fn html_that_is_nested_too_deep_is_not_walked_into() {
    for html in [
        "<div>".repeat(60_000),
        "<b><i></x>".repeat(20_000),
        "<blockquote><p>".repeat(300),
        "<div>".repeat(300),
    ] {
        let found = read(&[post(1, "x"), cooked(2, &html)]);
        assert!(text(&posts(&found)[1]).starts_with("*The importer could not read this post"));
    }
    let mut fine = "<blockquote>".repeat(50);
    fine.push_str("deep");
    assert!(text(&posts(&read(&[cooked(1, &fine)]))[0]).ends_with("deep"));
}

#[test]
fn what_not_everybody_could_read_is_not_read_and_counted() {
    let with = |number: u64, field: &str, value: Json| {
        let mut post = post(number, "secret");
        post[field] = value;
        post
    };
    let found = read(&[
        post(1, "open"),
        with(2, "hidden", json!(true)),
        with(3, "deleted_at", json!("2021-06-01T00:00:00.000Z")),
        with(4, "user_deleted", json!(true)),
        with(5, "post_type", json!(4)),
        with(6, "post_type", json!(3)),
        cooked(7, "  "),
        with(8, "post_type", json!(2)),
    ]);
    let numbers: Vec<Json> = posts(&found).iter().map(|post| post["number"].clone()).collect();
    assert_eq!(numbers, [json!(1), json!(8)], "a moderator's words are words");
    assert_eq!((found.posts, found.left_out, found.stream), (2, 6, 8));
    assert_eq!(
        read_files(&[topic(&[with(1, "hidden", json!(true))])], None),
        Err(Skip::Empty(12))
    );
}

#[test]
fn further_posts_join_their_topic_and_the_later_version_counts() {
    let mut later = post(2, "better");
    later["version"] = json!(2);
    let mut whole = topic(&[post(1, "one"), post(2, "two")]);
    whole["post_stream"]["stream"] = json!([1, 2, 3, 4]);
    let more = json!({ "post_stream": { "posts": [later, post(3, "three")] } });
    for files in [[whole.clone(), more.clone()], [more.clone(), whole.clone()]] {
        let found = read_files(&files, None).unwrap();
        let texts: Vec<String> = posts(&found).iter().map(|post| text(post).to_owned()).collect();
        assert_eq!(texts, ["one", "better", "three"]);
        assert_eq!(found.stream, 4, "one is missing, and that can be said");
    }
    let hash = |files: &[Json]| read_files(files, None).unwrap().parts[0].source_hash;
    assert_eq!(
        hash(&[whole.clone(), more.clone()]),
        hash(&[more.clone(), whole.clone()]),
        "in whatever order"
    );
    assert_ne!(hash(&[whole.clone()]), hash(&[whole, more.clone()]));
    assert_eq!(read_files(&[more], None), Err(Skip::NoTitle(12)));
    let mut private = topic(&[post(1, "x")]);
    private["archetype"] = json!("private_message");
    assert_eq!(read_files(&[private], None), Err(Skip::Private(12)));
    let mut deleted = topic(&[post(1, "x")]);
    deleted["archetype"] = json!("regular");
    assert!(read_files(&[deleted.clone()], None).is_ok());
    deleted["deleted_at"] = json!("2021-06-01T00:00:00.000Z");
    assert_eq!(read_files(&[deleted], None), Err(Skip::Deleted(12)));
    // An older copy still shows what was taken down since: in whatever order the files come, it is left out.
    let mut hidden = post(2, "two");
    hidden["hidden"] = json!(true);
    let shown = topic(&[post(1, "one"), post(2, "two")]);
    hidden["version"] = json!(1);
    let since = topic(&[post(1, "one"), hidden]);
    for files in [[shown.clone(), since.clone()], [since, shown]] {
        let found = read_files(&files, None).unwrap();
        assert_eq!((found.posts, found.left_out), (1, 1));
    }
}

#[test]
fn a_long_topic_comes_in_parts_that_fit() {
    let words = "w".repeat(5000);
    let all: Vec<Json> = (1..=2500)
        .map(|n| post(n, if n % 10 == 0 { &words } else { "short" }))
        .collect();
    let found = read(&all);
    assert!(found.parts.len() >= 8, "{}", found.parts.len());
    let (last, before) = found.parts.split_last().unwrap();
    assert!(!last.more && before.iter().all(|part| part.more));
    found.parts.iter().for_each(fits);
    assert_eq!(posts(&found).len(), 2500);
    assert!(
        found
            .parts
            .iter()
            .all(|part| part.source == last.source && part.content["title"] == last.content["title"])
    );
}

#[test]
fn a_long_post_is_cut_with_a_mark() {
    let found = read(&[post(1, &"é".repeat(TEXT))]);
    let all = posts(&found);
    assert!(text(&all[0]).len() <= TEXT);
    assert!(
        text(&all[0]).ends_with("bytes are here.*"),
        "{}",
        &text(&all[0])[TEXT - 200..]
    );
    fits(&found.parts[0]);
    let html = format!("<p>{}</p>", "x".repeat(4 * TEXT));
    assert!(text(&posts(&read(&[cooked(1, &html)]))[0]).starts_with("*The importer could not"));
}

#[test]
fn odd_posts_stay_inside_the_bounds_of_the_kind() {
    let mut odd = post(1, "\u{202e}ok\u{7}");
    odd["username"] = json!("a\nb".repeat(100));
    odd["created_at"] = json!("2".repeat(100));
    odd["reply_to_post_number"] = json!(u64::MAX);
    odd["version"] = json!(u64::MAX);
    let mut nameless = post(2, "x");
    nameless["username"] = Json::Null;
    nameless["name"] = json!(" ");
    let found = read(&[odd, nameless, post(u64::MAX, "far")]);
    found.parts.iter().for_each(fits);
    let all = posts(&found);
    assert_eq!((all.len(), &all[1]["author"]), (2, &json!("(not named)")));
    assert_eq!((all[0].get("version"), all[0].get("reply_to")), (None, None));
    let many: String = (0..500)
        .map(|n| format!("[quote=\"u{n}, post:{n}, topic:12\"]"))
        .collect();
    let quoting = read(&[post(1, &many)]);
    fits(&quoting.parts[0]);
    assert_eq!(posts(&quoting)[0]["quotes"].as_array().unwrap().len(), 64);
}

#[test]
fn files_that_are_no_topics_say_why() {
    let peeked = |name: &str, text: &str| peek(name, text.as_bytes());
    assert_eq!(
        peeked("t/12.json", &topic(&[post(1, "x")]).to_string()),
        Ok(Peek {
            topic: 12,
            titled: true
        })
    );
    let posts_only = json!({ "post_stream": { "posts": [post(21, "x")] }, "id": 12 }).to_string();
    assert_eq!(
        peeked("posts.JSON", &posts_only),
        Ok(Peek {
            topic: 12,
            titled: false
        })
    );
    assert_eq!(peeked("a.txt", "{}"), Err(Skip::NotJson));
    assert!(matches!(peeked("a.json", "{\"id\": 1"), Err(Skip::Broken(_))));
    assert!(matches!(peeked("a.json", "\u{0}"), Err(Skip::Broken(_))));
    for other in [
        "[]",
        "{}",
        "{\"topic_list\": {}}",
        "{\"post_stream\": 5}",
        "{\"post_stream\": {\"posts\": [{}]}}",
    ] {
        assert_eq!(peeked("a.json", other), Err(Skip::NoTopic), "{other}");
    }
    assert_eq!(
        peeked("a.json", "{\"post_stream\": {\"posts\": []}}"),
        Err(Skip::NoNumber)
    );
    let mixed = json!({ "id": 13, "post_stream": { "posts": [post(1, "x")] } });
    assert_eq!(peeked("a.json", &mixed.to_string()), Err(Skip::Mixed));
}
