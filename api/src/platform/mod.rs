//! What every subsystem's face stands on: GraphQL, sign-in, jobs, outbox, cache, messages.

pub mod audit;
pub mod auth;
pub mod cache;
pub mod clock;
pub mod export;
pub mod files;
pub mod graphql;
pub mod jobs;
pub mod messages;
pub mod metrics;
pub mod outbox;
pub mod refusal;
pub mod web;

pub use refusal::{Outcome, Refusal};
