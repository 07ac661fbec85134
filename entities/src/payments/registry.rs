//! Agents' registries and how their rows stand to our journal. Rows are matched as a set.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::payments::{Day, MatchState, RegistryState, RowDecision, Totals};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Registry {
    pub id: i64,
    pub channel_id: i64,
    /// Of the channel.
    pub channel: String,
    pub business_date: NaiveDate,
    pub serial: i32,
    pub filename: String,
    pub state: RegistryState,
    pub rows_total: i64,
    pub sum_total: i64,
    pub fee_total: i64,
    pub error: Option<String>,
    pub job_id: Option<i64>,
    pub uploaded_by: String,
    pub uploaded_at: DateTime<Utc>,
    pub matched_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "g.id, g.channel_id, c.code AS channel, g.business_date, g.serial, g.filename, g.state, g.rows_total, g.sum_total, \
     g.fee_total, g.error, g.job_id, g.uploaded_by, g.uploaded_at, g.matched_at";
const FROM: &str = "payments.registry g JOIN payments.channel c ON c.id = g.channel_id";

pub async fn find(db: &impl ConnectionTrait, id: RegistryId) -> Result<Option<Registry>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM {FROM} WHERE g.id = $1"), [id.0.into()]).await
}

/// One act on it at a time.
pub async fn lock(tx: &Tx, id: RegistryId) -> Result<Option<Registry>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM {FROM} WHERE g.id = $1 FOR UPDATE OF g"), [id.0.into()])
        .await
}

/// Newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    channel: Option<ChannelId>,
    day: Option<NaiveDate>,
    page: Page,
) -> Result<Slice<Registry>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE ($1::bigint IS NULL OR g.channel_id = $1)
               AND ($2::date IS NULL OR g.business_date = $2) AND ($3::bigint IS NULL OR g.id < $3)
             ORDER BY g.id DESC LIMIT $4"
        ),
        [channel.map(|id| id.0).into(), day.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// The file that came before, by what it says.
pub async fn same(
    tx: &Tx,
    channel: ChannelId,
    business: NaiveDate,
    sha256: &[u8],
) -> Result<Option<RegistryId>> {
    let id: Option<i64> = sql::scalar(
        tx,
        "SELECT id FROM payments.registry WHERE channel_id = $1 AND business_date = $2 AND sha256 = $3 AND state <> 'failed'",
        [channel.0.into(), business.into(), sha256.to_vec().into()],
    )
    .await?;
    Ok(id.map(RegistryId))
}

/// The newest number of a file of the day; 0 where none came.
pub async fn last_serial(tx: &Tx, channel: ChannelId, business: NaiveDate) -> Result<i32> {
    let serial: Option<i32> = sql::scalar(
        tx,
        "SELECT coalesce(max(serial), 0) FROM payments.registry WHERE channel_id = $1 AND business_date = $2 AND state <> 'failed'",
        [channel.0.into(), business.into()],
    )
    .await?;
    Ok(serial.unwrap_or_default())
}

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct NewRegistry {
    pub channel: ChannelId,
    pub business_date: NaiveDate,
    pub serial: i32,
    pub sha256: Vec<u8>,
    pub filename: String,
    pub totals: Totals,
    pub fee: Money,
}

/// A row on its way in.
#[derive(Debug, Clone)]
pub struct NewRow {
    pub line: i32,
    pub external_id: String,
    pub account: String,
    pub amount: Money,
    pub fee: Money,
    pub paid_at: DateTime<Utc>,
    pub paid_on: NaiveDate,
    pub service: Option<Service>,
}

pub async fn insert(tx: &Tx, new: &NewRegistry) -> Result<RegistryId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.registry (channel_id, business_date, serial, sha256, filename, state, rows_total, sum_total, fee_total, uploaded_by)
         VALUES ($1, $2, $3, $4, $5, 'matching', $6, $7, $8, $9) RETURNING id",
        [
            new.channel.0.into(),
            new.business_date.into(),
            new.serial.into(),
            new.sha256.clone().into(),
            new.filename.clone().into(),
            (new.totals.count as i64).into(),
            new.totals.sum.tiyn().into(),
            new.fee.tiyn().into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(RegistryId).ok_or(Broken::RecordNotInserted)
}

pub async fn put(tx: &mut Tx, id: RegistryId, new: &[NewRow]) -> Result<()> {
    let mut rows = Rows::default();
    for row in new {
        rows.row(9)
            .i64(id.0)
            .i32(row.line)
            .text(&row.external_id)
            .text(&row.account)
            .i64(row.amount.tiyn())
            .i64(row.fee.tiyn())
            .timestamp(row.paid_at)
            .date(row.paid_on)
            .text_or_null(row.service.map(|service| service.code()));
    }
    copy_in(
        tx.pg(),
        "COPY payments.registry_row (registry_id, line, external_id, account_raw, amount, fee, paid_at, paid_on, service) \
         FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    Ok(())
}

pub async fn set_job(tx: &Tx, id: RegistryId, job: JobId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.registry SET state = 'matching', job_id = $2, error = NULL WHERE id = $1",
        [id.0.into(), job.0.into()],
    )
    .await
}

/// Work on its rows, which does not compare them anew.
pub async fn note_job(tx: &Tx, id: RegistryId, job: JobId) -> Result<u64> {
    sql::run(tx, "UPDATE payments.registry SET job_id = $2 WHERE id = $1", [id.0.into(), job.0.into()]).await
}

pub async fn fail(tx: &Tx, id: RegistryId, error: &str) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.registry SET state = 'failed', error = $2 WHERE id = $1",
        [id.0.into(), error.into()],
    )
    .await
}

