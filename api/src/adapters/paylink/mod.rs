//! Links on which a payer pays in a provider's application: the provider takes the money, we ask what became of it.

mod kaspi;
mod port;

use std::sync::Arc;

pub use port::{Failed, Link, PayLink, State, Taken, Wanted};

use crate::config::Config;

/// Kaspi when it is configured, else nobody: then nothing offers to pay by a link.
pub fn from_config(config: &Config) -> anyhow::Result<Option<Arc<dyn PayLink>>> {
    match &config.kaspi {
        Some(kaspi) => Ok(Some(Arc::new(kaspi::Kaspi::of(kaspi)?))),
        None => Ok(None),
    }
}
