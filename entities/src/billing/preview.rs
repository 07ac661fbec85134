//! Previews of a run: a few rows each, kept so that they can be opened again.

use chrono::{DateTime, NaiveDate, Utc};
use domain::billing::{ChangeCause, Preview, RunPreviewExceptionKind, Sum};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use super::run::Run;
use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

/// One preview. Sums are in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RunPreview {
    pub id: i64,
    pub period: NaiveDate,
    pub sector: String,
    pub status: String,
    pub known_at: DateTime<Utc>,
    pub accounts: i64,
    pub accounts_done: i64,
    pub billed: i64,
    pub excused: i64,
    pub failures: i64,
    pub lines: i64,
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    pub hash: Option<String>,
    pub previous_run_id: Option<i64>,
    pub job_id: Option<i64>,
    pub error: Option<String>,
    pub created_by: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, period, sector, status, known_at, accounts, accounts_done, billed, excused, failures, lines, net, vat, \
     gross, hash, previous_run_id, job_id, error, created_by, started_at, finished_at";

impl RunPreview {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }

    pub fn sector(&self) -> Sector {
        Sector::from_code(&self.sector).unwrap_or(Sector::Multi)
    }

    pub fn preview_id(&self) -> RunPreviewId {
        RunPreviewId(self.id)
    }
}

/// A total by service or basis (`by`) beside that of the month before.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Total {
    pub preview_id: i64,
    pub by: String,
    pub code: String,
    pub accounts: i64,
    pub lines: i64,
    pub liters: i64,
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    pub previous_liters: Option<i64>,
    pub previous_gross: Option<i64>,
}

/// Something that stands out: a code with the arguments of its message.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Exception {
    pub preview_id: i64,
    pub kind: String,
    pub code: String,
    pub args: Json,
    pub accounts: i64,
    pub sample: Vec<i64>,
}

/// An account with both its sums.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ChangeRow {
    pub preview_id: i64,
    pub account_id: i64,
    pub gross: i64,
    pub previous: i64,
    pub causes: Vec<String>,
}

pub async fn find(db: &impl ConnectionTrait, id: RunPreviewId) -> Result<Option<RunPreview>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM billing.run_preview WHERE id = $1"), [id.0.into()]).await
}

