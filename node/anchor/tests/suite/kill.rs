//! The bot is stopped before and after everything that it does, and started again on the same folder.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use alloy::primitives::B256;
use althing_anchor::bot::{Effect, Error, Moment, Progress};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::json;

use crate::world::{PERIOD, Step, World};

const ROUNDS: u64 = 500;

/// Most times that it is stopped within a round.
const STOPS: u64 = 3;

/// Stops at the nth time that this comes up.
fn stop(effect: Effect, moment: Moment, mut nth: u64) -> Step {
    Box::new(move |done, when| {
        if (done, when) != (effect, moment) {
            return ControlFlow::Continue(());
        }
        match nth {
            0 => ControlFlow::Break(()),
            _ => {
                nth -= 1;
                ControlFlow::Continue(())
            }
        }
    })
}

#[tokio::test]
async fn stopped_anywhere_it_loses_nothing_and_does_nothing_twice() {
    let seed = std::env::var("ALTHING_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(1);
    println!("ALTHING_SEED={seed}");
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let world = World::new(2);
    let mut stopped = BTreeSet::new();
    for round in 0..ROUNDS {
        world.pass_time(PERIOD);
        world.logs.write((round % 2) as u8, 1 + round % 3);
        if round % 5 == 0 {
            world.logs.write(((round + 1) % 2) as u8, 1);
        }
        // Each place in turn as the first one of a round, so that all are met; after that anywhere.
        let mut place = round;
        for stops in 0..=STOPS {
            let effect = Effect::ALL[(place / 2 % 7) as usize];
            let moment = if place % 2 == 0 { Moment::Before } else { Moment::After };
            let step = match stops {
                STOPS => Box::new(|_, _| ControlFlow::Continue(())),
                _ => stop(effect, moment, random.next_u64() % 3),
            };
            let mut bot = world.open(world.config(), step).await.unwrap();
            match run(&world, &mut bot, &mut random).await {
                Ok(()) => break,
                Err(Error::Stopped) => assert!(stops < STOPS),
                Err(other) => panic!("round {round}: {other}\n{}", world.told()),
            }
            stopped.insert((effect, moment));
            place = random.next_u64() % 14;
        }
        world.told();
    }
    assert_eq!(stopped.len(), 14, "{stopped:?}");

    let bot = world.bot().await;
    let slots: Vec<B256> = bot.state().slots.iter().map(|slot| slot.digest).collect();
    assert_eq!(slots.len() as u64, ROUNDS, "one anchor in each slot");
    let digests = world.anvil.digests(world.contract);
    assert_eq!(digests, slots, "each of them once, and none besides");
    assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), slots.len());
    assert_eq!(
        world.anvil.count(world.key.address()),
        ROUNDS,
        "every nonce was used for an anchor"
    );
    assert!(bot.state().flight.is_none());

    // What was handed over was checked when it came; all of it came.
    let entries = world.logs.entries();
    let committees: usize = bot.state().slots.iter().map(|slot| slot.committees).sum();
    assert_eq!(entries.len(), committees);
    let blocks: BTreeSet<B256> = entries.keys().map(|(block, ..)| *block).collect();
    assert_eq!(blocks, bot.state().slots.iter().map(|slot| slot.mined.block).collect());
    for (block, _, _) in entries.keys().take(20) {
        assert!(!world.anvil.ask("eth_getBlockByHash", json!([block, false])).is_null());
    }
    for ((_, _, committee), (_, body, _)) in &entries {
        assert!(digests.contains(&crate::verify::body(*committee, body).digest));
    }
}

/// As [`World::settle`], on a chain that now and then forgets what waits, or a block.
async fn run(
    world: &World,
    bot: &mut althing_anchor::bot::Bot<&crate::logs::Logs>,
    random: &mut ChaCha12Rng,
) -> Result<(), Error> {
    for _ in 0..400 {
        match bot.tick().await? {
            Progress::Idle { .. } => return Ok(()),
            Progress::Moved => {}
            Progress::Waiting(_) => match random.next_u64() % 12 {
                0 => {
                    let flight = bot.state().flight.as_ref();
                    let last = flight.and_then(|flight| flight.attempts.last());
                    last.iter().for_each(|last| world.anvil.drop_transaction(last.hash));
                }
                1 => {
                    world.anvil.ask("anvil_reorg", json!([1, []]));
                }
                _ => world.anvil.mine(1),
            },
        }
    }
    panic!("the bot does not come to an end: {}", world.told());
}
