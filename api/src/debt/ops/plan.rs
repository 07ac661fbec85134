//! Instalments: what is owed now, in dated parts, on an agreement.

use chrono::{DateTime, NaiveDate, Utc};
use domain::DebtEvent;
use domain::debt::{PlanState, WrongPlan, split_plan};
use domain::kernel::*;
use entities::debt::plan::{self, Plan};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item;
use entities::subscribers::account;

use super::{missing, settings};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Puts everything that is overdue into equal parts a month apart.
pub async fn agree_plan(
    tx: &mut Tx,
    account: AccountId,
    parts: u32,
    first: NaiveDate,
    document: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Plan> {
    let scope = tx.scope().clone();
    if account::find(tx, &scope, account).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    if first < today {
        refuse!(Refusal::new("PAST_DAY").at("first"));
    }
    let items: Vec<(OpenItemId, Money)> = item::lock_payable(tx, &[account.0])
        .await?
        .into_iter()
        .filter(|row| row.amount > 0 && row.due_on < today)
        .map(|row| (OpenItemId(row.id), Money::from_tiyn(row.amount - row.settled)))
        .collect();
    let debt = items.iter().map(|item| item.1).sum();
    let parts = allow!(split_plan(debt, parts, first).map_err(|wrong| match wrong {
        WrongPlan::NoDebt => Refusal::new("NOTHING_OWED"),
        WrongPlan::Parts => Refusal::new("PLAN_PARTS").at("parts"),
    }));
    let book = settings(tx, today, known_at).await?;
    let stops = allow!(book.methods.debt.plan_stops_penalty(today).map_err(missing));
    let agreed = plan::agree(tx, account, document, today, stops, &items, &parts).await;
    let Some(id) = allow!(unless(agreed, &[])?) else { refuse!("PLAN_EXISTS") };
    let row = plan::find(tx, &scope, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("plan", id, "agreed").after(&row).document(Some(document.0)));
    tx.emit(DebtEvent::PlanChanged { plan: id, account });
    Ok(Ok(row))
}

/// Ends a plan by agreement: penalty counts again from today.
pub async fn cancel_plan(tx: &mut Tx, id: PlanId, today: NaiveDate) -> Outcome<Plan> {
    let scope = tx.scope().clone();
    let Some(before) = plan::find(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    if !plan::end(tx, id, PlanState::Cancelled, today).await? {
        refuse!("PLAN_OVER");
    }
    let row = plan::find(tx, &scope, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("plan", id, "cancelled").before(&before).after(&row));
    tx.emit(DebtEvent::PlanChanged { plan: id, account: AccountId(row.account_id) });
    Ok(Ok(row))
}
