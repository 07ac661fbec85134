//! Batches, their rows and what they change.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::amendments::{AmendmentAct, AmendmentFact, AmendmentOutcome, AmendmentState, BillStage};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value as Json, json};

use crate::kernel::{Broken, Db, Page, Result, ScopeArgs, Slice, Tx, sql};

/// A batch. Sums are in tiyn, `owed_less` as a positive one.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Batch {
    pub id: i64,
    pub state: AmendmentState,
    pub document_id: i64,
    pub reason: String,
    pub rows: i64,
    pub ready: i64,
    pub refused: i64,
    pub accounts: i64,
    pub issued: i64,
    pub in_run: i64,
    pub ahead: i64,
    pub entries: i64,
    pub messages: i64,
    pub owed_more: i64,
    pub owed_less: i64,
    pub paid_back: i64,
    pub hash: Option<String>,
    pub staff: i64,
    pub second: Vec<String>,
    pub job_id: Option<i64>,
    pub error: Option<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub previewed_at: Option<DateTime<Utc>>,
    pub asked_by: Option<String>,
    pub confirmed_by: Option<String>,
    pub applied_at: Option<DateTime<Utc>>,
    pub correction_id: Option<i64>,
    pub reversed_by: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, state, document_id, reason, rows, ready, refused, accounts, issued, in_run, ahead, entries, messages, \
     owed_more, owed_less, paid_back, hash, staff, second, job_id, error, created_by, created_at, previewed_at, asked_by, \
     confirmed_by, applied_at, correction_id, reversed_by, reversed_at";

impl Batch {
    pub fn amendment_id(&self) -> AmendmentId {
        AmendmentId(self.id)
    }
}

pub async fn find(db: &impl ConnectionTrait, id: AmendmentId) -> Result<Option<Batch>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM amendments.batch WHERE id = $1"), [id.0.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Batch>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM amendments.batch WHERE id = ANY ($1)"), [ids.into()]).await
}

/// Locks the batch until the end of the transaction.
pub async fn lock(tx: &Tx, id: AmendmentId) -> Result<Option<Batch>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM amendments.batch WHERE id = $1 FOR UPDATE"), [id.0.into()])
        .await
}

/// The condition that a reader reaches every account of the batch `b`, and every house where there is no account: sums of a part would
/// be nobody's.
const REACHED: &str = "($1::text[] IS NULL AND $2::bigint[] IS NULL AND $3::bigint[] IS NULL OR NOT EXISTS (
    SELECT FROM amendments.row r
    LEFT JOIN subscribers.account a ON a.id = r.account_id
    LEFT JOIN premises.point o ON a.id IS NULL AND o.id = r.point_id
    LEFT JOIN premises.building h ON h.id = o.building_id
    WHERE r.batch_id = b.id AND NOT CASE
        WHEN a.id IS NOT NULL THEN ($1::text[] IS NULL OR a.sector = ANY ($1))
          AND ($2::bigint[] IS NULL OR a.district_id = ANY ($2)) AND ($3::bigint[] IS NULL OR a.id = ANY ($3))
        WHEN h.id IS NOT NULL THEN ($2::bigint[] IS NULL OR h.district_id = ANY ($2)) AND $3::bigint[] IS NULL
        ELSE true END))";

/// A batch whose accounts the reader all reaches.
pub async fn visible_to(db: &impl ConnectionTrait, scope: &Scope, id: AmendmentId) -> Result<Option<Batch>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM amendments.batch b WHERE {REACHED} AND b.id = $4"),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// Newest first.
pub async fn list(db: &Db, scope: &Scope, state: Option<AmendmentState>, page: Page) -> Result<Slice<Batch>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM amendments.batch b
             WHERE ($4::text IS NULL OR state = $4) AND ($5::bigint IS NULL OR id < $5) AND {REACHED}
             ORDER BY id DESC LIMIT $6"
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(|s| s.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn create(tx: &Tx, document: DocumentId, reason: &str) -> Result<AmendmentId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO amendments.batch (state, document_id, reason, created_by) VALUES ('reckoning', $1, $2, $3) RETURNING id",
        [document.0.into(), reason.into(), tx.actor().label.clone().into()],
    )
    .await?;
    id.map(AmendmentId).ok_or(Broken::RecordNotInserted)
}

