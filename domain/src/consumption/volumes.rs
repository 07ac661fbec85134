//! One month of one point for one service, cut into parts that add up to the litre.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Basis, Metering, PointInputs, Residency, VolumePart};
use crate::kernel::*;
use crate::meters;
use crate::tariffs::{Missing, TariffBook, changes};

/// What an account's points have in common in a month.
#[derive(Debug, Clone, Copy)]
pub struct Month<'a> {
    pub period: Period,
    pub sector: Sector,
    pub residents: &'a [Residency],
    /// First day of activity inside the month.
    pub from: NaiveDate,
    /// First day after it; `from` again when there is none.
    pub to: NaiveDate,
}

/// Where the volume of a run of days comes from; the number is the meter's place in the list of the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Meter(usize),
    Average(Option<usize>),
    Norm(Option<usize>),
    ExpiredNorm(usize),
    Contract,
    Nothing,
}

/// What the meters of a point show for the month.
pub(crate) struct Measured {
    /// By the meter's place in the list; none where no new reading counts.
    pub volumes: Vec<Option<Volume>>,
    /// More was billed by average than the meters show: nothing is charged now, and the next reading counts from the same
    /// previous one. So a month is never negative and no litre is lost.
    pub unsettled: bool,
}

/// The volumes of one service at one point, in parts by source and, inside a source, by the days of `cuts` (where the price,
/// VAT or bands change); volumes by norm also where residents or the norm change. Whole litres by largest remainder.
pub fn volumes(
    point: &PointInputs,
    service: Service,
    month: &Month<'_>,
    cuts: &[NaiveDate],
    book: &TariffBook,
) -> Result<Vec<VolumePart>, Missing> {
    let case = Case { point, service, month, cuts, book, measured: measured(point) };
    let runs = case.runs()?;
    let mut days_of: Vec<(Source, Vec<Days>)> = Vec::new();
    for (source, days) in runs {
        match days_of.iter_mut().find(|(known, _)| *known == source) {
            Some((_, all)) => all.push(days),
            None => days_of.push((source, vec![days])),
        }
    }
    // A meter taken off on the first day still owes the days since its last billed reading: they go over the whole month.
    for at in 0..point.metering.len() {
        let meter = Source::Meter(at);
        let gone = case.measured.volumes[at].is_some() && !days_of.iter().any(|(source, _)| *source == meter);
        if gone && month.from < month.to {
            days_of.push((meter, vec![(month.from, month.to)]));
        }
    }

    let mut parts = Vec::new();
    for (source, days) in &days_of {
        parts.extend(case.parts(*source, days)?);
    }
    parts.sort_by_key(|part| part.from);
    Ok(parts)
}

/// First day and the day after the last.
type Days = (NaiveDate, NaiveDate);

struct Case<'a> {
    point: &'a PointInputs,
    service: Service,
    month: &'a Month<'a>,
    cuts: &'a [NaiveDate],
    book: &'a TariffBook,
    measured: Measured,
}

