//! What may come in one by one: people at the desk take cash of these days, programs bring what their channel says, and nobody
//! brings a sum that was mistyped. Files have control totals of their own.

use chrono::{Days, NaiveDate};

use super::PaymentChannel;
use crate::kernel::*;

/// Who brings a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bringer {
    /// A person at the desk, who may date it so many days back.
    Desk { back_days: u32 },
    /// A program, or a file taken in by an accountant: it rests on somebody else's paper.
    Program,
}

/// Why a payment is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeRefusal {
    /// Above the limit of one payment.
    SumTooLarge { limit: Money },
    /// The desk takes cash: money of banks comes from their papers.
    DeskChannel,
    /// The desk takes money of these days: the earliest one.
    DeskDay { earliest: NaiveDate },
}

/// Whether a payment may come in on a day.
pub fn may_take(
    bringer: Bringer,
    channel: PaymentChannel,
    amount: Money,
    limit: Money,
    paid_on: NaiveDate,
    today: NaiveDate,
) -> Result<(), IntakeRefusal> {
    if amount > limit {
        return Err(IntakeRefusal::SumTooLarge { limit });
    }
    let Bringer::Desk { back_days } = bringer else { return Ok(()) };
    if channel != PaymentChannel::Cash {
        return Err(IntakeRefusal::DeskChannel);
    }
    let earliest = today.checked_sub_days(Days::new(u64::from(back_days))).unwrap_or(today);
    if paid_on < earliest {
        return Err(IntakeRefusal::DeskDay { earliest });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_takes_cash_of_these_days_and_nobody_takes_what_was_mistyped() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (today, desk) = (day("2026-03-26"), Bringer::Desk { back_days: 3 });
        let limit = Money::tenge("1000000").unwrap();
        let take = |bringer, channel, amount: &str, on| {
            may_take(bringer, channel, Money::tenge(amount).unwrap(), limit, day(on), today)
        };
        use PaymentChannel::{Bank, Cash};
        assert_eq!(take(desk, Cash, "1000000", "2026-03-26"), Ok(()));
        assert_eq!(take(desk, Cash, "10", "2026-03-23"), Ok(()));
        let earliest = day("2026-03-23");
        assert_eq!(take(desk, Cash, "10", "2026-03-22"), Err(IntakeRefusal::DeskDay { earliest }));
        assert_eq!(take(desk, Bank, "10", "2026-03-26"), Err(IntakeRefusal::DeskChannel));
        assert_eq!(take(Bringer::Program, Bank, "10", "2025-01-01"), Ok(()));
        for bringer in [desk, Bringer::Program] {
            assert_eq!(
                take(bringer, Cash, "1000000.01", "2026-03-26"),
                Err(IntakeRefusal::SumTooLarge { limit })
            );
        }
    }
}
