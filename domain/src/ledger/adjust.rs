//! What changes receivables besides runs and payments, as entries.

use super::post::Of;
use super::{Charged, Entry, LedgerAccount, post_charge};
use crate::kernel::*;

codes! {
    /// The act that changed a receivable (основание изменения задолженности).
    AdjustmentSource {
        /// Penalty accrued, or taken back when it is reckoned anew (пеня).
        Penalty = "penalty",
        /// Recalculation or removal of what was charged wrongly (перерасчёт).
        Correction = "correction",
        /// A paid service, reconnection (разовое начисление).
        OneOff = "one_off",
        /// What a claim costs, asked back from the debtor (издержки взыскания).
        Cost = "cost",
        /// A debt given up as hopeless, or revived (списание).
        WriteOff = "write_off",
        /// A balance moved between accounts (перенос между счетами).
        Transfer = "transfer",
    }
}

impl AdjustmentSource {
    /// The total of the account that it moves.
    pub const fn total(self) -> &'static str {
        match self {
            Self::Penalty => "penalty",
            _ => "correction",
        }
    }

    /// Whether it may lessen what was earned: revenue and VAT go back. A write-off and a transfer leave them alone.
    const fn is_turnover(self) -> bool {
        matches!(self, Self::Penalty | Self::Correction | Self::OneOff | Self::Cost)
    }
}

/// One adjustment of a service and component: positive makes the subscriber owe more. Only turnover has VAT of its own; a
/// write-off and a transfer move the gross sum.
pub fn post_adjustment(source: AdjustmentSource, account: AccountId, charged: Charged) -> Vec<Entry> {
    if source.is_turnover() {
        return post_charge(account, &[charged]);
    }
    let other = match source {
        AdjustmentSource::WriteOff => LedgerAccount::BadDebt,
        _ => LedgerAccount::Transfer,
    };
    let of = Of { account, service: Some(charged.service), component: Some(charged.component) };
    of.entry(LedgerAccount::Receivable, other, charged.net + charged.vat).into_iter().collect()
}

/// The part of a credit of a service and component that nothing owed of them takes up: a liability to the subscriber, until other
/// debts or a refund use it.
pub fn post_credit_left(
    account: AccountId,
    service: Service,
    component: Component,
    left: Money,
) -> Vec<Entry> {
    let of = Of { account, service: Some(service), component: Some(component) };
    of.entry(LedgerAccount::Receivable, LedgerAccount::Advance, left).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::balance;

    fn adjusted(source: AdjustmentSource, net: &str, vat: &str) -> Vec<Entry> {
        let charged = Charged {
            service: Service::Water,
            component: Component::Charge,
            net: Money::tenge(net).unwrap(),
            vat: Money::tenge(vat).unwrap(),
        };
        post_adjustment(source, AccountId(7), charged)
    }

    #[test]
    fn a_credit_takes_revenue_and_vat_back_and_a_write_off_does_not() {
        let credit = adjusted(AdjustmentSource::Correction, "-100.00", "-16.00");
        assert_eq!(balance(&credit, LedgerAccount::Receivable), Money::tenge("-116.00").unwrap());
        assert_eq!(balance(&credit, LedgerAccount::RevenueWater), Money::tenge("100.00").unwrap());
        assert_eq!(balance(&credit, LedgerAccount::VatPayable), Money::tenge("16.00").unwrap());

        let given_up = adjusted(AdjustmentSource::WriteOff, "-100.00", "-16.00");
        assert_eq!(balance(&given_up, LedgerAccount::BadDebt), Money::tenge("116.00").unwrap());
        assert_eq!(balance(&given_up, LedgerAccount::RevenueWater), Money::ZERO);
    }

    #[test]
    fn a_credit_that_nothing_takes_up_is_owed_to_the_subscriber() {
        let mut entries = adjusted(AdjustmentSource::Correction, "-100.00", "-16.00");
        entries.extend(post_credit_left(
            AccountId(7),
            Service::Water,
            Component::Charge,
            Money::tenge("16.00").unwrap(),
        ));
        assert_eq!(balance(&entries, LedgerAccount::Receivable), Money::tenge("-100.00").unwrap());
        assert_eq!(balance(&entries, LedgerAccount::Advance), Money::tenge("-16.00").unwrap());
    }
}
