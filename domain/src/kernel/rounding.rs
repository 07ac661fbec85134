use rust_decimal::{Decimal, RoundingStrategy};

use super::sector::codes;

codes! {
    /// How an exact product becomes a sum (правило округления).
    Rounding {
        /// Half away from zero: proved by the published price list of Almaty.
        HalfUp = "half_up",
        /// Half to even.
        HalfEven = "half_even",
        /// Towards zero.
        Down = "down",
    }
}

impl Rounding {
    pub fn apply(self, value: Decimal, scale: u32) -> Decimal {
        let strategy = match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::Down => RoundingStrategy::ToZero,
        };
        value.round_dp_with_strategy(scale, strategy)
    }
}

/// Splits a whole number in proportion to the weights so that the parts add up to it exactly: each gets its whole part, the
/// largest remainders get one more, ties go to the earlier part. All weights zero means all parts zero but the first.
pub fn largest_remainder(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|&w| i128::from(w)).sum();
    if weights.is_empty() {
        return Vec::new();
    }
    if sum == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = total;
        return parts;
    }
    let (sign, size) = (total.signum(), i128::from(total.unsigned_abs()));
    let mut parts: Vec<i64> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    for (at, &weight) in weights.iter().enumerate() {
        let exact = size * i128::from(weight);
        parts.push(i64::try_from(exact / sum).expect("a part is not larger than the whole"));
        remainders.push((exact % sum, at));
    }
    let left = size - parts.iter().map(|&p| i128::from(p)).sum::<i128>();
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for &(_, at) in remainders.iter().take(usize::try_from(left).expect("fewer units left than parts")) {
        parts[at] += 1;
    }
    parts.iter_mut().for_each(|part| *part *= sign);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_cubic_meters_over_seven_flats() {
        assert_eq!(largest_remainder(5_000, &[1, 2, 3, 4, 2, 1, 4]), [294, 588, 882, 1_177, 588, 294, 1_177]);
    }

    #[test]
    fn parts_always_add_up() {
        for total in [-7, 0, 1, 999, 123_457] {
            assert_eq!(largest_remainder(total, &[3, 0, 11, 5]).iter().sum::<i64>(), total);
        }
    }
}
