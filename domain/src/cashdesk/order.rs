//! Cash orders are numbered without gaps, by desk, year and kind.

use chrono::{Datelike, NaiveDate};

/// Which number of which year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderNumber {
    pub year: i32,
    pub number: i32,
}

impl OrderNumber {
    /// As it stands on paper: "2026-000012".
    pub fn full(self) -> String {
        format!("{}-{:06}", self.year, self.number)
    }
}

/// The number of an order written on a day, after the last one of its desk, year and kind.
pub fn numbered(day: NaiveDate, last: Option<i32>) -> OrderNumber {
    OrderNumber { year: day.year(), number: last.unwrap_or(0) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_anew_with_the_year() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(numbered(day("2026-12-31"), Some(411)).full(), "2026-000412");
        assert_eq!(numbered(day("2027-01-01"), None).full(), "2027-000001");
    }
}
