//! What happens to a transaction when all is well, and when the chain changes its mind.

use alloy::primitives::{B256, U64};
use althing_anchor::bot::{Bot, Progress};
use althing_anchor::notice::Waiting;
use althing_anchor::status::{Stage, status};
use serde_json::{Value, json};

use crate::logs::Logs;
use crate::world::{PERIOD, World};

/// One anchor per slot, each digest once, an entry for each committee.
fn check(world: &World, bot: &Bot<&Logs>, slots: usize, committees: usize) {
    let digests = world.anvil.digests(world.contract);
    let known: Vec<B256> = bot.state().slots.iter().map(|slot| slot.digest).collect();
    assert_eq!(digests, known);
    assert_eq!(known.len(), slots);
    assert_eq!(world.logs.entries().len(), slots * committees);
    assert!(bot.state().flight.is_none());
}

#[tokio::test]
async fn what_changed_is_anchored_once_and_proved() {
    let world = World::new(3);
    let mut bot = world.bot().await;
    assert!(matches!(world.wait(&mut bot).await, Waiting::Block(_)));
    let folder = world.config().folder;
    assert_eq!(status(&folder, 9).unwrap().unwrap().slots[0].stage, Stage::Submitted);
    world.anvil.mine(1);
    let number = world.anvil.height();
    assert!(matches!(world.wait(&mut bot).await, Waiting::Final { number: n, .. } if n == number));
    assert_eq!(status(&folder, 9).unwrap().unwrap().slots[0].stage, Stage::Mined);
    assert!(
        world.logs.entries().is_empty(),
        "nothing is written down before it is final"
    );
    world.settle(&mut bot).await.unwrap();
    check(&world, &bot, 1, 3);
    let told = status(&folder, 9).unwrap().unwrap();
    assert_eq!((told.slots[0].stage, told.slots[0].block), (Stage::Final, Some(number)));
    assert_eq!(told.spent, told.slots[0].cost.clone().unwrap());
    let receipt = world
        .anvil
        .ask("eth_getTransactionReceipt", json!([told.slots[0].transaction]));
    let figure = |name: &str| u128::from(crate::anvil::number(&receipt[name]));
    assert_eq!(
        told.spent,
        (figure("gasUsed") * figure("effectiveGasPrice")).to_string()
    );

    // The entry of the anchor itself is no reason for another.
    let asked = world.logs.asked();
    for _ in 0..3 {
        world.pass_time(PERIOD);
        world.settle(&mut bot).await.unwrap();
        world.settle(&mut bot).await.unwrap();
    }
    assert_eq!(world.logs.asked(), asked + 3, "once in a slot");
    check(&world, &bot, 1, 3);

    // Another slot, of the one committee in which something changed.
    world.logs.write(1, 5);
    world.settle(&mut bot).await.unwrap();
    check(&world, &bot, 1, 3);
    world.pass_time(PERIOD);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(bot.state().slots.back().unwrap().committees, 1);
    assert_eq!(
        (world.anvil.digests(world.contract).len(), world.logs.entries().len()),
        (2, 4)
    );
}

#[tokio::test]
async fn slots_begin_with_the_clock() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.settle(&mut bot).await.unwrap();
    let until = (world.now() / PERIOD + 1) * PERIOD;
    assert_eq!(bot.tick().await.unwrap(), Progress::Idle { until });
    world.logs.write(0, 1);
    world.pass_time(until - world.now() - 1);
    assert_eq!(bot.tick().await.unwrap(), Progress::Idle { until });
    world.pass_time(1);
    world.settle(&mut bot).await.unwrap();
    check(&world, &bot, 2, 1);
}

#[tokio::test]
async fn one_among_many_transactions_of_a_block_is_proved() {
    let world = World::new(2);
    let other = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
        .parse()
        .unwrap();
    for nonce in 0..300 {
        world.anvil.transfer(&other, nonce, 100_000_000_000);
    }
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    world.settle(&mut bot).await.unwrap();
    check(&world, &bot, 1, 2);
    let entries = world.logs.entries();
    let (_, body, _) = entries.values().next().unwrap();
    assert_eq!(body.index, 300);
    assert!(body.receipt.len() > 2);
    let proof: usize = body.receipt.iter().map(|node| node.node.len()).sum();
    println!(
        "header {} bytes, proof {proof} bytes in {} nodes",
        body.header.len(),
        body.receipt.len()
    );
}

#[tokio::test]
async fn a_dropped_transaction_is_handed_in_again() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    let [hash] = World::attempts(&bot)[..] else { panic!() };
    for _ in 0..3 {
        world.anvil.drop_transaction(hash);
        world.anvil.mine(1);
        world.wait(&mut bot).await;
        assert!(!world.anvil.ask("eth_getTransactionByHash", json!([hash])).is_null());
    }
    let told = world.told();
    assert_eq!(told.matches(&format!("{hash} was not known")).count(), 1, "{told}");
    world.settle(&mut bot).await.unwrap();
    assert_eq!(bot.state().slots[0].mined.transaction, hash, "the same bytes");
    check(&world, &bot, 1, 1);
}

