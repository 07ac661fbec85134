//! The desk's own double entry: where each tiyn of a drawer came from and went to.

use super::{CashAccount, CashOperationKind as Kind};
use crate::kernel::*;

impl CashAccount {
    /// Its number in the standard chart of accounts, as orders name it (Типовой план счетов).
    pub const fn number(self) -> &'static str {
        match self {
            Self::Cash | Self::Office | Self::Handover => "1010",
            Self::InTransit => "1020",
            Self::Card => "1030",
            Self::Subscribers => "1210",
            Self::Cashier => "1250",
            Self::Surplus => "6280",
        }
    }
}

/// One balanced pair; the amount is greater than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashEntry {
    pub debit: CashAccount,
    pub credit: CashAccount,
    pub amount: Money,
}

/// The entries of an operation by the size of its cash and card.
pub fn post(kind: Kind, cash: Money, card: Money) -> Vec<CashEntry> {
    use CashAccount::*;
    let (debit, credit) = match kind {
        Kind::Sale => (Cash, Subscribers),
        Kind::Refund | Kind::Void => (Subscribers, Cash),
        Kind::PayIn => (Cash, Office),
        Kind::PayOut => (Office, Cash),
        Kind::Collection => (InTransit, Cash),
        Kind::HandoverOut => (Handover, Cash),
        Kind::HandoverIn => (Cash, Handover),
        Kind::Shortage => (Cashier, Cash),
        Kind::Surplus => (Cash, Surplus),
    };
    let by_card = |account| if account == Cash { Card } else { account };
    [
        CashEntry { debit, credit, amount: cash.abs() },
        CashEntry { debit: by_card(debit), credit: by_card(credit), amount: card.abs() },
    ]
    .into_iter()
    .filter(|entry| entry.amount.is_positive())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cashdesk::CashOrderKind;

    #[test]
    fn the_drawer_moves_as_the_order_says() {
        let (cash, card) = (Money::from_tiyn(700), Money::from_tiyn(300));
        for &kind in Kind::ALL {
            let entries = post(kind, cash, card);
            let came: Money = entries.iter().filter(|e| e.debit == CashAccount::Cash).map(|e| e.amount).sum();
            let went: Money =
                entries.iter().filter(|e| e.credit == CashAccount::Cash).map(|e| e.amount).sum();
            match kind.order() {
                CashOrderKind::Receipt => assert_eq!((came, went), (cash, Money::ZERO), "{kind}"),
                CashOrderKind::Payout => assert_eq!((came, went), (Money::ZERO, cash), "{kind}"),
            }
            let by_card: Money = entries
                .iter()
                .filter(|e| e.debit == CashAccount::Card || e.credit == CashAccount::Card)
                .map(|e| e.amount)
                .sum();
            assert_eq!(by_card, card, "{kind}");
        }
        assert_eq!(post(Kind::Sale, cash, Money::ZERO).len(), 1, "nothing of no amount");
    }
}
