//! The rule of charging: a pure function that the run, the preview, the explanation and the tests all call.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::bands::{Slice, WaterMonth, WaterMonths, slices};
use super::inlets::Norms;
use super::limit::{Limited, limited};
use super::{ChargeError, ChargeLine, Charges, Excuse, GroupDays, Inputs};
use crate::consumption::{Basis, Month, PointInputs, Pricing, SpecialKind, VolumePart, share_parts, volumes};
use crate::imbalance::Share;
use crate::kernel::*;
use crate::tariffs::{BandsAlso, Setting, TariffBook, changes};

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
    /// By the months that the water of the bill was used in; empty while no bands are in force.
    pub water: WaterMonths,
}

pub(super) struct Reckoned {
    pub line: ChargeLine,
    pub part: VolumePart,
    pub slice: Slice,
    /// Where the volume counts for a limit of the contract.
    pub limited: Option<Limited>,
}

pub(super) fn reckon(inputs: &Inputs, book: &TariffBook) -> Result<Reckoning, ChargeError> {
    let month = inputs.month();
    if month.from >= month.to {
        return Ok(Reckoning::Excused(Excuse::NotActive));
    }
    if inputs.billed_in_bulk {
        return Ok(Reckoning::Excused(Excuse::BilledInBulk));
    }
    if inputs.points.is_empty() {
        return Ok(Reckoning::Excused(Excuse::NoPoints));
    }

    let mut measured: Vec<(&PointInputs, Service, VolumePart)> = Vec::new();
    let mut norms = Norms::default();
    for point in &inputs.points {
        let Some(month) = inputs.month_of(point) else { continue };
        for service in point.services() {
            let pricing = inputs.pricing(point, service, book);
            let elsewhere = norms.borne(point, service, &month, book)?;
            let parts = volumes(point, service, &month, &pricing, &elsewhere, book)?;
            norms.bear(point, service, &parts);
            measured.extend(parts.into_iter().map(|part| (point, service, part)));
        }
    }
    if measured.is_empty() {
        return Ok(Reckoning::Excused(Excuse::NothingSupplied));
    }
    if inputs.shares.is_empty() && measured.iter().all(|(.., part)| part.basis.is_nothing()) {
        let away = || inputs.points.iter().flat_map(|p| &p.specials).any(|s| s.kind == SpecialKind::Absence);
        let unserved = measured.iter().any(|(.., part)| part.basis == Basis::NoService);
        return Ok(Reckoning::Excused(match inputs.sector {
            _ if unserved => Excuse::NoService,
            Sector::Legal => Excuse::NoContractVolume,
            _ if away() => Excuse::EverybodyAway,
            _ => Excuse::NoResidentsNoMeter,
        }));
    }
    for share in &inputs.shares {
        measured.extend(inputs.house_parts(share, book)?);
    }

    let rounding = book.methods.rounding(inputs.sector, inputs.period.first_day())?.clone();
    let water = inputs.water(&month, &measured, book)?;
    let mut lines = Vec::new();
    let limited = limited(&measured);
    for (measured, limited) in measured.into_iter().zip(limited) {
        lines.extend(lines_of(measured, limited, inputs, &water, rounding.value, book)?);
    }
    Ok(Reckoning::Charged(Charged { lines, rounding, water }))
}

/// What a line costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amounts {
    pub net: Money,
    pub vat: Money,
    pub gross: Money,
}

impl Amounts {
    /// Of the exact product without VAT. Each of net and gross is rounded once, VAT is their difference: the only way that gives
    /// every line of the published price list.
    pub fn of(exact: Decimal, vat_rate: Decimal, rounding: Rounding) -> Self {
        let net = Money::rounded(exact, rounding);
        let gross = Money::rounded(exact * (Decimal::ONE + vat_rate), rounding);
        Self { net, vat: gross - net, gross }
    }

    /// Of a volume that a limit cuts in two, what lies within and what lies above. Both are rounded once, together: what lies above
    /// costs the rest, so that with the coefficient 1 the two come to the uncut line. Above a litre or two the rest of the VAT could
    /// fall below nothing; the line within then gives up its tiyn.
    pub fn cut(within: Decimal, above: Decimal, vat_rate: Decimal, rounding: Rounding) -> (Self, Self) {
        let whole = Self::of(within + above, vat_rate, rounding);
        let Self { net, vat, .. } = Self::of(within, vat_rate, rounding);
        let vat = vat.min(whole.vat);
        let within = Self { net, vat, gross: net + vat };
        let above = Self { net: whole.net - net, vat: whole.vat - vat, gross: whole.gross - within.gross };
        (within, above)
    }
}

