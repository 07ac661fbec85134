//! What the planner knows about tables. A month is charged right after a register was loaded, before autovacuum has looked; by its
//! guesses alone the planner then takes a city for a handful of rows and meets every account with every other.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Db, Result, sql};

/// Analyzes those of the tables, and of their partitions, that were never looked at or have doubled since, or of which as many rows
/// were written since as there were: a month that was taken away and is charged anew fills the same pages. Small ones do not matter.
pub async fn refresh(db: &Db, tables: &[&str]) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let names: Vec<String> = tables.iter().map(|&table| table.to_owned()).collect();
    let stale: Vec<Row> = sql::all(
        db,
        "WITH wanted AS (SELECT t.name::regclass::oid AS oid FROM unnest($1::text[]) t (name)),
         leaf AS (SELECT oid FROM wanted UNION SELECT i.inhrelid FROM wanted w JOIN pg_inherits i ON i.inhparent = w.oid)
         SELECT c.oid::regclass::text AS name FROM leaf JOIN pg_class c USING (oid)
         WHERE c.relkind = 'r' AND pg_relation_size(c.oid) > 8 * 8192
           AND (c.reltuples < 0 OR pg_relation_size(c.oid) > 2 * 8192::bigint * c.relpages
                OR pg_stat_get_mod_since_analyze(c.oid) > greatest(c.reltuples, 1000))
         ORDER BY 1",
        [names.into()],
    )
    .await?;
    for table in &stale {
        db.execute_unprepared(&format!("ANALYZE {}", table.name)).await?;
    }
    Ok(stale.len())
}
