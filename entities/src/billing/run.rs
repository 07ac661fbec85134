//! Runs and their shards.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

/// One billing run of a month and sector. Sums are in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Run {
    pub id: i64,
    pub period: NaiveDate,
    pub sector: String,
    pub state: String,
    pub shards: i32,
    pub shards_done: i32,
    pub accounts: i64,
    pub accounts_done: i64,
    pub excused: i64,
    pub failures: i64,
    pub lines: i64,
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    pub hash: Option<String>,
    pub due_on: NaiveDate,
    pub known_at: DateTime<Utc>,
    pub error: Option<String>,
    pub started_by: String,
    pub started_at: DateTime<Utc>,
    pub posted_at: Option<DateTime<Utc>>,
    pub issued_by: Option<String>,
    pub issued_at: Option<DateTime<Utc>>,
    pub reversed_at: Option<DateTime<Utc>>,
    /// Of a final bill; nothing for the run of a sector.
    pub account_id: Option<i64>,
    /// Of accounts that came after the bills of the month were issued.
    pub late: bool,
}

const COLUMNS: &str = "id, period, sector, state, shards, shards_done, accounts, accounts_done, excused, failures, lines, net, \
     vat, gross, hash, due_on, known_at, error, started_by, started_at, posted_at, issued_by, issued_at, reversed_at, \
     account_id, late";

impl Run {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }

    pub fn sector(&self) -> Sector {
        Sector::from_code(&self.sector).unwrap_or(Sector::Multi)
    }

    pub fn run_id(&self) -> RunId {
        RunId(self.id)
    }
}

/// The account ids of a shard, [from, to).
#[derive(Debug, Clone, FromQueryResult)]
pub struct Shard {
    pub shard: i32,
    pub from_account: i64,
    pub to_account: i64,
}

pub async fn find(db: &impl ConnectionTrait, id: RunId) -> Result<Option<Run>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM billing.run WHERE id = $1"), [id.0.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Run>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM billing.run WHERE id = ANY ($1)"), [ids.into()]).await
}

/// Locks the run until the end of the transaction.
pub async fn lock(tx: &Tx, id: RunId) -> Result<Option<Run>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM billing.run WHERE id = $1 FOR UPDATE"), [id.0.into()]).await
}

/// Acts that decide by which runs a sector has take this before they look, until the end of their transactions: who starts or takes back a
/// run, or rewrites the chain of months, alone. Of whole sectors, for a correction reaches over many months; in one order for
/// everybody, and before any row is locked. Shards of a run know nothing of it.
pub async fn alone(tx: &Tx, sectors: &[Sector]) -> Result<()> {
    hold(tx, sectors, "pg_advisory_xact_lock").await
}

/// The same beside others who do so: final bills of several accounts do not wait for one another.
pub async fn beside(tx: &Tx, sectors: &[Sector]) -> Result<()> {
    hold(tx, sectors, "pg_advisory_xact_lock_shared").await
}

async fn hold(tx: &Tx, sectors: &[Sector], lock: &str) -> Result<()> {
    for sector in Sector::ALL.iter().filter(|sector| sectors.contains(sector)) {
        let text = format!("SELECT {lock}(hashtext('billing.run'), hashtext($1))");
        sql::run(tx, &text, [sector.code().into()]).await?;
    }
    Ok(())
}

/// The run of a month that was neither reversed nor failed; runs of those who came late are none.
pub async fn live(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Option<Run>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.run WHERE period = $1 AND sector = $2 AND account_id IS NULL AND NOT late
               AND state NOT IN ('reversed', 'failed')"
        ),
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

