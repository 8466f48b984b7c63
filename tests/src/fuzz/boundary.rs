//! Where bytes enter the running program: its HTTP port, and the process that reads Automerge files.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use althing::home::Home;
use althing::http::{self, Network};
use althing::ingest::Ingest;
use althing::store::{Options, Store};
use althing_protocol::state::{Limits, State};
use serde_json::{Value, json};

use super::mutate::Mutator;
use super::{mix, words};
use crate::process::Program;

/// Panics of any thread since the server began: one in a handler only closes a connection.
static PANICS: AtomicU64 = AtomicU64::new(0);

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

struct Server {
    addr: SocketAddr,
    token: String,
    committee: String,
    document: String,
}

/// Paths that are asked; `*` is the committee, `+` a document.
const ROUTES: [(&str, &str); 27] = [
    ("GET", "/status"),
    ("GET", "/id"),
    ("GET", "/peers"),
    ("GET", "/committees"),
    ("GET", "/committees/*"),
    ("GET", "/committees/*/digest"),
    ("GET", "/committees/*/invitation"),
    ("GET", "/committees/*/entries"),
    ("GET", "/documents"),
    ("GET", "/documents/+"),
    ("GET", "/documents/+/log"),
    ("GET", "/documents/+/diff"),
    ("GET", "/documents/+/automerge"),
    ("GET", "/entries/+"),
    ("GET", "/erasures"),
    ("GET", "/refusals"),
    ("POST", "/entries"),
    ("POST", "/committees"),
    ("POST", "/committees/follow"),
    ("POST", "/committees/*/documents"),
    ("POST", "/committees/*/import"),
    ("POST", "/identities"),
    ("POST", "/documents/+/edits"),
    ("POST", "/documents/+/acts"),
    ("POST", "/documents/+/automerge"),
    ("POST", "/take-ups"),
    ("POST", "/grants"),
];

impl Server {
    fn start() -> Self {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            before(info);
        }));
        // It lives as long as the process.
        let dir = tempfile::tempdir().expect("the temporary folder is writable").keep();
        let home = Arc::new(Home::init(&dir.join("data"), "fuzz").expect("a new folder"));
        let token = home.token().to_owned();
        let store = Store::open(&home.store_dir(), Options::default()).expect("a new store");
        let (ingest, _thread) = Ingest::start(store, State::new(Limits::default()), home).expect("the door opens");
        let (sender, served) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async move {
                let network = Network::none("none".to_owned());
                let server = http::start(ingest, network, SocketAddr::from(([127, 0, 0, 1], 0))).await;
                let server = server.expect("a free port");
                sender.send(server.addr()).expect("somebody waits for it");
                std::future::pending::<()>().await;
            });
        });
        let addr = served.recv().expect("it serves");
        let mut server = Self {
            addr,
            token,
            committee: String::new(),
            document: String::new(),
        };
        server.committee = server.made("/committees", &json!({ "name": "H", "purpose": "p", "threshold": 1 }));
        let open = json!({ "kind": "statement", "content": { "form": "position", "title": "t", "text": "x" } });
        server.document = server.made(&format!("/committees/{}/documents", server.committee), &open);
        server
    }

    fn made(&self, path: &str, body: &Value) -> String {
        let request = ureq::post(format!("http://{}/api/v1{path}", self.addr));
        let answer = request
            .header("Authorization", format!("Bearer {}", self.token))
            .send_json(body);
        let answer: Value = answer.expect("it is sound").body_mut().read_json().expect("JSON");
        crate::process::text(&answer, "id")
    }

    /// Sends bytes, and reads all of the answer. `whole` requests close the connection with their answer; after others
    /// it is closed here, so that the node does not wait for more.
    fn exchange(&self, request: &[u8], whole: bool) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.addr).expect("the node takes connections");
        let time = Some(Duration::from_secs(70));
        stream.set_read_timeout(time).expect("a duration above zero");
        stream.set_write_timeout(time).expect("a duration above zero");
        // It may answer and close before all is sent.
        drop(stream.write_all(request));
        if !whole {
            drop(stream.shutdown(Shutdown::Write));
        }
        let mut answer = Vec::new();
        drop(stream.take(16 << 20).read_to_end(&mut answer));
        answer
    }
}

