//! Campaigns: the debt is paid by a day, the penalty is given up.

use rust_decimal::Decimal;

use crate::kernel::*;

codes! {
    /// Where a campaign stands (состояние акции).
    CampaignState {
        /// Proposed: its forecast can be looked at (предложена).
        Proposed = "proposed",
        /// Started by a second person; accounts take part (идёт).
        Started = "started",
        /// Over (завершена).
        Ended = "ended",
        /// Not started (отклонена).
        Declined = "declined",
    }
}

/// What is written off an account that took part, in tiyn of its penalty at the start: nothing before the whole debt is paid.
/// `paid` is what covered the debts and the penalty that were owed at the start: money covers penalty first where the order says so
/// and counts as paid towards the debt all the same. Other bills, and penalty that came later, are not the campaign's.
pub fn fulfilled(
    debt: Money,
    penalty: Money,
    paid: Money,
    owed_now: Money,
    percent: Decimal,
) -> Option<Money> {
    if paid < debt {
        return None;
    }
    let share = Money::rounded(penalty.to_decimal() * percent / Decimal::ONE_HUNDRED, Rounding::Down);
    Some(share.min(owed_now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_debt_is_paid_or_nothing_is_given() {
        let sum = |text: &str| text.parse::<Money>().unwrap();
        let given = |paid, owed, percent: u32| {
            fulfilled(sum("1000.00"), sum("99.99"), sum(paid), sum(owed), percent.into())
                .map(|s| s.to_string())
        };
        assert_eq!(given("999.99", "99.99", 100), None);
        assert_eq!(given("1000.00", "99.99", 100).as_deref(), Some("99.99"));
        assert_eq!(given("1000.00", "99.99", 50).as_deref(), Some("49.99"));
        assert_eq!(given("1090.00", "9.99", 100).as_deref(), Some("9.99"), "never more than is owed");
    }
}