/// Newest first; `sectors` limits what the reader may see.
pub async fn list(
    db: &Db,
    sectors: Option<Vec<String>>,
    period: Option<Period>,
    sector: Option<Sector>,
    page: Page,
) -> Result<Slice<Run>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.run
             WHERE account_id IS NULL
               AND ($1::date IS NULL OR period = $1) AND ($2::text IS NULL OR sector = $2) AND ($3::bigint IS NULL OR id < $3)
               AND ($5::text[] IS NULL OR sector = ANY ($5))
             ORDER BY id DESC LIMIT $4"
        ),
        [
            period.map(|p| p.first_day()).into(),
            sector.map(|s| s.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
            sectors.into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A new run, or `None` when a live one of the month exists (the second start joins the first).
pub async fn create(
    tx: &Tx,
    period: Period,
    sector: Sector,
    due_on: NaiveDate,
    known_at: DateTime<Utc>,
    shards: i32,
) -> Result<Option<Run>> {
    sql::one(
        tx,
        &format!(
            "INSERT INTO billing.run (period, sector, state, due_on, known_at, shards, started_by)
             VALUES ($1, $2, 'snapshot', $3, $4, $5, $6)
             ON CONFLICT (period, sector) WHERE account_id IS NULL AND NOT late AND state NOT IN ('reversed', 'failed') DO NOTHING
             RETURNING {COLUMNS}"
        ),
        [
            period.first_day().into(),
            sector.code().into(),
            due_on.into(),
            known_at.into(),
            shards.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// The run of one account's final bill; nothing when the month has one.
pub async fn create_final(
    tx: &Tx,
    period: Period,
    sector: Sector,
    due_on: NaiveDate,
    known_at: DateTime<Utc>,
    account: AccountId,
) -> Result<Option<Run>> {
    sql::one(
        tx,
        &format!(
            "INSERT INTO billing.run (period, sector, state, due_on, known_at, shards, started_by, account_id)
             VALUES ($1, $2, 'snapshot', $3, $4, 1, $5, $6)
             ON CONFLICT (account_id, period) WHERE account_id IS NOT NULL AND state NOT IN ('reversed', 'failed') DO NOTHING
             RETURNING {COLUMNS}"
        ),
        [
            period.first_day().into(),
            sector.code().into(),
            due_on.into(),
            known_at.into(),
            tx.actor().label.clone().into(),
            account.0.into(),
        ],
    )
    .await
}

/// The run of accounts that came after the bills of the month were issued.
pub async fn create_late(
    tx: &Tx,
    period: Period,
    sector: Sector,
    due_on: NaiveDate,
    known_at: DateTime<Utc>,
    shards: i32,
) -> Result<Run> {
    let made = sql::one(
        tx,
        &format!(
            "INSERT INTO billing.run (period, sector, state, due_on, known_at, shards, started_by, late)
             VALUES ($1, $2, 'snapshot', $3, $4, $5, $6, true) RETURNING {COLUMNS}"
        ),
        [
            period.first_day().into(),
            sector.code().into(),
            due_on.into(),
            known_at.into(),
            shards.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    made.ok_or_else(|| sea_orm::DbErr::RecordNotInserted)
}

/// Active accounts of a month that have no bill of it, by id; `only` some of them.
pub async fn unbilled(
    tx: &Tx,
    period: Period,
    sector: Sector,
    only: Option<&[AccountId]>,
    limit: i64,
) -> Result<Vec<AccountId>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: AccountId,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT a.account_id FROM ledger.active_accounts($1::date, $2) a
         WHERE NOT EXISTS (SELECT FROM billing.bill b WHERE b.account_id = a.account_id AND b.period = $1 AND NOT b.reversed)
           AND ($3::bigint[] IS NULL OR a.account_id = ANY ($3))
         ORDER BY a.account_id LIMIT $4",
        [
            period.first_day().into(),
            sector.code().into(),
            only.map(|ids| ids.iter().map(|id| id.0).collect::<Vec<_>>()).into(),
            limit.into(),
        ],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// An account that a run could not charge: its number, and why.
pub async fn first_failure(db: &impl ConnectionTrait, run: RunId) -> Result<Option<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        number: String,
        detail: String,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT a.number, f.detail FROM billing.run_failure f JOIN subscribers.account a ON a.id = f.account_id
         WHERE f.run_id = $1 ORDER BY f.account_id LIMIT 1",
        [run.0.into()],
    )
    .await?;
    Ok(row.map(|row| (row.number, row.detail)))
}

/// Cuts the run's accounts into shards of about equal numbers of accounts, by ranges of ids.
pub async fn make_shards(tx: &Tx, run: &Run) -> Result<u64> {
    sql::run(
        tx,
        "WITH numbered AS (
             SELECT account_id, ntile($3) OVER (ORDER BY account_id) AS shard
             FROM (SELECT DISTINCT account_id FROM billing.run_input WHERE run_id = $1 AND period = $2) a),
         made AS (
             INSERT INTO billing.run_shard (run_id, shard, from_account, to_account)
             SELECT $1, shard, min(account_id), max(account_id) + 1 FROM numbered GROUP BY shard RETURNING 1)
         UPDATE billing.run SET state = 'running', shards = (SELECT count(*) FROM made),
             accounts = (SELECT count(*) FROM numbered)
         WHERE id = $1",
        [run.id.into(), run.period.into(), run.shards.max(1).into()],
    )
    .await
}

pub async fn unfinished_shards(db: &impl ConnectionTrait, run: RunId) -> Result<Vec<Shard>> {
    sql::all(
        db,
        "SELECT shard, from_account, to_account FROM billing.run_shard WHERE run_id = $1 AND done_at IS NULL ORDER BY shard",
        [run.0.into()],
    )
    .await
}

pub async fn shards(db: &impl ConnectionTrait, run: RunId) -> Result<Vec<Shard>> {
    sql::all(
        db,
        "SELECT shard, from_account, to_account FROM billing.run_shard WHERE run_id = $1 ORDER BY shard",
        [run.0.into()],
    )
    .await
}

/// Takes a shard for this transaction; `false` when it is done or somebody else is at it.
pub async fn take_shard(tx: &Tx, run: RunId, shard: i32) -> Result<bool> {
    let taken: Option<i32> = sql::scalar(
        tx,
        "SELECT shard FROM billing.run_shard WHERE run_id = $1 AND shard = $2 AND done_at IS NULL FOR UPDATE SKIP LOCKED",
        [run.0.into(), shard.into()],
    )
    .await?;
    Ok(taken.is_some())
}

/// What one shard came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShardTotals {
    pub accounts: i64,
    pub excused: i64,
    pub failures: i64,
    pub lines: i64,
    pub net: Money,
    pub gross: Money,
    pub hash: u128,
}

pub async fn finish_shard(tx: &Tx, run: RunId, shard: i32, totals: &ShardTotals) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.run_shard SET done_at = clock_timestamp(), accounts = $3, excused = $4, failures = $5, lines = $6,
             net = $7, gross = $8, hash = $9
         WHERE run_id = $1 AND shard = $2",
        [
            run.0.into(),
            shard.into(),
            totals.accounts.into(),
            totals.excused.into(),
            totals.failures.into(),
            totals.lines.into(),
            totals.net.tiyn().into(),
            totals.gross.tiyn().into(),
            format!("{:032x}", totals.hash).into(),
        ],
    )
    .await
}

/// How far a run is: (accounts done, accounts).
pub async fn progress(db: &impl ConnectionTrait, run: RunId) -> Result<(i64, i64)> {
    #[derive(FromQueryResult)]
    struct Row {
        done: i64,
        total: i64,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT coalesce((SELECT sum(accounts) FROM billing.run_shard WHERE run_id = r.id), 0)::bigint AS done,
                r.accounts AS total
         FROM billing.run r WHERE id = $1",
        [run.0.into()],
    )
    .await?;
    Ok(row.map_or((0, 0), |row| (row.done, row.total)))
}

#[derive(Debug, FromQueryResult)]
struct Hash {
    hash: Option<String>,
}

/// Adds the shards up. The hash is the wrapping sum of theirs, so the number of shards does not show in it.
pub async fn finish(tx: &Tx, run: RunId) -> Result<Run> {
    let hashes: Vec<Hash> =
        sql::all(tx, "SELECT hash FROM billing.run_shard WHERE run_id = $1", [run.0.into()]).await?;
    let sum = hashes
        .iter()
        .filter_map(|row| u128::from_str_radix(row.hash.as_deref()?, 16).ok())
        .fold(0_u128, u128::wrapping_add);
    let done = sql::one(
        tx,
        &format!(
            "UPDATE billing.run r SET state = 'posted', posted_at = clock_timestamp(), hash = $2, shards_done = s.shards,
                 accounts_done = s.accounts, excused = s.excused, failures = s.failures, lines = s.lines, net = s.net,
                 vat = s.gross - s.net, gross = s.gross
             FROM (SELECT count(*)::int AS shards, coalesce(sum(accounts), 0)::bigint AS accounts,
                          coalesce(sum(excused), 0)::bigint AS excused, coalesce(sum(failures), 0)::bigint AS failures,
                          coalesce(sum(lines), 0)::bigint AS lines, coalesce(sum(net), 0)::bigint AS net,
                          coalesce(sum(gross), 0)::bigint AS gross
                   FROM billing.run_shard WHERE run_id = $1) s
             WHERE r.id = $1 AND r.state = 'running'
             RETURNING {}",
            COLUMNS.split(", ").map(|c| format!("r.{}", c.trim())).collect::<Vec<_>>().join(", ")
        ),
        [run.0.into(), format!("{sum:032x}").into()],
    )
    .await?;
    done.ok_or_else(|| sea_orm::DbErr::RecordNotUpdated)
}

pub async fn mark_issued(tx: &Tx, run: RunId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.run SET state = 'issued', issued_at = clock_timestamp(), issued_by = $2 WHERE id = $1 AND state = 'posted'",
        [run.0.into(), tx.actor().label.clone().into()],
    )
    .await
}

