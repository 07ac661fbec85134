//! Open items of accounts as the rule of allocation sees them.

use std::collections::HashMap;

use domain::kernel::*;
use domain::payments::{Allocation, AllocationOrder, OpenItem, allocate, credit};
use entities::kernel::{Broken, Result};
use entities::ledger::item::Item;

/// What each account still owes while payments of a batch are allocated one after another, and what it paid ahead.
pub(super) struct Owed {
    items: HashMap<AccountId, Vec<OpenItem>>,
    /// Each with the month its money is posted in.
    pub advances: HashMap<AccountId, Vec<(OpenItemId, Money, Period)>>,
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
    pub fn new(rows: Vec<Item>) -> Result<Self> {
        let mut owed = Self { items: HashMap::new(), advances: HashMap::new() };
        for row in rows {
            let account = AccountId(row.account_id);
            let rest = Money::from_tiyn(row.amount - row.settled);
            if row.amount < 0 {
                owed.advances.entry(account).or_default().push((
                    OpenItemId(row.id),
                    -rest,
                    Period::of(row.origin),
                ));
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

    /// Allocates a sum by the rule and takes it off what is owed; gives the parts and what is left over.
    pub fn cover(&mut self, account: AccountId, amount: Money, order: AllocationOrder) -> (Vec<Part>, Money) {
        let items = self.items.entry(account).or_default();
        let allocation = allocate(items, amount, order);
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
