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
    /// The transaction that did it had begun by then.
    pub decided_at: Option<DateTime<Utc>>,
    pub back_document_id: Option<i64>,
    pub back_reason: Option<String>,
    pub back_asked_by: Option<String>,
    pub back_decided_by: Option<String>,
}

impl Division {
    pub fn plan(&self) -> Result<Plan> {
        serde_json::from_value(self.plan.clone()).map_err(|error| Broken::Json(error.to_string()))
    }
}

const COLUMNS: &str = "d.id, d.state, d.on_day, d.document_id, d.reason, d.plan, d.transfer_id, d.proposed_by, d.proposed_at, \
     d.decided_by, d.decided_at, d.back_document_id, d.back_reason, d.back_asked_by, d.back_decided_by";

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

/// Somebody asks to take it back; who decided about an earlier request is forgotten.
pub async fn ask_back(tx: &Tx, id: DivisionId, document: DocumentId, reason: &str) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.division SET state = 'returning', back_document_id = $2, back_reason = $3, back_asked_by = $4,
             back_asked_at = now(), back_decided_by = NULL, back_decided_at = NULL
         WHERE id = $1 AND state = 'done'",
        [id.0.into(), document.0.into(), reason.into(), tx.actor().label.clone().into()],
    )
    .await
}

/// Taken back, or it stays as it was done.
pub async fn back_decided(tx: &Tx, id: DivisionId, agreed: bool) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.division SET state = CASE WHEN $2 THEN 'returned' ELSE 'done' END, back_decided_by = $3,
             back_decided_at = now()
         WHERE id = $1 AND state = 'returning'",
        [id.0.into(), agreed.into(), tx.actor().label.clone().into()],
    )
    .await
}

/// The moment at which a division ended what its giving account says: since then nothing was recorded of it. None where something
/// was, by whoever came after.
pub async fn ended_at(tx: &Tx, account: AccountId, since: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Row {
        ended: Option<DateTime<Utc>>,
        later: bool,
    }
    let row: Option<Row> = sql::one(
        tx,
        "WITH known AS (
             SELECT recorded FROM subscribers.holder WHERE account_id = $1
             UNION ALL SELECT recorded FROM subscribers.residency WHERE account_id = $1
             UNION ALL SELECT recorded FROM subscribers.account_point WHERE account_id = $1
             UNION ALL SELECT recorded FROM contracts.contract WHERE account_id = $1),
         ended AS (SELECT min(upper(recorded)) AS moment FROM known WHERE upper(recorded) >= $2)
         SELECT ended.moment AS ended,
                EXISTS (SELECT FROM known WHERE lower(recorded) > ended.moment OR upper(recorded) > ended.moment) AS later
         FROM ended",
        [account.0.into(), since.into()],
    )
    .await?;
    Ok(row.filter(|row| !row.later).and_then(|row| row.ended))
}

/// An account with a bill of the month of a day or a later one.
pub async fn billed_since(
    tx: &Tx,
    accounts: &[AccountId],
    day: NaiveDate,
) -> Result<Option<(String, NaiveDate)>> {
    #[derive(FromQueryResult)]
    struct Row {
        number: String,
        period: NaiveDate,
    }
    let row: Option<Row> = sql::one(
        tx,
        "SELECT a.number, b.period FROM billing.bill b JOIN subscribers.account a ON a.id = b.account_id
         WHERE b.account_id = ANY ($1) AND b.period >= date_trunc('month', $2::timestamp)::date AND NOT b.reversed
         ORDER BY b.period, a.number LIMIT 1",
        [accounts.iter().map(|id| id.0).collect::<Vec<_>>().into(), day.into()],
    )
    .await?;
    Ok(row.map(|row| (row.number, row.period)))
}

/// The first month from that of a day on whose run of a sector waits to be issued.
pub async fn run_waiting(tx: &Tx, sector: Sector, day: NaiveDate) -> Result<Option<Period>> {
    let period: Option<Option<NaiveDate>> = sql::scalar(
        tx,
        "SELECT min(period) FROM billing.run
         WHERE sector = $1 AND account_id IS NULL AND state IN ('snapshot', 'running', 'posted')
           AND period >= date_trunc('month', $2::timestamp)::date",
        [sector.code().into(), day.into()],
    )
    .await?;
    Ok(period.flatten().map(Period::of))
}

/// Points that an account took over on a day and still has, without an end, since a division recorded it.
pub async fn taken_over(
    tx: &Tx,
    account: AccountId,
    day: NaiveDate,
    since: DateTime<Utc>,
) -> Result<Vec<PointId>> {
    #[derive(FromQueryResult)]
    struct Row {
        point_id: PointId,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT point_id FROM subscribers.account_point
         WHERE account_id = $1 AND upper_inf(recorded) AND valid = daterange($2, NULL) AND lower(recorded) >= $3 ORDER BY point_id",
        [account.0.into(), day.into(), since.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.point_id).collect())
}

/// Whether an account ever had another point than those that it took over on a day.
pub async fn had_others(tx: &Tx, account: AccountId, points: &[PointId], day: NaiveDate) -> Result<bool> {
    let found = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM subscribers.account_point
                        WHERE account_id = $1 AND NOT (point_id = ANY ($2) AND lower(valid) = $3))",
        [account.0.into(), points.iter().map(|id| id.0).collect::<Vec<_>>().into(), day.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Readings of accounts at points, besides those that they began with: how many count or wait.
pub async fn read_since(tx: &Tx, accounts: &[AccountId], points: &[PointId], day: NaiveDate) -> Result<i64> {
    let count = sql::scalar(
        tx,
        "SELECT count(*) FROM readings.reading
         WHERE account_id = ANY ($1) AND point_id = ANY ($2) AND verdict IN ('accepted', 'doubtful')
           AND (act IS DISTINCT FROM 'initial' OR taken_on <> $3::date - 1)",
        [
            accounts.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            points.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            day.into(),
        ],
    )
    .await?;
    Ok(count.unwrap_or_default())
}
