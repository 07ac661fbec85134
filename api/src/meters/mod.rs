//! Meters (приборы учёта): models, installation, removal, replacement, verification.

pub mod loaders;
pub mod query;
pub mod types;

pub use query::MetersQuery;
pub use types::{Meter, MeterModel, PointMeter};
