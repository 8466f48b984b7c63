//! Putting the contract on a chain.

use alloy::primitives::Address;

use super::flight::flight;
use super::{Bot, Error, FAILURES, Progress};
use crate::chain::Receipt;
use crate::contract;
use crate::node::Node;
use crate::notice::Notice;
use crate::state::{Mined, Purpose};

impl<N: Node> Bot<N> {
    /// Makes the contract and ends when its block is final and its code is what was compiled. If this bot made one before,
    /// that is the answer.
    ///
    /// # Errors
    /// [`Error`], after [`FAILURES`] failures in a row.
    pub async fn deploy(&mut self) -> Result<Address, Error> {
        let mut failures = 0;
        loop {
            if let (None, Some(address)) = (&self.state.flight, self.state.deployed) {
                self.is_ours(address).await?;
                return Ok(address);
            }
            let passed = match self.state.flight {
                Some(_) => self.advance().await,
                None => self.begin_deploying().await,
            };
            self.rest(passed, &mut failures, FAILURES).await?;
        }
    }

    async fn begin_deploying(&mut self) -> Result<Progress, Error> {
        self.is_our_chain().await?;
        let data = contract::creation();
        let terms = match self.terms(None, &data).await? {
            Ok(terms) => terms,
            Err(waiting) => return Ok(Progress::Waiting(waiting)),
        };
        let flight = flight(Purpose::Deploy, None, data, terms.gas, terms.nonce);
        let attempt = self.sign(&flight, terms.fee, terms.height)?;
        self.launch(flight, attempt).await?;
        Ok(Progress::Moved)
    }

    /// The transaction that makes the contract is in a final block.
    pub(super) async fn deployed(&mut self, receipt: &Receipt) -> Result<(), Error> {
        let Some(flight) = self.state.flight.clone() else {
            return Ok(());
        };
        let mined = Mined {
            transaction: receipt.inner.transaction_hash,
            block: receipt.hash,
            number: receipt.number,
        };
        let address = self.state.account.create(flight.nonce);
        let made = receipt.inner.status();
        if made {
            self.is_ours(address).await?;
        }
        let day = super::finish::day(&flight, &mined);
        self.commit(|state| {
            state.flight = None;
            state.settled = Some(flight.nonce.saturating_add(1));
            state.spend(day, receipt.cost);
            state.deployed = made.then_some(address);
        })?;
        let told = if made {
            Notice::Deployed(address)
        } else {
            Notice::Failed {
                mined,
                cost: receipt.cost,
            }
        };
        self.tell(&told);
        Ok(())
    }
}
