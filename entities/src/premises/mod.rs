//! Districts, streets, buildings, premises and points of supply.

pub mod building;
pub mod district;
pub mod point;
pub mod premise;
pub mod street;
pub mod wording;