/// The first byte chooses the path, the second whether the token comes along, the rest is the body or the query; beyond
/// the paths the rest is all that is sent.
pub(super) fn http_raw(bytes: &[u8]) -> u64 {
    let server = &*SERVER;
    let Some(([route, token], rest)) = bytes.split_first_chunk::<2>() else {
        return 0;
    };
    let known = ROUTES.get(usize::from(*route));
    let request = match known {
        None => rest.to_vec(),
        Some((method, path)) => {
            let path = path.replace('*', &server.committee).replace('+', &server.document);
            let token = match token % 4 {
                0 => String::new(),
                _ => format!("Authorization: Bearer {}\r\n", server.token),
            };
            let (query, body) = match *method {
                "GET" => (query(rest), &[][..]),
                _ => (String::new(), rest),
            };
            let head = format!(
                "{method} /api/v1{path}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}Content-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            [head.as_bytes(), body].concat()
        }
    };
    let before = PANICS.load(Ordering::SeqCst);
    let answer = server.exchange(&request, known.is_some());
    assert_eq!(PANICS.load(Ordering::SeqCst), before, "the node panicked");
    let status = answer
        .get(9..12)
        .and_then(|s| std::str::from_utf8(s).ok())
        .unwrap_or("")
        .to_owned();
    if known.is_some() {
        assert!(answer.starts_with(b"HTTP/1.1 "), "no answer to a sound request");
    }
    assert!(status != "500", "the node failed: {}", String::from_utf8_lossy(&answer));
    mix([u64::from(*route), words(&status), status.parse().unwrap_or(0)])
}

/// What stands behind a path: whatever may not stand there is escaped (RFC 3986 §3.4).
fn query(rest: &[u8]) -> String {
    if rest.is_empty() {
        return String::new();
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"=&-_.~".contains(b);
    let escaped = rest.iter().map(|b| {
        if plain(b) {
            char::from(*b).to_string()
        } else {
            format!("%{b:02X}")
        }
    });
    format!("?{}", escaped.collect::<String>())
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let server = &*SERVER;
    let bodies = [
        r#"{"name":"N","purpose":"p","founders":[],"threshold":1}"#.to_owned(),
        format!(
            r#"{{"committee":"{}","bodies":"all","peers":["/ip4/127.0.0.1/tcp/1"]}}"#,
            server.committee
        ),
        r#"{"kind":"statement","content":{"form":"position","title":"t","text":"x"}}"#.to_owned(),
        r#"{"documents":[{"source":"a","source_hash":"00","kind":"statement","content":{"title":"t"}}]}"#.to_owned(),
        r#"{"kind":"post","text":"hello","body":{"reply_to":"00000000"}}"#.to_owned(),
        r#"{"kind":"stance","body":{"position":"for"}}"#.to_owned(),
        r#"{"set":{"title":"u"},"add":{},"replace":{},"remove":{}}"#.to_owned(),
        r#"{"entries":["00"]}"#.to_owned(),
        format!(r#"{{"entries":["{}"],"consent":false,"note":"n"}}"#, server.document),
        format!(
            r#"{{"committee":"{}","role":"voice","to":"{}"}}"#,
            server.committee, server.committee
        ),
        format!(
            r#"{{"document":"{}","kind":"statement","after":[],"fields":{{}},"lists":{{}}}}"#,
            server.document
        ),
        "limit=1&cursor=0".to_owned(),
        format!("committee={}&kind=statement&state=open", server.committee),
        format!("a={}&b={}&at={}", server.document, server.document, server.document),
        String::new(),
    ];
    let mut all = Vec::new();
    for route in 0..u8::try_from(ROUTES.len()).unwrap_or(0) {
        all.extend(bodies.iter().map(|body| [&[route, 1], body.as_bytes()].concat()));
        all.push(vec![route, 0]);
    }
    let raw = [
        "GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "POST /api/v1/entries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST /api/v1/committees HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 18446744073709551615\r\n\r\n{",
        "GET /api/v1/entries/../../token HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    all.extend(raw.iter().map(|text| [&[255, 0], text.as_bytes()].concat()));
    all
}

/// A document as an Automerge file, as the node exports it.
fn exported() -> Vec<u8> {
    let server = &*SERVER;
    let url = format!("http://{}/api/v1/documents/{}/automerge", server.addr, server.document);
    let answer = ureq::get(url).call().expect("it is there");
    let mut bytes = Vec::new();
    drop(answer.into_body().into_reader().read_to_end(&mut bytes));
    bytes
}

/// Sends raw bytes to the HTTP port: for those who fuzz it from outside.
#[must_use]
pub fn http(bytes: &[u8]) -> u64 {
    http_raw(bytes)
}

/// Gives mutated files to `althing import automerge`, whose reading is a process under limits: whatever is in the file,
/// it ends with status 1 (there is no node) and says why. Answers how long the slowest took.
///
/// # Errors
/// The file's bytes, and what was wrong, in words.
///
/// # Panics
/// When the folder cannot be written.
pub fn automerge(program: &Program, dir: &Path, inputs: u64, seed: u64) -> Result<Duration, (Vec<u8>, String)> {
    let corpus = [exported(), vec![0x85, 0x6f, 0x4a, 0x83], Vec::new()].to_vec();
    let mut mutator = Mutator::new(seed, "automerge");
    let file = dir.join("copy.automerge");
    let mut slowest = Duration::ZERO;
    for n in 0..inputs {
        let first = usize::try_from(n).ok().and_then(|n| corpus.get(n)).cloned();
        let input = first.unwrap_or_else(|| mutator.next(&corpus));
        fs::write(&file, &input).expect("the folder is writable");
        let begun = Instant::now();
        let mut command = program.command();
        let command = command
            .arg("--data")
            .arg(dir.join("none"))
            .args(["--api", "http://127.0.0.1:1"]);
        let command = command
            .args(["import", "automerge"])
            .arg(&file)
            .args(["--doc", "0123456789"]);
        let out = command.stdin(Stdio::null()).output().expect("the command runs");
        slowest = slowest.max(begun.elapsed());
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.code() != Some(1) || said.trim().is_empty() || said.contains("panicked") {
            return Err((input, format!("{}: {said}", out.status)));
        }
    }
    Ok(slowest)
}
