//! Runs, their inputs, bills and charge lines.

pub mod bill;
pub mod input;
pub mod preview;
pub mod paper;
pub mod run;
pub mod source;
pub mod write;
