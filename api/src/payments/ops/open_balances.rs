//! Balances taken over from the earlier system: debts and advances, before the first month is run.

use chrono::NaiveDate;
use domain::kernel::*;
use domain::ledger::post_opening;
use entities::kernel::{Change, Tx};
use entities::ledger::period::{self, OpenPeriod};
use entities::payments::write::{self, NewItem, Posting};

use crate::platform::Outcome;
use crate::refuse;

/// One balance; positive is a debt, negative an advance.
#[derive(Debug, Clone, Copy)]
pub struct OpeningBalance {
    pub account: AccountId,
    pub sector: Sector,
    pub amount: Money,
}

/// Posts the balances into the month that is open on the day; how many were not zero.
pub async fn open_balances(
    tx: &mut Tx,
    balances: &[OpeningBalance],
    day: NaiveDate,
    source: i64,
) -> Outcome<u64> {
    let balances: Vec<&OpeningBalance> = balances.iter().filter(|b| !b.amount.is_zero()).collect();
    let mut months: Vec<OpenPeriod> = Vec::new();
    for balance in &balances {
        if !months.iter().any(|open| open.sector == balance.sector) {
            let Some(open) = period::posting_period(tx, day, balance.sector).await? else {
                refuse!("NO_OPEN_PERIOD")
            };
            months.push(open);
        }
    }
    let ids = write::reserve_item_ids(tx, balances.len()).await?;
    let (mut items, mut entries, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for (balance, id) in balances.iter().zip(ids) {
        let Some(open) = months.iter().find(|open| open.sector == balance.sector) else { continue };
        let debt = balance.amount.is_positive();
        items.push(NewItem {
            id: OpenItemId(id),
            account: balance.account,
            sector: balance.sector,
            service: debt.then_some(Service::Water),
            component: if debt { Component::Charge.code() } else { "advance" },
            origin: open.period.prev(),
            due_on: open.period.first_day(),
            amount: balance.amount,
            source: "opening",
            source_id: source,
        });
        let at = Posting {
            period: open.period,
            sector: balance.sector,
            account: balance.account,
            posted_on: day,
            source: "opening",
            source_id: source,
        };
        let posted = post_opening(balance.account, Service::Water, Component::Charge, balance.amount);
        entries.extend(posted.into_iter().map(|entry| (at, entry)));
        totals.push((balance.account, open.period, balance.sector, balance.amount));
    }
    write::items(tx, &items).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, "opening", &totals).await?;
    let sum: Money = balances.iter().map(|b| b.amount).sum();
    tx.audit(Change::bulk("balance", "open", serde_json::json!({ "count": balances.len(), "sum": sum })));
    Ok(Ok(balances.len() as u64))
}
