//! Readings: every one that ever arrived, with its verdict.

mod context;
mod methods;
mod reading;
mod write;

pub use context::{
    Accepted, Place, closed_months, history, lock_points, moved_cut_offs, period_statuses, places,
};
pub use methods::methods;
pub use reading::{
    Counts, Filter, NewReading, Reading, Same, Waiting, by_ids, count_waiting, counts, counts_by_channel,
    find, last_of_points, list, of_accounts, same, waiting, waiting_of_points,
};
pub use write::{
    ActReading, act_reading, decide, insert, next_ids, supersede, taken_back, unbegin, withdraw,
};
