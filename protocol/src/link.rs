//! The proof that an Ethereum address belongs to an identity: an EIP-712 signature over both, for one chain.
//!
//! Invariant: pure, and one form only. A signature is 65 bytes with `v` 27 or 28 and a low `s` (EIP-2): of two that
//! mean the same one is refused, so that nobody but the address's owner can make another text of a link. Contract
//! wallets (EIP-1271) sign nothing that could be checked without a chain at hand; they are refused.
//!
//! `docs/spec/identity.md` gives the typed data, `vectors/link.json` signatures made by another program.

use data_encoding::HEXLOWER;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};
use thiserror::Error;

use crate::hash::Id;

/// What the wallet shows to whoever signs.
pub const STATEMENT: &str =
    "This address belongs to the Althing identity below. Signing this moves nothing and costs nothing.";

const NAME: &str = "Althing";
const VERSION: &str = "1";
const DOMAIN_TYPE: &str = "EIP712Domain(string name,string version,uint256 chainId)";
const LINK_TYPE: &str = "Link(string statement,bytes32 identity,address account)";

/// An Ethereum address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address([u8; 20]);

/// Why a signature does not prove a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.text())]
pub enum Refusal {
    /// Not 65 bytes in lower-case hexadecimal.
    Form,
    /// `v` is neither 27 nor 28.
    Parity,
    /// `s` is in the upper half: the mirrored twin of a signature, which anybody can make.
    HighS,
    /// No key could have made it.
    Unsound,
    /// Somebody else signed this, or they signed something else.
    Other,
}

impl Refusal {
    /// The sentence for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Form => {
                "its signature is not 0x and 130 lower-case hexadecimal digits; signatures of contract wallets are not \
                 supported"
            }
            Self::Parity => "its signature ends in neither 1b nor 1c",
            Self::HighS => "its signature is the mirrored twin of one (a high s), which anybody could have made",
            Self::Unsound => "its signature is none that a key could have made",
            Self::Other => "its signature was made by another address, or for another identity or chain",
        }
    }
}

impl Address {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Reads `0x` and 40 lower-case hexadecimal digits: the one form in which entries hold it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(bytes(text)?))
    }

    /// Reads it as people have it: in lower case, or in mixed case with the checksum of ERC-55, which must be right.
    #[must_use]
    pub fn parse_typed(text: &str) -> Option<Self> {
        let address = Self::parse(&text.to_ascii_lowercase())?;
        let digits = text.strip_prefix("0x")?;
        let mixed = digits.bytes().any(|b| b.is_ascii_uppercase());
        (!mixed || address.checksummed() == text).then_some(address)
    }

    /// With the checksum of ERC-55 in its letters, as wallets show it.
    #[must_use]
    pub fn checksummed(&self) -> String {
        let lower = HEXLOWER.encode(&self.0);
        let hash = HEXLOWER.encode(&keccak(&[lower.as_bytes()]));
        let case = |(digit, nibble): (char, char)| match nibble {
            '8'..='9' | 'a'..='f' => digit.to_ascii_uppercase(),
            _ => digit,
        };
        format!("0x{}", lower.chars().zip(hash.chars()).map(case).collect::<String>())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0x{}", HEXLOWER.encode(&self.0))
    }
}

/// What a wallet signs, in the form of `eth_signTypedData_v4`.
#[must_use]
pub fn typed_data(identity: Id, chain: u64, address: Address) -> Value {
    let field = |name: &str, ty: &str| json!({ "name": name, "type": ty });
    json!({
        "types": {
            "EIP712Domain": [field("name", "string"), field("version", "string"), field("chainId", "uint256")],
            "Link": [field("statement", "string"), field("identity", "bytes32"), field("account", "address")],
        },
        "primaryType": "Link",
        "domain": { "name": NAME, "version": VERSION, "chainId": chain },
        "message": {
            "statement": STATEMENT,
            "identity": format!("0x{identity}"),
            "account": address.checksummed(),
        },
    })
}

