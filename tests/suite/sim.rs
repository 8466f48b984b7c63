//! Many nodes in virtual time, running the shipped state machines over a bad network among hostile peers.
//!
//! After the network heals, all honest nodes agree on the digest, hence on the record, on members and on bodies. A
//! failure names its seed; `ALTHING_SEED=n` runs that one alone.

#![allow(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test that meets the unexpected has to stop; its numbers are small"
)]

mod flaw;
mod floors;
mod hostile;
mod judge;
mod node;
mod people;
mod shared;
mod world;

use self::flaw::{FLAWS, Flaw};
use self::world::{Apart, Plan, Story, World};

fn plan(seed: u64, nodes: usize) -> Plan {
    Plan {
        seed,
        nodes,
        hostile: 12,
        writing: 90,
        entries: 200 + 4 * nodes as u64,
        loss: 15,
        flaw: Flaw::None,
    }
}

fn seeds(from: u64, count: u64) -> Vec<u64> {
    match std::env::var("ALTHING_SEED") {
        Ok(text) => vec![text.parse().expect("ALTHING_SEED is a number")],
        Err(_) => (from..from + count * u64::from(althing_tests::kit::dice::soak())).collect(),
    }
}

fn agreed(plan: Plan) -> Story {
    match World::new(plan).run() {
        Ok(story) => {
            eprintln!("ALTHING_SEED={}: {story:?}", plan.seed);
            story
        }
        #[expect(clippy::panic, reason = "this is how a test fails")]
        Err(Apart(how)) => panic!("ALTHING_SEED={}: {how}; {plan:?}", plan.seed),
    }
}

#[test]
fn small_worlds_agree() {
    for seed in seeds(0, 12) {
        let turn = seed as usize;
        agreed(Plan {
            hostile: [5, 12, 35][turn % 3],
            loss: [0, 15, 40][turn / 3 % 3],
            ..plan(seed, 24)
        });
    }
}

#[test]
fn hundreds_of_nodes_agree() {
    for seed in seeds(100, 1) {
        let story = agreed(plan(seed, 250));
        assert!(
            story.record > 300 && story.forks > 0 && story.members > 10 && story.banned > 0,
            "{story:?}"
        );
    }
}

/// The same seed tells the same story: only so can a failure be repeated.
#[test]
fn a_seed_repeats() {
    let one = agreed(plan(7, 16));
    let two = agreed(plan(7, 16));
    assert_eq!(one, two);
}

/// A broken rule is noticed. Were it not, the other tests here would prove nothing.
#[test]
fn broken_rules_are_noticed() {
    for flaw in FLAWS {
        let apart = (200..208).find_map(|seed| {
            let plan = Plan {
                flaw,
                hostile: 30,
                ..plan(seed, 20)
            };
            let how = World::new(plan).run().err()?;
            // It is the flaw that parts them.
            agreed(Plan {
                flaw: Flaw::None,
                ..plan
            });
            Some(how)
        });
        let Some(Apart(how)) = apart else {
            panic!("{flaw:?} went unnoticed");
        };
        let gist: String = how.chars().take(100).collect();
        eprintln!("{flaw:?}: {gist} …");
    }
}

/// `make soak`, or `cargo test -- --ignored thousand`.
#[test]
#[ignore = "some minutes"]
fn a_thousand_nodes_agree() {
    for seed in seeds(1000, 1) {
        agreed(plan(seed, 1000));
    }
}
