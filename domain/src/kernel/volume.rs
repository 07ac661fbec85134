use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A volume of water in whole litres (0.001 m³).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
pub struct Volume(i64);

/// The text is not a volume in m³ with at most three decimals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a volume in m³: {0}")]
pub struct InvalidVolume(pub String);

impl Volume {
    pub const ZERO: Self = Self(0);

    pub const fn from_liters(liters: i64) -> Self {
        Self(liters)
    }

    pub const fn liters(self) -> i64 {
        self.0
    }

    /// Parses "12.345" m³; refuses a fourth decimal.
    pub fn cubic_meters(text: &str) -> Result<Self, InvalidVolume> {
        let bad = || InvalidVolume(text.to_owned());
        let value = Decimal::from_str_exact(text.trim()).map_err(|_| bad())?;
        let liters = value.checked_mul(Decimal::ONE_THOUSAND).ok_or_else(bad)?;
        if !liters.fract().is_zero() {
            return Err(bad());
        }
        liters.to_i64().map(Self).ok_or_else(bad)
    }

    /// In m³.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 3)
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::fmt::Display for Volume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl std::str::FromStr for Volume {
    type Err = InvalidVolume;
    fn from_str(text: &str) -> Result<Self, InvalidVolume> {
        Self::cubic_meters(text)
    }
}

impl std::ops::Add for Volume {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Volume {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Volume {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Volume {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Volume {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, |sum, part| sum + part)
    }
}

impl serde::Serialize for Volume {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Volume {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
