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
    /// What a debt is for; an advance is for nothing yet.
    pub service: Service,
    pub component: Component,
    /// The month that a debt is of; the one before the posting when nobody knows.
    pub origin: Option<Period>,
    pub amount: Money,
}

/// Posts the balances into the month that is open on the day; the open items they became, in the order of those that are not
/// zero.
pub async fn open_balances(
    tx: &mut Tx,
    balances: &[OpeningBalance],
    day: NaiveDate,
    source: i64,
) -> Outcome<Vec<i64>> {
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
    for (balance, id) in balances.iter().zip(ids.iter().copied()) {
        let Some(open) = months.iter().find(|open| open.sector == balance.sector) else { continue };
        let debt = balance.amount.is_positive();
        let origin = balance.origin.unwrap_or(open.period.prev());
        items.push(NewItem {
            id: OpenItemId(id),
            account: balance.account,
            sector: balance.sector,
            service: debt.then_some(balance.service),
            component: if debt { balance.component.code() } else { "advance" },
            origin,
            due_on: origin.next().first_day(),
            amount: balance.amount,
            source: "opening",
            source_id: source,
            earmark: None,
        });
        let at = Posting {
            period: open.period,
            sector: balance.sector,
            account: balance.account,
            posted_on: day,
            source: "opening",
            source_id: source,
        };
        let posted = post_opening(balance.account, balance.service, balance.component, balance.amount);
        entries.extend(posted.into_iter().map(|entry| (at, entry)));
        totals.push((balance.account, open.period, balance.sector, balance.amount));
    }
    write::items(tx, &items).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, "opening", &totals).await?;
    let sum: Money = balances.iter().map(|b| b.amount).sum();
    tx.audit(Change::bulk("balance", "open", serde_json::json!({ "count": balances.len(), "sum": sum })));
    Ok(Ok(ids))
}
