//! Periods, double entry, open items.

pub mod as_of;
pub mod close;
pub mod cut_off;
pub mod item;
pub mod period;
pub mod reopening;
pub mod report;