pub async fn mark_failed(db: &impl ConnectionTrait, run: RunId, error: &str) -> Result<u64> {
    sql::run(
        db,
        "UPDATE billing.run SET error = $2 WHERE id = $1 AND state IN ('snapshot', 'running')",
        [run.0.into(), error.into()],
    )
    .await
}

/// Whether anybody works on a run, or will: its job waits or runs, or a shard of it is held.
pub async fn at_work(tx: &Tx, run: RunId, job: &str) -> Result<bool> {
    let waits: Option<bool> = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM platform.job WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running'))",
        [job.into(), run.to_string().into()],
    )
    .await?;
    let held: Option<i64> = sql::scalar(
        tx,
        "WITH free AS (SELECT shard FROM billing.run_shard WHERE run_id = $1 FOR UPDATE SKIP LOCKED)
         SELECT (SELECT count(*) FROM billing.run_shard WHERE run_id = $1) - (SELECT count(*) FROM free)",
        [run.0.into()],
    )
    .await?;
    Ok(waits.unwrap_or_default() || held.unwrap_or_default() != 0)
}

/// Takes back what a run that never came to its end has posted. Shards that are not done go: whoever still has them on a list finds nothing.
pub async fn give_up(tx: &Tx, run: &Run, posted_on: NaiveDate) -> Result<()> {
    sql::run(tx, "DELETE FROM billing.run_shard WHERE run_id = $1 AND done_at IS NULL", [run.id.into()])
        .await?;
    take_away(tx, run, "failed", posted_on).await
}

