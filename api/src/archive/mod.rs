//! Official documents (архив): the register that settings, corrections and rights refer to, each with its file.

pub mod http;
pub mod mutation;
pub mod ops;
pub mod query;
pub mod types;

pub use mutation::ArchiveMutation;
pub use query::ArchiveQuery;
pub use types::Document;
