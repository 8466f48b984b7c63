//! Nodes of a chain that answer badly or not at all.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use alloy::consensus::Header;
use alloy::primitives::{B256, Bytes, keccak256};
use alloy_trie::Nibbles;
use alloy_trie::proof::verify_proof;
use alloy_trie::root::ordered_trie_root_encoded;
use althing_anchor::chain::{At, Chain};
use althing_anchor::proof::{NoProof, receipt};
use althing_anchor::rpc::{LONGEST, Rpc, RpcError, TRIES};
use serde_json::{Value, json};

/// A server that answers each request with these bytes of HTTP. Its address, and how often it was asked.
fn server(answer: impl Fn(&mut TcpStream) + Send + 'static) -> (String, Arc<AtomicU32>) {
    asked_server(move |_, stream| answer(stream))
}

/// The same for a server that reads what it is asked.
pub(crate) fn asked_server(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/secret", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            // The body is one JSON object, and the last to come.
            while !request.ends_with(b"}") {
                match stream.read(&mut piece) {
                    Ok(read) if read > 0 => request.extend(&piece[..read]),
                    _ => break,
                }
            }
            answer(&String::from_utf8_lossy(&request), &mut stream);
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
    let block = json!({ "number": "0x5", "hash": hash, "timestamp": "0x64", "baseFeePerGas": "0x1" });
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

/// A node that knows of one block, in bytes alone.
fn raw_node(header: &[u8], receipts: &[Bytes]) -> Chain {
    let header = json!({ "result": Bytes::copy_from_slice(header) }).to_string();
    let receipts = json!({ "result": receipts }).to_string();
    let refusal = json!({ "error": { "code": -32601, "message": "not here" } }).to_string();
    let (url, _) = asked_server(move |request, stream| {
        let body = match request {
            _ if request.contains("debug_getRawHeader") => &header,
            _ if request.contains("debug_getRawReceipts") => &receipts,
            _ => &refusal,
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        drop(stream.write_all(format!("{head}{body}").as_bytes()));
    });
    Chain::new(Rpc::new(&url).unwrap())
}

#[tokio::test]
async fn headers_and_receipts_of_kinds_that_are_not_known_are_taken_as_bytes() {
    // A type that no library here knows, as some rollups have them.
    let receipts: Vec<Bytes> = (0..40_u8).map(|n| [vec![0x7e], vec![n; 600]].concat().into()).collect();
    let mut fields = vec![alloy::rlp::encode(B256::ZERO); 20];
    fields[5] = alloy::rlp::encode(ordered_trie_root_encoded(&receipts));
    let payload = fields.concat();
    let mut header = Vec::new();
    alloy::rlp::Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut header);
    header.extend(&payload);
    let hash = keccak256(&header);

    let proof = receipt(&raw_node(&header, &receipts), hash, 17).await.unwrap();
    assert_eq!(proof.header, header);
    let key = Nibbles::unpack(alloy::rlp::encode(17_u8));
    let root = ordered_trie_root_encoded(&receipts);
    assert_eq!(
        verify_proof(root, key, Some(receipts[17].to_vec()), &proof.nodes),
        Ok(())
    );

    // Receipts that are others, another header, and what no entry could hold.
    let mut others = receipts.clone();
    others.swap(3, 4);
    for (receipts, index) in [(&others, 17), (&receipts, 40)] {
        let error = receipt(&raw_node(&header, receipts), hash, index).await.unwrap_err();
        assert_eq!(error, NoProof::Receipts { block: hash });
    }
    assert!(matches!(
        receipt(&raw_node(&header[1..], &receipts), hash, 17).await,
        Err(NoProof::Rpc(_))
    ));
    let long = vec![Bytes::from(vec![1; 70_000])];
    let header = Header {
        receipts_root: ordered_trie_root_encoded(&long),
        ..Header::default()
    };
    let block = header.hash_slow();
    let error = receipt(&raw_node(&alloy::rlp::encode(&header), &long), block, 0)
        .await
        .unwrap_err();
    assert_eq!(error, NoProof::Long { block });
}
