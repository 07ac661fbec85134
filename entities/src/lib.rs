//! PostgreSQL: models, finders under a scope, and the set-based SQL of each subsystem.

pub mod bench;
pub mod kernel;
pub mod seed;

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
pub mod stats;
pub mod subscribers;
pub mod tariffs;
