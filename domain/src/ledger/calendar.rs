//! Which months there is something to do in on a day: money of a month that has not begun is nobody's yet.

use chrono::NaiveDate;

use crate::kernel::*;

/// The last month that may be opened on a day: the one after the day's own, so that money has a place when its month is closed
/// early.
pub fn may_open_until(today: NaiveDate) -> Period {
    Period::of(today).next()
}

/// Whether a month may be run and closed on a day: from its first day on. March is run on 26 March, April is not.
pub fn has_begun(month: Period, today: NaiveDate) -> bool {
    month <= Period::of(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_of_the_day_is_worked_on_and_the_next_one_only_opened() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let month = |month| Period::new(2026, month).unwrap();
        assert!(has_begun(month(3), day("2026-03-26")));
        assert!(has_begun(month(3), day("2026-03-01")));
        assert!(!has_begun(month(4), day("2026-03-31")));
        assert_eq!(may_open_until(day("2026-03-26")), month(4));
        assert_eq!(may_open_until(day("2025-12-31")), month(1));
    }
}
