//! What decides a volume besides meters and norms (особые случаи): a torn seal, an emergency, days without service or people, watered
//! plots, houses billed in bulk. The chain of months itself is written by the run and read back by its inputs.

pub mod inputs;
pub mod loaders;
pub mod mutation;
pub mod ops;
pub mod query;
mod signed;
pub mod types;

pub use mutation::ConsumptionMutation;
pub use query::ConsumptionQuery;
pub use signed::SpecialTakingBack;
pub use types::AccountConsumption;
