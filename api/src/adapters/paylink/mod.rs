//! Links on which a payer pays in a provider's application: the provider takes the money, we ask what became of it.

pub mod demo;
mod kaspi;
mod port;

use std::sync::Arc;

pub use port::{Failed, Link, PayLink, State, Taken, Wanted};

use entities::kernel::Db;

use crate::config::Config;

/// Kaspi when it is configured, else the demo's own bank, else nobody: then nothing offers to pay by a link.
pub fn from_config(config: &Config, db: &Db) -> anyhow::Result<Option<Arc<dyn PayLink>>> {
    Ok(match (&config.kaspi, &config.demo_bank) {
        (Some(kaspi), _) => Some(Arc::new(kaspi::Kaspi::of(kaspi)?)),
        (None, Some(base)) => Some(Arc::new(demo::DemoBank::of(db.clone(), base))),
        (None, None) => None,
    })
}
