//! Meters: models, what they measure, how far their register counts and when they must be verified.

use chrono::{Months, NaiveDate};

use crate::kernel::*;

codes! {
    /// What a meter measures (что измеряет прибор).
    MeterPlace {
        /// One flat, house or object (ИПУ).
        Unit = "unit",
        /// A whole building (ОПУ).
        Building = "building",
    }
}

codes! {
    /// Why a meter left a point (причина снятия).
    RemovalReason {
        /// Another meter took its place (замена).
        Replaced = "replaced",
        /// Taken for verification (поверка).
        Verification = "verification",
        /// Broken (неисправность).
        Fault = "fault",
        /// The point needs no meter any more (снят без замены).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// How a verification ended (результат поверки).
    VerificationResult {
        /// Fit for another interval (годен).
        Fit = "fit",
        /// Unfit: to be replaced (не годен).
        Unfit = "unfit",
    }
}

/// What the register can show before it starts again at zero: five digits give 100 000 m³.
pub fn register_capacity(digits: u8) -> Volume {
    Volume::from_liters(10_i64.pow(u32::from(digits.min(12))) * 1_000)
}

/// The volume between two readings of one register, past its end once if the second is smaller.
pub fn difference(prev: Volume, last: Volume, digits: u8) -> Volume {
    if last >= prev { last - prev } else { last + register_capacity(digits) - prev }
}

/// The day of expiry. The interval counts from the date in the passport or certificate, not from the installation.
pub fn next_verification(verified_on: NaiveDate, interval_months: u32) -> NaiveDate {
    verified_on + Months::new(interval_months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_starts_again_at_zero() {
        let volume = |text| Volume::cubic_meters(text).unwrap();
        assert_eq!(register_capacity(5), volume("100000"));
        assert_eq!(difference(volume("99990.500"), volume("4.250"), 5), volume("13.750"));
        assert_eq!(difference(volume("4.250"), volume("4.250"), 5), Volume::ZERO);
    }

    #[test]
    fn a_verification_on_the_last_of_february() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(next_verification(day(2024, 2, 29), 60), day(2029, 2, 28));
        assert_eq!(next_verification(day(2021, 3, 15), 60), day(2026, 3, 15));
    }
}
