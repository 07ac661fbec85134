//! Who may do what (доступ): staff, subscribers' sign-in, integrations, sessions, roles.
//!
//! Acts: open, refresh and close a session; send and confirm a one-time code; create, change and unlock users; create, rotate
//! and disable integrations. Facts: `access.session_opened`, `access.session_revoked`, `access.user_changed`,
//! `access.client_changed`, `access.code_sent`.

pub mod demo;
pub mod mutation;
pub mod ops;
pub mod query;
pub mod types;

pub use mutation::AccessMutation;
pub use query::AccessQuery;
