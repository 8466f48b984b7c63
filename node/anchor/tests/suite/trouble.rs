//! Wrong chains, missing code, silent nodes, and several bots.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alloy::primitives::Address;
use althing_anchor::bot::{Bot, Error, Progress};
use althing_anchor::notice::Waiting;
use althing_anchor::proof::NoProof;
use althing_anchor::rpc::RpcError;
use althing_anchor::state::StateError;
use serde_json::{Value, json};

use crate::world::{PERIOD, Step, World};

fn go() -> Step {
    Box::new(|_, _| ControlFlow::Continue(()))
}

#[tokio::test]
async fn another_chain_is_noticed_at_the_start_and_later() {
    let mut world = World::new(1);
    let mut bot = world.bot().await;
    world.settle(&mut bot).await.unwrap();
    world.pass_time(PERIOD);
    world.logs.write(0, 1);
    world.anvil.ask("anvil_setChainId", json!([5]));
    let wrong = |error: &Error| {
        matches!(
            error,
            Error::WrongChain {
                expected: 31337,
                found: 5
            }
        )
    };
    assert!(wrong(&bot.tick().await.unwrap_err()));
    assert!(bot.state().flight.is_none());
    drop(bot);
    assert!(wrong(&world.open(world.config(), go()).await.unwrap_err()));
    world.anvil.ask("anvil_setChainId", json!([31337]));
    // Nor does another key go on where this one stopped.
    world.key = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
        .parse()
        .unwrap();
    let error = world.open(world.config(), go()).await.unwrap_err();
    assert!(matches!(error, Error::State(StateError::Another { .. })), "{error}");
}

#[tokio::test]
async fn an_address_without_the_contract_is_refused() {
    let mut world = World::new(1);
    world.contract = Address::repeat_byte(0xdd);
    let mut bot = world.bot().await;
    assert!(matches!(bot.tick().await, Err(Error::Code { length: 0, .. })));
    assert!(matches!(bot.dry().await, Err(Error::Code { length: 0, .. })));
    world.anvil.set_code(world.contract, &[0].into());
    assert!(matches!(bot.tick().await, Err(Error::Code { length: 1, .. })));
    assert!(bot.state().flight.is_none());
    world
        .anvil
        .set_code(world.contract, &althing_anchor::contract::runtime());
    world.settle(&mut bot).await.unwrap();
}

#[tokio::test]
async fn a_poor_account_is_told_and_goes_on_once_it_has_money() {
    let world = World::new(1);
    world.anvil.ask("anvil_setBalance", json!([world.key.address(), "0x1"]));
    let mut bot = world.bot().await;
    let error = bot.tick().await.unwrap_err();
    assert!(
        matches!(&error, Error::Rpc(RpcError::Refused { .. })) && !error.fatal(),
        "{error}"
    );
    assert!(error.to_string().to_lowercase().contains("insufficient"), "{error}");
    world
        .anvil
        .ask("anvil_setBalance", json!([world.key.address(), "0xde0b6b3a7640000"]));
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.anvil.digests(world.contract).len(), 1);
}

#[tokio::test]
async fn a_node_that_is_away_gets_its_proof_when_it_is_back_and_one_that_refuses_holds_nobody_up() {
    let world = World::new(3);
    let mut bot = world.bot().await;
    world.logs.away(true);
    assert!(matches!(bot.tick().await, Err(Error::Node(_))));
    world.logs.away(false);
    world.wait(&mut bot).await;
    world.logs.away(true);
    world.anvil.mine(4);
    for _ in 0..3 {
        assert!(matches!(bot.tick().await, Err(Error::Node(_))));
    }
    drop(bot);
    world.logs.away(false);
    world.logs.refuse(1);
    let mut bot = world.bot().await;
    world.settle(&mut bot).await.unwrap();
    assert!(world.told().contains("not followed any more"));
    assert_eq!(
        (world.anvil.digests(world.contract).len(), world.logs.entries().len()),
        (1, 2)
    );
}

