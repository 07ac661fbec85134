//! Meters: models, installations and verifications in two times.

pub mod meter;
pub mod model;
