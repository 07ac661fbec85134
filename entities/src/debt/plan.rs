//! Instalment plans.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::debt::{PlanPart, PlanState};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::PAYERS_DAY;
use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Plan {
    pub id: i64,
    pub account_id: i64,
    pub document_id: i64,
    pub amount: i64,
    pub agreed_on: NaiveDate,
    pub stops_penalty: bool,
    pub state: String,
    pub ended_on: Option<NaiveDate>,
    pub agreed_by: String,
    /// Of its items, in tiyn.
    pub paid: i64,
    pub part_days: Vec<NaiveDate>,
    pub part_sums: Vec<i64>,
}

/// What was settled of an item since it came into the plan is paid towards it.
const COLUMNS: &str = "p.id, p.account_id, p.document_id, p.amount, p.agreed_on, p.stops_penalty, p.state, p.ended_on, p.agreed_by, \
     (SELECT coalesce(sum(greatest(0, i.amount - (o.amount - o.settled))), 0)::bigint FROM debt.plan_item i \
      JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id WHERE i.plan_id = p.id) AS paid, \
     ARRAY(SELECT t.due_on FROM debt.plan_part t WHERE t.plan_id = p.id ORDER BY t.due_on) AS part_days, \
     ARRAY(SELECT t.amount FROM debt.plan_part t WHERE t.plan_id = p.id ORDER BY t.due_on) AS part_sums";

impl Plan {
    pub fn parts(&self) -> Vec<PlanPart> {
        let parts = self.part_days.iter().zip(&self.part_sums);
        parts.map(|(due_on, sum)| PlanPart { due_on: *due_on, amount: Money::from_tiyn(*sum) }).collect()
    }

    pub fn state(&self) -> PlanState {
        PlanState::from_code(&self.state).unwrap_or(PlanState::Cancelled)
    }
}

pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: PlanId) -> Result<Option<Plan>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "SELECT {COLUMNS} FROM debt.plan p JOIN subscribers.account a ON a.id = p.account_id WHERE {} AND p.id = $4",
        ScopeArgs::WHERE
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// `None` when the account has a live plan.
pub async fn agree(
    tx: &Tx,
    account: AccountId,
    document: DocumentId,
    today: NaiveDate,
    stops_penalty: bool,
    items: &[(OpenItemId, Money)],
    parts: &[PlanPart],
) -> Result<Option<PlanId>> {
    let amount: Money = items.iter().map(|item| item.1).sum();
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.plan (account_id, document_id, amount, agreed_on, stops_penalty, agreed_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account_id) WHERE state = 'active' DO NOTHING RETURNING id",
        [
            account.0.into(),
            document.0.into(),
            amount.tiyn().into(),
            today.into(),
            stops_penalty.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    let Some(id) = id else { return Ok(None) };
    sql::run(
        tx,
        "INSERT INTO debt.plan_item (plan_id, account_id, open_item_id, amount) SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[])",
        [
            id.into(),
            account.0.into(),
            items.iter().map(|item| item.0.0).collect::<Vec<_>>().into(),
            items.iter().map(|item| item.1.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    sql::run(
        tx,
        "INSERT INTO debt.plan_part (plan_id, due_on, amount) SELECT $1, * FROM unnest($2::date[], $3::bigint[])",
        [
            id.into(),
            parts.iter().map(|part| part.due_on).collect::<Vec<_>>().into(),
            parts.iter().map(|part| part.amount.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    Ok(Some(PlanId(id)))
}

/// Whether an account pays by instalments now.
pub async fn is_kept(db: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM debt.plan p WHERE p.account_id = $1 AND p.state = 'active')",
        [account.0.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// So much of each item as a plan is about.
pub async fn items(db: &impl ConnectionTrait, id: PlanId) -> Result<Vec<(OpenItemId, Money)>> {
    #[derive(FromQueryResult)]
    struct Row {
        open_item_id: i64,
        amount: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT open_item_id, amount FROM debt.plan_item WHERE plan_id = $1 ORDER BY open_item_id",
        [id.0.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (OpenItemId(row.open_item_id), Money::from_tiyn(row.amount))).collect())
}

/// Ends a live plan; false when it is over already.
pub async fn end(tx: &Tx, id: PlanId, state: PlanState, on: NaiveDate) -> Result<bool> {
    move_on(tx, id, PlanState::Active, (state, Some(on))).await
}

/// Moves a plan from one state to another, with the day it was over on; false when it is not in the first one any more.
pub async fn move_on(
    tx: &Tx,
    id: PlanId,
    from: PlanState,
    (to, on): (PlanState, Option<NaiveDate>),
) -> Result<bool> {
    let done = sql::run(
        tx,
        "UPDATE debt.plan SET state = $3, ended_on = $4, changed_at = now() WHERE id = $1 AND state = $2",
        [id.0.into(), from.code().into(), to.code().into(), on.into()],
    )
    .await?;
    if done > 1 {
        return Err(Broken::RecordNotUpdated);
    }
    Ok(done == 1)
}

/// A plan with what its parts are judged by.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Looked {
    #[sea_orm(nested)]
    pub plan: Plan,
    /// Of its items up to the day of each part, by the payer's date, in tiyn.
    pub part_paid: Vec<i64>,
}

impl Looked {
    /// Its parts, each with what was paid of the plan in time for it.
    pub fn judged(&self) -> Vec<(PlanPart, Money)> {
        let paid = self.part_paid.iter().copied().map(Money::from_tiyn);
        self.plan.parts().into_iter().zip(paid).collect()
    }
}

/// Live plans with a part due before the day, or paid to the end; and those that are over on account of money which came or went since:
/// broken ones that something was settled of, done ones of which something is owed. Where a later agreement or a claim took a plan's place
/// it stays over.
pub async fn to_look_at(tx: &Tx, day: NaiveDate) -> Result<Vec<Looked>> {
    sql::all(
        tx,
        &format!(
            "SELECT x.*, ARRAY({}) AS part_paid
             FROM (SELECT {COLUMNS}, p.changed_at FROM debt.plan p WHERE p.state <> 'cancelled') x
             WHERE CASE x.state
                 WHEN 'active' THEN x.paid >= x.amount OR EXISTS (SELECT FROM debt.plan_part t WHERE t.plan_id = x.id AND t.due_on < $1)
                 -- What was being recorded while the plan broke has an earlier moment: a day covers the longest file.
                 WHEN 'broken' THEN EXISTS (
                     SELECT FROM debt.plan_item i
                     JOIN ledger.settlement s ON s.account_id = i.account_id AND s.open_item_id = i.open_item_id
                     WHERE i.plan_id = x.id AND s.recorded_at > x.changed_at - interval '1 day')
                 ELSE x.paid < x.amount END
               AND (x.state = 'active'
                    OR NOT EXISTS (SELECT FROM debt.plan n WHERE n.account_id = x.account_id AND n.id > x.id)
                       AND NOT EXISTS (
                           SELECT FROM debt.plan_item i
                           JOIN ledger.bond b ON b.account_id = i.account_id AND b.open_item_id = i.open_item_id
                           WHERE i.plan_id = x.id))
             ORDER BY x.id",
            paid_in_time()
        ),
        [day.into()],
    )
    .await
}

/// One row per part of plan `x`: what was settled of its items since they came into it, but for what has a later day than the part's. What
/// was taken off an item was never owed, so it is never late.
fn paid_in_time() -> String {
    format!(
        "SELECT (
             SELECT coalesce(sum(greatest(0, i.amount - (o.amount - o.settled) - late.amount)), 0)::bigint
             FROM debt.plan_item i
             JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id
             CROSS JOIN LATERAL (
                 SELECT coalesce(sum(s.amount), 0) AS amount FROM ledger.settlement s
                 WHERE s.account_id = o.account_id AND s.open_item_id = o.id AND CASE s.source
                     {PAYERS_DAY}
                     WHEN 'write_off' THEN s.valid_on
                     WHEN 'transfer' THEN s.valid_on
                     ELSE '-infinity'::date
                 END > t.due_on) late
             WHERE i.plan_id = x.id)
         FROM debt.plan_part t WHERE t.plan_id = x.id ORDER BY t.due_on"
    )
}

/// Newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<PlanState>,
    account: Option<AccountId>,
    page: Page,
) -> Result<Slice<Plan>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.plan p JOIN subscribers.account a ON a.id = p.account_id
             WHERE {} AND ($4::text IS NULL OR p.state = $4) AND ($5::bigint IS NULL OR p.account_id = $5)
               AND ($6::bigint IS NULL OR p.id < $6)
             ORDER BY p.id DESC LIMIT $7",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(|s| s.code().to_owned()).into(),
            account.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
