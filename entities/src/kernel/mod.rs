//! What every writer and reader of the database stands on.

pub mod audit;
pub mod bitemporal;
pub mod copy;
pub mod crypto;
pub mod doctor;
pub mod file;
pub mod idempotency;
pub mod jobs;
pub mod messages;
pub mod outbox;
pub mod page;
pub mod person;
pub mod scope;
pub mod sql;
pub mod statistics;
pub mod state;
pub mod switch;
pub mod tx;

pub use audit::Change;
pub use bitemporal::Register;
pub use page::{Page, Slice};
pub use person::PersonKey;
pub use scope::ScopeArgs;
pub use tx::Tx;

/// The pool; reads go through it, writes through [`Tx`].
pub type Db = sea_orm::DatabaseConnection;
/// Something broke: never an answer to a person.
pub type Broken = sea_orm::DbErr;
pub type Result<T, E = Broken> = std::result::Result<T, E>;
