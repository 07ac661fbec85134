//! Exports (выгрузки): all rows of an office list as a table, with the filters and the row scope of the list itself. One job,
//! one file; `platform::export` writes it.

mod batches;
mod debt;
mod jobs;
mod lists;
mod money;
mod mutation;

pub use jobs::WriteOut;
pub use mutation::ExportsMutation;