/// A row as it is wished for.
#[derive(Debug, Clone)]
pub struct NewRow {
    pub act: AmendmentAct,
    pub fact: AmendmentFact,
    /// What is removed.
    pub fact_id: Option<i64>,
    /// Of a change: the account as it was named, the new value, since when, which meter.
    pub number: Option<String>,
    pub value: Option<String>,
    pub day: Option<NaiveDate>,
    pub serial: Option<String>,
}

/// Keeps the rows in their order; accounts that are named are found within the caller's scope.
pub async fn add_rows(tx: &Tx, id: AmendmentId, rows: &[NewRow]) -> Result<()> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    let wished: Vec<Json> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            json!({ "n": at + 1, "act": row.act.code(), "fact": row.fact.code(), "fact_id": row.fact_id, "number": row.number,
                "value": row.value, "day": row.day, "serial": row.serial })
        })
        .collect();
    sql::run(
        tx,
        &format!(
            "INSERT INTO amendments.row (batch_id, n, act, fact, account_id, number, serial, fact_id, value, day)
             SELECT $4, w.n, w.act, w.fact, a.id, w.number, w.serial, w.fact_id, w.value, w.day
             FROM jsonb_to_recordset($5::jsonb) AS w (n int, act text, fact text, fact_id bigint, number text, value text, day date,
                 serial text)
             LEFT JOIN subscribers.old_number o ON o.number = w.number
             LEFT JOIN subscribers.account a ON {} AND (a.number = w.number OR a.id = o.account_id)",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into(), Json::Array(wished).into()],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE amendments.batch SET rows = $2 WHERE id = $1",
        [id.0.into(), (rows.len() as i64).into()],
    )
    .await
    .map(drop)
}

pub async fn set_job(tx: &Tx, id: AmendmentId, job: JobId) -> Result<u64> {
    sql::run(tx, "UPDATE amendments.batch SET job_id = $2 WHERE id = $1", [id.0.into(), job.0.into()]).await
}

/// Moves the batch on; `false` when it is not in one of the states `from` any more.
pub async fn move_on(tx: &Tx, id: AmendmentId, from: &[AmendmentState], to: AmendmentState) -> Result<bool> {
    let from: Vec<String> = from.iter().map(|state| state.code().to_owned()).collect();
    let moved = sql::run(
        tx,
        "UPDATE amendments.batch SET state = $3, error = NULL WHERE id = $1 AND state = ANY ($2)",
        [id.0.into(), from.into(), to.code().into()],
    )
    .await?;
    Ok(moved == 1)
}

/// Who sent it to be saved, on which business day; with the reasons for a second person, who then decides.
pub async fn asked(tx: &Tx, id: AmendmentId, today: NaiveDate, second: &[&str]) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE amendments.batch SET asked_by = $2, asked_on = $3, second = $4 WHERE id = $1",
        [
            id.0.into(),
            tx.actor().label.clone().into(),
            today.into(),
            second.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

pub async fn confirmed(tx: &Tx, id: AmendmentId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE amendments.batch SET confirmed_by = $2 WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into()],
    )
    .await
}

/// A row of a batch.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    pub batch_id: i64,
    pub n: i32,
    pub act: AmendmentAct,
    pub fact: AmendmentFact,
    pub account_id: Option<i64>,
    pub number: Option<String>,
    pub serial: Option<String>,
    pub fact_id: Option<i64>,
    pub point_id: Option<i64>,
    pub value: Option<String>,
    pub day: Option<NaiveDate>,
    pub outcome: AmendmentOutcome,
    pub refusal: Option<String>,
    pub was: Option<String>,
    pub made_id: Option<i64>,
    pub before: Option<Json>,
}

const ROW: &str = "batch_id, n, act, fact, account_id, number, serial, fact_id, point_id, value, day, outcome, refusal, was, made_id, before";

