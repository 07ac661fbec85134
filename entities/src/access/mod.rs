//! Staff, roles, sessions, one-time codes, integrations, second signatures.

pub mod client;
pub mod contact;
pub mod login_code;
pub mod role;
pub mod role_change;
pub mod session;
pub mod signature;
pub mod staff;
pub mod totp;