impl Case<'_> {
    /// Runs of active days with one source.
    fn runs(&self) -> Result<Vec<(Source, Days)>, Missing> {
        let bounds = self.point.metering.iter().flat_map(|m| [Some(m.from), m.to, Some(m.verified_until)]);
        let mut runs: Vec<(Source, Days)> = Vec::new();
        for (from, to) in ranges(self.month.from, self.month.to, bounds.flatten()) {
            let source = self.source(from)?;
            match runs.last_mut() {
                Some((last, days)) if *last == source => days.1 = to,
                _ => runs.push((source, (from, to))),
            }
        }
        Ok(runs)
    }

    /// The order of trust: a valid meter with a reading; the average while readings are missing; the norm, or the agreed
    /// volume of a legal entity.
    fn source(&self, day: NaiveDate) -> Result<Source, Missing> {
        let Self { point, month, measured, book, .. } = self;
        let without_meter = |meter| match (month.sector, point.contract_volume) {
            (Sector::Legal, Some(_)) => Source::Contract,
            (Sector::Legal, None) => Source::Nothing,
            _ => Source::Norm(meter),
        };
        let standing = point.metering.iter().position(|m| m.from <= day && m.to.is_none_or(|to| day < to));
        match standing {
            Some(at) if day >= point.metering[at].verified_until => {
                return Ok(match without_meter(standing) {
                    Source::Norm(_) => Source::ExpiredNorm(at),
                    other => other,
                });
            }
            Some(at) if measured.volumes[at].is_some() => return Ok(Source::Meter(at)),
            Some(_) => {}
            None if between_meters(point, day) => {}
            None => return Ok(without_meter(None)),
        }
        let first = month.period.first_day();
        let within_limit = point.months_without_reading < book.methods.average_limit_months(first)?.value;
        let known = average(point, book.methods.average_months(first)?.value).is_some();
        Ok(if within_limit && known { Source::Average(standing) } else { without_meter(standing) })
    }

    /// The days of one source, cut where something changes, with their shares of the source's volume.
    fn parts(&self, source: Source, days: &[Days]) -> Result<Vec<VolumePart>, Missing> {
        let mut cuts = self.cuts.to_vec();
        if source.counts_people() {
            cuts.extend(changes(self.book.norms_of(self.point.amenity, self.service)));
            cuts.extend(self.month.residents.iter().flat_map(|r| std::iter::once(r.from).chain(r.to)));
        }
        let days = days.iter().flat_map(|&(from, to)| ranges(from, to, cuts.iter().copied()));
        let mut parts = days.map(|days| self.part(source, days)).collect::<Result<Vec<_>, _>>()?;

        let weights: Vec<u64> = parts.iter().map(|part| part.weight).collect();
        let whole = self.whole(source, weights.iter().sum())?;
        for (part, liters) in parts.iter_mut().zip(largest_remainder(whole.liters(), &weights)) {
            part.volume = Volume::from_liters(liters);
            part.whole = whole;
            part.weights = weights.iter().sum();
        }
        Ok(parts)
    }

    /// The volume of all days of a source; `weight` is the sum over its parts.
    fn whole(&self, source: Source, weight: u64) -> Result<Volume, Missing> {
        let Self { point, month, book, .. } = self;
        let (weight, full_month) = (i128::from(weight), i128::from(month.period.days()));
        Ok(match source {
            Source::Meter(at) => self.measured.volumes[at].unwrap_or_default(),
            Source::Average(_) => {
                let months = book.methods.average_months(month.period.first_day())?.value;
                let (sum, count) = average(point, months).unwrap_or((0, 1));
                nearest(sum * weight, count * full_month)
            }
            Source::Norm(_) | Source::ExpiredNorm(_) => nearest(weight, full_month),
            Source::Contract => {
                let agreed = point.contract_volume.unwrap_or_default();
                nearest(i128::from(agreed.liters()) * weight, full_month)
            }
            Source::Nothing => Volume::ZERO,
        })
    }

    /// A part without its volume. Its weight is its days; by norm, litres of a full month × people × days.
    fn part(&self, source: Source, (from, to): Days) -> Result<VolumePart, Missing> {
        let (basis, meter) = match source {
            Source::Meter(at) if self.measured.unsettled => (Basis::Unsettled, Some(at)),
            Source::Meter(at) => (Basis::Metered, Some(at)),
            Source::Average(at) => (Basis::Average, at),
            Source::Norm(at) => (Basis::Norm, at),
            Source::ExpiredNorm(at) => (Basis::ExpiredNorm, Some(at)),
            Source::Contract => (Basis::Contract, None),
            Source::Nothing => (Basis::Zero, None),
        };
        let metering = meter.map(|at| &self.point.metering[at]);
        let readings = metering.filter(|_| matches!(source, Source::Meter(_)));
        let mut part = VolumePart {
            from,
            to,
            volume: Volume::ZERO,
            basis,
            residency: None,
            residents: None,
            norm: None,
            meter: metering.map(|m| m.meter),
            reading_prev: readings.and_then(|m| m.prev).map(|r| r.id),
            reading_last: readings.and_then(|m| m.last).map(|r| r.id),
            whole: Volume::ZERO,
            weight: (to - from).num_days().unsigned_abs(),
            weights: 0,
        };
        if source.counts_people() {
            let norm = self.book.norm(self.point.amenity, self.service, from)?;
            let people = self.month.people(from, self.book)?;
            part.residency = residency(self.month.residents, from).map(|r| r.id);
            part.residents = Some(people);
            part.norm = Some(norm.id);
            part.weight *= norm.value.liters().unsigned_abs() * u64::from(people);
            if people == 0 {
                part.basis = Basis::Zero;
            }
        }
        Ok(part)
    }
}

