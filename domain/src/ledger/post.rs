//! Facts of money as entries. An entry has one amount on both sides, so no set of them can be out of balance.

use super::{Entry, LedgerAccount};
use crate::kernel::*;

/// A sum charged for one service and component of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    pub service: Service,
    pub component: Component,
    pub net: Money,
    pub vat: Money,
}

/// A charge: the receivable grows by the net revenue and the VAT on it. A credit turns the sides around.
pub fn post_charge(account: AccountId, charged: &[Charged]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for charge in charged {
        let of = Of { account, service: Some(charge.service), component: Some(charge.component) };
        let revenue = income(charge.service, charge.component);
        entries.extend(of.entry(LedgerAccount::Receivable, revenue, charge.net));
        entries.extend(of.entry(LedgerAccount::Receivable, LedgerAccount::VatPayable, charge.vat));
    }
    entries
}

/// Through what money comes in: an account of our own, or an agent's sub-account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clearing {
    pub(super) ledger: LedgerAccount,
    pub(super) agent: Option<AgentId>,
}

impl Clearing {
    pub const fn agent(agent: AgentId) -> Self {
        Self { ledger: LedgerAccount::AgentClearing, agent: Some(agent) }
    }
}

impl From<LedgerAccount> for Clearing {
    fn from(ledger: LedgerAccount) -> Self {
        debug_assert!(ledger != LedgerAccount::AgentClearing, "an agent has a name");
        Self { ledger, agent: None }
    }
}

/// A payment that came through a clearing account: what covers items lessens the receivable, the rest is a liability.
pub fn post_payment(
    account: AccountId,
    clearing: impl Into<Clearing>,
    covered: &[(Service, Component, Money)],
    advance: Money,
) -> Vec<Entry> {
    let Clearing { ledger: clearing, agent } = clearing.into();
    let mut entries = Vec::new();
    for &(service, component, amount) in covered {
        let of = Of { account, service: Some(service), component: Some(component) };
        entries.extend(of.entry(clearing, LedgerAccount::Receivable, amount));
    }
    let of = Of { account, service: None, component: None };
    entries.extend(of.entry(clearing, LedgerAccount::Advance, advance));
    entries.iter_mut().for_each(|entry| entry.agent = agent);
    entries
}

/// An advance that covers new items: the liability and the receivable lessen together.
pub fn post_offset(account: AccountId, covered: &[(Service, Component, Money)]) -> Vec<Entry> {
    post_payment(account, LedgerAccount::Advance, covered, Money::ZERO)
}

/// A debt (greater than zero) or an advance (less than zero) taken over from the earlier system.
pub fn post_opening(
    account: AccountId,
    service: Service,
    component: Component,
    balance: Money,
) -> Vec<Entry> {
    let of = Of { account, service: Some(service), component: Some(component) };
    let held = if balance.is_negative() { LedgerAccount::Advance } else { LedgerAccount::Receivable };
    of.entry(held, LedgerAccount::Opening, balance).into_iter().collect()
}

/// The same facts taken back: every entry with its sides exchanged.
pub fn reverse(entries: &[Entry]) -> Vec<Entry> {
    let back = |entry: &Entry| Entry { debit: entry.credit, credit: entry.debit, ..entry.clone() };
    entries.iter().map(back).collect()
}

/// Where the net of a component is earned.
pub fn income(service: Service, component: Component) -> LedgerAccount {
    match (component, service) {
        (Component::Charge | Component::Imbalance, Service::Water) => LedgerAccount::RevenueWater,
        (Component::Charge | Component::Imbalance, Service::SewerageCold | Service::SewerageHot) => {
            LedgerAccount::RevenueSewerage
        }
        (Component::Penalty, _) => LedgerAccount::PenaltyIncome,
        (Component::Cost, _) => LedgerAccount::CostRecovery,
        (Component::OneOff, _) => LedgerAccount::RevenueOther,
    }
}

pub(super) struct Of {
    pub account: AccountId,
    pub service: Option<Service>,
    pub component: Option<Component>,
}

impl Of {
    /// None for a sum of zero; a negative one exchanges the sides.
    pub fn entry(&self, debit: LedgerAccount, credit: LedgerAccount, amount: Money) -> Option<Entry> {
        let (debit, credit) = if amount.is_negative() { (credit, debit) } else { (debit, credit) };
        (!amount.is_zero()).then_some(Entry {
            debit,
            credit,
            amount: amount.abs(),
            account: Some(self.account),
            service: self.service,
            component: self.component,
            agent: None,
        })
    }
}