#[tokio::test]
async fn a_second_bot_in_one_folder_is_refused() {
    let world = World::new(1);
    let bot = world.bot().await;
    assert!(matches!(
        world.open(world.config(), go()).await,
        Err(Error::State(StateError::Held(_)))
    ));
    drop(bot);
    world.bot().await;
}

/// Both come to an end, mining whenever both wait.
async fn both(world: &World, bots: &mut [Bot<&crate::logs::Logs>; 2]) {
    for _ in 0..400 {
        let [one, two] = bots;
        let progress = [one.tick().await.unwrap(), two.tick().await.unwrap()];
        if progress
            .iter()
            .all(|progress| matches!(progress, Progress::Idle { .. }))
        {
            return;
        }
        if !progress.contains(&Progress::Moved) {
            world.anvil.mine(1);
        }
    }
    panic!("two bots hinder each other: {}", world.told());
}

#[tokio::test]
async fn two_bots_with_one_key_find_their_nonces() {
    let world = World::new(1);
    let mut config = world.config();
    config.folder = world.folder.path().join("second");
    // The second one does not wait for the first one's transaction: the collision that is to be recovered from.
    config.patience = 0;
    let mut bots = [world.bot().await, world.open(config, go()).await.unwrap()];
    for _ in 0..5 {
        world.logs.write(0, 1);
        both(&world, &mut bots).await;
        world.pass_time(PERIOD);
    }
    let anchored = bots.iter().map(|bot| bot.state().slots.len()).sum::<usize>();
    let mut digests = world.anvil.digests(world.contract);
    assert_eq!(
        (digests.len(), anchored),
        (
            usize::try_from(world.anvil.count(world.key.address())).unwrap(),
            anchored
        )
    );
    assert!(anchored >= 5 && digests.len() == anchored);
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), anchored, "each of them once");
    assert!(world.told().contains("another program used nonce"));
}

#[tokio::test]
async fn bots_with_keys_of_their_own_do_not_notice_each_other() {
    let world = World::new(1);
    let mut config = world.config();
    config.folder = world.folder.path().join("second");
    let key = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
        .parse()
        .unwrap();
    let second = world.open_with(key, config, go()).await.unwrap();
    let mut bots = [world.bot().await, second];
    both(&world, &mut bots).await;
    assert!(bots.iter().all(|bot| bot.state().slots.len() == 1));
    assert_eq!(world.anvil.digests(world.contract).len(), 2);
    assert!(!world.told().contains("another program"));
}

#[tokio::test]
async fn anothers_waiting_transaction_goes_first_but_not_for_ever() {
    let world = World::new(1);
    let fee = 1_500_000_000;
    let mut other = world.anvil.transfer(&world.key, 0, fee);
    let mut bot = world.bot().await;
    let start = world.anvil.height();
    // No block takes it.
    while world.wait(&mut bot).await == Waiting::Crowded(0) {
        world.anvil.drop_transaction(other);
        world.anvil.mine(1);
        other = world.anvil.transfer(&world.key, 0, fee);
    }
    assert_eq!(world.anvil.height() - start, world.config().patience);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.anvil.digests(world.contract).len(), 1);
}

#[tokio::test]
async fn a_lost_folder_costs_a_second_transaction_and_no_more() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    let [hash] = World::attempts(&bot)[..] else { panic!() };
    drop(bot);
    std::fs::remove_dir_all(world.config().folder).unwrap();
    let mut bot = world.bot().await;
    assert_eq!(world.wait(&mut bot).await, Waiting::Crowded(0));
    world.anvil.mine(1);
    assert_eq!(world.wait(&mut bot).await, Waiting::Unsettled(1));
    assert!(!world.anvil.ask("eth_getTransactionReceipt", json!([hash])).is_null());
    world.settle(&mut bot).await.unwrap();
    assert_eq!(
        (world.anvil.digests(world.contract).len(), world.logs.entries().len()),
        (2, 1)
    );
}

