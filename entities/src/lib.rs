//! PostgreSQL: models, finders under a scope, and the set-based SQL of each subsystem.

pub mod kernel;

pub mod access;
pub mod archive;
pub mod premises;
pub mod subscribers;
pub mod contracts;
pub mod tariffs;
pub mod meters;
pub mod readings;
pub mod imports;
pub mod consumption;
pub mod ledger;
pub mod billing;
pub mod payments;
