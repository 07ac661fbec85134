//! Tariffs (тарифы): prices, VAT, norms, bands, and the settings that decide money. Each version has days and a source.

pub mod inputs;
pub mod mutation;
pub mod ops;
pub mod query;
pub mod types;

pub use mutation::TariffsMutation;
pub use query::TariffsQuery;