fn lines_of(
    measured: (&PointInputs, Service, VolumePart),
    limited: Option<Limited>,
    inputs: &Inputs,
    water: &WaterMonths,
    rounding: Rounding,
    book: &TariffBook,
) -> Result<Vec<Reckoned>, ChargeError> {
    let (point, service, part) = measured;
    let group = inputs.group_on(part.from);
    let price = book.price(service, group, part.from)?;
    let vat = book.vat(part.from)?;
    let banded = inputs.has_bands() && inputs.counts_for_bands(&part, book)?;
    let bands = banded.then(|| book.bands(service, group, part.from)).flatten();
    let slices = match bands.zip(water.get(&Period::of(part.from))) {
        Some((bands, month)) => slices(&bands.value, month, part.volume),
        None => vec![Slice::plain(part.volume)],
    };
    // Limits are of contracts of legal entities, which have no bands. What lies within stays a line, even of nothing: the chain of
    // months reads there where a volume above the limit comes from.
    let above = limited.as_ref().map(|limited| part.volume - limited.within).filter(|above| !above.is_zero());
    let exact = |slice: &Slice| slice.volume.to_decimal() * price.value * slice.coefficient;
    let mut sliced: Vec<(Basis, Slice, Amounts)> = Vec::new();
    if let Some(above) = above {
        let coefficient = book.methods.over_limit_coefficient(inputs.period.first_day())?.value;
        let (within, above) =
            (Slice::plain(part.volume - above), Slice { coefficient, ..Slice::plain(above) });
        let (low, high) = Amounts::cut(exact(&within), exact(&above), vat.value, rounding);
        sliced.extend([(part.basis, within, low), (Basis::OverLimit, above, high)]);
    } else {
        sliced.extend(slices.into_iter().map(|slice| {
            let amounts = Amounts::of(exact(&slice), vat.value, rounding);
            (part.basis, slice, amounts)
        }));
    }
    let line = |(basis, slice, amounts): (Basis, Slice, Amounts)| {
        let Amounts { net, vat: vat_amount, gross } = amounts;
        let (volume, coefficient) = (slice.volume, slice.coefficient);
        let line = ChargeLine {
            point: point.point,
            service,
            component: match part.basis {
                Basis::HouseShare => Component::Imbalance,
                _ => Component::Charge,
            },
            basis,
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
            special: part.special,
            limit: limited.as_ref().map(|limited| limited.limit.id),
            building: inputs.shares.iter().find(|_| part.basis == Basis::HouseShare).map(|s| s.building),
            residency: part.residency,
            residents: part.residents,
            meter: part.meter,
            reading_prev: part.reading_prev,
            reading_last: part.reading_last,
            net,
            vat_amount,
            gross,
        };
        Reckoned { line, part: part.clone(), slice, limited: limited.clone() }
    };
    Ok(sliced.into_iter().map(line).collect())
}

