//! The program: the only place where rules and rows meet.

pub mod adapters;
pub mod app;
pub mod cli;
pub mod config;
pub mod platform;
pub mod seed;
pub mod wiring;

pub mod access;
pub mod amendments;
pub mod archive;
pub mod billing;
pub mod cashdesk;
pub mod consumption;
pub mod contracts;
pub mod debt;
pub mod exports;
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
