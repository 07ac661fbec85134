//! Accounts that are divided or joined.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::billing::DivisionState;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

/// An account that gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Giver {
    pub account: AccountId,
    /// The version that was seen.
    pub version: i32,
    /// Closing readings, in litres.
    pub readings: Vec<(PointId, i64)>,
    pub unread: bool,
}

/// An account that takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taker {
    pub account: AccountId,
    pub numerator: u32,
    pub denominator: u32,
    pub points: Vec<PointId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub from: Vec<Giver>,
    pub to: Vec<Taker>,
    /// Readings that stand out were looked at.
    pub seen: bool,
}

impl Plan {
    pub fn accounts(&self) -> Vec<AccountId> {
        self.from.iter().map(|one| one.account).chain(self.to.iter().map(|one| one.account)).collect()
    }
}

#[derive(Debug, Clone, FromQueryResult, Serialize)]
pub struct Division {
    pub id: i64,
    pub state: DivisionState,
    pub on_day: NaiveDate,
    pub document_id: i64,
    pub reason: String,
    pub plan: serde_json::Value,
    pub transfer_id: Option<i64>,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
}

impl Division {
    pub fn plan(&self) -> Result<Plan> {
        serde_json::from_value(self.plan.clone()).map_err(|error| Broken::Json(error.to_string()))
    }
}

const COLUMNS: &str = "d.id, d.state, d.on_day, d.document_id, d.reason, d.plan, d.transfer_id, d.proposed_by, d.proposed_at, d.decided_by";

pub async fn find(db: &impl ConnectionTrait, id: DivisionId) -> Result<Option<Division>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM billing.division d WHERE d.id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: DivisionId) -> Result<Option<Division>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM billing.division d WHERE d.id = $1 FOR UPDATE"),
        [id.0.into()],
    )
    .await
}

/// Those whose accounts are all in the scope, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<DivisionState>,
    page: Page,
) -> Result<Slice<Division>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.division d
             WHERE ($4::text IS NULL OR d.state = $4) AND ($5::bigint IS NULL OR d.id < $5)
               AND NOT EXISTS (
                   SELECT FROM jsonb_path_query(d.plan, '$.*[*].account') x
                   JOIN subscribers.account a ON a.id = x::bigint WHERE NOT ({}))
             ORDER BY d.id DESC LIMIT $6",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(DivisionState::code).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn propose(
    tx: &Tx,
    day: NaiveDate,
    document: DocumentId,
    reason: &str,
    plan: &Plan,
) -> Result<DivisionId> {
    let plan = serde_json::to_value(plan).map_err(|error| Broken::Json(error.to_string()))?;
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO billing.division (on_day, document_id, reason, plan, proposed_by) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        [day.into(), document.0.into(), reason.into(), plan.into(), tx.actor().label.clone().into()],
    )
    .await?;
    id.map(DivisionId).ok_or(Broken::RecordNotInserted)
}

pub async fn decided(tx: &Tx, id: DivisionId, state: DivisionState, transfer: Option<i64>) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.division SET state = $2, transfer_id = $3, decided_by = $4, decided_at = now() WHERE id = $1",
        [id.0.into(), state.code().into(), transfer.into(), tx.actor().label.clone().into()],
    )
    .await
}
