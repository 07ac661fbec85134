//! Wrong entries of an open month, removed or changed by batches on a document (spec 3.10).
//!
//! `ops::perform` is the act: its preview is the same act in a transaction that is given up, so what is saved is what was looked at.
//! Bills that are issued are left to a correction, which a saved batch prepares. Events: `amendments.previewed`, `applied`, `reversed`.

pub mod jobs;
mod mutation;
pub mod ops;
mod query;
pub mod types;

pub use mutation::AmendmentsMutation;
pub use query::AmendmentsQuery;
