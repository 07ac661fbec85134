//! The month: run, bills, explanations.

pub mod ops;
