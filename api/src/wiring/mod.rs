//! Lists only: roots, parts, jobs, signed acts, reactions, routes. One line per item, no logic.

pub mod account;
pub mod jobs;
pub mod me;
pub mod node;
pub mod point;
pub mod routes;
pub mod reading;
pub mod schema;
pub mod signatures;
pub mod staff;