/// All rows, in their order.
pub async fn rows(db: &impl ConnectionTrait, id: AmendmentId) -> Result<Vec<Row>> {
    sql::all(db, &format!("SELECT {ROW} FROM amendments.row WHERE batch_id = $1 ORDER BY n"), [id.0.into()])
        .await
}

/// A page of them.
pub async fn page(
    db: &Db,
    id: AmendmentId,
    outcome: Option<AmendmentOutcome>,
    page: Page,
) -> Result<Slice<Row>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {ROW} FROM amendments.row
             WHERE batch_id = $1 AND ($2::text IS NULL OR outcome = $2) AND ($3::bigint IS NULL OR n > $3) ORDER BY n LIMIT $4"
        ),
        [
            id.0.into(),
            outcome.map(|o| o.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Keeps what became of the rows.
pub async fn write_rows(tx: &Tx, id: AmendmentId, rows: &[Row]) -> Result<u64> {
    let rows: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({ "n": row.n, "account_id": row.account_id, "fact_id": row.fact_id, "point_id": row.point_id, "day": row.day,
                "outcome": row.outcome.code(), "refusal": row.refusal, "was": row.was, "made_id": row.made_id, "before": row.before })
        })
        .collect();
    sql::run(
        tx,
        "UPDATE amendments.row r SET account_id = w.account_id, fact_id = w.fact_id, point_id = w.point_id, day = w.day,
             outcome = w.outcome, refusal = w.refusal, was = w.was, made_id = w.made_id, before = w.before
         FROM jsonb_to_recordset($2::jsonb) AS w (n int, account_id bigint, fact_id bigint, point_id bigint, day date, outcome text,
             refusal text, was text, made_id bigint, before jsonb)
         WHERE r.batch_id = $1 AND r.n = w.n",
        [id.0.into(), Json::Array(rows).into()],
    )
    .await
}

/// What changes for an account in a month: its bill, or with no stage what was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub account: AccountId,
    pub period: Period,
    pub stage: Option<BillStage>,
    pub before: Money,
    pub after: Money,
}

impl Effect {
    /// What is owed more by it.
    pub fn owed(&self) -> Money {
        match self.stage {
            Some(_) => self.after - self.before,
            None => self.before - self.after,
        }
    }
}

/// What a batch comes to, besides its rows.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    pub ready: i64,
    pub refused: i64,
    pub accounts: i64,
    pub issued: i64,
    pub in_run: i64,
    pub ahead: i64,
    pub entries: i64,
    pub messages: i64,
    pub owed_more: Money,
    pub owed_less: Money,
    pub paid_back: Money,
    pub staff: i64,
    pub hash: String,
}

/// Keeps effects and sums: the preview is done.
pub async fn finish_preview(tx: &Tx, id: AmendmentId, effects: &[Effect], sums: &Sums) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO amendments.effect (batch_id, account_id, period, stage, before, after)
         SELECT $1, * FROM unnest($2::bigint[], $3::date[], $4::text[], $5::bigint[], $6::bigint[])",
        [
            id.0.into(),
            effects.iter().map(|e| e.account.0).collect::<Vec<_>>().into(),
            effects.iter().map(|e| e.period.first_day()).collect::<Vec<_>>().into(),
            effects
                .iter()
                .map(|e| e.stage.map_or("paid", BillStage::code).to_owned())
                .collect::<Vec<_>>()
                .into(),
            effects.iter().map(|e| e.before.tiyn()).collect::<Vec<_>>().into(),
            effects.iter().map(|e| e.after.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE amendments.batch SET state = 'previewed', previewed_at = clock_timestamp(), error = NULL, ready = $2, refused = $3,
             accounts = $4, issued = $5, in_run = $6, ahead = $7, entries = $8, messages = $9, owed_more = $10, owed_less = $11,
             paid_back = $12, staff = $13, hash = $14
         WHERE id = $1 AND state = 'reckoning'",
        [
            id.0.into(),
            sums.ready.into(),
            sums.refused.into(),
            sums.accounts.into(),
            sums.issued.into(),
            sums.in_run.into(),
            sums.ahead.into(),
            sums.entries.into(),
            sums.messages.into(),
            sums.owed_more.tiyn().into(),
            sums.owed_less.tiyn().into(),
            sums.paid_back.tiyn().into(),
            sums.staff.into(),
            sums.hash.clone().into(),
        ],
    )
    .await
}

