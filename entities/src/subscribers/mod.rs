//! Accounts, the people behind them, and registered residents.

pub mod account;
pub mod group;
pub mod holder;
pub mod owner;
pub mod party;
pub mod residency;
pub mod search;
pub mod successor;
