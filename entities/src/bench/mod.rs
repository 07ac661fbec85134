//! The measure of the main jobs: what PostgreSQL alone needs for the same work. Never part of the product's own work.

use chrono::NaiveDate;
use domain::kernel::{Period, PointId, Sector};
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection};
use sea_orm::{ConnectionTrait, FromQueryResult, sqlx};

use crate::billing::input;
use crate::billing::run::Run;
use crate::kernel::tx::broken;
use crate::kernel::{Db, Result, Tx, sql};

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Sums {
    pub lines: i64,
    /// Tiyn.
    pub net: i64,
    /// Tiyn.
    pub gross: i64,
    pub accounts: i64,
    pub excused: i64,
}

/// The statement of [`run_in_one_statement`]. Everything put in is a number, a date or a word of a closed list.
fn statement(run: &Run, posted_on: NaiveDate) -> String {
    let facts = input::select(run.period(), run.sector(), run.run_id(), run.known_at, None);
    include_str!("run.sql")
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{columns}", input::COLUMNS)
        .replace("{inputs}", &facts)
        .replace("{period}", &format!("date '{}'", run.period))
        .replace("{sector}", &format!("'{}'", run.sector))
        .replace("{run}", &run.id.to_string())
        .replace("{known_at}", &format!("'{}'", run.known_at.to_rfc3339()))
        .replace("{due_on}", &format!("date '{}'", run.due_on))
        .replace("{posted_on}", &format!("date '{posted_on}'"))
}

/// The whole work of a run — facts, rule, everything that is posted — as one set-based statement, for a run that was
/// started and not begun.
pub async fn run_in_one_statement(tx: &mut Tx, run: &Run, posted_on: NaiveDate) -> Result<Sums> {
    let text = statement(run, posted_on);
    // Sorts and hashes of a city in memory: the measure is the best that the database can do.
    // By hashes: behind so many steps the planner takes a city for one row, and joins it row by row.
    tx.execute_unprepared(
        "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off; SET LOCAL enable_nestloop = off",
    )
    .await?;
    let row = sqlx::query(AssertSqlSafe(text)).persistent(false).fetch_one(tx.pg()).await.map_err(broken)?;
    Sums::from_query_result(&row.into(), "")
}

/// The plans of a run's own steps, and of its preview, as the planner makes them now: `EXPLAIN (FORMAT JSON)` by name.
pub async fn plans(
    db: &impl ConnectionTrait,
    run: &Run,
    before: Option<&Run>,
) -> Result<Vec<(&'static str, serde_json::Value)>> {
    let (period, sector, id) = (run.period(), run.sector(), run.run_id());
    let shards = crate::billing::run::shards(db, id).await?;
    let shard = shards.first().ok_or_else(|| sea_orm::DbErr::RecordNotFound("a shard".into()))?;
    let steps = [
        (
            "snapshot",
            format!(
                "INSERT INTO billing.run_input ({}) {}",
                input::COLUMNS,
                input::select(period, sector, id, run.known_at, None)
            ),
        ),
        ("shard", input::shard_select(period, id, shard.from_account, shard.to_account)),
        ("preview", input::survey_select(period, sector, run.known_at, before.map(Run::run_id), None)),
    ];
    let mut plans = Vec::new();
    for (name, text) in steps {
        let plan = sql::scalar(db, &format!("EXPLAIN (FORMAT JSON) {text}"), []).await?;
        plans.push((name, plan.unwrap_or_default()));
    }
    Ok(plans)
}

/// Tables that a run fills, with the columns that must be equal whoever filled them.
const FILLED: &[(&str, &str)] = &[
    (
        "billing.charge_line",
        "period, account_id, line, point_id, service, component, basis, from_day, to_day, liters, price, coefficient, vat_rate, \
         tariff_id, vat_id, band_id, norm_id, residency_id, residents, meter_id, reading_prev, reading_last, net, vat, gross, \
         special_id, building_id, limit_id",
    ),
    (
        "consumption.month",
        "period, account_id, point_id, liters, basis, meter_id, reading_id, reading_day, reading_liters, \
         months_without_reading, provisional, history, history_period",
    ),
    (
        "billing.bill",
        "period, account_id, opening, charged, penalty, corrected, paid, closing, due_on, excuse",
    ),
    ("ledger.open_item", "account_id, sector, service, component, origin, due_on, amount, source"),
    (
        "ledger.entry",
        "period, sector, account_id, posted_on, debit, credit, amount, service, component, origin, source",
    ),
    ("ledger.account_total", "account_id, period, sector, kind, amount"),
];

