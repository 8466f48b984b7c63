//! What anchoring would do and cost now.

use alloy::primitives::{B256, U256};
use serde::{Serialize, Serializer};

use super::start::SOME;
use super::{Bot, Error};
use crate::contract;
use crate::node::Node;

/// Seconds of a month of thirty days.
const MONTH: u64 = 30 * 86_400;

/// The answer. Costs are in wei, in JSON as decimal text: they are more than a JavaScript number holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dry {
    /// What would be anchored; none if nothing changed.
    pub digest: Option<B256>,
    /// The checkpoints in it.
    pub texts: Vec<String>,
    /// Committees in it.
    pub committees: usize,
    /// Committees in which nothing changed.
    pub unchanged: usize,
    /// Gas that one anchoring takes.
    pub gas: u64,
    /// Wei per gas, now.
    #[serde(serialize_with = "decimal")]
    pub fee: u128,
    /// What one anchoring costs now.
    #[serde(serialize_with = "decimal")]
    pub cost: u128,
    /// What a month costs at this price if something changes in every slot.
    #[serde(serialize_with = "decimal")]
    pub month: u128,
    /// What the account holds.
    #[serde(serialize_with = "decimal")]
    pub balance: U256,
    /// Why nothing would be sent even if something changed.
    pub hindrance: Option<String>,
}

impl<N: Node> Bot<N> {
    /// Looks, and sends nothing. The node is asked for a batch as usual.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn dry(&mut self) -> Result<Dry, Error> {
        let contract = self.contract().await?;
        let planned = self.choose().await?;
        let data = contract::call(planned.plan.as_ref().map_or(SOME, |plan| plan.digest));
        let gas = self.chain.estimate(self.state.account, Some(contract), &data).await?;
        let head = self.head().await?;
        let fee = self.price(&head).await?.needed();
        let cost = fee.saturating_mul(u128::from(gas));
        let hindrance = self
            .terms(Some(contract), &data)
            .await?
            .err()
            .map(|waiting| waiting.to_string());
        let texts = planned.plan.as_ref().map(|plan| plan.texts.clone()).unwrap_or_default();
        Ok(Dry {
            digest: planned.plan.as_ref().map(|plan| plan.digest),
            committees: planned.plan.map_or(0, |plan| plan.parts.len()),
            texts,
            unchanged: planned.unchanged,
            gas,
            fee,
            cost,
            month: cost.saturating_mul(u128::from(MONTH / self.config.period.max(1))),
            balance: self.chain.balance(self.state.account).await?,
            hindrance,
        })
    }
}

fn decimal<S: Serializer>(figure: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&figure.to_string())
}
