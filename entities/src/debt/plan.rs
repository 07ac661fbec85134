//! Instalment plans.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::debt::{PlanPart, PlanState};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

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

/// Ends a live plan; false when it is over already.
pub async fn end(tx: &Tx, id: PlanId, state: PlanState, on: NaiveDate) -> Result<bool> {
    let done = sql::run(
        tx,
        "UPDATE debt.plan SET state = $2, ended_on = $3, changed_at = now() WHERE id = $1 AND state = 'active'",
        [id.0.into(), state.code().into(), on.into()],
    )
    .await?;
    if done > 1 {
        return Err(Broken::RecordNotUpdated);
    }
    Ok(done == 1)
}

/// Live plans with a part due before the day, or paid to the end.
pub async fn to_look_at(tx: &Tx, day: NaiveDate) -> Result<Vec<Plan>> {
    sql::all(
        tx,
        &format!(
            "SELECT * FROM (SELECT {COLUMNS} FROM debt.plan p WHERE p.state = 'active') x
             WHERE x.paid >= x.amount OR EXISTS (SELECT FROM debt.plan_part t WHERE t.plan_id = x.id AND t.due_on < $1)
             ORDER BY x.id"
        ),
        [day.into()],
    )
    .await
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