/// Takes a posted run back: mirrored ledger entries, no open items, no totals, no chain of months; bills stay, marked.
pub async fn reverse(tx: &Tx, run: &Run, posted_on: NaiveDate) -> Result<()> {
    take_away(tx, run, "reversed", posted_on).await
}

async fn take_away(tx: &Tx, run: &Run, state: &str, posted_on: NaiveDate) -> Result<()> {
    let (id, period) = (run.id, run.period);
    for statement in [
        "DELETE FROM ledger.open_item WHERE source = 'run' AND source_id = $1 AND $2::date IS NOT NULL",
        "DELETE FROM ledger.account_total t USING billing.bill b
         WHERE b.run_id = $1 AND b.period = $2 AND t.account_id = b.account_id AND t.period = b.period AND t.kind = 'charge'",
        "DELETE FROM consumption.month WHERE run_id = $1 AND period = $2",
        "DELETE FROM ledger.hold WHERE source = 'run' AND source_id = $1 AND $2::date IS NOT NULL",
        "UPDATE billing.bill SET reversed = true WHERE run_id = $1 AND period = $2",
    ] {
        sql::run(tx, statement, [id.into(), period.into()]).await?;
    }
    sql::run(
        tx,
        "INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, origin,
             source, source_id)
         SELECT period, sector, account_id, $3, credit, debit, amount, service, component, origin, 'run_reversal', source_id
         FROM ledger.entry WHERE source = 'run' AND source_id = $1 AND period = $2",
        [id.into(), period.into(), posted_on.into()],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE billing.run SET state = $3, reversed_at = clock_timestamp(), reversed_by = $2 WHERE id = $1",
        [id.into(), tx.actor().label.clone().into(), state.into()],
    )
    .await?;
    Ok(())
}

/// Sums of a run by service.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ByService {
    pub service: String,
    pub liters: i64,
    pub gross: i64,
}

pub async fn by_service(db: &Db, run: &Run) -> Result<Vec<ByService>> {
    sql::all(
        db,
        "SELECT service, sum(liters)::bigint AS liters, sum(gross)::bigint AS gross FROM billing.charge_line
         WHERE run_id = $1 AND period = $2 GROUP BY service ORDER BY service DESC",
        [run.id.into(), run.period.into()],
    )
    .await
}

/// Sums of a run by the basis of the volume.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ByBasis {
    pub basis: String,
    pub lines: i64,
    pub liters: i64,
    pub gross: i64,
}

pub async fn by_basis(db: &Db, run: &Run) -> Result<Vec<ByBasis>> {
    sql::all(
        db,
        "SELECT basis, count(*) AS lines, sum(liters)::bigint AS liters, sum(gross)::bigint AS gross FROM billing.charge_line
         WHERE run_id = $1 AND period = $2 GROUP BY basis ORDER BY gross DESC",
        [run.id.into(), run.period.into()],
    )
    .await
}

/// Shows how far the run is to those who watch it.
pub async fn advance(tx: &Tx, run: RunId, done: i64) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.run r SET accounts_done = $2,
             shards_done = (SELECT count(*) FROM billing.run_shard WHERE run_id = $1 AND done_at IS NOT NULL)
         WHERE id = $1 AND state = 'running'",
        [run.0.into(), done.into()],
    )
    .await
}
