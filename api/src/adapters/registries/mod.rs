//! Daily registries of agents. What a file says is a [`Registry`]; whether it is believed is decided by its own totals, and what
//! becomes of its rows by reconciliation.

mod name;
mod table;

pub use name::{Named, named};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Asia::Almaty;
use chrono_tz::Tz;
use domain::payments::{Registry, RegistryLayout, WrongFile};

use super::text::decode;

/// Rows that one file may have.
pub const MOST_ROWS: usize = 1_000_000;

/// Reads a file by the layout of its channel; a file whose closing line differs is refused as a whole.
pub fn read(bytes: &[u8], layout: &RegistryLayout) -> Result<Registry, WrongFile> {
    let registry = table::read(&decode(bytes), layout)?;
    registry.check(layout.total.is_some())?;
    Ok(registry)
}

/// The moment that an agent's clock shows. An hour that his clock skips is the one after it, one that it repeats is the first.
pub fn moment(shown: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&shown) {
        chrono::LocalResult::Single(at) | chrono::LocalResult::Ambiguous(at, _) => at.to_utc(),
        chrono::LocalResult::None => zone.from_utc_datetime(&shown).to_utc(),
    }
}

/// The day in Almaty on which the debtor is discharged: UTC+6 until 29.02.2024, UTC+5 since.
pub fn payer_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Almaty).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Moscow;

    /// Acceptance cases 63 and 64.
    #[test]
    fn a_late_evening_in_moscow_is_the_next_day_in_almaty() {
        let day = |text: &str| payer_day(moment(text.parse().unwrap(), Moscow)).to_string();
        assert_eq!(day("2026-03-25T21:59:59"), "2026-03-25");
        assert_eq!(day("2026-03-25T22:00:00"), "2026-03-26");
        assert_eq!(day("2026-03-25T22:30:00"), "2026-03-26");
        assert_eq!(day("2024-02-28T20:59:59"), "2024-02-28");
        assert_eq!(day("2024-02-28T21:00:00"), "2024-02-29", "three hours apart until March 2024");
        assert_eq!(day("2024-03-01T21:30:00"), "2024-03-01", "two since");
    }
}
