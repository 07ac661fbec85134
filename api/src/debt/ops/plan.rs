//! Instalments: what is owed now, in dated parts, on an agreement; kept, missed or paid as its money says.

use chrono::{DateTime, NaiveDate, Utc};
use domain::DebtEvent;
use domain::debt::{PlanState, WrongPlan, looked_at, missed, split_plan};
use domain::kernel::*;
use domain::payments::{EarmarkAct, EarmarkKind};
use entities::debt::plan::{self, Plan};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item::{self, Item};
use entities::payments::earmark::NewTie;
use entities::subscribers::account;
use serde_json::json;

use super::{missing, reference, settings};
use crate::payments::ops::{tie_act, untie_act};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Puts everything that is overdue and not claimed into equal parts a month apart. Money that comes for the agreement covers these debts,
/// the oldest first, as its parts fall due.
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
    let owed = item::lock_payable(tx, &[account.0]).await?;
    let bound = item::bound(tx, &[account.0]).await?;
    let free = |row: &Item| row.amount - row.settled - bound.get(&(account.0, row.id)).copied().unwrap_or(0);
    let items: Vec<(OpenItemId, Money)> = owed
        .iter()
        .filter(|row| row.amount > 0 && row.due_on < today && free(row) > 0)
        .map(|row| (OpenItemId(row.id), Money::from_tiyn(free(row))))
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
    tie(tx, &row, items).await?;
    Ok(Ok(row))
}

/// What comes for a plan covers its items and nothing else.
async fn tie(tx: &mut Tx, row: &Plan, parts: Vec<(OpenItemId, Money)>) -> Result<(), Broken> {
    let reference = reference(tx, row.document_id, row.id).await?;
    let new = NewTie {
        act: EarmarkAct::Plan,
        act_id: row.id,
        account: AccountId(row.account_id),
        kind: EarmarkKind::Instalment,
        reference,
        document: DocumentId(row.document_id),
        parts,
    };
    tie_act(tx, new).await
}

/// Looks what became of plans: paid, missed, or, where money of an earlier day came or went since, kept after all. How many went on.
pub(super) async fn look_at_plans(
    tx: &mut Tx,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<usize, Broken> {
    let rows = plan::to_look_at(tx, today).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let grace = settings(tx, today, known_at).await?.methods.debt.plan_grace_days(today);
    let mut changed = 0;
    for row in rows {
        let (judged, before) = (row.judged(), row.plan.state());
        let row = row.plan;
        let id = PlanId(row.id);
        let late = missed(&judged, today, grace);
        let (state, on) = looked_at(before, row.paid >= row.amount, late, today);
        if state == before || !plan::move_on(tx, id, before, (state, on)).await? {
            continue;
        }
        changed += 1;
        let action = if state == PlanState::Active { "revived" } else { state.code() };
        let paid = Money::from_tiyn(row.paid);
        tx.audit(Change::new("plan", id, action).before(&row).after(json!({ "paid": paid, "on": on })));
        tx.emit(DebtEvent::PlanChanged { plan: id, account: AccountId(row.account_id) });
        match state {
            PlanState::Active => {
                let items = plan::items(tx, id).await?;
                tie(tx, &row, items).await?;
            }
            _ => untie_act(tx, EarmarkAct::Plan, id.0, today, known_at).await?,
        }
    }
    Ok(changed)
}

/// Ends a plan by agreement: penalty counts again from today.
pub async fn cancel_plan(
    tx: &mut Tx,
    id: PlanId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Plan> {
    let scope = tx.scope().clone();
    let Some(before) = plan::find(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    if !plan::end(tx, id, PlanState::Cancelled, today).await? {
        refuse!("PLAN_OVER");
    }
    let row = plan::find(tx, &scope, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("plan", id, "cancelled").before(&before).after(&row));
    tx.emit(DebtEvent::PlanChanged { plan: id, account: AccountId(row.account_id) });
    untie_act(tx, EarmarkAct::Plan, id.0, today, known_at).await?;
    Ok(Ok(row))
}
