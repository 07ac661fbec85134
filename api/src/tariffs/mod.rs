//! Tariffs (тарифы): prices, VAT, norms, bands, and the settings that decide money. Each version has days and a source.

pub mod query;
pub mod types;

pub use query::TariffsQuery;
