//! Exact shares of an amount: fractions of any size, so that no rounding but the last one is ever seen in a payout.
//!
//! Bounds: a natural number grows by 64 bits with each denominator that is multiplied in; [`split`] takes at most as many
//! fractions as it is given, and its caller bounds them.

use std::cmp::Ordering;

/// A natural number, its digits to the base 2^64, the least first, without zeros at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Natural(Vec<u64>);

impl Natural {
    fn one() -> Self {
        Self(vec![1])
    }

    /// Times a number.
    fn times(&self, by: u64) -> Self {
        let mut carry = 0_u128;
        let mut digits: Vec<u64> = Vec::with_capacity(self.0.len() + 1);
        for digit in &self.0 {
            let sum = u128::from(*digit) * u128::from(by) + carry;
            digits.push(low(sum));
            carry = sum >> 64;
        }
        digits.push(low(carry));
        Self(digits).trimmed()
    }

    fn plus(&self, other: &Self) -> Self {
        let mut carry = 0_u128;
        let mut digits = Vec::new();
        for n in 0..self.0.len().max(other.0.len()) {
            let digit = |of: &Self| u128::from(of.0.get(n).copied().unwrap_or(0));
            let sum = digit(self) + digit(other) + carry;
            digits.push(low(sum));
            carry = sum >> 64;
        }
        digits.push(low(carry));
        Self(digits).trimmed()
    }

    /// Less another one that is not greater.
    fn less(&self, other: &Self) -> Self {
        let mut borrow = false;
        let mut digits = Vec::with_capacity(self.0.len());
        for (n, digit) in self.0.iter().enumerate() {
            let (first, under) = digit.overflowing_sub(other.0.get(n).copied().unwrap_or(0));
            let (second, under_again) = first.overflowing_sub(u64::from(borrow));
            digits.push(second);
            borrow = under || under_again;
        }
        Self(digits).trimmed()
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let lengths = self.0.len().cmp(&other.0.len());
        lengths.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn low(sum: u128) -> u64 {
    u64::try_from(sum & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

/// A sum of fractions, all over one denominator.
#[derive(Debug, Clone)]
pub(crate) struct Shares {
    over: Natural,
    parts: Vec<Natural>,
}

impl Shares {
    /// So many shares of nothing.
    pub(crate) fn new(parts: usize) -> Self {
        Self {
            over: Natural::one(),
            parts: vec![Natural::default(); parts],
        }
    }

    /// Adds `weight × parts[n] / over` to each share, `over` above 0.
    pub(crate) fn add(&mut self, parts: &[(usize, u64)], weight: u64, over: u64) {
        let old = self.over.clone();
        self.over = self.over.times(over);
        for share in &mut self.parts {
            *share = share.times(over);
        }
        for (n, part) in parts {
            if let Some(share) = self.parts.get_mut(*n) {
                *share = share.plus(&old.times(*part).times(weight));
            }
        }
    }

    /// Splits an amount by the shares: each rounded down, what is left over one by one to the largest remainders, of equal
    /// ones to the first. Sums up to the amount, unless all shares are nothing.
    pub(crate) fn split(&self, amount: u64) -> Vec<u64> {
        let all = self.parts.iter().fold(Natural::default(), |sum, part| sum.plus(part));
        if all == Natural::default() {
            return vec![0; self.parts.len()];
        }
        let (mut out, rest): (Vec<u64>, Vec<Natural>) = self
            .parts
            .iter()
            .map(|part| divided(&part.times(amount), &all, amount))
            .unzip();
        let given = out.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        let mut order: Vec<usize> = (0..out.len()).collect();
        order.sort_by(|a, b| rest.get(*b).cmp(&rest.get(*a)).then(a.cmp(b)));
        let left = usize::try_from(amount.saturating_sub(given)).unwrap_or(usize::MAX);
        for n in order.into_iter().take(left) {
            if let Some(part) = out.get_mut(n) {
                *part = part.saturating_add(1);
            }
        }
        out
    }

    /// Each share of all, in parts per million, rounded down.
    pub(crate) fn ppm(&self) -> Vec<u64> {
        let all = self.parts.iter().fold(Natural::default(), |sum, part| sum.plus(part));
        let each = self.parts.iter().map(|part| {
            if all == Natural::default() {
                return 0;
            }
            divided(&part.times(1_000_000), &all, 1_000_000).0
        });
        each.collect()
    }
}

/// Quotient and remainder, where the quotient is known to be at most `most`: by halving.
fn divided(of: &Natural, by: &Natural, most: u64) -> (u64, Natural) {
    let (mut low, mut high) = (0_u64, most);
    while low < high {
        let middle = high - (high - low) / 2;
        if by.times(middle) <= *of {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    (low, of.less(&by.times(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naturals_agree_with_u128() {
        let natural = |n: u128| Natural(vec![low(n), low(n >> 64)]).trimmed();
        for (a, b) in [
            (0, 0),
            (1, u128::from(u64::MAX)),
            (1 << 70, 3),
            (u128::MAX >> 3, 12_345_678_901_234_567_890),
        ] {
            assert_eq!(natural(a).plus(&natural(b)), natural(a + b));
            assert_eq!(natural(a.max(b)).less(&natural(a.min(b))), natural(a.max(b) - a.min(b)));
            assert_eq!(natural(a).cmp(&natural(b)), a.cmp(&b));
            let small = a & 0xffff_ffff_ffff;
            assert_eq!(natural(small).times(977), natural(small * 977));
        }
        assert_eq!(divided(&natural(1000), &natural(7), 1000), (142, natural(6)));
        assert_eq!(divided(&natural(1 << 100), &natural(1 << 90), 5000), (1024, natural(0)));
    }

    #[test]
    fn thirds_are_exact_and_ties_go_to_the_first() {
        let mut shares = Shares::new(3);
        shares.add(&[(0, 1), (1, 1), (2, 1)], 1, 3);
        assert_eq!(shares.split(100), [34, 33, 33]);
        assert_eq!(shares.split(101), [34, 34, 33]);
        shares.add(&[(2, 7)], 1, 7);
        assert_eq!(shares.split(6), [1, 1, 4], "one sixth, one sixth, four sixths");
        let mut sevenths = Shares::new(3);
        sevenths.add(&[(0, 1), (1, 2), (2, 4)], 1, 7);
        assert_eq!(
            sevenths.split(10),
            [1, 3, 6],
            "1.43, 2.86 and 5.71: the largest remainders are rounded up"
        );
        assert_eq!(shares.ppm(), [166_666, 166_666, 666_666]);
        assert_eq!(Shares::new(2).split(10), [0, 0], "nobody valued anything");
    }

    #[test]
    fn a_thousand_odd_denominators_still_add_up() {
        let mut shares = Shares::new(4);
        for over in 1..300_u64 {
            let part = over / 2;
            shares.add(
                &[(usize::try_from(over % 4).unwrap(), part), (3, over - part)],
                over,
                over,
            );
        }
        let amount = (1 << 53) - 1;
        assert_eq!(shares.split(amount).iter().sum::<u64>(), amount);
    }
}
