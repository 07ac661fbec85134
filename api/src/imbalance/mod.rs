//! The imbalance of houses: reckoned beside a run, looked at and decided by people, told to residents.

pub mod jobs;
pub mod loaders;
mod mutation;
pub mod ops;
mod query;
pub mod told;
pub mod types;

pub use mutation::ImbalanceMutation;
pub use query::ImbalanceQuery;
