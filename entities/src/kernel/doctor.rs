//! What `doctor` asks the server about itself.

use sea_orm::FromQueryResult;

use super::{Db, Result, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Server {
    /// As `server_version_num`: 150004.
    pub version: i32,
    pub encoding: String,
    /// Under the locale C, `lower` and trigrams ignore Cyrillic.
    pub folds_cyrillic: bool,
    /// Reached over a socket or the machine's own address.
    pub is_local: bool,
}

pub async fn look(db: &Db) -> Result<Server> {
    sql::one(
        db,
        "SELECT current_setting('server_version_num')::int AS version,
                current_setting('server_encoding') AS encoding,
                lower('ӘҚ') = 'әқ' AND similarity('әуезов', 'ауезов') > 0 AS folds_cyrillic,
                coalesce(host(inet_server_addr()) IN ('127.0.0.1', '::1'), true) AS is_local",
        [],
    )
    .await?
    .ok_or_else(|| sea_orm::DbErr::RecordNotFound("a SELECT without FROM".into()))
}
