//! Contracts in two times.

pub mod contract;
pub mod limit;
pub mod volume;
