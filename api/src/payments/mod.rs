//! Money in.

pub mod ops;
