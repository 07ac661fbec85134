//! The live picture of the city (spec 2.17): charged, paid, owed by district and sector, readings of the day.
//!
//! The sums are kept in PostgreSQL by the transactions that move them, the picture is kept on the bus under the epochs of the
//! subsystems it is made of, and drawn again within a second of a fact. It has no events of its own.

mod city;
mod query;
mod subscription;
mod types;

pub use query::StatsQuery;
pub use subscription::StatsSubscription;