/// A later file takes their place: of what nobody has decided nothing is left to decide.
pub async fn supersede(tx: &Tx, new: &Registry) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.registry SET state = 'superseded'
         WHERE channel_id = $1 AND business_date = $2 AND id < $3 AND state IN ('matching', 'matched')",
        [new.channel_id.into(), new.business_date.into(), new.id.into()],
    )
    .await
}

/// Compares every row that nobody has decided, and finds what the agent's files of the day do not have.
pub async fn match_rows(tx: &Tx, of: &Registry, zone: &str) -> Result<()> {
    // The planner knows nothing of rows that came a moment ago, and would walk the journal for each.
    tx.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan; ANALYZE payments.registry_row")
        .await?;
    sql::run(
        tx,
        "DELETE FROM payments.registry_row r USING payments.registry g
         WHERE g.id = r.registry_id AND g.channel_id = $1 AND g.business_date = $2 AND r.line < 0 AND r.decision IS NULL",
        [of.channel_id.into(), of.business_date.into()],
    )
    .await?;
    sql::run(tx, include_str!("sql/match_accounts.sql"), [of.id.into()]).await?;
    sql::run(tx, include_str!("sql/match_rows.sql"), [of.id.into(), of.channel.clone().into()]).await?;
    let taken: Option<i32> = sql::scalar(
        tx,
        "SELECT coalesce(-min(line), 0) FROM payments.registry_row WHERE registry_id = $1 AND line < 0",
        [of.id.into()],
    )
    .await?;
    sql::run(
        tx,
        include_str!("sql/missing_theirs.sql"),
        [
            of.id.into(),
            of.channel.clone().into(),
            of.business_date.into(),
            zone.into(),
            taken.unwrap_or_default().into(),
        ],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE payments.registry SET state = 'matched', matched_at = now(), error = NULL WHERE id = $1",
        [of.id.into()],
    )
    .await
    .map(drop)
}

