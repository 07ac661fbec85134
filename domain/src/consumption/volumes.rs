//! One month of one point for one service, cut into parts that add up to the litre.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::special::{SOTKA_DM2, pipe_capacity};
use super::{
    Away, Basis, Metering, PointInputs, ReadingRef, Residency, Special, SpecialKind, Supply, VolumePart,
};
use crate::imbalance::Share;
use crate::kernel::*;
use crate::meters;
use crate::tariffs::{Amenity, LegalUnmeasured, Missing, NoAccess, TariffBook, changes};

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
    /// The account has no later day at the point: no reading of a later month is its own.
    pub leaves: bool,
}

/// Where the volume of a run of days comes from; the number is the meter's place in the list of the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Meter(usize),
    Average(Option<usize>),
    Norm(Option<usize>),
    ExpiredNorm(usize),
    Contract(Option<usize>),
    /// The special case's place in the list of the point.
    Stopped {
        meter: usize,
        special: usize,
    },
    NoService(usize),
    Nothing,
}

/// What the meters of a point show for the month.
pub(crate) struct Measured {
    /// By the meter's place in the list; none where no new reading counts.
    pub volumes: Vec<Option<Volume>>,
    /// By the same place: what was taken off because it had been billed provisionally.
    pub settled: Vec<Volume>,
    /// All that the meters show, nothing taken off.
    pub total: Volume,
    /// The days that `total` is of, and the days from the first reading of it to the last; to the end of the month where no meter
    /// stands there any more.
    pub days: i64,
    pub span: Option<Span>,
    /// More was billed by average than the meters show: nothing is charged now, and the next reading counts from the same
    /// previous one. So no litre is lost. Where no later reading can come the volume is negative instead: what was billed too
    /// much is given back at the prices of its days.
    pub unsettled: bool,
}

/// What the money side of a service asks of its volumes.
#[derive(Debug, Clone, Default)]
pub struct Pricing {
    /// Days on which price, VAT or bands change, and where bands are in force the first days of months.
    pub cuts: Vec<NaiveDate>,
    /// The first day that has a price; none where no day has one.
    pub since: Option<NaiveDate>,
}

/// The volumes of one service at one point, in parts by source and, inside a source, by the days of `pricing.cuts`; volumes by
/// norm also where residents or the norm change. What a meter shows lies on the days between its readings, in whatever months
/// they are; everything else on days of the billed month. Whole litres by largest remainder. Only days with the service have a
/// part. On the days `elsewhere` another inlet bears the norm of the account's people.
pub fn volumes(
    point: &PointInputs,
    service: Service,
    month: &Month<'_>,
    pricing: &Pricing,
    elsewhere: &[Span],
    book: &TariffBook,
) -> Result<Vec<VolumePart>, Missing> {
    let measured = measured(point, month);
    let case = Case { point, service, month, pricing, elsewhere, book, measured };
    let runs = case.runs()?;
    let mut days_of: Vec<(Source, Vec<Span>)> = Vec::new();
    for (source, days) in runs {
        match days_of.iter_mut().find(|(known, _)| *known == source) {
            Some((_, all)) => all.push(days),
            None => days_of.push((source, vec![days])),
        }
    }
    case.place_meters(&mut days_of);
    case.supplied(&mut days_of);

    let mut parts = Vec::new();
    for (source, days) in &days_of {
        let rank = case.rank(*source);
        parts.extend(case.parts(*source, days)?.into_iter().map(|part| (rank, part)));
    }
    parts.sort_by_key(|(rank, part)| (part.from, *rank));
    let mut parts: Vec<VolumePart> = parts.into_iter().map(|(_, part)| part).collect();
    let watered = case.watering(&days_of)?;
    let capacities = case.capacities(&parts)?;
    parts.extend(watered);
    parts.extend(capacities);
    Ok(parts)
}

/// First day and the day after the last.
pub(crate) type Span = (NaiveDate, NaiveDate);

struct Case<'a> {
    point: &'a PointInputs,
    service: Service,
    month: &'a Month<'a>,
    pricing: &'a Pricing,
    elsewhere: &'a [Span],
    book: &'a TariffBook,
    measured: Measured,
}