/// Newest first; `sectors` limits what the reader may see.
pub async fn list(
    db: &Db,
    sectors: Option<Vec<String>>,
    period: Option<Period>,
    sector: Option<Sector>,
    page: Page,
) -> Result<Slice<RunPreview>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.run_preview
             WHERE ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::date IS NULL OR period = $2)
               AND ($3::text IS NULL OR sector = $3) AND ($4::bigint IS NULL OR id < $4)
             ORDER BY id DESC LIMIT $5"
        ),
        [
            sectors.into(),
            period.map(|p| p.first_day()).into(),
            sector.map(|s| s.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A new preview, or the one of the month that is still at work.
pub async fn create_or_join(
    tx: &Tx,
    period: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    accounts: i64,
) -> Result<RunPreview> {
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO billing.run_preview (period, sector, status, known_at, accounts, created_by)
             VALUES ($1, $2, 'queued', $3, $4, $5)
             ON CONFLICT (period, sector) WHERE status IN ('queued', 'running') DO UPDATE SET sector = excluded.sector
             RETURNING {COLUMNS}"
        ),
        [
            period.first_day().into(),
            sector.code().into(),
            known_at.into(),
            accounts.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(sea_orm::DbErr::RecordNotInserted)
}

pub async fn set_job(tx: &Tx, id: RunPreviewId, job: JobId) -> Result<u64> {
    sql::run(tx, "UPDATE billing.run_preview SET job_id = $2 WHERE id = $1", [id.0.into(), job.0.into()])
        .await
}

/// At work from now on; `previous` is the run it is compared with.
pub async fn begin(db: &impl ConnectionTrait, id: RunPreviewId, previous: Option<RunId>) -> Result<u64> {
    sql::run(
        db,
        "UPDATE billing.run_preview SET status = 'running', error = NULL, accounts_done = 0, previous_run_id = $2 WHERE id = $1",
        [id.0.into(), previous.map(|run| run.0).into()],
    )
    .await
}

pub async fn advance(db: &impl ConnectionTrait, id: RunPreviewId, done: i64) -> Result<u64> {
    sql::run(
        db,
        "UPDATE billing.run_preview SET accounts_done = $2 WHERE id = $1 AND status = 'running'",
        [id.0.into(), done.into()],
    )
    .await
}

/// Ends an attempt without a result: `failed` with the error, or `cancelled`.
pub async fn give_up(
    db: &impl ConnectionTrait,
    id: RunPreviewId,
    status: &str,
    error: Option<&str>,
) -> Result<u64> {
    sql::run(
        db,
        "UPDATE billing.run_preview SET status = $2, error = $3, finished_at = clock_timestamp() WHERE id = $1",
        [id.0.into(), status.into(), error.map(str::to_owned).into()],
    )
    .await
}

/// Litres and gross of the run of the month before.
#[derive(Debug, FromQueryResult)]
struct Before {
    by: String,
    code: String,
    liters: i64,
    gross: i64,
}

/// Sums of a run by service and by basis, in one pass over its lines.
async fn before(tx: &Tx, run: &Run) -> Result<Vec<Before>> {
    sql::all(
        tx,
        "SELECT CASE WHEN GROUPING(service) = 0 THEN 'service' ELSE 'basis' END AS by, coalesce(service, basis) AS code,
                sum(liters)::bigint AS liters, sum(gross)::bigint AS gross
         FROM billing.charge_line WHERE run_id = $1 AND period = $2 GROUP BY GROUPING SETS ((service), (basis))",
        [run.id.into(), run.period.into()],
    )
    .await
}

/// Keeps the result: one transaction of a few rows.
pub async fn finish(
    tx: &Tx,
    id: RunPreviewId,
    result: &Preview,
    previous: Option<&Run>,
    exceptions: Vec<Exception>,
    changes: Vec<ChangeRow>,
) -> Result<RunPreview> {
    let before = match previous {
        Some(run) => before(tx, run).await?,
        None => Vec::new(),
    };
    write_totals(tx, id, result, previous.is_some(), &before).await?;
    for (number, row) in exceptions.into_iter().enumerate() {
        sql::run(
            tx,
            "INSERT INTO billing.run_preview_exception (preview_id, number, kind, code, args, accounts, sample)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                id.0.into(),
                (number as i32 + 1).into(),
                row.kind.into(),
                row.code.into(),
                row.args.into(),
                row.accounts.into(),
                row.sample.into(),
            ],
        )
        .await?;
    }
    for (number, row) in changes.into_iter().enumerate() {
        sql::run(
            tx,
            "INSERT INTO billing.run_preview_change (preview_id, number, account_id, gross, previous, causes)
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                id.0.into(),
                (number as i32 + 1).into(),
                row.account_id.into(),
                row.gross.into(),
                row.previous.into(),
                row.causes.into(),
            ],
        )
        .await?;
    }
    let all = &result.all;
    let done = sql::one(
        tx,
        &format!(
            "UPDATE billing.run_preview SET status = 'done', finished_at = clock_timestamp(), accounts = $2, accounts_done = $2,
                 billed = $3, excused = $4, failures = $5, lines = $6, net = $7, vat = $8, gross = $9, hash = $10
             WHERE id = $1 AND status = 'running' RETURNING {COLUMNS}"
        ),
        [
            id.0.into(),
            result.accounts.into(),
            result.billed.into(),
            result.excused.into(),
            result.failures.into(),
            all.lines.into(),
            all.net.tiyn().into(),
            all.vat.tiyn().into(),
            all.gross.tiyn().into(),
            format!("{:032x}", result.hash).into(),
        ],
    )
    .await?;
    done.ok_or(sea_orm::DbErr::RecordNotUpdated)
}

