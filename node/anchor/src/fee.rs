//! What a transaction may cost, and what it should offer. Pure: all figures are arguments.

use thiserror::Error;

/// Limits that the bot never exceeds; it waits instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most wei per gas.
    pub fee: u128,
    /// Most wei for one transaction.
    pub transaction: u128,
    /// Most wei in a day (UTC).
    pub day: u128,
}

/// What a transaction offers, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    /// At most, in all.
    pub most: u128,
    /// At most, beyond the base fee.
    pub tip: u128,
}

/// What the chain asks for now, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// The base fee of the newest block.
    pub base: u128,
    /// What is usual beyond it.
    pub tip: u128,
}

/// The limit that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TooDear {
    /// [`Limits::fee`].
    #[error("gas would have to be paid with {needed} wei, and the limit is {limit}")]
    Fee {
        /// Wei per gas.
        needed: u128,
        /// The limit.
        limit: u128,
    },
    /// [`Limits::transaction`].
    #[error("the transaction could cost {needed} wei, and the limit for one is {limit}")]
    Transaction {
        /// Wei.
        needed: u128,
        /// The limit.
        limit: u128,
    },
    /// [`Limits::day`].
    #[error("the transaction could cost {needed} wei, and {left} are left of today's budget")]
    Day {
        /// Wei.
        needed: u128,
        /// What is left.
        left: u128,
    },
}

impl Price {
    /// What gets into a block now.
    #[must_use]
    pub fn needed(&self) -> u128 {
        self.base.saturating_add(self.tip)
    }

    /// What should be offered: enough for six full blocks in a row, each an eighth dearer; more only where an earlier offer
    /// has to be outbid, and less where the limits are lower. `spent` is what today cost so far.
    ///
    /// # Errors
    /// [`TooDear`] when the limits do not even allow what is needed now.
    pub fn offer(&self, gas: u64, before: Option<Fee>, limits: &Limits, spent: u128) -> Result<Fee, TooDear> {
        let gas = u128::from(gas.max(1));
        let mut fee = Fee {
            most: self.base.saturating_mul(2).saturating_add(self.tip),
            tip: self.tip.max(1),
        };
        let mut needed = self.needed().max(1);
        if let Some(before) = before {
            fee = Fee {
                most: fee.most.max(raised(before.most)),
                tip: fee.tip.max(raised(before.tip)),
            };
            needed = needed.max(raised(before.most));
        }
        let left = limits.day.saturating_sub(spent);
        let worst = needed.saturating_mul(gas);
        if needed > limits.fee {
            return Err(TooDear::Fee {
                needed,
                limit: limits.fee,
            });
        }
        if worst > limits.transaction {
            return Err(TooDear::Transaction {
                needed: worst,
                limit: limits.transaction,
            });
        }
        if worst > left {
            return Err(TooDear::Day { needed: worst, left });
        }
        fee.most = fee
            .most
            .min(limits.fee)
            .min(limits.transaction / gas)
            .min(left / gas)
            .max(needed);
        fee.tip = fee.tip.min(fee.most);
        Ok(fee)
    }
}

/// An eighth more, and at least one: what nodes ask of a replacement is a tenth on both figures.
fn raised(figure: u128) -> u128 {
    figure.saturating_add(figure.div_ceil(8)).max(figure.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FREE: Limits = Limits {
        fee: u128::MAX,
        transaction: u128::MAX,
        day: u128::MAX,
    };

    #[test]
    fn offers_leave_room_and_keep_to_the_limits() {
        let price = Price { base: 100, tip: 10 };
        assert_eq!(price.offer(10, None, &FREE, 0), Ok(Fee { most: 210, tip: 10 }));
        assert_eq!(
            price.offer(10, None, &Limits { fee: 150, ..FREE }, 0),
            Ok(Fee { most: 150, tip: 10 })
        );
        assert_eq!(
            price.offer(
                10,
                None,
                &Limits {
                    transaction: 1200,
                    ..FREE
                },
                0
            ),
            Ok(Fee { most: 120, tip: 10 })
        );
        assert_eq!(
            price.offer(10, None, &Limits { day: 2000, ..FREE }, 800),
            Ok(Fee { most: 120, tip: 10 })
        );
        let fee = Err(TooDear::Fee {
            needed: 110,
            limit: 109,
        });
        assert_eq!(price.offer(10, None, &Limits { fee: 109, ..FREE }, 0), fee);
        let transaction = Err(TooDear::Transaction {
            needed: 1100,
            limit: 1099,
        });
        assert_eq!(
            price.offer(
                10,
                None,
                &Limits {
                    transaction: 1099,
                    ..FREE
                },
                0
            ),
            transaction
        );
        let day = Err(TooDear::Day { needed: 1100, left: 1 });
        assert_eq!(price.offer(10, None, &Limits { day: 1000, ..FREE }, 999), day);
        assert_eq!(
            Price { base: 0, tip: 0 }.offer(10, None, &FREE, 0),
            Ok(Fee { most: 1, tip: 1 })
        );
    }

    proptest! {
        #[test]
        fn an_offer_never_costs_more_than_allowed_and_always_outbids(
            base in 0..u128::MAX / 4, tip in 0..u128::from(u64::MAX), gas: u64,
            most in 0..u128::from(u64::MAX), before_tip in 0..u128::from(u64::MAX),
            fee: u128, transaction: u128, day: u128, spent: u128, bumped: bool,
        ) {
            let limits = Limits { fee, transaction, day };
            let before = bumped.then_some(Fee { most: most.max(before_tip), tip: before_tip });
            let price = Price { base, tip };
            if let Ok(offer) = price.offer(gas, before, &limits, spent) {
                let worst = offer.most * u128::from(gas);
                prop_assert!(offer.most <= fee && worst <= transaction && worst + spent <= day);
                prop_assert!(offer.tip <= offer.most && offer.most >= price.needed() && offer.most > 0);
                if let Some(before) = before {
                    prop_assert!((offer.most - before.most) * 8 >= before.most);
                    prop_assert!((offer.tip - before.tip) * 8 >= before.tip);
                }
            }
        }
    }
}
