//! A transaction on its way: from signing it until its block is final.

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::eips::Encodable2718 as _;
use alloy::primitives::{B256, Bytes, TxKind};
use alloy::signers::SignerSync as _;

use super::{Bot, Effect, Error, Moment};
use crate::chain::{Block, Receipt};
use crate::fee::Fee;
use crate::node::Node;
use crate::notice::{Notice, Waiting};
use crate::rpc::RpcError;
use crate::state::{Attempt, Flight, Mined, Purpose};

/// Most transactions for one nonce: an eighth more each time is over forty times the first.
pub(super) const ATTEMPTS: usize = 32;

/// What a look at a flight came to.
pub(super) enum Flown {
    /// It goes on.
    Waiting(Waiting),
    /// Its block is final.
    Final(Box<Receipt>),
    /// Another transaction took its nonce for ever: there is no flight any more.
    Overtaken,
}

impl<N: Node> Bot<N> {
    /// Looks where it is, and sees to it that it gets on.
    pub(super) async fn fly(&mut self) -> Result<Flown, Error> {
        let Some(flight) = self.state.flight.clone() else {
            return Ok(Flown::Overtaken);
        };
        let head = self.head().await?;
        if let Some(receipt) = self.poll(&flight).await? {
            self.overtaken = None;
            let mined = Mined {
                transaction: receipt.inner.transaction_hash,
                block: receipt.hash,
                number: receipt.number,
            };
            if flight.mined != Some(mined) {
                self.commit(|state| set_mined(&mut state.flight, Some(mined)))?;
                self.tell(&Notice::Mined(mined));
            }
            // In this order: what is canonical after this block became final stays so.
            let finalized = self.finalized().await?;
            if finalized.number >= mined.number && self.is_canonical(mined.number, mined.block).await? {
                return Ok(Flown::Final(Box::new(receipt)));
            }
            return Ok(Flown::Waiting(Waiting::Final {
                number: mined.number,
                finalized: finalized.number,
            }));
        }
        if let Some(mined) = flight.mined {
            self.commit(|state| set_mined(&mut state.flight, None))?;
            self.tell(&Notice::Gone(mined));
        }
        if self.chain.count(self.state.account, &head).await? > flight.nonce {
            return self.taken(flight.nonce, head).await;
        }
        self.overtaken = None;
        self.push(&flight, &head).await.map(Flown::Waiting)
    }

    /// The receipt of whichever attempt is in a block of the chain.
    async fn poll(&mut self, flight: &Flight) -> Result<Option<Receipt>, Error> {
        let mut found = None;
        for attempt in flight.attempts.iter().rev() {
            self.step(Effect::Poll, Moment::Before)?;
            let receipt = self.chain.receipt(attempt.hash).await?;
            self.step(Effect::Poll, Moment::After)?;
            // A node's index may still name a block that the chain has left.
            if let Some(receipt) = receipt
                && self.is_canonical(receipt.number, receipt.hash).await?
            {
                found = Some(receipt);
                break;
            }
        }
        Ok(found)
    }

    /// The nonce is used by none of ours, at this block. Only once that block is final none of ours can follow: until then
    /// the chain may change its mind, and beginning anew could anchor twice.
    async fn taken(&mut self, nonce: u64, head: Block) -> Result<Flown, Error> {
        let waiting = Flown::Waiting(Waiting::Overtaken(nonce));
        let finalized = self.finalized().await?;
        match self.overtaken {
            Some(block) if self.is_canonical(block.number, block.hash).await? => {
                if finalized.number < block.number {
                    return Ok(waiting);
                }
                self.commit(|state| {
                    state.flight = None;
                    state.settled = Some(nonce.saturating_add(1));
                })?;
                self.overtaken = None;
                self.tell(&Notice::Overtaken { nonce });
                Ok(Flown::Overtaken)
            }
            _ => {
                self.overtaken = Some(head);
                Ok(waiting)
            }
        }
    }

