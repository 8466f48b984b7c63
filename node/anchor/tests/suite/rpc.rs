//! Nodes of a chain that answer badly or not at all.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use alloy::primitives::B256;
use althing_anchor::chain::{At, Chain};
use althing_anchor::proof::{NoProof, receipt};
use althing_anchor::rpc::{LONGEST, Rpc, RpcError, TRIES};
use serde_json::{Value, json};

/// A server that answers each request with these bytes of HTTP. Its address, and how often it was asked.
fn server(answer: impl Fn(&mut TcpStream) + Send + 'static) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/secret", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                answer(&mut stream);
            }
        }
    });
    (url, asked)
}

fn json_server(status: &'static str, body: &Value) -> (String, Arc<AtomicU32>) {
    let body = body.to_string();
    server(move |stream| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        drop(stream.write_all(format!("{head}{body}").as_bytes()));
    })
}

async fn ask(url: &str) -> Result<u64, RpcError> {
    Chain::new(Rpc::new(url).unwrap()).id().await
}

#[tokio::test]
async fn who_does_not_answer_is_asked_a_few_times() {
    let silent = |error: &RpcError| matches!(error, RpcError::Silent { .. });
    for (status, body) in [
        ("502 Bad Gateway", json!("no JSON-RPC")),
        ("200 OK", json!("no JSON-RPC")),
        (
            "429 Too Many Requests",
            json!({ "error": { "code": 429, "message": "slower" } }),
        ),
        ("200 OK", json!({ "error": { "code": -32005, "message": "limit" } })),
        ("302 Found", json!({})),
    ] {
        let (url, asked) = json_server(status, &body);
        let answer = ask(&url).await;
        let error = match answer {
            Err(error) if status != "302 Found" => error,
            other => {
                assert!(other.is_err(), "{other:?}");
                continue;
            }
        };
        assert!(silent(&error), "{error}");
        assert_eq!(asked.load(Ordering::Relaxed), TRIES, "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let (url, asked) = server(|_| ());
    assert!(silent(&ask(&url).await.unwrap_err()));
    assert!(asked.load(Ordering::Relaxed) >= TRIES);
    for wrong in ["", "ftp://a", "127.0.0.1:8545", "http://"] {
        assert!(matches!(Rpc::new(wrong), Err(RpcError::Address)), "{wrong}");
    }
}

#[tokio::test]
async fn refusals_and_nonsense_are_told_at_once_and_shortly() {
    let long = "x".repeat(100_000);
    let (url, asked) = json_server("200 OK", &json!({ "error": { "code": 3, "message": long } }));
    let error = ask(&url).await.unwrap_err();
    assert!(matches!(&error, RpcError::Refused { code: 3, message, .. } if message.len() == 300));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    for nonsense in [json!("0xzz"), json!(null), json!({}), json!("0x10000000000000000")] {
        let (url, _) = json_server("200 OK", &json!({ "jsonrpc": "2.0", "id": 1, "result": nonsense }));
        assert!(matches!(ask(&url).await, Err(RpcError::Strange { .. })), "{nonsense}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let (url, _) = server(|stream| {
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\"";
        let mut sent = 0;
        let piece = [b'x'; 1 << 16];
        let mut good = stream.write_all(head.as_bytes()).is_ok();
        while good && sent < LONGEST * 2 {
            good = stream.write_all(&piece).is_ok();
            sent += 1 << 16;
        }
        assert!(sent < LONGEST * 2, "it read on");
    });
    assert!(matches!(ask(&url).await, Err(RpcError::Silent { .. })));
}

#[tokio::test]
async fn blocks_and_headers_that_are_others_are_noticed() {
    let hash = B256::repeat_byte(1);
    let block = json!({ "number": "0x5", "hash": hash, "baseFeePerGas": "0x1" });
    let (url, _) = json_server("200 OK", &json!({ "result": block }));
    let chain = Chain::new(Rpc::new(&url).unwrap());
    assert_eq!(chain.block(At::Number(5)).await.unwrap().unwrap().hash, hash);
    assert!(matches!(
        chain.block(At::Number(6)).await,
        Err(RpcError::Strange { .. })
    ));
    // The RLP of something, which does not hash to what was asked for.
    let (url, _) = json_server("200 OK", &json!({ "result": "0xc0" }));
    let chain = Chain::new(Rpc::new(&url).unwrap());
    assert!(chain.header(hash).await.is_err());
    assert!(matches!(receipt(&chain, hash, 0).await, Err(NoProof::Rpc(_))));
    let (url, _) = json_server("200 OK", &json!({ "result": [] }));
    assert!(Chain::new(Rpc::new(&url).unwrap()).receipt(hash).await.is_err());
}
