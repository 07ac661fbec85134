//! Contracts in two times.

pub mod contract;
