//! Prices, norms, VAT, bands and methods: every version dated, every version with an id that a charge line keeps.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

mod allocation;
#[cfg(test)]
pub(crate) mod almaty;
mod bands;
mod debt;
mod error;
mod method;

pub use allocation::AllocationPolicy;
pub use bands::WrongBands;
pub use debt::{DebtMethods, PenaltyRate, PenaltyTerms};
pub use error::{Missing, MissingSetting, MissingTariff, WrongSetting};
pub use method::{
    AllocationOrder, BandsAlso, CapacityCovers, DueShift, ImbalanceMethod, LegalUnmeasured, MethodBook,
    MonthsByKind, NegativeImbalance, NoAccess, NormInlets, Season, Setting, setting,
};

codes! {
    /// What a dated version of the tariff register holds (вид тарифа).
    TariffKind {
        /// Net price per m³ (цена за м³ без НДС).
        Price = "price",
        /// Rate of value added tax (ставка НДС).
        Vat = "vat",
        /// Consumption norm per person and month (норматив потребления).
        Norm = "norm",
        /// Bands of differentiation by volume (дифференциация по объёму).
        Bands = "bands",
    }
}

codes! {
    /// Where a proposal stands (состояние предложения).
    ProposalState {
        /// Waits for a second person and decides nothing (ждёт второго лица).
        Proposed = "proposed",
        /// In force on its days (подтверждено).
        Confirmed = "confirmed",
        /// Not confirmed by somebody else (отклонено).
        Declined = "declined",
        /// Taken back by who proposed it (отозвано).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// What amenities a dwelling has; chooses the norm where there is no meter (степень благоустройства).
    Amenity {
        /// Usual dwelling with water inside (благоустроенное жильё).
        Household = "household",
        /// Dilapidated house, emergency rooms or a dormitory with shared facilities (ветхое жильё, общежитие).
        Dilapidated = "dilapidated",
        /// Street standpipe (уличная колонка).
        Standpipe = "standpipe",
        /// A watered plot, per sotka and not per person; never a dwelling's own (полив участка, на сотку).
        Watering = "watering",
    }
}

codes! {
    /// How bands price a volume (способ дифференциации).
    BandMode {
        /// The whole volume of the month at the coefficient of the band it falls into.
        Whole = "whole",
        /// Each slice of the volume at the coefficient of its own band.
        Marginal = "marginal",
    }
}

/// One version of a value, in force on the days `from <= day < to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    pub id: TariffId,
    pub from: NaiveDate,
    /// First day without it; none while no end is known.
    pub to: Option<NaiveDate>,
    pub value: T,
}

/// One band: up to and including the bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// Upper bound per person and full month, itself inside the band; none for the last band.
    pub upto: Option<Volume>,
    /// Multiplies the net price.
    pub coefficient: Decimal,
}

/// Differentiation by volume (дифференциация): bands in rising order, the last one unbounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bands {
    pub mode: BandMode,
    pub bands: Vec<Band>,
}

/// All versions of everything that prices a month. Lists may be in any order; versions of one list must not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TariffBook {
    /// Net tenge per m³.
    pub prices: HashMap<(Service, ConsumerGroup), Vec<Dated<Decimal>>>,
    /// 0.16 stands for 16 %.
    pub vat: Vec<Dated<Decimal>>,
    /// Per person and full month.
    pub norms: HashMap<(Amenity, Service), Vec<Dated<Volume>>>,
    /// Of water for the population only; days without a version are days of suspension.
    pub bands: Vec<Dated<Bands>>,
    pub methods: MethodBook,
}

impl<T> Dated<T> {
    pub fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }
}

impl TariffBook {
    /// Net price of a m³ on a day.
    pub fn price(
        &self,
        service: Service,
        group: ConsumerGroup,
        day: NaiveDate,
    ) -> Result<&Dated<Decimal>, MissingTariff> {
        on(self.prices_of(service, group), day).ok_or(MissingTariff::Price { service, group, day })
    }

    /// VAT rate on a day of service: the turnover's day decides, not the bill's.
    pub fn vat(&self, day: NaiveDate) -> Result<&Dated<Decimal>, MissingTariff> {
        on(&self.vat, day).ok_or(MissingTariff::Vat { day })
    }

    /// Norm per person and full month on a day.
    pub fn norm(
        &self,
        amenity: Amenity,
        service: Service,
        day: NaiveDate,
    ) -> Result<&Dated<Volume>, MissingTariff> {
        on(self.norms_of(amenity, service), day).ok_or(MissingTariff::Norm { amenity, service, day })
    }

    /// Bands that apply to the service on a day; none for sewerage, for other groups and while suspended.
    pub fn bands(&self, service: Service, group: ConsumerGroup, day: NaiveDate) -> Option<&Dated<Bands>> {
        on(self.bands_of(service, group), day)
    }

    pub(crate) fn prices_of(&self, service: Service, group: ConsumerGroup) -> &[Dated<Decimal>] {
        self.prices.get(&(service, group)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn norms_of(&self, amenity: Amenity, service: Service) -> &[Dated<Volume>] {
        self.norms.get(&(amenity, service)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn bands_of(&self, service: Service, group: ConsumerGroup) -> &[Dated<Bands>] {
        match (service, group) {
            (Service::Water, ConsumerGroup::Population) => &self.bands,
            _ => &[],
        }
    }
}

fn on<T>(versions: &[Dated<T>], day: NaiveDate) -> Option<&Dated<T>> {
    versions.iter().find(|version| version.covers(day))
}

/// Days on which a list of versions changes.
pub(crate) fn changes<T>(versions: &[Dated<T>]) -> impl Iterator<Item = NaiveDate> {
    versions.iter().flat_map(|version| std::iter::once(version.from).chain(version.to))
}
