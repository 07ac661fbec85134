//! Contracts (договоры): public ones of residents, individual ones of legal entities.

pub mod loaders;
pub mod query;
pub mod types;

pub use query::ContractsQuery;
pub use types::{AccountContract, Contract};
