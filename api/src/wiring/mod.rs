//! Lists only: roots, parts, jobs, reactions, routes. One line per item, no logic.

pub mod jobs;
pub mod schema;
