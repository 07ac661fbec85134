//! When something new is owed, money paid ahead covers it at once; what is tied to some debts covers only those.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::ledger::post_offset;
use domain::payments::PaymentTarget;
use entities::kernel::{Broken, Result, Tx};
use entities::ledger::item;
use entities::ledger::period::{self, OpenPeriod};
use entities::payments::write::{self, Posting, Settlement};
use entities::tariffs;

use super::allocate::{Advance, Owed, covered};

/// `accounts` are those with both an advance and something to cover, in the order of their ids.
pub async fn offset_advances(
    tx: &mut Tx,
    open: &OpenPeriod,
    accounts: Vec<i64>,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    let month = open.period;
    // By the policy of the day on which it covers.
    let book = tariffs::book(tx, today, today.succ_opt().unwrap_or(today), known_at).await?;
    let policy = &book
        .methods
        .allocation(open.sector, today)
        .map_err(|missing| Broken::Custom(missing.to_string()))?
        .value;

    let mut owed = Owed::of(tx, item::lock_payable(tx, &accounts).await?).await?;
    let (mut settlements, mut entries) = (Vec::new(), Vec::new());
    // Money that came while this month was softly closed is the next one's: no advance is used before it is in the books.
    let later = period::open_for(tx, month.next(), open.sector).await?.map(|next| next.period);
    for account in accounts.into_iter().map(AccountId) {
        for Advance { item: advance, rest, since, earmark } in
            owed.advances.remove(&account).unwrap_or_default()
        {
            let tied = earmark.map(PaymentTarget::Earmark);
            let (parts, left) = owed.cover(account, rest, policy, tied);
            let used = rest - left;
            if used.is_zero() {
                continue;
            }
            let month = later.filter(|later| since >= *later).unwrap_or(month);
            let settle = |item, amount| Settlement {
                account,
                item,
                period: month,
                valid_on: today,
                amount,
                source: "advance",
                source_id: advance.0,
            };
            settlements.push(settle(advance, -used));
            settlements.extend(parts.iter().map(|part| settle(part.item, part.amount)));
            let at = Posting {
                period: month,
                sector: open.sector,
                account,
                posted_on: today,
                source: "advance",
                source_id: advance.0,
            };
            entries.extend(post_offset(account, &covered(&parts)).into_iter().map(|entry| (at, entry)));
        }
    }
    write::settlements(tx, &settlements).await?;
    write::entries(tx, &entries).await
}
