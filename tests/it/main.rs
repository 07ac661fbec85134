//! The one binary of integration tests, a folder per subsystem; needs PostgreSQL (`DATABASE_URL`) and Redis (`REDIS_URL`).

mod access;
mod amendments;
mod billing;
mod cashdesk;
mod consumption;
mod debt;
mod exports;
mod imbalance;
mod imports;
mod ledger;
mod payments;
mod platform;
mod readings;
mod registers;
mod stats;
