use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::kernel::*;
use domain::readings::{Channel, Verdict};
use sea_orm::FromQueryResult;

use super::reading::{NewReading, Reading};
use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Result, Tx, sql};

/// Numbers for readings to come, in one statement.
pub async fn next_ids(tx: &Tx, count: usize) -> Result<Vec<ReadingId>> {
    let ids: Option<Vec<i64>> = sql::scalar(
        tx,
        "SELECT array_agg(nextval('readings.reading_id')) FROM generate_series(1, $1::bigint)",
        [(count as i64).into()],
    )
    .await?;
    Ok(ids.unwrap_or_default().into_iter().map(ReadingId).collect())
}

/// A month without a partition would fill the default one, and its own partition could never be made. Months that lie years
/// back stay in the default one: installations reach back far, and nobody opens such a period any more.
async fn ensure_months(tx: &Tx, months: impl Iterator<Item = Period>) -> Result<()> {
    for month in months.collect::<BTreeSet<_>>() {
        let day = month.first_day();
        sql::run(
            tx,
            "SELECT platform.ensure_partitions($1::date)
             WHERE to_regclass('readings.reading' || to_char($1::date, '_YYYY_MM')) IS NULL
               AND $1 >= now() - interval '24 months'",
            [day.into()],
        )
        .await?;
    }
    Ok(())
}

/// Writes judged readings, one or a hundred thousand, by COPY.
pub async fn insert(tx: &mut Tx, readings: &[NewReading]) -> Result<u64> {
    ensure_months(tx, readings.iter().map(|reading| reading.period)).await?;
    let by = tx.actor().label.clone();
    let mut rows = Rows::default();
    for reading in readings {
        let reasons: Vec<&str> = reading.reasons.iter().map(|reason| reason.code()).collect();
        rows.row(17)
            .i64(reading.id.0)
            .date(reading.period.first_day())
            .i64(reading.account.0)
            .i64(reading.point.0)
            .i64_or_null(reading.meter.map(|id| id.0))
            .date(reading.day)
            .i64(reading.value.liters())
            .text(reading.channel.code())
            .text(reading.verdict.code())
            .text_array(&reasons)
            .i64_or_null(reading.consumption.map(Volume::liters))
            .bool(reading.rolled_over)
            .i64_or_null(reading.previous.map(|id| id.0))
            .text(&by)
            .uuid_or_null(reading.client_ref)
            .i64_or_null(reading.import.map(|(batch, _)| batch.0))
            .i32_or_null(reading.import.map(|(_, line)| line));
    }
    copy_in(
        tx.pg(),
        "COPY readings.reading (id, period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, reasons,
             consumption, rolled_over, previous_id, received_by, client_ref, import_batch_id, import_line)
         FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await
}

/// What the accepted ones among these replace: readings of the same meter and month that came before and are not later by day.
pub async fn supersede(tx: &Tx, readings: &[NewReading]) -> Result<u64> {
    let accepted = || readings.iter().filter(|reading| reading.verdict == Verdict::Accepted);
    if accepted().next().is_none() {
        return Ok(0);
    }
    let column = |pick: fn(&NewReading) -> i64| accepted().map(pick).collect::<Vec<i64>>();
    sql::run(
        tx,
        "UPDATE readings.reading r SET verdict = 'superseded', superseded_by = s.id
         FROM unnest($1::bigint[], $2::date[], $3::bigint[], $4::date[], $5::bigint[]) AS s (account_id, period, point_id, day, id)
         WHERE r.account_id = s.account_id AND r.period = s.period AND r.point_id = s.point_id AND r.act IS NULL
           AND r.verdict IN ('accepted', 'doubtful') AND r.id <> s.id AND (r.taken_on, r.id) < (s.day, s.id)",
        [
            column(|r| r.account.0).into(),
            accepted().map(|r| r.period.first_day()).collect::<Vec<_>>().into(),
            column(|r| r.point.0).into(),
            accepted().map(|r| r.day).collect::<Vec<_>>().into(),
            column(|r| r.id.0).into(),
        ],
    )
    .await
}

