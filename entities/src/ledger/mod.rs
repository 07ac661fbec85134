//! Periods, double entry, open items.

pub mod alone;
pub mod as_of;
pub mod calendar;
pub mod close;
pub mod cut_off;
pub mod item;
pub mod period;
pub mod reopening;
pub mod report;
pub mod shared_bill;
pub mod water;
