//! Addresses (адреса): districts, streets, buildings, premises and points of supply.

pub mod loaders;
pub mod query;
pub mod types;

pub use query::PremisesQuery;
pub use types::{Building, District, PointCore, Premise, Street};
