use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use domain::readings::{Channel, Verdict};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::kernel::page::of_each;
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};

/// A reading as it is now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Reading {
    pub id: ReadingId,
    /// First day of the month it counts for.
    pub period: NaiveDate,
    pub account_id: AccountId,
    pub point_id: PointId,
    pub meter_id: Option<MeterId>,
    pub taken_on: NaiveDate,
    pub liters: Volume,
    pub channel: Channel,
    pub verdict: Verdict,
    pub reasons: Vec<String>,
    pub consumption: Option<Volume>,
    pub rolled_over: bool,
    pub act: Option<String>,
    pub received_at: DateTime<Utc>,
    pub received_by: String,
    pub decided_by: Option<String>,
    pub decided_why: Option<String>,
}

impl Reading {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }
}

const COLUMNS: &str = "r.id, r.period, r.account_id, r.point_id, r.meter_id, r.taken_on, r.liters, r.channel, r.verdict, \
     r.reasons, r.consumption, r.rolled_over, r.act, r.received_at, r.received_by, \
     r.decided_by, r.decided_why";

/// A reading to be written, already judged.
#[derive(Debug, Clone)]
pub struct NewReading {
    pub id: ReadingId,
    pub period: Period,
    pub account: AccountId,
    pub point: PointId,
    pub meter: Option<MeterId>,
    pub day: NaiveDate,
    pub value: Volume,
    pub channel: Channel,
    pub verdict: Verdict,
    pub reasons: Vec<domain::readings::Reason>,
    pub consumption: Option<Volume>,
    pub rolled_over: bool,
    pub previous: Option<ReadingId>,
    pub client_ref: Option<Uuid>,
    pub import: Option<(ImportBatchId, i32)>,
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<ReadingId>) -> Result<Vec<Reading>> {
    let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
    sql::all(db, &format!("SELECT {COLUMNS} FROM readings.reading r WHERE r.id = ANY ($1)"), [ids.into()])
        .await
}

/// A reading of an account of the scope, or of a house meter that nobody pays for in its districts.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: ReadingId) -> Result<Option<Reading>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM readings.reading r LEFT JOIN subscribers.account a ON a.id = r.account_id
             WHERE r.id = $4 AND (({}) AND a.id IS NOT NULL OR r.account_id = 0 AND $3::bigint[] IS NULL
                 AND EXISTS (SELECT FROM premises.point p JOIN premises.building b ON b.id = p.building_id
                             WHERE p.id = r.point_id AND ($2::bigint[] IS NULL OR b.district_id = ANY ($2))))",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// What a reading at the door is known again by.
#[derive(Debug, Clone)]
pub struct Same {
    pub point: PointId,
    pub day: NaiveDate,
    pub value: Volume,
    pub channel: Channel,
    pub client_ref: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Known {
    n: i64,
    #[sea_orm(nested)]
    reading: Reading,
}

/// What came in before with the sender's own key, or as the same value of the same day through the same channel; one answer for
/// each that is asked. A key that another point's reading holds gives that one.
pub async fn same(db: &impl ConnectionTrait, asked: &[Same]) -> Result<Vec<Option<Reading>>> {
    let rows: Vec<Known> = sql::all(
        db,
        &format!(
            "SELECT q.n, known.*
             FROM unnest($1::bigint[], $2::date[], $3::bigint[], $4::text[], $5::text[])
                  WITH ORDINALITY AS q (point_id, day, liters, channel, client_ref, n)
             CROSS JOIN LATERAL (
                 SELECT {COLUMNS}, true AS by_key FROM readings.reading r WHERE r.client_ref = nullif(q.client_ref, '')::uuid
                 UNION ALL
                 SELECT {COLUMNS}, false FROM readings.reading r
                 WHERE r.point_id = q.point_id AND r.taken_on = q.day AND r.liters = q.liters AND r.channel = q.channel
                   AND r.act IS NULL AND r.verdict IN ('accepted', 'doubtful', 'rejected')
                 ORDER BY by_key DESC, id DESC LIMIT 1) known"
        ),
        [
            asked.iter().map(|one| one.point.0).collect::<Vec<_>>().into(),
            asked.iter().map(|one| one.day).collect::<Vec<_>>().into(),
            asked.iter().map(|one| one.value.liters()).collect::<Vec<_>>().into(),
            asked.iter().map(|one| one.channel.code().to_owned()).collect::<Vec<_>>().into(),
            asked
                .iter()
                .map(|one| one.client_ref.map(|key| key.to_string()).unwrap_or_default())
                .collect::<Vec<_>>()
                .into(),
        ],
    )
    .await?;
    let mut found = vec![None; asked.len()];
    for row in rows {
        found[usize::try_from(row.n - 1).unwrap_or_default()] = Some(row.reading);
    }
    Ok(found)
}

/// Which readings a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub period: Option<Period>,
    pub sector: Option<Sector>,
    pub verdict: Option<Verdict>,
}

/// Readings of the scope, newest first.
pub async fn list(db: &Db, scope: &Scope, filter: Filter, page: Page) -> Result<Slice<Reading>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
             WHERE {} AND ($4::date IS NULL OR r.period = $4) AND ($5::text IS NULL OR a.sector = $5)
               AND ($6::text IS NULL OR r.verdict = $6) AND ($7::bigint IS NULL OR r.id < $7)
             ORDER BY r.id DESC LIMIT $8",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            filter.period.map(Period::first_day).into(),
            filter.sector.map(Sector::code).into(),
            filter.verdict.map(Verdict::code).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A page of the readings of each account from a day on, newest first, in one statement.