    /// Hands in what the chain's node does not know, and outbids what waits too long.
    async fn push(&mut self, flight: &Flight, head: &Block) -> Result<Waiting, Error> {
        let Some(last) = flight.attempts.last() else {
            return Err(Error::Stopped);
        };
        let waiting = Waiting::Block(last.hash);
        let base = head.base_fee_per_gas.unwrap_or(0);
        let long = head.number >= last.height.saturating_add(self.config.blocks)
            && self.now() >= last.time.saturating_add(self.config.seconds);
        let mut held = None;
        if (long || base > last.fee || self.outbid) && head.number > last.height {
            let before = Fee {
                most: last.fee,
                tip: last.tip,
            };
            let price = self.price(head).await?;
            let spent = self.state.spent_on(self.now() / super::start::DAY);
            match price.offer(flight.gas, Some(before), &self.config.limits, spent) {
                _ if flight.attempts.len() >= ATTEMPTS => held = Some(Waiting::Attempts(last.hash)),
                Err(dear) => held = Some(Waiting::Dear(dear)),
                Ok(fee) => {
                    let attempt = self.sign(flight, fee, head.number)?;
                    let hash = attempt.hash;
                    self.launch(flight.clone(), attempt).await?;
                    return Ok(Waiting::Block(hash));
                }
            }
        }
        if !self.chain.knows(last.hash).await? {
            self.tell(&Notice::Again(last.hash));
            self.send(last.hash, &last.raw).await?;
        }
        Ok(held.unwrap_or(waiting))
    }

    /// Writes a signed transaction down, then sends it.
    pub(super) async fn launch(&mut self, mut flight: Flight, attempt: Attempt) -> Result<(), Error> {
        let (hash, raw) = (attempt.hash, attempt.raw.clone());
        let fee = Fee {
            most: attempt.fee,
            tip: attempt.tip,
        };
        let nonce = flight.nonce;
        flight.attempts.push(attempt);
        self.commit(|state| state.flight = Some(flight))?;
        self.outbid = false;
        self.tell(&Notice::Sent {
            nonce,
            transaction: hash,
            fee,
        });
        self.send(hash, &raw).await
    }

    async fn send(&mut self, hash: B256, raw: &Bytes) -> Result<(), Error> {
        self.step(Effect::Send, Moment::Before)?;
        let sent = self.chain.send(raw).await;
        self.step(Effect::Send, Moment::After)?;
        let Err(error) = sent else {
            return Ok(());
        };
        let RpcError::Refused { message, .. } = &error else {
            return Err(error.into());
        };
        // Nodes agree on no codes for these, and hardly on words.
        let message = message.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&[
            "already known",
            "known transaction",
            "already imported",
            "already exist",
            "in mempool",
            "nonce",
        ]) {
            // There already, or some transaction with this nonce is in a block: the next look tells.
            return Ok(());
        }
        if says(&["underpriced", "replacement", "fee too low", "base fee", "basefee"]) {
            self.outbid = true;
            self.tell(&Notice::Outbid {
                transaction: hash,
                why: message.clone(),
            });
            return Ok(());
        }
        Err(error.into())
    }

    /// Signs one more transaction for this flight.
    pub(super) fn sign(&self, flight: &Flight, fee: Fee, height: u64) -> Result<Attempt, Error> {
        let transaction = TxEip1559 {
            chain_id: self.state.chain,
            nonce: flight.nonce,
            gas_limit: flight.gas,
            max_fee_per_gas: fee.most,
            max_priority_fee_per_gas: fee.tip,
            to: flight.to.map_or(TxKind::Create, TxKind::Call),
            input: flight.data.clone(),
            ..TxEip1559::default()
        };
        let signature = self.key.sign_hash_sync(&transaction.signature_hash());
        let signed = transaction.into_signed(signature.map_err(|error| Error::Signer(error.to_string()))?);
        Ok(Attempt {
            hash: *signed.hash(),
            raw: signed.encoded_2718().into(),
            fee: fee.most,
            tip: fee.tip,
            height,
            time: self.now(),
        })
    }
}

/// An empty flight, before its first transaction is signed.
pub(super) fn flight(
    purpose: Purpose,
    to: Option<alloy::primitives::Address>,
    data: Bytes,
    gas: u64,
    nonce: u64,
) -> Flight {
    Flight {
        purpose,
        to,
        data,
        gas,
        nonce,
        attempts: Vec::new(),
        mined: None,
    }
}

fn set_mined(flight: &mut Option<Flight>, mined: Option<Mined>) {
    if let Some(flight) = flight {
        flight.mined = mined;
    }
}
