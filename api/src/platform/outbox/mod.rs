//! Facts on their way out: the relay numbers them and tells every process, the hub of a process hands them to its listeners.

pub mod graph;
mod hub;
mod nudge;
pub mod relay;

pub use hub::{Hub, follow, follow_from};
pub use nudge::Nudge;

/// The channel of the bus that carries numbered facts.
pub const CHANNEL: &str = "outbox";
