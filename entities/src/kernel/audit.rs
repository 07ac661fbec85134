//! The audit trail: who, when, what, before and after. Sealed into hash-linked batches by the relay, never in the writer's
//! transaction, where all writers would queue for the chain's end.

use chrono::NaiveDate;
use domain::access::{Actor, Principal};
use sea_orm::FromQueryResult;
use sea_orm::sqlx;
use serde::Serialize;
use serde_json::Value as Json;

use super::tx::broken;
use super::{Db, Page, Result, Slice, Tx, sql};

/// One change of one thing. A bulk load writes one change for all its rows: count, sum and hash in `after`.
#[derive(Debug, Clone)]
pub struct Change {
    pub entity: &'static str,
    pub id: Option<i64>,
    pub action: &'static str,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub document: Option<i64>,
}

impl Change {
    pub fn new(entity: &'static str, id: impl Into<i64>, action: &'static str) -> Self {
        Self { entity, id: Some(id.into()), action, before: None, after: None, document: None }
    }

    /// A change of many rows at once.
    pub fn bulk(entity: &'static str, action: &'static str, summary: Json) -> Self {
        Self { entity, id: None, action, before: None, after: Some(summary), document: None }
    }

    pub fn before(mut self, value: impl Serialize) -> Self {
        self.before = serde_json::to_value(value).ok();
        self
    }

    pub fn after(mut self, value: impl Serialize) -> Self {
        self.after = serde_json::to_value(value).ok();
        self
    }

    pub fn document(mut self, id: Option<i64>) -> Self {
        self.document = id;
        self
    }
}

/// Who acts, as the trail spells it.
pub(super) fn principal(actor: &Actor) -> (&'static str, Option<i64>) {
    match actor.principal {
        Principal::User(id) => ("user", Some(id.0)),
        Principal::Subscriber(id) => ("subscriber", Some(id.0)),
        Principal::Client(id) => ("client", Some(id.0)),
        Principal::System => ("system", None),
    }
}

pub(super) async fn write(tx: &mut Tx, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let (kind, id) = principal(tx.actor());
    let (label, session) = (tx.actor().label.clone(), tx.actor().session);
    let column = |pick: fn(&Change) -> Option<&Json>| -> Vec<Option<Json>> {
        changes.iter().map(|c| pick(c).cloned()).collect()
    };
    sqlx::query(
        "INSERT INTO platform.audit_entry
             (actor_kind, actor_id, actor, session, entity, entity_id, action, before, after, document_id)
         SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::bigint[], $7::text[], $8::jsonb[], $9::jsonb[], $10::bigint[])",
    )
    .bind(kind)
    .bind(id)
    .bind(label)
    .bind(session)
    .bind(changes.iter().map(|c| c.entity.to_owned()).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.id).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.action.to_owned()).collect::<Vec<_>>())
    .bind(column(|c| c.before.as_ref()))
    .bind(column(|c| c.after.as_ref()))
    .bind(changes.iter().map(|c| c.document).collect::<Vec<_>>())
    .execute(tx.pg())
    .await
    .map_err(broken)?;
    Ok(())
}

/// One line of the trail.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Entry {
    pub id: i64,
    pub at: chrono::DateTime<chrono::Utc>,
    pub actor: String,
    pub entity: String,
    pub entity_id: Option<i64>,
    pub action: String,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub document_id: Option<i64>,
}

/// Which lines of the trail are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub entity: Option<String>,
    pub id: Option<i64>,
    /// Login, account number or name of the program.
    pub actor: Option<String>,
    pub action: Option<String>,
    /// Days in Almaty, both included.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Newest first, of one thing or of everything.
pub async fn list(db: &Db, filter: &Filter, page: Page) -> Result<Slice<Entry>> {
    let Filter { entity, id, actor, action, from, to } = filter.clone();
    let rows = sql::all(
        db,
        "SELECT id, at, actor, entity, entity_id, action, before, after, document_id FROM platform.audit_entry
         WHERE ($1::text IS NULL OR entity = $1) AND ($2::bigint IS NULL OR entity_id = $2)
           AND ($3::bigint IS NULL OR id < $3) AND ($5::text IS NULL OR actor = $5) AND ($6::text IS NULL OR action = $6)
           AND ($7::date IS NULL OR at >= $7::timestamp AT TIME ZONE 'Asia/Almaty')
           AND ($8::date IS NULL OR at < ($8 + 1)::timestamp AT TIME ZONE 'Asia/Almaty')
         ORDER BY id DESC LIMIT $4",
        [
            entity.into(),
            id.into(),
            page.after.into(),
            page.limit().into(),
            actor.into(),
            action.into(),
            from.into(),
            to.into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// What a row contributes to its batch's hash: every column in a fixed spelling, whatever the session's time zone.
const SPELLED: &str = "jsonb_build_array(e.id, extract(epoch FROM e.at), e.actor_kind, e.actor_id, e.actor, e.session, \
     e.entity, e.entity_id, e.action, e.before, e.after, e.document_id)::text";

/// Seals up to `limit` waiting rows into a batch whose hash covers them and the hash of the batch before; how many. One
/// sealer at a time.
pub async fn seal(db: &Db, limit: i64) -> Result<i64> {
    // The lock is a statement of its own: what the one before sealed must be visible to the next statement.
    let mut tx = db.get_postgres_connection_pool().begin().await.map_err(broken)?;
    let leader: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_xact_lock(hashtext('platform.audit.seal'))")
            .fetch_one(&mut *tx)
            .await
            .map_err(broken)?;
    if !leader {
        return Ok(0);
    }
    let sealed: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "WITH due AS MATERIALIZED (
             SELECT e.id, {SPELLED} AS spelled FROM platform.audit_entry e WHERE batch_id IS NULL ORDER BY e.id LIMIT $1),
         batch AS (
             INSERT INTO platform.audit_batch (rows, hash, previous)
             SELECT count(*), sha256(p.hash || convert_to(string_agg(spelled, E'\\n' ORDER BY due.id), 'UTF8')), p.hash
             FROM due, (SELECT coalesce((SELECT hash FROM platform.audit_batch ORDER BY id DESC LIMIT 1), ''::bytea) AS hash) p
             GROUP BY p.hash
             RETURNING id),
         marked AS (
             UPDATE platform.audit_entry e SET batch_id = batch.id FROM due, batch WHERE e.id = due.id RETURNING 1)
         SELECT count(*) FROM marked"
    )))
    .bind(limit)
    .fetch_one(&mut *tx)
    .await
    .map_err(broken)?;
    tx.commit().await.map_err(broken)?;
    Ok(sealed)
}

/// The first batch, of those after a given one, whose rows or place in the chain are not what was sealed.
pub async fn first_broken_batch(db: &Db, after: i64) -> Result<Option<i64>> {
    sql::scalar(
        db,
        &format!(
            "SELECT b.id FROM platform.audit_batch b
             CROSS JOIN LATERAL (
                 SELECT count(*) AS rows, string_agg({SPELLED}, E'\\n' ORDER BY e.id) AS spelled
                 FROM platform.audit_entry e WHERE e.batch_id = b.id) e
             WHERE b.id > $1
               AND (e.rows <> b.rows OR b.hash <> sha256(b.previous || convert_to(coalesce(e.spelled, ''), 'UTF8'))
                    OR b.previous <> coalesce(
                        (SELECT p.hash FROM platform.audit_batch p WHERE p.id < b.id ORDER BY p.id DESC LIMIT 1), ''::bytea))
             ORDER BY b.id LIMIT 1"
        ),
        [after.into()],
    )
    .await
}