/// A row with its state.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Row {
    pub registry_id: i64,
    pub line: i32,
    pub external_id: String,
    pub account_raw: String,
    pub account_id: Option<i64>,
    pub amount: i64,
    pub fee: i64,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: NaiveDate,
    pub service: Option<String>,
    pub state: MatchState,
    pub payment_id: Option<i64>,
    pub ours_amount: Option<i64>,
    pub ours_account: Option<i64>,
    pub decision: Option<RowDecision>,
    pub note: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

const ROW: &str = "r.registry_id, r.line, r.external_id, r.account_raw, r.account_id, r.amount, r.fee, r.paid_at, r.paid_on, r.service, \
     r.state, r.payment_id, r.ours_amount, r.ours_account, r.decision, r.note, r.decided_by, r.decided_at";

/// Which rows are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub registry: Option<RegistryId>,
    pub channel: Option<ChannelId>,
    pub day: Option<NaiveDate>,
    pub state: Option<MatchState>,
    pub undecided: bool,
    /// A number of a payment or an account.
    pub search: Option<String>,
}

/// Of files that count, in the order of files and lines.
pub async fn rows(db: &impl ConnectionTrait, filter: &Filter, page: Page<(i64, i32)>) -> Result<Slice<Row>> {
    let (after_file, after_line) = page.after.unzip();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {ROW} FROM payments.registry_row r JOIN payments.registry g ON g.id = r.registry_id
             WHERE ($1::bigint IS NULL OR r.registry_id = $1)
               AND ($2::bigint IS NULL OR g.channel_id = $2) AND ($3::date IS NULL OR g.business_date = $3)
               AND ($1::bigint IS NOT NULL OR g.state IN ('matching', 'matched'))
               AND ($4::text IS NULL OR r.state = $4)
               AND (NOT $5 OR (r.decision IS NULL AND r.state IN ('missing_ours', 'missing_theirs', 'diff_sum', 'diff_account', 'reversed')))
               AND ($6::text IS NULL OR r.external_id = $6 OR r.account_raw = $6)
               AND ($7::bigint IS NULL OR (r.registry_id, r.line) > ($7, $8))
             ORDER BY r.registry_id, r.line LIMIT $9"
        ),
        [
            filter.registry.map(|id| id.0).into(),
            filter.channel.map(|id| id.0).into(),
            filter.day.into(),
            filter.state.map(MatchState::code).into(),
            filter.undecided.into(),
            filter.search.clone().into(),
            after_file.into(),
            after_line.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Rows of one file under a lock: those of the lines, or all undecided ones of a state after a line, so many at most.
pub async fn lock_rows(
    tx: &Tx,
    id: RegistryId,
    lines: Option<Vec<i32>>,
    state: Option<MatchState>,
    after: i32,
    most: i64,
) -> Result<Vec<Row>> {
    sql::all(
        tx,
        &format!(
            "SELECT {ROW} FROM payments.registry_row r
             WHERE r.registry_id = $1 AND r.decision IS NULL AND r.line > $4
               AND ($2::int[] IS NULL OR r.line = ANY ($2)) AND ($3::text IS NULL OR r.state = $3)
             ORDER BY r.line LIMIT $5 FOR UPDATE OF r"
        ),
        [id.0.into(), lines.into(), state.map(MatchState::code).into(), after.into(), most.into()],
    )
    .await
}

/// How many rows of a file stand how, and their tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Counted {
    pub registry_id: i64,
    pub state: MatchState,
    pub decision: Option<RowDecision>,
    pub count: i64,
    pub sum: i64,
}

