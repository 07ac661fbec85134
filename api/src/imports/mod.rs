//! Files taken in (загрузка файлов): upload → dry run with a verdict per row → commit → undo as a whole, by two people.
//!
//! One engine (`engine`) for every kind; a kind is its columns (`kinds`) and its SQL (`entities::imports`). Wrong rows never block
//! right ones; a file of money comes with control totals or not at all; the same file twice is the same batch.
//! Events: `ImportsEvent::{Uploaded, Checked, Advanced, Committed, Undone}`.

mod balances;
mod engine;
mod file;
pub mod http;
mod jobs;
mod kinds;
mod mutation;
pub mod ops;
mod payments;
mod query;
mod readings;
mod signed;
pub mod spool;
mod subscription;
mod types;
mod workbook;

pub use jobs::{CheckFile, CommitFile, UndoFile};
pub use mutation::ImportsMutation;
pub use query::ImportsQuery;
pub use signed::FileUndo;
pub use subscription::ImportsSubscription;
