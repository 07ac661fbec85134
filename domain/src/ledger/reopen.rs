//! Whether a closed month may be opened again.

use super::PeriodStatus;
use crate::kernel::*;

codes! {
    /// Where a wish to open a closed month again stands (состояние вскрытия).
    ReopeningState {
        /// Waits for a second person (ждёт второго лица).
        Requested = "requested",
        /// Opened again (вскрыт).
        Confirmed = "confirmed",
        /// It stays closed (отклонено).
        Declined = "declined",
    }
}

/// What decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReopenFacts {
    pub status: PeriodStatus,
    /// Its declaration was handed in.
    pub filed: bool,
    /// A later month of the sector is closed too.
    pub later_closed: bool,
    /// The next month is charged already: its bills say what this one closed with.
    pub next_run: bool,
}

/// Why a closed month stays closed; nothing when it may be opened.
pub fn may_reopen(facts: &ReopenFacts) -> Option<&'static str> {
    if facts.status != PeriodStatus::Closed {
        Some("PERIOD_NOT_CLOSED")
    } else if facts.filed {
        Some("PERIOD_FILED")
    } else if facts.later_closed {
        Some("LATER_PERIOD_CLOSED")
    } else if facts.next_run {
        Some("NEXT_PERIOD_CHARGED")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_closed_month_that_nobody_stands_on_opens() {
        let fine =
            ReopenFacts { status: PeriodStatus::Closed, filed: false, later_closed: false, next_run: false };
        assert_eq!(may_reopen(&fine), None);
        for (facts, why) in [
            (ReopenFacts { status: PeriodStatus::SoftClosed, ..fine }, "PERIOD_NOT_CLOSED"),
            (ReopenFacts { filed: true, ..fine }, "PERIOD_FILED"),
            (ReopenFacts { later_closed: true, ..fine }, "LATER_PERIOD_CLOSED"),
            (ReopenFacts { next_run: true, ..fine }, "NEXT_PERIOD_CHARGED"),
        ] {
            assert_eq!(may_reopen(&facts), Some(why));
        }
    }
}