/// Debits less credits of an account of the ledger.
pub fn balance(entries: &[Entry], account: LedgerAccount) -> Money {
    let side = |entry: &Entry| match (entry.debit == account, entry.credit == account) {
        (true, false) => entry.amount,
        (false, true) => -entry.amount,
        _ => Money::ZERO,
    };
    entries.iter().map(side).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId(7);

    fn tenge(text: &str) -> Money {
        Money::tenge(text).unwrap()
    }

    fn march() -> Vec<Entry> {
        let charged = |service, net, vat| Charged {
            service,
            component: Component::Charge,
            net: tenge(net),
            vat: tenge(vat),
        };
        post_charge(
            ACCOUNT,
            &[
                charged(Service::Water, "814.77", "130.36"),
                charged(Service::SewerageCold, "505.53", "80.88"),
                charged(Service::SewerageHot, "0.00", "0.00"),
            ],
        )
    }

    #[test]
    fn a_month_charged_and_overpaid() {
        let mut entries = march();
        assert_eq!(entries.len(), 4, "a sum of zero is no entry: {entries:?}");
        assert_eq!(balance(&entries, LedgerAccount::Receivable), tenge("1531.54"));
        let covered = [
            (Service::Water, Component::Charge, tenge("945.13")),
            (Service::SewerageCold, Component::Charge, tenge("586.41")),
        ];
        entries.extend(post_payment(ACCOUNT, LedgerAccount::BankClearing, &covered, tenge("68.46")));
        assert_eq!(balance(&entries, LedgerAccount::Receivable), Money::ZERO);
        assert_eq!(balance(&entries, LedgerAccount::Advance), tenge("-68.46"));
        assert_eq!(balance(&entries, LedgerAccount::BankClearing), tenge("1600.00"));
        assert_eq!(balance(&entries, LedgerAccount::RevenueWater), tenge("-814.77"));
        assert_eq!(balance(&entries, LedgerAccount::VatPayable), tenge("-211.24"));

        entries.extend(march());
        entries.extend(post_offset(ACCOUNT, &[(Service::Water, Component::Charge, tenge("68.46"))]));
        assert_eq!(balance(&entries, LedgerAccount::Advance), Money::ZERO);
        assert_eq!(balance(&entries, LedgerAccount::Receivable), tenge("1463.08"));
    }

    #[test]
    fn a_reversal_leaves_nothing() {
        let mut entries = march();
        entries.extend(post_opening(ACCOUNT, Service::Water, Component::Charge, tenge("-12.00")));
        entries.extend(reverse(&entries.clone()));
        for account in LedgerAccount::ALL {
            assert!(balance(&entries, *account).is_zero(), "{account}");
        }
    }

    #[test]
    fn money_of_an_agent_stands_on_the_agents_account() {
        let covered = [(Service::Water, Component::Charge, tenge("100.00"))];
        let kaspi = Clearing::agent(AgentId(3));
        let entries = post_payment(ACCOUNT, kaspi, &covered, tenge("20.00"));
        assert_eq!(balance(&entries, LedgerAccount::AgentClearing), tenge("120.00"));
        let back = reverse(&entries);
        assert!(entries.iter().chain(&back).all(|entry| entry.agent == Some(AgentId(3))));
        let own = post_payment(ACCOUNT, LedgerAccount::CashClearing, &covered, Money::ZERO);
        assert!(own.iter().all(|entry| entry.agent.is_none()));
    }

    #[test]
    fn every_account_together_is_zero_and_every_amount_positive() {
        let mut entries = march();
        entries.extend(post_opening(ACCOUNT, Service::Water, Component::Charge, tenge("500.00")));
        entries.extend(post_opening(ACCOUNT, Service::Water, Component::Charge, tenge("-40.00")));
        let credit = Charged {
            service: Service::Water,
            component: Component::Charge,
            net: tenge("-10.00"),
            vat: tenge("-1.60"),
        };
        entries.extend(post_charge(ACCOUNT, &[credit]));
        assert!(entries.iter().all(|entry| entry.amount.is_positive()));
        let sum: Money = LedgerAccount::ALL.iter().map(|account| balance(&entries, *account)).sum();
        assert_eq!(sum, Money::ZERO);
        assert_eq!(balance(&entries, LedgerAccount::Opening), tenge("-460.00"));
    }
}