impl Inputs {
    /// The active days of the month.
    pub(super) fn month(&self) -> Month<'_> {
        let end = self.period.next().first_day();
        let from = self.active_from.max(self.period.first_day()).min(end);
        let to = self.active_to.unwrap_or(end).min(end).max(from);
        let leaves = self.active_to.is_some_and(|to| to <= end);
        Month { period: self.period, sector: self.sector, residents: &self.residents, from, to, leaves }
    }

    /// The active days of a point; none where it has none in the month.
    pub(super) fn month_of(&self, point: &PointInputs) -> Option<Month<'_>> {
        let month = self.month();
        let held = point.held.map_or((month.from, month.to), |held| {
            (held.from.max(month.from), held.to.map_or(month.to, |to| to.min(month.to)))
        });
        let end = self.period.next().first_day();
        let leaves = month.leaves || point.held.and_then(|held| held.to).is_some_and(|to| to <= end);
        (held.0 < held.1).then_some(Month { from: held.0, to: held.1, leaves, ..month })
    }

    /// Bands are counted per person: they are for people, not for the heat producers and utilities of the same group.
    fn has_bands(&self) -> bool {
        self.sector != Sector::Legal
    }

    /// Days on which the money side of a service changes, as far back as the point's readings reach: price, VAT, bands, and the
    /// group of consumers. Bands are counted by calendar months, so where they are in force a month is an end of its own.
    fn pricing(&self, point: &PointInputs, service: Service, book: &TariffBook) -> Pricing {
        let always = [GroupDays { group: self.group, from: None, to: None }];
        let groups = if self.groups.is_empty() { &always[..] } else { &self.groups[..] };
        let mut cuts: Vec<NaiveDate> = changes(&book.vat).collect();
        for days in groups {
            cuts.extend(changes(book.prices_of(service, days.group)).filter(|day| days.covers(*day)));
        }
        // The same group again, on another document, is no change.
        cuts.extend(
            groups.windows(2).filter(|two| two[0].group != two[1].group).filter_map(|two| two[1].from),
        );
        if self.has_bands() {
            // Only the population has bands, and no other group is in these sectors.
            let bands = book.bands_of(service, self.group);
            cuts.extend(changes(bands));
            let read = point.metering.iter().filter_map(|m| m.prev).map(|prev| prev.day);
            let charged = point.specials.iter().filter(|s| s.kind.is_capacity()).map(|s| s.from);
            let shared = self.shares.iter().map(|share| share.from);
            let earliest = read.chain(charged).chain(shared).map(Period::of).min();
            let mut month = earliest.unwrap_or(self.period).next();
            while month <= self.period {
                if bands.iter().any(|version| version.covers(month.first_day())) {
                    cuts.push(month.first_day());
                }
                month = month.next();
            }
        }
        let first =
            |days: Option<NaiveDate>, other: Option<NaiveDate>| days.zip(other).map(|(a, b)| a.max(b));
        // As far back as the groups have prices without a gap.
        let mut priced = None;
        for days in groups.iter().rev() {
            let prices = book.prices_of(service, days.group);
            let Some(begun) = prices.iter().map(|version| version.from).min() else { break };
            let begun = days.from.map_or(begun, |from| from.max(begun));
            priced = Some(begun);
            if days.from != Some(begun) {
                break;
            }
        }
        let since = first(priced, book.vat.iter().map(|version| version.from).min());
        Pricing { cuts, since }
    }

    /// A household's own use does; watering and the share of the house where the setting says so.
    fn counts_for_bands(&self, part: &VolumePart, book: &TariffBook) -> Result<bool, ChargeError> {
        let also = |which: fn(&BandsAlso) -> bool| {
            if book.bands.iter().all(|bands| !bands.covers(part.from)) {
                return Ok(false);
            }
            book.methods.bands_also(self.period.first_day()).map(|also| which(&also.value))
        };
        Ok(match part.basis {
            Basis::Watering => also(|also| also.watering)?,
            Basis::HouseShare => also(|also| also.imbalance)?,
            _ => true,
        })
    }

    /// What the account bears of its house: water, and sewerage where it has it, each cut where its price or VAT changes.
    fn house_parts<'a>(
        &'a self,
        share: &Share,
        book: &TariffBook,
    ) -> Result<Vec<(&'a PointInputs, Service, VolumePart)>, ChargeError> {
        let of = |point: &&PointInputs| point.point == share.point && self.month_of(point).is_some();
        let Some(point) = self.points.iter().find(of) else { return Ok(Vec::new()) };
        let mut parts = Vec::new();
        for service in point.services() {
            let pricing = self.pricing(point, service, book);
            let own = share_parts(share, point, service, &pricing);
            parts.extend(own.into_iter().map(|part| (point, service, part)));
        }
        Ok(parts)
    }

    /// The water of each month that the bill reaches into, beside the people of the days it was used on. What a meter settles
    /// counts with all that it shows: a month has the band of its use, however much of it was billed by average before.
    fn water(
        &self,
        month: &Month<'_>,
        measured: &[(&PointInputs, Service, VolumePart)],
        book: &TariffBook,
    ) -> Result<WaterMonths, ChargeError> {
        let mut months: BTreeMap<Period, (Volume, Vec<(NaiveDate, NaiveDate)>)> = BTreeMap::new();
        if self.has_bands() {
            for (_, service, part) in measured {
                if *service == Service::Water
                    && book.bands(*service, self.group_on(part.from), part.from).is_some()
                    && self.counts_for_bands(part, book)?
                {
                    let (volume, days) = months.entry(Period::of(part.from)).or_default();
                    *volume += part.used();
                    days.push((part.from, part.to));
                }
            }
        }
        let water = |(period, (volume, days)): (Period, (Volume, Vec<(NaiveDate, NaiveDate)>))| {
            let person_days = month.person_days(&union(days), book)?;
            Ok((period, WaterMonth { volume, person_days, days: period.days() }))
        };
        months.into_iter().map(water).collect()
    }
}

/// Spans without overlaps: two inlets that were used on the same days are used by the same people.
pub(super) fn union(mut spans: Vec<(NaiveDate, NaiveDate)>) -> Vec<(NaiveDate, NaiveDate)> {
    spans.sort_unstable();
    let mut apart: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (from, to) in spans {
        match apart.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => apart.push((from, to)),
        }
    }
    apart
}
