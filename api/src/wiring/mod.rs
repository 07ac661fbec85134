//! Lists only: roots, parts, jobs, reactions, routes. One line per item, no logic.

pub mod account;
pub mod jobs;
pub mod me;
pub mod point;
<<<<<<< HEAD
pub mod routes;
=======
pub mod reading;
>>>>>>> c3965b3 (Readings: one intake for every channel, verdicts at once, withdrawal, decision; messages in three languages)
pub mod schema;
