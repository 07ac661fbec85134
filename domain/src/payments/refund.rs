//! Money given back: never more than is unapplied, to whom it came from, by the means it came by.

use crate::kernel::*;

codes! {
    /// Where a refund stands (состояние возврата).
    RefundState {
        /// A second person decides (ждёт второго сотрудника).
        Waiting = "waiting",
        /// In the books; the money is on its way (проведён, к выплате).
        Posted = "posted",
        /// The payer has it (выплачен).
        Paid = "paid",
        /// Declined (отклонён).
        Declined = "declined",
        /// It came back: the payer's account is closed, the requisites were wrong (вернулся).
        Returned = "returned",
    }
}

/// What decides about a refund of one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refundable {
    /// What the account has paid ahead and nothing has used.
    pub credit: Money,
    /// The payment it goes back to the payer of.
    pub paid: Money,
    /// Of that payment it went back before, or is about to.
    pub refunded: Money,
}

/// Why money is not given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundRefusal {
    NotPositive,
    /// So much is unapplied.
    Credit(Money),
    /// So much of the payment is left to go back.
    Payment(Money),
}

/// The most that can go back to the payer of the payment.
pub fn most_refundable(of: Refundable) -> Money {
    of.credit.min(of.paid - of.refunded).max(Money::ZERO)
}

pub fn may_refund(amount: Money, of: Refundable) -> Result<(), RefundRefusal> {
    let left = of.paid - of.refunded;
    match amount {
        amount if !amount.is_positive() => Err(RefundRefusal::NotPositive),
        amount if amount > of.credit => Err(RefundRefusal::Credit(of.credit)),
        amount if amount > left => Err(RefundRefusal::Payment(left.max(Money::ZERO))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_more_than_is_unapplied_and_no_more_than_was_paid() {
        let sum = |text: &str| text.parse::<Money>().unwrap();
        let of = Refundable { credit: sum("500.00"), paid: sum("300.00"), refunded: sum("100.00") };
        assert_eq!(may_refund(sum("200.00"), of), Ok(()));
        assert_eq!(may_refund(sum("200.01"), of), Err(RefundRefusal::Payment(sum("200.00"))));
        assert_eq!(may_refund(sum("500.01"), of), Err(RefundRefusal::Credit(sum("500.00"))));
        assert_eq!(may_refund(Money::ZERO, of), Err(RefundRefusal::NotPositive));
        assert_eq!(may_refund(sum("-1.00"), of), Err(RefundRefusal::NotPositive));
    }

    proptest! {
        /// Whatever goes back one after another, the payer never has more than he paid and the account never owes him less than
        /// nothing.
        #[test]
        fn refunds_never_exceed(credit in 0..10_000_i64, paid in 0..10_000_i64, asked in prop::collection::vec(-50..5_000_i64, 0..12)) {
            let mut of = Refundable {
                credit: Money::from_tiyn(credit),
                paid: Money::from_tiyn(paid),
                refunded: Money::ZERO,
            };
            for amount in asked.into_iter().map(Money::from_tiyn) {
                let most = most_refundable(of);
                prop_assert_eq!(may_refund(amount, of).is_ok(), amount.is_positive() && amount <= most);
                if may_refund(amount, of).is_ok() {
                    of.credit -= amount;
                    of.refunded += amount;
                }
            }
            prop_assert!(!of.credit.is_negative() && of.refunded <= of.paid);
        }
    }
}