/// Everything of it was recorded at the moment.
pub async fn finish_applying(
    tx: &Tx,
    id: AmendmentId,
    at: DateTime<Utc>,
    correction: Option<CorrectionId>,
) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE amendments.batch SET state = 'applied', applied_at = $2, correction_id = $3, error = NULL
         WHERE id = $1 AND state = 'applying'",
        [id.0.into(), at.into(), correction.map(|c| c.0).into()],
    )
    .await
}

pub async fn begin_reversal(tx: &Tx, id: AmendmentId, document: DocumentId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE amendments.batch SET reversed_by = $2, reversal_document_id = $3 WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await
}

pub async fn finish_reversal(tx: &Tx, id: AmendmentId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE amendments.batch SET state = 'reversed', reversed_at = clock_timestamp(), error = NULL
         WHERE id = $1 AND state = 'reversing'",
        [id.0.into()],
    )
    .await
}

/// Why the work stands still, and the state that it goes back to.
pub async fn show_error(
    db: &impl ConnectionTrait,
    id: AmendmentId,
    error: &str,
    back: Option<AmendmentState>,
) -> Result<u64> {
    sql::run(
        db,
        "UPDATE amendments.batch SET error = $2, state = coalesce($3, state) WHERE id = $1",
        [id.0.into(), error.into(), back.map(|state| state.code().to_owned()).into()],
    )
    .await
}

/// What changes for accounts, the largest change first.
#[derive(Debug, Clone, FromQueryResult)]
pub struct EffectRow {
    pub batch_id: i64,
    pub account_id: i64,
    pub period: NaiveDate,
    pub stage: String,
    pub before: i64,
    pub after: i64,
    pub size: i64,
}

/// The key is (size of the change, account, month).
pub async fn effects(
    db: &Db,
    id: AmendmentId,
    page: Page<(i64, i64, NaiveDate)>,
) -> Result<Slice<EffectRow>> {
    let (size, account, month) = match page.after {
        Some((size, account, month)) => (Some(size), Some(account), Some(month)),
        None => (None, None, None),
    };
    let rows = sql::all(
        db,
        "SELECT batch_id, account_id, period, stage, before, after, abs(after - before) AS size FROM amendments.effect
         WHERE batch_id = $1 AND ($2::bigint IS NULL OR (-abs(after - before), account_id, period) > (-$2, $3, $4))
         ORDER BY -abs(after - before), account_id, period, stage LIMIT $5",
        [id.0.into(), size.into(), account.into(), month.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A sum of a batch by district and sector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Total {
    pub district_id: i64,
    pub sector: String,
    pub accounts: i64,
    pub bills: i64,
    pub owed_more: i64,
    pub owed_less: i64,
}

pub async fn totals(db: &Db, id: AmendmentId) -> Result<Vec<Total>> {
    sql::all(
        db,
        "SELECT a.district_id, a.sector, count(DISTINCT e.account_id) AS accounts,
                count(*) FILTER (WHERE e.stage <> 'paid') AS bills,
                coalesce(sum(e.owed) FILTER (WHERE e.owed > 0), 0)::bigint AS owed_more,
                coalesce(-sum(e.owed) FILTER (WHERE e.owed < 0), 0)::bigint AS owed_less
         FROM (SELECT account_id, stage, CASE stage WHEN 'paid' THEN before - after ELSE after - before END AS owed
               FROM amendments.effect WHERE batch_id = $1) e
         JOIN subscribers.account a ON a.id = e.account_id
         GROUP BY 1, 2 ORDER BY 1, 2",
        [id.0.into()],
    )
    .await
}
