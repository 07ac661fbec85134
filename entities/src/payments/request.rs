//! Requests of channels: the log, and what it comes to by the hour.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use sea_orm::{TransactionTrait, sqlx};

use crate::kernel::tx::broken;
use crate::kernel::{Db, Page, Result, Slice, sql};

/// One request as it is kept.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: DateTime<Utc>,
    /// The day of `at` in Almaty.
    pub day: NaiveDate,
    pub channel: String,
    pub address: Option<std::net::IpAddr>,
    pub method: &'static str,
    pub command: Option<&'static str>,
    pub external_id: Option<String>,
    pub account: Option<String>,
    pub amount: Option<String>,
    pub query: String,
    pub outcome: &'static str,
    pub code: Option<i32>,
    pub status: i32,
    pub micros: i64,
    pub payment_id: Option<i64>,
    pub notes: Vec<&'static str>,
    /// Only counted: of a flood of refused ones not each has a line.
    pub counted_only: bool,
}

/// A text of a request as the database can hold it: the sign that it holds nowhere is shown.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

/// Adds lines to the log and to the figures of their hours: all or none.
pub async fn write(db: &Db, lines: &[Line]) -> Result<()> {
    let tx = db.begin().await?;
    let mut months: Vec<NaiveDate> =
        lines.iter().filter_map(|line| chrono::Datelike::with_day(&line.day, 1)).collect();
    months.sort_unstable();
    months.dedup();
    for month in months {
        sql::run(
            &tx,
            "SELECT platform.ensure_partitions($1::date)
             WHERE to_regclass('payments.request' || to_char($1::date, '_YYYY_MM')) IS NULL",
            [month.into()],
        )
        .await?;
    }
    tx.commit().await?;

    let kept: Vec<&Line> = lines.iter().filter(|line| !line.counted_only).collect();
    macro_rules! column {
        ($of:expr, |$line:ident| $value:expr) => {
            $of.iter().map(|$line| $value).collect::<Vec<_>>()
        };
    }
    let mut tx = db.get_postgres_connection_pool().begin().await.map_err(broken)?;
    sqlx::query(
        "INSERT INTO payments.request (day, at, channel, address, method, command, external_id, account, amount, query, outcome,
             code, status, micros, payment_id, notes)
         SELECT day, at, channel, address::inet, method, command, external_id, account, amount, query, outcome, code, status, micros,
                payment_id, string_to_array(notes, ',')
         FROM unnest($1::date[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
             $10::text[], $11::text[], $12::int[], $13::int[], $14::bigint[], $15::bigint[], $16::text[])
             AS l (day, at, channel, address, method, command, external_id, account, amount, query, outcome, code, status, micros,
                   payment_id, notes)",
    )
    .bind(column!(kept, |line| line.day))
    .bind(column!(kept, |line| line.at))
    .bind(column!(kept, |line| line.channel.clone()))
    .bind(column!(kept, |line| line.address.map(|address| address.to_string())))
    .bind(column!(kept, |line| line.method))
    .bind(column!(kept, |line| line.command))
    .bind(column!(kept, |line| line.external_id.as_deref().map(storable)))
    .bind(column!(kept, |line| line.account.as_deref().map(storable)))
    .bind(column!(kept, |line| line.amount.as_deref().map(storable)))
    .bind(column!(kept, |line| storable(&line.query)))
    .bind(column!(kept, |line| line.outcome))
    .bind(column!(kept, |line| line.code))
    .bind(column!(kept, |line| line.status))
    .bind(column!(kept, |line| line.micros))
    .bind(column!(kept, |line| line.payment_id))
    .bind(column!(kept, |line| line.notes.join(",")))
    .execute(&mut *tx)
    .await
    .map_err(broken)?;
    sqlx::query(
        "INSERT INTO payments.traffic AS t (channel, hour, command, outcome, calls, micros, slowest)
         SELECT channel, date_trunc('hour', at), coalesce(command, ''), outcome, count(*), sum(micros), max(micros)
         FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[]) AS l (channel, at, command, outcome, micros)
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
         ON CONFLICT (channel, hour, command, outcome) DO UPDATE
             SET calls = t.calls + excluded.calls, micros = t.micros + excluded.micros,
                 slowest = greatest(t.slowest, excluded.slowest)",
    )
    .bind(column!(lines, |line| line.channel.clone()))
    .bind(column!(lines, |line| line.at))
    .bind(column!(lines, |line| line.command))
    .bind(column!(lines, |line| line.outcome))
    .bind(column!(lines, |line| line.micros))
    .execute(&mut *tx)
    .await
    .map_err(broken)?;
    tx.commit().await.map_err(broken)
}

/// A line of the log.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Request {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub channel: String,
    pub address: Option<String>,
    pub method: String,
    pub command: Option<String>,
    pub external_id: Option<String>,
    pub account: Option<String>,
    pub amount: Option<String>,
    pub query: String,
    pub outcome: String,
    pub code: Option<i32>,
    pub status: i32,
    pub micros: i64,
    pub payment_id: Option<i64>,
    pub notes: Vec<String>,
}

/// Which requests are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub channel: Option<String>,
    pub outcome: Option<String>,
    pub number: Option<String>,
    pub account: Option<String>,
    /// None of those that were done.
    pub failed: bool,
}

/// Newest first.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, page: Page) -> Result<Slice<Request>> {
    let Filter { channel, outcome, number, account, failed } = filter.clone();
    let rows = sql::all(
        db,
        "SELECT id, at, channel, host(address) AS address, method, command, external_id, account, amount, query, outcome, code, status,
                micros, payment_id, notes
         FROM payments.request
         WHERE ($1::text IS NULL OR channel = $1) AND ($2::text IS NULL OR outcome = $2) AND ($3::text IS NULL OR external_id = $3)
           AND ($4::text IS NULL OR account = $4) AND (NOT $5 OR outcome <> 'done') AND ($6::bigint IS NULL OR id < $6)
         ORDER BY id DESC LIMIT $7",
        [
            channel.into(),
            outcome.into(),
            number.into(),
            account.into(),
            failed.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// What a channel said since a moment, oldest first, the last 5000 of it: for the self-check of a sandbox.
pub async fn since(db: &impl ConnectionTrait, channel: &str, at: DateTime<Utc>) -> Result<Vec<Request>> {
    sql::all(
        db,
        "SELECT * FROM (
             SELECT id, at, channel, host(address) AS address, method, command, external_id, account, amount, query, outcome, code,
                    status, micros, payment_id, notes
             FROM payments.request WHERE channel = $1 AND at >= $2 ORDER BY id DESC LIMIT 5000) r
         ORDER BY id",
        [channel.into(), at.into()],
    )
    .await
}

/// Calls of an hour with one outcome.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Traffic {
    pub channel: String,
    pub hour: DateTime<Utc>,
    pub command: String,
    pub outcome: String,
    pub calls: i64,
    pub micros: i64,
    pub slowest: i64,
}

/// Hour by hour since a moment, oldest first.
pub async fn traffic(
    db: &impl ConnectionTrait,
    channel: Option<String>,
    since: DateTime<Utc>,
) -> Result<Vec<Traffic>> {
    sql::all(
        db,
        "SELECT channel, hour, command, outcome, calls, micros, slowest FROM payments.traffic
         WHERE ($1::text IS NULL OR channel = $1) AND hour >= $2 ORDER BY hour, channel, command, outcome LIMIT 20000",
        [channel.into(), since.into()],
    )
    .await
}
