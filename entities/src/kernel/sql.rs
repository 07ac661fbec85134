//! Hand-written SQL with typed rows, on a pool or inside a [`super::Tx`].

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::Result;

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// All rows of a query, each read by column name.
pub async fn all<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>> {
    let rows = db.query_all_raw(statement(sql, values)).await?;
    rows.iter().map(|row| T::from_query_result(row, "")).collect()
}

/// The first row, if any.
pub async fn one<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    let row = db.query_one_raw(statement(sql, values)).await?;
    row.map(|row| T::from_query_result(&row, "")).transpose()
}

/// The first column of the first row.
pub async fn scalar<T: sea_orm::TryGetable>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>> {
    let row = db.query_one_raw(statement(sql, values)).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Runs a statement; how many rows it touched.
pub async fn run(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64> {
    Ok(db.execute_raw(statement(sql, values)).await?.rows_affected())
}

/// Whether the server answers at all.
pub async fn answers(db: &impl ConnectionTrait) -> Result<()> {
    run(db, "SELECT 1", []).await.map(drop)
}

/// The keys of a list as a relation of one column, bound at `place`, and what to bind there. A single key is bound as a value:
/// PostgreSQL then settles on a plan made once. Of an array it counts the elements and plans anew at each call, which over
/// months of partitions costs more than the reading itself.
pub fn keys(place: &str, mut ids: Vec<i64>) -> (String, Value) {
    match ids.len() {
        1 => (format!("(VALUES ({place}::bigint))"), ids.remove(0).into()),
        _ => (format!("unnest({place}::bigint[])"), ids.into()),
    }
}
