//! Operations of the API that are switched off.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Result, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Off {
    pub field: String,
    pub reason: String,
    pub switched_by: String,
    pub at: chrono::DateTime<chrono::Utc>,
}

pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Off>> {
    sql::all(
        db,
        "SELECT field, reason, switched_by, at FROM platform.switched_off ORDER BY field LIMIT 200",
        [],
    )
    .await
}

/// `false` when it was off for the same reason already.
pub async fn off(tx: &Tx, field: &str, reason: &str) -> Result<bool> {
    let touched = sql::run(
        tx,
        "INSERT INTO platform.switched_off AS s (field, reason, switched_by) VALUES ($1, $2, $3)
         ON CONFLICT (field) DO UPDATE SET reason = $2, switched_by = $3, at = now() WHERE s.reason <> $2",
        [field.into(), reason.into(), tx.actor().label.clone().into()],
    )
    .await?;
    Ok(touched == 1)
}

/// `false` when it was on already.
pub async fn on(tx: &Tx, field: &str) -> Result<bool> {
    Ok(sql::run(tx, "DELETE FROM platform.switched_off WHERE field = $1", [field.into()]).await? == 1)
}
