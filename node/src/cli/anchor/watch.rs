//! Tells the node which blocks are final: those in which its committees are anchored, and the latest.

use std::time::Duration;

use althing_anchor::chain::{At, Block, Chain};
use serde_json::{Value, json};

use super::client::Client;
use super::{failed, followed, say};
use crate::cli::failure::Failure;

/// How often.
const PERIOD: Duration = Duration::from_secs(60);

/// Anchors that are looked up in one go; the next go goes on.
const MOST: usize = 256;

/// Again and again, until it is dropped. What fails is told and tried again.
pub(super) async fn forever(client: Client, chain: Chain) {
    let mut told = String::new();
    loop {
        if let Err(why) = once(&client, &chain).await {
            let why = why.to_string();
            if why != told {
                say(&format!("{why}. Tried again in a minute"));
                told = why;
            }
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Once. Answers how many blocks the node did not know.
pub(super) async fn once(client: &Client, chain: &Chain) -> Result<u64, Failure> {
    let id = chain.id().await.map_err(|why| failed(&why))?;
    let Some(last) = chain.block(At::Finalized).await.map_err(|why| failed(&why))? else {
        return Ok(0);
    };
    let mut blocks = vec![fact(id, &last)];
    for (height, hash) in client.ask(move |node| unconfirmed(node, id)).await? {
        if height > last.number {
            continue;
        }
        let block = chain.block(At::Number(height)).await.map_err(|why| failed(&why))?;
        if let Some(block) = block.filter(|block| format!("{:x}", block.hash) == hash) {
            blocks.push(fact(id, &block));
        }
    }
    let told = client
        .ask(move |node| node.post(&["facts"], &json!({ "items": blocks })))
        .await?;
    Ok(told.get("added").and_then(Value::as_u64).unwrap_or(0))
}

fn fact(chain: u64, block: &Block) -> Value {
    json!({ "chain": chain, "height": block.number, "hash": format!("{:x}", block.hash), "time": block.timestamp })
}

/// Blocks of this chain with anchors in them of which the node does not know whether they are final.
fn unconfirmed(node: &crate::cli::call::Node, chain: u64) -> Result<Vec<(u64, String)>, Failure> {
    let mut blocks = std::collections::BTreeSet::new();
    for committee in followed(node)? {
        let anchors = node.list(&["committees", &committee, "anchors"], &[], None)?;
        let items = anchors
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for item in items {
            let of = item.get("chain").and_then(Value::as_u64) == Some(chain);
            let open = item.get("final") == Some(&Value::Bool(false));
            let height = item.get("height").and_then(Value::as_u64);
            let hash = item.get("hash").and_then(Value::as_str);
            if let (true, true, Some(height), Some(hash)) = (of, open, height, hash) {
                blocks.insert((height, hash.to_owned()));
            }
        }
    }
    Ok(blocks.into_iter().take(MOST).collect())
}