/// The 32 bytes that are signed (EIP-712, `hashTypedData`).
#[must_use]
pub fn signed_hash(identity: Id, chain: u64, address: Address) -> [u8; 32] {
    let domain = keccak(&[
        &keccak(&[DOMAIN_TYPE.as_bytes()]),
        &keccak(&[NAME.as_bytes()]),
        &keccak(&[VERSION.as_bytes()]),
        &[0; 24],
        &chain.to_be_bytes(),
    ]);
    let message = keccak(&[
        &keccak(&[LINK_TYPE.as_bytes()]),
        &keccak(&[STATEMENT.as_bytes()]),
        identity.as_bytes(),
        &[0; 12],
        &address.0,
    ]);
    keccak(&[b"\x19\x01", &domain, &message])
}

/// Checks that this address signed for this identity and chain.
///
/// # Errors
/// [`Refusal`].
pub fn verify(identity: Id, chain: u64, address: Address, signature: &str) -> Result<(), Refusal> {
    let [rs @ .., v]: [u8; 65] = bytes(signature).ok_or(Refusal::Form)?;
    let parity = match v {
        27 => RecoveryId::new(false, false),
        28 => RecoveryId::new(true, false),
        _ => return Err(Refusal::Parity),
    };
    let signature = Signature::from_slice(&rs).map_err(|_| Refusal::Unsound)?;
    if signature.normalize_s() != signature {
        return Err(Refusal::HighS);
    }
    let hash = signed_hash(identity, chain, address);
    let key = VerifyingKey::recover_from_prehash(&hash, &signature, parity).map_err(|_| Refusal::Unsound)?;
    if address_of(&key) == Some(address) {
        Ok(())
    } else {
        Err(Refusal::Other)
    }
}

/// The last 20 bytes of the hash of an uncompressed key, without its first byte.
fn address_of(key: &VerifyingKey) -> Option<Address> {
    let point = key.to_sec1_point(false);
    let hash = keccak(&[point.as_bytes().get(1..)?]);
    hash.get(12..)?.try_into().ok().map(Address)
}

fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x")?;
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../vectors/link.json");

    fn text<'a>(case: &'a Value, field: &str) -> &'a str {
        case[field].as_str().unwrap()
    }

    /// Signatures made by another program over the same typed data; every refusal by name.
    #[test]
    fn vectors_of_another_program() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert!(cases.len() >= 8);
        for case in cases {
            let identity: Id = text(case, "identity").parse().unwrap();
            let chain = case["chain"].as_u64().unwrap();
            let address = Address::parse(text(case, "address")).unwrap();
            let found = verify(identity, chain, address, text(case, "signature"));
            let found = found.map_or_else(|refusal| format!("{refusal:?}"), |()| "ok".to_owned());
            assert_eq!(found, text(case, "expected"), "{}", text(case, "name"));
            if let Some(hash) = case["hash"].as_str() {
                assert_eq!(HEXLOWER.encode(&signed_hash(identity, chain, address)), hash);
            }
            if case["typed_data"].is_object() {
                assert_eq!(typed_data(identity, chain, address), case["typed_data"]);
            }
        }
    }

    /// The examples of ERC-55.
    #[test]
    fn checksums_of_addresses() {
        for good in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address = Address::parse_typed(good).unwrap();
            assert_eq!(address.checksummed(), good);
            assert_eq!(address.to_string(), good.to_ascii_lowercase());
            assert_eq!(Address::parse_typed(&address.to_string()), Some(address));
            assert_eq!(Address::parse(good), None, "entries hold lower case only");
        }
        let wrong = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed";
        assert_eq!(Address::parse_typed(wrong), None, "a letter in the wrong case");
        for no in ["", "0x", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aaeb6"] {
            assert_eq!(Address::parse_typed(no), None);
        }
    }
}
