//! Subscribers (абоненты): accounts, the people behind them, registered residents.

pub mod loaders;
pub mod phone;
pub mod query;
pub mod types;

pub use query::{MeCore, SubscribersQuery};
pub use types::{AccountCore, Party, Residency};