/// Takes a reading back; the one it had replaced counts again.
pub async fn withdraw(tx: &Tx, id: ReadingId) -> Result<()> {
    let by = tx.actor().label.clone();
    sql::run(
        tx,
        "UPDATE readings.reading SET verdict = 'withdrawn', decided_by = $2 WHERE id = $1",
        [id.0.into(), by.into()],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE readings.reading SET verdict = 'accepted', superseded_by = NULL
         WHERE id = (SELECT id FROM readings.reading WHERE superseded_by = $1 AND verdict = 'superseded'
                     AND account_id = (SELECT account_id FROM readings.reading WHERE id = $1)
                     ORDER BY taken_on DESC, id DESC LIMIT 1)",
        [id.0.into()],
    )
    .await?;
    Ok(())
}

/// Keeps on which document a reading was taken back after the cut-off of its month: no later month goes on from it.
pub async fn taken_back(tx: &Tx, reading: &Reading, document: DocumentId) -> Result<()> {
    let by = tx.actor().label.clone();
    sql::run(
        tx,
        "INSERT INTO readings.taken_back (reading_id, account_id, point_id, meter_id, period, document_id, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            reading.id.0.into(),
            reading.account_id.0.into(),
            reading.point_id.0.into(),
            reading.meter_id.map(|id| id.0).into(),
            reading.period().first_day().into(),
            document.0.into(),
            by.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A person's word on a doubtful reading.
pub async fn decide(tx: &Tx, id: ReadingId, verdict: Verdict, why: Option<&str>) -> Result<()> {
    let by = tx.actor().label.clone();
    sql::run(
        tx,
        "WITH decided AS (
             UPDATE readings.reading SET verdict = $2, decided_by = $3, decided_why = $4 WHERE id = $1
             RETURNING account_id, period, point_id)
         UPDATE readings.reading r SET verdict = 'superseded', superseded_by = $1
         FROM decided d
         WHERE $2 = 'accepted' AND r.account_id = d.account_id AND r.period = d.period AND r.point_id = d.point_id
           AND r.act IS NULL AND r.verdict = 'accepted' AND r.id <> $1",
        [id.0.into(), verdict.code().into(), by.into(), why.into()],
    )
    .await?;
    Ok(())
}

/// What the register showed when a meter was installed or removed.
#[derive(Debug, Clone)]
pub struct ActReading {
    /// None at a house meter that no account pays for.
    pub account: Option<AccountId>,
    pub point: PointId,
    pub meter: MeterId,
    pub day: NaiveDate,
    pub value: Volume,
    pub channel: Channel,
    pub last: bool,
    /// Since the reading before, for the last one.
    pub consumption: Option<Volume>,
}

/// Writes the reading that a meter's stay at a point begins or ends with; it is accepted as the act itself is.
pub async fn act_reading(tx: &Tx, reading: ActReading) -> Result<ReadingId> {
    let period = Period::of(reading.day);
    ensure_months(tx, std::iter::once(period)).await?;
    let by = tx.actor().label.clone();
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, act, consumption,
             received_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'accepted', $8, $9, $10) RETURNING id",
        [
            period.first_day().into(),
            reading.account.map_or(0, |id| id.0).into(),
            reading.point.0.into(),
            reading.meter.0.into(),
            reading.day.into(),
            reading.value.liters().into(),
            reading.channel.code().into(),
            if reading.last { "final" } else { "initial" }.into(),
            reading.consumption.map(Volume::liters).into(),
            by.into(),
        ],
    )
    .await?;
    id.map(ReadingId).ok_or_else(|| crate::kernel::Broken::RecordNotInserted)
}

/// The readings that accounts began with at points on a day count no more; which ones.
pub async fn unbegin(
    tx: &Tx,
    accounts: &[AccountId],
    points: &[PointId],
    day: NaiveDate,
    why: &str,
) -> Result<Vec<(ReadingId, AccountId)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: ReadingId,
        account_id: AccountId,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "UPDATE readings.reading SET verdict = 'withdrawn', decided_by = $4, decided_why = $5
         WHERE account_id = ANY ($1) AND point_id = ANY ($2) AND taken_on = $3 AND act = 'initial' AND verdict = 'accepted'
         RETURNING id, account_id",
        [
            accounts.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            points.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            day.into(),
            tx.actor().label.clone().into(),
            why.into(),
        ],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.account_id)).collect())
}
