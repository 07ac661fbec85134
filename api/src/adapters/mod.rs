//! The outside world: one folder per port, the trait in `port`, one file per provider.

pub mod fiscal;
pub mod mail;
pub mod paylink;
pub mod registries;
pub mod sms;
pub mod statements;
mod text;

use std::sync::Arc;

use entities::kernel::Db;

use crate::config::Config;

/// The providers this installation uses.
pub struct Ports {
    pub sms: Arc<dyn sms::Sms>,
    pub mail: Arc<dyn mail::Mail>,
    /// Links to pay on, where a provider is configured.
    pub paylink: Option<Arc<dyn paylink::PayLink>>,
    pub fiscal: fiscal::Fiscal,
}

impl Ports {
    pub fn from_config(config: &Config, db: &Db) -> anyhow::Result<Self> {
        Ok(Self {
            sms: Arc::new(sms::VisibleOutbox::new(db.clone())),
            mail: mail::from_config(config, db)?,
            paylink: paylink::from_config(config, db)?,
            fiscal: fiscal::Fiscal::from_config(config)?,
        })
    }
}
