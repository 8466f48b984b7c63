//! Bytes that were refused lately, so that the same junk costs one hash the next time.
//!
//! Two generations of bounded size: when the younger is full it becomes the older, which is forgotten.

use althing_protocol::hash::Hash;
use hashbrown::HashMap;

use super::Reject;

/// Hashes per generation; some 150 bytes each.
const GENERATION: usize = 16_384;

#[derive(Debug, Default)]
pub(super) struct Refused {
    young: HashMap<Hash, Reject>,
    old: HashMap<Hash, Reject>,
}

impl Refused {
    pub(super) fn find(&self, wire: &Hash) -> Option<&Reject> {
        self.young.get(wire).or_else(|| self.old.get(wire))
    }

    pub(super) fn remember(&mut self, wire: Hash, reject: Reject) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(wire, reject);
    }
}

#[cfg(test)]
mod tests {
    use althing_protocol::entry::BadSignature;
    use althing_protocol::hash::sha256;

    use super::*;

    #[test]
    fn is_bounded_and_remembers_the_latest() {
        let mut refused = Refused::default();
        let hash = |n: usize| Hash(sha256(&[&n.to_le_bytes()]));
        let junk: Reject = BadSignature::Signature.into();
        for n in 0..5 * GENERATION {
            refused.remember(hash(n), junk.clone());
        }
        assert!(refused.young.len() + refused.old.len() <= 2 * GENERATION);
        assert_eq!(refused.find(&hash(5 * GENERATION - 1)), Some(&junk));
        assert_eq!(refused.find(&hash(4 * GENERATION)), Some(&junk));
        assert_eq!(refused.find(&hash(0)), None);
    }
}
