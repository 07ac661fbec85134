//! E-mail.

use std::sync::Arc;

use anyhow::Context;
use entities::kernel::{Broken, Db, Result, messages};
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::Config;

/// The port: sends one plain letter to one address.
#[async_trait::async_trait]
pub trait Mail: Send + Sync {
    async fn send(&self, to: &str, subject: &str, body: &str) -> Result<()>;
}

/// SMTP when `smtp_url` is set, else the visible outbox.
pub fn from_config(config: &Config, db: &Db) -> anyhow::Result<Arc<dyn Mail>> {
    let Some(url) = &config.smtp_url else { return Ok(Arc::new(VisibleOutbox { db: db.clone() })) };
    let from = config.mail_from.as_deref().context("mail_from is needed with smtp_url")?;
    Ok(Arc::new(Smtp {
        from: from.parse().context("mail_from is not an address")?,
        transport: AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context("smtp_url")?.build(),
    }))
}

struct Smtp {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

#[async_trait::async_trait]
impl Mail for Smtp {
    async fn send(&self, to: &str, subject: &str, body: &str) -> Result<()> {
        let broken = |error: String| Broken::Custom(format!("mail: {error}"));
        let to = to.parse::<Mailbox>().map_err(|e| broken(e.to_string()))?;
        let letter = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .body(body.to_owned())
            .map_err(|e| broken(e.to_string()))?;
        self.transport.send(letter).await.map(drop).map_err(|e| broken(e.to_string()))
    }
}

struct VisibleOutbox {
    db: Db,
}

#[async_trait::async_trait]
impl Mail for VisibleOutbox {
    async fn send(&self, to: &str, subject: &str, body: &str) -> Result<()> {
        messages::keep(&self.db, "email", to, Some(subject), body).await
    }
}
