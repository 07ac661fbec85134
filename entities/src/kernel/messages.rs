//! What the development adapters of SMS and e-mail sent, visible in the demo only.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Db, Result, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Message {
    pub id: i64,
    pub channel: String,
    pub recipient: String,
    pub subject: Option<String>,
    pub body: String,
    pub at: chrono::DateTime<chrono::Utc>,
}

pub async fn keep(
    db: &impl ConnectionTrait,
    channel: &str,
    recipient: &str,
    subject: Option<&str>,
    body: &str,
) -> Result<()> {
    sql::run(
        db,
        "INSERT INTO platform.message (channel, recipient, subject, body) VALUES ($1, $2, $3, $4)",
        [channel.into(), recipient.into(), subject.into(), body.into()],
    )
    .await?;
    Ok(())
}

/// Forgets what was sent to these recipients.
pub async fn forget(db: &impl ConnectionTrait, recipients: Vec<String>) -> Result<u64> {
    sql::run(db, "DELETE FROM platform.message WHERE recipient = ANY ($1)", [recipients.into()]).await
}

/// Newest first; to these recipients, or to all.
pub async fn latest(db: &Db, recipients: Option<Vec<String>>, limit: i64) -> Result<Vec<Message>> {
    sql::all(
        db,
        "SELECT id, channel, recipient, subject, body, at FROM platform.message
         WHERE ($1::text[] IS NULL OR recipient = ANY ($1)) ORDER BY id DESC LIMIT $2",
        [recipients.into(), limit.into()],
    )
    .await
}