impl Source {
    fn counts_people(self) -> bool {
        matches!(self, Self::Norm(_) | Self::ExpiredNorm(_))
    }
}

/// Differences of readings that count, less what was billed provisionally since the previous ones.
pub(crate) fn measured(point: &PointInputs) -> Measured {
    let mut volumes: Vec<Option<Volume>> = point.metering.iter().map(shown).collect();
    let total: Volume = volumes.iter().flatten().copied().sum();
    let unsettled = total < point.provisional;
    let mut provisional = if unsettled { total } else { point.provisional };
    for volume in volumes.iter_mut().flatten() {
        let less = provisional.min(*volume);
        *volume -= less;
        provisional -= less;
    }
    Measured { volumes, unsettled }
}

/// The difference of a meter's two readings. Of a difference that reaches past the expiry of the verification only the days
/// before it count, for the norm stands for the days after.
fn shown(metering: &Metering) -> Option<Volume> {
    let (prev, last) = (metering.prev?, metering.last?);
    if last.id == prev.id || last.day < prev.day || prev.day >= metering.verified_until {
        return None;
    }
    let volume = meters::difference(prev.value, last.value, metering.digits);
    if last.day <= metering.verified_until {
        return Some(volume);
    }
    let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days();
    let (valid, all) = (days(prev.day, metering.verified_until), days(prev.day, last.day));
    Some(nearest(i128::from(volume.liters()) * i128::from(valid), i128::from(all)))
}

/// Average of the last accepted months per full month as a fraction in litres: sum and count; none without any month.
pub(crate) fn average(point: &PointInputs, months: u32) -> Option<(i128, i128)> {
    let months = &point.history[..point.history.len().min(months as usize)];
    let sum: Volume = months.iter().map(|(_, volume)| *volume).sum();
    (!months.is_empty()).then(|| (i128::from(sum.liters()), months.len() as i128))
}

/// The meter is away (repair, verification) and comes back: its days go by the average, not by the norm.
fn between_meters(point: &PointInputs, day: NaiveDate) -> bool {
    point.metering.iter().any(|m| m.to.is_some_and(|to| to <= day))
        && point.metering.iter().any(|m| m.from > day)
}

impl Month<'_> {
    /// People who count on a day: the registered ones, or as many as the setting says where nobody is registered.
    pub fn people(&self, day: NaiveDate, book: &TariffBook) -> Result<u32, Missing> {
        match residency(self.residents, day).map_or(0, |r| r.count) {
            0 => Ok(book.methods.zero_residents_as(self.period.first_day())?.value),
            count => Ok(count),
        }
    }

    /// Sum of people over the active days; divided by the days of the month it gives people in full months.
    pub fn person_days(&self, book: &TariffBook) -> Result<u64, Missing> {
        let changes = self.residents.iter().flat_map(|r| std::iter::once(r.from).chain(r.to));
        ranges(self.from, self.to, changes)
            .into_iter()
            .map(|(from, to)| Ok(u64::from(self.people(from, book)?) * (to - from).num_days().unsigned_abs()))
            .sum()
    }
}

fn residency(residents: &[Residency], day: NaiveDate) -> Option<&Residency> {
    residents.iter().find(|r| r.from <= day && r.to.is_none_or(|to| day < to))
}

/// `from..to` cut at the days that lie inside it.
fn ranges(
    from: NaiveDate,
    to: NaiveDate,
    cuts: impl Iterator<Item = NaiveDate>,
) -> Vec<(NaiveDate, NaiveDate)> {
    if from >= to {
        return Vec::new();
    }
    let mut days: BTreeSet<NaiveDate> = cuts.filter(|day| from < *day && *day < to).collect();
    days.insert(from);
    let starts: Vec<NaiveDate> = days.into_iter().collect();
    let ends = starts[1..].iter().copied().chain(std::iter::once(to));
    starts.iter().copied().zip(ends).collect()
}

/// A fraction of litres to the nearest whole one, half up.
fn nearest(numerator: i128, denominator: i128) -> Volume {
    let liters = (2 * numerator + denominator).div_euclid(2 * denominator);
    Volume::from_liters(i64::try_from(liters).expect("a volume of a month fits into 64 bits of litres"))
}
