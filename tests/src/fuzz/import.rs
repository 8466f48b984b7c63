//! Importers: files that somebody found somewhere.

use althing::import::{Document, discourse, mips as importer, register};
use althing_protocol::kind;
use serde_json::Value as Json;

use super::{mix, words};

/// Proposals in markdown.
pub(super) fn mips(bytes: &[u8]) -> u64 {
    match importer::read("MIP1/mip1.md", bytes) {
        Err(why) => words(&why.to_string()),
        Ok(proposal) => documents(&[proposal.document]),
    }
}

/// What an importer read fits into bodies, or the node says why not: it never panics.
fn documents(read: &[Document]) -> u64 {
    let each = read.iter().map(|document| {
        let kind = kind::find(&document.kind).expect("importers write known kinds");
        let body = kind::json::body(kind, &Json::Object(document.content.clone()));
        mix([words(&document.kind), u64::from(body.is_ok()), u64::from(document.more)])
    });
    mix(each.collect::<Vec<_>>())
}

/// A forum's topics.
pub(super) fn topics(bytes: &[u8]) -> u64 {
    let converter = discourse::Converter::default();
    let topic = match discourse::peek("t/1.json", bytes) {
        Err(why) => return words(&why.to_string()),
        Ok(peek) => peek.topic,
    };
    let mut reader = discourse::Reader::new(topic, Some("https://forum.example"), &converter);
    match reader.file(bytes).and_then(|()| reader.finish()) {
        Err(why) => words(&why.to_string()),
        Ok(read) => documents(&read.parts),
    }
}

pub(super) fn some_topics() -> Vec<Vec<u8>> {
    let html = "<aside class=\\\"quote\\\" data-username=\\\"b\\\" data-post=\\\"1\\\"><blockquote><p>x</p></blockquote></aside>\
                <ul><li>a<ol><li>b</li></ol></li></ul><table><tr><th>a<td>|</table><pre><code class=lang-rs>``</code></pre>\
                <p>a<br>b <img src=x class=emoji title=:x:> <a href=y title=z><b>c</b></a></p><h1>&lt;</h1>";
    let all = [
        format!(
            "{{\"id\":1,\"title\":\"T\",\"post_stream\":{{\"posts\":[{{\"post_number\":1,\"cooked\":\"{html}\"}}],\"stream\":[1]}}}}"
        ),
        "{\"post_stream\":{\"posts\":[{\"post_number\":2,\"topic_id\":1,\"raw\":\"[quote=\\\"a, post:1\\\"]x\"}]}}"
            .to_owned(),
        "{\"topic_list\":{}}".to_owned(),
    ];
    all.map(String::into_bytes).to_vec()
}

/// Lists of holders.
pub(super) fn holders(bytes: &[u8]) -> u64 {
    let options = register::Options {
        class: Some("holders".to_owned()),
        decimals: 2,
        ..register::Options::default()
    };
    let read = [false, true].map(|is_json| match register::read(bytes, is_json, &options) {
        Err(why) => words(&why.to_string()),
        Ok(parts) => documents(&parts),
    });
    mix(read)
}

pub(super) fn some_holders() -> Vec<Vec<u8>> {
    [
        "holder,class,weight\na,b,1.25\n\"c\n,\"\"d\",,0\n",
        "[{\"address\":\"0xA\",\"balance\":1e3},\n{\"holder\":\"b\",\"weight\":\"7\"}]",
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}

pub(super) fn proposals() -> Vec<Vec<u8>> {
    let plain = "# MIP40c3-SP1: Budget\n\n## Preamble\n\n```\nMIP40c3-SP#: 1\nAuthor(s): A (@a), B\nStatus: Accepted\n\
                 Date Proposed: 2021-02-05\n```\n\n## Sentence Summary\n\nPays.\n\n## List of Budgets\n\n| a | b |\n|---|---|\n";
    let facilitator = "# MIP41c4-SP1: Facilitator Onboarding\n\n## Preamble\n```\nMIP41c4-SP#: 1\nAuthor(s): C\nStatus: RFC\n\
                       Core Unit: X-001\n```\n## Motivation\n\n- one\n- [two](http://127.0.0.1)\n\n```\ncode\n";
    [
        plain,
        facilitator,
        "# MIP39c2-SP1: x\r\n```\r\n```\r\n",
        "---\n```\n# \n",
        "#\n##\n###",
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec()
}