impl Case<'_> {
    /// Puts what the meters show on the days between their readings. An unsettled month has nothing to place: its zero stays on
    /// the days of the month.
    fn place_meters(&self, days_of: &mut Vec<(Source, Vec<Span>)>) {
        let shown = self.measured.volumes.iter().enumerate().filter(|(_, volume)| volume.is_some());
        let meters = shown.map(|(at, _)| at);
        if self.measured.unsettled {
            // A meter taken off on the first day has no day of its own in the month.
            for meter in meters.map(Source::Meter) {
                if !days_of.iter().any(|(source, _)| *source == meter) {
                    days_of.push((meter, vec![(self.month.from, self.month.to)]));
                }
            }
        } else {
            days_of.retain(|(source, _)| !matches!(source, Source::Meter(_)));
            days_of.extend(meters.map(|at| (Source::Meter(at), self.consumed(at))));
        }
    }

    /// Keeps the days with the service. What a meter shows keeps all of its days until it is divided among them.
    fn supplied(&self, days_of: &mut Vec<(Source, Vec<Span>)>) {
        if self.point.supplies.is_empty() {
            return;
        }
        for (source, days) in days_of.iter_mut() {
            if self.measured.unsettled || !matches!(source, Source::Meter(_)) {
                let each = days.iter().flat_map(|&(from, to)| ranges(from, to, self.point.supply_changes()));
                *days = each.filter(|(from, _)| self.point.serves(self.service, *from)).collect();
            }
        }
        days_of.retain(|(_, days)| !days.is_empty());
    }

    /// The days on which a meter's volume was used, as far as they count and can be priced: what was used before the tariff
    /// register begins goes to the days since, what was used while the house was billed in bulk is paid, and between two
    /// verifications the norm stands.
    fn consumed(&self, at: usize) -> Vec<Span> {
        let metering = &self.point.metering[at];
        let (from, to) = metering.interval().expect("a volume lies between two readings");
        let to = to.min(metering.verified_until);
        let since = self.pricing.since.filter(|since| *since < to);
        let from = since.map_or(from, |since| from.max(since));
        let mut own = vec![(from, to)];
        for (since, upto) in self.point.bulk.into_iter().chain(metering.lapsed) {
            let rest = own.iter().flat_map(|&(from, to)| [(from, to.min(since)), (from.max(upto), to)]);
            own = rest.filter(|(from, to)| from < to).collect();
        }
        if own.is_empty() { vec![(from, to)] } else { own }
    }

    /// Parts that begin on the same day: first those of the month, then meter by meter.
    fn rank(&self, source: Source) -> usize {
        match source {
            Source::Meter(at) if !self.measured.unsettled => at + 1,
            _ => 0,
        }
    }

    /// Runs of active days with one source.
    fn runs(&self) -> Result<Vec<(Source, Span)>, Missing> {
        let lapses = self.point.metering.iter().filter_map(|m| m.lapsed);
        let bounds = self.point.metering.iter().flat_map(|m| [Some(m.from), m.to, Some(m.verified_until)]);
        let bounds = bounds.chain(lapses.flat_map(|(from, to)| [Some(from), Some(to)]));
        let stands_still = self.point.specials.iter().filter(|special| {
            matches!(special.kind, SpecialKind::Stopped | SpecialKind::NoService | SpecialKind::NoAccess)
        });
        let bounds = bounds.chain(stands_still.flat_map(|special| [Some(special.from), special.to]));
        let mut away: Vec<Option<NaiveDate>> = Vec::new();
        for days in &self.point.away {
            away.extend([Some(days.from), days.to, Some(self.averaged_until(days)?)]);
        }
        let bounds = bounds.chain(away);
        let mut runs: Vec<(Source, Span)> = Vec::new();
        for (from, to) in ranges(self.month.from, self.month.to, bounds.flatten()) {
            let source = self.source(from)?;
            match runs.last_mut() {
                Some((last, days)) if *last == source => days.1 = to,
                _ => runs.push((source, (from, to))),
            }
        }
        Ok(runs)
    }

    /// What a day's volume comes from; where nothing measures it, a day without service has none.
    fn source(&self, day: NaiveDate) -> Result<Source, Missing> {
        let trusted = self.trusted(day)?;
        let without = self.special(SpecialKind::NoService, day);
        Ok(match (trusted, without) {
            (Source::Meter(_) | Source::Nothing, _) | (_, None) => trusted,
            (_, Some(special)) => Source::NoService(special),
        })
    }

    /// The first day on which a meter that is off no longer stands for the average.
    fn averaged_until(&self, away: &Away) -> Result<NaiveDate, Missing> {
        let months = self.book.methods.meter_away_months(self.month.period.first_day())?.value;
        Ok(away.from + Months::new(months))
    }

    fn special(&self, kind: SpecialKind, day: NaiveDate) -> Option<usize> {
        self.point.specials.iter().position(|special| special.kind == kind && special.covers(day))
    }

    /// The order of trust: a valid meter with a reading; the average while readings are missing; the norm, or the agreed volume of a
    /// legal entity, or its average where nothing is agreed. A meter that an emergency stopped has the average until it runs again,
    /// one that is off for repair or verification until it is back, for as long as the setting says. One to which nobody was let has what
    /// its setting says, until a reading after those days settles them.
    fn trusted(&self, day: NaiveDate) -> Result<Source, Missing> {
        let Self { point, month, measured, book, .. } = self;
        let standing = point.metering.iter().position(|m| covers(m.from, m.to, day));
        let first = month.period.first_day();
        let known = || Ok::<_, Missing>(average(point, book.methods.average_months(first)?.value).is_some());
        let by_average =
            book.methods.legal_unmeasured(first).is_some_and(|s| s.value == LegalUnmeasured::Average);
        let averaged =
            month.sector == Sector::Legal && point.contract_volume.is_none() && by_average && known()?;
        let without_meter = |meter| match (month.sector, point.contract_volume) {
            (Sector::Legal, Some(_)) => Source::Contract(meter),
            (Sector::Legal, None) if averaged => Source::Average(meter),
            (Sector::Legal, None) => Source::Nothing,
            _ => Source::Norm(meter),
        };
        if let Some((meter, special)) = standing.zip(self.special(SpecialKind::Stopped, day))
            && known()?
        {
            return Ok(Source::Stopped { meter, special });
        }
        match standing {
            Some(at) if !point.metering[at].counts_on(day) => {
                return Ok(match without_meter(standing) {
                    Source::Norm(_) => Source::ExpiredNorm(at),
                    // Final as well: no later reading of the meter counts for these days.
                    Source::Contract(_) => Source::Contract(None),
                    Source::Average(_) => Source::Average(None),
                    other => other,
                });
            }
            Some(at) if measured.volumes[at].is_some() => return Ok(Source::Meter(at)),
            Some(_) => {}
            None if let Some(away) = point.away.iter().find(|away| away.covers(day)) => {
                let averaged = day < self.averaged_until(away)? && known()?;
                return Ok(if averaged { Source::Average(None) } else { without_meter(None) });
            }
            None if between_meters(point, day) => {}
            None => return Ok(without_meter(None)),
        }
        let refused = standing.is_some() && self.special(SpecialKind::NoAccess, day).is_some();
        let by_rule = if refused {
            book.methods.no_access(first).is_none_or(|setting| setting.value == NoAccess::Average)
        } else {
            point.months_without_reading < book.methods.average_limit_months(first)?.value
        };
        Ok(if by_rule && known()? { Source::Average(standing) } else { without_meter(standing) })
    }

    /// The days of one source, cut where something changes, with their shares of the source's volume.
    fn parts(&self, source: Source, days: &[Span]) -> Result<Vec<VolumePart>, Missing> {
        let mut cuts = self.pricing.cuts.clone();
        cuts.extend(self.point.supply_changes());
        if source.counts_people() {
            cuts.extend(self.norm_changes());
            cuts.extend(self.elsewhere.iter().flat_map(|(from, to)| [*from, *to]));
            cuts.extend(self.month.residents.iter().flat_map(|r| std::iter::once(r.from).chain(r.to)));
            let absences = self.point.specials.iter().filter(|s| s.kind == SpecialKind::Absence);
            cuts.extend(absences.flat_map(|s| std::iter::once(s.from).chain(s.to)));
        }
        let days = days.iter().flat_map(|&(from, to)| ranges(from, to, cuts.iter().copied()));
        let mut parts = days.map(|days| self.part(source, days)).collect::<Result<Vec<_>, _>>()?;

        let weights: Vec<u64> = parts.iter().map(|part| part.weight).collect();
        let whole = self.whole(source, weights.iter().sum())?;
        share_out(&mut parts, whole, &weights);
        parts.retain(|part| self.point.serves(self.service, part.from));
        Ok(parts)
    }

    /// The days on which another norm of what the point is supplied with then begins.
    fn norm_changes(&self) -> Vec<NaiveDate> {
        let of = |amenity| changes(self.book.norms_of(amenity, self.service));
        if self.point.supplies.is_empty() {
            return of(self.point.amenity).collect();
        }
        let in_force = |day: &NaiveDate, version: &Supply| covers(version.from, version.to, *day);
        let versions = self.point.supplies.iter();
        versions.flat_map(|version| of(version.amenity).filter(move |day| in_force(day, version))).collect()
    }

    /// The volume of all days of a source; `weight` is the sum over its parts.
    fn whole(&self, source: Source, weight: u64) -> Result<Volume, Missing> {
        let Self { point, month, book, .. } = self;
        let (weight, full_month) = (i128::from(weight), i128::from(month.period.days()));
        Ok(match source {
            Source::Meter(at) => self.measured.volumes[at].unwrap_or_default(),
            Source::Average(_) | Source::Stopped { .. } => {
                let months = book.methods.average_months(month.period.first_day())?.value;
                let (sum, count) = average(point, months).unwrap_or((0, 1));
                nearest(sum * weight, count * full_month)
            }
            Source::Norm(_) | Source::ExpiredNorm(_) => nearest(weight, full_month),
            Source::Contract(_) => {
                let agreed = point.contract_volume.unwrap_or_default();
                nearest(i128::from(agreed.liters()) * weight, full_month)
            }
            Source::NoService(_) | Source::Nothing => Volume::ZERO,
        })
    }

    /// A part without its volume. Its weight is its days; by norm, litres of a full month × people × days.
    fn part(&self, source: Source, (from, to): Span) -> Result<VolumePart, Missing> {
        let (basis, meter) = match source {
            Source::Meter(at) if self.measured.unsettled => (Basis::Unsettled, Some(at)),
            Source::Meter(at) => (Basis::Metered, Some(at)),
            Source::Average(at) => (Basis::Average, at),
            Source::Norm(at) => (Basis::Norm, at),
            Source::ExpiredNorm(at) => (Basis::ExpiredNorm, Some(at)),
            Source::Contract(at) => (Basis::Contract, at),
            Source::Stopped { meter, .. } => (Basis::Stopped, Some(meter)),
            Source::NoService(_) => (Basis::NoService, None),
            Source::Nothing => (Basis::Zero, None),
        };
        let special = match source {
            Source::Stopped { special, .. } | Source::NoService(special) => Some(special),
            _ => None,
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
            special: special.map(|at| self.point.specials[at].id),
            plot: None,
            meter: metering.map(|m| m.meter),
            reading_prev: readings.and_then(|m| m.prev).map(|r| r.id),
            reading_last: readings.and_then(|m| m.last).map(|r| r.id),
            billed: Volume::ZERO,
            whole: Volume::ZERO,
            weight: (to - from).num_days().unsigned_abs(),
            weights: 0,
        };
        if let (Source::Meter(at), Basis::Metered) = (source, basis) {
            part.billed = self.measured.settled[at];
        }
        if source.counts_people() && self.elsewhere.iter().any(|days| covers(days.0, Some(days.1), from)) {
            part.basis = Basis::NormElsewhere;
            part.weight = 0;
        } else if source.counts_people() {
            let norm = self.book.norm(self.point.amenity_on(from), self.service, from)?;
            let people = self.people(from)?;
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

/// What stands beside the order of trust: watered plots and full capacities.
impl Case<'_> {
    /// People who use water on a day: those who count, less those away on a document.
    fn people(&self, day: NaiveDate) -> Result<u32, Missing> {
        let away = self.point.specials.iter().filter(|s| s.kind == SpecialKind::Absence && s.covers(day));
        match away.map(|s| s.people).sum::<u32>() {
            0 => self.month.people(day, self.book),
            away => Ok(self.month.registered(day).saturating_sub(away)),
        }
    }

    /// A plot is watered in the season by the norm per sotka, on days that no meter counts.
    fn watering(&self, days_of: &[(Source, Vec<Span>)]) -> Result<Vec<VolumePart>, Missing> {
        let Self { point, month, book, .. } = self;
        if point.plots.is_empty() || self.service != Service::Water || month.sector == Sector::Legal {
            return Ok(Vec::new());
        }
        let season = book.methods.watering_season(month.period.first_day())?.value;
        let mut cuts = self.pricing.cuts.clone();
        cuts.extend(changes(book.norms_of(Amenity::Watering, Service::Water)));
        cuts.extend(point.plots.iter().flat_map(|plot| std::iter::once(plot.from).chain(plot.to)));
        cuts.extend(season.bounds(month.period));
        let unmetered = days_of.iter().filter(|(source, _)| source.counts_people());
        let mut spans: Vec<Span> = unmetered.flat_map(|(_, days)| days.iter().copied()).collect();
        spans.sort_unstable();
        let mut parts = Vec::new();
        for (from, to) in spans.into_iter().flat_map(|(from, to)| ranges(from, to, cuts.iter().copied())) {
            let plots = point.plots.iter().filter(|p| covers(p.from, p.to, from));
            for plot in plots.filter(|_| season.covers(from)) {
                let norm = book.norm(Amenity::Watering, Service::Water, from)?;
                let mut part = self.part(Source::Nothing, (from, to))?;
                part.basis = Basis::Watering;
                part.norm = Some(norm.id);
                part.plot = Some(plot.id);
                part.weight *= norm.value.liters().unsigned_abs() * u64::from(plot.area_dm2);
                parts.push(part);
            }
        }
        let weights: Vec<u64> = parts.iter().map(|part| part.weight).collect();
        let weight: u64 = weights.iter().sum();
        let full_month = i128::from(SOTKA_DM2) * i128::from(month.period.days());
        share_out(&mut parts, nearest(i128::from(weight), full_month), &weights);
        Ok(parts)
    }

    /// Full capacities of the inlet, each less what is billed for its days: by earlier months and by the `parts` of this one.
    fn capacities(&self, parts: &[VolumePart]) -> Result<Vec<VolumePart>, Missing> {
        let methods = &self.book.methods;
        let mut all = Vec::new();
        for special in &self.point.specials {
            let Some((from, to)) = special.charged_days(self.month.to) else { continue };
            if self.service != Service::Water
                && !methods.capacity_covers_sewerage(self.month.period.first_day())?
            {
                continue;
            }
            let velocity = methods.pipe_velocity(self.month.period.first_day())?.value;
            let full = full_capacity(special, velocity, (to - from).num_days());
            let beside: Volume = parts.iter().map(|part| overlap(part, (from, to))).sum();
            let billed = (special.billed + beside).min(full);
            let mut own = Vec::new();
            let cuts = self.pricing.cuts.iter().copied().chain(self.point.supply_changes());
            for days in ranges(from, to, cuts) {
                let mut part = self.part(Source::Nothing, days)?;
                (part.basis, part.special, part.billed) = (Basis::Capacity, Some(special.id), billed);
                own.push(part);
            }
            let weights: Vec<u64> = own.iter().map(|part| part.weight).collect();
            share_out(&mut own, full - billed, &weights);
            all.extend(own.into_iter().filter(|part| self.point.serves(self.service, part.from)));
        }
        Ok(all)
    }
}

/// An account's share of its house's difference, on the days between the readings of the house's meter that have the service.
pub(crate) fn share_parts(
    share: &Share,
    point: &PointInputs,
    service: Service,
    pricing: &Pricing,
) -> Vec<VolumePart> {
    let since = pricing.since.filter(|since| *since < share.to);
    let from = since.map_or(share.from, |since| share.from.max(since));
    let days = ranges(from, share.to, pricing.cuts.iter().copied().chain(point.supply_changes()));
    let weights: Vec<u64> = days.iter().map(|(from, to)| (*to - *from).num_days().unsigned_abs()).collect();
    let part = |((from, to), weight): (Span, u64)| VolumePart {
        from,
        to,
        volume: Volume::ZERO,
        basis: Basis::HouseShare,
        residency: None,
        residents: None,
        norm: None,
        special: None,
        plot: None,
        meter: share.meter,
        reading_prev: share.reading_prev,
        reading_last: share.reading_last,
        billed: Volume::ZERO,
        whole: share.volume,
        weight,
        weights: 0,
    };
    let mut parts: Vec<VolumePart> = days.into_iter().zip(weights.iter().copied()).map(part).collect();
    share_out(&mut parts, share.volume, &weights);
    parts.retain(|part| point.serves(service, part.from));
    parts
}

/// Gives each part its share of a volume by largest remainder.
fn share_out(parts: &mut [VolumePart], whole: Volume, weights: &[u64]) {
    for (part, liters) in parts.iter_mut().zip(largest_remainder(whole.liters(), weights)) {
        part.volume = Volume::from_liters(liters);
        part.whole = whole;
        part.weights = weights.iter().sum();
    }
}

impl VolumePart {
    /// What was used on the days of the part: its volume and, of a meter, its share of what was billed for them provisionally.
    pub(crate) fn used(&self) -> Volume {
        if self.basis != Basis::Metered || self.weights == 0 {
            return self.volume;
        }
        let billed = i128::from(self.billed.liters()) * i128::from(self.weight);
        self.volume + nearest(billed, i128::from(self.weights))
    }
}

/// Of so many days, in whole litres.
fn full_capacity(special: &Special, velocity: Decimal, days: i64) -> Volume {
    let liters = pipe_capacity(special.diameter_mm, velocity) * Decimal::from(days);
    let liters = liters.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    Volume::from_liters(liters.to_i64().expect("a pipe of this world"))
}

/// The litres of a part that lie on days of a span, evenly by day.
fn overlap(part: &VolumePart, (from, to): Span) -> Volume {
    let days = (part.to.min(to) - part.from.max(from)).num_days().max(0);
    of_days(part.volume, days, (part.to - part.from).num_days())
}

impl Source {
    fn counts_people(self) -> bool {
        matches!(self, Self::Norm(_) | Self::ExpiredNorm(_))
    }
}

/// The first day that a meter's next volume is of.
pub(crate) fn counts_from(metering: &Metering, reading: Option<&ReadingRef>) -> NaiveDate {
    reading
        .filter(|reading| reading.day > metering.from)
        .map_or(metering.from, |reading| reading.day + Days::new(1))
}

/// Differences of readings that count, less what was billed provisionally since the previous ones.
pub(crate) fn measured(point: &PointInputs, month: &Month<'_>) -> Measured {
    let shown: Vec<Option<(Volume, i64)>> = point.metering.iter().map(|meter| shown(meter, point)).collect();
    let mut volumes: Vec<Option<Volume>> = shown.iter().map(|one| one.map(|(volume, _)| volume)).collect();
    let total: Volume = volumes.iter().flatten().copied().sum();
    let days = shown.iter().flatten().map(|(_, days)| days).sum();
    let read = point.metering.iter().zip(&shown).filter(|(_, shown)| shown.is_some());
    let span =
        read.filter_map(|(meter, _)| meter.interval()).reduce(|(a, b), (from, to)| (a.min(from), b.max(to)));
    let next = month.period.next().first_day();
    let gone = point.metering.iter().all(|meter| meter.to.is_some_and(|to| to < next));
    let span = span.map(|(from, to)| (from, if gone { next } else { to }));
    let mut provisional = point.unsettled();
    // Nobody comes to read again: the account goes, or no meter stands there any more.
    let closing =
        month.leaves || point.metering.iter().all(|meter| meter.to.is_some_and(|to| to <= month.to));
    let unsettled = total < provisional && !closing;
    if unsettled {
        provisional = total;
    }
    let last = volumes.iter().rposition(Option::is_some);
    let mut settled = vec![Volume::ZERO; volumes.len()];
    for (at, (volume, settled)) in volumes.iter_mut().zip(&mut settled).enumerate() {
        let Some(volume) = volume else { continue };
        *settled = if closing && Some(at) == last { provisional } else { provisional.min(*volume) };
        *volume -= *settled;
        provisional -= *settled;
    }
    Measured { volumes, settled, total, days, span, unsettled }
}

/// The difference of a meter's two readings with the days it is of, of a shared meter the account's part of it. Of a difference that reaches past the
/// expiry of the verification only the days before it count, for the norm stands for the days after; days between two
/// verifications do not either, and days that an earlier month charged at full capacity, or the house paid in bulk, not again.
fn shown(metering: &Metering, point: &PointInputs) -> Option<(Volume, i64)> {
    let (from, to) = metering.interval()?;
    let valid_to = to.min(metering.verified_until);
    if from >= valid_to {
        return None;
    }
    let (prev, last) = (metering.prev?, metering.last?);
    let volume = meters::difference(prev.value, last.value, metering.digits);
    let days = |to: NaiveDate| (to - from).num_days();
    let valid = of_days(volume, days(valid_to), days(to));
    let valid = point.sharing.as_ref().map_or(valid, |sharing| sharing.part(valid));
    let charged =
        point.specials.iter().filter(|s| s.kind.is_capacity()).filter_map(|s| Some((s.from, s.billed_upto?)));
    let charged = charged
        .chain(point.bulk)
        .chain(metering.lapsed)
        .map(|(first, upto)| (upto.min(valid_to) - first.max(from)).num_days().max(0));
    let left = days(valid_to) - charged.sum::<i64>().min(days(valid_to));
    Some((of_days(valid, left, days(valid_to)), left))
}

impl Metering {
    /// The days between the two readings; none without a new one. A reading closes its day, so the days begin on the next one,
    /// but for the reading of the installation, which opens the first day of the stay. A removal ends before its day.
    pub fn interval(&self) -> Option<(NaiveDate, NaiveDate)> {
        let (prev, last) = (self.prev?, self.last?);
        if last.id == prev.id || last.day < prev.day {
            return None;
        }
        let from = counts_from(self, Some(&prev));
        let after = last.day + Days::new(1);
        let to = self.to.map_or(after, |to| after.min(to));
        // Two readings of one day: their difference was used on it.
        Some((from.min(to - Days::new(1)), to))
    }
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
    /// People registered on a day.
    pub fn registered(&self, day: NaiveDate) -> u32 {
        residency(self.residents, day).map_or(0, |r| r.count)
    }

    /// People who count on a day: the registered ones, or as many as the setting says where nobody is registered.
    pub fn people(&self, day: NaiveDate, book: &TariffBook) -> Result<u32, Missing> {
        match self.registered(day) {
            0 => Ok(book.methods.zero_residents_as(self.period.first_day())?.value),
            count => Ok(count),
        }
    }

    /// Sum of people over days, which may lie in any month; divided by the days of their month it gives people in full months.
    pub fn person_days(&self, days: &[(NaiveDate, NaiveDate)], book: &TariffBook) -> Result<u64, Missing> {
        let changes = || self.residents.iter().flat_map(|r| std::iter::once(r.from).chain(r.to));
        days.iter()
            .flat_map(|&(from, to)| ranges(from, to, changes()))
            .map(|(from, to)| Ok(u64::from(self.people(from, book)?) * (to - from).num_days().unsigned_abs()))
            .sum()
    }
}

fn residency(residents: &[Residency], day: NaiveDate) -> Option<&Residency> {
    residents.iter().find(|r| covers(r.from, r.to, day))
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

/// The part of a volume that lies on so many of its days.
pub(crate) fn of_days(volume: Volume, days: i64, all: i64) -> Volume {
    nearest(i128::from(volume.liters()) * i128::from(days), i128::from(all))
}

/// A fraction of litres to the nearest whole one, a half away from nothing.
fn nearest(numerator: i128, denominator: i128) -> Volume {
    let size = (2 * numerator.abs() + denominator) / (2 * denominator);
    let liters = size * numerator.signum();
    Volume::from_liters(i64::try_from(liters).expect("a volume of a month fits into 64 bits of litres"))
}
