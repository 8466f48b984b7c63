//! What is paid, and what is not.

use alloy::primitives::{U256, address};
use althing_anchor::bot::Progress;
use althing_anchor::fee::{Limits, TooDear};
use althing_anchor::notice::Waiting;
use serde_json::{Value, json};

use crate::world::{PERIOD, World};

/// A gwei.
const GWEI: u128 = 1_000_000_000;

#[tokio::test]
async fn a_spike_is_outbid_by_an_eighth_at_least_on_both_figures() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    world.wait(&mut bot).await;
    for spike in [50, 200, 800] {
        world.anvil.base_fee(spike * GWEI);
        world.anvil.mine(1);
        world.anvil.base_fee(spike * GWEI);
        world.wait(&mut bot).await;
    }
    let attempts = bot.state().flight.as_ref().unwrap().attempts.clone();
    assert_eq!(attempts.len(), 4);
    for pair in attempts.windows(2) {
        assert!((pair[1].fee - pair[0].fee) * 8 >= pair[0].fee);
        assert!((pair[1].tip - pair[0].tip) * 8 >= pair[0].tip);
    }
    world.settle(&mut bot).await.unwrap();
    assert_eq!(bot.state().slots[0].mined.transaction, attempts[3].hash);
    assert_eq!(
        (
            world.anvil.count(world.key.address()),
            world.anvil.digests(world.contract).len()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn what_waits_long_is_outbid_however_low_the_base_fee_is() {
    let world = World::new(1);
    let mut bot = world.bot().await;
    let first = world.wait(&mut bot).await;
    let drop_all = |bot: &althing_anchor::bot::Bot<&crate::logs::Logs>| {
        World::attempts(bot)
            .into_iter()
            .for_each(|hash| world.anvil.drop_transaction(hash));
    };
    // Blocks alone are not enough: some chains make several in a second.
    drop_all(&bot);
    world.anvil.mine(3);
    assert_eq!(world.wait(&mut bot).await, first);
    drop_all(&bot);
    world.pass_time(60);
    world.wait(&mut bot).await;
    assert_eq!(World::attempts(&bot).len(), 2);
    // An earlier one is mined after all.
    let early = bot.state().flight.as_ref().unwrap().attempts[0].clone();
    drop_all(&bot);
    world.anvil.ask("eth_sendRawTransaction", json!([early.raw]));
    world.anvil.mine(1);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(bot.state().slots[0].mined.transaction, early.hash);
    assert_eq!(world.anvil.digests(world.contract).len(), 1);
}

#[tokio::test]
async fn above_the_cap_it_waits_and_says_so() {
    let mut world = World::new(1);
    world.limits = Limits {
        fee: 20 * GWEI,
        ..world.limits
    };
    let mut bot = world.bot().await;
    let spike = |gwei: u128| {
        world.anvil.base_fee(gwei * GWEI);
        world.anvil.mine(1);
        world.anvil.base_fee(gwei * GWEI);
    };
    // Before anything is signed; the node is asked once all the same.
    spike(30);
    let dear = |waiting| matches!(waiting, Waiting::Dear(TooDear::Fee { needed, limit }) if needed > limit);
    for _ in 0..3 {
        assert!(dear(world.wait(&mut bot).await));
    }
    assert!(bot.state().flight.is_none() && world.logs.asked() == 1);
    // Then on its way.
    spike(5);
    assert!(matches!(world.wait(&mut bot).await, Waiting::Block(_)));
    for _ in 0..3 {
        spike(90);
        assert!(dear(world.wait(&mut bot).await));
    }
    assert!(world.told().contains("the limit is 20000000000"));
    assert_eq!(World::attempts(&bot).len(), 1);
    spike(3);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.anvil.digests(world.contract).len(), 1);
    let price = U256::from(bot.state().slots[0].cost) / U256::from(24_000);
    assert!(price <= U256::from(20 * GWEI));
}

#[tokio::test]
async fn one_transaction_and_one_day_have_a_budget() {
    let mut world = World::new(1);
    // Midnight, so that the slots below are of one day.
    world.pass_time(86_400 - world.now() % 86_400);
    world.limits = Limits {
        transaction: 1000,
        ..world.limits
    };
    let mut bot = world.bot().await;
    assert!(matches!(
        world.wait(&mut bot).await,
        Waiting::Dear(TooDear::Transaction { limit: 1000, .. })
    ));
    drop(bot);

    // Enough for one at the highest price, and for less than two at the lowest.
    world.limits = Limits {
        fee: 3 * GWEI,
        transaction: 100_000 * GWEI,
        day: 90_000 * GWEI,
    };
    let mut bot = world.bot().await;
    world.anvil.base_fee(GWEI);
    world.settle(&mut bot).await.unwrap();
    let first = bot.state().spent;
    assert!(first > 20_000 * GWEI && first <= 90_000 * GWEI, "{first}");
    let mut anchored = 1;
    loop {
        world.pass_time(PERIOD);
        world.logs.write(0, 1);
        world.anvil.base_fee(GWEI);
        world.anvil.mine(1);
        world.anvil.base_fee(GWEI);
        if let Progress::Waiting(waiting) = bot.tick().await.unwrap() {
            let Waiting::Dear(TooDear::Day { needed, left }) = waiting else {
                panic!("{waiting}")
            };
            assert!(needed > left && left == 90_000 * GWEI - bot.state().spent);
            break;
        }
        world.settle(&mut bot).await.unwrap();
        anchored += 1;
        assert!(anchored < 5, "the budget never ends");
    }
    assert!(bot.state().spent <= 90_000 * GWEI);
    assert!(world.told().contains("today's budget"));
    // A restart forgets nothing; the next day goes on.
    drop(bot);
    let mut bot = world.bot().await;
    assert!(matches!(world.wait(&mut bot).await, Waiting::Dear(TooDear::Day { .. })));
    world.pass_time(86_400);
    world.settle(&mut bot).await.unwrap();
    assert_eq!(world.anvil.digests(world.contract).len(), anchored + 1);
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_cost_and_sends_nothing() {
    let world = World::new(2);
    let mut bot = world.bot().await;
    world.anvil.base_fee(7 * GWEI);
    world.anvil.mine(1);
    let dry = bot.dry().await.unwrap();
    assert_eq!(
        (dry.committees, dry.unchanged, dry.texts.len(), dry.hindrance),
        (2, 0, 4, None)
    );
    assert!((23_000..25_000).contains(&dry.gas) && dry.digest.is_some());
    assert_eq!(
        (dry.fee, dry.cost, dry.month),
        (8 * GWEI, dry.fee * u128::from(dry.gas), dry.cost * 720)
    );
    assert!(dry.balance > U256::from(GWEI));
    let pool = world.anvil.ask("txpool_status", json!([]));
    assert_eq!(
        (&pool["pending"], &pool["queued"]),
        (&Value::from("0x0"), &Value::from("0x0"))
    );
    assert!(bot.state().flight.is_none() && !world.config().folder.join("anchor.json").exists());
    assert_eq!(
        world.anvil.count(address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266")),
        0
    );
}
