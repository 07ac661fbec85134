//! Money whose account is not known: how old it is, until when it is to be worked off, into what it may be split.

use chrono::{Days, NaiveDate};

use crate::kernel::*;

codes! {
    /// Why money has no account (причина).
    SuspenseReason {
        /// There is no such account (нет такого лицевого счёта).
        UnknownAccount = "unknown_account",
        /// The account is closed and owes nothing (счёт закрыт).
        ClosedAccount = "closed_account",
        /// The payer named no account (счёт не указан).
        NotNamed = "not_named",
        /// Several accounts fit (подходят несколько счетов).
        Ambiguous = "ambiguous",
    }
}

codes! {
    /// Where money without an account stands (состояние невыясненного платежа).
    SuspenseState {
        /// Nobody knows whose it is yet (не выяснен).
        Open = "open",
        /// Recorded as a payment of an account (зачислен).
        Posted = "posted",
        /// Divided; its parts go on by themselves (разделён).
        Split = "split",
        /// A second person decides whether it goes back (ждёт решения о возврате).
        Returning = "returning",
        /// Gone back to who sent it (возвращён).
        Returned = "returned",
    }
}

codes! {
    /// How long money has been without an account (срок).
    SuspenseAge {
        /// Up to three days (до 3 дней).
        Fresh = "fresh",
        /// Four to ten days (4–10 дней).
        Week = "week",
        /// Eleven to thirty days (11–30 дней).
        Month = "month",
        /// Thirty-one to ninety days (31–90 дней).
        Quarter = "quarter",
        /// Longer (более 90 дней).
        Old = "old",
    }
}

impl SuspenseAge {
    /// The last day of the bucket; none of the last one.
    pub const fn upto(self) -> Option<i64> {
        match self {
            Self::Fresh => Some(3),
            Self::Week => Some(10),
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::Old => None,
        }
    }

    pub fn of(received_on: NaiveDate, today: NaiveDate) -> Self {
        let days = (today - received_on).num_days();
        let fits = |age: &&Self| age.upto().is_none_or(|upto| days <= upto);
        Self::ALL.iter().find(fits).copied().unwrap_or(Self::Old)
    }
}

/// The last day on which it may be worked off in time.
pub fn suspense_deadline(received_on: NaiveDate, days: u32) -> NaiveDate {
    received_on.checked_add_days(Days::new(u64::from(days))).unwrap_or(received_on)
}

/// Why money can't be split so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongSplit {
    /// Two parts to a hundred, each greater than zero.
    Parts,
    /// They add up to something else.
    Sum(Money),
}

pub fn may_split(whole: Money, parts: &[Money]) -> Result<(), WrongSplit> {
    if !(2..=100).contains(&parts.len()) || parts.iter().any(|part| !part.is_positive()) {
        return Err(WrongSplit::Parts);
    }
    let sum = parts.iter().copied().sum::<Money>();
    if sum == whole { Ok(()) } else { Err(WrongSplit::Sum(sum)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_grows_old_day_by_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let received = day("2026-03-01");
        for (today, age) in [
            ("2026-02-28", SuspenseAge::Fresh),
            ("2026-03-04", SuspenseAge::Fresh),
            ("2026-03-05", SuspenseAge::Week),
            ("2026-03-11", SuspenseAge::Week),
            ("2026-03-12", SuspenseAge::Month),
            ("2026-03-31", SuspenseAge::Month),
            ("2026-04-01", SuspenseAge::Quarter),
            ("2026-05-30", SuspenseAge::Quarter),
            ("2026-05-31", SuspenseAge::Old),
        ] {
            assert_eq!(SuspenseAge::of(received, day(today)), age, "{today}");
        }
        assert_eq!(suspense_deadline(received, 10), day("2026-03-11"));
    }

    #[test]
    fn parts_are_the_whole() {
        let sum = |text: &str| text.parse::<Money>().unwrap();
        let whole = sum("100.00");
        assert_eq!(may_split(whole, &[sum("33.33"), sum("66.67")]), Ok(()));
        assert_eq!(may_split(whole, &[sum("33.33"), sum("66.66")]), Err(WrongSplit::Sum(sum("99.99"))));
        for wrong in [vec![whole], vec![], vec![sum("100.01"), sum("-0.01")], vec![whole, Money::ZERO]] {
            assert_eq!(may_split(whole, &wrong), Err(WrongSplit::Parts), "{wrong:?}");
        }
    }
}
