use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Rounding;

/// An exact sum in tenge, kept as whole tiyn (1/100). Made from text, from tiyn, or by a named rounding; never from a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
pub struct Money(i64);

/// The text is not a sum of tenge with at most two decimals, or beyond every sum that there is ([`Money::LARGEST`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a sum of money: {0}")]
pub struct InvalidMoney(pub String);

impl Money {
    pub const ZERO: Self = Self(0);
    /// What no text may exceed, either way: a hundred trillion tenge. Hundreds of such sums add up without an overflow.
    pub const LARGEST: Self = Self(10_000_000_000_000_000);

    pub const fn from_tiyn(tiyn: i64) -> Self {
        Self(tiyn)
    }

    pub const fn tiyn(self) -> i64 {
        self.0
    }

    /// Parses "1234.50"; refuses more than two decimals instead of rounding them away, and what exceeds [`Money::LARGEST`].
    pub fn tenge(text: &str) -> Result<Self, InvalidMoney> {
        let bad = || InvalidMoney(text.to_owned());
        let value = Decimal::from_str_exact(text.trim()).map_err(|_| bad())?;
        let tiyn = value.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(bad)?;
        if !tiyn.fract().is_zero() {
            return Err(bad());
        }
        tiyn.to_i64()
            .map(Self)
            .filter(|sum| sum.0.unsigned_abs() <= Self::LARGEST.0.unsigned_abs())
            .ok_or_else(bad)
    }

    /// Rounds an exact product to tiyn by the rule that the caller names.
    pub fn rounded(value: Decimal, rounding: Rounding) -> Self {
        let tiyn = rounding.apply(value * Decimal::ONE_HUNDRED, 0);
        Self(tiyn.to_i64().expect("a sum of money fits into 64 bits of tiyn"))
    }

    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl std::str::FromStr for Money {
    type Err = InvalidMoney;
    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        Self::tenge(text)
    }
}

impl std::ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, |sum, part| sum + part)
    }
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_tiyn_through_text() {
        for text in ["0.00", "1148.40", "-0.01", "90071992547409.93"] {
            assert_eq!(Money::tenge(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_what_no_sum_can_be() {
        for sign in ["", "-"] {
            assert_eq!(Money::tenge(&format!("{sign}100000000000000.00")).unwrap().abs(), Money::LARGEST);
            for text in ["100000000000000.01", "92233720368547758.07", "1000000000000000000000"] {
                assert!(Money::tenge(&format!("{sign}{text}")).is_err(), "{sign}{text}");
            }
        }
    }

    #[test]
    fn refuses_what_it_would_have_to_round() {
        for text in ["1.001", "1e3", "", "12,50", "NaN"] {
            assert!(Money::tenge(text).is_err(), "{text}");
        }
    }
}