pub async fn of_accounts(
    db: &Db,
    accounts: Vec<AccountId>,
    since: Option<NaiveDate>,
    page: Page<(NaiveDate, i64)>,
) -> Result<Vec<(AccountId, Slice<Reading>)>> {
    let ids: Vec<i64> = accounts.iter().map(|id| id.0).collect();
    let (day, id) = page.after.unzip();
    let rows: Vec<Reading> = sql::all(
        db,
        &format!(
            "SELECT page.* FROM unnest($1::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM readings.reading r
                 WHERE r.account_id = wanted.id AND ($2::date IS NULL OR (r.taken_on, r.id) < ($2, $3))
                   AND ($5::date IS NULL OR r.taken_on >= $5)
                 ORDER BY r.taken_on DESC, r.id DESC LIMIT $4) page
             ORDER BY page.taken_on DESC, page.id DESC"
        ),
        [ids.into(), day.into(), id.into(), page.limit().into(), since.into()],
    )
    .await?;
    Ok(of_each(accounts, rows, |row| row.account_id, page.first))
}

/// The last accepted reading of each point.
pub async fn last_of_points(db: &impl ConnectionTrait, points: Vec<PointId>) -> Result<Vec<Reading>> {
    let ids: Vec<i64> = points.into_iter().map(|id| id.0).collect();
    sql::all(
        db,
        &format!(
            "SELECT last.* FROM unnest($1::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM readings.reading r WHERE r.point_id = wanted.id AND r.verdict = 'accepted'
                 ORDER BY r.taken_on DESC, r.id DESC LIMIT 1) last"
        ),
        [ids.into()],
    )
    .await
}

/// Which doubtful readings a queue shows.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub reason: Option<domain::readings::Reason>,
}

impl Waiting {
    const FROM: &str = "FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
             WHERE {} AND r.verdict = 'doubtful' AND ($4::text IS NULL OR a.sector = $4)
               AND ($5::bigint IS NULL OR a.district_id = $5) AND ($6::text IS NULL OR $6 = ANY (r.reasons))";

    fn from(&self, scope: &Scope) -> (String, Vec<sea_orm::Value>) {
        let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
        let values = vec![
            sectors,
            districts,
            accounts,
            self.sector.map(Sector::code).into(),
            self.district.map(|id| id.0).into(),
            self.reason.map(domain::readings::Reason::code).into(),
        ];
        (Self::FROM.replace("{}", ScopeArgs::WHERE), values)
    }
}

/// Doubtful readings of the scope that wait for a person, the longest wait first.
pub async fn waiting(db: &Db, scope: &Scope, filter: &Waiting, page: Page) -> Result<Slice<Reading>> {
    let (from, mut values) = filter.from(scope);
    values.extend([page.after.into(), page.limit().into()]);
    let rows = sql::all(
        db,
        &format!("SELECT {COLUMNS} {from} AND ($7::bigint IS NULL OR r.id > $7) ORDER BY r.id LIMIT $8"),
        values,
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// How many wait.
pub async fn count_waiting(db: &Db, scope: &Scope, filter: &Waiting) -> Result<i64> {
    let (from, values) = filter.from(scope);
    Ok(sql::scalar(db, &format!("SELECT count(*) {from}"), values).await?.unwrap_or_default())
}

/// The newest reading of each point that waits for a person.
pub async fn waiting_of_points(db: &impl ConnectionTrait, points: Vec<PointId>) -> Result<Vec<Reading>> {
    let ids: Vec<i64> = points.into_iter().map(|id| id.0).collect();
    sql::all(
        db,
        &format!(
            "SELECT DISTINCT ON (r.point_id) {COLUMNS} FROM readings.reading r
             WHERE r.point_id = ANY ($1) AND r.verdict = 'doubtful' ORDER BY r.point_id, r.id DESC"
        ),
        [ids.into()],
    )
    .await
}

/// What became of the readings of a month: nothing that came in is missing from the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Counts {
    pub received: i64,
    pub accepted: i64,
    pub doubtful: i64,
    pub rejected: i64,
    pub superseded: i64,
    pub withdrawn: i64,
}

/// The same by how they came.
pub async fn counts_by_channel(
    db: &impl ConnectionTrait,
    period: Period,
    sector: Sector,
) -> Result<Vec<(Channel, Counts)>> {
    #[derive(FromQueryResult)]
    struct Row {
        channel: Channel,
        #[sea_orm(nested)]
        counts: Counts,
    }
    let rows: Vec<Row> = sql::all(
        db,
        &format!("SELECT r.channel, {COUNTED} GROUP BY r.channel ORDER BY r.channel"),
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.channel, row.counts)).collect())
}

const COUNTED: &str = "count(*) AS received,
                count(*) FILTER (WHERE r.verdict = 'accepted') AS accepted,
                count(*) FILTER (WHERE r.verdict = 'doubtful') AS doubtful,
                count(*) FILTER (WHERE r.verdict = 'rejected') AS rejected,
                count(*) FILTER (WHERE r.verdict = 'superseded') AS superseded,
                count(*) FILTER (WHERE r.verdict = 'withdrawn') AS withdrawn
         FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
         WHERE r.period = $1 AND a.sector = $2 AND r.act IS NULL";

/// Counts of the answers to one month of a sector; readings of installations and removals are not answers.
pub async fn counts(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Counts> {
    let counts = sql::one(
        db,
        &format!("SELECT {COUNTED}"),
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(counts.unwrap_or_default())
}
