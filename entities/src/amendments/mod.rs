//! Batches that remove or change facts of an open month, and the registers' side of it.

pub mod batch;
pub mod facts;
mod select;

pub use select::{Filter, Pick, of_filter, of_import};
