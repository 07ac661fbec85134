//! Facts on their way out. Written by [`super::Tx`], numbered and sent by the relay.

use domain::Event;
use futures_util::FutureExt;
use sea_orm::FromQueryResult;
use sea_orm::sqlx;
use serde_json::Value as Json;

use super::tx::broken;
use super::{Db, Result, Tx, sql};

/// The channel of NOTIFY that wakes the relay.
pub const CHANNEL: &str = "aiscra_outbox";

pub(super) async fn write(tx: &mut Tx, events: &[Event]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let label = tx.actor().label.clone();
    let json: Vec<Json> =
        events.iter().map(|e| serde_json::to_value(e).expect("events are plain data")).collect();
    sqlx::query(
        "INSERT INTO platform.outbox (topic, name, account_id, event, actor)
         SELECT topic, name, account_id, event, $5
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[]) AS e (topic, name, account_id, event)",
    )
    .bind(events.iter().map(|e| e.topic().word().to_owned()).collect::<Vec<_>>())
    .bind(events.iter().map(Event::name).collect::<Vec<_>>())
    .bind(events.iter().map(|e| e.account().map(|a| a.0)).collect::<Vec<_>>())
    .bind(json)
    .bind(label)
    .execute(tx.pg())
    .await
    .map_err(broken)?;
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(tx.pg()).await.map_err(broken)?;
    Ok(())
}

/// Wakes the relay for facts that a statement of its own has written. A NOTIFY holds a lock of the whole cluster until its commit is
/// on disk: inside of each payment it would line all payers up.
pub async fn wake(db: &Db) -> Result<()> {
    sql::run(db, "SELECT pg_notify($1, '')", [CHANNEL.into()]).await.map(drop)
}

/// A fact as the outside sees it.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize, serde::Deserialize)]
pub struct Sent {
    pub seq: i64,
    pub topic: String,
    pub name: String,
    pub account_id: Option<i64>,
    pub event: Json,
    pub at: chrono::DateTime<chrono::Utc>,
}

/// Numbers up to `limit` waiting facts in the order of their ids and returns them. One relay at a time: an advisory lock
/// makes a second one return nothing, and what a first one numbered after the second began to look keeps its number.
pub async fn number(db: &Db, limit: i64) -> Result<Vec<Sent>> {
    sql::all(
        db,
        "WITH leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('platform.outbox.relay')) AS ok),
              due AS MATERIALIZED (
                  SELECT id FROM platform.outbox WHERE seq IS NULL AND (SELECT ok FROM leader) ORDER BY id LIMIT $1),
              numbered AS MATERIALIZED (SELECT id, nextval('platform.outbox_seq') AS seq FROM (SELECT id FROM due ORDER BY id) d)
         UPDATE platform.outbox o SET seq = n.seq FROM numbered n WHERE o.id = n.id AND o.seq IS NULL
         RETURNING o.seq, o.topic, o.name, o.account_id, o.event, o.at",
        [limit.into()],
    )
    .await
    .map(|mut rows: Vec<Sent>| {
        rows.sort_by_key(|row| row.seq);
        rows
    })
}

/// Facts after a cursor, oldest first.
pub async fn after(db: &Db, seq: i64, limit: i64) -> Result<Vec<Sent>> {
    sql::all(
        db,
        "SELECT seq, topic, name, account_id, event, at FROM platform.outbox WHERE seq > $1 ORDER BY seq LIMIT $2",
        [seq.into(), limit.into()],
    )
    .await
}

/// Whether every fact has its number and every line of the trail its seal.
pub async fn is_done(db: &Db) -> Result<bool> {
    let done: Option<bool> = sql::scalar(
        db,
        "SELECT NOT EXISTS (SELECT FROM platform.outbox WHERE seq IS NULL)
            AND NOT EXISTS (SELECT FROM platform.audit_entry WHERE batch_id IS NULL)",
        [],
    )
    .await?;
    Ok(done.unwrap_or_default())
}

/// The last number given.
pub async fn last(db: &Db) -> Result<i64> {
    let last: Option<i64> = sql::scalar(db, "SELECT coalesce(max(seq), 0) FROM platform.outbox", []).await?;
    Ok(last.unwrap_or_default())
}

/// NOTIFYs of new facts, on a connection of its own.
pub struct Wakes(sqlx::postgres::PgListener);

impl Wakes {
    pub async fn listen(db: &Db) -> Result<Self> {
        let pool = db.get_postgres_connection_pool();
        let mut listener = sqlx::postgres::PgListener::connect_with(pool).await.map_err(broken)?;
        listener.listen(CHANNEL).await.map_err(broken)?;
        Ok(Self(listener))
    }

    /// Waits for the next one; those that came with it have been heard too.
    pub async fn next(&mut self) -> Result<()> {
        self.0.recv().await.map_err(broken)?;
        while let Some(also) = self.0.recv().now_or_never() {
            also.map_err(broken)?;
        }
        Ok(())
    }
}