/// A code that only the month before had is a total of nothing now.
async fn write_totals(
    tx: &Tx,
    id: RunPreviewId,
    result: &Preview,
    compared: bool,
    before: &[Before],
) -> Result<()> {
    let services = result.by_service.iter().map(|(code, sum)| ("service", code.code(), *sum));
    let bases = result.by_basis.iter().map(|(code, sum)| ("basis", code.code(), *sum));
    let mut rows: Vec<(&str, &str, Sum)> = services.chain(bases).collect();
    let gone =
        before.iter().filter(|old| !rows.iter().any(|(by, code, _)| *by == old.by && *code == old.code));
    let gone: Vec<_> = gone.map(|old| (old.by.as_str(), old.code.as_str(), Sum::default())).collect();
    rows.extend(gone);
    for (by, code, sum) in rows {
        let old = before.iter().find(|old| old.by == by && old.code == code);
        let previous = |of: fn(&Before) -> i64| compared.then(|| old.map_or(0, of));
        sql::run(
            tx,
            "INSERT INTO billing.run_preview_total (preview_id, by, code, accounts, lines, liters, net, vat, gross,
                 previous_liters, previous_gross)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            [
                id.0.into(),
                by.into(),
                code.into(),
                sum.accounts.into(),
                sum.lines.into(),
                sum.volume.liters().into(),
                sum.net.tiyn().into(),
                sum.vat.tiyn().into(),
                sum.gross.tiyn().into(),
                previous(|old| old.liters).into(),
                previous(|old| old.gross).into(),
            ],
        )
        .await?;
    }
    Ok(())
}

/// Accounts that the run before billed and that are not in this month any more, the largest charges first.
pub async fn left(db: &impl ConnectionTrait, previous: &Run, limit: i64) -> Result<Vec<(AccountId, Money)>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        charged: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT b.account_id, b.charged FROM billing.bill b JOIN subscribers.account a ON a.id = b.account_id
         WHERE b.period = $1 AND b.run_id = $2 AND a.closed_on <= ($1::date + interval '1 month') AND b.charged <> 0
         ORDER BY b.charged DESC, b.account_id LIMIT $3",
        [previous.period.into(), previous.id.into(), limit.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), Money::from_tiyn(row.charged))).collect())
}

/// Accounts of the month with a doubtful reading that nobody decided: how many, and the first of them.
pub async fn undecided(
    db: &impl ConnectionTrait,
    period: Period,
    sector: Sector,
) -> Result<Option<(i64, Vec<i64>)>> {
    #[derive(FromQueryResult)]
    struct Row {
        accounts: i64,
        sample: Vec<i64>,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT count(*) AS accounts, coalesce((array_agg(x.id ORDER BY x.id))[1:20], '{}') AS sample
         FROM (SELECT DISTINCT a.id FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
               WHERE r.period = $1 AND a.sector = $2 AND r.verdict = 'doubtful') x",
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(row.filter(|row| row.accounts > 0).map(|row| (row.accounts, row.sample)))
}

/// Totals, exceptions and changes of many previews, each in the order it was kept.
pub async fn parts(db: &Db, ids: &[i64]) -> Result<(Vec<Total>, Vec<Exception>, Vec<ChangeRow>)> {
    let ids = || [ids.to_vec().into()];
    let totals = sql::all(
        db,
        "SELECT preview_id, by, code, accounts, lines, liters, net, vat, gross, previous_liters, previous_gross
         FROM billing.run_preview_total WHERE preview_id = ANY ($1) ORDER BY preview_id, by, gross DESC, code",
        ids(),
    )
    .await?;
    let exceptions = sql::all(
        db,
        "SELECT preview_id, kind, code, args, accounts, sample FROM billing.run_preview_exception
         WHERE preview_id = ANY ($1) ORDER BY preview_id, number",
        ids(),
    )
    .await?;
    let changes = sql::all(
        db,
        "SELECT preview_id, account_id, gross, previous, causes FROM billing.run_preview_change
         WHERE preview_id = ANY ($1) ORDER BY preview_id, number",
        ids(),
    )
    .await?;
    Ok((totals, exceptions, changes))
}

impl Exception {
    /// About accounts, or about the month as a whole when there are none.
    pub fn new(kind: RunPreviewExceptionKind, code: &str, args: Json) -> Self {
        Self {
            preview_id: 0,
            kind: kind.code().to_owned(),
            code: code.to_owned(),
            args,
            accounts: 0,
            sample: Vec::new(),
        }
    }

    pub fn of(mut self, accounts: i64, sample: Vec<i64>) -> Self {
        (self.accounts, self.sample) = (accounts, sample);
        self
    }
}

impl ChangeRow {
    pub fn new(account: AccountId, gross: Money, previous: Money, causes: &[ChangeCause]) -> Self {
        Self {
            preview_id: 0,
            account_id: account.0,
            gross: gross.tiyn(),
            previous: previous.tiyn(),
            causes: causes.iter().map(|cause| cause.code().to_owned()).collect(),
        }
    }
}
