//! Words every subsystem shares: exact money and volume, periods, ids, identification numbers.

mod identification;
mod ids;
mod money;
mod period;
mod rounding;
#[cfg(feature = "graphql")]
mod scalars;
pub(crate) mod sector;
#[cfg(test)]
pub(crate) mod table;
mod volume;
mod workdays;

pub(crate) use period::covers;
pub(crate) use sector::codes;

pub use identification::{Identification, IdentificationKind, InvalidIdentification};
pub use ids::*;
pub use money::{InvalidMoney, Money};
pub use period::{InvalidPeriod, Period};
pub use rounding::{Rounding, largest_remainder};
pub use sector::{Component, ConsumerGroup, Sector, Service};
pub use volume::{InvalidVolume, Volume};
pub use workdays::{CalendarDayKind, Workdays};
