//! Who may do what (доступ): staff, subscribers' sign-in, integrations, sessions, roles.
//!
//! Acts: open, refresh and close a session; send and confirm a one-time code; create, change and unlock users; change
//! and reset passwords; create, rotate and disable integrations; see and end sessions; a second factor; propose and decide what a
//! role allows; ask for an act of two people, decide and withdraw it. Facts: `access.session_opened`, `access.session_revoked`,
//! `access.user_changed`, `access.client_changed`, `access.role_changed`, `access.signature_changed`, `access.code_sent`.

pub mod demo;
pub mod mutation;
pub mod ops;
pub mod query;
mod role_changes;
mod second_factor;
mod sessions;
mod signatures;
pub mod types;

pub use mutation::AccessMutation;
pub use query::AccessQuery;
pub use role_changes::{RoleChangeMutation, RoleChangeQuery};
pub use second_factor::{SecondFactorMutation, SecondFactorQuery};
pub use sessions::{SessionMutation, SessionQuery};
pub use signatures::{
    SecondSignature, SecondSignaturePayload, SignatureMutation, SignatureQuery, ask_second,
};
