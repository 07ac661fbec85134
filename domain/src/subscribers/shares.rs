//! Shares of joint owners and heirs, in whole numbers: they make up the whole exactly, and so do the parts of a sum.

use crate::kernel::*;

/// A part of the whole: 1/3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    pub numerator: u32,
    pub denominator: u32,
}

/// The largest denominator that is taken.
pub const MOST_PARTS: u32 = 10_000;

/// Whether shares are parts of one whole and make it up.
pub fn make_up(shares: &[Fraction]) -> bool {
    let good = |share: &Fraction| {
        share.numerator > 0 && share.numerator <= share.denominator && share.denominator <= MOST_PARTS
    };
    // Fractions of such denominators add up without leaving 128 bits as long as they are reduced on the way.
    let sum = shares.iter().filter(|share| good(share)).fold((0_u128, 1_u128), |(top, bottom), share| {
        let (numerator, denominator) = (u128::from(share.numerator), u128::from(share.denominator));
        let (top, bottom) = (top * denominator + numerator * bottom, bottom * denominator);
        let common = divisor(top, bottom);
        (top / common, bottom / common)
    });
    shares.iter().all(good) && sum == (1, 1)
}

/// What each owns of a sum, to the tiyn: largest remainders get one more, the earlier of two equal ones first. Shares that make
/// up the whole only.
pub fn parts(sum: Money, shares: &[Fraction]) -> Vec<Money> {
    let common = shares.iter().fold(1_u128, |all, share| {
        let denominator = u128::from(share.denominator);
        all / divisor(all, denominator) * denominator
    });
    let weights: Option<Vec<u64>> = shares
        .iter()
        .map(|share| {
            u64::try_from(u128::from(share.numerator) * (common / u128::from(share.denominator))).ok()
        })
        .collect();
    // Nobody owns by denominators whose common one leaves 64 bits; then the parts are as near as hundred-millionths are.
    let weights = weights.unwrap_or_else(|| {
        shares
            .iter()
            .map(|share| u64::from(share.numerator) * 100_000_000 / u64::from(share.denominator))
            .collect()
    });
    largest_remainder(sum.tiyn(), &weights).into_iter().map(Money::from_tiyn).collect()
}

fn divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a.max(1) } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn owners() {
        for_each_row(include_str!("vectors/shares.txt"), |row| {
            let shares: Vec<Fraction> = row
                .text("shares")
                .split('+')
                .map(|share| {
                    let (numerator, denominator) = share.split_once('/').expect("a fraction");
                    Fraction {
                        numerator: numerator.parse().expect("a number"),
                        denominator: denominator.parse().expect("a number"),
                    }
                })
                .collect();
            let whole = make_up(&shares);
            row.expect("whole", if whole { "yes" } else { "no" }.to_owned());
            let parts = if whole {
                let sum = Money::tenge(row.text("sum")).expect("money");
                let parts = parts(sum, &shares);
                assert_eq!(parts.iter().copied().sum::<Money>(), sum, "no tiyn is lost");
                parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
            } else {
                "-".to_owned()
            };
            row.expect("parts", parts);
        });
    }
}
