//! The staged file of one transaction.

use std::borrow::Cow;

use chrono::NaiveDate;
use domain::imports::{ImportKind, RowError};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::scripts;
use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Result, ScopeArgs, Tx, sql};

/// What a column of the stage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Text,
    Date,
    /// Litres, tiyn or a plain count.
    Number,
    Bool,
    /// A sealed value and its blind index: two columns, the second with the suffix `_index`.
    Sealed,
}

/// One value of a staged row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Text(String),
    Date(NaiveDate),
    Number(i64),
    Bool(bool),
    Sealed { sealed: Vec<u8>, index: Vec<u8> },
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Warning,
    Rejected,
}

impl Level {
    const fn code(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Rejected => "rejected",
        }
    }
}

/// Something about a line: a code, and the column it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub line: i32,
    pub code: Cow<'static, str>,
    pub column: &'static str,
    pub level: Level,
}

impl Problem {
    pub fn new(line: i32, error: RowError, column: &'static str) -> Self {
        Self { line, code: error.code().into(), column, level: Level::Rejected }
    }
}

/// An empty stage for a kind of file. `supplied_from`: where the file does not say since when a point is supplied.
pub async fn create(
    tx: &Tx,
    kind: ImportKind,
    columns: &[(&'static str, Column)],
    batch: ImportBatchId,
    today: NaiveDate,
) -> Result<()> {
    let mut fields = String::new();
    for (name, column) in columns {
        fields += &match column {
            Column::Text => format!("\"{name}\" text, "),
            Column::Date => format!("\"{name}\" date, "),
            Column::Number => format!("\"{name}\" bigint, "),
            Column::Bool => format!("\"{name}\" boolean, "),
            Column::Sealed => format!("\"{name}\" bytea, {name}_index bytea, "),
        };
    }
    let found = scripts(kind).found;
    // Plans of the scripts must follow the size of this very file; compiling them costs more than they take.
    tx.execute_unprepared(&format!(
        "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off; SET LOCAL work_mem = '64MB';
         DROP TABLE IF EXISTS stage, problem, param;
         CREATE TEMP TABLE stage (line int PRIMARY KEY, {fields} {found}, entity_id bigint) ON COMMIT DROP;
         CREATE TEMP TABLE problem (line int NOT NULL, code text NOT NULL, col text NOT NULL, level text NOT NULL) ON COMMIT DROP;
         CREATE TEMP TABLE param (batch bigint, today date, supplied_from date, sectors text[], districts bigint[], label text)
             ON COMMIT DROP"
    ))
    .await?;
    param(tx, batch, today).await
}

/// Who imports what, for the scripts.
async fn param(tx: &Tx, batch: ImportBatchId, today: NaiveDate) -> Result<()> {
    let scope = ScopeArgs::from(tx.scope());
    let label = tx.actor().label.clone();
    let from = Period::of(today).first_day();
    sql::run(
        tx,
        "INSERT INTO param VALUES ($1, $2, $3, $4, $5, $6)",
        [
            batch.0.into(),
            today.into(),
            from.into(),
            scope.sectors.into(),
            scope.districts.into(),
            label.into(),
        ],
    )
    .await?;
    tx.execute_unprepared("ANALYZE param").await?;
    Ok(())
}

/// Puts typed rows and what was wrong with their texts.
pub async fn put(
    tx: &mut Tx,
    columns: &[(&'static str, Column)],
    rows: &[(i32, Vec<Value>)],
    problems: &[Problem],
) -> Result<()> {
    let mut names = vec!["line".to_owned()];
    for (name, column) in columns {
        names.push(format!("\"{name}\""));
        if *column == Column::Sealed {
            names.push(format!("{name}_index"));
        }
    }
    let width = i16::try_from(names.len()).expect("files have few columns");
    let mut staged = Rows::default();
    for (line, values) in rows {
        staged.row(width).i32(*line);
        for ((_, column), value) in columns.iter().zip(values) {
            match value {
                Value::Null => {
                    staged.null();
                    if *column == Column::Sealed {
                        staged.null();
                    }
                }
                Value::Text(text) => drop(staged.text(text)),
                Value::Date(day) => drop(staged.date(*day)),
                Value::Number(number) => drop(staged.i64(*number)),
                Value::Bool(yes) => drop(staged.bool(*yes)),
                Value::Sealed { sealed, index } => drop(staged.bytes(sealed).bytes(index)),
            }
        }
    }
    let copy = format!("COPY stage ({}) FROM STDIN WITH (FORMAT binary)", names.join(", "));
    copy_in(tx.pg(), &copy, staged).await?;
    note(tx, problems).await
}

/// The same problem of every line.
pub async fn note_all(tx: &Tx, error: RowError, level: Level) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO problem SELECT line, $1, '', $2 FROM stage",
        [error.code().into(), level.code().into()],
    )
    .await?;
    Ok(())
}

/// Adds problems.
pub async fn note(tx: &mut Tx, problems: &[Problem]) -> Result<()> {
    let mut rows = Rows::default();
    for problem in problems {
        rows.row(4).i32(problem.line).text(&problem.code).text(problem.column).text(problem.level.code());
    }
    copy_in(tx.pg(), "COPY problem (line, code, col, level) FROM STDIN WITH (FORMAT binary)", rows).await?;
    Ok(())
}

/// Runs the kind's checks over the whole stage.
pub async fn check(tx: &Tx, kind: ImportKind) -> Result<()> {
    tx.execute_unprepared("ANALYZE stage").await?;
    for script in scripts(kind).check {
        tx.execute_unprepared(script).await?;
    }
    Ok(())
}

/// What is said about lines: one row per line with a problem.
const SAID: &str = "SELECT line,
         CASE WHEN bool_or(level = 'rejected') THEN 'rejected' WHEN bool_or(level = 'duplicate') THEN 'duplicate' ELSE 'warning' END
             AS verdict,
         array_agg(code ORDER BY level = 'warning', code, col) AS codes,
         array_agg(col ORDER BY level = 'warning', code, col) AS columns
     FROM (SELECT DISTINCT * FROM problem) p GROUP BY line";

/// Writes a whole file's rows by one statement. Rows that came a moment ago are unknown to the planner: it expects one and would
/// walk the stage for each of a hundred thousand, hours instead of a second.
async fn write(tx: &Tx, statement: &str, batch: ImportBatchId) -> Result<u64> {
    tx.execute_unprepared("SET LOCAL enable_nestloop = off").await?;
    let written = sql::run(tx, statement, [batch.0.into()]).await?;
    tx.execute_unprepared("SET LOCAL enable_nestloop = on").await?;
    Ok(written)
}

/// Verdicts of all staged lines into the file's rows.
pub async fn write_verdicts(tx: &Tx, batch: ImportBatchId) -> Result<()> {
    write(
        tx,
        &format!(
            "UPDATE imports.row r SET verdict = coalesce(v.verdict, 'ok'), codes = coalesce(v.codes, '{{}}'),
                    columns = coalesce(v.columns, '{{}}')
             FROM stage s LEFT JOIN ({SAID}) v USING (line) WHERE r.batch_id = $1 AND r.line = s.line"
        ),
        batch,
    )
    .await?;
    Ok(())
}

/// The same of those lines that are not written; the right ones get their verdict once, with what they became.
pub async fn write_wrong(tx: &Tx, batch: ImportBatchId) -> Result<()> {
    write(
        tx,
        &format!(
            "UPDATE imports.row r SET verdict = v.verdict, codes = v.codes, columns = v.columns
             FROM ({SAID}) v WHERE r.batch_id = $1 AND r.line = v.line AND v.verdict <> 'warning'"
        ),
        batch,
    )
    .await?;
    Ok(())
}

/// Leaves only right rows, and says how many they are.
pub async fn keep_right(tx: &Tx) -> Result<i64> {
    tx.execute_unprepared(
        "DELETE FROM stage s USING problem p WHERE p.line = s.line AND p.level IN ('rejected', 'duplicate'); ANALYZE stage",
    )
    .await?;
    Ok(sql::scalar(tx, "SELECT count(*) FROM stage", []).await?.unwrap_or_default())
}

/// Runs the kind's commit over the right rows.
pub async fn commit(tx: &Tx, kind: ImportKind) -> Result<()> {
    if let Some(script) = scripts(kind).commit {
        tx.execute_unprepared(script).await?;
    }
    Ok(())
}

/// The rows of the stage have become what they stand for.
pub async fn write_committed(tx: &Tx, batch: ImportBatchId) -> Result<u64> {
    write(
        tx,
        &format!(
            "UPDATE imports.row r SET verdict = 'committed', entity_id = s.entity_id, codes = coalesce(v.codes, '{{}}'),
                    columns = coalesce(v.columns, '{{}}')
             FROM stage s LEFT JOIN ({SAID}) v USING (line)
             WHERE r.batch_id = $1 AND r.line = s.line AND s.entity_id IS NOT NULL"
        ),
        batch,
    )
    .await
}

/// Something stands on a batch.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Stands {
    pub code: String,
    pub count: i64,
}

/// What keeps a batch from being taken back; nothing means it can be.
pub async fn stands(tx: &Tx, kind: ImportKind, batch: ImportBatchId) -> Result<Vec<Stands>> {
    let all: Vec<Stands> = sql::all(tx, scripts(kind).stands, [batch.0.into()]).await?;
    Ok(all.into_iter().filter(|stands| stands.count > 0).collect())
}

/// Takes a batch back as far as a script does; its rows say so.
pub async fn undo(tx: &Tx, kind: ImportKind, batch: ImportBatchId, today: NaiveDate) -> Result<()> {
    tx.execute_unprepared(
        "DROP TABLE IF EXISTS param;
         CREATE TEMP TABLE param (batch bigint, today date, supplied_from date, sectors text[], districts bigint[], label text)
             ON COMMIT DROP",
    )
    .await?;
    param(tx, batch, today).await?;
    if let Some(script) = scripts(kind).undo {
        tx.execute_unprepared(script).await?;
    }
    sql::run(
        tx,
        "UPDATE imports.row SET verdict = 'undone' WHERE batch_id = $1 AND verdict = 'committed'",
        [batch.0.into()],
    )
    .await?;
    Ok(())
}

/// A staged reading whose point was found.
#[derive(Debug, Clone, FromQueryResult)]
pub struct StagedReading {
    pub line: i32,
    pub point_id: PointId,
    pub day: NaiveDate,
    pub value_m3: Volume,
    pub channel: Option<String>,
}

/// Staged readings to be judged: right so far, in the order of the file, after a line.
pub async fn readings(tx: &Tx, after: i32, limit: i64) -> Result<Vec<StagedReading>> {
    sql::all(
        tx,
        "SELECT s.line, s.point_id, s.day, s.value_m3, s.channel FROM stage s
         WHERE s.line > $1 AND s.point_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level IN ('rejected', 'duplicate'))
         ORDER BY s.line LIMIT $2",
        [after.into(), limit.into()],
    )
    .await
}

