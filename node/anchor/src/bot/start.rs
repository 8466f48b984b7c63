//! The beginning of a slot: what is to be anchored, with which nonce, at what price.

use alloy::primitives::{Address, B256, Bytes};

use super::flight::flight;
use super::{Bot, Effect, Error, Moment, Progress};
use crate::chain::Block;
use crate::contract;
use crate::fee::{Fee, Price};
use crate::node::Node;
use crate::notice::{Notice, Waiting};
use crate::plan::{Plan, Planned};
use crate::state::Purpose;

/// Seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// What one transaction will take, if nothing stands in its way.
pub(super) struct Terms {
    pub(super) nonce: u64,
    pub(super) gas: u64,
    pub(super) fee: Fee,
    pub(super) height: u64,
}

impl<N: Node> Bot<N> {
    /// Begins this slot, if it is due and something changed.
    pub(super) async fn start(&mut self) -> Result<Progress, Error> {
        let period = self.config.period.max(1);
        let slot = self.now() / period;
        let idle = |after: u64| Progress::Idle {
            until: after.saturating_add(1).saturating_mul(period),
        };
        if let Some(latest) = self.state.latest()
            && latest >= slot
        {
            return Ok(idle(latest));
        }
        let Some(plan) = self.plan(slot).await? else {
            return Ok(idle(slot));
        };
        self.is_our_chain().await?;
        let contract = self.contract().await?;
        let data = contract::call(plan.digest);
        let terms = match self.terms(Some(contract), &data).await? {
            Ok(terms) => terms,
            Err(waiting) => return Ok(Progress::Waiting(waiting)),
        };
        let flight = flight(
            Purpose::Anchor { slot, plan },
            Some(contract),
            data,
            terms.gas,
            terms.nonce,
        );
        let attempt = self.sign(&flight, terms.fee, terms.height)?;
        self.launch(flight, attempt).await?;
        Ok(Progress::Moved)
    }

    /// What this slot anchors. The node is asked once: each asking has it make and cosign checkpoints.
    async fn plan(&mut self, slot: u64) -> Result<Option<Plan>, Error> {
        if let Some((of, plan)) = &self.planned
            && *of == slot
        {
            return Ok(plan.clone());
        }
        let planned = self.choose().await?;
        for committee in planned.unfit {
            self.tell(&Notice::Unfit(committee));
        }
        if planned.left > 0 {
            self.tell(&Notice::Left(planned.left));
        }
        self.planned = Some((slot, planned.plan.clone()));
        Ok(planned.plan)
    }

    /// Asks the node and chooses.
    pub(super) async fn choose(&mut self) -> Result<Planned, Error> {
        self.step(Effect::Ask, Moment::Before)?;
        let offers = self.node.batch().await?;
        self.step(Effect::Ask, Moment::After)?;
        let mut planned = Plan::choose(offers, &self.state.last);
        // A node may say that something changed and offer the same.
        let same = |plan: &Plan| {
            self.state
                .slots
                .iter()
                .rev()
                .any(|slot| !slot.failed && slot.digest == plan.digest)
        };
        planned.plan = planned.plan.filter(|plan| !same(plan));
        Ok(planned)
    }

    /// Nonce, gas and fee of the next transaction, or what has to be waited for.
    pub(super) async fn terms(&mut self, to: Option<Address>, data: &Bytes) -> Result<Result<Terms, Waiting>, Error> {
        let head = self.head().await?;
        let nonce = match self.nonce(head).await? {
            Ok(nonce) => nonce,
            Err(waiting) => return Ok(Err(waiting)),
        };
        let gas = self.gas(to, data).await?;
        let price = self.price(&head).await?;
        let spent = self.state.spent_on(self.now() / DAY);
        Ok(match price.offer(gas, None, &self.config.limits, spent) {
            Ok(fee) => Ok(Terms {
                nonce,
                gas,
                fee,
                height: head.number,
            }),
            Err(dear) => Err(Waiting::Dear(dear)),
        })
    }

    /// A quarter more than what the chain's node thinks it takes: unused gas costs nothing.
    pub(super) async fn gas(&self, to: Option<Address>, data: &Bytes) -> Result<u64, Error> {
        let gas = self.chain.estimate(self.state.account, to, data).await?;
        Ok(gas.saturating_add(gas / 4))
    }

    pub(super) async fn price(&self, head: &Block) -> Result<Price, Error> {
        Ok(Price {
            base: head.base_fee_per_gas.unwrap_or(0),
            tip: self.chain.tip(head).await?,
        })
    }

    /// The next nonce, once everything below it is final: so no reorganisation can leave a gap below it, in which the
    /// transaction would be stuck. With a key of the bot's own that is always so.
    async fn nonce(&mut self, head: Block) -> Result<Result<u64, Waiting>, Error> {
        let account = self.state.account;
        let count = self.chain.count(account, &head).await?;
        if count > 0 && self.state.settled != Some(count) && !self.is_settled(count, head).await? {
            return Ok(Err(Waiting::Unsettled(count)));
        }
        if self.chain.count_at(account, "pending").await? > count {
            // Let it go first; but one that offers too little would stand in the way for ever.
            let since = *self.crowded.get_or_insert(head.number);
            if head.number < since.saturating_add(self.config.patience) {
                return Ok(Err(Waiting::Crowded(count)));
            }
        } else {
            self.crowded = None;
        }
        Ok(Ok(count))
    }

    async fn is_settled(&mut self, count: u64, head: Block) -> Result<bool, Error> {
        // Not every node still has the state of the final block; then a block is noted and waited for.
        if matches!(self.chain.count_at(self.state.account, "finalized").await, Ok(settled) if settled == count) {
            return Ok(true);
        }
        let finalized = self.finalized().await?;
        match self.unsettled {
            Some((block, then)) if then == count && self.is_canonical(block.number, block.hash).await? => {
                Ok(finalized.number >= block.number)
            }
            _ => {
                self.unsettled = Some((head, count));
                Ok(false)
            }
        }
    }
}

/// A digest like any other, for asking what anchoring one would cost.
pub(super) const SOME: B256 = B256::repeat_byte(0xa5);
