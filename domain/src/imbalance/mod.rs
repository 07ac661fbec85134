//! The difference between a house's meter and what its flats account for (spec 2.18).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

/// What one account bears of the difference of its house (доля небаланса). Shares of a house add up to `whole`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub building: BuildingId,
    /// The account's point that the line is shown at: its first cold one.
    pub point: PointId,
    /// The meter of the house and the readings that the difference lies between; none where several meters make it.
    pub meter: Option<MeterId>,
    pub reading_prev: Option<ReadingId>,
    pub reading_last: Option<ReadingId>,
    pub from: NaiveDate,
    /// Exclusive.
    pub to: NaiveDate,
    /// `weight` of `weights` of `whole`, whole litres by largest remainder; negative only where the policy credits.
    pub volume: Volume,
    pub whole: Volume,
    pub weight: u64,
    pub weights: u64,
}
