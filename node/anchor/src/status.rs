//! How far the bot is, as its folder tells, for pages and other programs. Reading it does not disturb a bot at work.

use std::path::Path;

use alloy::primitives::{Address, B256};
use serde::Serialize;

use crate::state::{Flight, Purpose, State, StateError};

/// How far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// On its way.
    Submitted,
    /// In a block.
    Mined,
    /// In a block that stays.
    Final,
    /// In a block that stays, and failed there.
    Failed,
}

/// A slot and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number.
    pub slot: u64,
    /// How far it is.
    pub stage: Stage,
    /// What it anchors.
    pub digest: B256,
    /// How many committees.
    pub committees: usize,
    /// Its transaction, the latest where it is in no block.
    pub transaction: Option<B256>,
    /// Its block.
    pub block: Option<u64>,
    /// What it cost, in wei as decimal text; known once it is final.
    pub cost: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The chain's id.
    pub chain: u64,
    /// Who pays.
    pub account: Address,
    /// The contract that this bot made, if it did.
    pub deployed: Option<Address>,
    /// The latest slots, newest first.
    pub slots: Vec<Line>,
    /// What was spent in all, in wei as decimal text.
    pub spent: String,
}

/// The status in this folder with at most so many slots; none if no bot ever worked there.
///
/// # Errors
/// [`StateError`].
pub fn status(folder: &Path, most: usize) -> Result<Option<Status>, StateError> {
    Ok(State::read(folder)?.map(|state| Status {
        chain: state.chain,
        account: state.account,
        deployed: state.deployed,
        slots: state
            .flight
            .as_ref()
            .and_then(line)
            .into_iter()
            .chain(over(&state))
            .take(most)
            .collect(),
        spent: state.spent.to_string(),
    }))
}

fn line(flight: &Flight) -> Option<Line> {
    let Purpose::Anchor { slot, plan } = &flight.purpose else {
        return None;
    };
    let last = flight.attempts.last().map(|attempt| attempt.hash);
    Some(Line {
        slot: *slot,
        stage: if flight.mined.is_some() {
            Stage::Mined
        } else {
            Stage::Submitted
        },
        digest: plan.digest,
        committees: plan.parts.len(),
        transaction: flight.mined.map(|mined| mined.transaction).or(last),
        block: flight.mined.map(|mined| mined.number),
        cost: None,
    })
}

fn over(state: &State) -> impl Iterator<Item = Line> {
    state.slots.iter().rev().map(|slot| Line {
        slot: slot.slot,
        stage: if slot.failed { Stage::Failed } else { Stage::Final },
        digest: slot.digest,
        committees: slot.committees,
        transaction: Some(slot.mined.transaction),
        block: Some(slot.mined.number),
        cost: Some(slot.cost.to_string()),
    })
}
