//! How much a point used in a month: the chain of months is written by the run (`billing::write`) and read back by its inputs.

pub mod sharing;
pub mod special;
