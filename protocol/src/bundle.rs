//! A bundle: one file that lets anybody check, without a network, that an entry existed no later than a block
//! (`docs/spec/proof.md`).
//!
//! Invariant: [`verify()`] believes nothing but mathematics. Bytes that it accepts are the one bundle of what they hold, and
//! each of them is fixed, or bound by a hash or a signature, or part of a claim that the answer repeats.

mod make;
mod people;
mod proof;
mod say;
mod verify;
mod zip;

pub use self::make::{Parts, Unmade, make};
pub use self::proof::{Anchorage, PEOPLE, Proof, Signed};
pub use self::verify::{Check, Content, Cosigner, Refused, Verified, verify};
pub use self::zip::{LARGEST, Members, rebuild};

#[cfg(test)]
mod tests;
