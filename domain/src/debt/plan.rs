//! Instalments: a debt in dated parts.

use chrono::{Days, Months, NaiveDate};

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

/// The first part that what was paid in time for it does not cover. A part is judged once its day and the days of grace are over: money
/// of its day may come to us later, by a bank's file. `parts` are in the order of their days, each with all that was paid of the plan up
/// to its day, by the payer's date.
pub fn missed(parts: &[(PlanPart, Money)], today: NaiveDate, grace_days: u32) -> Option<PlanPart> {
    let mut due = Money::ZERO;
    let late = |(part, paid): &&(PlanPart, Money)| {
        due += part.amount;
        part.due_on + Days::new(grace_days.into()) < today && *paid < due
    };
    parts.iter().find(late).map(|(part, _)| *part)
}

/// Where a plan stands by its money, and the day it was over on. It is looked at while it is kept, and once more when money of an earlier
/// day came or went: a part that was paid in time was never missed, what went back was never paid.
pub fn looked_at(
    before: PlanState,
    settled: bool,
    missed: Option<PlanPart>,
    today: NaiveDate,
) -> (PlanState, Option<NaiveDate>) {
    match missed {
        // Paid to the end before anybody judged it.
        _ if settled && before == PlanState::Active => (PlanState::Done, Some(today)),
        // Penalty counts again from the day after the part that was missed.
        Some(part) => (PlanState::Broken, Some(part.due_on.succ_opt().unwrap_or(part.due_on))),
        None if settled => (PlanState::Done, Some(today)),
        None => (PlanState::Active, None),
    }
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
        let missed = |in_time: [&str; 3], today: &str, grace: u32| {
            let paid = in_time.map(|text| text.parse::<Money>().unwrap());
            let judged: Vec<_> = parts.iter().copied().zip(paid).collect();
            super::missed(&judged, day(today), grace)
        };
        let first = ["333.34"; 3];
        assert_eq!(missed(first, "2026-02-28", 0), None, "its own day is in time");
        assert_eq!(missed(first, "2026-03-01", 0), Some(parts[1]));
        assert_eq!(missed(first, "2026-03-03", 3), None, "the bank's file may come yet");
        assert_eq!(missed(first, "2026-03-04", 3), Some(parts[1]));
        assert_eq!(missed(["0.00"; 3], "2026-03-01", 0), Some(parts[0]));
        assert_eq!(
            missed(["333.34", "333.34", "1000.00"], "2026-03-04", 3),
            Some(parts[1]),
            "late is not in time, however soon it came"
        );
        assert_eq!(missed(["333.34", "666.67", "666.67"], "2026-03-04", 3), None);
        assert_eq!(split_plan(Money::ZERO, 3, day("2026-01-31")), Err(WrongPlan::NoDebt));
        assert_eq!(split_plan(debt, 1, day("2026-01-31")), Err(WrongPlan::Parts));
    }

    #[test]
    fn a_plan_stands_where_its_money_says_whatever_was_said_before() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-03-04");
        let part = PlanPart { due_on: day("2026-02-28"), amount: "333.33".parse().unwrap() };
        let broken = (PlanState::Broken, Some(day("2026-03-01")));
        let done = (PlanState::Done, Some(today));
        let kept = (PlanState::Active, None);
        use PlanState::{Active, Broken, Done};
        for (before, settled, missed, after) in [
            (Active, false, None, kept),
            (Active, false, Some(part), broken),
            (Active, true, None, done),
            // The last money was late, and came before the watch.
            (Active, true, Some(part), done),
            // The file came late, with days that were in time.
            (Broken, false, None, kept),
            (Broken, true, None, done),
            (Broken, false, Some(part), broken),
            (Broken, true, Some(part), broken),
            // The payment went back.
            (Done, false, None, kept),
            (Done, false, Some(part), broken),
        ] {
            assert_eq!(looked_at(before, settled, missed, today), after, "{before} {settled} {missed:?}");
        }
    }
}
