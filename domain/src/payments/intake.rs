//! What may come in one by one: a cashier takes cash and cards of today in an open shift, programs bring what their channel says, and
//! nobody brings a sum that was mistyped. Files have control totals of their own.

use chrono::NaiveDate;

use super::PaymentChannel;
use crate::kernel::*;

/// Who brings a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bringer {
    /// Somebody of the staff by hand, outside of a shift: nobody counts that money, and no paper speaks for it.
    Staff,
    /// A cashier in an open shift: cash and cards of this very day.
    Shift,
    /// A program, or a file taken in by an accountant: it rests on somebody else's paper.
    Program,
}

/// Why a payment is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeRefusal {
    /// Above the limit of one payment.
    SumTooLarge { limit: Money },
    /// Cash and cards are taken in an open shift of a desk.
    NeedsShift,
    /// A desk takes cash and cards: money of banks comes from their papers.
    DeskChannel,
    /// A desk takes money of today.
    DeskDay { today: NaiveDate },
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
    let over_the_counter = matches!(channel, PaymentChannel::Cash | PaymentChannel::Card);
    match bringer {
        Bringer::Program => Ok(()),
        Bringer::Staff if over_the_counter => Err(IntakeRefusal::NeedsShift),
        Bringer::Shift if over_the_counter && paid_on == today => Ok(()),
        Bringer::Shift if over_the_counter => Err(IntakeRefusal::DeskDay { today }),
        Bringer::Staff | Bringer::Shift => Err(IntakeRefusal::DeskChannel),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_takes_money_of_today_and_nobody_takes_what_was_mistyped() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-03-26");
        let limit = Money::tenge("1000000").unwrap();
        let take = |bringer, channel, amount: &str, on| {
            may_take(bringer, channel, Money::tenge(amount).unwrap(), limit, day(on), today)
        };
        use PaymentChannel::{Bank, Card, Cash};
        for channel in [Cash, Card, Bank] {
            assert_eq!(take(Bringer::Program, channel, "10", "2025-01-01"), Ok(()));
        }
        for channel in [Cash, Card] {
            assert_eq!(take(Bringer::Shift, channel, "1000000", "2026-03-26"), Ok(()));
            for other in ["2026-03-25", "2026-03-27"] {
                let told = take(Bringer::Shift, channel, "10", other);
                assert_eq!(told, Err(IntakeRefusal::DeskDay { today }), "{other}");
            }
            assert_eq!(take(Bringer::Staff, channel, "10", "2026-03-26"), Err(IntakeRefusal::NeedsShift));
        }
        for bringer in [Bringer::Staff, Bringer::Shift] {
            assert_eq!(take(bringer, Bank, "10", "2026-03-26"), Err(IntakeRefusal::DeskChannel));
        }
        for bringer in [Bringer::Staff, Bringer::Shift, Bringer::Program] {
            assert_eq!(
                take(bringer, Cash, "1000000.01", "2026-03-26"),
                Err(IntakeRefusal::SumTooLarge { limit })
            );
        }
    }
}
