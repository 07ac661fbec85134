//! Volumes of special cases: a torn seal, an emergency, days without service or people, a watered plot (methodology of 2025,
//! rules of use of the city's systems).

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

codes! {
    /// What happened at a point (особый случай).
    SpecialKind {
        /// The seal was torn off by the consumer: full capacity from the last check to the re-sealing (срыв пломбы).
        TornSeal = "torn_seal",
        /// A device distorts the readings: full capacity up to the day it was found (искажение показаний).
        Tampering = "tampering",
        /// Connected without permission (самовольное подключение).
        Unauthorised = "unauthorised",
        /// A leak in the consumer's system without a meter at the inlet (утечка).
        Leak = "leak",
        /// The meter was stopped in an emergency, by an act of the house's management (остановка прибора).
        Stopped = "stopped",
        /// The service was not supplied (дни без услуги).
        NoService = "no_service",
        /// Registered people who were away (временное отсутствие).
        Absence = "absence",
        /// Nobody was let to the meter: what it is said to show is not believed until somebody is (недопуск к прибору).
        NoAccess = "no_access",
    }
}

impl SpecialKind {
    /// Whether the pipe's full capacity is charged.
    pub const fn is_capacity(self) -> bool {
        matches!(self, Self::TornSeal | Self::Tampering | Self::Unauthorised | Self::Leak)
    }
}

/// A special case of a point, on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Special {
    pub id: SpecialId,
    pub kind: SpecialKind,
    pub from: NaiveDate,
    /// First day without it; none while it goes on.
    pub to: Option<NaiveDate>,
    /// Of an absence: how many were away.
    pub people: u32,
    /// Of a capacity: the inlet's inner diameter.
    pub diameter_mm: u32,
    /// Of a capacity: the days before this one are charged already.
    pub billed_upto: Option<NaiveDate>,
    /// Of a capacity: litres billed in earlier months for the days that this month charges.
    pub billed: Volume,
    /// Of `billed`: what a later reading of the standing meter would have settled.
    #[serde(default)]
    pub unread: Volume,
}

/// A watered plot (участок полива).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plot {
    pub id: PlotId,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    /// In 0.01 m²: a sotka is 10 000.
    pub area_dm2: u32,
}

/// 0.01 m² in a sotka.
pub(crate) const SOTKA_DM2: u64 = 10_000;

impl Special {
    pub fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }

    /// The days that a month charges at full capacity: what is not charged yet, up to the end of its active days.
    pub(crate) fn charged_days(&self, next: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let from = self.billed_upto.map_or(self.from, |upto| upto.max(self.from));
        let to = self.to.map_or(next, |to| to.min(next));
        (self.kind.is_capacity() && from < to).then_some((from, to))
    }
}

/// What an inlet lets through in a day at a velocity in m/s, exact: π d²/4 × v × 86 400 s. In litres.
pub fn pipe_capacity(diameter_mm: u32, velocity: Decimal) -> Decimal {
    // Fourteen digits of π: more than a litre of the widest pipe in a year.
    let pi = Decimal::from_i128_with_scale(314_159_265_358_979, 14);
    let d2 = Decimal::from(u64::from(diameter_mm).pow(2));
    pi / Decimal::from(4) * d2 * velocity * Decimal::new(864, 1)
}

/// The days that a capacity is charged for: from the last check to the end, but no more than `max_months` before the end where
/// the beginning is not known. `to` is the first day without it.
pub fn capacity_span(
    last_check: NaiveDate,
    to: NaiveDate,
    max_months: Option<u32>,
    start_known: bool,
) -> (NaiveDate, NaiveDate) {
    let earliest = max_months.filter(|_| !start_known).and_then(|n| to.checked_sub_months(Months::new(n)));
    (earliest.map_or(last_check, |earliest| last_check.max(earliest)).min(to), to)
}

/// The first day that is not charged any more of a capacity that goes on: so many months after its first charged day, where the
/// beginning is not known; none where no cap holds.
pub fn capacity_until(from: NaiveDate, max_months: Option<u32>, start_known: bool) -> Option<NaiveDate> {
    max_months.filter(|_| !start_known).and_then(|n| from.checked_add_months(Months::new(n)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn capacities() {
        for_each_row(include_str!("vectors/capacity.txt"), |row| {
            let day = pipe_capacity(row.get("mm"), row.get("m_per_s"));
            row.expect("m3_a_day", (day / Decimal::ONE_THOUSAND).round_dp(2));
            row.expect("m3_in_30", (day * Decimal::from(30) / Decimal::ONE_THOUSAND).round_dp(1));
        });
    }

    #[test]
    fn a_capacity_reaches_back_to_the_last_check_or_to_its_cap() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let from = |cap, known| capacity_span(day("2025-09-10"), day("2026-03-16"), cap, known).0.to_string();
        assert_eq!(from(None, false), "2025-09-10");
        assert_eq!(from(Some(2), false), "2026-01-16");
        assert_eq!(from(Some(2), true), "2025-09-10", "the act says when it began");
        assert_eq!(from(Some(12), false), "2025-09-10");
    }

    #[test]
    fn a_capacity_that_goes_on_ends_by_its_cap() {
        for_each_row(include_str!("vectors/capacity_until.txt"), |row| {
            let until = capacity_until(row.get("from"), row.maybe("cap"), row.text("start") == "known");
            row.expect("until", until.map_or_else(|| "-".to_owned(), |day| day.to_string()));
        });
    }
}
