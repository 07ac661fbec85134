//! Cash registers: receipts of desks are registered with the tax service by a provider.

mod none;
mod port;
pub mod webkassa;

use std::sync::Arc;

use domain::cashdesk::FiscalProviderCode;

pub use port::{Answer, Basis, Content, FiscalProvider, Position, Registered, Report, Vat};

use crate::config::Config;

/// The providers that desks may have.
pub struct Fiscal {
    none: Arc<dyn FiscalProvider>,
    webkassa: Option<Arc<dyn FiscalProvider>>,
}

impl Fiscal {
    pub fn from_config(config: &Config) -> anyhow::Result<Self> {
        let webkassa = webkassa::WebKassa::from_config(config)?;
        let webkassa = webkassa.map(|one| Arc::new(one) as Arc<dyn FiscalProvider>);
        Ok(Self { none: Arc::new(none::None), webkassa })
    }

    /// The provider of a desk; `None` where the installation has no access to it.
    pub fn of(&self, code: FiscalProviderCode) -> Option<Arc<dyn FiscalProvider>> {
        match code {
            FiscalProviderCode::None => Some(self.none.clone()),
            FiscalProviderCode::Webkassa => self.webkassa.clone(),
        }
    }
}
