//! Which days are worked on: weekends, and the days that the law and the Government make exceptions of, year by year.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::sector::codes;

codes! {
    /// Why a day is another one than its weekday says (вид особого дня календаря).
    CalendarDayKind {
        /// A public or religious holiday (праздничный день).
        Holiday = "holiday",
        /// Off instead of a holiday on a weekend, or by a swap of the Government (перенесённый выходной).
        Moved = "moved",
        /// A weekend that is worked on instead (рабочий день вместо выходного).
        Working = "working",
    }
}

/// The exceptions that are known; without one a day is what its weekday says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workdays(BTreeMap<NaiveDate, CalendarDayKind>);

impl FromIterator<(NaiveDate, CalendarDayKind)> for Workdays {
    fn from_iter<I: IntoIterator<Item = (NaiveDate, CalendarDayKind)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

impl Workdays {
    /// Whether people work on the day.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        match self.0.get(&day) {
            Some(kind) => *kind == CalendarDayKind::Working,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The day itself, or the next one that is worked on.
    pub fn on_or_after(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_working(*day)).unwrap_or(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn days_that_are_worked_on() {
        let known: Workdays = [
            ("2025-01-01", CalendarDayKind::Holiday),
            ("2025-01-02", CalendarDayKind::Holiday),
            ("2025-01-03", CalendarDayKind::Moved),
            ("2025-01-05", CalendarDayKind::Working),
            ("2025-01-07", CalendarDayKind::Holiday),
            ("2026-03-21", CalendarDayKind::Holiday),
            ("2026-03-22", CalendarDayKind::Holiday),
            ("2026-03-23", CalendarDayKind::Holiday),
            ("2026-03-24", CalendarDayKind::Moved),
            ("2026-03-25", CalendarDayKind::Moved),
        ]
        .into_iter()
        .map(|(day, kind)| (day.parse().unwrap(), kind))
        .collect();
        for_each_row(include_str!("vectors/workdays.txt"), |row| {
            let day = row.get("day");
            row.expect("works", if known.is_working(day) { "yes" } else { "no" });
            row.expect("next", known.on_or_after(day));
        });
    }
}
