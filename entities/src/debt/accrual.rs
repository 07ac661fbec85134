//! Accruals of penalty: a month of a sector as one act.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::debt::AccrualState;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, Serialize)]
pub struct Accrual {
    pub id: i64,
    pub month: NaiveDate,
    pub sector: String,
    pub up_to: NaiveDate,
    pub known_at: DateTime<Utc>,
    pub state: String,
    pub touched_since: NaiveDate,
    pub period: Option<NaiveDate>,
    pub accounts: i64,
    pub items: i64,
    pub added: i64,
    pub taken_back: i64,
    pub done: i64,
    pub error: Option<String>,
    pub started_by: String,
    pub started_at: DateTime<Utc>,
    pub posted_by: Option<String>,
    pub posted_at: Option<DateTime<Utc>>,
    pub reversed_by: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, month, sector, up_to, known_at, state, touched_since, period, accounts, items, added, taken_back, done, \
     error, started_by, started_at, posted_by, posted_at, reversed_by, reversed_at";

impl Accrual {
    pub fn accrual_id(&self) -> AccrualId {
        AccrualId(self.id)
    }

    pub fn month(&self) -> Period {
        Period::of(self.month)
    }

    pub fn sector(&self) -> Sector {
        Sector::from_code(&self.sector).unwrap_or(Sector::Multi)
    }

    pub fn state(&self) -> AccrualState {
        AccrualState::from_code(&self.state).unwrap_or(AccrualState::Dropped)
    }
}

/// What an accrual came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    pub accounts: i64,
    pub items: i64,
    pub added: Money,
    pub taken_back: Money,
}

pub async fn find(db: &impl ConnectionTrait, id: AccrualId) -> Result<Option<Accrual>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM debt.accrual WHERE id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: AccrualId) -> Result<Option<Accrual>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM debt.accrual WHERE id = $1 FOR UPDATE"), [id.0.into()]).await
}

/// The one of the sector that is at work or waits to be posted.
pub async fn at_work(db: &impl ConnectionTrait, sector: Sector) -> Result<Option<Accrual>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.accrual
             WHERE sector = $1 AND state IN ('reckoning', 'ready', 'posting', 'reversing')"
        ),
        [sector.code().into()],
    )
    .await
}

/// The last day that a posted accrual of the sector reaches.
pub async fn reached(db: &impl ConnectionTrait, sector: Sector) -> Result<Option<NaiveDate>> {
    let day: Option<Option<NaiveDate>> = sql::scalar(
        db,
        "SELECT max(up_to) FROM debt.accrual WHERE sector = $1 AND state = 'posted'",
        [sector.code().into()],
    )
    .await?;
    Ok(day.flatten())
}

