//! Scenarios: what was asked, what it came to, and the facts they are reckoned from. Nothing here writes a bill or the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::billing::{Compared, Comparison, Difference, Inputs, ScenarioChange, ScenarioStatus};
use domain::imbalance::Share;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::Value as Json;

use super::input::earlier::{self, Earlier};
use super::input::{COLUMNS as FACTS, SHARE, latest_reckoning, of_run, select, shares, stream};
use crate::kernel::copy::{Fields, Rows, copy_in};
use crate::kernel::tx::broken;
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, Tx, sql};

/// One scenario.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Scenario {
    pub id: ScenarioId,
    pub name: String,
    pub note: String,
    pub period: NaiveDate,
    pub sectors: Vec<String>,
    pub changes: Json,
    pub keeps_accounts: bool,
    pub status: String,
    pub known_at: DateTime<Utc>,
    pub accounts: i64,
    pub accounts_done: i64,
    pub failures: i64,
    pub missing: Json,
    pub hash_before: Option<String>,
    pub hash_after: Option<String>,
    pub job_id: Option<i64>,
    pub error: Option<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, name, note, period, sectors, changes, keeps_accounts, status, known_at, accounts, accounts_done, \
     failures, missing, hash_before, hash_after, job_id, error, created_by, created_at, started_at, finished_at";

impl Scenario {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }

    pub fn sectors(&self) -> Vec<Sector> {
        self.sectors.iter().filter_map(|code| Sector::from_code(code)).collect()
    }

    pub fn status(&self) -> ScenarioStatus {
        ScenarioStatus::from_code(&self.status).unwrap_or(ScenarioStatus::Failed)
    }

    pub fn at_work(&self) -> bool {
        matches!(self.status(), ScenarioStatus::Queued | ScenarioStatus::Running)
    }

    pub fn changes(&self) -> Result<Vec<ScenarioChange>> {
        let read = serde_json::from_value(self.changes.clone());
        read.map_err(|error| DbErr::Type(format!("scenario {}: {error}", self.id)))
    }
}

/// What a scenario is made of.
pub struct New {
    pub name: String,
    pub note: String,
    pub period: Period,
    pub sectors: Vec<Sector>,
    pub changes: Vec<ScenarioChange>,
    pub keeps_accounts: bool,
}

/// A part of the city before and after. Sums are in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Part {
    pub scenario_id: i64,
    pub by: String,
    pub code: String,
    pub accounts: i64,
    pub gainers: i64,
    pub gain: i64,
    pub losers: i64,
    pub loss: i64,
    pub billed_before: i64,
    pub liters_before: i64,
    pub net_before: i64,
    pub vat_before: i64,
    pub gross_before: i64,
    pub billed_after: i64,
    pub liters_after: i64,
    pub net_after: i64,
    pub vat_after: i64,
    pub gross_after: i64,
}

/// An account before and after, in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct DifferenceRow {
    pub scenario_id: i64,
    pub account_id: i64,
    pub before: i64,
    pub after: i64,
}

/// Those of the scope: all sectors of a scenario are the reader's.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: ScenarioId) -> Result<Option<Scenario>> {
    let sectors = ScopeArgs::from(scope).sectors;
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.scenario WHERE id = $1 AND ($2::text[] IS NULL OR sectors <@ $2)"
        ),
        [id.0.into(), sectors.into()],
    )
    .await
}

/// Locks the scenario until the end of the transaction.
pub async fn lock(tx: &Tx, id: ScenarioId) -> Result<Option<Scenario>> {
    let sectors = ScopeArgs::from(tx.scope()).sectors;
    sql::one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM billing.scenario WHERE id = $1 AND ($2::text[] IS NULL OR sectors <@ $2) FOR UPDATE"
        ),
        [id.0.into(), sectors.into()],
    )
    .await
}