/// Which rows of a filled table are a run's.
fn of_run(table: &str) -> &'static str {
    match table {
        "ledger.open_item" | "ledger.entry" => "source = 'run' AND source_id = $1 AND $2::date IS NOT NULL",
        "ledger.account_total" => {
            // Final bills of the month are no run of the sector.
            "kind = 'charge' AND period = $2 AND sector = (SELECT sector FROM billing.run WHERE id = $1)
             AND account_id NOT IN (SELECT f.account_id FROM billing.run f
                                    WHERE f.period = $2 AND f.account_id IS NOT NULL AND f.state = 'issued')"
        }
        _ => "run_id = $1 AND period = $2",
    }
}

/// Keeps a copy of what a run wrote, to hold the next one against.
pub async fn keep(tx: &Tx, run: &Run) -> Result<()> {
    tx.execute_unprepared("CREATE SCHEMA IF NOT EXISTS bench").await?;
    for (table, columns) in FILLED {
        let copy = format!("bench.{}", table.replace('.', "_"));
        tx.execute_unprepared(&format!("DROP TABLE IF EXISTS {copy}")).await?;
        tx.execute_unprepared(&format!("CREATE TABLE {copy} AS SELECT {columns} FROM {table} LIMIT 0"))
            .await?;
        let fill = format!("INSERT INTO {copy} SELECT {columns} FROM {table} WHERE {}", of_run(table));
        sql::run(tx, &fill, [run.id.into(), run.period.into()]).await?;
    }
    Ok(())
}

/// Rows that only one of the two has, kept copy or run, table by table; nothing when they are equal.
pub async fn differences(tx: &Tx, run: &Run) -> Result<Vec<(&'static str, i64)>> {
    let mut found = Vec::new();
    for (table, columns) in FILLED {
        let copy = format!("bench.{}", table.replace('.', "_"));
        let own = format!("SELECT {columns} FROM {table} WHERE {}", of_run(table));
        let kept = format!("SELECT {columns} FROM {copy}");
        let count: Option<i64> = sql::scalar(
            tx,
            &format!(
                "SELECT (SELECT count(*) FROM ({own} EXCEPT ALL {kept}) a) + (SELECT count(*) FROM ({kept} EXCEPT ALL {own}) b)"
            ),
            [run.id.into(), run.period.into()],
        )
        .await?;
        if let Some(count) = count.filter(|count| *count > 0) {
            found.push((*table, count));
        }
    }
    Ok(found)
}

/// A few of the rows that differ, for whoever has to find out why.
pub async fn some_differences(tx: &Tx, run: &Run) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        row: String,
    }
    let mut found = Vec::new();
    for (table, columns) in FILLED {
        let copy = format!("bench.{}", table.replace('.', "_"));
        let own = format!("SELECT {columns} FROM {table} WHERE {}", of_run(table));
        let kept = format!("SELECT {columns} FROM {copy}");
        let rows: Vec<Row> = sql::all(
            tx,
            &format!(
                "(SELECT 'statement ' || a::text AS row FROM ({own} EXCEPT ALL {kept}) a ORDER BY 1 LIMIT 6)
                 UNION ALL (SELECT 'program   ' || b::text FROM ({kept} EXCEPT ALL {own}) b ORDER BY 1 LIMIT 6)"
            ),
            [run.id.into(), run.period.into()],
        )
        .await?;
        found.extend(rows.into_iter().map(|row| format!("{table} {}", row.row)));
    }
    Ok(found)
}

