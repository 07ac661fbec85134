//! What a point is supplied with, by day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::PointInputs;
use crate::kernel::*;
use crate::tariffs::Amenity;

/// Services and amenity of a point from a day to a day (услуги и благоустройство точки).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub water: bool,
    pub sewerage: bool,
    pub amenity: Amenity,
}

impl Supply {
    fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }

    fn serves(&self, service: Service) -> bool {
        if service == Service::Water { self.water } else { self.sewerage }
    }
}

impl PointInputs {
    /// Services that are ours at the point on some day: sewerage has lines of its own for cold and for hot water.
    pub(crate) fn services(&self) -> impl Iterator<Item = Service> {
        let sewerage = if self.hot { Service::SewerageHot } else { Service::SewerageCold };
        let ever = |service, last: bool| match &self.supplies[..] {
            [] => last,
            versions => versions.iter().any(|version| version.serves(service)),
        };
        let water = ever(Service::Water, self.water).then_some(Service::Water);
        water.into_iter().chain(ever(sewerage, self.sewerage).then_some(sewerage))
    }

    /// Whether one of them is ours on a day.
    pub(crate) fn serves(&self, service: Service, day: NaiveDate) -> bool {
        self.supplies.is_empty() || self.supply(day).is_some_and(|version| version.serves(service))
    }

    /// How the dwelling is supplied on a day.
    pub(crate) fn amenity_on(&self, day: NaiveDate) -> Amenity {
        self.supply(day).map_or(self.amenity, |version| version.amenity)
    }

    /// The days on which another version of it begins or none is left: each part of a volume is of one.
    pub(crate) fn supply_changes(&self) -> impl Iterator<Item = NaiveDate> {
        self.supplies.iter().flat_map(|version| std::iter::once(version.from).chain(version.to))
    }

    fn supply(&self, day: NaiveDate) -> Option<&Supply> {
        self.supplies.iter().find(|version| version.covers(day))
    }
}
