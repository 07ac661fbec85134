use chrono::NaiveDate;
use domain::DebtEvent;
use domain::debt::InterruptionKind;
use domain::kernel::*;
use entities::debt::limitation;
use entities::kernel::{Broken, Change, Db, Result, Tx};
use entities::ledger::item;
use entities::subscribers::account;
use serde_json::json;

use crate::platform::clock::Clock;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is due before this day may run out within some days, 90 unless said; with the years of limitation that hold today.
pub async fn runs_out(db: &Db, clock: &Clock, within: Option<i32>) -> Result<(NaiveDate, u32)> {
    let today = clock.today();
    let book = entities::tariffs::book(db, today, today.succ_opt().unwrap_or(today), clock.now()).await?;
    let years = book.methods.debt.limitation_years(today).map_err(|e| Broken::Custom(e.to_string()))?;
    let until = today + chrono::Days::new(u64::from(within.unwrap_or(90).unsigned_abs()));
    Ok((until - chrono::Months::new(12 * years), years))
}

/// Records what made the time of limitation begin anew, on a document; without an item for all of the account's debts.
pub async fn interrupt(
    tx: &mut Tx,
    account: AccountId,
    item: Option<OpenItemId>,
    kind: InterruptionKind,
    on_day: NaiveDate,
    document: DocumentId,
    today: NaiveDate,
) -> Outcome<AccountId> {
    let scope = tx.scope().clone();
    if account::find(tx, &scope, account).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    if on_day > today {
        refuse!(Refusal::new("FUTURE_DAY").at("onDay"));
    }
    if let Some(item) = item
        && item::by_ids(tx, vec![(account.0, item.0)]).await?.is_empty()
    {
        refuse!(Refusal::new("NOT_FOUND").at("openItemId"));
    }
    let recorded = limitation::interrupt(tx, account, item, kind, on_day, document).await;
    let id = allow!(unless(recorded, &[])?);
    tx.audit(
        Change::new("interruption", id, "recorded")
            .after(json!({ "account": account, "item": item, "kind": kind, "on": on_day }))
            .document(Some(document.0)),
    );
    tx.emit(DebtEvent::LimitationInterrupted { account });
    Ok(Ok(account))
}
