//! The contract: its code as compiled from `node/contract/Anchor.sol`, and how it is called (`docs/spec/anchor.md`).
//!
//! The call is 68 bytes and the event one word, so both are written out here: a compiler for interfaces would be more
//! code than what it saves. A test holds them against what solc says of the source.

use std::sync::LazyLock;

use alloy::primitives::{Address, B256, Bytes, Log, keccak256};
use althing_protocol::anchor::batch;
use serde::Deserialize;

/// What solc made of the source, with the settings it was given: JSON.
pub const COMPILED: &str = include_str!("../../contract/Anchor.json");

const FUNCTION: &str = "anchor(bytes32,bytes32)";
const EVENT: &str = "Anchored(address,bytes32,bytes32)";

#[derive(Deserialize)]
struct Compiled {
    creation: Bytes,
    runtime: Bytes,
}

static CODE: LazyLock<Compiled> =
    LazyLock::new(|| serde_json::from_str(COMPILED).expect("a test compiles the source and compares this file"));

/// What a transaction carries that makes the contract.
#[must_use]
pub fn creation() -> Bytes {
    CODE.creation.clone()
}

/// The code that lies at its address afterwards.
#[must_use]
pub fn runtime() -> Bytes {
    CODE.runtime.clone()
}

/// What a transaction carries that anchors this digest.
#[must_use]
pub fn call(digest: B256) -> Bytes {
    let selector = keccak256(FUNCTION);
    let (selector, _) = selector.split_at(4);
    [selector, scope().as_slice(), digest.as_slice()].concat().into()
}

/// Which log of a receipt says that this account anchored this digest with this contract.
pub fn event<'a>(
    logs: impl IntoIterator<Item = &'a Log>,
    contract: Address,
    account: Address,
    digest: B256,
) -> Option<usize> {
    let topics = [keccak256(EVENT), account.into_word(), scope()];
    logs.into_iter()
        .position(|log| log.address == contract && log.data.topics() == topics && *log.data.data == digest[..])
}

/// The scope of the batches of checkpoints.
#[must_use]
pub fn scope() -> B256 {
    B256::from(batch::scope().0)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn calls_and_events_are_those_of_the_compiled_source() {
        let json: Value = serde_json::from_str(COMPILED).unwrap();
        let digest = B256::repeat_byte(7);
        let call = call(digest);
        assert_eq!(json["methods"][FUNCTION], alloy::hex::encode(&call[..4]));
        assert_eq!(call.len(), 68);
        assert_eq!((&call[4..36], &call[36..]), (&scope()[..], &digest[..]));
        assert_eq!(json["runtime_keccak256"], alloy::hex::encode(keccak256(runtime())));
        // The optimiser leaves the event's topic in the code as it is.
        let topic = alloy::hex::encode(keccak256(EVENT));
        assert!(json["runtime"].as_str().unwrap().contains(&topic));
        assert!(alloy::hex::encode(creation()).ends_with(&alloy::hex::encode(runtime())));
    }
}