/// Newest first.
pub async fn list(db: &Db, scope: &Scope, period: Option<Period>, page: Page) -> Result<Slice<Scenario>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.scenario
             WHERE ($1::text[] IS NULL OR sectors <@ $1) AND ($2::date IS NULL OR period = $2)
               AND ($3::bigint IS NULL OR id < $3)
             ORDER BY id DESC LIMIT $4"
        ),
        [
            ScopeArgs::from(scope).sectors.into(),
            period.map(|p| p.first_day()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn create(tx: &Tx, new: &New, known_at: DateTime<Utc>) -> Result<Scenario> {
    let sectors: Vec<String> = new.sectors.iter().map(|sector| sector.code().to_owned()).collect();
    let changes =
        serde_json::to_value(&new.changes).map_err(|error| DbErr::Type(format!("scenario: {error}")))?;
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO billing.scenario (name, note, period, sectors, changes, keeps_accounts, status, known_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8) RETURNING {COLUMNS}"
        ),
        [
            new.name.trim().into(),
            new.note.trim().into(),
            new.period.first_day().into(),
            sectors.into(),
            changes.into(),
            new.keeps_accounts.into(),
            known_at.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(DbErr::RecordNotInserted)
}

/// Asks for it again with the facts known at another moment; what it came to before is gone.
pub async fn again(tx: &Tx, id: ScenarioId, keeps_accounts: bool, known_at: DateTime<Utc>) -> Result<u64> {
    clear(tx, id).await?;
    sql::run(
        tx,
        "UPDATE billing.scenario SET status = 'queued', keeps_accounts = $2, known_at = $3, accounts_done = 0, error = NULL,
             started_at = NULL, finished_at = NULL, hash_before = NULL, hash_after = NULL, failures = 0, missing = '{}'
         WHERE id = $1",
        [id.0.into(), keeps_accounts.into(), known_at.into()],
    )
    .await
}

pub async fn set_job(tx: &Tx, id: ScenarioId, job: JobId) -> Result<u64> {
    sql::run(tx, "UPDATE billing.scenario SET job_id = $2 WHERE id = $1", [id.0.into(), job.0.into()]).await
}

pub async fn delete(tx: &Tx, id: ScenarioId) -> Result<u64> {
    sql::run(tx, "DELETE FROM billing.scenario WHERE id = $1", [id.0.into()]).await
}

async fn clear(db: &impl ConnectionTrait, id: ScenarioId) -> Result<()> {
    for table in ["scenario_part", "scenario_largest", "scenario_difference"] {
        sql::run(db, &format!("DELETE FROM billing.{table} WHERE scenario_id = $1"), [id.0.into()]).await?;
    }
    Ok(())
}

/// At work from now on; what an attempt before left is gone.
pub async fn begin(db: &impl ConnectionTrait, id: ScenarioId, accounts: i64) -> Result<()> {
    clear(db, id).await?;
    sql::run(
        db,
        "UPDATE billing.scenario SET status = 'running', error = NULL, accounts = $2, accounts_done = 0,
             started_at = clock_timestamp()
         WHERE id = $1",
        [id.0.into(), accounts.into()],
    )
    .await
    .map(drop)
}

pub async fn advance(db: &impl ConnectionTrait, id: ScenarioId, done: i64) -> Result<u64> {
    sql::run(
        db,
        "UPDATE billing.scenario SET accounts_done = $2 WHERE id = $1 AND status = 'running'",
        [id.0.into(), done.into()],
    )
    .await
}

/// Ends an attempt without a result: `failed` with the error, or `cancelled`.
pub async fn give_up(
    db: &impl ConnectionTrait,
    id: ScenarioId,
    status: ScenarioStatus,
    error: Option<&str>,
) -> Result<()> {
    clear(db, id).await?;
    sql::run(
        db,
        "UPDATE billing.scenario SET status = $2, error = $3, finished_at = clock_timestamp() WHERE id = $1",
        [id.0.into(), status.code().into(), error.map(str::to_owned).into()],
    )
    .await
    .map(drop)
}

/// Rows of differences on their way in.
#[derive(Default)]
pub struct Kept(Rows);

impl Kept {
    pub fn push(&mut self, id: ScenarioId, one: &Difference) {
        self.0.row(4).i64(id.0).i64(one.account.0).i64(one.before.tiyn()).i64(one.after.tiyn());
    }

    pub fn count(&self) -> u64 {
        self.0.count
    }

    /// A batch is a statement of its own: what a broken attempt leaves goes with the next one.
    pub async fn write(self, db: &Db) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut pg = db.get_postgres_connection_pool().acquire().await.map_err(broken)?;
        let sql = "COPY billing.scenario_difference (scenario_id, account_id, before, after) FROM STDIN WITH (FORMAT binary)";
        copy_in(&mut pg, sql, self.0).await.map(drop)
    }
}

/// Keeps the result: one transaction of a few rows. `None` when the scenario was deleted meanwhile.
pub async fn finish(tx: &Tx, id: ScenarioId, result: &Comparison) -> Result<Option<Scenario>> {
    let done = sql::one(
        tx,
        &format!(
            "UPDATE billing.scenario SET status = 'done', finished_at = clock_timestamp(), accounts = $2, accounts_done = $2,
                 failures = $3, missing = $4, hash_before = $5, hash_after = $6
             WHERE id = $1 AND status = 'running' RETURNING {COLUMNS}"
        ),
        [
            id.0.into(),
            result.accounts.into(),
            result.failures.into(),
            serde_json::json!(result.missing).into(),
            format!("{:032x}", result.hash_before).into(),
            format!("{:032x}", result.hash_after).into(),
        ],
    )
    .await?;
    if done.is_none() {
        return Ok(None);
    }
    for (key, part) in &result.parts {
        write_part(tx, id, key.by().code(), &key.code(), part).await?;
    }
    for (number, one) in result.largest().into_iter().enumerate() {
        sql::run(
            tx,
            "INSERT INTO billing.scenario_largest (scenario_id, number, account_id, before, after) VALUES ($1, $2, $3, $4, $5)",
            [
                id.0.into(),
                (number as i32 + 1).into(),
                one.account.0.into(),
                one.before.tiyn().into(),
                one.after.tiyn().into(),
            ],
        )
        .await?;
    }
    Ok(done)
}

async fn write_part(tx: &Tx, id: ScenarioId, by: &str, code: &str, part: &Compared) -> Result<()> {
    let (before, after) = (&part.before, &part.after);
    let sums = [before, after].into_iter().flat_map(|sum| {
        [sum.accounts, sum.volume.liters(), sum.net.tiyn(), sum.vat.tiyn(), sum.gross.tiyn()]
    });
    let counted = [part.accounts, part.gainers, part.gain.tiyn(), part.losers, part.loss.tiyn()];
    let numbers = counted.into_iter().chain(sums).map(sea_orm::Value::from);
    let values: Vec<sea_orm::Value> =
        [id.0.into(), by.into(), code.into()].into_iter().chain(numbers).collect();
    sql::run(
        tx,
        "INSERT INTO billing.scenario_part (scenario_id, by, code, accounts, gainers, gain, losers, loss,
             billed_before, liters_before, net_before, vat_before, gross_before,
             billed_after, liters_after, net_after, vat_after, gross_after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        values,
    )
    .await
    .map(drop)
}

/// Parts and largest differences of many scenarios, each in its order.
pub async fn parts(db: &Db, ids: &[i64]) -> Result<(Vec<Part>, Vec<DifferenceRow>)> {
    let ids = || [ids.to_vec().into()];
    let parts = sql::all(
        db,
        "SELECT scenario_id, by, code, accounts, gainers, gain, losers, loss, billed_before, liters_before, net_before, vat_before,
                gross_before, billed_after, liters_after, net_after, vat_after, gross_after
         FROM billing.scenario_part WHERE scenario_id = ANY ($1) ORDER BY scenario_id, by, gross_before DESC, code",
        ids(),
    )
    .await?;
    let largest = sql::all(
        db,
        "SELECT scenario_id, account_id, before, after FROM billing.scenario_largest
         WHERE scenario_id = ANY ($1) ORDER BY scenario_id, number",
        ids(),
    )
    .await?;
    Ok((parts, largest))
}

/// Kept differences of the accounts in scope, in the order of their ids.
pub async fn differences(db: &Db, scope: &Scope, id: ScenarioId, page: Page) -> Result<Slice<DifferenceRow>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT d.scenario_id, d.account_id, d.before, d.after FROM billing.scenario_difference d
             JOIN subscribers.account a ON a.id = d.account_id
             WHERE {} AND d.scenario_id = $4 AND ($5::bigint IS NULL OR d.account_id > $5)
             ORDER BY d.account_id LIMIT $6",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Streams the facts of a sector's month, account by account, each with its district: those that the run kept, or those that a
/// run would take now; with the account's share in a reckoning of the scenario's own
/// (`houses`), and its readings up to a day, where one is given (`upto`). Without a run the shares as things stand are those of `base`,
/// or of the last preview. When `on_case` fails the stream ends there.
#[allow(clippy::too_many_arguments)]
pub async fn facts(
    db: &Db,
    period: Period,
    sector: Sector,
    run: Option<RunId>,
    known_at: DateTime<Utc>,
    base: Option<i64>,
    houses: Option<i64>,
    upto: Option<NaiveDate>,
    mut on_case: impl FnMut(Inputs, DistrictId, Option<Share>, Earlier) -> Result<()> + Send,
) -> Result<u64> {
    let (earlier, readings) = earlier::joined(period, known_at, upto);
    let sql = match run {
        Some(run) => kept_facts(period, run, houses, (earlier, readings.as_str())),
        None => format!(
            "SELECT i.*, {SHARE}, a.district_id, {}, {earlier} FROM ({}) i JOIN subscribers.account a ON a.id = i.account_id {} {}
             {readings} ORDER BY 2, 3",
            other_share(),
            select(period, sector, RunId(0), known_at, None),
            shares(period, &base.map_or_else(|| latest_reckoning(period, sector), |id| id.to_string())),
            other_shares(period, houses),
        ),
    };
    let sql = format!("COPY ({sql}) TO STDOUT WITH (FORMAT binary)");
    let mut pg = db.get_postgres_connection_pool().acquire().await.map_err(broken)?;
    let tail = |row: &mut Fields<'_>| (DistrictId(row.i64()), read_other(row), earlier::read(row));
    let done = stream(&mut pg, &sql, sector, tail, |inputs, (district, share, readings)| {
        on_case(inputs, district, share, readings)
    })
    .await;
    if done.is_err() {
        // What the server still wants to send would have to be read before the connection could be used again.
        pg.close_on_drop();
    }
    done
}

/// The account's share by the scenario, the same on all its rows: an account lies in one house.
fn other_share() -> String {
    SHARE.replace("h.", "h2.") + ", h2.point_id"
}

fn other_shares(period: Period, reckoning: Option<i64>) -> String {
    format!(
        "LEFT JOIN imbalance.share h2 ON h2.account_id = i.account_id AND h2.period = '{}' AND h2.reckoning_id = {}",
        period.first_day(),
        reckoning.map_or("NULL".to_owned(), |id| id.to_string())
    )
}

fn read_other(row: &mut Fields<'_>) -> Option<Share> {
    let building = row.i64_or_null();
    let (meter, prev, last) = (row.i64_or_null(), row.i64_or_null(), row.i64_or_null());
    let (from, to) = (row.date(), row.date());
    let (volume, whole) = (Volume::from_liters(row.i64()), Volume::from_liters(row.i64()));
    let (weight, weights) = (row.i64().unsigned_abs(), row.i64().unsigned_abs());
    let point = row.i64_or_null();
    Some(Share {
        building: BuildingId(building?),
        point: PointId(point?),
        meter: meter.map(MeterId),
        reading_prev: prev.map(ReadingId),
        reading_last: last.map(ReadingId),
        from,
        to,
        volume,
        whole,
        weight,
        weights,
    })
}

fn kept_facts(period: Period, run: RunId, houses: Option<i64>, (earlier, readings): (&str, &str)) -> String {
    let columns =
        FACTS.split(", ").map(|column| format!("i.{}", column.trim())).collect::<Vec<_>>().join(", ");
    let shares = shares(period, &of_run(run));
    let (other, others) = (other_share(), other_shares(period, houses));
    format!(
        "SELECT {columns}, {SHARE}, a.district_id, {other}, {earlier} FROM billing.run_input i
         JOIN subscribers.account a ON a.id = i.account_id
         {shares}
         {others}
         {readings}
         WHERE i.period = '{}' AND i.run_id = {run} ORDER BY i.account_id, i.point_id",
        period.first_day()
    )
}
