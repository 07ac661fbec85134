//! Limitation: until when a debt can be claimed.

use chrono::{Months, NaiveDate};

use crate::kernel::*;

codes! {
    /// What makes the time of limitation begin anew (основание перерыва исковой давности).
    InterruptionKind {
        /// The debtor acknowledged it in writing (признание долга).
        Acknowledged = "acknowledged",
        /// A claim was brought to a court (иск).
        Claim = "claim",
        /// An agreement of instalments (соглашение о рассрочке).
        Agreement = "agreement",
        /// An act of reconciliation was signed (акт сверки).
        Reconciliation = "reconciliation",
    }
}

/// The day on which the claim expires: so many years after the due day, or after the last thing that interrupted the time while
/// it still ran.
pub fn expires_on(due: NaiveDate, interruptions: &[NaiveDate], years: u32) -> NaiveDate {
    let mut days = interruptions.to_vec();
    days.sort_unstable();
    let span = Months::new(years * 12);
    days.into_iter().filter(|day| *day > due).fold(due + span, |expires, day| {
        // What comes too late revives nothing.
        if day <= expires { day + span } else { expires }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_in_time_begins_it_anew_and_a_late_one_does_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let due = day("2022-01-25");
        assert_eq!(expires_on(due, &[], 3), day("2025-01-25"));
        assert_eq!(expires_on(due, &[day("2024-06-01")], 3), day("2027-06-01"));
        assert_eq!(expires_on(due, &[day("2026-01-01"), day("2024-06-01")], 3), day("2029-01-01"));
        assert_eq!(expires_on(due, &[day("2025-02-01")], 3), day("2025-01-25"), "too late");
        assert_eq!(expires_on(due, &[day("2021-02-01")], 3), day("2025-01-25"), "before it was due");
    }
}
