//! Periods and double entry.

pub mod ops;