/// From which month on settlements matter for items that are settled: that of the accrual before, when it stands and nothing of the
/// rates and moratoria was recorded after its look; else all of time.
pub async fn touched_since(db: &impl ConnectionTrait, sector: Sector) -> Result<NaiveDate> {
    let month: Option<Option<NaiveDate>> = sql::scalar(
        db,
        "SELECT CASE WHEN l.state = 'posted'
                 AND NOT EXISTS (SELECT FROM debt.moratorium m WHERE m.recorded_at > l.known_at OR m.withdrawn_at > l.known_at)
                 AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code LIKE 'debt.%' AND s.confirmed_at > l.known_at)
                THEN least(l.period, l.month) END
         FROM debt.accrual l WHERE l.sector = $1 AND l.state IN ('posted', 'reversed')
         ORDER BY coalesce(l.reversed_at, l.posted_at) DESC LIMIT 1",
        [sector.code().into()],
    )
    .await?;
    Ok(month.flatten().unwrap_or(NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day")))
}

pub async fn create(
    tx: &Tx,
    month: Period,
    sector: Sector,
    up_to: NaiveDate,
    known_at: DateTime<Utc>,
    touched_since: NaiveDate,
) -> Result<Accrual> {
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO debt.accrual (month, sector, up_to, known_at, state, touched_since, started_by)
             VALUES ($1, $2, $3, $4, 'reckoning', $5, $6) RETURNING {COLUMNS}"
        ),
        [
            month.first_day().into(),
            sector.code().into(),
            up_to.into(),
            known_at.into(),
            touched_since.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(Broken::RecordNotInserted)
}

/// Moves an accrual on; who did it and when goes with the states that a person brings about.
pub async fn set_state(tx: &Tx, id: AccrualId, state: AccrualState) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.accrual SET state = $2, error = NULL, done = CASE WHEN $2 IN ('posting', 'reversing') THEN 0 ELSE done END,
             posted_by = CASE WHEN $2 = 'posting' THEN $3 ELSE posted_by END,
             posted_at = CASE WHEN $2 = 'posted' THEN now() ELSE posted_at END,
             reversed_by = CASE WHEN $2 = 'reversing' THEN $3 ELSE reversed_by END,
             reversed_at = CASE WHEN $2 = 'reversed' THEN now() ELSE reversed_at END
         WHERE id = $1",
        [id.0.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await
    .map(drop)
}

pub async fn cite(tx: &Tx, id: AccrualId, document: DocumentId) -> Result<()> {
    sql::run(tx, "UPDATE debt.accrual SET document_id = $2 WHERE id = $1", [id.0.into(), document.0.into()])
        .await
        .map(drop)
}

pub async fn fail(db: &impl ConnectionTrait, id: AccrualId, error: &str) -> Result<()> {
    sql::run(db, "UPDATE debt.accrual SET error = $2 WHERE id = $1", [id.0.into(), error.into()])
        .await
        .map(drop)
}

/// Keeps what was reckoned.
pub async fn ready(tx: &Tx, id: AccrualId, sums: &Sums) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.accrual SET state = 'ready', accounts = $2, items = $3, added = $4, taken_back = $5 WHERE id = $1",
        [
            id.0.into(),
            sums.accounts.into(),
            sums.items.into(),
            sums.added.tiyn().into(),
            sums.taken_back.tiyn().into(),
        ],
    )
    .await
    .map(drop)
}

/// What stands in the books of it, and the month it is posted in.
pub async fn posted(tx: &Tx, id: AccrualId) -> Result<Accrual> {
    let row = sql::one(
        tx,
        &format!(
            "UPDATE debt.accrual a SET state = 'posted', posted_at = now(), accounts = p.accounts, items = p.items,
                 added = p.added, taken_back = p.taken_back, period = coalesce(p.period, a.month)
             FROM (SELECT count(DISTINCT account_id) AS accounts, count(DISTINCT open_item_id) AS items,
                          coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint AS added,
                          coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint AS taken_back, max(period) AS period
                   FROM debt.penalty WHERE accrual_id = $1) p
             WHERE a.id = $1 RETURNING {}",
            COLUMNS.split(", ").map(|name| format!("a.{}", name.trim())).collect::<Vec<_>>().join(", ")
        ),
        [id.0.into()],
    )
    .await?;
    row.ok_or(Broken::RecordNotUpdated)
}

pub async fn advance(db: &impl ConnectionTrait, id: AccrualId, done: i64) -> Result<()> {
    sql::run(db, "UPDATE debt.accrual SET done = $2 WHERE id = $1", [id.0.into(), done.into()])
        .await
        .map(drop)
}

/// Newest first, of the sectors that the caller sees.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    sector: Option<Sector>,
    page: Page,
) -> Result<Slice<Accrual>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.accrual
             WHERE ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::text IS NULL OR sector = $2)
               AND ($3::bigint IS NULL OR id < $3)
             ORDER BY id DESC LIMIT $4"
        ),
        [
            ScopeArgs::from(scope).sectors.into(),
            sector.map(|s| s.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
