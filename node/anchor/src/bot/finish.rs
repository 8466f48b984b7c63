//! The end of a slot: the proof, and the node that writes it down.

use super::{Bot, Effect, Error, Moment};
use crate::chain::Receipt;
use crate::contract;
use crate::node::{Body, Node, NodeError, ProofNode};
use crate::notice::Notice;
use crate::plan::Plan;
use crate::proof::{self, NoProof};
use crate::state::{Flight, Mined, Purpose, Slot};

impl<N: Node> Bot<N> {
    /// The transaction that anchors is in a final block.
    pub(super) async fn anchored(&mut self, receipt: &Receipt) -> Result<(), Error> {
        let Some(flight) = self.state.flight.clone() else {
            return Ok(());
        };
        let Purpose::Anchor { slot, plan } = &flight.purpose else {
            return Ok(());
        };
        let mined = Mined {
            transaction: receipt.inner.transaction_hash,
            block: receipt.hash,
            number: receipt.number,
        };
        let event = self.event(&flight, plan, receipt);
        if let Some(event) = event {
            self.record(&flight, plan, receipt, event).await?;
        }
        let over = Slot {
            slot: *slot,
            digest: plan.digest,
            committees: plan.parts.len(),
            mined,
            cost: receipt.cost,
            failed: event.is_none(),
        };
        let told = match over.failed {
            true => Notice::Failed {
                mined,
                cost: receipt.cost,
            },
            false => Notice::Anchored {
                slot: *slot,
                digest: plan.digest,
                block: mined.number,
                committees: over.committees,
                cost: receipt.cost,
            },
        };
        let day = day(&flight, &mined);
        self.commit(|state| {
            state.flight = None;
            state.settled = Some(flight.nonce.saturating_add(1));
            state.spend(day, receipt.cost);
            state.close(over, plan.parts.iter().map(|part| part.committee));
        })?;
        self.tell(&told);
        Ok(())
    }

    /// Which log of the receipt anchors the plan; none if the transaction failed.
    fn event(&self, flight: &Flight, plan: &Plan, receipt: &Receipt) -> Option<u64> {
        if !receipt.inner.status() {
            return None;
        }
        let logs = receipt.inner.logs().iter().map(|log| &log.inner);
        let event = contract::event(logs, flight.to?, self.state.account, plan.digest)?;
        u64::try_from(event).ok()
    }

    /// Hands the proof to the node, once for each committee; again for all that it was not seen to settle.
    async fn record(&mut self, flight: &Flight, plan: &Plan, receipt: &Receipt, event: u64) -> Result<(), Error> {
        self.step(Effect::Prove, Moment::Before)?;
        let proof = proof::receipt(&self.chain, receipt.hash, receipt.index).await?;
        self.step(Effect::Prove, Moment::After)?;
        // What was read off the receipt holds for what is proved, or nothing is handed over.
        if proof.receipt != receipt.encoded() {
            return Err(NoProof::Receipts { block: receipt.hash }.into());
        }
        let nodes: Vec<ProofNode> = proof.nodes.into_iter().map(|node| ProofNode { node }).collect();
        for (at, part) in plan.parts.iter().enumerate().filter(|(_, part)| !part.settled) {
            let body = Body {
                chain: self.state.chain,
                contract: flight.to.unwrap_or_default(),
                header: proof.header.clone(),
                index: receipt.index,
                receipt: nodes.clone(),
                event,
                size: u64::try_from(plan.texts.len()).unwrap_or(u64::MAX),
                checkpoints: plan.placed(part),
            };
            self.step(Effect::Record, Moment::Before)?;
            let recorded = self.node.record(&part.committee, &body).await;
            self.step(Effect::Record, Moment::After)?;
            let told = match recorded {
                Ok(entries) => Notice::Recorded {
                    committee: part.committee,
                    entries,
                },
                Err(why @ NodeError::Refused(_)) => Notice::Unrecorded {
                    committee: part.committee,
                    why,
                },
                Err(away) => return Err(away.into()),
            };
            self.commit(|state| {
                if let Some(Flight {
                    purpose: Purpose::Anchor { plan, .. },
                    ..
                }) = &mut state.flight
                    && let Some(part) = plan.parts.get_mut(at)
                {
                    part.settled = true;
                }
            })?;
            self.tell(&told);
        }
        Ok(())
    }
}

/// The day whose budget this transaction was signed under.
pub(super) fn day(flight: &Flight, mined: &Mined) -> u64 {
    let signed = flight.attempts.iter().find(|attempt| attempt.hash == mined.transaction);
    signed.map_or(0, |attempt| attempt.time / super::start::DAY)
}