#[tokio::test]
async fn anothers_transaction_with_the_same_nonce_makes_the_slot_begin_anew_once_it_is_final() {
    let world = World::new(2);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    let [hash] = World::attempts(&bot)[..] else { panic!() };
    world.anvil.drop_transaction(hash);
    world.anvil.transfer(&world.key, 0, 90_000_000_000);
    world.anvil.mine(1);
    let taken = world.anvil.height();
    while world.anvil.height() < taken + 2 {
        assert_eq!(world.wait(&mut bot).await, Waiting::Overtaken(0));
        assert_eq!(bot.state().flight.as_ref().unwrap().nonce, 0);
        world.anvil.mine(1);
    }
    world.settle(&mut bot).await.unwrap();
    assert!(world.told().contains("another program used nonce 0"));
    check(&world, &bot, 1, 2);
    assert_eq!(world.anvil.count(world.key.address()), 2);
}

#[tokio::test]
async fn what_a_reorganisation_takes_away_is_mined_again() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    let [hash] = World::attempts(&bot)[..] else { panic!() };
    world.anvil.mine(1);
    assert!(matches!(world.wait(&mut bot).await, Waiting::Final { .. }));
    world.anvil.ask("anvil_reorg", json!([1, []]));
    assert_eq!(world.anvil.ask("eth_getTransactionReceipt", json!([hash])), Value::Null);
    assert_eq!(world.wait(&mut bot).await, Waiting::Block(hash));
    assert!(world.told().contains("is no longer on the chain"));
    world.settle(&mut bot).await.unwrap();
    check(&world, &bot, 1, 1);

    // The same with the transaction in another block at once.
    world.pass_time(PERIOD);
    world.logs.write(0, 1);
    world.wait(&mut bot).await;
    let raw = bot.state().flight.as_ref().unwrap().attempts[0].raw.clone();
    world.anvil.mine(1);
    let Waiting::Final { number, .. } = world.wait(&mut bot).await else {
        panic!()
    };
    let before = bot.state().flight.as_ref().unwrap().mined.unwrap().block;
    world.anvil.ask("anvil_reorg", json!([1, [[raw, 0]]]));
    assert!(matches!(world.wait(&mut bot).await, Waiting::Final { number: n, .. } if n == number));
    assert_ne!(bot.state().flight.as_ref().unwrap().mined.unwrap().block, before);
    world.settle(&mut bot).await.unwrap();
    check(&world, &bot, 2, 1);
}

#[tokio::test]
async fn a_reorganisation_after_anothers_transaction_brings_the_first_one_back() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    let [hash] = World::attempts(&bot)[..] else { panic!() };
    world.anvil.drop_transaction(hash);
    world.anvil.transfer(&world.key, 0, 90_000_000_000);
    world.anvil.mine(1);
    assert_eq!(world.wait(&mut bot).await, Waiting::Overtaken(0));
    world.anvil.ask("anvil_reorg", json!([1, []]));
    let pool = world.anvil.ask("txpool_content", json!([]));
    for (_, transaction) in pool["pending"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, of)| of.as_object().unwrap())
    {
        world
            .anvil
            .drop_transaction(serde_json::from_value(transaction["hash"].clone()).unwrap());
    }
    assert_eq!(world.wait(&mut bot).await, Waiting::Block(hash));
    world.settle(&mut bot).await.unwrap();
    assert_eq!(bot.state().slots[0].mined.transaction, hash);
    check(&world, &bot, 1, 1);
    assert_eq!(world.anvil.count(world.key.address()), 1);
}

#[tokio::test]
async fn a_transaction_that_fails_on_the_chain_is_told_and_the_next_slot_anchors() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    // `revert(0, 0)`.
    world.anvil.set_code(world.contract, &[0x60, 0, 0x60, 0, 0xfd].into());
    world.settle(&mut bot).await.unwrap();
    assert!(world.told().contains("failed in block"));
    let failed = bot.state().slots[0].clone();
    assert!(failed.failed && failed.cost > 0 && world.logs.entries().is_empty());
    assert_eq!(bot.state().spent, failed.cost);
    world
        .anvil
        .set_code(world.contract, &althing_anchor::contract::runtime());
    world.pass_time(PERIOD);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(
        (world.anvil.digests(world.contract).len(), world.logs.entries().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn the_contract_is_deployed_once_and_used() {
    let world = World::new(1);
    let mut config = world.config();
    config.contract = None;
    let go = || Box::new(|_, _| std::ops::ControlFlow::Continue(()));
    let mut bot = world.open(config.clone(), go()).await.unwrap();
    assert!(
        bot.tick()
            .await
            .unwrap_err()
            .to_string()
            .contains("no contract is named")
    );
    let deployed = {
        let deploy = bot.deploy();
        tokio::pin!(deploy);
        loop {
            tokio::select! {
                deployed = &mut deploy => break deployed.unwrap(),
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => world.anvil.mine(1),
            }
        }
    };
    assert_eq!(deployed, world.key.address().create(0));
    assert_eq!(bot.deploy().await.unwrap(), deployed);
    drop(bot);
    let mut bot = world.open(config, go()).await.unwrap();
    assert_eq!(bot.deploy().await.unwrap(), deployed);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.anvil.digests(deployed).len(), 1);
    assert_eq!(world.anvil.count(world.key.address()), 2);
    let gas = world.anvil.ask(
        "eth_estimateGas",
        json!([{ "data": althing_anchor::contract::creation() }]),
    );
    println!("gas of deploying: {}", serde_json::from_value::<U64>(gas).unwrap());
}
