//! Files taken in: batches, their rows, and the set-based scripts of each kind.
//!
//! A file is staged in a temporary table `stage` with one typed column per column of the file and a few for what is found in the
//! registers. Scripts write what is wrong into `problem` and read who imports from `param`; all three vanish with the
//! transaction.

pub mod batch;
pub mod row;
pub mod script;
pub mod stage;

pub use batch::Batch;
pub use row::{NewRow, Row};
pub use script::{Scripts, scripts};
