//! Subscribers (абоненты): accounts, the people behind them, registered residents.

pub mod inputs;
pub mod loaders;
pub mod mutation;
pub mod ops;
pub mod phone;
pub mod query;
pub mod types;

pub use mutation::{PersonPayload, SubscribersMutation};
pub use query::{MeCore, SubscribersQuery, blind};
pub use types::{AccountCore, Party, Residency};
