//! Reckonings of the imbalance of houses, what was decided about them, and the facts they are made of.

pub mod decision;
pub mod facts;
pub mod house;
pub mod reckoning;
pub mod rule;
pub mod share;
