//! Meters (приборы учёта): models, installation, removal, replacement, verification.

pub mod inputs;
pub mod loaders;
pub mod mutation;
pub mod ops;
pub mod query;
pub mod types;

pub use mutation::MetersMutation;
pub use query::MetersQuery;
pub use types::{Meter, MeterModel, PointMeter};
