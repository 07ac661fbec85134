//! Readings of meters (показания): one intake for every channel, a verdict for each, none lost.
//!
//! Operations: `submit`, `withdraw`, `decide`; files of readings go through `ops::judge_set` with the same rule.
//! Events: `ReadingsEvent::{Taken, Withdrawn, Loaded}`.

pub mod loaders;
mod mutation;
pub mod ops;
mod query;
pub mod types;

pub use mutation::ReadingsMutation;
pub use query::ReadingsQuery;
pub use types::{AccountReadings, PointReading, ReadingCore};
