//! What the bot asks a chain, in types.

use alloy::eips::Encodable2718 as _;
use alloy::primitives::{Address, B256, Bytes, U64, U128, U256, keccak256};
use alloy::rpc::types::{Header, TransactionReceipt};
use alloy::serde::quantity;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::rpc::{Rpc, RpcError};

/// A chain, as one of its nodes tells of it.
#[derive(Debug, Clone)]
pub struct Chain {
    rpc: Rpc,
}

/// What matters of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Its number.
    #[serde(with = "quantity")]
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// When it was made, in seconds since 1970.
    #[serde(with = "quantity")]
    pub timestamp: u64,
    /// Wei that each unit of gas costs in it at least. Absent before EIP-1559.
    #[serde(default, with = "quantity::opt")]
    pub base_fee_per_gas: Option<u128>,
}

/// What became of a transaction.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// As the chain's rules define it.
    pub inner: TransactionReceipt,
    /// The hash of its block.
    pub hash: B256,
    /// The number of its block.
    pub number: u64,
    /// Its place in the block.
    pub index: u64,
    /// Wei that it cost, with what a rollup asks for its data.
    pub cost: u128,
}

/// Which block is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The newest.
    Latest,
    /// The newest that will stay.
    Finalized,
    /// The canonical one of this height.
    Number(u64),
}

impl Receipt {
    /// Its consensus encoding, over which blocks have their receipts root.
    #[must_use]
    pub fn encoded(&self) -> Bytes {
        encoded(self.inner.clone())
    }
}

fn encoded(receipt: TransactionReceipt) -> Bytes {
    receipt.into_primitives_receipt().inner.encoded_2718().into()
}

impl At {
    fn tag(self) -> String {
        match self {
            Self::Latest => "latest".to_owned(),
            Self::Finalized => "finalized".to_owned(),
            Self::Number(number) => format!("0x{number:x}"),
        }
    }
}

impl Chain {
    /// The chain behind this node.
    #[must_use]
    pub fn new(rpc: Rpc) -> Self {
        Self { rpc }
    }

    /// The node that is asked.
    #[must_use]
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Its EIP-155 id.
    ///
    /// # Errors
    /// [`RpcError`], as all the others.
    pub async fn id(&self) -> Result<u64, RpcError> {
        let id: U64 = self.rpc.ask("eth_chainId", json!([])).await?;
        Ok(id.to())
    }