/// Gives a run the shares of houses that the month's last run reckoned: the statement charges them, it does not find them.
pub async fn bear_again(tx: &Tx, run: &Run) -> Result<u64> {
    sql::run(
        tx,
        "WITH last AS (
             SELECT max(id) AS id FROM imbalance.reckoning
             WHERE purpose = 'run' AND period = $2 AND sector = $3 AND done_at IS NOT NULL),
         own AS (
             INSERT INTO imbalance.reckoning (period, sector, purpose, purpose_id, known_at, done_at)
             SELECT period, sector, 'run', $1, known_at, done_at FROM imbalance.reckoning WHERE id = (SELECT id FROM last)
             RETURNING id)
         INSERT INTO imbalance.share (period, account_id, reckoning_id, building_id, point_id, meter_id, reading_prev, reading_last,
             from_day, to_day, liters, whole, weight, weights)
         SELECT s.period, s.account_id, own.id, s.building_id, s.point_id, s.meter_id, s.reading_prev, s.reading_last,
                s.from_day, s.to_day, s.liters, s.whole, s.weight, s.weights
         FROM imbalance.share s, own WHERE s.reckoning_id = (SELECT id FROM last) AND s.period = $2",
        [run.id.into(), run.period.into(), run.sector.clone().into()],
    )
    .await
}

/// Takes every trace of a month's runs out of a database that serves nothing but measuring: the ledger refuses it otherwise.
pub async fn forget(tx: &Tx, run: &Run) -> Result<()> {
    tx.execute_unprepared("SET LOCAL session_replication_role = replica").await?;
    for (table, _) in FILLED.iter().chain(&[("billing.run_input", "")]) {
        let delete = format!("DELETE FROM {table} WHERE {}", of_run(table));
        sql::run(tx, &delete, [run.id.into(), run.period.into()]).await?;
    }
    for table in ["billing.run_shard", "billing.run_failure"] {
        sql::run(tx, &format!("DELETE FROM {table} WHERE run_id = $1"), [run.id.into()]).await?;
    }
    sql::run(tx, "DELETE FROM ledger.hold WHERE source = 'run' AND source_id = $1", [run.id.into()]).await?;
    sql::run(tx, "DELETE FROM billing.run WHERE id = $1", [run.id.into()]).await?;
    Ok(())
}

/// Leaves no dead rows of the last repeat to the next one.
pub async fn tidy(db: &Db) -> Result<()> {
    for (table, _) in FILLED.iter().chain(&[("billing.run_input", "")]) {
        db.execute_unprepared(&format!("VACUUM (ANALYZE) {table}")).await?;
    }
    db.execute_unprepared("CHECKPOINT").await?;
    Ok(())
}

async fn is_database(pg: &mut PgConnection, name: &str) -> Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(pg)
        .await
        .map_err(broken)
}

/// Makes an empty database beside the one of the address, unless it exists; whether it was made.
pub async fn create_database(url: &str, name: &str) -> Result<bool> {
    let mut pg = PgConnection::connect(url).await.map_err(broken)?;
    let exists = is_database(&mut pg, name).await?;
    if !exists {
        let create = format!("CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut pg).await.map_err(broken)?;
    }
    Ok(!exists)
}

/// Makes a database beside the one of the address as a copy of another, whose connections are ended; whether it was made.
pub async fn copy_database(url: &str, from: &str, name: &str) -> Result<bool> {
    let mut pg = PgConnection::connect(url).await.map_err(broken)?;
    let exists = is_database(&mut pg, name).await?;
    if !exists {
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
            .bind(from)
            .execute(&mut pg)
            .await
            .map_err(broken)?;
        let create = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{from}\" STRATEGY file_copy");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut pg).await.map_err(broken)?;
    }
    Ok(!exists)
}

/// Process ids of the server's backends that work for this database, this connection's own left out; on the same machine
/// their processor time can be read.
pub async fn backends(db: &Db) -> Result<Vec<i32>> {
    #[derive(FromQueryResult)]
    struct Row {
        pid: i32,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.pid).collect())
}

