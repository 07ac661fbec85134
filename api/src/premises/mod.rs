//! Addresses (адреса): districts, streets, buildings, premises and points of supply.

pub mod inputs;
pub mod loaders;
mod mutation;
pub mod ops;
pub mod query;
pub mod types;

pub use mutation::PremisesMutation;
pub use query::PremisesQuery;
pub use types::{Building, District, PointCore, Premise, Street};
