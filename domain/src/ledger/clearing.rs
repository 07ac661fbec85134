//! Money that is nobody's yet, and money that agents hand on: clearing accounts move, no receivable does.

use super::{Clearing, Entry, LedgerAccount};
use crate::kernel::*;

/// Money that came and has no account: the utility owes it to whoever it turns out to be.
pub fn post_suspense(clearing: impl Into<Clearing>, amount: Money) -> Vec<Entry> {
    let Clearing { ledger, agent } = clearing.into();
    entry(ledger, LedgerAccount::Suspense, amount, agent).into_iter().collect()
}

/// An agent hands on what he took: the bank has it, and what he kept is a cost.
pub fn post_remittance(agent: AgentId, received: Money, fee: Money) -> Vec<Entry> {
    let of = |debit, amount| entry(debit, LedgerAccount::AgentClearing, amount, Some(agent));
    [of(LedgerAccount::BankClearing, received), of(LedgerAccount::AgentFee, fee)]
        .into_iter()
        .flatten()
        .collect()
}

/// Our bank gives back what an agent took: he has the money still, and owes it again.
pub fn post_bank_refund(agent: AgentId, amount: Money) -> Vec<Entry> {
    entry(LedgerAccount::AgentClearing, LedgerAccount::BankClearing, amount, Some(agent))
        .into_iter()
        .collect()
}

/// Of nobody's account; none for a sum of zero.
fn entry(
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount: Money,
    agent: Option<AgentId>,
) -> Option<Entry> {
    debug_assert!(!amount.is_negative(), "taken back by `reverse`");
    (!amount.is_zero()).then_some(Entry {
        debit,
        credit,
        amount,
        account: None,
        service: None,
        component: None,
        agent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{balance, post_payment, reverse};

    #[test]
    fn an_agent_owes_nothing_once_he_has_handed_on_what_he_took() {
        let sum = |text: &str| text.parse::<Money>().unwrap();
        let kaspi = AgentId(3);
        let mut entries = post_payment(AccountId(7), Clearing::agent(kaspi), &[], sum("6000.00"));
        entries.extend(post_suspense(Clearing::agent(kaspi), sum("820.40")));
        assert_eq!(balance(&entries, LedgerAccount::AgentClearing), sum("6820.40"));
        entries.extend(post_remittance(kaspi, sum("6765.84"), sum("54.56")));
        assert_eq!(balance(&entries, LedgerAccount::AgentClearing), Money::ZERO);
        assert_eq!(balance(&entries, LedgerAccount::BankClearing), sum("6765.84"));
        assert_eq!(balance(&entries, LedgerAccount::AgentFee), sum("54.56"));

        entries.extend(reverse(&post_suspense(Clearing::agent(kaspi), sum("820.40"))));
        entries.extend(post_payment(AccountId(8), Clearing::agent(kaspi), &[], sum("820.40")));
        assert_eq!(balance(&entries, LedgerAccount::Suspense), Money::ZERO);
        assert_eq!(balance(&entries, LedgerAccount::AgentClearing), Money::ZERO);
    }

    #[test]
    fn what_our_bank_gives_back_the_agent_still_has() {
        let sum = |text: &str| text.parse::<Money>().unwrap();
        let kaspi = AgentId(3);
        let paid = |amount| post_payment(AccountId(7), Clearing::agent(kaspi), &[], amount);
        let mut entries = paid(sum("600.00"));
        entries.extend(reverse(&paid(sum("400.00"))));
        assert_eq!(balance(&entries, LedgerAccount::AgentClearing), sum("200.00"), "the agent gives it back");
        entries.extend(post_bank_refund(kaspi, sum("400.00")));
        assert_eq!(balance(&entries, LedgerAccount::AgentClearing), sum("600.00"), "the bank did");
        assert_eq!(balance(&entries, LedgerAccount::BankClearing), sum("-400.00"));
        assert_eq!(balance(&entries, LedgerAccount::Advance), sum("-200.00"));
        assert!(post_bank_refund(kaspi, Money::ZERO).is_empty());
    }
}
