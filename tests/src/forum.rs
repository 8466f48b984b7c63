//! A forum in files, as Discourse answers `/t/{id}.json`: made up, always the same for the same numbers.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

/// Words of posts. Length matters, not sense.
const WORDS: &str = "the facilitator says that the harbour budget of this quarter pays for quay and crane and that \
                     whoever objects may say so below with reasons because silence is no consent ";

/// Topics of a forum. Every seventh is long: its further posts are in a file of their own.
///
/// # Errors
/// When the files cannot be written.
pub fn write(folder: &Path, topics: u64) -> io::Result<u64> {
    fs::create_dir_all(folder.join("t"))?;
    fs::create_dir_all(folder.join("posts"))?;
    let mut bytes = 0;
    for topic in 1..=topics {
        let posts = if topic % 7 == 0 { 60 } else { 1 + topic % 20 };
        let all: Vec<Value> = (1..=posts).map(|number| post(topic, number)).collect();
        let (first, more) = all.split_at(all.len().min(20));
        let ids: Vec<u64> = (1..=posts).map(|number| topic * 1000 + number).collect();
        let file = json!({
            "id": topic, "title": format!("Offboarding number {topic}"), "slug": format!("offboarding-{topic}"),
            "posts_count": posts, "views": topic * 31, "post_stream": { "posts": first, "stream": ids },
        });
        bytes += put(&folder.join(format!("t/{topic}.json")), &file)?;
        if !more.is_empty() {
            let file = json!({ "post_stream": { "posts": more }, "id": topic });
            bytes += put(&folder.join(format!("posts/{topic}.json")), &file)?;
        }
    }
    Ok(bytes)
}

fn put(path: &Path, file: &Value) -> io::Result<u64> {
    let text = file.to_string();
    fs::write(path, &text)?;
    Ok(text.len().try_into().unwrap_or(u64::MAX))
}

/// A post of one to nine hundred words or so, in HTML; later ones reply to and quote the first.
fn post(topic: u64, number: u64) -> Value {
    let author = format!("member{}", (topic * 7 + number) % 97);
    let length = usize::try_from(1 + (topic + number * 13) % 9).unwrap_or(1);
    let quote = if number > 1 {
        format!(
            "<aside class=\"quote\" data-username=\"member{}\" data-post=\"1\" data-topic=\"{topic}\"><div class=\"title\">\
             <img class=\"avatar\" src=\"/a.png\"> member:</div><blockquote><p>the harbour &amp; its budget</p></blockquote></aside>",
            (topic * 7 + 1) % 97
        )
    } else {
        String::new()
    };
    let cooked = format!(
        "{quote}<p>Post {number} of <strong>topic {topic}</strong>. {}</p>",
        WORDS.repeat(length)
    );
    json!({
        "id": topic * 1000 + number, "topic_id": topic, "post_number": number, "post_type": 1,
        "username": author, "name": "A Member", "created_at": "2021-05-27T10:00:00.000Z",
        "updated_at": "2021-05-28T10:00:00.000Z", "version": 1 + number % 3, "cooked": cooked,
        "reply_to_post_number": (number > 1).then_some(1), "reads": topic, "score": 0.5,
    })
}
