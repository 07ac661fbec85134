//! The rules of the subscriber centre: pure functions from facts to facts. No async, no clock, no IO.

pub mod kernel;

pub mod access;
pub mod amendments;
pub mod archive;
pub mod billing;
pub mod cashdesk;
pub mod consumption;
pub mod contracts;
pub mod debt;
pub mod imbalance;
pub mod imports;
pub mod ledger;
pub mod meters;
pub mod payments;
pub mod premises;
pub mod readings;
pub mod subscribers;
pub mod tariffs;

mod event;
pub use event::*;
