//! The outside world: one folder per port, the trait in `port`, one file per provider.

pub mod mail;
pub mod payments;
pub mod sms;

use std::sync::Arc;

use entities::kernel::Db;

use crate::config::Config;

/// The providers this installation uses.
pub struct Ports {
    pub sms: Arc<dyn sms::Sms>,
    pub mail: Arc<dyn mail::Mail>,
}

impl Ports {
    pub fn from_config(config: &Config, db: &Db) -> anyhow::Result<Self> {
        Ok(Self { sms: Arc::new(sms::VisibleOutbox::new(db.clone())), mail: mail::from_config(config, db)? })
    }
}
