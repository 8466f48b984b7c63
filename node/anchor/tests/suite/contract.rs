//! The contract: its bytes come from its source, and what calling it costs.

use std::process::Command;

use alloy::primitives::B256;
use althing_anchor::contract::{COMPILED, call};
use serde_json::json;

use crate::anvil::{node_modules, number};
use crate::world::World;

#[test]
fn the_stored_bytes_are_what_the_compiler_makes_of_the_source() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../contract/compile.js");
    let output = Command::new("node").arg(script).arg(node_modules()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), COMPILED);
}

#[tokio::test]
async fn a_call_costs_little_more_than_the_least_that_a_transaction_costs() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.settle(&mut bot).await.unwrap();
    let slot = bot.state().slots.back().unwrap();
    let receipt = world
        .anvil
        .ask("eth_getTransactionReceipt", json!([slot.mined.transaction]));
    let gas = number(&receipt["gasUsed"]);
    println!("gas of a call: {gas}");
    assert!((23_000..25_000).contains(&gas), "{gas}");
    // A byte of zero costs less than another: a digest without any is the dearest.
    let params = json!([{ "from": world.key.address(), "to": world.contract, "data": call(B256::repeat_byte(1)) }]);
    let most = number(&world.anvil.ask("eth_estimateGas", params));
    println!("gas of the dearest call: {most}");
    assert!(most < 25_000, "{most}");
}