/// Accounts spread over the whole city.
pub async fn some_accounts(db: &Db, count: usize) -> Result<Vec<(i64, domain::kernel::Sector)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        sector: String,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT id, sector FROM (
             SELECT id, sector, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS all_of_them FROM subscribers.account) a
         WHERE n % greatest(1, all_of_them / $1) = 0 ORDER BY id",
        [(count as i64).into()],
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.id, domain::kernel::Sector::from_code(&row.sector)?)))
        .collect())
}

/// Lets a job whose worker is gone be taken at once: as if a minute had passed, or as if a person had asked again.
pub async fn orphan_job(db: &Db, kind: &str, key: &str) -> Result<u64> {
    sql::run(
        db,
        "UPDATE platform.job SET heartbeat = now() - interval '1 hour', run_after = now(), attempts = 0,
             state = CASE state WHEN 'failed' THEN 'queued' ELSE state END
         WHERE kind = $1 AND unique_key = $2",
        [kind.into(), key.into()],
    )
    .await
}

/// Bytes of write-ahead log that the server has written since it was made.
pub async fn written_ahead(db: &Db) -> Result<i64> {
    let bytes =
        sql::scalar(db, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint", []).await?;
    Ok(bytes.unwrap_or_default())
}

/// The process that serves this connection.
pub async fn own_backend(db: &Db) -> Result<Option<i32>> {
    sql::scalar(db, "SELECT pg_backend_pid()", []).await
}

/// Numbers of a thousand accounts with twelve bills: what a measurement of reading draws from.
pub async fn account_numbers(db: &Db) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        number: String,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT a.number FROM subscribers.account a JOIN billing.bill b ON b.account_id = a.id
         GROUP BY a.number HAVING count(*) >= 12 ORDER BY a.number LIMIT 1000",
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

/// The range of ids of those accounts.
pub async fn account_ids(db: &Db) -> Result<(i64, i64)> {
    #[derive(FromQueryResult)]
    struct Row {
        first: i64,
        last: i64,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT min(id) AS first, max(id) AS last FROM (
             SELECT a.id FROM subscribers.account a JOIN billing.bill b ON b.account_id = a.id
             GROUP BY a.id, a.number HAVING count(*) >= 12 ORDER BY a.number LIMIT 1000) a",
        [],
    )
    .await?;
    Ok(row.map_or((1, 1), |row| (row.first, row.last)))
}

/// Points with a meter and what it showed last, in litres: what a measurement hands readings in for.
pub async fn metered_points(db: &Db, count: i64) -> Result<Vec<(PointId, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        point_id: PointId,
        liters: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT ON (r.point_id) r.point_id, r.liters FROM readings.reading r
         WHERE r.verdict = 'accepted' AND r.account_id <> 0 AND EXISTS (
             SELECT FROM meters.installation i
             WHERE i.point_id = r.point_id AND i.meter_id = r.meter_id AND upper_inf(i.recorded) AND upper_inf(i.valid))
           AND EXISTS (
             SELECT FROM subscribers.account_point o
             WHERE o.point_id = r.point_id AND o.account_id = r.account_id AND upper_inf(o.recorded) AND upper_inf(o.valid))
         ORDER BY r.point_id, r.taken_on DESC, r.id DESC LIMIT $1",
        [count.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.point_id, row.liters)).collect())
}

/// The number of the newest reading.
pub async fn last_reading(db: &Db) -> Result<i64> {
    Ok(sql::scalar(db, "SELECT coalesce(max(id), 0) FROM readings.reading", []).await?.unwrap_or_default())
}

