//! Periods, double entry, open items: what is owed, and whether the books agree.
//!
//! Events: `ledger.period_opened`, `period_soft_closed`, `period_reopened`, `period_closed`.

pub mod loaders;
mod mutation;
pub mod ops;
mod query;
pub mod types;

pub use mutation::LedgerMutation;
pub use query::{AccountLedger, LedgerQuery};
