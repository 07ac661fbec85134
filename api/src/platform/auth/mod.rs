//! Who is asking: access tokens of minutes, tokens of integrations, passwords, one-time codes.

mod actor;
mod password;
mod token;

pub use actor::{Unclear, actor, actor_of, by_session, forget, look, look_again};
pub use password::{hash as hash_password, one_time as one_time_password, verify as verify_password};
pub use token::{ACCESS_SECONDS, CLIENT_PREFIX, Tokens, secret_word, sha256};
