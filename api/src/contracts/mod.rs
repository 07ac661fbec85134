//! Contracts (договоры): public ones of residents, individual ones of legal entities.

pub mod inputs;
pub mod loaders;
pub mod mutation;
pub mod ops;
pub mod query;
pub mod types;

pub use mutation::ContractsMutation;
pub use query::ContractsQuery;
pub use types::{AccountContract, Contract};
