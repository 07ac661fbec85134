//! Contracts in two times.

pub mod contract;
pub mod volume;
