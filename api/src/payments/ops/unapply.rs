//! What payments have covered, taken apart: their own settlements, what is left of them as advances, and what those have covered
//! since.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::kernel::*;
use domain::ledger::{Entry, post_offset, reverse};
use entities::kernel::{Broken, Tx};
use entities::ledger::item::{self, Item};
use entities::payments::payment::{self, Settled};
use entities::payments::write::{Posting, Settlement};

use super::Stays;

/// What one payment did.
#[derive(Debug, Clone, Default)]
pub(super) struct Applied {
    /// What it covers itself, net of what was allocated anew.
    pub own: Vec<Settled>,
    /// What is left of it, one item or, after it was allocated anew, several.
    pub advances: Vec<Ahead>,
}

/// An advance of a payment.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    pub item: Item,
    /// What covering other items took off it.
    pub used: i64,
    /// What the payment itself took back of it when it was allocated anew.
    pub consumed: i64,
    /// What it has covered.
    pub offsets: Vec<Settled>,
}

impl Ahead {
    /// The whole of it but what allocating anew took off, as a positive sum.
    pub fn left(&self) -> Money {
        Money::from_tiyn(self.consumed - self.item.amount)
    }

    /// Whether something besides debts of its account took money off it: a refund.
    pub fn went_elsewhere(&self) -> bool {
        self.item.settled != self.used + self.consumed
    }
}

/// The items that payments have covered, as they stand, and what each payment did. Accounts are locked first: a payment of the same
/// account waits.
pub(super) struct Applications {
    of: HashMap<i64, Applied>,
    items: HashMap<i64, Item>,
}

impl Applications {
    /// Of payments, or of transfers of payments: where each of them stands, and its number.
    pub async fn read(tx: &Tx, source: &str, made: &[(AccountId, i64)]) -> Result<Self, Broken> {
        let accounts: BTreeSet<i64> = made.iter().map(|(account, _)| account.0).collect();
        item::lock_all_of(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
        let mut of: HashMap<i64, Applied> = HashMap::new();
        let mut advances = item::by_sources(tx, source, made).await?;
        let ids = advances.values().flatten().map(|advance| advance.id).collect();
        let mut offset: HashMap<i64, Vec<Settled>> = HashMap::new();
        for part in payment::offset_by(tx, ids).await? {
            offset.entry(part.payment_id).or_default().push(part);
        }
        for &(_, id) in made {
            let ahead = |item: Item| {
                let (used, offsets): (Vec<_>, Vec<_>) = offset
                    .remove(&item.id)
                    .unwrap_or_default()
                    .into_iter()
                    .partition(|part| part.open_item_id == item.id);
                Ahead { used: used.iter().map(|part| part.amount).sum(), consumed: 0, offsets, item }
            };
            let advances = advances.remove(&id).unwrap_or_default().into_iter().map(ahead).collect();
            of.insert(id, Applied { own: Vec::new(), advances });
        }
        for part in payment::settled_by(tx, source, made).await? {
            let Some(applied) = of.get_mut(&part.payment_id) else { continue };
            match applied.advances.iter_mut().find(|ahead| ahead.item.id == part.open_item_id) {
                Some(ahead) => ahead.consumed += part.amount,
                None => applied.own.push(part),
            }
        }
        let touched: BTreeSet<(i64, i64)> = of
            .values()
            .flat_map(|applied| {
                applied.own.iter().chain(applied.advances.iter().flat_map(|ahead| &ahead.offsets))
            })
            .map(|part| (part.account_id, part.open_item_id))
            .collect();
        let items = item::by_ids(tx, touched.into_iter().collect()).await?;
        Ok(Self { of, items: items.into_iter().map(|row| (row.id, row)).collect() })
    }

    /// Takes what a payment did off the items, or says why it can't be taken off.
    pub fn take(&mut self, id: i64) -> Result<Applied, Stays> {
        let applied = self.of.remove(&id).unwrap_or_default();
        if applied.advances.iter().any(Ahead::went_elsewhere) {
            return Err(Stays::AdvanceUsed);
        }
        let mut taken: HashMap<i64, i64> = HashMap::new();
        for part in applied.own.iter().chain(applied.advances.iter().flat_map(|ahead| &ahead.offsets)) {
            *taken.entry(part.open_item_id).or_default() += part.amount;
        }
        let enough =
            |(item, taken): (&i64, &i64)| self.items.get(item).is_some_and(|row| row.settled >= *taken);
        if !taken.iter().all(enough) {
            return Err(Stays::Reallocated(PaymentId(id)));
        }
        for (item, taken) in &taken {
            self.items.entry(*item).and_modify(|row| row.settled -= taken);
        }
        Ok(applied)
    }

    /// Parts as the posting rule takes them.
    pub fn covered(&self, parts: &[Settled]) -> Vec<(Service, Component, Money)> {
        let of_part = |part: &Settled| {
            let row = self.items.get(&part.open_item_id)?;
            let service = row.service.as_deref().and_then(Service::from_code)?;
            Some((service, Component::from_code(&row.component)?, Money::from_tiyn(part.amount)))
        };
        parts.iter().filter_map(of_part).collect()
    }

    /// Makes one credit of all that a payment did: what its advances have covered since is owed again, what it covered itself too, and
    /// nothing is left of the advances. The rows are the payment's own, of its day.
    pub fn apart(&self, applied: &Applied, at: Posting, valid_on: NaiveDate) -> Apart {
        let settle = |source, source_id, item, amount| Settlement {
            account: at.account,
            item: OpenItemId(item),
            period: at.period,
            valid_on,
            amount: Money::from_tiyn(amount),
            source,
            source_id,
        };
        let own = |item, amount| settle(at.source, at.source_id, item, amount);
        let mut apart = Apart::default();
        apart.settlements.extend(applied.own.iter().map(|part| own(part.open_item_id, -part.amount)));
        let moved = reverse(&post_offset(at.account, &self.covered(&applied.own)));
        apart.entries.extend(moved.into_iter().map(|entry| (at, entry)));
        for ahead in &applied.advances {
            let id = ahead.item.id;
            let undone =
                ahead.offsets.iter().map(|part| settle("advance", id, part.open_item_id, -part.amount));
            apart.settlements.extend(undone);
            if ahead.used != 0 {
                apart.settlements.push(settle("advance", id, id, -ahead.used));
            }
            let moved = reverse(&post_offset(at.account, &self.covered(&ahead.offsets)));
            let at = Posting { source: "advance", source_id: id, ..at };
            apart.entries.extend(moved.into_iter().map(|entry| (at, entry)));
            if !ahead.left().is_zero() {
                apart.settlements.push(own(id, -ahead.left().tiyn()));
            }
        }
        apart
    }
}

/// Rows that take a payment apart.
#[derive(Default)]
pub(super) struct Apart {
    pub settlements: Vec<Settlement>,
    pub entries: Vec<(Posting, Entry)>,
}
