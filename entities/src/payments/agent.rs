//! Who takes money for the utility: each agent is a clearing sub-account of the ledger.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct Agent {
    pub id: i64,
    pub code: String,
    pub name_kk: String,
    pub name_ru: String,
    pub name_en: String,
    pub bin: Option<String>,
    pub active: bool,
    pub version: i32,
}

const COLUMNS: &str = "id, code, name_kk, name_ru, name_en, bin, active, version";

pub async fn list(db: &Db, page: Page) -> Result<Slice<Agent>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.agent WHERE ($1::bigint IS NULL OR id > $1) ORDER BY id LIMIT $2"
        ),
        [page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Agent>> {
    let (keys, value) = sql::keys("$1", ids);
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM payments.agent JOIN {keys} AS k (key) ON id = k.key"),
        [value],
    )
    .await
}

pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Agent>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM payments.agent WHERE id = $1 FOR UPDATE"), [id.into()]).await
}

/// Its id; the code must be free.
pub async fn insert(tx: &Tx, agent: &Agent) -> Result<i64> {
    let id = sql::scalar(
        tx,
        "INSERT INTO payments.agent (code, name_kk, name_ru, name_en, bin, active) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        [
            agent.code.clone().into(),
            agent.name_kk.clone().into(),
            agent.name_ru.clone().into(),
            agent.name_en.clone().into(),
            agent.bin.clone().into(),
            agent.active.into(),
        ],
    )
    .await?;
    id.ok_or(crate::kernel::Broken::RecordNotInserted)
}

/// Writes everything but the code, with the next version.
pub async fn update(tx: &Tx, agent: &Agent) -> Result<()> {
    sql::run(
        tx,
        "UPDATE payments.agent SET name_kk = $2, name_ru = $3, name_en = $4, bin = $5, active = $6, version = version + 1
         WHERE id = $1",
        [
            agent.id.into(),
            agent.name_kk.clone().into(),
            agent.name_ru.clone().into(),
            agent.name_en.clone().into(),
            agent.bin.clone().into(),
            agent.active.into(),
        ],
    )
    .await
    .map(drop)
}
