//! Tells the node which blocks are final: those in which its committees are anchored, and the latest.

use std::collections::BTreeSet;
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

/// Blocks that are remembered as none of this chain: members alone can name any, and each costs one entry.
const OTHERS: usize = 65_536;

/// A block that an anchor names: its height and hash.
type Named = (u64, String);

/// Again and again, until it is dropped. What fails is told and tried again.
pub(super) async fn forever(client: Client, chain: Chain) {
    let (mut told, mut others) = (String::new(), BTreeSet::new());
    loop {
        if let Err(why) = look(&client, &chain, &mut others).await {
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
    look(client, chain, &mut BTreeSet::new()).await
}

/// The same; `others` are blocks that some anchor names and that are none of this chain: they are not looked up again.
async fn look(client: &Client, chain: &Chain, others: &mut BTreeSet<Named>) -> Result<u64, Failure> {
    let id = chain.id().await.map_err(|why| failed(&why))?;
    let Some(last) = chain.block(At::Finalized).await.map_err(|why| failed(&why))? else {
        return Ok(0);
    };
    let mut blocks = vec![fact(id, &last)];
    let named = client.ask(move |node| unconfirmed(node, id)).await?;
    let open = named
        .into_iter()
        .filter(|named| named.0 <= last.number && !others.contains(named));
    let open: Vec<Named> = open.take(MOST).collect();
    for (height, hash) in open {
        let block = chain.block(At::Number(height)).await.map_err(|why| failed(&why))?;
        match block.filter(|block| format!("{:x}", block.hash) == hash) {
            Some(block) => blocks.push(fact(id, &block)),
            // What is final at this height is another block, for ever.
            None => {
                if others.len() < OTHERS {
                    others.insert((height, hash));
                }
            }
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
fn unconfirmed(node: &crate::cli::call::Node, chain: u64) -> Result<BTreeSet<Named>, Failure> {
    let mut blocks = BTreeSet::new();
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
    Ok(blocks)
}
