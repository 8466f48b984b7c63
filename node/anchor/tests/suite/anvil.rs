//! A chain of our own: anvil, which mines a block when it is told to, and calls final what lies two blocks back.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, thread};

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::eips::Encodable2718 as _;
use alloy::primitives::{Address, B256, Bytes, TxKind, U64, U256};
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use serde_json::{Value, json};

/// A running chain. Dropping it ends it.
pub(crate) struct Anvil {
    child: Child,
    agent: ureq::Agent,
    pub(crate) url: String,
}

/// Where npm's packages for tests are.
pub(crate) fn node_modules() -> PathBuf {
    let cache = || {
        let home = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
        home.unwrap_or_default().join("althing")
    };
    let cache = env::var_os("ALTHING_CACHE").map_or_else(cache, PathBuf::from);
    cache.join("npm/node_modules")
}

impl Anvil {
    pub(crate) fn start(more: &[&str]) -> Self {
        let program = node_modules().join("@foundry-rs/anvil-linux-amd64/bin/anvil");
        let mut child = Command::new(&program)
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-mining",
                "--slots-in-an-epoch",
                "1",
            ])
            .args(["--accounts", "3"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|why| panic!("{}: {why}; run `make setup`", program.display()));
        let stdout = child.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned));
        let address = address.expect("anvil says where it listens");
        // It writes a line for each call: somebody has to read them.
        thread::spawn(move || lines.for_each(drop));
        let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
        Self {
            child,
            agent,
            url: format!("http://{address}"),
        }
    }

    pub(crate) fn ask(&self, method: &str, params: Value) -> Value {
        let question = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer = self.agent.post(&self.url).send_json(question).unwrap();
        let mut answer: Value = answer.body_mut().read_json().unwrap();
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].take()
    }

    pub(crate) fn mine(&self, blocks: u64) {
        self.ask("anvil_mine", json!([U64::from(blocks)]));
    }

    pub(crate) fn height(&self) -> u64 {
        number(&self.ask("eth_blockNumber", json!([])))
    }

    pub(crate) fn count(&self, account: Address) -> u64 {
        number(&self.ask("eth_getTransactionCount", json!([account, "latest"])))
    }

    pub(crate) fn base_fee(&self, wei: u128) {
        self.ask("anvil_setNextBlockBaseFeePerGas", json!([U256::from(wei)]));
    }

    pub(crate) fn drop_transaction(&self, hash: B256) {
        self.ask("anvil_dropTransaction", json!([hash]));
    }

    pub(crate) fn set_code(&self, address: Address, code: &Bytes) {
        self.ask("anvil_setCode", json!([address, code]));
    }

    /// Hands in a transaction of this key that moves nothing.
    pub(crate) fn transfer(&self, key: &PrivateKeySigner, nonce: u64, fee: u128) -> B256 {
        let transaction = TxEip1559 {
            chain_id: 31337,
            nonce,
            gas_limit: 21_000,
            max_fee_per_gas: fee,
            max_priority_fee_per_gas: fee,
            to: TxKind::Call(Address::repeat_byte(0x77)),
            ..TxEip1559::default()
        };
        let signature = key.sign_hash_sync(&transaction.signature_hash()).unwrap();
        let signed = transaction.into_signed(signature);
        self.ask("eth_sendRawTransaction", json!([Bytes::from(signed.encoded_2718())]));
        *signed.hash()
    }

    /// Digests that this contract's events name, in the order of the chain.
    pub(crate) fn digests(&self, contract: Address) -> Vec<B256> {
        let logs = self.ask("eth_getLogs", json!([{ "fromBlock": "0x0", "address": contract }]));
        let logs = logs.as_array().unwrap().iter();
        logs.map(|log| serde_json::from_value(log["data"].clone()).unwrap())
            .collect()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn number(value: &Value) -> u64 {
    serde_json::from_value::<U64>(value.clone()).unwrap().to()
}
