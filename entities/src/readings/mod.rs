//! Readings: every one that ever arrived, with its verdict.

mod context;
mod methods;
mod reading;
mod write;

pub use context::{Accepted, Place, history, lock_points, period_statuses, places};
pub use methods::methods;
pub use reading::{
    Counts, Filter, NewReading, Reading, Same, by_ids, counts, find, last_of_points, list, of_accounts, same,
};
pub use write::{ActReading, act_reading, decide, insert, next_ids, supersede, withdraw};
