//! The rules of the subscriber centre: pure functions from facts to facts. No async, no clock, no IO.

pub mod kernel;

pub mod access;
pub mod archive;
pub mod premises;
pub mod subscribers;
pub mod contracts;
pub mod tariffs;
pub mod meters;
pub mod readings;
pub mod consumption;
pub mod ledger;
pub mod billing;
pub mod payments;
pub mod imports;

mod event;
pub use event::*;
