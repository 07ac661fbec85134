//! A part of what a bill charged, by the rates of VAT of its lines.

use rust_decimal::Decimal;

use crate::kernel::*;

/// What lines of a bill come to at one rate of VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtRate {
    /// 0.16 stands for 16 %.
    pub rate: Decimal,
    pub net: Money,
    pub vat: Money,
}

/// A sum with VAT, in proportion to what the lines charged at each rate, to the tiyn by largest remainder: all that was charged gives
/// back each rate's net and VAT as they were. Nothing where there are no lines.
pub fn by_rates(sum: Money, charged: &[AtRate]) -> Vec<AtRate> {
    let weight = |part: Money| u64::try_from(part.tiyn()).unwrap_or_default();
    let weights: Vec<u64> = charged.iter().flat_map(|at| [weight(at.net), weight(at.vat)]).collect();
    let parts = largest_remainder(sum.tiyn(), &weights);
    charged
        .iter()
        .zip(parts.chunks(2))
        .map(|(at, part)| AtRate { net: Money::from_tiyn(part[0]), vat: Money::from_tiyn(part[1]), ..*at })
        .filter(|at| !at.net.is_zero() || !at.vat.is_zero())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rate: i64, net: i64, vat: i64) -> AtRate {
        AtRate { rate: Decimal::new(rate, 2), net: Money::from_tiyn(net), vat: Money::from_tiyn(vat) }
    }

    #[test]
    fn each_rate_has_its_part_and_the_parts_are_the_sum() {
        // 448.00 of December at 12 %, 552.00 of January at 16 %.
        let charged = [at(12, 40_000, 4_800), at(16, 47_586, 7_614)];
        assert_eq!(by_rates(Money::from_tiyn(100_000), &charged), charged, "all of it is what was charged");
        // 13333.2, 1599.98, 15861.84 and 2537.97: the three largest remainders get the three tiyn that are left.
        let third = [at(12, 13_333, 1_600), at(16, 15_862, 2_538)];
        assert_eq!(by_rates(Money::from_tiyn(33_333), &charged), third);
        assert_eq!(by_rates(Money::from_tiyn(1), &charged), [at(16, 1, 0)], "a tiyn is of one rate");
        assert!(by_rates(Money::from_tiyn(100), &[]).is_empty());
    }
}
