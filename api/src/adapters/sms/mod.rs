//! Short messages (SMS).

use entities::kernel::{Db, Result, messages};

/// The port: sends one text to one phone.
#[async_trait::async_trait]
pub trait Sms: Send + Sync {
    async fn send(&self, phone: &str, text: &str) -> Result<()>;
}

/// The development provider: keeps the message where the demo's visible outbox shows it.
pub struct VisibleOutbox {
    db: Db,
}

impl VisibleOutbox {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait::async_trait]
impl Sms for VisibleOutbox {
    async fn send(&self, phone: &str, text: &str) -> Result<()> {
        messages::keep(&self.db, "sms", phone, None, text).await
    }
}
