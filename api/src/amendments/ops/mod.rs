//! Acts on batches of amendments: one act, one file.

mod decide;
mod months;
mod perform;
mod prepare;
mod take_back;
mod work;

pub use decide::{confirm, give_up, reverse, save};
pub use prepare::{MOST, Wish, prepare};
pub use work::work;
