//! Paid services and other one-off charges (разовые начисления): a price list, a deed done once, a line of its own.

use rust_decimal::Decimal;

use crate::kernel::*;

codes! {
    /// Where a line of the price list of paid services stands (состояние расценки).
    PaidServiceState {
        /// A second person has to confirm it (ждёт подтверждения).
        Proposed = "proposed",
        /// It prices deeds of its days (действует).
        Confirmed = "confirmed",
        /// Not agreed to (отклонена).
        Declined = "declined",
    }
}

codes! {
    /// Where a one-off charge stands (состояние разового начисления).
    OneOffState {
        /// In the books (проведено).
        Posted = "posted",
        /// Taken back by a document (сторнировано).
        Reversed = "reversed",
    }
}

/// What a deed costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneOffSum {
    pub net: Money,
    /// `gross - net`.
    pub vat: Money,
    pub gross: Money,
}

/// `quantity` deeds at `price` net tenge each: rounded once for the whole line, as a charge is.
pub fn one_off(price: Decimal, quantity: u32, vat_rate: Decimal, rounding: Rounding) -> OneOffSum {
    let exact = price * Decimal::from(quantity);
    let net = Money::rounded(exact, rounding);
    let gross = Money::rounded(exact * (Decimal::ONE + vat_rate), rounding);
    OneOffSum { net, vat: gross - net, gross }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn the_price_list() {
        for_each_row(include_str!("vectors/one_off.txt"), |row| {
            let sum = one_off(row.get("net"), row.get("quantity"), row.get("vat"), Rounding::HalfUp);
            assert_eq!((sum.net, sum.gross), (row.get("net_sum"), row.get("gross")), "{}", row.text("net"));
        });
    }

    proptest! {
        /// More deeds never cost less, and what is shown adds up.
        #[test]
        fn it_grows_and_adds_up(price in 1i64..100_000_000, quantity in 1u32..1_000, vat in 0i64..3_000) {
            let (price, vat) = (Decimal::new(price, 4), Decimal::new(vat, 4));
            let sum = one_off(price, quantity, vat, Rounding::HalfUp);
            prop_assert_eq!(sum.net + sum.vat, sum.gross);
            prop_assert!(!sum.vat.is_negative());
            let more = one_off(price, quantity + 1, vat, Rounding::HalfUp);
            prop_assert!(more.gross >= sum.gross);
        }
    }
}