    /// A block, if there is one.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn block(&self, at: At) -> Result<Option<Block>, RpcError> {
        let block: Option<Block> = self.rpc.ask("eth_getBlockByNumber", json!([at.tag(), false])).await?;
        match (at, block) {
            (At::Number(number), Some(block)) if block.number != number => {
                Err(self.rpc.strange("eth_getBlockByNumber", "a block of another height"))
            }
            (_, block) => Ok(block),
        }
    }

    /// How many transactions of this account the blocks up to this one hold: the next nonce.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn count(&self, account: Address, block: &Block) -> Result<u64, RpcError> {
        let params = json!([account, { "blockHash": block.hash }]);
        let count: U64 = self.rpc.ask("eth_getTransactionCount", params).await?;
        Ok(count.to())
    }

    /// The same at a tag: `pending` counts what waits for a block, `finalized` what will stay.
    ///
    /// # Errors
    /// [`RpcError`]. A node may have forgotten the state of the final block.
    pub async fn count_at(&self, account: Address, tag: &'static str) -> Result<u64, RpcError> {
        let count: U64 = self.rpc.ask("eth_getTransactionCount", json!([account, tag])).await?;
        Ok(count.to())
    }

    /// The code at an address; empty where there is none.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn code(&self, address: Address) -> Result<Bytes, RpcError> {
        self.rpc.ask("eth_getCode", json!([address, "latest"])).await
    }

    /// What an account holds, in wei.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn balance(&self, account: Address) -> Result<U256, RpcError> {
        self.rpc.ask("eth_getBalance", json!([account, "latest"])).await
    }

    /// How much gas this would take.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn estimate(&self, from: Address, to: Option<Address>, data: &Bytes) -> Result<u64, RpcError> {
        let mut call = json!({ "from": from, "data": data });
        if let (Some(to), Some(call)) = (to, call.as_object_mut()) {
            call.insert("to".to_owned(), json!(to));
        }
        let gas: U64 = self.rpc.ask("eth_estimateGas", json!([call])).await?;
        Ok(gas.to())
    }

    /// What the node would pay beyond the base fee of this block, in wei per gas.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn tip(&self, head: &Block) -> Result<u128, RpcError> {
        match self.rpc.ask::<U128>("eth_maxPriorityFeePerGas", json!([])).await {
            Ok(tip) => Ok(tip.to()),
            // Not every chain's nodes know that question; the older one is about the sum.
            Err(RpcError::Refused { .. }) => {
                let price: U128 = self.rpc.ask("eth_gasPrice", json!([])).await?;
                Ok(price.to::<u128>().saturating_sub(head.base_fee_per_gas.unwrap_or(0)))
            }
            Err(error) => Err(error),
        }
    }

    /// Hands in a signed transaction.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn send(&self, raw: &Bytes) -> Result<(), RpcError> {
        let _hash: B256 = self.rpc.ask("eth_sendRawTransaction", json!([raw])).await?;
        Ok(())
    }

    /// Whether the node knows of this transaction, mined or not.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn knows(&self, transaction: B256) -> Result<bool, RpcError> {
        let found: Value = self.rpc.ask("eth_getTransactionByHash", json!([transaction])).await?;
        Ok(!found.is_null())
    }

    /// What became of it; none while it is in no block.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, RpcError> {
        const METHOD: &str = "eth_getTransactionReceipt";
        let value: Value = self.rpc.ask(METHOD, json!([transaction])).await?;
        if value.is_null() {
            return Ok(None);
        }
        let data_fee = value
            .get("l1Fee")
            .and_then(|fee| serde_json::from_value::<U128>(fee.clone()).ok());
        let inner: TransactionReceipt =
            serde_json::from_value(value).map_err(|error| self.rpc.strange(METHOD, &error.to_string()))?;
        if inner.transaction_hash != transaction {
            return Err(self.rpc.strange(METHOD, "the receipt of another transaction"));
        }
        let (Some(hash), Some(number), Some(index)) = (inner.block_hash, inner.block_number, inner.transaction_index)
        else {
            return Ok(None);
        };
        let gas = u128::from(inner.gas_used).saturating_mul(inner.effective_gas_price);
        let cost = gas.saturating_add(data_fee.unwrap_or_default().to());
        Ok(Some(Receipt {
            inner,
            hash,
            number,
            index,
            cost,
        }))
    }

    /// The header of the block with this hash, in RLP: hashing it gives that hash.
    ///
    /// # Errors
    /// [`RpcError`], also where the chain's headers have fields that are not known here and the node does not give the bytes.
    pub async fn header(&self, hash: B256) -> Result<Bytes, RpcError> {
        // Few public nodes answer this; those that do answer for every chain.
        if let Ok(raw) = self.rpc.ask::<Bytes>("debug_getRawHeader", json!([hash])).await
            && keccak256(&raw) == hash
        {
            return Ok(raw);
        }
        const METHOD: &str = "eth_getBlockByHash";
        let header: Option<Header> = self.rpc.ask(METHOD, json!([hash, false])).await?;
        let header = header.ok_or_else(|| self.rpc.strange(METHOD, "no block of that hash"))?;
        let raw: Bytes = alloy::rlp::encode(&header.inner).into();
        if keccak256(&raw) == hash {
            Ok(raw)
        } else {
            Err(self.rpc.strange(
                METHOD,
                "a header that does not hash to the block's hash; a node that offers debug_getRawHeader would help",
            ))
        }
    }

    /// All receipts of a block in their consensus encoding, by two ways: the second only where the first does not satisfy.
    ///
    /// # Errors
    /// [`RpcError`].
    pub async fn receipts(&self, hash: B256, raw: bool) -> Result<Vec<Bytes>, RpcError> {
        if raw {
            return self.rpc.ask("debug_getRawReceipts", json!([hash])).await;
        }
        const METHOD: &str = "eth_getBlockReceipts";
        let receipts: Option<Vec<TransactionReceipt>> = self.rpc.ask(METHOD, json!([hash])).await?;
        let receipts = receipts.ok_or_else(|| self.rpc.strange(METHOD, "no block of that hash"))?;
        Ok(receipts.into_iter().map(encoded).collect())
    }
}
