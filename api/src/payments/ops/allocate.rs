//! Open items of accounts as the rule of allocation sees them.

use std::collections::HashMap;

use domain::kernel::*;
use domain::payments::{Allocation, AllocationPolicy, OpenItem, PaymentTarget, Target, allocate, credit};
use entities::kernel::{Broken, Result, Tx};
use entities::ledger::item::Item;
use entities::payments::earmark::{self, Debts, Named};

use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// What each account still owes while payments of a batch are allocated one after another, and what it paid ahead.
pub(super) struct Owed {
    items: HashMap<AccountId, Vec<OpenItem>>,
    pub advances: HashMap<AccountId, Vec<Advance>>,
    earmarks: HashMap<EarmarkId, Named>,
}

/// What is left of money paid ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Advance {
    pub item: OpenItemId,
    pub rest: Money,
    /// The month that it is posted in.
    pub since: Period,
    /// It covers nothing but what this names.
    pub earmark: Option<EarmarkId>,
}

/// One covered part of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub item: OpenItemId,
    pub service: Service,
    pub component: Component,
    pub amount: Money,
}

impl Owed {
    /// Of items under a lock; what their advances are tied to is read once for all.
    pub async fn of(tx: &Tx, rows: Vec<Item>) -> Result<Self> {
        let tied = rows.iter().filter_map(|row| row.earmark_id).collect();
        let earmarks = earmark::items(tx, tied).await?;
        let mut owed = Self { items: HashMap::new(), advances: HashMap::new(), earmarks };
        for row in rows {
            let account = AccountId(row.account_id);
            let rest = Money::from_tiyn(row.amount - row.settled);
            if row.amount < 0 {
                // A closed earmark ties nothing any more.
                let earmark = row.earmark_id.map(EarmarkId).filter(|id| owed.earmarks.contains_key(id));
                let since = Period::of(row.origin);
                let advance = Advance { item: OpenItemId(row.id), rest: -rest, since, earmark };
                owed.advances.entry(account).or_default().push(advance);
                continue;
            }
            let unknown = || Broken::Custom(format!("open item {} has unknown codes", row.id));
            owed.items.entry(account).or_default().push(OpenItem {
                id: OpenItemId(row.id),
                service: row.service.as_deref().and_then(Service::from_code).ok_or_else(unknown)?,
                component: Component::from_code(&row.component).ok_or_else(unknown)?,
                origin: Period::of(row.origin),
                due: row.due_on,
                amount: rest,
            });
        }
        Ok(owed)
    }

    /// Takes note of what payments on their way in are for; refused where one names what is not its account's, or is closed.
    pub async fn aim(&mut self, tx: &Tx, payments: &[(AccountId, Option<PaymentTarget>)]) -> Outcome<()> {
        let earmark = |target: &Option<PaymentTarget>| match target {
            Some(PaymentTarget::Earmark(id)) => Some(*id),
            _ => None,
        };
        let named: Vec<i64> = payments.iter().filter_map(|(_, target)| Some(earmark(target)?.0)).collect();
        self.earmarks.extend(earmark::items(tx, named).await?);
        for (account, target) in payments {
            if let Some(id) = earmark(target)
                && self.earmarks.get(&id).is_none_or(|named| named.account != *account)
            {
                refuse!(Refusal::new("NO_SUCH_EARMARK").at("target"));
            }
        }
        Ok(Ok(()))
    }

    /// Allocates a sum by the rule and takes it off what is owed; gives the parts and what is left over.
    pub fn cover(
        &mut self,
        account: AccountId,
        amount: Money,
        policy: &AllocationPolicy,
        target: Option<PaymentTarget>,
    ) -> (Vec<Part>, Money) {
        let target = match target {
            None => Target::Any,
            Some(PaymentTarget::Service(service)) => Target::Service(service),
            Some(PaymentTarget::Bill(month)) => Target::Bill(month),
            Some(PaymentTarget::Earmark(id)) => match self.earmarks.get(&id).map(|named| &named.debts) {
                Some(Debts::Items(items)) => Target::Only(items),
                Some(Debts::Parts(parts)) => Target::Parts(parts),
                None => Target::Only(&[]),
            },
        };
        let items = self.items.entry(account).or_default();
        let allocation = allocate(items, amount, policy, target);
        take(items, allocation)
    }

    /// The same of a credit, which lessens first what it is for.
    pub fn credit(
        &mut self,
        account: AccountId,
        (service, component, origin): (Service, Component, Period),
        amount: Money,
    ) -> (Vec<Part>, Money) {
        let items = self.items.entry(account).or_default();
        let allocation = credit(items, service, component, origin, amount);
        take(items, allocation)
    }
}

fn take(items: &mut [OpenItem], allocation: Allocation) -> (Vec<Part>, Money) {
    let mut parts = Vec::with_capacity(allocation.parts.len());
    for (id, amount) in allocation.parts {
        let item = items.iter_mut().find(|item| item.id == id).expect("the rule allocates over given items");
        item.amount -= amount;
        parts.push(Part { item: id, service: item.service, component: item.component, amount });
    }
    (parts, allocation.advance)
}

/// Parts as the posting rule takes them.
pub(super) fn covered(parts: &[Part]) -> Vec<(Service, Component, Money)> {
    parts.iter().map(|part| (part.service, part.component, part.amount)).collect()
}