/// The rows that lines have become.
pub async fn became(tx: &Tx, lines: Vec<i32>, ids: Vec<i64>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE stage s SET entity_id = b.id FROM unnest($1::int[], $2::bigint[]) AS b (line, id) WHERE s.line = b.line",
        [lines.into(), ids.into()],
    )
    .await?;
    Ok(())
}

/// A staged payment, right so far.
#[derive(Debug, Clone, FromQueryResult)]
pub struct StagedPayment {
    pub line: i32,
    pub account_id: AccountId,
    pub sector: Sector,
    pub amount: Money,
    pub paid_on: NaiveDate,
    pub channel: String,
    pub external_id: String,
}

/// Staged payments, in the order of the file.
pub async fn payments(tx: &Tx) -> Result<Vec<StagedPayment>> {
    sql::all(
        tx,
        "SELECT line, account_id, sector, amount, paid_on, channel, external_id FROM stage ORDER BY line",
        [],
    )
    .await
}

/// A staged balance, right so far.
#[derive(Debug, Clone, FromQueryResult)]
pub struct StagedBalance {
    pub line: i32,
    pub account_id: AccountId,
    pub sector: Sector,
    pub service: Option<Service>,
    pub component: String,
    pub month: NaiveDate,
    /// Negative for an advance.
    pub amount: Money,
}

/// Staged balances, in the order of the file.
pub async fn balances(tx: &Tx) -> Result<Vec<StagedBalance>> {
    sql::all(
        tx,
        "SELECT line, account_id, sector, service, component, \"month\", amount FROM stage ORDER BY line",
        [],
    )
    .await
}

/// Count and sum (tiyn) of every line of a file of money.
pub async fn totals(tx: &Tx) -> Result<(i64, i64)> {
    #[derive(FromQueryResult)]
    struct Totals {
        count: i64,
        sum: i64,
    }
    let totals: Option<Totals> =
        sql::one(tx, "SELECT count(*) AS count, coalesce(sum(amount), 0)::bigint AS sum FROM stage", [])
            .await?;
    Ok(totals.map_or((0, 0), |totals| (totals.count, totals.sum)))
}