/// Readings as one statement by hand: each stands on the last one of its point, nothing is judged.
pub async fn insert_readings(
    tx: &Tx,
    day: NaiveDate,
    period: Period,
    readings: &[(PointId, i64)],
) -> Result<u64> {
    let (points, liters): (Vec<i64>, Vec<i64>) =
        readings.iter().map(|(point, liters)| (point.0, *liters)).unzip();
    sql::run(
        tx,
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, consumption,
             previous_id, received_by)
         SELECT $1, last.account_id, q.point_id, last.meter_id, $2, q.liters, 'telemetry', 'accepted', q.liters - last.liters,
                last.id, 'bench'
         FROM unnest($3::bigint[], $4::bigint[]) AS q (point_id, liters)
         CROSS JOIN LATERAL (
             SELECT r.id, r.account_id, r.meter_id, r.liters FROM readings.reading r
             WHERE r.point_id = q.point_id AND r.verdict = 'accepted' AND r.period < $1
             ORDER BY r.taken_on DESC, r.id DESC LIMIT 1
         ) last",
        [period.first_day().into(), day.into(), points.into(), liters.into()],
    )
    .await
}

/// What was written after a number, as one word; who wrote it and what was thought of it left out.
pub async fn readings_since(db: &Db, last: i64) -> Result<Option<String>> {
    sql::scalar(
        db,
        "SELECT md5(string_agg(concat_ws(' ', period, account_id, point_id, meter_id, taken_on, liters, channel, consumption,
                                         previous_id), ';' ORDER BY point_id))
         FROM readings.reading WHERE id > $1",
        [last.into()],
    )
    .await
}

/// Takes the readings after a number away again.
pub async fn forget_readings(tx: &Tx, last: i64) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE readings.reading SET verdict = 'accepted', superseded_by = NULL WHERE superseded_by > $1 AND id <= $1",
        [last.into()],
    )
    .await?;
    sql::run(tx, "DELETE FROM readings.reading WHERE id > $1", [last.into()]).await
}

/// Accounts that take payments: id, number, sector.
pub async fn payable(db: &Db) -> Result<Vec<(i64, String, Sector)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        number: String,
        sector: Sector,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT id, number, sector FROM subscribers.account WHERE status <> 'closed' ORDER BY id",
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.number, row.sector)).collect())
}

/// From the next connection on this database says that something is done when it is written.
pub async fn acknowledge_written(db: &Db) -> Result<()> {
    db.execute_unprepared(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$",
    )
    .await
    .map(drop)
}

/// For pgbench: the product's own two statements of a payment, one transaction. It is told the numbers `first` and `last` of accounts.
/// Between the two stands what SQL can say of the rule: month by month, pro rata within a month, the rest is an advance. So both sides
/// write the same number of rows; `rows_of_payments` shows it.
pub fn pay_script(channel: &str) -> String {
    let look = fill(
        crate::payments::take::LOOK,
        &[
            &format!("'{channel}'"),
            ":number::text",
            "(1000000 + :id)::text",
            "date '2026-03-01'",
            ":amount::bigint",
            "10",
        ],
    );
    let write = fill(
        crate::payments::take::TAKE,
        &[
            &format!("'{channel}'"),
            ":number::text",
            ":fresh::bigint",
            "'\\x00'::bytea",
            "convert_to(repeat('answer ', 27), 'UTF8')",
            ":account::bigint",
            ":sector::text",
            ":period::date",
            ":amount::bigint",
            "date '2026-03-26'",
            &format!("'{channel}'"),
            &format!("(SELECT agent_id FROM payments.channel WHERE code = '{channel}')"),
            "now()",
            "'{}'::text[]",
            ":items::bigint[]",
            ":parts::bigint[]",
            ":advance::bigint",
            "array_fill('agent_clearing'::text, ARRAY[cardinality(:sums::bigint[])])",
            ":credits::text[]",
            ":sums::bigint[]",
            ":services::text[]",
            ":components::text[]",
            "'{}'::text[]",
            "'system'",
            "NULL::bigint",
            "NULL::uuid",
            "'payment'",
            ":fresh::bigint",
            "'record'",
            "jsonb_build_object('account', :account::bigint, 'amount', :amount::bigint, 'channel', 'x', 'externalId', :number::text)",
            "'payments'",
            "'payments.recorded'",
            "jsonb_build_object('Payments', jsonb_build_object('Recorded', jsonb_build_object('payment', :fresh::bigint)))",
        ],
    );
    let amount = ":amount::bigint";
    format!(
        "\\set id random(:first, :last)\n\\set amount random(100, 100000)\n\\set number random(1, 9000000000000000000)\n\
         BEGIN;\n\
         SELECT account, sector, period, fresh, {amount} - covered AS advance, items, parts,
                parts || array_remove(ARRAY[{amount} - covered], 0) AS sums,
                array_fill('receivable'::text, ARRAY[cardinality(parts)]) || CASE WHEN covered < {amount} THEN ARRAY['advance'] END AS credits,
                services || CASE WHEN covered < {amount} THEN ARRAY[NULL::text] END AS services,
                components || CASE WHEN covered < {amount} THEN ARRAY[NULL::text] END AS components
         FROM (
             SELECT min(account) AS account, min(sector) AS sector, min(period) AS period, min(fresh) AS fresh, coalesce(sum(part), 0)::bigint AS covered,
                    coalesce(array_agg(item ORDER BY item) FILTER (WHERE part > 0), '{{}}') AS items,
                    coalesce(array_agg(part ORDER BY item) FILTER (WHERE part > 0), '{{}}') AS parts,
                    coalesce(array_agg(service ORDER BY item) FILTER (WHERE part > 0), '{{}}') AS services,
                    coalesce(array_agg(component ORDER BY item) FILTER (WHERE part > 0), '{{}}') AS components
             FROM (
                 SELECT *, CASE WHEN rest > 0 THEN covered * upto / month - covered * (upto - rest) / month END AS part
                 FROM (
                     SELECT *, least(month, greatest(0, {amount} - before + month)) AS covered
                     FROM (
                         SELECT *, (sum(rest) OVER (PARTITION BY origin))::bigint AS month,
                                (sum(rest) OVER (PARTITION BY origin ORDER BY item))::bigint AS upto,
                                (sum(rest) OVER (ORDER BY origin))::bigint AS before
                         FROM (SELECT *, greatest(amount - settled, 0) AS rest FROM ({look}) seen) owed
                     ) months
                 ) due
             ) parts
         ) paid \\gset\n\
         {write};\nCOMMIT;\n"
    )
}

