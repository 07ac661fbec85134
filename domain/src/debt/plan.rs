//! Instalments: a debt in dated parts.

use chrono::{Months, NaiveDate};

use crate::kernel::*;

codes! {
    /// Where an instalment plan stands (состояние рассрочки).
    PlanState {
        /// Kept so far (действует).
        Active = "active",
        /// Paid to the end (исполнена).
        Done = "done",
        /// A part was missed (нарушена).
        Broken = "broken",
        /// Ended by agreement (расторгнута).
        Cancelled = "cancelled",
    }
}

/// A dated part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanPart {
    pub due_on: NaiveDate,
    pub amount: Money,
}

/// Why a debt can't be parted so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongPlan {
    NoDebt,
    Parts,
}

/// Equal parts a month apart, the tiyn that do not divide in the first ones.
pub fn split_plan(debt: Money, parts: u32, first: NaiveDate) -> Result<Vec<PlanPart>, WrongPlan> {
    if !debt.is_positive() {
        return Err(WrongPlan::NoDebt);
    }
    if !(2..=36).contains(&parts) || debt.tiyn() < i64::from(parts) {
        return Err(WrongPlan::Parts);
    }
    let sums = largest_remainder(debt.tiyn(), &vec![1; parts as usize]);
    let part =
        |(at, tiyn): (u32, i64)| PlanPart { due_on: first + Months::new(at), amount: Money::from_tiyn(tiyn) };
    Ok((0..parts).zip(sums).map(part).collect())
}

/// The first part that was due before the day and is not covered by what was paid.
pub fn missed(parts: &[PlanPart], paid: Money, today: NaiveDate) -> Option<PlanPart> {
    let mut due = Money::ZERO;
    parts.iter().copied().find(|part| {
        due += part.amount;
        part.due_on < today && paid < due
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_a_missed_one_is_found() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let debt: Money = "1000.00".parse().unwrap();
        let parts = split_plan(debt, 3, day("2026-01-31")).unwrap();
        assert_eq!(parts.iter().map(|part| part.amount).sum::<Money>(), debt);
        let said: Vec<String> = parts.iter().map(|part| format!("{} {}", part.due_on, part.amount)).collect();
        assert_eq!(said, ["2026-01-31 333.34", "2026-02-28 333.33", "2026-03-31 333.33"]);
        let paid = |text: &str| text.parse::<Money>().unwrap();
        assert_eq!(missed(&parts, paid("333.34"), day("2026-02-28")), None, "its own day is in time");
        assert_eq!(missed(&parts, paid("333.34"), day("2026-03-01")), Some(parts[1]));
        assert_eq!(missed(&parts, paid("0.00"), day("2026-03-01")), Some(parts[0]));
        assert_eq!(split_plan(Money::ZERO, 3, day("2026-01-31")), Err(WrongPlan::NoDebt));
        assert_eq!(split_plan(debt, 1, day("2026-01-31")), Err(WrongPlan::Parts));
    }
}