#[tokio::test]
async fn a_node_without_the_state_of_final_blocks_is_enough() {
    // It keeps the state of the newest block alone, and asked about the final one says that it has none.
    let world = World::with(1, &["--prune-history"]);
    world.anvil.transfer(&world.key, 0, 90_000_000_000);
    world.anvil.mine(1);
    let mut bot = world.bot().await;
    for _ in 0..2 {
        assert_eq!(world.wait(&mut bot).await, Waiting::Unsettled(1));
        world.anvil.mine(1);
    }
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.anvil.digests(world.contract).len(), 1);
}

#[tokio::test]
async fn transactions_of_before_have_to_be_final_first() {
    let world = World::new(1);
    world.anvil.transfer(&world.key, 0, 90_000_000_000);
    world.anvil.mine(1);
    let mut bot = world.bot().await;
    assert_eq!(world.wait(&mut bot).await, Waiting::Unsettled(1));
    world.anvil.mine(1);
    assert_eq!(world.wait(&mut bot).await, Waiting::Unsettled(1));
    world.anvil.mine(1);
    assert!(matches!(world.wait(&mut bot).await, Waiting::Block(_)));
    world.settle(&mut bot).await.unwrap();
}

#[tokio::test]
async fn the_loop_for_once_ends_when_all_is_final_or_nothing_answers() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    {
        let once = bot.once();
        tokio::pin!(once);
        loop {
            tokio::select! {
                done = &mut once => break done.unwrap(),
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => world.anvil.mine(1),
            }
        }
    }
    assert_eq!((bot.state().slots.len(), world.logs.entries().len()), (1, 1));
    world.pass_time(PERIOD);
    // A runtime with several threads may take it.
    fn send(it: impl Send) -> impl Send {
        it
    }
    drop(send(bot.run()));
    drop(send(bot.deploy()));
    bot.once().await.unwrap();
    // A clock that stands still does not end the loop, failures do.
    world.pass_time(PERIOD);
    world.logs.away(true);
    tokio::time::pause();
    assert!(matches!(bot.once().await, Err(Error::Node(_))));
    assert!(world.told().contains("Tried again in"));
}

#[tokio::test]
async fn what_a_lying_node_says_of_a_receipt_is_not_handed_over() {
    let world = World::new(1);
    let lies = Arc::new(AtomicBool::new(true));
    let (lying, behind) = (Arc::clone(&lies), world.anvil.url.clone());
    let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let (url, _) = crate::rpc::asked_server(move |request, stream| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let question: Value = serde_json::from_str(body).unwrap();
        let mut answer = agent.post(&behind).send_json(question).unwrap();
        let mut answer: Value = answer.body_mut().read_json().unwrap();
        if body.contains("eth_getTransactionReceipt") && lying.load(Ordering::Relaxed) && answer["result"].is_object() {
            answer["result"]["cumulativeGasUsed"] = "0x1".into();
        }
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        drop(stream.write_all(format!("{head}{answer}").as_bytes()));
    });
    let rpc = althing_anchor::rpc::Rpc::new(&url).unwrap();
    let now = world.now();
    let mut ports = althing_anchor::bot::Ports::new(|_| ());
    ports.clock = Box::new(move || now);
    let mut bot = Bot::open(&world.logs, rpc, world.key.clone(), world.config(), ports)
        .await
        .unwrap();
    world.wait(&mut bot).await;
    world.anvil.mine(4);
    for _ in 0..2 {
        let error = bot.tick().await.unwrap_err();
        assert!(
            matches!(error, Error::Proof(NoProof::Receipts { .. })) && !error.fatal(),
            "{error}"
        );
    }
    assert!(world.logs.entries().is_empty());
    lies.store(false, Ordering::Relaxed);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.logs.entries().len(), 1);
}
