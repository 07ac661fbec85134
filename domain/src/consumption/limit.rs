//! Limits of a contract of a legal entity: how much its objects may use in a month or in a year, by an annex.

use serde::{Deserialize, Serialize};

use crate::kernel::*;

/// A limit as one month sees it (лимит договора). A point counts for the narrowest limit of a service: its own, else its
/// object's, else the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub id: LimitId,
    pub service: Service,
    /// In a calendar month.
    pub monthly: Option<Volume>,
    /// In a calendar year.
    pub yearly: Option<Volume>,
    /// Of the year: issued for the months of it before this one.
    pub used: Volume,
}

impl Limit {
    /// What may be used in the month: what the month has, but no more than is left of the year.
    pub fn left(&self) -> Volume {
        let of_year = self.yearly.map(|yearly| (yearly - self.used).max(Volume::ZERO));
        self.monthly.into_iter().chain(of_year).min().unwrap_or_default()
    }
}
