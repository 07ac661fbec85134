//! Adjusts what subscribers owe, besides runs and payments: one act or fifty thousand accounts, the same few statements.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::ledger::{AdjustmentSource, Charged, post_adjustment, post_credit_left, post_offset};
use entities::kernel::Tx;
use entities::ledger::item;
use entities::ledger::period::{self, OpenPeriod};
use entities::payments::write::{self, NewItem, Posting, Settlement};

use super::allocate::{Owed, Part, covered};
use super::offset_advances;
use crate::platform::Outcome;
use crate::refuse;

/// A change of what an account owes for one service, component and month of origin; positive is owed more.
#[derive(Debug, Clone, Copy)]
pub struct Adjustment {
    pub account: AccountId,
    pub sector: Sector,
    pub service: Service,
    pub component: Component,
    pub origin: Period,
    /// By which what is owed more is to be paid.
    pub due_on: NaiveDate,
    pub net: Money,
    /// Of the sign of `net`, or zero.
    pub vat: Money,
}

impl Adjustment {
    pub fn gross(&self) -> Money {
        self.net + self.vat
    }
}

/// What an act came to.
#[derive(Debug, Clone, Default)]
pub struct Adjusted {
    /// The month of each sector that it is posted in.
    pub periods: Vec<(Sector, Period)>,
    pub owed_more: Money,
    /// As a positive sum.
    pub owed_less: Money,
    /// Of `owed_less`: nothing owed took it up, it is paid ahead now.
    pub left_as_advance: Money,
}

/// Posts adjustments of one act into the months that are open on the day. A credit lessens what it is for, then what else is owed;
/// the rest is an advance. What is owed more is covered by money paid ahead at once. Zeros are passed over.
///
/// The caller keeps the act itself, under `source_id`, and its audit. Call it for at most a few thousand accounts at a time.
pub async fn adjust(
    tx: &mut Tx,
    source: AdjustmentSource,
    source_id: i64,
    adjustments: &[Adjustment],
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Adjusted> {
    let rows: Vec<&Adjustment> = adjustments.iter().filter(|row| !row.gross().is_zero()).collect();
    let mut months: HashMap<Sector, OpenPeriod> = HashMap::new();
    for row in &rows {
        if let Entry::Vacant(month) = months.entry(row.sector) {
            let Some(open) = period::posting_period(tx, today, row.sector).await? else {
                refuse!("NO_OPEN_PERIOD")
            };
            month.insert(open);
        }
    }
    let accounts: Vec<i64> =
        rows.iter().map(|row| row.account.0).collect::<BTreeSet<_>>().into_iter().collect();
    let mut owed = Owed::of(tx, item::lock_payable(tx, &accounts).await?).await?;

    let mut done = Adjusted::default();
    let (mut items, mut settlements, mut entries, mut totals) = (vec![], vec![], vec![], vec![]);
    for row in rows {
        let open = months[&row.sector];
        let gross = row.gross();
        let at = Posting {
            period: open.period,
            sector: row.sector,
            account: row.account,
            posted_on: today,
            source: source.code(),
            source_id,
        };
        let charged = Charged { service: row.service, component: row.component, net: row.net, vat: row.vat };
        entries.extend(post_adjustment(source, row.account, charged).into_iter().map(|entry| (at, entry)));
        totals.push((row.account, open.period, row.sector, gross));
        let item = |component, amount| NewItem {
            id: OpenItemId(0),
            account: row.account,
            sector: row.sector,
            service: Some(row.service),
            component,
            origin: row.origin,
            due_on: row.due_on,
            amount,
            source: source.code(),
            source_id,
            earmark: None,
        };
        if gross.is_positive() {
            done.owed_more += gross;
            items.push(item(row.component.code(), gross));
            continue;
        }
        done.owed_less -= gross;
        let (parts, left) = owed.credit(row.account, (row.service, row.component, row.origin), -gross);
        // What lessens another service's debt passes through the advance, so that each service's receivable stays its own.
        let others: Vec<Part> = parts
            .iter()
            .copied()
            .filter(|p| (p.service, p.component) != (row.service, row.component))
            .collect();
        let passed = others.iter().map(|part| part.amount).sum::<Money>() + left;
        let moved = post_credit_left(row.account, row.service, row.component, passed);
        entries.extend(moved.into_iter().map(|entry| (at, entry)));
        let moved = post_offset(row.account, &covered(&others));
        entries.extend(moved.into_iter().map(|entry| (at, entry)));
        settlements.extend(parts.into_iter().map(|part| Settlement {
            account: row.account,
            item: part.item,
            period: open.period,
            valid_on: today,
            amount: part.amount,
            source: source.code(),
            source_id,
        }));
        if left.is_positive() {
            done.left_as_advance += left;
            let advance = item("advance", -left);
            items.push(NewItem { service: None, origin: open.period, ..advance });
        }
    }
    let ids = write::reserve_item_ids(tx, items.len()).await?;
    for (item, id) in items.iter_mut().zip(ids) {
        item.id = OpenItemId(id);
    }
    write::items(tx, &items).await?;
    write::settlements(tx, &settlements).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, source.total(), &totals).await?;

    done.periods = months.iter().map(|(sector, open)| (*sector, open.period)).collect();
    done.periods.sort_unstable();
    for (sector, open) in months {
        let more = totals.iter().filter(|(.., of, gross)| *of == sector && gross.is_positive());
        let more: BTreeSet<i64> = more.map(|(account, ..)| account.0).collect();
        let ahead = item::with_advance(tx, more.into_iter().collect()).await?;
        offset_advances(tx, &open, ahead, today, known_at).await?;
    }
    Ok(Ok(done))
}
