//! consumption
