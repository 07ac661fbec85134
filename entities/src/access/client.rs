//! Outside programs with scoped tokens; only hashes of tokens are kept.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Client {
    pub id: i64,
    pub name: String,
    pub permissions: Vec<String>,
    pub sectors: Vec<String>,
    pub districts: Vec<i64>,
    pub expires_at: Option<DateTime<Utc>>,
    pub active: bool,
    pub version: i32,
}

const COLUMNS: &str = "id, name, permissions, sectors, districts, expires_at, active, version";

/// Hours the token before the last rotation keeps working.
pub const OVERLAP_HOURS: i32 = 24;

/// Whose token this is, when it is good now: also the one before the last rotation, until its moment.
pub async fn by_token(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<Client>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM access.client
             WHERE (token_hash = $1 OR previous_hash = $1 AND previous_until > now())
               AND active AND (expires_at IS NULL OR expires_at > now())"
        ),
        [hash.to_vec().into()],
    )
    .await
}

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Client>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM access.client WHERE id = $1"), [id.into()]).await
}

pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Client>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM access.client WHERE id = $1 FOR UPDATE"), [id.into()]).await
}

pub async fn list(db: &Db, page: Page) -> Result<Slice<Client>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM access.client WHERE ($1::bigint IS NULL OR id > $1) ORDER BY id LIMIT $2"
        ),
        [page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// `None` when the name is taken.
pub async fn insert(tx: &Tx, client: &Client, hash: &[u8]) -> Result<Option<i64>> {
    sql::scalar(
        tx,
        "INSERT INTO access.client (name, permissions, sectors, districts, expires_at, token_hash)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING RETURNING id",
        [
            client.name.clone().into(),
            client.permissions.clone().into(),
            client.sectors.clone().into(),
            client.districts.clone().into(),
            client.expires_at.into(),
            hash.to_vec().into(),
        ],
    )
    .await
}

pub async fn rotate(tx: &Tx, id: i64, hash: &[u8]) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.client SET previous_hash = token_hash, previous_until = now() + make_interval(hours => $3),
             token_hash = $2, version = version + 1 WHERE id = $1",
        [id.into(), hash.to_vec().into(), OVERLAP_HOURS.into()],
    )
    .await?;
    Ok(())
}

pub async fn disable(tx: &Tx, id: i64) -> Result<()> {
    sql::run(tx, "UPDATE access.client SET active = false, version = version + 1 WHERE id = $1", [id.into()])
        .await?;
    Ok(())
}