/// Payments with a number above `last`: how many, and how many rows of settlements, entries and advances one of them wrote.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Written {
    pub payments: i64,
    pub settlements: f64,
    pub entries: f64,
    pub advances: f64,
}

pub async fn rows_of_payments(db: &Db, last: i64) -> Result<Option<Written>> {
    sql::one(
        db,
        "WITH paid AS MATERIALIZED (SELECT id FROM payments.payment WHERE id > $1)
         SELECT p.n AS payments, s.n::float8 / p.n AS settlements, e.n::float8 / p.n AS entries, a.n::float8 / p.n AS advances
         FROM (SELECT count(*) AS n FROM paid) p,
              (SELECT count(*) AS n FROM ledger.settlement WHERE source = 'payment' AND source_id > $1) s,
              (SELECT count(*) AS n FROM ledger.entry WHERE source = 'payment' AND source_id > $1) e,
              (SELECT count(*) AS n FROM ledger.open_item WHERE source = 'payment' AND source_id > $1) a
         WHERE p.n > 0",
        [last.into()],
    )
    .await
}

/// Tells the planner what payments have made of their tables, whenever it would have looked by itself.
pub async fn know_payments(db: &Db) -> Result<()> {
    db.execute_unprepared(
        "ANALYZE payments.payment, payments.payment_key, ledger.open_item, ledger.settlement, ledger.entry, ledger.account_total,
                 platform.outbox, platform.audit_entry",
    )
    .await
    .map(drop)
}

/// The number of the newest payment.
pub async fn last_payment(db: &Db) -> Result<i64> {
    Ok(sql::scalar(db, "SELECT coalesce(max(id), 0) FROM payments.payment", []).await?.unwrap_or_default())
}

/// A statement without its remarks and with its parameters put in, the last one first: `$1` begins `$12`.
fn fill(statement: &str, values: &[&str]) -> String {
    let bare: Vec<&str> = statement.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let numbered = values.iter().enumerate().rev();
    numbered.fold(bare.join("\n"), |text, (at, value)| text.replace(&format!("${}", at + 1), value))
}
