//! Money over the counter: shifts of desks, receipts, returns, counts, orders, Z, fiscal documents (spec 2.4).
//!
//! Payments go through `payments::ops::record_of_shift`, returns through `take_back_of_desk`: the desk's own books stand beside the ledger and agree
//! with it (`entities::cashdesk::report::difference_to_ledger`). Events: `cashdesk.*`.

pub mod http;
pub mod jobs;
pub mod loaders;
mod mutation;
pub mod ops;
mod query;
pub mod seed;
pub mod types;

pub use mutation::CashdeskMutation;
pub use query::CashdeskQuery;