/// One statement for any number of files.
pub async fn counted(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Counted>> {
    sql::all(
        db,
        "SELECT registry_id, state, decision, count(*) AS count, sum(amount)::bigint AS sum FROM payments.registry_row
         WHERE registry_id = ANY ($1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [ids.into()],
    )
    .await
}

/// What became of rows, with the payment each became.
pub async fn decide(
    tx: &Tx,
    id: RegistryId,
    decision: RowDecision,
    note: Option<&str>,
    rows: &[(i32, Option<i64>)],
) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.registry_row r SET decision = $2, note = $3, decided_by = $4, decided_at = now(),
                payment_id = coalesce(nullif(d.payment, 0), r.payment_id)
         FROM unnest($5::int[], $6::bigint[]) AS d (line, payment) WHERE r.registry_id = $1 AND r.line = d.line",
        [
            id.0.into(),
            decision.code().into(),
            note.map(str::to_owned).into(),
            tx.actor().label.clone().into(),
            rows.iter().map(|row| row.0).collect::<Vec<_>>().into(),
            // An array is bound without gaps.
            rows.iter().map(|row| row.1.unwrap_or_default()).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// A day of a channel, added up.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct DayRow {
    pub channel_id: i64,
    pub day: NaiveDate,
    pub ours_count: i64,
    pub ours_sum: i64,
    pub files: i64,
    pub theirs_count: i64,
    pub theirs_sum: i64,
    pub fee: i64,
    pub undecided: i64,
    pub matching: bool,
    pub bank_lines: i64,
    pub bank_sum: i64,
}

impl DayRow {
    pub fn day(&self) -> Day {
        let count = |count: i64| count.unsigned_abs();
        Day {
            ours: Totals { count: count(self.ours_count), sum: Money::from_tiyn(self.ours_sum) },
            theirs: Totals { count: count(self.theirs_count), sum: Money::from_tiyn(self.theirs_sum) },
            files: count(self.files),
            undecided: count(self.undecided),
            said_fee: Money::from_tiyn(self.fee),
            bank: Money::from_tiyn(self.bank_sum),
            bank_lines: count(self.bank_lines),
        }
    }
}

/// Days of channels with terms, newest first; of one channel or all.
pub async fn days(
    db: &impl ConnectionTrait,
    first: NaiveDate,
    last: NaiveDate,
    channel: Option<ChannelId>,
) -> Result<Vec<DayRow>> {
    sql::all(db, include_str!("sql/days.sql"), [first.into(), last.into(), channel.map(|id| id.0).into()])
        .await
}

/// What a channel's payments of a business day come to in each sector, in tiyn.
pub async fn sectors_of_day(
    tx: &Tx,
    channel: ChannelId,
    business: NaiveDate,
) -> Result<Vec<(Sector, Money)>> {
    #[derive(FromQueryResult)]
    struct Share {
        sector: Sector,
        sum: i64,
    }
    let rows: Vec<Share> = sql::all(
        tx,
        "SELECT p.sector, sum(p.amount)::bigint AS sum
         FROM payments.channel c JOIN payments.payment p ON p.channel = c.code AND p.paid_on BETWEEN $2::date - 1 AND $2::date + 1
         WHERE c.id = $1 AND p.reverses IS NULL AND coalesce((p.paid_at AT TIME ZONE c.zone)::date, p.paid_on) = $2
           AND NOT EXISTS (SELECT FROM payments.payment b WHERE b.reverses = p.id)
         GROUP BY 1 ORDER BY 1",
        [channel.0.into(), business.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.sector, Money::from_tiyn(row.sum))).collect())
}

/// What some rows of a file come to.
pub async fn sum_of(tx: &Tx, id: RegistryId, lines: Vec<i32>) -> Result<Money> {
    let sum: Option<i64> = sql::scalar(
        tx,
        "SELECT coalesce(sum(amount), 0)::bigint FROM payments.registry_row WHERE registry_id = $1 AND line = ANY ($2)",
        [id.0.into(), lines.into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}

/// What was posted as kept by the agent of a channel's day.
pub async fn fee_posted(tx: &Tx, channel: ChannelId, business: NaiveDate) -> Result<Money> {
    let sum: Option<i64> = sql::scalar(
        tx,
        "SELECT coalesce(sum(fee), 0)::bigint FROM payments.statement_line
         WHERE channel_id = $1 AND business_date = $2 AND decision = 'posted'",
        [channel.0.into(), business.into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}
