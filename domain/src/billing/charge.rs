//! The rule of charging: a pure function that the run, the preview, the explanation and the tests all call.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::bands::{Slice, WaterMonth, slices};
use super::{ChargeError, ChargeLine, Charges, Excuse, Inputs};
use crate::consumption::{Basis, Month, PointInputs, VolumePart, volumes};
use crate::kernel::*;
use crate::tariffs::{Setting, TariffBook, changes};

/// Charges one account for one month.
pub fn charge(inputs: &Inputs, book: &TariffBook) -> Result<Charges, ChargeError> {
    Ok(match reckon(inputs, book)? {
        Reckoning::Excused(excuse) => Charges { lines: Vec::new(), excuse: Some(excuse) },
        Reckoning::Charged(charged) => {
            Charges { lines: charged.lines.into_iter().map(|r| r.line).collect(), excuse: None }
        }
    })
}

/// A month with everything that led to its lines, from which both the charge and its explanation are read.
pub(super) enum Reckoning {
    Excused(Excuse),
    Charged(Charged),
}

pub(super) struct Charged {
    pub lines: Vec<Reckoned>,
    pub rounding: Setting<Rounding>,
    pub water: WaterMonth,
}

pub(super) struct Reckoned {
    pub line: ChargeLine,
    pub part: VolumePart,
    pub slice: Slice,
}

pub(super) fn reckon(inputs: &Inputs, book: &TariffBook) -> Result<Reckoning, ChargeError> {
    let month = inputs.month();
    if month.from >= month.to {
        return Ok(Reckoning::Excused(Excuse::NotActive));
    }
    if inputs.points.is_empty() {
        return Ok(Reckoning::Excused(Excuse::NoPoints));
    }

    let mut measured: Vec<(&PointInputs, Service, VolumePart)> = Vec::new();
    for point in &inputs.points {
        for service in point.services() {
            let cuts = inputs.cuts(service, book);
            let parts = volumes(point, service, &month, &cuts, book)?;
            measured.extend(parts.into_iter().map(|part| (point, service, part)));
        }
    }
    if measured.is_empty() {
        return Ok(Reckoning::Excused(Excuse::NothingSupplied));
    }
    if measured.iter().all(|(.., part)| part.basis == Basis::Zero) {
        return Ok(Reckoning::Excused(match inputs.sector {
            Sector::Legal => Excuse::NoContractVolume,
            _ => Excuse::NoResidentsNoMeter,
        }));
    }

    let rounding = book.methods.rounding(inputs.sector, inputs.period.first_day())?.clone();
    let water = inputs.water(&month, &measured, book)?;
    let mut lines = Vec::new();
    for measured in measured {
        lines.extend(lines_of(measured, inputs, &water, rounding.value, book)?);
    }
    Ok(Reckoning::Charged(Charged { lines, rounding, water }))
}

/// Net, VAT and gross of a line. Each of net and gross is rounded once from the exact product, VAT is their difference: the
/// only way that gives every line of the published price list.
pub(super) fn amounts(
    volume: Volume,
    price: Decimal,
    coefficient: Decimal,
    vat_rate: Decimal,
    rounding: Rounding,
) -> (Money, Money, Money) {
    let exact = volume.to_decimal() * price * coefficient;
    let net = Money::rounded(exact, rounding);
    let gross = Money::rounded(exact * (Decimal::ONE + vat_rate), rounding);
    (net, gross - net, gross)
}

fn lines_of(
    measured: (&PointInputs, Service, VolumePart),
    inputs: &Inputs,
    water: &WaterMonth,
    rounding: Rounding,
    book: &TariffBook,
) -> Result<Vec<Reckoned>, ChargeError> {
    let (point, service, part) = measured;
    let price = book.price(service, inputs.group, part.from)?;
    let vat = book.vat(part.from)?;
    let bands = inputs.has_bands().then(|| book.bands(service, inputs.group, part.from)).flatten();
    let slices = match bands {
        Some(bands) => slices(&bands.value, water, part.volume),
        None => vec![Slice::plain(part.volume)],
    };
    let line = |slice: Slice| {
        let (volume, coefficient) = (slice.volume, slice.coefficient);
        let (net, vat_amount, gross) = amounts(volume, price.value, coefficient, vat.value, rounding);
        let line = ChargeLine {
            point: point.point,
            service,
            component: Component::Charge,
            basis: part.basis,
            from: part.from,
            to: part.to,
            volume,
            price: price.value,
            coefficient,
            tariff: price.id,
            vat: vat.id,
            vat_rate: vat.value,
            band: bands.map(|bands| bands.id),
            norm: part.norm,
            residency: part.residency,
            residents: part.residents,
            meter: part.meter,
            reading_prev: part.reading_prev,
            reading_last: part.reading_last,
            net,
            vat_amount,
            gross,
        };
        Reckoned { line, part: part.clone(), slice }
    };
    Ok(slices.into_iter().map(line).collect())
}

impl Inputs {
    /// The active days of the month.
    pub(super) fn month(&self) -> Month<'_> {
        let end = self.period.next().first_day();
        let from = self.active_from.max(self.period.first_day()).min(end);
        let to = self.active_to.unwrap_or(end).min(end).max(from);
        Month { period: self.period, sector: self.sector, residents: &self.residents, from, to }
    }

    /// Bands are counted per person: they are for people, not for the heat producers and utilities of the same group.
    fn has_bands(&self) -> bool {
        self.sector != Sector::Legal
    }

    /// Days on which the money side of a service changes.
    fn cuts(&self, service: Service, book: &TariffBook) -> Vec<NaiveDate> {
        let mut cuts: Vec<NaiveDate> = changes(book.prices_of(service, self.group)).collect();
        cuts.extend(changes(&book.vat));
        if self.has_bands() {
            cuts.extend(changes(book.bands_of(service, self.group)));
        }
        cuts
    }

    fn water(
        &self,
        month: &Month<'_>,
        measured: &[(&PointInputs, Service, VolumePart)],
        book: &TariffBook,
    ) -> Result<WaterMonth, ChargeError> {
        let water = measured.iter().filter(|(_, service, _)| *service == Service::Water);
        Ok(WaterMonth {
            volume: water.map(|(.., part)| part.volume).sum(),
            person_days: if self.has_bands() { month.person_days(book)? } else { 0 },
            days: self.period.days(),
        })
    }
}

impl PointInputs {
    /// Services that are ours at the point: sewerage has lines of its own for cold and for hot water.
    pub(super) fn services(&self) -> impl Iterator<Item = Service> {
        let sewerage = if self.hot { Service::SewerageHot } else { Service::SewerageCold };
        self.water.then_some(Service::Water).into_iter().chain(self.sewerage.then_some(sewerage))
    }
}
